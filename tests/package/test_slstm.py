"""The sLSTM: planted bugs, the stabiliser, gates without a ceiling; the rest is in the contract."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course.arrays import sigmoid
from lstm_course.gradcheck import relative_error
from lstm_course.variants import slstm, slstm_keras, slstm_torch, steps
from tests.package.contract import row_of

BOTH = pytest.mark.parametrize("exp_forget", [False, True], ids=["sigmoid", "exp"])


def problem(seed, **sizes):
    return row_of("slstm").draw(seed, **{"D": 2, "H": 3, **sizes})


STEP_PLANTS = {
    "normaliser ignored in dc": ("dc_t + dh_t * o / n", "dc_t + dh_t * o"),
    "normaliser treated as constant": ("dn_t - dh_t * o * ratio / n", "dn_t"),
    "sign of the normaliser": ("dn_t - dh_t * o * ratio / n", "dn_t + dh_t * o * ratio / n"),
    "dc of later steps dropped": ("dc = dc_t + ", "dc = "),
    "dn of later steps dropped": ("dn = dn_t - ", "dn = -"),
    "input gate as a sigmoid": ("(dc * g + dn) * i\n", "(dc * g + dn) * i * (1.0 - i)\n"),
    "input gate does not reach n": ("(dc * g + dn) * i\n", "dc * g * i\n"),
    "forget gate does not reach n": ("(dc * before.c + dn * before.n)", "(dc * before.c)"),
    "slope of the forget gate": (" * f * f_slope", " * f * (1.0 - f)"),
    "slope of tanh": ("dc * i * (1.0 - g**2)", "dc * i"),
    "cell state in place of the ratio": ("dh_t * ratio * o * (1.0", "dh_t * before.c * o * (1.0"),
    "gates in the wrong order": ("[da_i, da_f, da_g, da_o]", "[da_f, da_i, da_g, da_o]"),
    "dW_h without the state": ("before.h.T @ da", "before.c.T @ da"),
    "bias of one example": ("da.sum(axis=0)", "da[0]"),
    "dn carried as dc": ("dc * f, dn * f", "dc * f, dc * f"),
    "dc not multiplied by f": ("dc * f, dn * f", "dc, dn * f"),
}
CARRIED, LAST = "d_state[0] + dh[:, t], *d_state[1:]", "t == len(caches) - 1"
LOOP_PLANTS = {
    "dh not carried": (CARRIED, f"d_state[0] * ({LAST}) + dh[:, t], *d_state[1:]"),
    "dh_T ignored": (CARRIED, f"d_state[0] * (not {LAST}) + dh[:, t], *d_state[1:]"),
    "dc not carried": (CARRIED, f"d_state[0] + dh[:, t], d_state[1] * ({LAST}), *d_state[2:]"),
    "dn not carried": (CARRIED, f"{CARRIED[:-13]}d_state[1], d_state[2] * ({LAST}), d_state[3]"),
    "dx in reverse order": ("dx[::-1]", "dx"),
    "weights of the last step only": ("added(total, d_weights)", "d_weights"),
}


@pytest.mark.parametrize("bug", STEP_PLANTS)
def test_planted_bugs_of_the_step_are_found(planted, monkeypatch, bug):
    broken = planted(slstm.slstm_step_backward, *STEP_PLANTS[bug])
    monkeypatch.setattr(slstm, "slstm_step_backward", broken)
    assert max(row_of("slstm").gradient_errors(problem(1, T=4)).values()) > 1e-3


@pytest.mark.parametrize("bug", LOOP_PLANTS)
def test_planted_bugs_of_the_loop_are_found(planted, monkeypatch, bug):
    monkeypatch.setattr(slstm, "run_steps_back", planted(steps.run_steps_back, *LOOP_PLANTS[bug]))
    assert max(row_of("slstm").gradient_errors(problem(1, T=4)).values()) > 1e-3


def test_layers_start_from_an_empty_memory_too():
    x, _, weights, _, _ = problem(3)
    h, _, _ = slstm.slstm_forward(x, weights)
    in_torch = slstm_torch.to_torch(weights)(torch.from_numpy(x))[0].detach()
    np.testing.assert_allclose(in_torch, h, rtol=0, atol=1e-12)
    np.testing.assert_allclose(slstm_keras.to_keras(weights)(x)[0], h, rtol=0, atol=1e-12)


def plain_slstm(x, weights, exp_forget):
    """The sLSTM from an empty memory without a stabiliser, straight from the equations."""
    W_x, W_h, b = weights
    h = c = n = np.zeros((len(x), len(W_h)))
    outputs = []
    for t in range(x.shape[1]):
        a_i, a_f, a_g, a_o = np.split(x[:, t] @ W_x + h @ W_h + b, 4, axis=1)
        f = np.exp(a_f) if exp_forget else sigmoid(a_f)
        c, n = f * c + np.exp(a_i) * np.tanh(a_g), f * n + np.exp(a_i)
        h = sigmoid(a_o) * c / n
        outputs.append(h)
    return np.stack(outputs, axis=1), c, n


@BOTH
def test_the_stabiliser_changes_nothing(exp_forget):
    x, _, weights, _, _ = problem(4, T=9)
    h, end, _ = slstm.slstm_forward(x, weights, exp_forget=exp_forget)
    right, c, n = plain_slstm(x, weights, exp_forget)
    assert relative_error(h, right) < 1e-12
    assert relative_error(end.c * np.exp(end.m), c) < 1e-12
    assert relative_error(end.n * np.exp(end.m), n) < 1e-12


@BOTH
@pytest.mark.parametrize("size", [100.0, 1000.0])
def test_no_overflow_at_gates_of_100(size, exp_forget):
    x, _, weights, dh, d_state = problem(5, T=9)
    weights = weights._replace(b=size * np.sign(weights.b))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        h, end, cache = slstm.slstm_forward(x, weights, exp_forget=exp_forget)
        dx, d_start, d_weights = slstm.slstm_backward(dh, cache, d_state)
    assert all(np.isfinite(array).all() for array in (h, *end, dx, *d_start, *d_weights))
    assert np.all(np.abs(h) <= 1.0)
    if size == 1000.0:
        with np.errstate(over="ignore", invalid="ignore"):
            assert not np.isfinite(plain_slstm(x, weights, exp_forget)[0]).all()


def test_no_gradient_flows_through_the_stabiliser():
    x, state, weights, dh, d_state = problem(6)
    cache = slstm.slstm_forward(x, weights, state)[2]
    other = slstm.slstm_backward(dh, cache, d_state._replace(m=np.ones_like(state.m)))
    dx, d_start, _ = slstm.slstm_backward(dh, cache, d_state)
    np.testing.assert_array_equal(other.dx, dx)
    assert not d_start.m.any()
