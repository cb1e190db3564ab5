"""The LSTM beyond the contract: a step by hand, its start, its counts, its messages."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lstm_course import (
    LSTMState,
    LSTMWeights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_parameter_count,
    lstm_step,
    lstm_step_backward,
)
from lstm_course.gradcheck import random_problem


def test_step_by_hand():
    # One unit: pre-activations ln 3, -ln 3, 0 and 0 give i = .75, f = .25, g = 0, o = .5.
    b = np.array([np.log(3), -np.log(3), 0.0, 0.0])
    before = LSTMState(np.zeros((1, 1)), np.full((1, 1), 4.0))
    weights = LSTMWeights(np.zeros((1, 4)), np.zeros((1, 4)), b)
    (h_t, c_t), _ = lstm_step(np.zeros((1, 1)), before, weights)
    np.testing.assert_allclose(c_t, 1.0, rtol=1e-12, atol=0)  # .25 * 4 + .75 * 0
    np.testing.assert_allclose(h_t, 0.5 * np.tanh(1.0), rtol=1e-12, atol=0)


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (3, 1, 4, 6)], ids=str)
def test_a_step_equals_the_cell_of_torch(sizes):
    x, (h_prev, c_prev), (W_x, W_h, b), _, _ = random_problem(np.random.default_rng(0), *sizes)
    cell = torch.nn.LSTMCell(sizes[2], sizes[3], dtype=torch.float64)
    arrays = (W_x.T, W_h.T, b, 0 * b)
    with torch.no_grad():
        for parameter, array in zip(cell.parameters(), arrays, strict=True):
            parameter.copy_(torch.tensor(array))
        theirs = cell(*map(torch.tensor, (x[:, 0],)), tuple(map(torch.tensor, (h_prev, c_prev))))
    state, _ = lstm_step(x[:, 0], LSTMState(h_prev, c_prev), LSTMWeights(W_x, W_h, b))
    np.testing.assert_allclose(state, np.stack(theirs), rtol=0, atol=1e-12)


def test_plain_tuples_serve_as_state_and_weights():
    x, state, weights, _, _ = random_problem(np.random.default_rng(1))
    plain = lstm_forward(x, tuple(weights), tuple(state))
    np.testing.assert_array_equal(plain[0], lstm_forward(x, weights, state)[0])


def test_initialisation():
    W_x, W_h, b = init_lstm(np.random.default_rng(0), 3, 8, forget_bias=2.0)
    assert (W_x.shape, W_h.shape, b.shape) == ((3, 32), (8, 32), (32,))
    assert np.abs(W_x).max() <= np.sqrt(6 / (3 + 8))
    for block in np.split(W_h, 4, axis=1):
        np.testing.assert_allclose(block @ block.T, np.eye(8), rtol=0, atol=1e-12)
    np.testing.assert_array_equal(b, np.repeat([0.0, 2.0, 0.0, 0.0], 8))


@pytest.mark.parametrize("bias", [True, False])
def test_parameter_count_equals_torch(bias):
    layer = torch.nn.LSTM(7, 11, bias=bias)
    counted = sum(p.numel() for p in layer.parameters())
    assert lstm_parameter_count(7, 11, biases=2 if bias else 0) == counted


def test_errors_name_expected_and_given_shape():
    x, state, weights, dh, d_state = random_problem(np.random.default_rng(2))
    x_t, (W_x, W_h, b) = x[:, 0], weights
    with pytest.raises(ValueError, match=r"x must be a NumPy array of floats .*, got list"):
        lstm_forward(x.tolist(), weights, state)
    with pytest.raises(ValueError, match=r"W_h must be a NumPy array of floats .*, got list"):
        lstm_forward(x, weights._replace(W_h=W_h.tolist()), state)
    with pytest.raises(ValueError, match=r"x must have shape .* with T >= 1, got \(3, 0, 4\)"):
        lstm_forward(x[:, :0], weights, state)
    with pytest.raises(ValueError, match=r"state.c must have shape \(N, H\) = .*got \(6, 3\)"):
        lstm_forward(x, weights, state._replace(c=state.c.T))
    with pytest.raises(ValueError, match=r"state.h must have shape .* = \(3, 6\), got \(3, 5"):
        lstm_step(x_t, state._replace(h=state.h[:, :5]), weights)
    with pytest.raises(ValueError, match=r"W_h must have shape \(H, 4H\), got \(6, 23\)"):
        lstm_step(x_t, state, LSTMWeights(W_x, W_h[:, :-1], b))
    with pytest.raises(ValueError, match=r"W_x must have shape \(D, 4H\), got \(4,\)"):
        lstm_step(x_t, state, LSTMWeights(W_x[:, 0], W_h, b))
    with pytest.raises(ValueError, match=r"b must have shape \(4H,\) = \(24,\), got \(1, 24\)"):
        lstm_step(x_t, state, LSTMWeights(W_x, W_h, b[None]))
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, D\) = \(4, 4\), got \(4,\)"):
        lstm_step(x_t[0], state, weights)
    with pytest.raises(ValueError, match=r"x_t must be a NumPy array of floats .*, got int64"):
        lstm_step(x_t.astype(int), state, weights)
    cache = lstm_step(x_t, state, weights)[1]
    with pytest.raises(ValueError, match=r"d_state.c must have shape \(N, H\) = .*got \(6, 3\)"):
        lstm_step_backward(d_state._replace(c=d_state.c.T), cache)
    cache = lstm_forward(x, weights, state)[2]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = .*got \(5, 3, 6\)"):
        lstm_backward(dh.swapaxes(0, 1), cache, d_state)
