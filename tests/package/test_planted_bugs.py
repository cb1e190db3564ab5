"""Fourteen bugs planted in the backward pass: the gradient check must catch each of them.

Each was seen in public teaching code or is one slip away from it.  A plant replaces text of
``lstm_backward`` itself, so it cannot drift from the code it breaks.
"""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course.arrays import sigmoid
from lstm_course.gradcheck import check_gradients, map_arrays, random_problem
from lstm_course.lstm import lstm_backward

TOLERANCE = 1e-6

#: name: (text of lstm_backward, what the bug makes of it)
PLANTS = {
    "biases mixed up when gates are recomputed": (
        "i, f, g, o = gates[t].reshape(4, H, N)",
        "i, f, g, o = recomputed(W_x, W_h, z[t], D)",
    ),
    "dh overwritten before dc is updated": (
        "dc_t = dc_next + dh_t * o",
        "dh_t *= tanh_c[t]; dc_t = dc_next + dh_t * o",
    ),
    "dh not carried": (
        "dh[:, t].T + dh_next",
        "dh[:, t].T + (d_state[0].T if t == T - 1 else 0.0)",
    ),
    "dc not carried": (
        "dc_t = dc_next + ",
        "dc_t = (d_state[1].T if t == T - 1 else 0.0) + ",
    ),
    "forget gate not differentiated": ("dc_t * c[t], f * (1.0 - f)", "dc_t * c[t], 0.0 * f"),
    "sigmoid' of an activated value": (
        "dc_t * g, i * (1.0 - i)",
        "dc_t * g, sigmoid(i) * (1.0 - sigmoid(i))",
    ),
    "tanh' at c instead of tanh(c)": ("1.0 - tanh_c[t] ** 2", "1.0 - c[t + 1] ** 2"),
    "c_t used for c_prev": ("dc_t * c[t],", "dc_t * c[t + 1],"),
    "i and f swapped": ("da_i, da_f, da_g, da_o = da", "da_f, da_i, da_g, da_o = da"),
    "dW_h built with h_t": (
        "dW[D + 1 :], dW[D]",
        "np.tensordot(z[1:, D + 1 :], da, axes=([0, 2], [0, 2])), dW[D]",
    ),
    "db not summed over the batch": ("dW[D + 1 :], dW[D]", "dW[D + 1 :], da.sum(axis=0)[:, 0]"),
    "loss gradient only at the last step": (
        "dh[:, t].T + dh_next",
        "dh[:, t].T * (t == T - 1) + dh_next",
    ),
    "dc_T ignored": ("(d.T for d in d_state)", "d_state[0].T, 0 * d_state[1].T"),
    "dh_T ignored": ("(d.T for d in d_state)", "0 * d_state[0].T, d_state[1].T"),
}


def recomputed_with(b):
    """Return a recomputation of the gates that mixes up the biases of the blocks."""

    def recomputed(W_x, W_h, z_t, D):
        mixed = np.roll(b, len(b) // 4)[:, None]
        a = W_x.T @ z_t[:D] + W_h.T @ z_t[D + 1 :] + mixed
        a_i, a_f, a_g, a_o = np.split(a, 4)
        return sigmoid(a_i), sigmoid(a_f), np.tanh(a_g), sigmoid(a_o)

    return recomputed


@pytest.fixture
def caught(planted):
    """Return whether the gradient check catches a plant on a problem."""

    def _caught(name, problem):
        names = {"sigmoid": sigmoid, "recomputed": recomputed_with(problem.weights.b)}
        backward = planted(lstm_backward, *PLANTS[name], **names)
        return max(check_gradients(problem, backward=backward).values()) > TOLERANCE

    return _caught


def test_there_are_fourteen():
    assert len(PLANTS) == 14


@pytest.mark.parametrize("name", PLANTS)
@pytest.mark.parametrize("seed", range(3))
def test_each_is_caught(name, seed, caught):
    assert caught(name, random_problem(np.random.default_rng(seed)))


def zeroed(**names):
    def change(problem):
        fields = {
            k: map_arrays(np.zeros_like, getattr(problem, k)) for k in names.get("fields", ())
        }
        weights = problem.weights
        if names.get("bias"):
            weights = weights._replace(b=np.zeros_like(weights.b))
        return problem._replace(weights=weights, **fields)

    return change


@pytest.mark.parametrize(
    ("shape", "change"),
    [
        ({"T": 1}, zeroed()),
        ({"N": 1}, zeroed()),
        ({}, zeroed(bias=True)),
        ({}, zeroed(fields=("d_state",))),
    ],
    ids=["T=1", "N=1", "zero biases", "no gradient of the final states"],
)
def test_cheaper_designs_miss_some(shape, change, caught):
    problem = change(random_problem(np.random.default_rng(0), **shape))
    assert not all(caught(name, problem) for name in PLANTS)
