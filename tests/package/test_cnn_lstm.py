"""Convolutions and the CNN-LSTM equal PyTorch and Keras; their gradients equal differences."""

from __future__ import annotations

import itertools
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from torch.nn import functional

from lstm_course import LSTMState, LSTMWeights
from lstm_course.data import load_digits, load_watch, moving_digits, windows
from lstm_course.gradcheck import (
    Problem,
    check_gradients,
    gradient_errors,
    map_arrays,
    named_arrays,
    relative_error,
)
from lstm_course.lstm_keras import to_keras
from lstm_course.lstm_torch import to_torch
from lstm_course.variants.cnn_lstm import (
    CNNLSTMWeights,
    cnn_lstm_backward,
    cnn_lstm_forward,
    conv2d,
    conv2d_backward,
    init_cnn_lstm,
)

TOLERANCE = 1e-6
CLOSE = {"rtol": 0, "atol": 1e-12}
GRID = list(itertools.product((1, 3), (1, 4), (1, 2), (1, 3)))  # N, T, D, H
WAYS = [((1, 1), (0, 0)), ((2, 1), (1, 2)), ((2, 3), (0, 1)), ((3, 2), (2, 1))]


def draw_conv(seed, N=2, R=6, C=5, D=2, F=3, size=(3, 2), stride=(1, 1), padding=(0, 0)):
    draw = np.random.default_rng(seed).standard_normal
    x, W = draw((N, R, C, D)), draw((*size, D, F))
    return x, W, draw(conv2d(x, W, stride=stride, padding=padding).shape)


def conv_errors(seed, stride, padding, backward=conv2d_backward):
    x, W, dy = draw_conv(seed, stride=stride, padding=padding)
    dx, dW = backward(dy, x, W, stride=stride, padding=padding)

    def loss(x, W):
        return float(np.sum(dy * conv2d(x, W, stride=stride, padding=padding)))

    return gradient_errors(loss, {"x": x, "W": W}, {"x": dx, "W": dW})


@pytest.mark.parametrize(("stride", "padding"), WAYS, ids=str)
def test_conv2d_gradients_equal_differences(stride, padding):
    assert max(conv_errors(0, stride, padding).values()) < TOLERANCE


@pytest.mark.parametrize(("stride", "padding"), WAYS, ids=str)
@pytest.mark.parametrize(("N", "D", "F"), [(1, 1, 1), (2, 3, 2)], ids=str)
def test_conv2d_equals_torch(N, D, F, stride, padding):
    x, W, dy = draw_conv(1, N=N, D=D, F=F, stride=stride, padding=padding)
    x_torch = torch.tensor(x.transpose(0, 3, 1, 2), requires_grad=True)
    W_torch = torch.tensor(W.transpose(3, 2, 0, 1), requires_grad=True)
    y = functional.conv2d(x_torch, W_torch, stride=stride, padding=padding)
    y.backward(torch.tensor(dy.transpose(0, 3, 1, 2)))
    ours = conv2d(x, W, stride=stride, padding=padding)
    np.testing.assert_allclose(ours, y.detach().numpy().transpose(0, 2, 3, 1), **CLOSE)
    dx, dW = conv2d_backward(dy, x, W, stride=stride, padding=padding)
    assert relative_error(dx, x_torch.grad.numpy().transpose(0, 2, 3, 1)) < TOLERANCE
    assert relative_error(dW, W_torch.grad.numpy().transpose(2, 3, 1, 0)) < TOLERANCE


def test_without_padding_and_stride_equals_keras():
    x, W, _ = draw_conv(2)
    layer = keras.layers.Conv2D(3, (3, 2), use_bias=False, dtype="float64")
    layer.build(x.shape)
    layer.set_weights([W])
    np.testing.assert_allclose(conv2d(x, W), np.asarray(layer(x)), **CLOSE)


def random_problem(seed, kind, N=2, T=3, D=2, H=2, stride=2):
    """Draw a CNN-LSTM problem in which nothing is zero; its convolution has 3 channels."""
    draw = np.random.default_rng(seed).standard_normal
    if kind == "frames":
        x, W, features = draw((N, T, 5, 4, D)), draw((3, 2, D, 3)), 3 * 2 * 2
        features = 3 if stride == 3 else features
    else:
        x, W, features = draw((N, T + 4, D)), draw((3, D, 3)), 3
    lstm = LSTMWeights(0.5 * draw((features, 4 * H)), 0.5 * draw((H, 4 * H)), draw(4 * H))
    weights = CNNLSTMWeights(W, draw(3), lstm)
    state, d_state = (LSTMState(draw((N, H)), draw((N, H))) for _ in range(2))
    dh = draw(cnn_lstm_forward(x, weights, stride=stride)[0].shape)
    return Problem(x, state, weights, dh, d_state), stride


def errors_of(problem, stride, backward=cnn_lstm_backward):
    return check_gradients(problem, partial(cnn_lstm_forward, stride=stride), backward)


@pytest.mark.parametrize(
    ("kind", "stride"),
    [("frames", 2), ("frames", 3), ("windows", 1), ("windows", 2), ("windows", 3)],
)
def test_gradients_equal_differences(kind, stride):
    assert max(errors_of(*random_problem(3, kind, stride=stride)).values()) < TOLERANCE


