"""minGRU and minLSTM: every scan, planted bugs, extreme gates; the rest is in the contract."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import relative_error
from lstm_course.variants import min_rnn, min_rnn_torch
from lstm_course.variants.min_rnn import (
    MinLSTMWeights,
    MinRNNState,
    min_rnn_backward,
    min_rnn_forward,
)
from lstm_course.variants.scan import scan_doubling, scan_loop, scan_tree
from tests.package.contract import row_of

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))  # N, T, D, H
EACH = pytest.mark.parametrize("label", ["minGRU", "minLSTM"])


def problem(label, seed, *sizes, **named):
    return row_of(label).draw(seed, *sizes, **named)


@EACH
@pytest.mark.parametrize("way", [scan_loop, scan_doubling, scan_tree], ids=lambda f: f.__name__)
def test_every_scan_will_do(way, label):
    x, state, weights, dh, d_state = problem(label, 1)
    h, _, cache = min_rnn_forward(x, weights, state, scan=way)
    right, _, other = min_rnn_forward(x, weights, state)
    np.testing.assert_allclose(h, right, rtol=0, atol=1e-12)
    found = min_rnn_backward(dh, cache, d_state, scan=way)
    np.testing.assert_allclose(
        found.dx, min_rnn_backward(dh, other, d_state).dx, rtol=0, atol=1e-12
    )


PLANTS = {
    "candidate forgotten in the gate": ("(dkeep - dwrite * g)", "dkeep"),
    "sign of the candidate": ("(dkeep - dwrite * g)", "(dkeep + dwrite * g)"),
    "previous state forgotten in the gate": ("(dkeep - dwrite * g)", "(-dwrite * g)"),
    "slope of the gate": (" * keep * (1.0 - keep)  #", " * keep  #"),
    "candidate kept in place of written": ("da_g = dwrite * (1.0 - keep)", "da_g = dwrite * keep"),
    "candidate not gated": ("da_g = dwrite * (1.0 - keep)", "da_g = dwrite"),
    "slope of the candidate": (" * slope\n", "\n"),
    "update gate with the wrong sign": ("blocks = [-da_keep, da_g]", "blocks = [da_keep, da_g]"),
    "blocks in the wrong order": ("blocks = [-da_keep, da_g]", "blocks = [da_g, -da_keep]"),
    "input gate with the wrong sign": ("-da_keep * (1.0 - i)", "da_keep * (1.0 - i)"),
    "slope of the input gate": ("-da_keep * (1.0 - i)", "-da_keep * i"),
    "slope of the forget gate": ("da_keep * (1.0 - f), da_g", "da_keep, da_g"),
    "gates not normalised": ("da_keep * (1.0 - f), da_g", "0.0 * da_keep, da_g"),
    "bias of one example": ("da.sum(axis=(0, 1))", "da.sum(axis=1)[0]"),
    "dh_T ignored": ("dh[:, -1:] + d_state.h[:, None]", "dh[:, -1:]"),
    "bias of the last step": ("da.sum(axis=(0, 1))", "da[:, -1].sum(axis=0)"),
}


@pytest.mark.parametrize("bug", PLANTS)
def test_planted_bugs_are_found(planted, bug):
    broken, sizes = planted(min_rnn_backward, *PLANTS[bug]), {"T": 4, "D": 2, "H": 3}
    rows = [row_of(label) for label in ("minGRU", "minLSTM, positive candidate")]
    errors = [row.gradient_errors(row.draw(2, **sizes), broken) for row in rows]
    assert max(max(found.values()) for found in errors) > 1e-3


@pytest.mark.parametrize("mode", ["loop", "doubling", "tree", "log"])
@EACH
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_every_mode_of_torch_computes_the_same(shape, label, mode):
    is_positive = mode in ("tree", "log")
    x, state, weights, dh, d_state = problem(label, 3, *shape)
    state = MinRNNState(np.abs(state.h))  # log needs a positive start
    h, _, cache = min_rnn_forward(x, weights, state, is_positive=is_positive)
    gradients = min_rnn_backward(dh, cache, d_state)
    layer = min_rnn_torch.to_torch(weights, mode=mode, is_positive=is_positive)
    leaves = [torch.tensor(array, requires_grad=True) for array in (x, state.h)]
    theirs, h_T = layer(*leaves)
    ((theirs * torch.tensor(dh)).sum() + (h_T * torch.tensor(d_state.h)).sum()).backward()
    assert torch.equal(h_T, theirs[:, -1])
    assert relative_error(h, theirs.detach().numpy()) < 1e-10
    leaves += [layer.get_parameter(name) for name in min_rnn_torch.NAMES]
    ours = (gradients.dx, *gradients.d_state, *(g.T for g in gradients.d_weights))
    for mine, leaf in zip(ours, leaves, strict=True):
        assert relative_error(mine, leaf.grad.numpy()) < TOLERANCE


@pytest.mark.parametrize("kind", [min_rnn_torch.MinGRU, min_rnn_torch.MinLSTM])
def test_torch_in_logarithms_from_zero_has_finite_gradients(kind):
    layer = kind(2, 3, mode="log", is_positive=True).double()
    layer(torch.randn(2, 6, 2, dtype=torch.float64))[0].sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in layer.parameters())


def test_extreme_gates_stay_finite():
    x, state, weights, dh, d_state = problem("minLSTM", 5, T=6)
    weights = weights._replace(b=800.0 * np.sign(weights.b))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        h, _, cache = min_rnn_forward(x, weights, state)
        dx, d_start, d_weights = min_rnn_backward(dh, cache, d_state)
    assert all(np.isfinite(array).all() for array in (h, dx, *d_start, *d_weights))


def test_positive_is_positive_and_continuous():
    a = np.linspace(-30.0, 30.0, 601)
    g = min_rnn.positive(a)
    assert np.all(g > 0)
    assert np.all(np.diff(g) > 0)
    assert min_rnn.positive(np.array([0.0, 2.0])).tolist() == [0.5, 2.5]
    log_g = min_rnn_torch.log_positive(torch.tensor(a)).numpy()
    np.testing.assert_allclose(np.exp(log_g), g, rtol=1e-14, atol=1e-14)


def test_errors():
    x, state, weights, _, _ = problem("minGRU", 9, H=5)
    with pytest.raises(ValueError, match=r"b must have shape \(3H,\), got \(10,\)"):
        min_rnn_forward(x, MinLSTMWeights(*weights))
    with pytest.raises(ValueError, match="weights must be MinGRUWeights or MinLSTMWeights"):
        min_rnn_forward(x, tuple(weights), state)
    with pytest.raises(ValueError, match="mode must be one of"):
        min_rnn_torch.MinGRU(1, 1, mode="fast")
    with pytest.raises(ValueError, match="is_positive"):
        min_rnn_torch.MinGRU(1, 1, mode="log")
