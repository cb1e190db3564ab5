"""Reference versions of the functions that the assignment ``rnn_bptt`` asks for.

Later questions of the assignment build on earlier ones.  There the notebook replaces the
student's functions by these, so that one slip costs the points of one question only.
Shapes as in :mod:`lstm_course.rnn`, except that ``h (N, T + 1, H)`` begins with ``h_0``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lstm_course import rnn
from lstm_course.arrays import Array
from lstm_course.gradcheck import numerical_gradient, relative_error
from lstm_course.rnn import RNNCache, RNNState, RNNWeights

__all__ = [
    "gradient_check",
    "rnn_backward",
    "rnn_forward",
    "rnn_step",
    "step_backward",
    "training_step",
]

Five = tuple[Array, Array, Array, Array, Array]


def rnn_step(x_t: Array, h_prev: Array, W_x: Array, W_h: Array, b: Array) -> Array:
    """Return ``h_t (N, H)``."""
    return rnn.rnn_step(x_t, RNNState(h_prev), RNNWeights(W_x, W_h, b))[0].h


def rnn_forward(x: Array, h_0: Array, W_x: Array, W_h: Array, b: Array) -> Array:
    """Return ``h (N, T + 1, H)``, from ``h_0`` to ``h_T``."""
    return rnn.rnn_forward(x, RNNWeights(W_x, W_h, b), RNNState(h_0))[2].h


def step_backward(
    dh_t: Array, x_t: Array, h_prev: Array, h_t: Array, W_x: Array, W_h: Array
) -> Five:
    """Return ``dx_t, dh_prev, dW_x, dW_h, db``."""
    da_t = dh_t * (1.0 - h_t**2)
    return da_t @ W_x.T, da_t @ W_h.T, x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)


def rnn_backward(dh: Array, dh_T: Array, x: Array, h: Array, W_x: Array, W_h: Array) -> Five:
    """Return ``dx, dh_0, dW_x, dW_h, db``."""
    no_bias = np.zeros(W_h.shape[0], h.dtype)  # the backward pass does not use it
    cache = RNNCache(x, h, RNNWeights(W_x, W_h, no_bias))
    dx, (dh_0,), d_weights = rnn.rnn_backward(dh, cache, RNNState(dh_T))
    return dx, dh_0, *d_weights


def gradient_check(
    loss: Callable[[Array], float], array: Array, gradient: Array, step: float
) -> tuple[Array, float]:
    """Return the gradient by central differences, and the relative error of ``gradient``."""
    numeric = numerical_gradient(loss, array, step)
    return numeric, relative_error(gradient, numeric)


def training_step(
    x: Array, y: Array, W_x: Array, W_h: Array, b: Array, W_y: Array, rate: float
) -> tuple[float, Array, Array, Array, Array]:
    """Return the loss before a step of gradient descent, and ``W_x, W_h, b, W_y`` after it."""
    h = rnn_forward(x, np.zeros((len(x), len(W_h)), x.dtype), W_x, W_h, b)
    wrong = h[:, -1] @ W_y - y  # (N, K)
    dy_hat = 2.0 * wrong / wrong.size
    nothing = np.zeros_like(h[:, 1:])
    _, _, dW_x, dW_h, db = rnn_backward(nothing, dy_hat @ W_y.T, x, h, W_x, W_h)
    dW_y = h[:, -1].T @ dy_hat
    weights = (W_x - rate * dW_x, W_h - rate * dW_h, b - rate * db, W_y - rate * dW_y)
    return float(np.mean(wrong**2)), *weights