def run(problem, stride):
    """Return h, and the gradients of the input and of the convolution."""
    x, state, weights, dh, d_state = problem
    h, _, cache = cnn_lstm_forward(x, weights, state, stride=stride)
    found = cnn_lstm_backward(dh, cache, d_state)
    return h, (found.dx, found.d_weights.W, found.d_weights.b)


def by_torch(problem, stride):
    """Return h and the gradients of x, W and b as PyTorch has them."""
    x, state, weights, dh, d_state = problem
    leaves = [torch.tensor(a, requires_grad=True) for a in (x, weights.W, weights.b)]
    leaf, kernel, bias = leaves
    if x.ndim == 5:
        images = leaf.flatten(0, 1).permute(0, 3, 1, 2)
        a = functional.conv2d(images, kernel.permute(3, 2, 0, 1), bias, stride)
        features = a.relu().permute(0, 2, 3, 1).reshape(*x.shape[:2], -1)
    else:
        a = functional.conv1d(leaf.mT, kernel.permute(2, 1, 0), bias, stride)
        features = a.relu().mT
    start = tuple(torch.tensor(a[None]) for a in state)
    h, final = to_torch(weights.lstm)(features, start)
    pairs = zip((h, *final), (dh, *d_state), strict=True)
    sum((a * torch.tensor(d)).sum() for a, d in pairs).backward()
    return h.detach().numpy(), [a.grad.numpy() for a in leaves]


@pytest.mark.parametrize("kind", ["frames", "windows"])
@pytest.mark.parametrize("shape", GRID, ids=str)
def test_equals_torch(shape, kind):
    problem, stride = random_problem(4, kind, *shape)
    (h, ours), (theirs, right) = run(problem, stride), by_torch(problem, stride)
    np.testing.assert_allclose(h, theirs, **CLOSE)
    for a, b in zip(ours, right, strict=True):
        assert relative_error(a, b) < TOLERANCE


@pytest.mark.parametrize("kind", ["frames", "windows"])
def test_equals_keras(kind):
    problem, stride = random_problem(5, kind)
    x, state, (W, b, lstm), dh, d_state = problem
    options = {"strides": stride, "activation": "relu", "dtype": "float64"}
    if kind == "frames":
        layer = keras.layers.Conv2D(3, W.shape[:2], **options)
        front = [
            keras.layers.TimeDistributed(layer, dtype="float64"),
            keras.layers.TimeDistributed(keras.layers.Flatten(), dtype="float64"),
        ]
    else:
        layer = keras.layers.Conv1D(3, W.shape[0], **options)
        front = [layer]
    model = keras.Sequential([keras.Input(x.shape[1:], dtype="float64"), *front])
    recurrent = to_keras(lstm, return_sequences=True, return_state=True)
    layer.set_weights([W, b])
    inputs = tf.Variable(x)
    with tf.GradientTape() as tape:
        found = recurrent(model(inputs), initial_state=list(state))
        loss = sum(tf.reduce_sum(a * d) for a, d in zip(found, (dh, *d_state), strict=True))
    right = tape.gradient(loss, [inputs, *(v.value for v in layer.trainable_variables)])
    h, ours = run(problem, stride)
    np.testing.assert_allclose(h, np.asarray(found[0]), **CLOSE)
    for a, b in zip(ours, right, strict=True):
        assert relative_error(a, np.asarray(b)) < TOLERANCE


CONV, WHOLE = conv2d_backward, cnn_lstm_backward
PLANTS = {
    "kernel not transposed but flipped": (CONV, "W[r, c].T", "W[-1 - r, -1 - c].T"),
    "gradients overwrite one another": (CONV, "seen += dy", "seen[...] = dy"),
    "padding cut at one side only": (CONV, "[:, padding[0] : padding[0] + R,", "[:, :R,"),
    "rows and columns of the kernel swapped": (
        CONV,
        "seen = padded[:, r:, c:]",
        "seen = padded[:, c:, r:]",
    ),
    "stride forgotten on the way back": (CONV, "[:, ::down, ::right][", "["),
    "strides swapped": (CONV, "[:, ::down, ::right][", "[:, ::right, ::down]["),
    "kernel gradient averaged": (CONV, "tensordot(patches, dy,", "tensordot(patches, dy / N,"),
    "kernel gradient with its axes mixed": (CONV, "transpose(1, 2, 0, 3)", "reshape(W.shape)"),
    "ReLU forgotten": (WHOLE, " * (a > 0.0)", ""),
    "ReLU of the wrong sign": (WHOLE, "(a > 0.0)", "(a < 0.0)"),
    "db of one position only": (WHOLE, "da.sum(axis=(0, 1, 2))", "da[:, 0, 0].sum(axis=0)"),
    "stride not handed over": (WHOLE, "images, kernel, stride=strides", "images, kernel"),
}


