"""Convolutions in front of an LSTM, forward and backward: over frames, and along windows.

Arrays keep the channels last, as Keras does: a frame is ``(R, C, D)``, rows, columns and
channels.  A kernel is ``(rows, columns, D, F)`` for frames and ``(steps, D, F)`` along time.
As in every library the kernel is not flipped (``eq-conv2d``, ``eq-conv1d``), so this is a
cross-correlation.  CNN-LSTMs in this form: Donahue et al. (2015) for frames.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lstm_course.arrays import Array, Gradients, check_floats, check_shape, check_sizes
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMWeights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_parameter_count,
    lstm_zero_state,
)

Pair = tuple[int, int]


def _patches(x: Array, size: Pair, stride: Pair, padding: Pair) -> Array:
    """Return the view ``(N, R', C', D, rows, columns)`` of what the kernel sees."""
    (rows, columns), (down, right) = padding, stride
    padded = np.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
    patches: Array = sliding_window_view(padded, size, axis=(1, 2))[:, ::down, ::right]
    return patches


def conv2d(x: Array, W: Array, *, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> Array:
    """Slide a kernel ``W (rows, columns, D, F)`` over frames ``x (N, R, C, D)``; without bias.

    ``stride`` and ``padding``, zeros on each side, are by rows and columns.  Returns
    ``(N, R', C', F)`` with R' = (R + 2 padding - rows) // stride + 1, and C' likewise.
    ``ValueError`` if a shape does not fit, or the kernel is larger than the padded frame.
    """
    if np.ndim(W) != 4:
        raise ValueError(f"W must have shape (rows, columns, D, F), got {np.shape(W)}")
    if np.ndim(x) != 4 or x.shape[3] != W.shape[2]:
        raise ValueError(f"x must have shape (N, R, C, D) with D = {W.shape[2]}, got {np.shape(x)}")
    size = (W.shape[0], W.shape[1])
    if any(x.shape[k + 1] + 2 * padding[k] < size[k] for k in (0, 1)):
        raise ValueError(f"a kernel of {size} does not fit into frames of {x.shape[1:3]}")
    y: Array = np.tensordot(_patches(x, size, stride, padding), W, axes=([4, 5, 3], [0, 1, 2]))
    return y


def conv2d_backward(
    dy: Array, x: Array, W: Array, *, stride: Pair = (1, 1), padding: Pair = (0, 0)
) -> tuple[Array, Array]:
    """Return ``dx (N, R, C, D)`` and ``dW (rows, columns, D, F)`` of :func:`conv2d`.

    ``ValueError`` if ``dy`` does not have the shape of the output.
    """
    (rows, columns, _, F), (N, R, C, D), (down, right) = W.shape, x.shape, stride
    patches = _patches(x, (rows, columns), stride, padding)
    check_shape("dy", dy, (*patches.shape[:3], F), "(N, R', C', F)")
    dW = np.tensordot(patches, dy, axes=([0, 1, 2], [0, 1, 2])).transpose(1, 2, 0, 3)
    padded = np.zeros((N, R + 2 * padding[0], C + 2 * padding[1], D), np.result_type(dy, W))
    for r in range(rows):
        for c in range(columns):
            seen = padded[:, r:, c:][:, ::down, ::right][:, : dy.shape[1], : dy.shape[2]]
            seen += dy @ W[r, c].T  # (N, R', C', D), into the pixels this entry looked at
    return padded[:, padding[0] : padding[0] + R, padding[1] : padding[1] + C], dW


class CNNLSTMWeights(NamedTuple):
    """A convolution and the LSTM that reads it.

    ``W`` is ``(rows, columns, D, F)`` for frames or ``(steps, D, F)`` for windows.
    """

    W: Array
    b: Array  # (F,)
    lstm: LSTMWeights


class CNNLSTMCache(NamedTuple):
    """What the backward pass needs."""

    images: Array  # (M, R, C, D): what was convolved
    a: Array  # (M, R', C', F): before the ReLU
    x_shape: tuple[int, ...]
    stride: int
    weights: CNNLSTMWeights
    lstm: LSTMCache


def init_cnn_lstm(
    rng: np.random.Generator, D: int, H: int, *, F: int, size: tuple[int, ...], positions: int = 1
) -> CNNLSTMWeights:
    """Draw a kernel of ``F`` channels, Glorot uniform, and the LSTM by ``init_lstm``.

    ``size`` is (rows, columns) for frames or (steps,) for windows; ``positions`` is R' C', how
    often the kernel fits into a frame.  ``ValueError`` if ``D`` or ``H`` is smaller than 1.
    """
    check_sizes(D=D, H=H)
    limit = np.sqrt(6.0 / (math.prod(size) * (D + F)))
    W = rng.uniform(-limit, limit, (*size, D, F))
    return CNNLSTMWeights(W, np.zeros(F), init_lstm(rng, positions * F, H))


def cnn_lstm_parameter_count(
    D: int, H: int, *, F: int, size: tuple[int, ...], positions: int = 1
) -> int:
    """Return the count of what :func:`init_cnn_lstm` draws."""
    return (math.prod(size) * D + 1) * F + lstm_parameter_count(positions * F, H)


#: The state is that of the LSTM behind the convolution.
cnn_lstm_zero_state = lstm_zero_state


def fold(x: Array, W: Array, stride: int) -> tuple[Array, Array, Pair]:
    """Return images, kernel and strides of one 2-D convolution that does the whole job.

    Frames ``(N, T, R, C, D)`` become a batch of N T images; windows ``(N, T, D)`` become N
    images of T rows and one column.  ``ValueError`` if ``x`` and ``W`` are of different kinds.
    """
    check_floats("x", x, "(N, T, R, C, D) or (N, T, D)")
    check_floats("W", W, "(rows, columns, D, F) or (steps, D, F)")
    fits = x.ndim > 1 and x.shape[1] >= 1 and W.ndim > 1 and x.shape[-1] == W.shape[-2]
    if fits and (x.ndim, W.ndim) == (5, 4):
        return x.reshape(math.prod(x.shape[:2]), *x.shape[2:]), W, (stride, stride)
    if fits and (x.ndim, W.ndim) == (3, 3):
        return x[:, :, None], W[:, None], (stride, 1)
    raise ValueError(
        "x and W must be (N, T, R, C, D) and (rows, columns, D, F), or (N, T, D) and "
        f"(steps, D, F), with T >= 1, got {x.shape} and {W.shape}"
    )


def cnn_lstm_forward(
    x: Array, weights: CNNLSTMWeights, state: LSTMState | None = None, *, stride: int = 1
) -> tuple[Array, LSTMState, CNNLSTMCache]:
    """Convolve, apply a ReLU, and run an LSTM over what comes out.

    ``x`` is (N, T, R, C, D), frames, each convolved by itself: the LSTM reads R' C' F numbers for
    each; or (N, T, D), windows, convolved along time: it reads F numbers at each of T' steps.
    ``stride`` is that of the convolution in every direction; there is no padding.
    Form and errors: :mod:`lstm_course.arrays`; ``h`` has T or T' steps.
    """
    images, kernel, strides = fold(x, weights.W, stride)
    check_floats("b", weights.b, "(F,)")
    if weights.b.shape != kernel.shape[3:]:
        shapes = f"{weights.W.shape} and {weights.b.shape}"
        raise ValueError(f"W and b must be (..., F) and (F,), got {shapes}")
    a = conv2d(images, kernel, stride=strides) + weights.b  # (M, R', C', F)
    steps, width = (x.shape[1], a.shape[1:]) if x.ndim == 5 else (a.shape[1], a.shape[2:])
    features = np.maximum(a, 0.0).reshape(len(x), steps, math.prod(width))
    h, final, lstm = lstm_forward(features, weights.lstm, state)
    return h, final, CNNLSTMCache(images, a, x.shape, stride, weights, lstm)


def cnn_lstm_backward(
    dh: Array, cache: CNNLSTMCache, d_state: LSTMState | None = None
) -> Gradients[LSTMState, CNNLSTMWeights]:
    """Carry ``dh``, of the shape of ``h``, back through the LSTM and the convolution."""
    images, a, x_shape, stride, weights, lstm = cache
    d_features, d_start, d_lstm = lstm_backward(dh, lstm, d_state)
    da = d_features.reshape(a.shape) * (a > 0.0)
    frames = weights.W.ndim == 4
    kernel = weights.W if frames else weights.W[:, None]
    strides = (stride, stride if frames else 1)
    d_images, d_kernel = conv2d_backward(da, images, kernel, stride=strides)
    dW, db = d_kernel.reshape(weights.W.shape), da.sum(axis=(0, 1, 2))
    return Gradients(d_images.reshape(x_shape), d_start, CNNLSTMWeights(dW, db, d_lstm))
