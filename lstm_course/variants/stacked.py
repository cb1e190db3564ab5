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
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_sequence,
    check_shape,
    check_sizes,
    state_or_zeros,
    zero_state,
)
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


def init_stacked(rng: np.random.Generator, D: int, H: int, *, L: int) -> tuple[LSTMWeights, ...]:
    """Return the weights of ``L`` layers of ``H`` units, each drawn by ``init_lstm``.

    ``ValueError`` if ``D``, ``H`` or ``L`` is smaller than 1.
    """
    check_sizes(D=D, H=H, L=L)
    return tuple(init_lstm(rng, H if k else D, H) for k in range(L))


def stacked_zero_state(N: int, H: int, dtype: DTypeLike = np.float64, *, L: int) -> LSTMState:
    """Return the initial states of ``L`` layers: zeros (L, N, H)."""
    return zero_state(LSTMState, 2, (L, N, H), dtype)


def stacked_parameter_count(D: int, H: int, *, L: int, directions: int = 1, biases: int = 1) -> int:
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
    weights: Sequence[LSTMWeights],
    state: LSTMState | None = None,
    *,
    masks: Sequence[Array] = (),
    residual: bool = False,
) -> tuple[Array, LSTMState, StackedCache]:
    """Run a stack of LSTM layers over ``x (N, T, D)``; the states of all layers are (L, N, H).

    ``weights`` has one entry a layer, the lowest first: ``W_x`` is (D, 4H) in it and (H, 4H) in
    every other one.  ``masks`` are the L - 1 dropout masks of the outputs of all layers but the
    highest, (N, T, H) or, the same for all steps, (N, 1, H): 0 where a unit is dropped,
    ``1 / (1 - p)`` elsewhere.  With ``residual`` each layer above the first adds its input to its
    output.  ``h (N, T, H)`` is the output of the highest layer.
    Form and errors: :mod:`lstm_course.arrays`.
    """
    D, H, L = check_stack(weights)
    N, T = check_sequence(x, D)
    zeros = stacked_zero_state(N, H, x.dtype, L=L)
    state = state_or_zeros("state", state, zeros, "(L, N, H)")
    check_masks(masks, L - 1, (N, T, H))

    z, caches, finals = x, [], []
    for k in range(L):
        h, final, cache = lstm_forward(z, weights[k], LSTMState(state[0][k], state[1][k]))
        caches.append(cache)
        finals.append(final)
        up = h * masks[k] if masks and k < L - 1 else h
        z = up + z if residual and k > 0 else up
    ends = LSTMState(*(np.stack(states) for states in zip(*finals, strict=True)))
    return z, ends, StackedCache(tuple(caches), tuple(masks), residual)


def check_masks(masks: Sequence[Array], count: int, shape: tuple[int, int, int]) -> None:
    """Raise ``ValueError`` unless there are none, or ``count`` masks for outputs of ``shape``."""
    if masks and len(masks) != count:
        raise ValueError(f"masks must be L - 1 = {count} arrays, got {len(masks)}")
    N, T, H = shape
    for mask in masks:
        steps = 1 if np.ndim(mask) == 3 and mask.shape[1] == 1 else T
        check_shape("a mask", mask, (N, steps, H), "(N, T, H) or (N, 1, H)")


def stacked_backward(
    dh: Array, cache: StackedCache, d_state: LSTMState | None = None
) -> Gradients[LSTMState, tuple[LSTMWeights, ...]]:
    """Backpropagate ``dh (N, T, H)`` through all layers, from the highest to the lowest.

    ``d_state`` holds the gradients of the final states of all layers, (L, N, H).
    """
    L = len(cache.layers)
    T, H, N = cache.layers[0].tanh_c.shape
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    zeros = stacked_zero_state(N, H, dh.dtype, L=L)
    d_state = state_or_zeros("d_state", d_state, zeros, "(L, N, H)")
    dh_n, dc_n = d_state

    dz, found = dh, []  # dz: gradient of what layer k hands up
    for k in reversed(range(L)):
        masked = cache.masks and k < L - 1
        dh_k = dz * cache.masks[k] if masked else dz
        gradients = lstm_backward(dh_k, cache.layers[k], LSTMState(dh_n[k], dc_n[k]))
        dz = gradients.dx + dz if cache.residual and k > 0 else gradients.dx
        found.append(gradients)
    found.reverse()
    starts = zip(*(gradients.d_state for gradients in found), strict=True)
    d_starts = LSTMState(*map(np.stack, starts))
    return Gradients(dz, d_starts, tuple(gradients.d_weights for gradients in found))
