"""ConvLSTM: an LSTM whose matrix products are convolutions, forward and backward.

Shi et al. (2015), ``eq-conv-lstm``.  A state is a stack of maps, ``(N, R, C, H)``: rows,
columns and H channels, last as in Keras.  Kernels are ``(size, size, D, 4H)`` and
``(size, size, H, 4H)``, of odd size, with as many zeros around the frame as keep its size.
The gate blocks stand in the order i, f, g, o.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape, sigmoid
from lstm_course.variants.cnn_lstm import conv2d, conv2d_backward


class ConvLSTMWeights(NamedTuple):
    """The weights of one ConvLSTM layer.

    ``w_c`` holds the peepholes of the input, forget and output gate, or None if there are
    none: ``(3, H)`` shares one number by all positions of a channel, ``(3, R, C, H)`` has one
    for every position, and then fits frames of this size only.
    """

    W_x: Array  # (size, size, D, 4H)
    W_h: Array  # (size, size, H, 4H)
    b: Array  # (4H,)
    w_c: Array | None = None


class ConvStepCache(NamedTuple):
    """What the backward step needs, named by symbol."""

    x_t: Array  # (N, R, C, D)
    h_prev: Array  # (N, R, C, H)
    c_prev: Array  # (N, R, C, H)
    i: Array
    f: Array
    g: Array
    o: Array
    c_t: Array
    tanh_c: Array
    weights: ConvLSTMWeights


class ConvLSTMGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, R, C, D)
    dh0: Array  # (N, R, C, H)
    dc0: Array  # (N, R, C, H)
    dW_x: Array
    dW_h: Array
    db: Array
    dw_c: Array | None


def conv_lstm_parameter_count(
    D: int, H: int, size_x: int, size_h: int | None = None, *, peepholes: int = 0
) -> int:
    """Return 4H (size_x^2 D + size_h^2 H + 1) + peepholes (``eq-conv-lstm-count``).

    ``size_h`` is ``size_x`` if left out.  ``peepholes`` is 3H by channel, 3 R C H by position.
    """
    size_h = size_x if size_h is None else size_h
    return 4 * H * (size_x**2 * D + size_h**2 * H + 1) + peepholes


def init_conv_lstm(
    D: int, H: int, size: int, rng: np.random.Generator, *, peepholes: tuple[int, ...] | None = None
) -> ConvLSTMWeights:
    """Draw weights: kernels Glorot uniform for one gate, forget bias 1, peepholes zero.

    ``peepholes`` is the shape of one peephole, ``(H,)`` or ``(R, C, H)``; None for none.

    Raises
    ------
    ValueError
        If ``D`` or ``H`` is below 1, or ``size`` is not odd.
    """
    if min(D, H) < 1 or size % 2 != 1:
        raise ValueError(f"D and H must be at least 1 and size odd, got {D}, {H} and {size}")
    limits = [np.sqrt(6.0 / (size**2 * (depth + H))) for depth in (D, H)]
    W_x = rng.uniform(-limits[0], limits[0], (size, size, D, 4 * H))
    W_h = rng.uniform(-limits[1], limits[1], (size, size, H, 4 * H))
    b = np.repeat([0.0, 1.0, 0.0, 0.0], H)
    return ConvLSTMWeights(W_x, W_h, b, None if peepholes is None else np.zeros((3, *peepholes)))


def check_conv_weights(weights: ConvLSTMWeights, frame: tuple[int, ...]) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b, w_c = weights
    if np.ndim(W_h) != 4 or W_h.shape[3] != 4 * W_h.shape[2]:
        raise ValueError(f"W_h must have shape (size, size, H, 4H), got {np.shape(W_h)}")
    if np.ndim(W_x) != 4 or W_x.shape[3] != W_h.shape[3]:
        raise ValueError(f"W_x must have shape (size, size, D, 4H), got {np.shape(W_x)}")
    if any(side % 2 != 1 for side in (*W_x.shape[:2], *W_h.shape[:2])):
        raise ValueError(f"kernels must be of odd size, got {W_x.shape[:2]} and {W_h.shape[:2]}")
    H = W_h.shape[2]
    check_shape("b", b, (4 * H,), "(4H,)")
    if w_c is not None and w_c.shape not in ((3, H), (3, *frame, H)):
        shapes = f"(3, H) = {(3, H)} or (3, R, C, H) = {(3, *frame, H)}"
        raise ValueError(f"w_c must have shape {shapes}, got {w_c.shape}")
    return W_x.shape[2], H


def _same(W: Array) -> tuple[int, int]:
    return W.shape[0] // 2, W.shape[1] // 2


def _peepholes(weights: ConvLSTMWeights) -> Array:
    H = weights.W_h.shape[2]
    return np.zeros((3, H), weights.b.dtype) if weights.w_c is None else weights.w_c


def conv_lstm_step(
    x_t: Array, h_prev: Array, c_prev: Array, weights: ConvLSTMWeights
) -> tuple[Array, Array, ConvStepCache]:
    """Advance the ConvLSTM by one frame.

    Parameters
    ----------
    x_t : array (N, R, C, D)
    h_prev, c_prev : arrays (N, R, C, H)
    weights : ConvLSTMWeights

    Returns
    -------
    h_t, c_t : arrays (N, R, C, H)
    cache : ConvStepCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    N, R, C = x_t.shape[:3] if np.ndim(x_t) == 4 else (0, 0, 0)
    D, H = check_conv_weights(weights, (R, C))
    check_shape("x_t", x_t, (N, R, C, D), "(N, R, C, D)")
    check_shape("h_prev", h_prev, (N, R, C, H), "(N, R, C, H)")
    check_shape("c_prev", c_prev, (N, R, C, H), "(N, R, C, H)")
    W_x, W_h, b, _ = weights
    w_i, w_f, w_o = _peepholes(weights)
    a = conv2d(x_t, W_x, padding=_same(W_x)) + conv2d(h_prev, W_h, padding=_same(W_h)) + b
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=3)  # each (N, R, C, H)
    i, f, g = sigmoid(a_i + w_i * c_prev), sigmoid(a_f + w_f * c_prev), np.tanh(a_g)
    c_t = f * c_prev + i * g
    o = sigmoid(a_o + w_o * c_t)
    tanh_c = np.tanh(c_t)
    return o * tanh_c, c_t, ConvStepCache(x_t, h_prev, c_prev, i, f, g, o, c_t, tanh_c, weights)


