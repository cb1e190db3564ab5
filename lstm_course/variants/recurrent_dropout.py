"""An LSTM that drops hidden states on their way into the gates, forward and backward.

One function serves two ideas, which differ in the shape of the mask alone: a mask of shape
(N, 1, H) is the same at every step (variational dropout; Gal and Ghahramani, 2016), one of
shape (N, T, H) is drawn anew for each.  Weight drop (Merity et al., 2018) needs no loop of its
own: it is :func:`lstm_course.lstm_forward` with masked ``W_h``.  Derived in the chapter "What
came between 1997 and 2017" (``eq-masked-step``, ``eq-masked-back``, ``eq-weight-drop``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_sequence,
    check_shape,
    check_state,
    state_or_zeros,
)
from lstm_course.lstm import (
    LSTMState,
    LSTMStepCache,
    LSTMWeights,
    check_lstm_weights,
    init_lstm,
    lstm_parameter_count,
    lstm_step,
    lstm_step_backward,
    lstm_zero_state,
)
from lstm_course.variants.steps import run_steps, run_steps_back


class MaskedStepCache(NamedTuple):
    """What the backward step needs."""

    step: LSTMStepCache  # its h_prev is the masked one
    mask: Array  # (N, H)


#: Weights and state are those of the LSTM.
init_recurrent_dropout = init_lstm
recurrent_dropout_parameter_count = lstm_parameter_count
recurrent_dropout_zero_state = lstm_zero_state


def draw_mask(
    rng: np.random.Generator, shape: tuple[int, ...], p: float, dtype: DTypeLike = np.float64
) -> Array:
    """Draw a dropout mask: 0 with probability ``p``, else 1 / (1 - p), so that its mean is 1.

    ``ValueError`` if ``p`` is not at least 0 and below 1.
    """
    if not 0.0 <= p < 1.0:
        raise ValueError(f"p must be at least 0 and below 1, got {p}")
    mask: Array = ((rng.random(shape) >= p) / (1.0 - p)).astype(dtype)
    return mask


def recurrent_dropout_step(
    x_t: Array, state: LSTMState, weights: LSTMWeights, *, mask: Array
) -> tuple[LSTMState, MaskedStepCache]:
    """Advance the LSTM by one time step; its gates read ``mask * h_prev`` (``eq-masked-step``).

    ``mask`` is (N, H); the states are not masked.
    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_lstm_weights(weights)
    N = check_batch(x_t, D)
    check_state("state", state, lstm_zero_state(N, H))
    check_shape("mask", mask, (N, H), "(N, H)")
    h_prev, c_prev = state
    state, cache = lstm_step(x_t, LSTMState(mask * h_prev, c_prev), weights)
    return state, MaskedStepCache(cache, mask)


def recurrent_dropout_step_backward(
    d_state: LSTMState, cache: MaskedStepCache
) -> tuple[Array, LSTMState, LSTMWeights]:
    """Carry the gradient by the state after a step back through it (``eq-masked-back``)."""
    dx_t, (dmasked, dc_prev), d_weights = lstm_step_backward(d_state, cache.step)
    return dx_t, LSTMState(cache.mask * dmasked, dc_prev), d_weights  # the same mask, once more


def recurrent_dropout_forward(
    x: Array, weights: LSTMWeights, state: LSTMState | None = None, *, mask: Array
) -> tuple[Array, LSTMState, tuple[MaskedStepCache, ...]]:
    """Run an LSTM layer whose gates read ``mask * h_prev``, over ``x (N, T, D)``.

    ``mask`` is (N, 1, H), the same at every step, or (N, T, H), one for each; the hidden states
    that come out are not masked.  Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_lstm_weights(weights)
    N, T = check_sequence(x, D)
    if np.shape(mask) not in ((N, 1, H), (N, T, H)):
        expected = f"(N, 1, H) = {(N, 1, H)} or (N, T, H) = {(N, T, H)}"
        raise ValueError(f"mask must have shape {expected}, got {np.shape(mask)}")
    masks = np.broadcast_to(mask, (N, T, H))
    start = state_or_zeros("state", state, lstm_zero_state(N, H, x.dtype))
    return run_steps(
        lambda t, state: recurrent_dropout_step(x[:, t], state, weights, mask=masks[:, t]), T, start
    )


def recurrent_dropout_backward(
    dh: Array, cache: tuple[MaskedStepCache, ...], d_state: LSTMState | None = None
) -> Gradients[LSTMState, LSTMWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time."""
    N, H = cache[0].mask.shape
    check_shape("dh", dh, (N, len(cache), H), "(N, T, H)")
    d_end = state_or_zeros("d_state", d_state, lstm_zero_state(N, H, dh.dtype))
    return run_steps_back(recurrent_dropout_step_backward, dh, cache, d_end)
