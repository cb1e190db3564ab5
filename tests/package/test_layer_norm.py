"""The layer-norm LSTM equals PyTorch and Keras, and its ten gradients equal differences."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch

from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import layer_norm
from lstm_course.variants.layer_norm import (
    LayerNormLSTMGradients,
    LayerNormLSTMWeights,
    init_layer_norm_lstm,
    layer_norm_lstm_backward,
    layer_norm_lstm_forward,
    layer_norm_lstm_parameter_count,
    normalise,
    normalise_backward,
)
from lstm_course.variants.layer_norm_torch import to_torch

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 5), (1, 4), (1, 6)))
NAMES = ("x", "h0", "c0", *LayerNormLSTMWeights._fields)


def problem(seed, N=3, T=5, D=4, H=6):
    """Return inputs by name and three upstream gradients, nothing of it zero; float64."""
    draw = np.random.default_rng(seed).standard_normal
    shapes = ((N, T, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H))
    shapes += ((4 * H,), (4 * H,), (4 * H,), (H,), (H,))
    inputs = dict(zip(NAMES, (draw(shape) for shape in shapes), strict=True))
    return inputs, (draw((N, T, H)), draw((N, H)), draw((N, H)))


def run(inputs, upstream, backward=layer_norm_lstm_backward):
    x, h0, c0, *weights = inputs.values()
    *outputs, cache = layer_norm_lstm_forward(x, h0, c0, LayerNormLSTMWeights(*weights))
    return outputs, backward(*upstream, cache)


def errors(inputs, upstream, backward=layer_norm_lstm_backward):
    def loss(x, h0, c0, **weights):
        *outputs, _ = layer_norm_lstm_forward(x, h0, c0, LayerNormLSTMWeights(**weights))
        return sum(np.sum(a * b) for a, b in zip(outputs, upstream, strict=True))

    gradients = run(inputs, upstream, backward)[1]
    return gradient_errors(loss, inputs, dict(zip(NAMES, gradients, strict=True)))


def assert_same(ours, theirs):
    for name, a, b in zip(LayerNormLSTMGradients._fields, ours, theirs, strict=True):
        close = relative_error(a, np.asarray(b)) < TOLERANCE
        assert close or np.abs(a - b).max() < 1e-12, name  # both zero where H = 1


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_gradients_equal_differences(shape):
    inputs, upstream = problem(0, *shape)
    found = errors(inputs, upstream)
    # One number times a vector has nearly the same normalised value whatever the number is:
    # where D or H is 1, that gradient is all but zero, and rounding weighs more.
    tolerance = 1e-4 if 1 in shape[2:] else TOLERANCE
    assert max(found.values()) < tolerance, found


@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape):
    inputs, upstream = problem(1, *shape)
    outputs, gradients = run(inputs, upstream)
    layer = to_torch(LayerNormLSTMWeights(*list(inputs.values())[3:]))
    x, h0, c0 = (torch.tensor(inputs[name], requires_grad=True) for name in NAMES[:3])
    h, (h_n, c_n) = layer(x, (h0, c0))
    for ours, theirs in zip(outputs, (h, h_n, c_n), strict=True):
        np.testing.assert_allclose(ours, theirs.detach(), atol=1e-12)
    dh, dh_T, dc_T = map(torch.tensor, upstream)
    ((h * dh).sum() + (h_n * dh_T).sum() + (c_n * dc_T).sum()).backward()
    theirs = (x, h0, c0, layer.from_x.weight, layer.from_h.weight, layer.b)
    theirs += (layer.norm_x.weight, layer.norm_h.weight, layer.norm_c.weight, layer.norm_c.bias)
    grads = [p.grad.numpy() for p in theirs]
    assert_same(gradients, [*grads[:3], grads[3].T, grads[4].T, *grads[5:]])


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 5, 4, 6), (1, 5, 4, 6), (3, 1, 1, 6)], ids=str)
def test_equals_keras(shape):
    import tensorflow as tf

    from lstm_course.variants.layer_norm_keras import to_keras

    inputs, upstream = problem(2, *shape)
    outputs, gradients = run(inputs, upstream)
    weights = LayerNormLSTMWeights(*list(inputs.values())[3:])
    layer = to_keras(weights, return_sequences=True, return_state=True)
    x, h0, c0 = (tf.Variable(inputs[name]) for name in NAMES[:3])
    with tf.GradientTape() as tape:
        found = layer(x, initial_state=[h0, c0])
        loss = sum(tf.reduce_sum(a * b) for a, b in zip(found, upstream, strict=True))
    for ours, theirs in zip(outputs, found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    theirs = tape.gradient(loss, [x, h0, c0, *(w.value for w in layer.weights)])
    assert_same(gradients, [g.numpy() for g in theirs])


def test_keras_cell_is_serialised():
    from lstm_course.variants.layer_norm_keras import LayerNormLSTMCell

    cell = LayerNormLSTMCell.from_config(LayerNormLSTMCell(7).get_config())
    assert cell.units == 7


def test_torch_starts_from_zeros():
    inputs, _ = problem(3)
    weights = LayerNormLSTMWeights(*list(inputs.values())[3:])
    zeros = np.zeros((3, 6))
    h, h_T, _, _ = layer_norm_lstm_forward(inputs["x"], zeros, zeros, weights)
    out, (h_n, _) = to_torch(weights)(torch.tensor(inputs["x"]))
    np.testing.assert_allclose(h, out.detach(), atol=1e-12)
    np.testing.assert_allclose(h_T, h_n.detach(), atol=1e-12)


PLANTS = {
    "normalisation of c not differentiated": (
        "normalise_backward(gain_c * dn[:, t], c_hat[0][:, t], c_hat[1][:, t])",
        "gain_c * dn[:, t] / c_hat[1][:, t]",
    ),
    "normalisation of h not differentiated": (
        "normalise_backward(gain_h * da[:, t], h_hat[0][:, t], h_hat[1][:, t])",
        "gain_h * da[:, t] / h_hat[1][:, t]",
    ),
    "normalisation of x not differentiated": (
        "normalise_backward(gain_x * da, *x_hat)",
        "gain_x * da / x_hat[1]",
    ),
    "gain of c left out": ("normalise_backward(gain_c * dn[:, t]", "normalise_backward(dn[:, t]"),
    "gain of h left out": ("normalise_backward(gain_h * da[:, t]", "normalise_backward(da[:, t]"),
    "gain of x left out": ("normalise_backward(gain_x * da", "normalise_backward(da"),
    "gradient of the gain without the normalised sum": (
        "np.sum(da * h_hat[0], axis=(0, 1))",
        "np.sum(da, axis=(0, 1))",
    ),
    "dh not carried": ("dh[:, t] + dh_next", "dh[:, t] + dh_T * (t == T - 1)"),
    "dc not carried": ("dc_t = dc_next + ", "dc_t = dc_T * (t == T - 1) + "),
    "forget gate not differentiated": ("dc_t * c[:, t] * f * (1.0 - f)", "0.0 * f"),
    "c_t used for c_prev": ("dc_t * c[:, t] * f", "dc_t * c[:, t + 1] * f"),
    "i and f swapped": ("[da_i, da_f,", "[da_f, da_i,"),
    "tanh' at c instead of at the normalised c": (
        "(1.0 - tanh_n[:, t] ** 2)",
        "(1.0 - np.tanh(c[:, t + 1]) ** 2)",
    ),
    "dW_h from the gradient after the normalisation": (
        "np.tensordot(h[:, :-1], dsum_h,",
        "np.tensordot(h[:, :-1], da,",
    ),
    "dW_h built with h_t": ("np.tensordot(h[:, :-1],", "np.tensordot(h[:, 1:],"),
    "db not summed over the batch": ("da.sum(axis=(0, 1))", "da[0].sum(axis=0)"),
    "dh_T ignored": ("dh_next, dc_next = dh_T, dc_T", "dh_next, dc_next = 0 * dh_T, dc_T"),
    "dc_T ignored": ("dh_next, dc_next = dh_T, dc_T", "dh_next, dc_next = dh_T, 0 * dc_T"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_planted_bugs_are_caught(planted, name):
    inputs, upstream = problem(4)
    wrong = planted(layer_norm_lstm_backward, *PLANTS[name])
    assert max(errors(inputs, upstream, wrong).values()) > TOLERANCE


@pytest.mark.parametrize(
    ("text", "bug"),
    [
        ("(da_hat - mean - a_hat * along)", "(da_hat - a_hat * along)"),
        ("(da_hat - mean - a_hat * along)", "(da_hat - mean)"),
        (" / spread", " / spread**2"),
    ],
)
def test_bugs_of_the_normalisation_are_caught(planted, monkeypatch, text, bug):
    wrong = planted(normalise_backward, text, bug)
    monkeypatch.setattr(layer_norm, "normalise_backward", wrong)
    assert max(errors(*problem(5)).values()) > TOLERANCE


def test_rows_are_normalised():
    a = np.random.default_rng(6).standard_normal((2, 3, 50)) * 7.0 + 100.0
    a_hat, spread = normalise(a)
    np.testing.assert_allclose(a_hat.mean(-1), 0.0, atol=1e-12)
    np.testing.assert_allclose(a_hat.std(-1), 1.0, atol=1e-6)
    assert spread.shape == (2, 3, 1)


def test_parameter_count():
    weights = init_layer_norm_lstm(3, 5, np.random.default_rng(0))
    total = sum(array.size for array in weights)
    assert total == layer_norm_lstm_parameter_count(3, 5)
    assert total == sum(p.numel() for p in to_torch(weights).parameters())
    assert weights.b[5:10].tolist() == [1.0] * 5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_is_kept_and_inputs_are_not_mutated(dtype):
    inputs, upstream = problem(7)
    inputs = {name: array.astype(dtype) for name, array in inputs.items()}
    upstream = [array.astype(dtype) for array in upstream]
    before = [array.copy() for array in (*inputs.values(), *upstream)]
    outputs, gradients = run(inputs, upstream)
    assert {a.dtype for a in (*outputs, *gradients)} == {np.dtype(dtype)}
    for array, kept in zip((*inputs.values(), *upstream), before, strict=True):
        np.testing.assert_array_equal(array, kept)


def test_errors_name_expected_and_given_shape():
    inputs, (dh, dh_T, dc_T) = problem(8)
    x, h0, c0, *weights = inputs.values()
    weights = LayerNormLSTMWeights(*weights)
    with pytest.raises(ValueError, match=r"with T >= 1, got \(5, 4\)"):
        layer_norm_lstm_forward(x[0], h0, c0, weights)
    with pytest.raises(ValueError, match=r"c0 must have shape \(N, H\) = \(3, 6\), got \(6, 3\)"):
        layer_norm_lstm_forward(x, h0, c0.T, weights)
    with pytest.raises(ValueError, match=r"gain_h must have shape \(4H,\) = \(24,\), got \(6,\)"):
        layer_norm_lstm_forward(x, h0, c0, weights._replace(gain_h=weights.gain_c))
    with pytest.raises(ValueError, match=r"b_c must have shape \(H,\) = \(6,\), got \(24,\)"):
        layer_norm_lstm_forward(x, h0, c0, weights._replace(b_c=weights.b))
    cache = layer_norm_lstm_forward(x, h0, c0, weights)[3]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, H\) = \(3, 5, 6\)"):
        layer_norm_lstm_backward(dh[:, :2], dh_T, dc_T, cache)