def conv_lstm_step_backward(
    dh_t: Array, dc_t: Array, cache: ConvStepCache
) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
    """Return ``dx_t, dh_prev, dc_prev, dW_x, dW_h, db, dw_c`` of one step.

    ``dh_t`` and ``dc_t``, both ``(N, R, C, H)``, hold everything that reaches the two states
    from after this step.
    """
    x_t, h_prev, c_prev, i, f, g, o, c_t, tanh_c, weights = cache
    check_shape("dh_t", dh_t, c_t.shape, "(N, R, C, H)")
    check_shape("dc_t", dc_t, c_t.shape, "(N, R, C, H)")
    w_c = _peepholes(weights)
    da_o = dh_t * tanh_c * o * (1.0 - o)
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2) + da_o * w_c[2]
    da_i = dc * g * i * (1.0 - i)
    da_f = dc * c_prev * f * (1.0 - f)
    da_g = dc * i * (1.0 - g**2)
    dc_prev = dc * f + da_i * w_c[0] + da_f * w_c[1]
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=3)  # (N, R, C, 4H)
    dx_t, dW_x = conv2d_backward(da, x_t, weights.W_x, padding=_same(weights.W_x))
    dh_prev, dW_h = conv2d_backward(da, h_prev, weights.W_h, padding=_same(weights.W_h))
    shared = tuple(range(4 - w_c[0].ndim))  # the axes that share one peephole
    peeped = ((da_i, c_prev), (da_f, c_prev), (da_o, c_t))
    dw_c = np.stack([(da_k * seen).sum(shared) for da_k, seen in peeped])
    return dx_t, dh_prev, dc_prev, dW_x, dW_h, da.sum(axis=(0, 1, 2)), dw_c


def conv_lstm_forward(
    x: Array, h0: Array, c0: Array, weights: ConvLSTMWeights
) -> tuple[Array, Array, Array, list[ConvStepCache]]:
    """Run the layer over ``x (N, T, R, C, D)`` from ``h0`` and ``c0``, both (N, R, C, H).

    Returns
    -------
    h : array (N, T, R, C, H)
    h_T, c_T : arrays (N, R, C, H)
    caches : list of ConvStepCache, one for each step
    """
    if np.ndim(x) != 5 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, R, C, D) with T >= 1, got {np.shape(x)}")
    h, caches, h_t, c_t = [], [], h0, c0
    for t in range(x.shape[1]):
        h_t, c_t, cache = conv_lstm_step(x[:, t], h_t, c_t, weights)
        h.append(h_t)
        caches.append(cache)
    return np.stack(h, axis=1), h_t, c_t, caches


def conv_lstm_backward(
    dh: Array, dh_T: Array, dc_T: Array, caches: list[ConvStepCache]
) -> ConvLSTMGradients:
    """Backpropagate through time; ``dh (N, T, R, C, H)``, ``dh_T`` and ``dc_T`` (N, R, C, H)."""
    T = len(caches)
    check_shape("dh", dh, (dh_T.shape[0], T, *dh_T.shape[1:]), "(N, T, R, C, H)")
    dx, dh_next, dc_next = [], dh_T, dc_T
    totals: list[Array] = []
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next
        dx_t, dh_next, dc_next, *parts = conv_lstm_step_backward(dh_t, dc_next, caches[t])
        dx.append(dx_t)
        totals = [a + b for a, b in zip(totals, parts, strict=True)] if totals else parts
    dW_x, dW_h, db, dw_c = totals
    peepholes = None if caches[0].weights.w_c is None else dw_c
    dx_all = np.stack(dx[::-1], axis=1)
    return ConvLSTMGradients(dx_all, dh_next, dc_next, dW_x, dW_h, db, peepholes)
