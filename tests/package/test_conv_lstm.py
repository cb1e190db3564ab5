"""The ConvLSTM equals PyTorch and Keras, and its gradients equal differences."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch

from lstm_course.gradcheck import gradient_errors, relative_error
from lstm_course.variants import conv_lstm
from lstm_course.variants.conv_lstm import (
    ConvLSTMWeights,
    conv_lstm_backward,
    conv_lstm_forward,
    conv_lstm_parameter_count,
    conv_lstm_step,
    conv_lstm_step_backward,
    init_conv_lstm,
)
from lstm_course.variants.conv_lstm_keras import from_keras, to_keras
from lstm_course.variants.conv_lstm_torch import ConvLSTM, from_torch, to_torch

TOLERANCE = 1e-6
GRID = list(itertools.product((1, 3), (1, 4), (1, 2), (1, 3)))  # N, T, D, H
R, C = 4, 3
PEEPHOLES = ["none", "channel", "position"]


class Problem(NamedTuple):
    x: np.ndarray
    h0: np.ndarray
    c0: np.ndarray
    weights: ConvLSTMWeights
    dh: np.ndarray
    dh_T: np.ndarray
    dc_T: np.ndarray


def random_problem(seed, N=2, T=3, D=2, H=2, peepholes="channel", size=3):
    """Draw a problem in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal
    shape = {"none": None, "channel": (3, H), "position": (3, R, C, H)}[peepholes]
    kernels = 0.3 * draw((size, size, D, 4 * H)), 0.3 * draw((size, size, H, 4 * H))
    weights = ConvLSTMWeights(*kernels, 0.5 * draw(4 * H), None if shape is None else draw(shape))
    state = (N, R, C, H)
    gradients = draw((N, T, R, C, H)), draw(state), draw(state)
    return Problem(draw((N, T, R, C, D)), draw(state), draw(state), weights, *gradients)


def errors_of(problem, backward=conv_lstm_backward):
    """Return the relative error of each gradient against central differences."""
    x, h0, c0, weights, dh, dh_T, dc_T = problem
    inputs = {"x": x, "h0": h0, "c0": c0, **weights._asdict()}
    if weights.w_c is None:
        del inputs["w_c"]

    def loss(x, h0, c0, **arrays):
        h, h_T, c_T, _ = conv_lstm_forward(x, h0, c0, ConvLSTMWeights(**arrays))
        return float(np.sum(h * dh) + np.sum(h_T * dh_T) + np.sum(c_T * dc_T))

    gradients = backward(dh, dh_T, dc_T, conv_lstm_forward(x, h0, c0, weights)[3])
    return gradient_errors(loss, inputs, dict(zip(inputs, gradients, strict=False)))


@pytest.mark.parametrize("peepholes", PEEPHOLES)
def test_gradients_equal_differences(peepholes):
    errors = errors_of(random_problem(1, peepholes=peepholes))
    assert len(errors) == (6 if peepholes == "none" else 7)
    assert max(errors.values()) < TOLERANCE, errors


@pytest.mark.parametrize("shape", [(1, 3, 2, 2), (2, 1, 2, 2), (2, 2, 1, 1)], ids=str)
def test_gradients_equal_differences_at_the_edges(shape):
    assert max(errors_of(random_problem(2, *shape)).values()) < TOLERANCE


def by_torch(problem):
    """Return h, the final states and all gradients as PyTorch has them, in our layout."""
    layer = to_torch(problem.weights)
    x = torch.tensor(problem.x.transpose(0, 1, 4, 2, 3), requires_grad=True)
    states = [torch.tensor(s.transpose(0, 3, 1, 2), requires_grad=True) for s in problem[1:3]]
    h, (h_T, c_T) = layer(x, tuple(states))
    upstream = [torch.tensor(np.moveaxis(d, -1, -3)) for d in problem[4:]]
    sum((a * d).sum() for a, d in zip((h, h_T, c_T), upstream, strict=True)).backward()
    outputs = [np.moveaxis(a.detach().numpy(), -3, -1) for a in (h, h_T, c_T)]
    gradients = [np.moveaxis(leaf.grad.numpy(), -3, -1) for leaf in (x, *states)]
    gradients += [W.grad.numpy().transpose(2, 3, 1, 0) for W in (layer.W_x, layer.W_h)]
    gradients.append(layer.b.grad.numpy())
    if layer.w_c is not None:
        dw_c = layer.w_c.grad.numpy().transpose(0, 2, 3, 1)
        gradients.append(dw_c.reshape(problem.weights.w_c.shape))
    return outputs, gradients


