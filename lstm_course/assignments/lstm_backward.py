"""Reference versions of the functions that the assignment ``lstm_backward`` asks for.

From one question to the next, the notebook replaces the student's functions by these; hidden
tests replay the student's training with them.  A cache is a dict with the arrays of a
``LSTMStepCache`` by name.  The parameters of a network are the list ``[W_x, W_h, b, W_y, b_y]``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lstm_course.arrays import Array
from lstm_course.lstm import (
    LSTMState,
    LSTMStepCache,
    LSTMWeights,
    lstm_backward,
    lstm_forward,
    lstm_step,
    lstm_step_backward,
)
from lstm_course.training import AdamState, adam_step, clip_by_global_norm

Cache = dict[str, Array]

__all__ = [
    "adam",
    "clip",
    "directional_error",
    "loss_and_gradients",
    "sequence_backward",
    "sequence_forward",
    "step_backward",
    "through_cell",
    "train",
]


def sequence_forward(
    x: Array, h0: Array, c0: Array, W_x: Array, W_h: Array, b: Array
) -> tuple[Array, list[Cache]]:
    """Return the hidden states ``h (N, T, H)`` and the cache of every step."""
    state, weights, h, caches = LSTMState(h0, c0), LSTMWeights(W_x, W_h, b), [], []
    for t in range(x.shape[1]):
        state, cache = lstm_step(np.ascontiguousarray(x[:, t]), state, weights)
        h.append(state.h)
        caches.append(cache._asdict())
    return np.stack(h, axis=1), caches


def through_cell(
    dh_t: Array, dc_t: Array, c_prev: Array, i: Array, f: Array, g: Array, o: Array, tanh_c: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """Return ``di, df, dg, do`` and ``dc_prev``, each ``(N, H)``."""
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2)
    return dc * g, dc * c_prev, dc * i, dh_t * tanh_c, dc * f


def step_backward(dh_t: Array, dc_t: Array, cache: Cache) -> tuple[Array, ...]:
    """Return ``dx_t, dh_prev, dc_prev, dW_x, dW_h, db``."""
    dx_t, before, dweights = lstm_step_backward(LSTMState(dh_t, dc_t), LSTMStepCache(**cache))
    return dx_t, *before, *dweights


def sequence_backward(
    dh: Array, dh_T: Array, dc_T: Array, caches: Sequence[Cache]
) -> tuple[Array, ...]:
    """Return ``dx, dh0, dc0, dW_x, dW_h, db``."""
    D = caches[0]["x_t"].shape[1]
    dh_next, dc_next, dx = dh_T, dc_T, np.empty((*dh.shape[:2], D), dh.dtype)
    dW_x, dW_h, db = np.zeros((3, 1), dh.dtype)
    for t in reversed(range(dh.shape[1])):
        dx[:, t], dh_next, dc_next, *parts = step_backward(dh[:, t] + dh_next, dc_next, caches[t])
        dW_x, dW_h, db = dW_x + parts[0], dW_h + parts[1], db + parts[2]
    return dx, dh_next, dc_next, dW_x, dW_h, db


def directional_error(
    loss: Callable[[Array], float], array: Array, gradient: Array, direction: Array, step: float
) -> float:
    """Return the relative error of ``gradient`` along ``direction``."""
    analytic = float(np.sum(gradient * direction))
    above, below = loss(array + step * direction), loss(array - step * direction)
    numeric = (above - below) / (2.0 * step)
    return abs(analytic - numeric) / (abs(analytic) + abs(numeric))


def clip(gradients: Sequence[Array], limit: float) -> tuple[list[Array], float]:
    """Return the gradients, shortened together to the norm ``limit``, and the norm before."""
    return clip_by_global_norm(gradients, limit)


def adam(
    parameters: Sequence[Array],
    gradients: Sequence[Array],
    m: Sequence[Array],
    v: Sequence[Array],
    n: int,
    learning_rate: float,
) -> tuple[list[Array], list[Array], list[Array]]:
    """Return the parameters, ``m`` and ``v`` after update number ``n``, which starts at 1."""
    before = AdamState(n - 1, tuple(m), tuple(v))
    updated, after = adam_step(parameters, gradients, before, learning_rate)
    return updated, list(after.m), list(after.v)


def loss_and_gradients(
    x: Array, y: Array, parameters: Sequence[Array]
) -> tuple[float, list[Array]]:
    """Return the squared error of ``h_T W_y + b_y`` against ``y (N,)``, and five gradients."""
    W_x, W_h, b, W_y, b_y = parameters
    h, (h_T, c_T), cache = lstm_forward(x, LSTMWeights(W_x, W_h, b))
    error = h_T @ W_y + b_y - y[:, None]  # (N, 1)
    dy_hat = 2.0 * error / len(error)
    upstream = LSTMState(dy_hat @ W_y.T, np.zeros_like(c_T))
    back = lstm_backward(np.zeros_like(h), cache, upstream)
    head = [h_T.T @ dy_hat, dy_hat.sum(axis=0)]
    return float(np.mean(error**2)), [*back.d_weights, *head]


def train(
    x: Array,
    y: Array,
    parameters: Sequence[Array],
    updates: int,
    learning_rate: float,
    limit: float,
) -> tuple[list[Array], list[float]]:
    """Return the parameters after all updates, and the loss before each."""
    trained = list(parameters)
    m, v = [np.zeros_like(p) for p in trained], [np.zeros_like(p) for p in trained]
    losses = []
    for n in range(1, updates + 1):
        loss, gradients = loss_and_gradients(x, y, trained)
        clipped, _ = clip(gradients, limit)
        trained, m, v = adam(trained, clipped, m, v, n, learning_rate)
        losses.append(loss)
    return trained, losses
