"""The layer-norm LSTM over a sequence, forward and backward.

Ba, Kiros and Hinton (2016) normalise three sums of every step over its features: what comes
from the input, what comes from the hidden state (each over all 4H entries) and the cell state
on its way to the output.  Derived in the chapter "What came between 1997 and 2017"
(``eq-layer-norm``, ``eq-layer-norm-lstm``, ``eq-layer-norm-back``).

Shapes: N batch, T time steps, D input features, H hidden units.  Gate order i, f, g, o.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_sequence,
    check_shape,
    sigmoid,
    state_or_zeros,
)
from lstm_course.lstm import LSTMState, LSTMWeights, check_lstm_weights, init_lstm, lstm_zero_state

EPSILON = 1e-5


class LayerNormLSTMWeights(NamedTuple):
    """Weights of an LSTM layer, and the gains and the bias of its three normalisations.

    The offsets of the first two normalisations would only be added to ``b``: there are none.
    """

    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)
    b: Array  # (4H,)
    gain_x: Array  # (4H,)
    gain_h: Array  # (4H,)
    gain_c: Array  # (H,)
    b_c: Array  # (H,)


class LayerNormCache(NamedTuple):
    """What the backward pass needs, with one entry for each step where there is an axis T."""

    x: Array  # (N, T, D)
    h: Array  # (N, T + 1, H): h_0 ... h_T
    c: Array  # (N, T + 1, H): c_0 ... c_T
    gates: Array  # (N, T, 4H): i, f, g, o after their activations
    tanh_n: Array  # (N, T, H): tanh of the normalised cell state
    x_hat: tuple[Array, Array]  # (N, T, 4H), (N, T, 1): normalised sum, and its spread
    h_hat: tuple[Array, Array]  # (N, T, 4H), (N, T, 1)
    c_hat: tuple[Array, Array]  # (N, T, H), (N, T, 1)
    weights: LayerNormLSTMWeights


def init_layer_norm(
    rng: np.random.Generator, D: int, H: int, *, forget_bias: float = 1.0
) -> LayerNormLSTMWeights:
    """Draw weights as :func:`lstm_course.init_lstm` does; gains are 1 and ``b_c`` is 0."""
    one = np.ones(4 * H)
    weights = init_lstm(rng, D, H, forget_bias=forget_bias)
    return LayerNormLSTMWeights(*weights, one, one.copy(), np.ones(H), np.zeros(H))


def layer_norm_parameter_count(D: int, H: int) -> int:
    """Return 4 (D H + H^2 + H) + 10 H: an LSTM with one bias, three gains and ``b_c``."""
    return 4 * (D * H + H * H + H) + 10 * H


def check_layer_norm_weights(weights: LayerNormLSTMWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    D, H = check_lstm_weights(LSTMWeights(*weights[:3]))
    for name in ("gain_x", "gain_h"):
        check_shape(name, getattr(weights, name), (4 * H,), "(4H,)")
    for name in ("gain_c", "b_c"):
        check_shape(name, getattr(weights, name), (H,), "(H,)")
    return D, H


def normalise(a: Array, epsilon: float = EPSILON) -> tuple[Array, Array]:
    """Shift and scale each row of ``a (..., F)`` to mean 0 and variance 1 (``eq-layer-norm``).

    Also returns ``spread (..., 1)``: ``sqrt(variance + epsilon)``; the variance divides by F.
    """
    centred = a - a.mean(axis=-1, keepdims=True)
    spread: Array = np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + epsilon)
    return centred / spread, spread


def normalise_backward(da_hat: Array, a_hat: Array, spread: Array) -> Array:
    """Return the gradient of ``a`` from ``da_hat``, both (..., F): ``eq-layer-norm-back``."""
    mean = da_hat.mean(axis=-1, keepdims=True)
    along = np.mean(da_hat * a_hat, axis=-1, keepdims=True)
    result: Array = (da_hat - mean - a_hat * along) / spread
    return result


#: The state is that of the LSTM; the cell state is carried as it is, not normalised.
layer_norm_zero_state = lstm_zero_state


def layer_norm_step(
    x_t: Array, state: LSTMState, weights: LayerNormLSTMWeights
) -> tuple[LSTMState, LayerNormCache]:
    """Advance the layer-norm LSTM by one time step, from ``x_t (N, D)``: a sequence of one."""
    check_batch(x_t, check_layer_norm_weights(weights)[0])
    return layer_norm_forward(x_t[:, None], weights, state)[1:]


def layer_norm_step_backward(
    d_state: LSTMState, cache: LayerNormCache
) -> tuple[Array, LSTMState, LayerNormLSTMWeights]:
    """Carry the gradient by the state after a step back through it."""
    dx, d_before, d_weights = layer_norm_backward(np.zeros_like(cache.tanh_n), cache, d_state)
    return dx[:, 0], d_before, d_weights


def layer_norm_forward(
    x: Array, weights: LayerNormLSTMWeights, state: LSTMState | None = None
) -> tuple[Array, LSTMState, LayerNormCache]:
    """Run a layer-norm LSTM over ``x (N, T, D)`` (``eq-layer-norm-lstm``).

    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_layer_norm_weights(weights)
    N, T = check_sequence(x, D)
    state = state_or_zeros("state", state, layer_norm_zero_state(N, H, x.dtype))
    W_x, W_h, b, gain_x, gain_h, gain_c, b_c = weights

    x_hat = normalise(x @ W_x)  # all steps at once: no state is needed
    from_x = gain_x * x_hat[0] + b  # (N, T, 4H)
    h, c = (np.empty((N, T + 1, H), from_x.dtype) for _ in range(2))
    h[:, 0], c[:, 0] = state
    gates, h_hat = np.empty_like(from_x), (np.empty_like(from_x), np.empty_like(x_hat[1]))
    tanh_n, c_hat = np.empty_like(h[:, 1:]), (np.empty_like(h[:, 1:]), np.empty_like(x_hat[1]))
    for t in range(T):
        h_hat[0][:, t], h_hat[1][:, t] = normalise(h[:, t] @ W_h)
        a = from_x[:, t] + gain_h * h_hat[0][:, t]  # (N, 4H)
        gates[:, t] = sigmoid(a)
        gates[:, t, 2 * H : 3 * H] = np.tanh(a[:, 2 * H : 3 * H])
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        c[:, t + 1] = f * c[:, t] + i * g
        c_hat[0][:, t], c_hat[1][:, t] = normalise(c[:, t + 1])
        tanh_n[:, t] = np.tanh(gain_c * c_hat[0][:, t] + b_c)
        h[:, t + 1] = o * tanh_n[:, t]
    cache = LayerNormCache(x, h, c, gates, tanh_n, x_hat, h_hat, c_hat, weights)
    return h[:, 1:].copy(), LSTMState(h[:, -1].copy(), c[:, -1].copy()), cache


