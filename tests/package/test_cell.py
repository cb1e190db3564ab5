"""The readable step: worked numbers, agreement with PyTorch's cell, errors, no mutation."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import (
    init_lstm,
    lstm_parameter_count,
    lstm_step,
    lstm_step_backward,
    sigmoid,
)


def problem(N=3, D=4, H=5, seed=0):
    rng = np.random.default_rng(seed)
    weights = [rng.standard_normal(shape) for shape in ((D, 4 * H), (H, 4 * H), (4 * H,))]
    states = [rng.standard_normal((N, width)) for width in (D, H, H)]
    return states, weights


def test_sigmoid_is_exact_and_does_not_overflow():
    assert sigmoid(np.array(0.0)) == 0.5
    np.testing.assert_allclose(sigmoid(np.log([3.0, 1 / 3])), [0.75, 0.25], rtol=1e-15)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1000.0, 1000.0])), [0.0, 1.0])


def test_step_by_hand():
    # One unit: pre-activations ln 3, -ln 3, 0 and 0 give i = .75, f = .25, g = 0, o = .5.
    b = np.array([np.log(3), -np.log(3), 0.0, 0.0])
    h_t, c_t, _ = lstm_step(
        np.zeros((1, 1)),
        np.zeros((1, 1)),
        np.full((1, 1), 4.0),
        np.zeros((1, 4)),
        np.zeros((1, 4)),
        b,
    )
    np.testing.assert_allclose(c_t, 1.0)  # .25 * 4 + .75 * 0
    np.testing.assert_allclose(h_t, 0.5 * np.tanh(1.0))


@pytest.mark.parametrize("N", [1, 3])
@pytest.mark.parametrize("D", [1, 4])
@pytest.mark.parametrize("H", [1, 5])
def test_step_and_its_gradients_equal_torch(N, D, H):
    (x_t, h_prev, c_prev), (W_x, W_h, b) = problem(N, D, H)
    cell = torch.nn.LSTMCell(D, H, dtype=torch.float64)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.tensor(W_x.T))
        cell.weight_hh.copy_(torch.tensor(W_h.T))
        cell.bias_ih.copy_(torch.tensor(b))
        cell.bias_hh.zero_()
    inputs = [torch.tensor(a, requires_grad=True) for a in (x_t, h_prev, c_prev)]
    h_torch, c_torch = cell(inputs[0], (inputs[1], inputs[2]))
    h_t, c_t, cache = lstm_step(x_t, h_prev, c_prev, W_x, W_h, b)
    np.testing.assert_allclose(h_t, h_torch.detach(), atol=1e-12)
    np.testing.assert_allclose(c_t, c_torch.detach(), atol=1e-12)
    rng = np.random.default_rng(1)
    dh_t, dc_t = rng.standard_normal((N, H)), rng.standard_normal((N, H))
    ((h_torch * torch.tensor(dh_t)).sum() + (c_torch * torch.tensor(dc_t)).sum()).backward()
    expected = [a.grad for a in inputs] + [
        cell.weight_ih.grad.T,
        cell.weight_hh.grad.T,
        cell.bias_ih.grad,
    ]
    for ours, theirs in zip(lstm_step_backward(dh_t, dc_t, cache), expected, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_inputs_are_not_mutated():
    states, weights = problem()
    before = [a.copy() for a in (*states, *weights)]
    h_t, c_t, cache = lstm_step(*states, *weights)
    upstream = np.ones_like(h_t), np.ones_like(c_t)
    lstm_step_backward(*upstream, cache)
    for a, b in zip(
        (*states, *weights, *upstream), [*before, np.ones_like(h_t), np.ones_like(c_t)], strict=True
    ):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    states, weights = problem()
    h_t, c_t, _ = lstm_step(*(a.astype(dtype) for a in (*states, *weights)))
    assert h_t.dtype == c_t.dtype == dtype


def test_errors_name_expected_and_given_shape():
    (x_t, h_prev, c_prev), (W_x, W_h, b) = problem(N=3, D=4, H=5)
    with pytest.raises(
        ValueError, match=r"h_prev must have shape \(N, H\) = \(3, 5\), got \(3, 4\)"
    ):
        lstm_step(x_t, h_prev[:, :4], c_prev, W_x, W_h, b)
    with pytest.raises(ValueError, match=r"W_h must have shape \(H, 4H\), got \(5, 19\)"):
        lstm_step(x_t, h_prev, c_prev, W_x, W_h[:, :-1], b)
    with pytest.raises(ValueError, match=r"b must have shape \(4H,\) = \(20,\), got \(1, 20\)"):
        lstm_step(x_t, h_prev, c_prev, W_x, W_h, b[None])
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, D\) = \(3, 4\), got \(4,\)"):
        lstm_step(x_t[0], h_prev, c_prev, W_x, W_h, b)
    with pytest.raises(
        ValueError, match=r"x_t must be a NumPy array of floats \(N, D\), got int64"
    ):
        lstm_step(x_t.astype(int), h_prev, c_prev, W_x, W_h, b)
    cache = lstm_step(x_t, h_prev, c_prev, W_x, W_h, b)[2]
    with pytest.raises(ValueError, match=r"dc_t must have shape \(N, H\) = \(3, 5\), got \(5, 3\)"):
        lstm_step_backward(h_prev, c_prev.T, cache)


def test_initialisation():
    W_x, W_h, b = init_lstm(3, 8, np.random.default_rng(0), forget_bias=2.0)
    assert (W_x.shape, W_h.shape, b.shape) == ((3, 32), (8, 32), (32,))
    assert np.abs(W_x).max() <= np.sqrt(6 / (3 + 8))
    for block in np.split(W_h, 4, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(8), atol=1e-12)
    np.testing.assert_array_equal(b, np.repeat([0.0, 2.0, 0.0, 0.0], 8))
    with pytest.raises(ValueError, match="D and H must be at least 1, got D=0"):
        init_lstm(0, 8, np.random.default_rng(0))


@pytest.mark.parametrize("bias", [True, False])
def test_parameter_count_equals_torch(bias):
    layer = torch.nn.LSTM(7, 11, bias=bias)
    counted = sum(p.numel() for p in layer.parameters())
    assert lstm_parameter_count(7, 11, biases=2 if bias else 0) == counted
