"""The plain RNN beyond the contract: its start, its count, and bugs planted in its way back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import check_gradients, map_arrays
from lstm_course.rnn import init_rnn, rnn_backward, rnn_forward, rnn_parameter_count
from tests.package.contract import ROWS

TOLERANCE = 1e-6
(ROW,) = (row for row in ROWS if row.name == "rnn")


def errors_of(problem, backward):
    return check_gradients(problem, rnn_forward, backward)


#: name: (text of rnn_backward, what the bug makes of it)
PLANTS = {
    "dh not carried": ("dh[:, t] + dh_next", "dh[:, t] + d_state[0] * (t == T - 1)"),
    "loss gradient only at the last step": (
        "dh[:, t] + dh_next",
        "dh[:, t] * (t == T - 1) + dh_next",
    ),
    "dh_T ignored": ("(dh_next,) = d_state", "dh_next = 0.0 * d_state[0]"),
    "dh_next added twice": ("dh[:, t] + dh_next", "dh[:, t] + 2.0 * dh_next"),
    "slope taken one step early": ("1.0 - h[:, t + 1] ** 2", "1.0 - h[:, t] ** 2"),
    "slope forgotten": (" * (1.0 - h[:, t + 1] ** 2)", ""),
    "tanh' of an activated value": (
        "1.0 - h[:, t + 1] ** 2",
        "1.0 - np.tanh(h[:, t + 1]) ** 2",
    ),
    "bias missing when the state is recomputed": (
        "1.0 - h[:, t + 1] ** 2",
        "1.0 - np.tanh(x[:, t] @ W_x + h[:, t] @ W_h) ** 2",
    ),
    "slope left out on the way back": ("da[:, t] @ W_h.T", "dh_t @ W_h.T"),
    "W_h not transposed": ("da[:, t] @ W_h.T", "da[:, t] @ W_h"),
    "dW_h built with h_t": ("tensordot(h[:, :-1]", "tensordot(h[:, 1:]"),
    "dW_h from the last step only": (
        "np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))",
        "h[:, -2].T @ da[:, -1]",
    ),
    "dW_h without the initial state": (
        "np.tensordot(h[:, :-1], da, axes=([0, 1], [0, 1]))",
        "np.tensordot(h[:, 1:-1], da[:, 1:], axes=([0, 1], [0, 1]))",
    ),
    "db not summed over the batch": ("da.sum(axis=(0, 1))", "da[0].sum(axis=0)"),
    "db averaged over the batch": ("da.sum(axis=(0, 1))", "da.mean(axis=0).sum(axis=0)"),
    "db from the last step only": ("da.sum(axis=(0, 1))", "da[:, -1].sum(axis=0)"),
}


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("seed", range(3))
def test_each_planted_bug_is_caught(name, seed, planted):
    backward = planted(rnn_backward, *PLANTS[name])
    assert max(errors_of(ROW.draw(seed), backward).values()) > TOLERANCE


def without(*fields):
    def change(problem):
        zeroed = {k: map_arrays(np.zeros_like, getattr(problem, k)) for k in fields if k != "b"}
        if "b" in fields:
            weights = problem.weights
            zeroed["weights"] = weights._replace(b=np.zeros_like(weights.b))
        return problem._replace(**zeroed)

    return change


@pytest.mark.parametrize(
    ("shape", "change"),
    [
        ({"T": 1}, without()),
        ({"N": 1}, without()),
        ({"H": 1}, without()),
        ({}, without("b")),
        ({}, without("state")),
        ({}, without("d_state")),
        ({}, without("dh")),
    ],
    ids=["T=1", "N=1", "H=1", "zero bias", "zero h0", "no dh_T", "no dh"],
)
def test_cheaper_designs_miss_some(shape, change, planted):
    problem = change(ROW.draw(0, **shape))
    backwards = [planted(rnn_backward, *PLANTS[name]) for name in PLANTS]
    assert min(max(errors_of(problem, b).values()) for b in backwards) <= TOLERANCE


def test_initial_weights():
    weights = init_rnn(np.random.default_rng(0), 4, 6)
    assert [w.shape for w in weights] == [(4, 6), (6, 6), (6,)]
    assert np.abs(weights.W_x).max() <= np.sqrt(0.6)
    np.testing.assert_allclose(weights.W_h @ weights.W_h.T, np.eye(6), rtol=0, atol=1e-12)
    assert not weights.b.any()


@pytest.mark.parametrize("bias", [True, False])
def test_parameter_count_equals_torch(bias):
    counted = sum(p.numel() for p in torch.nn.RNN(7, 11, bias=bias).parameters())
    assert rnn_parameter_count(7, 11, biases=2 if bias else 0) == counted