@pytest.mark.parametrize("name", PLANTS)
def test_each_planted_bug_is_caught(name, planted, monkeypatch):
    function, text, bug = PLANTS[name]
    broken = planted(function, text, bug)
    try:
        if function is CONV:
            errors = conv_errors(6, (2, 1), (1, 2), broken)
        else:
            errors = errors_of(*random_problem(6, "frames"), broken)
    except ValueError:  # the shapes no longer fit, which nobody overlooks
        return
    assert max(errors.values()) > TOLERANCE


def test_time_distributed_is_each_frame_by_itself():
    (x, _, weights, *_), stride = random_problem(7, "frames")
    whole = cnn_lstm_forward(x, weights, stride=stride)[2].a
    alone = np.concatenate([conv2d(one, weights.W, stride=(stride, stride)) for one in x])
    np.testing.assert_allclose(whole, alone + weights.b, **CLOSE)


@pytest.mark.parametrize("kind", ["frames", "windows"])
def test_inputs_stay_and_float32_is_kept(kind):
    problem, stride = random_problem(8, kind)
    problem = map_arrays(lambda a: a.astype(np.float32), problem)
    before = named_arrays(map_arrays(np.copy, problem))
    x, state, weights, dh, d_state = problem
    h, final, cache = cnn_lstm_forward(x, weights, state, stride=stride)
    found = named_arrays((h, final, cnn_lstm_backward(dh, cache, d_state)))
    assert {a.dtype for a in found.values()} == {np.dtype(np.float32)}
    for name, array in named_arrays(problem).items():
        np.testing.assert_array_equal(array, before[name])


def test_errors_name_expected_and_given_shape():
    x, W, dy = draw_conv(9)
    with pytest.raises(ValueError, match=r"W must have shape \(rows, columns, D, F\), got"):
        conv2d(x, W[0])
    with pytest.raises(ValueError, match=r"\(N, R, C, D\) with D = 2, got \(2, 6, 5, 1\)"):
        conv2d(x[..., :1], W)
    with pytest.raises(
        ValueError, match=r"a kernel of \(3, 2\) does not fit into frames of \(2, 5"
    ):
        conv2d(x[:, :2], W)
    with pytest.raises(ValueError, match=r"dy must have shape \(N, R', C', F\) = \(2, 4, 4, 3\)"):
        conv2d_backward(dy[:, :3], x, W)
    (x, _, weights, *_), _ = random_problem(9, "frames")
    with pytest.raises(ValueError, match="x and W must be"):
        cnn_lstm_forward(x[0], weights)
    with pytest.raises(ValueError, match=r"W and b must be .* got \(3, 2, 2, 3\) and \(2,\)"):
        cnn_lstm_forward(x, weights._replace(b=weights.b[:2]), stride=2)


def test_digits():
    images, labels = load_digits()
    assert images.shape == (5000, 28, 28)
    assert images.dtype == np.float32
    assert (images.min(), images.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(np.bincount(labels), 500)


def test_moving_digits_move_and_stay_inside():
    images, _ = load_digits()
    films = moving_digits(np.random.default_rng(0), images, 20, 30)
    assert films.shape == (20, 30, 16, 16)
    assert films.dtype == np.float32
    ink = films.sum(axis=(2, 3))
    np.testing.assert_allclose(ink, np.broadcast_to(ink[:, :1], ink.shape), rtol=1e-5, atol=0)
    assert (np.abs(np.diff(films, axis=1)).sum(axis=(2, 3)) > 0).all()
    again = moving_digits(np.random.default_rng(0), images, 20, 30)
    np.testing.assert_array_equal(films, again)
    with pytest.raises(ValueError, match="size must be at least 10"):
        moving_digits(np.random.default_rng(0), images, 1, 1, size=11)


@pytest.mark.parametrize(
    ("shape", "size", "positions"), [((0, 4, 3, 3, 2), (2, 2), 4), ((0, 4, 2), (2,), 1)], ids=str
)
def test_a_batch_may_be_empty(shape, size, positions):
    weights = init_cnn_lstm(np.random.default_rng(0), 2, 3, F=2, size=size, positions=positions)
    x = np.zeros(shape)
    h, final, cache = cnn_lstm_forward(x, weights)
    assert h.shape == (0, 4 if len(shape) == 5 else 3, 3)
    assert final.h.shape == (0, 3)
    gradients = cnn_lstm_backward(h, cache)
    assert gradients.dx.shape == shape
    assert not any(array.any() for array in named_arrays(gradients.d_weights).values())


def test_watch():
    records = load_watch()
    assert len(records.series) == len(records.exercise) == len(records.subject) == 140
    assert {one.shape[1] for one in records.series} == {6} == {len(records.channels)}
    np.testing.assert_array_equal(np.bincount(records.exercise), 20)
    x, record = windows(records.series, 200, 100)
    assert x.shape[1:] == (200, 6)
    assert len(x) == len(record)
    k = int(np.flatnonzero(record == 3)[1])
    np.testing.assert_array_equal(x[k], records.series[3][100:300])
    with pytest.raises(ValueError, match="no recording has 5000 steps"):
        windows(records.series, 5000, 100)
    with pytest.raises(ValueError, match="at least 1, got 0 and 1"):
        windows(records.series, 0, 1)
