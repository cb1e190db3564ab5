"""The whole layer equals the steps, PyTorch and Keras: outputs and all six gradients."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course import lstm_backward, lstm_forward, lstm_step, lstm_step_backward
from lstm_course.gradcheck import check_lstm_gradients, random_problem, relative_error
from lstm_course.interop import to_keras, to_torch
from lstm_course.lstm import LSTMGradients

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))


def forward_by_steps(x, h0, c0, W_x, W_h, b):
    h_t, c_t, outputs, caches = h0, c0, [], []
    for t in range(x.shape[1]):
        h_t, c_t, cache = lstm_step(x[:, t], h_t, c_t, W_x, W_h, b)
        outputs.append(h_t)
        caches.append(cache)
    return np.stack(outputs, axis=1), h_t, c_t, caches


def backward_by_steps(dh, dh_T, dc_T, caches):
    dh_t, dc_t, dx, totals = dh_T, dc_T, [], [0.0, 0.0, 0.0]
    for t in reversed(range(len(caches))):
        dx_t, dh_t, dc_t, *dW = lstm_step_backward(dh_t + dh[:, t], dc_t, caches[t])
        dx.insert(0, dx_t)
        totals = [total + part for total, part in zip(totals, dW, strict=True)]
    return LSTMGradients(np.stack(dx, axis=1), dh_t, dc_t, *totals)


def assert_same(ours, theirs):
    for name, a, b in zip(LSTMGradients._fields, ours, theirs, strict=True):
        assert relative_error(a, np.asarray(b)) < TOLERANCE, name


def run_numpy(problem):
    x, h0, c0, weights, dh, dh_T, dc_T = problem
    h, h_T, c_T, cache = lstm_forward(x, h0, c0, *weights)
    return (h, h_T, c_T), lstm_backward(dh, dh_T, dc_T, cache)


def without_bias(problem):
    weights = problem.weights._replace(b=np.zeros_like(problem.weights.b))
    return problem._replace(weights=weights)


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_the_steps(shape):
    problem = random_problem(np.random.default_rng(1), *shape)
    outputs, gradients = run_numpy(problem)
    x, h0, c0, weights, dh, dh_T, dc_T = problem
    *expected, caches = forward_by_steps(x, h0, c0, *weights)
    for a, b in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-12)
    assert_same(gradients, backward_by_steps(dh, dh_T, dc_T, caches))


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_equal_differences(shape):
    errors = check_lstm_gradients(random_problem(np.random.default_rng(2), *shape))
    assert set(errors) == {"x", "h0", "c0", "W_x", "W_h", "b"}
    assert max(errors.values()) < TOLERANCE, errors


def test_gradients_of_the_steps_equal_differences():
    problem = random_problem(np.random.default_rng(3))
    errors = check_lstm_gradients(problem, forward_by_steps, backward_by_steps)
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, bias):
    problem = random_problem(np.random.default_rng(4), *shape)
    problem = problem if bias else without_bias(problem)
    (h, h_T, c_T), gradients = run_numpy(problem)
    layer = to_torch(problem.weights)
    if not bias:
        layer = torch.nn.LSTM(
            layer.input_size, layer.hidden_size, bias=False, batch_first=True
        ).double()
        layer.load_state_dict(
            {k: v for k, v in to_torch(problem.weights).state_dict().items() if "bias" not in k}
        )
    x, h0, c0 = (torch.tensor(a, requires_grad=True) for a in problem[:3])
    output, (h_n, c_n) = layer(x, (h0[None], c0[None]))
    for ours, theirs in ((h, output), (h_T, h_n[0]), (c_T, c_n[0])):
        np.testing.assert_allclose(ours, theirs.detach(), atol=1e-12)
    dh, dh_T, dc_T = (torch.tensor(a) for a in problem[4:])
    ((output * dh).sum() + (h_n[0] * dh_T).sum() + (c_n[0] * dc_T).sum()).backward()
    db = layer.bias_ih_l0.grad if bias else gradients.db
    W_x, W_h = layer.weight_ih_l0.grad.T, layer.weight_hh_l0.grad.T
    assert_same(gradients, (x.grad, h0.grad, c0.grad, W_x, W_h, db))


@pytest.mark.parametrize("bias", [True, False], ids=["bias", "no bias"])
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_keras(shape, bias):
    import tensorflow as tf

    problem = random_problem(np.random.default_rng(5), *shape)
    problem = problem if bias else without_bias(problem)
    (h, h_T, c_T), gradients = run_numpy(problem)
    layer = to_keras(problem.weights, return_sequences=True, return_state=True, use_bias=bias)
    x, h0, c0, *_ = (tf.Variable(a) for a in problem[:3])
    with tf.GradientTape() as tape:
        output, h_n, c_n = layer(x, initial_state=[h0, c0])
        loss = sum(
            tf.reduce_sum(a * b) for a, b in zip((output, h_n, c_n), problem[4:], strict=True)
        )
    for ours, theirs in ((h, output), (h_T, h_n), (c_T, c_n)):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    theirs = [
        g.numpy() for g in tape.gradient(loss, [x, h0, c0, *(w.value for w in layer.weights)])
    ]
    assert_same(gradients, theirs if bias else [*theirs, gradients.db])


def test_inputs_and_cache_are_not_mutated():
    problem = random_problem(np.random.default_rng(6))
    arrays = [*problem[:3], *problem.weights, *problem[4:]]
    before = [a.copy() for a in arrays]
    h, _, _, cache = lstm_forward(*problem[:3], *problem.weights)
    kept = [a.copy() for a in cache]
    h[...] = 0.0  # the caller may do what they like with the result
    lstm_backward(*problem[4:], cache)
    for a, b in zip([*arrays, *cache], [*before, *kept], strict=True):
        np.testing.assert_array_equal(a, b)


def test_results_do_not_share_memory_with_inputs_or_cache():
    problem = random_problem(np.random.default_rng(7), N=1, T=1)
    h, h_T, c_T, cache = lstm_forward(*problem[:3], *problem.weights)
    gradients = lstm_backward(*problem[4:], cache)
    for result in (h, h_T, c_T, *gradients):
        for other in (*problem[:3], *problem.weights, *problem[4:], *cache):
            assert not np.shares_memory(result, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept(dtype):
    problem = random_problem(np.random.default_rng(8))
    arrays = [a.astype(dtype) for a in (*problem[:3], *problem.weights)]
    h, h_T, c_T, cache = lstm_forward(*arrays)
    gradients = lstm_backward(*(a.astype(dtype) for a in problem[4:]), cache)
    assert {a.dtype for a in (h, h_T, c_T, *gradients)} == {np.dtype(dtype)}


def test_errors_name_expected_and_given_shape():
    x, h0, c0, weights, dh, dh_T, dc_T = random_problem(np.random.default_rng(9))
    with pytest.raises(
        ValueError, match=r"x must have shape \(N, T, D\) with T >= 1, got \(5, 4\)"
    ):
        lstm_forward(x[0], h0, c0, *weights)
    with pytest.raises(ValueError, match=r"with T >= 1, got \(3, 0, 4\)"):
        lstm_forward(x[:, :0], h0, c0, *weights)
    with pytest.raises(ValueError, match=r"c0 must have shape \(N, H\) = \(3, 6\), got \(6, 3\)"):
        lstm_forward(x, h0, c0.T, *weights)
    cache = lstm_forward(x, h0, c0, *weights)[3]
    with pytest.raises(
        ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\), got \(5, 3, 6\)"
    ):
        lstm_backward(dh.swapaxes(0, 1), dh_T, dc_T, cache)
    with pytest.raises(ValueError, match=r"dh_T must have shape"):
        lstm_backward(dh, dh_T[:1], dc_T, cache)