def layer_norm_backward(
    dh: Array, cache: LayerNormCache, d_state: LSTMState | None = None
) -> Gradients[LSTMState, LayerNormLSTMWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time."""
    x, h, c, gates, tanh_n, x_hat, h_hat, c_hat, weights = cache
    N, T, H = tanh_n.shape
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    d_state = state_or_zeros("d_state", d_state, layer_norm_zero_state(N, H, dh.dtype))
    W_x, W_h, _, gain_x, gain_h, gain_c, _ = weights

    da, dsum_h = np.empty_like(gates), np.empty_like(gates)  # (N, T, 4H)
    dn = np.empty_like(tanh_n)  # (N, T, H): gradient of the normalised cell state
    dh_next, dc_next = d_state
    for t in reversed(range(T)):
        i, f, g, o = np.split(gates[:, t], 4, axis=1)
        dh_t = dh[:, t] + dh_next
        dn[:, t] = dh_t * o * (1.0 - tanh_n[:, t] ** 2)
        dc_t = dc_next + normalise_backward(gain_c * dn[:, t], c_hat[0][:, t], c_hat[1][:, t])
        da_i, da_f = dc_t * g * i * (1.0 - i), dc_t * c[:, t] * f * (1.0 - f)
        da_g, da_o = dc_t * i * (1.0 - g**2), dh_t * tanh_n[:, t] * o * (1.0 - o)
        da[:, t] = np.concatenate([da_i, da_f, da_g, da_o], axis=1)
        dsum_h[:, t] = normalise_backward(gain_h * da[:, t], h_hat[0][:, t], h_hat[1][:, t])
        dh_next, dc_next = dsum_h[:, t] @ W_h.T, dc_t * f
    dsum_x = normalise_backward(gain_x * da, *x_hat)  # (N, T, 4H)
    d_weights = LayerNormLSTMWeights(
        np.tensordot(x, dsum_x, axes=([0, 1], [0, 1])),
        np.tensordot(h[:, :-1], dsum_h, axes=([0, 1], [0, 1])),
        da.sum(axis=(0, 1)),
        np.sum(da * x_hat[0], axis=(0, 1)),
        np.sum(da * h_hat[0], axis=(0, 1)),
        np.sum(dn * c_hat[0], axis=(0, 1)),
        dn.sum(axis=(0, 1)),
    )
    return Gradients(dsum_x @ W_x.T, LSTMState(dh_next, dc_next), d_weights)
