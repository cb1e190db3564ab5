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

from lstm_course.arrays import Array, check_shape, sigmoid
from lstm_course.lstm import LSTMWeights, check_lstm_weights, init_lstm

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


class LayerNormLSTMGradients(NamedTuple):
    """The ten gradients, each of the shape of what it is the gradient of."""

    dx: Array
    dh0: Array
    dc0: Array
    dW_x: Array
    dW_h: Array
    db: Array
    dgain_x: Array
    dgain_h: Array
    dgain_c: Array
    db_c: Array


def init_layer_norm_lstm(
    D: int, H: int, rng: np.random.Generator, *, forget_bias: float = 1.0
) -> LayerNormLSTMWeights:
    """Draw weights as :func:`lstm_course.init_lstm` does; gains are 1 and ``b_c`` is 0."""
    one = np.ones(4 * H)
    weights = init_lstm(rng, D, H, forget_bias=forget_bias)
    return LayerNormLSTMWeights(*weights, one, one.copy(), np.ones(H), np.zeros(H))


def layer_norm_lstm_parameter_count(D: int, H: int) -> int:
    """Return 4 (D H + H^2 + H) + 10 H: an LSTM with one bias, three gains and ``b_c``."""
    return 4 * (D * H + H * H + H) + 10 * H


def normalise(a: Array, epsilon: float = EPSILON) -> tuple[Array, Array]:
    """Shift and scale each row of ``a (..., F)`` to mean 0 and variance 1 (``eq-layer-norm``).

    Returns
    -------
    a_hat : array (..., F)
    spread : array (..., 1)
        ``sqrt(variance + epsilon)``, with the variance that divides by F.
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


def layer_norm_lstm_forward(
    x: Array,
    h0: Array,
    c0: Array,
    weights: LayerNormLSTMWeights,
) -> tuple[Array, Array, Array, LayerNormCache]:
    """Run a layer-norm LSTM over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    h0, c0 : arrays (N, H)
        Initial states.
    weights : LayerNormLSTMWeights

    Returns
    -------
    h : array (N, T, H)
    h_T, c_T : arrays (N, H)
        Final states; the cell state is carried as it is, not normalised.
    cache : LayerNormCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    W_x, W_h, b, gain_x, gain_h, gain_c, b_c = weights
    D, H = check_lstm_weights(LSTMWeights(W_x, W_h, b))
    for name, array, blocks in (("gain_x", gain_x, 4), ("gain_h", gain_h, 4)):
        check_shape(name, array, (blocks * H,), "(4H,)")
    for name, array in (("gain_c", gain_c), ("b_c", b_c)):
        check_shape(name, array, (H,), "(H,)")
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    N, T, _ = x.shape
    check_shape("x", x, (N, T, D), "(N, T, D)")
    check_shape("h0", h0, (N, H), "(N, H)")
    check_shape("c0", c0, (N, H), "(N, H)")

    x_hat = normalise(x @ W_x)  # all steps at once: no state is needed
    from_x = gain_x * x_hat[0] + b  # (N, T, 4H)
    h, c = (np.empty((N, T + 1, H), from_x.dtype) for _ in range(2))
    h[:, 0], c[:, 0] = h0, c0
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
    return h[:, 1:].copy(), h[:, -1].copy(), c[:, -1].copy(), cache


def layer_norm_lstm_backward(
    dh: Array, dh_T: Array, dc_T: Array, cache: LayerNormCache
) -> LayerNormLSTMGradients:
    """Backpropagate through time over a whole sequence.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the hidden state of every step.
    dh_T, dc_T : arrays (N, H)
        Gradient with respect to the final states where they are used again.
    cache : LayerNormCache
        From :func:`layer_norm_lstm_forward`.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    x, h, c, gates, tanh_n, x_hat, h_hat, c_hat, weights = cache
    N, T, H = tanh_n.shape
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    check_shape("dh_T", dh_T, (N, H), "(N, H)")
    check_shape("dc_T", dc_T, (N, H), "(N, H)")
    W_x, W_h, _, gain_x, gain_h, gain_c, _ = weights

    da, dsum_h = np.empty_like(gates), np.empty_like(gates)  # (N, T, 4H)
    dn = np.empty_like(tanh_n)  # (N, T, H): gradient of the normalised cell state
    dh_next, dc_next = dh_T, dc_T
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
    return LayerNormLSTMGradients(
        dsum_x @ W_x.T,
        dh_next,
        dc_next,
        np.tensordot(x, dsum_x, axes=([0, 1], [0, 1])),
        np.tensordot(h[:, :-1], dsum_h, axes=([0, 1], [0, 1])),
        da.sum(axis=(0, 1)),
        np.sum(da * x_hat[0], axis=(0, 1)),
        np.sum(da * h_hat[0], axis=(0, 1)),
        np.sum(dn * c_hat[0], axis=(0, 1)),
        dn.sum(axis=(0, 1)),
    )
