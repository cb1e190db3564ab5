"""What is special about the ConvLSTM: kernels, peepholes, its receptive field, planted bugs."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import torch

from lstm_course import LSTMState
from lstm_course.gradcheck import Problem, check_gradients, relative_error
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
from lstm_course.variants.conv_lstm_torch import ConvLSTM, to_torch

TOLERANCE = 1e-6
R, C = 4, 3
CLOSE = {"rtol": 0, "atol": 1e-12}


def random_problem(seed, N=2, T=3, D=2, H=2, peepholes="channel", size=3):
    """Draw a problem in which nothing is zero."""
    draw = np.random.default_rng(seed).standard_normal
    shape = {"none": None, "channel": (3, H), "position": (3, R, C, H)}[peepholes]
    kernels = 0.3 * draw((size, size, D, 4 * H)), 0.3 * draw((size, size, H, 4 * H))
    weights = ConvLSTMWeights(*kernels, 0.5 * draw(4 * H), None if shape is None else draw(shape))
    state, d_state = (LSTMState(draw((N, R, C, H)), draw((N, R, C, H))) for _ in range(2))
    return Problem(draw((N, T, R, C, D)), state, weights, draw((N, T, R, C, H)), d_state)


def errors_of(problem):
    """Return the relative error of each gradient against central differences."""
    return check_gradients(problem, conv_lstm_forward, conv_lstm_backward)


def run(problem):
    """Return outputs, and the gradients of the input, the state and the weights, in lists."""
    x, state, weights, dh, d_state = problem
    h, final, cache = conv_lstm_forward(x, weights, state)
    found = conv_lstm_backward(dh, cache, d_state)
    gradients = [found.dx, *found.d_state, *(w for w in found.d_weights if w is not None)]
    return [h, *final], gradients


def by_torch(problem):
    """Return h, the final state and all gradients as PyTorch has them, in our layout."""
    layer = to_torch(problem.weights)
    arrays = problem.x, *problem.state
    inputs = [torch.tensor(np.moveaxis(a, -1, -3), requires_grad=True) for a in arrays]
    h, final = layer(inputs[0], tuple(inputs[1:]))
    upstream = [torch.tensor(np.moveaxis(d, -1, -3)) for d in (problem.dh, *problem.d_state)]
    sum((a * d).sum() for a, d in zip((h, *final), upstream, strict=True)).backward()
    outputs = [np.moveaxis(a.detach().numpy(), -3, -1) for a in (h, *final)]
    gradients = [np.moveaxis(leaf.grad.numpy(), -3, -1) for leaf in inputs]
    gradients += [W.grad.numpy().transpose(2, 3, 1, 0) for W in (layer.W_x, layer.W_h)]
    gradients.append(layer.b.grad.numpy())
    if layer.w_c is not None:
        dw_c = layer.w_c.grad.numpy().transpose(0, 2, 3, 1)
        gradients.append(dw_c.reshape(problem.weights.w_c.shape))
    return outputs, gradients


@pytest.mark.parametrize(("size", "size_h"), [(1, 1), (5, 5), (3, 1), (1, 3)])
def test_kernels_of_other_sizes_equal_torch(size, size_h):
    wide = random_problem(3, size=size).weights.W_x, random_problem(4, size=size_h).weights.W_h
    problem = random_problem(5)
    weights = problem.weights._replace(W_x=wide[0], W_h=wide[1])
    problem = problem._replace(weights=weights)
    (outputs, gradients), (theirs, right) = run(problem), by_torch(problem)
    for a, b in zip(outputs, theirs, strict=True):
        np.testing.assert_allclose(a, b, **CLOSE)
    for a, b in zip(gradients, right, strict=True):
        assert relative_error(a, b) < TOLERANCE


def test_what_keras_does_not_have_is_refused():
    weights = random_problem(6, peepholes="none").weights
    with pytest.raises(ValueError, match="has no peepholes"):
        to_keras(random_problem(6).weights, (R, C))
    layer = keras.layers.ConvLSTM2D(2, 3, padding="same", data_format="channels_first")
    with pytest.raises(ValueError, match=r"data_format=.* another function"):
        from_keras(layer)
    with pytest.raises(ValueError, match="padding='same', got 'valid'"):
        from_keras(keras.layers.ConvLSTM2D(2, 3))
    with pytest.raises(ValueError, match="one kernel size"):
        to_keras(weights._replace(W_x=weights.W_x[:1, :1]), (R, C))


#: name: (text of the step backward, what the bug makes of it); those of the loop: test_steps.py
PLANTS = {
    "peephole of the output gate not differentiated": (" + da_o * w_c[2]", ""),
    "peepholes do not pass dc_prev": (" + da_i * w_c[0] + da_f * w_c[1]", ""),
    "peephole of the forget gate does not pass dc_prev": (" + da_f * w_c[1]", ""),
    "output peephole sees c_prev": ("(da_o, c_t)", "(da_o, c_prev)"),
    "input peephole sees c_t": ("(da_i, c_prev)", "(da_i, c_t)"),
    "forget gate sees c_t": ("dc * c_prev * f", "dc * c_t * f"),
    "tanh' at c instead of tanh(c)": ("1.0 - tanh_c**2", "1.0 - c_t**2"),
    "blocks in another order": ("[da_i, da_f, da_g, da_o]", "[da_i, da_f, da_o, da_g]"),
    "dW_h built with h_t": ("(da, h_prev, weights.W_h", "(da, o * tanh_c, weights.W_h"),
    "kernel gradient without padding": (
        "dh_prev, dW_h = conv2d_backward(da, h_prev, weights.W_h, padding=same(weights.W_h))",
        "dh_prev, dW_h = conv2d_backward(da, h_prev, weights.W_h, padding=same(weights.W_h)); "
        "dW_h = dW_h * (np.indices(dW_h.shape[:2]).sum(0) == 2)[..., None, None]",
    ),
    "kernel flipped on the way back": (
        "dx_t, dW_x = conv2d_backward(da, x_t, weights.W_x,",
        "dx_t, dW_x = conv2d_backward(da, x_t, weights.W_x[::-1, ::-1],",
    ),
    "db not summed over positions": ("da.sum(axis=(0, 1, 2))", "da[:, 0, 0].sum(axis=0)"),
    "db averaged over positions": ("da.sum(axis=(0, 1, 2))", "da.mean(axis=(1, 2)).sum(0)"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted, monkeypatch):
    broken = planted(conv_lstm_step_backward, *PLANTS[name])
    monkeypatch.setattr(conv_lstm, "conv_lstm_step_backward", broken)
    assert max(errors_of(random_problem(7)).values()) > TOLERANCE


def test_without_peepholes_is_with_zero_peepholes():
    problem = random_problem(8, peepholes="none")
    zeros = problem._replace(weights=problem.weights._replace(w_c=np.zeros((3, 2))))
    for a, b in zip(run(problem)[0], run(zeros)[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_the_receptive_field_grows_by_one_pixel_a_step():
    rng = np.random.default_rng(9)
    x, weights = rng.standard_normal((1, 4, 11, 11, 1)), init_conv_lstm(rng, 1, 2)
    dh = np.zeros((1, 4, 11, 11, 2))
    dh[0, 3, 5, 5] = 1.0
    dx = conv_lstm_backward(dh, conv_lstm_forward(x, weights)[2]).dx[0, ..., 0]
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
            weights = init_conv_lstm(np.random.default_rng(0), D, H, sizes[0], peepholes=peepholes)
            extra = 0 if peepholes is None else 3 * int(np.prod(peepholes))
            total = sum(a.size for a in weights if a is not None)
            assert total == conv_lstm_parameter_count(D, H, sizes[0], peepholes=extra)
            layer = to_torch(weights)
            assert sum(p.numel() for p in layer.parameters()) == total


def test_errors_name_expected_and_given_shape():
    x, (h0, c0), weights, dh, (dh_T, dc_T) = random_problem(12)
    with pytest.raises(ValueError, match=r"x must have shape .* with T >= 1, got \(3, 4, 3, 2\)"):
        conv_lstm_forward(x[0], weights)
    with pytest.raises(
        ValueError, match=r"state.h must have shape \(N, R, C, H\) = \(2, 4, 3, 2\)"
    ):
        conv_lstm_step(x[:, 0], (h0[:1], c0), weights)
    with pytest.raises(ValueError, match=r"x_t must have shape \(N, R, C, D\) = \(2, 4, 3, 2\)"):
        conv_lstm_step(x[:, 0, ..., :1], (h0, c0), weights)
    with pytest.raises(ValueError, match=r"w_c must have shape \(3, H\) = \(3, 2\) or"):
        conv_lstm_step(x[:, 0], (h0, c0), weights._replace(w_c=np.zeros((3, 5))))
    with pytest.raises(ValueError, match=r"kernels must be of odd size"):
        conv_lstm_step(x[:, 0], (h0, c0), weights._replace(W_x=weights.W_x[:2, :2]))
    with pytest.raises(ValueError, match=r"W_h must have shape \(size, size, H, 4H\)"):
        conv_lstm_step(x[:, 0], (h0, c0), weights._replace(W_h=weights.W_x[..., :3]))
    cache = conv_lstm_forward(x, weights)[2]
    with pytest.raises(ValueError, match=r"dh must have shape \(N, T, R, C, H\)"):
        conv_lstm_backward(dh[:, :2], cache)
    with pytest.raises(ValueError, match=r"d_state.c must have shape \(N, R, C, H\)"):
        conv_lstm_backward(dh, cache, (dh_T, dc_T[:1]))
    with pytest.raises(ValueError, match="size must be odd, got 4"):
        init_conv_lstm(np.random.default_rng(0), 1, 2, 4)
    with pytest.raises(ValueError, match="size must be odd, got 2 and 2"):
        ConvLSTM(1, 2, 2)


def test_keras_has_the_defaults_that_the_chapter_names():
    layer = keras.layers.ConvLSTM2D(2, 3)
    assert (layer.padding, layer.recurrent_activation.__name__) == ("valid", "sigmoid")
    assert layer.unit_forget_bias
