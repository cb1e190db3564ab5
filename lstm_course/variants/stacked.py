"""A stack of LSTM layers, forward and backward, with dropout masks and residual connections.

Shapes: N batch, T time steps, D input features, H hidden units of each layer, L layers.  Layer
1 reads ``x``; every other layer reads what the layer below hands up (``eq-stack-input``):

    z_1 = x,  z_2 = m_1 * h_1,  z_{l+1} = m_l * h_l + z_l  (l > 1, with residual connections)

where ``m_l`` is a dropout mask, or 1.  The result is ``h_L``, or ``h_L + z_L`` with residual
connections, which begin above layer 1 because ``x`` may have another width.  Stacks of
recurrent layers on speech: Graves, Mohamed and Hinton (2013); dropout on the way up only:
Zaremba, Sutskever and Vinyals (2014).  Derived in the chapter "Stacked LSTMs".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMWeights,
    check_lstm_weights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_parameter_count,
)


class StackedCache(NamedTuple):
    """What the backward pass needs."""

    layers: tuple[LSTMCache, ...]  # of the L layers, from the lowest to the highest
    masks: tuple[Array, ...]  # L - 1 dropout masks, or none
    residual: bool


class StackedGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh0: Array  # (L, N, H)
    dc0: Array  # (L, N, H)
    dlayers: tuple[LSTMWeights, ...]  # one set of weight gradients a layer


def init_stacked(D: int, H: int, L: int, rng: np.random.Generator) -> tuple[LSTMWeights, ...]:
    """Return the weights of ``L`` layers of ``H`` units, each drawn by ``init_lstm``.

    Raises
    ------
    ValueError
        If ``D``, ``H`` or ``L`` is smaller than 1.
    """
    if L < 1:
        raise ValueError(f"L must be at least 1, got L={L}")
    return tuple(init_lstm(rng, H if k else D, H) for k in range(L))


def stacked_parameter_count(D: int, H: int, L: int, *, directions: int = 1, biases: int = 1) -> int:
    """Return the number of parameters of ``L`` layers (``eq-stack-count``).

    ``directions`` is 2 for bidirectional layers whose two outputs are concatenated: then every
    layer but the lowest reads 2H features.  ``biases`` is 1 in Keras, 2 in PyTorch.
    """
    lowest = lstm_parameter_count(D, H, biases=biases)
    other = lstm_parameter_count(directions * H, H, biases=biases)
    return directions * (lowest + (L - 1) * other)


def check_stack(layers: Sequence[LSTMWeights]) -> tuple[int, int, int]:
    """Return (D, H, L) of a stack; raise ``ValueError`` where the layers do not fit."""
    if not layers:
        raise ValueError("a stack needs at least one layer, got none")
    D, H = check_lstm_weights(layers[0])
    for k, layer in enumerate(layers[1:], start=2):
        if check_lstm_weights(layer) != (H, H):
            given = (layer.W_x.shape, layer.W_h.shape)
            expected = ((H, 4 * H), (H, 4 * H))
            raise ValueError(f"W_x and W_h of layer {k} must have shapes {expected}, got {given}")
    return D, H, len(layers)


def stacked_forward(
    x: Array,
    h0: Array,
    c0: Array,
    layers: Sequence[LSTMWeights],
    *,
    masks: Sequence[Array] = (),
    residual: bool = False,
) -> tuple[Array, Array, Array, StackedCache]:
    """Run a stack of LSTM layers over a batch of sequences.

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    h0, c0 : arrays (L, N, H)
        Initial states of every layer, the lowest first.
    layers : sequence of L LSTMWeights
        ``W_x`` is (D, 4H) in the first and (H, 4H) in every other one.
    masks : sequence of L - 1 arrays (N, T, H) or (N, 1, H), optional
        Dropout masks of the outputs of all layers but the highest: 0 where a unit is dropped,
        ``1 / (1 - p)`` elsewhere.  With one mask for all steps, the time axis has length 1.
    residual : bool
        Whether each layer above the first adds its input to its output.

    Returns
    -------
    h : array (N, T, H)
        Output of the highest layer at every step, its input added if ``residual``.
    h_n, c_n : arrays (L, N, H)
        Final states of every layer, as PyTorch returns them.
    cache : StackedCache
        What :func:`stacked_backward` needs.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    _, H, L = check_stack(layers)
    if np.ndim(x) != 3:
        raise ValueError(f"x must have shape (N, T, D), got {np.shape(x)}")
    N, T, _ = x.shape
    check_shape("h0", h0, (L, N, H), "(L, N, H)")
    check_shape("c0", c0, (L, N, H), "(L, N, H)")
    if masks and len(masks) != L - 1:
        raise ValueError(f"masks must be L - 1 = {L - 1} arrays, got {len(masks)}")
    for mask in masks:
        steps = 1 if np.ndim(mask) == 3 and mask.shape[1] == 1 else T
        check_shape("a mask", mask, (N, steps, H), "(N, T, H) or (N, 1, H)")

    z, caches, finals = x, [], []
    for k, weights in enumerate(layers):
        h, final, cache = lstm_forward(z, weights, LSTMState(h0[k], c0[k]))
        caches.append(cache)
        finals.append(final)
        up = h * masks[k] if masks and k < L - 1 else h
        z = up + z if residual and k > 0 else up
    h_n, c_n = (np.stack(states) for states in zip(*finals, strict=True))
    return z, h_n, c_n, StackedCache(tuple(caches), tuple(masks), residual)


def stacked_backward(dh: Array, dh_n: Array, dc_n: Array, cache: StackedCache) -> StackedGradients:
    """Backpropagate through all layers, from the highest to the lowest.

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the output of every step.
    dh_n, dc_n : arrays (L, N, H)
        Gradient with respect to the final states of every layer.
    cache : StackedCache
        From :func:`stacked_forward`.

    Returns
    -------
    StackedGradients
        ``dx, dh0, dc0, dlayers``.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    L = len(cache.layers)
    T, H, N = cache.layers[0].tanh_c.shape
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    check_shape("dh_n", dh_n, (L, N, H), "(L, N, H)")
    check_shape("dc_n", dc_n, (L, N, H), "(L, N, H)")

    dz, found = dh, []  # dz: gradient of what layer k hands up
    for k in reversed(range(L)):
        masked = cache.masks and k < L - 1
        dh_k = dz * cache.masks[k] if masked else dz
        gradients = lstm_backward(dh_k, cache.layers[k], LSTMState(dh_n[k], dc_n[k]))
        dz = gradients.dx + dz if cache.residual and k > 0 else gradients.dx
        found.append(gradients)
    found.reverse()
    dh0 = np.stack([g.d_state.h for g in found])
    dc0 = np.stack([g.d_state.c for g in found])
    return StackedGradients(dz, dh0, dc0, tuple(g.d_weights for g in found))