@pytest.mark.parametrize("peepholes", PEEPHOLES)
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, peepholes):
    problem = random_problem(3, *shape, peepholes=peepholes, size=3 if shape[0] == 1 else 5)
    *outputs, caches = conv_lstm_forward(*problem[:4])
    theirs, gradients = by_torch(problem)
    for ours, right in zip(outputs, theirs, strict=True):
        np.testing.assert_allclose(ours, right, atol=1e-12)
    ours = [g for g in conv_lstm_backward(*problem[4:], caches) if g is not None]
    for k, (a, b) in enumerate(zip(ours, gradients, strict=True)):
        assert relative_error(a, b) < TOLERANCE, k


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (3, 1, 1, 3), (1, 4, 2, 1), (3, 4, 2, 3)], ids=str)
def test_equals_keras(shape):
    problem = random_problem(4, *shape, peepholes="none")
    *outputs, caches = conv_lstm_forward(*problem[:4])
    layer = to_keras(problem.weights, (R, C), return_sequences=True, return_state=True)
    x, h0, c0 = (tf.Variable(a) for a in problem[:3])
    with tf.GradientTape() as tape:
        theirs = layer(x, initial_state=[h0, c0])
        loss = sum(tf.reduce_sum(a * d) for a, d in zip(theirs, problem[4:], strict=True))
    leaves = [x, h0, c0, *(v.value for v in layer.trainable_variables)]
    gradients = tape.gradient(loss, leaves)
    for ours, right in zip(outputs, theirs, strict=True):
        np.testing.assert_allclose(ours, right, atol=1e-12)
    ours = conv_lstm_backward(*problem[4:], caches)
    assert ours.dw_c is None
    for name, a, b in zip(ours._fields, ours, gradients, strict=False):
        assert relative_error(a, np.asarray(b)) < TOLERANCE, name


