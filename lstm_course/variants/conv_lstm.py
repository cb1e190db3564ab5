"""ConvLSTM: an LSTM whose matrix products are convolutions, forward and backward.

Shi et al. (2015), ``eq-conv-lstm``.  A state is a stack of maps, ``(N, R, C, H)``: rows,
columns and H channels, last as in Keras.  Kernels are ``(size, size, D, 4H)`` and
``(size, size, H, 4H)``, of odd size, with as many zeros around the frame as keep its size.
The gate blocks stand in the order i, f, g, o.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_floats,
    check_shape,
    check_sizes,
    check_state,
    sigmoid,
    state_or_zeros,
    zero_state,
)
from lstm_course.lstm import LSTMState
from lstm_course.variants.cnn_lstm import conv2d, conv2d_backward
from lstm_course.variants.steps import run_steps, run_steps_back

Shape = tuple[int, ...]


class ConvLSTMWeights(NamedTuple):
    """The weights of one ConvLSTM layer.

    ``w_c`` holds the peepholes of i, f and o, or None: ``(3, H)`` shares one number by all
    positions of a channel, ``(3, R, C, H)`` has one for each, and fits frames of this size only.
    """

    W_x: Array  # (size, size, D, 4H)
    W_h: Array  # (size, size, H, 4H)
    b: Array  # (4H,)
    w_c: Array | None = None


class ConvStepCache(NamedTuple):
    """What the backward step needs, named by symbol."""

    x_t: Array  # (N, R, C, D)
    h_prev: Array  # (N, R, C, H), as all that follows
    c_prev: Array
    i: Array
    f: Array
    g: Array
    o: Array
    c_t: Array
    tanh_c: Array
    weights: ConvLSTMWeights


def conv_lstm_parameter_count(
    D: int, H: int, size_x: int = 3, size_h: int | None = None, *, peepholes: int = 0
) -> int:
    """Return 4H (size_x^2 D + size_h^2 H + 1) + peepholes (``eq-conv-lstm-count``).

    ``size_h`` is ``size_x`` if left out.  ``peepholes`` is 3H by channel, 3 R C H by position.
    """
    return 4 * H * (size_x**2 * D + (size_h or size_x) ** 2 * H + 1) + peepholes


def init_conv_lstm(
    rng: np.random.Generator, D: int, H: int, size: int = 3, *, peepholes: Shape | None = None
) -> ConvLSTMWeights:
    """Draw weights: kernels Glorot uniform for one gate, forget bias 1, peepholes zero.

    ``peepholes`` is the shape of one peephole, ``(H,)`` or ``(R, C, H)``; None for none.
    ``ValueError`` if ``D`` or ``H`` is below 1, or ``size`` is not odd.
    """
    check_sizes(D=D, H=H)
    if size % 2 != 1:
        raise ValueError(f"size must be odd, got {size}")
    limits = [np.sqrt(6.0 / (size**2 * (depth + H))) for depth in (D, H)]
    W_x = rng.uniform(-limits[0], limits[0], (size, size, D, 4 * H))
    W_h = rng.uniform(-limits[1], limits[1], (size, size, H, 4 * H))
    b = np.repeat([0.0, 1.0, 0.0, 0.0], H)
    return ConvLSTMWeights(W_x, W_h, b, None if peepholes is None else np.zeros((3, *peepholes)))


def conv_lstm_zero_state(
    N: int, H: int, dtype: DTypeLike = np.float64, *, frame: tuple[int, int]
) -> LSTMState:
    """Return the state before the first frame of R rows and C columns: zeros (N, R, C, H)."""
    return zero_state(LSTMState, 2, (N, *frame, H), dtype)


def check_conv_weights(weights: ConvLSTMWeights, frame: Shape) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, W_h, b, w_c = weights
    check_floats("W_h", W_h, "(size, size, H, 4H)")
    check_floats("W_x", W_x, "(size, size, D, 4H)")
    if W_h.ndim != 4 or W_h.shape[3] != 4 * W_h.shape[2]:
        raise ValueError(f"W_h must have shape (size, size, H, 4H), got {W_h.shape}")
    if W_x.ndim != 4 or W_x.shape[3] != W_h.shape[3]:
        raise ValueError(f"W_x must have shape (size, size, D, 4H), got {W_x.shape}")
    if any(side % 2 != 1 for side in (*W_x.shape[:2], *W_h.shape[:2])):
        raise ValueError(f"kernels must be of odd size, got {W_x.shape[:2]} and {W_h.shape[:2]}")
    H = W_h.shape[2]
    check_shape("b", b, (4 * H,), "(4H,)")
    if w_c is not None:
        check_floats("w_c", w_c, "(3, H) or (3, R, C, H)")
        if w_c.shape not in ((3, H), (3, *frame, H)):
            shapes = f"(3, H) = {(3, H)} or (3, R, C, H) = {(3, *frame, H)}"
            raise ValueError(f"w_c must have shape {shapes}, got {w_c.shape}")
    return W_x.shape[2], H


def same(W: Array) -> tuple[int, int]:
    """Return the padding by rows and columns that keeps the size of a frame."""
    return W.shape[0] // 2, W.shape[1] // 2


def peepholes_of(weights: ConvLSTMWeights) -> Array:
    """Return the peepholes of i, f and o: zeros (3, H) where there are none."""
    H = weights.W_h.shape[2]
    return np.zeros((3, H), weights.b.dtype) if weights.w_c is None else weights.w_c


def conv_lstm_step(
    x_t: Array, state: LSTMState, weights: ConvLSTMWeights
) -> tuple[LSTMState, ConvStepCache]:
    """Advance the ConvLSTM by one frame, ``x_t (N, R, C, D)``; ``h, c`` are (N, R, C, H).

    Form and errors: :mod:`lstm_course.arrays`.
    """
    check_floats("x_t", x_t, "(N, R, C, D)")
    if x_t.ndim != 4:
        raise ValueError(f"x_t must have shape (N, R, C, D), got {x_t.shape}")
    N, R, C, _ = x_t.shape
    D, H = check_conv_weights(weights, (R, C))
    check_shape("x_t", x_t, (N, R, C, D), "(N, R, C, D)")
    zeros = conv_lstm_zero_state(N, H, frame=(R, C))
    check_state("state", state, zeros, "(N, R, C, H)")
    h_prev, c_prev = state
    W_x, W_h, b, _ = weights
    w_i, w_f, w_o = peepholes_of(weights)
    a = conv2d(x_t, W_x, padding=same(W_x)) + conv2d(h_prev, W_h, padding=same(W_h)) + b
    a_i, a_f, a_g, a_o = np.split(a, 4, axis=3)  # each (N, R, C, H)
    i, f, g = sigmoid(a_i + w_i * c_prev), sigmoid(a_f + w_f * c_prev), np.tanh(a_g)
    c_t = f * c_prev + i * g
    o = sigmoid(a_o + w_o * c_t)
    tanh_c = np.tanh(c_t)
    cache = ConvStepCache(x_t, h_prev, c_prev, i, f, g, o, c_t, tanh_c, weights)
    return LSTMState(o * tanh_c, c_t), cache


def conv_lstm_step_backward(
    d_state: LSTMState, cache: ConvStepCache
) -> tuple[Array, LSTMState, ConvLSTMWeights]:
    """Carry the gradient by the state after a frame back through it."""
    x_t, h_prev, c_prev, i, f, g, o, c_t, tanh_c, weights = cache
    check_state("d_state", d_state, LSTMState(h_prev, c_prev), "(N, R, C, H)")
    dh_t, dc_t = d_state
    w_c = peepholes_of(weights)
    da_o = dh_t * tanh_c * o * (1.0 - o)
    dc = dc_t + dh_t * o * (1.0 - tanh_c**2) + da_o * w_c[2]
    da_i, da_f = dc * g * i * (1.0 - i), dc * c_prev * f * (1.0 - f)
    da_g = dc * i * (1.0 - g**2)
    dc_prev = dc * f + da_i * w_c[0] + da_f * w_c[1]
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=3)  # (N, R, C, 4H)
    dx_t, dW_x = conv2d_backward(da, x_t, weights.W_x, padding=same(weights.W_x))
    dh_prev, dW_h = conv2d_backward(da, h_prev, weights.W_h, padding=same(weights.W_h))
    shared = tuple(range(4 - w_c[0].ndim))  # the axes that share one peephole
    peeped = ((da_i, c_prev), (da_f, c_prev), (da_o, c_t))
    dw_c = np.stack([(da_k * seen).sum(shared) for da_k, seen in peeped])
    d_w_c = None if weights.w_c is None else dw_c
    d_weights = ConvLSTMWeights(dW_x, dW_h, da.sum(axis=(0, 1, 2)), d_w_c)
    return dx_t, LSTMState(dh_prev, dc_prev), d_weights


def conv_lstm_forward(
    x: Array, weights: ConvLSTMWeights, state: LSTMState | None = None
) -> tuple[Array, LSTMState, tuple[ConvStepCache, ...]]:
    """Run the layer over films, ``x (N, T, R, C, D)``, with T at least 1, to ``h (N, T, R, C, H)``.

    Form and errors: :mod:`lstm_course.arrays`.
    """
    check_floats("x", x, "(N, T, R, C, D)")
    if x.ndim != 5 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, R, C, D) with T >= 1, got {x.shape}")
    N, T, R, C, _ = x.shape
    D, H = check_conv_weights(weights, (R, C))
    check_shape("x", x, (N, T, R, C, D), "(N, T, R, C, D)")
    zeros = conv_lstm_zero_state(N, H, x.dtype, frame=(R, C))
    start = state_or_zeros("state", state, zeros, "(N, R, C, H)")
    return run_steps(lambda t, state: conv_lstm_step(x[:, t], state, weights), T, start)


def conv_lstm_backward(
    dh: Array, cache: tuple[ConvStepCache, ...], d_state: LSTMState | None = None
) -> Gradients[LSTMState, ConvLSTMWeights]:
    """Backpropagate ``dh (N, T, R, C, H)`` and the gradient of the final state through time."""
    N, R, C, H = cache[0].c_t.shape
    check_shape("dh", dh, (N, len(cache), R, C, H), "(N, T, R, C, H)")
    zeros = conv_lstm_zero_state(N, H, dh.dtype, frame=(R, C))
    d_end = state_or_zeros("d_state", d_state, zeros, "(N, R, C, H)")
    return run_steps_back(conv_lstm_step_backward, dh, cache, d_end)