@pytest.mark.parametrize("peepholes", PEEPHOLES)
def test_weights_come_back_from_torch(peepholes):
    weights = random_problem(5, peepholes=peepholes).weights
    for a, b in zip(weights, from_torch(to_torch(weights)), strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            np.testing.assert_array_equal(a, b)


def test_the_two_kernels_may_differ_in_size():
    problem = random_problem(13)
    small = problem.weights._replace(W_h=problem.weights.W_h[1:2, 1:2].copy())
    problem = problem._replace(weights=small)
    *outputs, caches = conv_lstm_forward(*problem[:4])
    theirs, gradients = by_torch(problem)
    np.testing.assert_allclose(outputs[0], theirs[0], atol=1e-12)
    for a, b in zip(conv_lstm_backward(*problem[4:], caches), gradients, strict=True):
        assert relative_error(a, b) < TOLERANCE


def test_weights_come_back_from_keras():
    weights = random_problem(6, peepholes="none").weights
    for a, b in zip(weights[:3], from_keras(to_keras(weights, (R, C)))[:3], strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(ValueError, match="has no peepholes"):
        to_keras(random_problem(6).weights, (R, C))
    with pytest.raises(ValueError, match="needs padding 'same', tanh, sigmoid"):
        from_keras(to_keras(weights, (R, C), recurrent_activation="hard_sigmoid"))
    with pytest.raises(ValueError, match="one kernel size"):
        to_keras(weights._replace(W_x=weights.W_x[:1, :1]), (R, C))


#: name: (function, its text, what the bug makes of it)
STEP, SEQUENCE = conv_lstm_step_backward, conv_lstm_backward
PLANTS = {
    "dh not carried": (SEQUENCE, "dh[:, t] + dh_next", "dh[:, t] + dh_T * (t == T - 1)"),
    "dc not carried": (SEQUENCE, "(dh_t, dc_next,", "(dh_t, dc_T * (t == T - 1),"),
    "dh_T ignored": (SEQUENCE, "dh_next, dc_next = [], dh_T", "dh_next, dc_next = [], 0 * dh_T"),
    "dc_T ignored": (SEQUENCE, "[], dh_T, dc_T", "[], dh_T, 0 * dc_T"),
    "dx in the order of the loop": (SEQUENCE, "np.stack(dx[::-1]", "np.stack(dx"),
    "weights of the last step only": (SEQUENCE, "[a + b for a, b in", "[a for a, b in"),
    "peephole of the output gate not differentiated": (STEP, " + da_o * w_c[2]", ""),
    "peepholes do not pass dc_prev": (STEP, " + da_i * w_c[0] + da_f * w_c[1]", ""),
    "peephole of the forget gate does not pass dc_prev": (STEP, " + da_f * w_c[1]", ""),
    "output peephole sees c_prev": (STEP, "(da_o, c_t)", "(da_o, c_prev)"),
    "input peephole sees c_t": (STEP, "(da_i, c_prev)", "(da_i, c_t)"),
    "forget gate sees c_t": (STEP, "da_f = dc * c_prev", "da_f = dc * c_t"),
    "tanh' at c instead of tanh(c)": (STEP, "1.0 - tanh_c**2", "1.0 - c_t**2"),
    "blocks in another order": (STEP, "[da_i, da_f, da_g, da_o]", "[da_i, da_f, da_o, da_g]"),
    "dW_h built with h_t": (STEP, "(da, h_prev, weights.W_h", "(da, o * tanh_c, weights.W_h"),
    "kernel gradient without padding": (
        STEP,
        "dh_prev, dW_h = conv2d_backward(da, h_prev, weights.W_h, padding=_same(weights.W_h))",
        "dh_prev, dW_h = conv2d_backward(da, h_prev, weights.W_h, padding=_same(weights.W_h)); "
        "dW_h = dW_h * (np.indices(dW_h.shape[:2]).sum(0) == 2)[..., None, None]",
    ),
    "kernel flipped on the way back": (
        STEP,
        "dx_t, dW_x = conv2d_backward(da, x_t, weights.W_x,",
        "dx_t, dW_x = conv2d_backward(da, x_t, weights.W_x[::-1, ::-1],",
    ),
    "db not summed over positions": (STEP, "da.sum(axis=(0, 1, 2))", "da[:, 0, 0].sum(axis=0)"),
    "db averaged over positions": (STEP, "da.sum(axis=(0, 1, 2))", "da.mean(axis=(1, 2)).sum(0)"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted, monkeypatch):
    function, text, bug = PLANTS[name]
    broken = planted(function, text, bug)
    if function is SEQUENCE:
        errors = errors_of(random_problem(7), broken)
    else:
        monkeypatch.setattr(conv_lstm, function.__name__, broken)
        errors = errors_of(random_problem(7))
    assert max(errors.values()) > TOLERANCE


def test_without_peepholes_is_with_zero_peepholes():
    problem = random_problem(8, peepholes="none")
    zeros = problem.weights._replace(w_c=np.zeros((3, 2)))
    for a, b in zip(
        conv_lstm_forward(*problem[:4])[:3],
        conv_lstm_forward(*problem[:3], zeros)[:3],
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)


def test_the_receptive_field_grows_by_one_pixel_a_step():
    draw = np.random.default_rng(9).standard_normal
    x, zeros = draw((1, 4, 11, 11, 1)), np.zeros((1, 11, 11, 2))
    weights = init_conv_lstm(1, 2, 3, np.random.default_rng(9))
    *_, caches = conv_lstm_forward(x, zeros, zeros, weights)
    dh = np.zeros((1, 4, 11, 11, 2))
    dh[0, 3, 5, 5] = 1.0
    dx = conv_lstm_backward(dh, zeros, zeros, caches).dx[0, ..., 0]
    sides = [int(np.ptp(np.nonzero(frame)[0])) + 1 for frame in dx]
    assert sides == [9, 7, 5, 3]


@pytest.mark.parametrize(
    ("arguments", "count"),
    [((1, 8, 3), 2_624), ((2, 3, 5, 1), 4 * 3 * (50 + 3 + 1))],
)
def test_parameter_count(arguments, count):
    assert conv_lstm_parameter_count(*arguments) == count
    D, H, *sizes = arguments
    if len(sizes) == 1:
        for peepholes in (None, (H,), (R, C, H)):
            weights = init_conv_lstm(D, H, sizes[0], np.random.default_rng(0), peepholes=peepholes)
            extra = 0 if peepholes is None else 3 * int(np.prod(peepholes))
            total = sum(a.size for a in weights if a is not None)
            assert total == conv_lstm_parameter_count(D, H, sizes[0], peepholes=extra)
            layer = to_torch(weights)
            assert sum(p.numel() for p in layer.parameters()) == total


def test_inputs_are_not_mutated():
    problem = random_problem(10)
    arrays = [*problem[:3], *problem.weights, *problem[4:]]
    before = [a.copy() for a in arrays]
    caches = conv_lstm_forward(*problem[:4])[3]
    conv_lstm_backward(*problem[4:], caches)
    for a, b in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(a, b)


def test_dtype_is_kept():
    problem = random_problem(11)
    x, h0, c0, dh, dh_T, dc_T = (a.astype(np.float32) for a in (*problem[:3], *problem[4:]))
    weights = ConvLSTMWeights(*(a.astype(np.float32) for a in problem.weights))
    *outputs, caches = conv_lstm_forward(x, h0, c0, weights)
    results = [*outputs, *conv_lstm_backward(dh, dh_T, dc_T, caches)]
    assert {a.dtype for a in results} == {np.dtype(np.float32)}
    assert from_torch(to_torch(weights)).W_x.dtype == np.float32


def test_errors_name_expected_and_given_shape():
    x, h0, c0, weights, dh, dh_T, dc_T = random_problem(12)
    with pytest.raises(ValueError, match=r"x must have shape .* with T >= 1, got \(3, 4, 3, 2\)"):
        conv_lstm_forward(x[0], h0, c0, weights)
    with pytest.raises(ValueError, match=r"h_prev must have shape \(N, R, C, H\) = \(2, 4, 3, 2\)"):
        conv_lstm_step(x[:, 0], h0[:1], c0, weights)
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, R, C, D\) = \(2, 4, 3, 2\)"):
        conv_lstm_step(x[:, 0, ..., :1], h0, c0, weights)
    with pytest.raises(ValueError, match=r"w_c must have shape \(3, H\) = \(3, 2\) or"):
        conv_lstm_step(x[:, 0], h0, c0, weights._replace(w_c=np.zeros((3, 5))))
    with pytest.raises(ValueError, match=r"kernels must be of odd size"):
        conv_lstm_step(x[:, 0], h0, c0, weights._replace(W_x=weights.W_x[:2, :2]))
    with pytest.raises(ValueError, match=r"W_h must have shape \(size, size, H, 4H\)"):
        conv_lstm_step(x[:, 0], h0, c0, weights._replace(W_h=weights.W_x[..., :3]))
    caches = conv_lstm_forward(x, h0, c0, weights)[3]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, R, C, H\)"):
        conv_lstm_backward(dh[:, :2], dh_T, dc_T, caches)
    with pytest.raises(ValueError, match="D and H must be at least 1 and size odd, got 1, 2 and 4"):
        init_conv_lstm(1, 2, 4, np.random.default_rng(0))
    with pytest.raises(ValueError, match="size must be odd, got 2 and 2"):
        ConvLSTM(1, 2, 2)


def test_keras_has_the_defaults_that_the_chapter_names():
    layer = keras.layers.ConvLSTM2D(2, 3)
    assert (layer.padding, layer.recurrent_activation.__name__) == ("valid", "sigmoid")
    assert layer.unit_forget_bias
