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

    Raises
    ------
    ValueError
        If ``p`` is not at least 0 and below 1.
    """
    if not 0.0 <= p < 1.0:
        raise ValueError(f"p must be at least 0 and below 1, got {p}")
    mask: Array = ((rng.random(shape) >= p) / (1.0 - p)).astype(dtype)
    return mask


def recurrent_dropout_step(
    x_t: Array, state: LSTMState, weights: LSTMWeights, *, mask: Array
) -> tuple[LSTMState, MaskedStepCache]:
    """Advance the LSTM by one time step; its gates read ``mask * h_prev`` (``eq-masked-step``).

    Parameters
    ----------
    x_t : array (N, D)
        Input of this step.
    state : LSTMState
        Before the step, not masked.
    weights : LSTMWeights
    mask : array (N, H)
        Factors for ``h_prev``.

    Returns
    -------
    state : LSTMState
        After the step, not masked.
    cache : MaskedStepCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_lstm_weights(weights)
    N = check_batch(x_t, D)
    check_state("state", state, LSTMState._fields, (N, H))
    check_shape("mask", mask, (N, H), "(N, H)")
    h_prev, c_prev = state
    state, cache = lstm_step(x_t, LSTMState(mask * h_prev, c_prev), weights)
    return state, MaskedStepCache(cache, mask)


def recurrent_dropout_step_backward(
    d_state: LSTMState, cache: MaskedStepCache
) -> tuple[Array, LSTMState, LSTMWeights]:
    """Return ``dx_t`` and the gradients of the state before a step and of the weights.

    ``ValueError`` if an array of ``d_state`` is not (N, H).
    """
    dx_t, (dmasked, dc_prev), d_weights = lstm_step_backward(d_state, cache.step)
    return dx_t, LSTMState(cache.mask * dmasked, dc_prev), d_weights  # the same mask, once more


def recurrent_dropout_forward(
    x: Array, weights: LSTMWeights, state: LSTMState | None = None, *, mask: Array
) -> tuple[Array, LSTMState, tuple[MaskedStepCache, ...]]:
    """Run an LSTM layer whose gates read ``mask * h_prev`` (``eq-masked-step``).

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    weights : LSTMWeights
    state : LSTMState, optional
        Initial state; zeros if left out.
    mask : array (N, 1, H) or (N, T, H)
        Factors for ``h_prev``, the same at every step or one for each.

    Returns
    -------
    h : array (N, T, H)
        Hidden states, not masked.
    state : LSTMState
        Final state.
    cache : tuple of MaskedStepCache
        One for each step.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_lstm_weights(weights)
    N, T = check_sequence(x, D)
    if np.shape(mask) not in ((N, 1, H), (N, T, H)):
        expected = f"(N, 1, H) = {(N, 1, H)} or (N, T, H) = {(N, T, H)}"
        raise ValueError(f"mask must have shape {expected}, got {np.shape(mask)}")
    masks = np.broadcast_to(mask, (N, T, H))
    start = lstm_zero_state(N, H, x.dtype) if state is None else state
    return run_steps(
        lambda t, state: recurrent_dropout_step(x[:, t], state, weights, mask=masks[:, t]), T, start
    )


def recurrent_dropout_backward(
    dh: Array, cache: tuple[MaskedStepCache, ...], d_state: LSTMState | None = None
) -> Gradients[LSTMState, LSTMWeights]:
    """Backpropagate through the masked layer (``eq-masked-back``).

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the hidden state of every step.
    cache : tuple of MaskedStepCache
        From :func:`recurrent_dropout_forward`.
    d_state : LSTMState, optional
        Gradient with respect to the final state where it is used again; zeros if left out.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    N, H = cache[0].mask.shape
    check_shape("dh", dh, (N, len(cache), H), "(N, T, H)")
    d_end = lstm_zero_state(N, H, dh.dtype) if d_state is None else d_state
    check_state("d_state", d_end, LSTMState._fields, (N, H))
    return run_steps_back(recurrent_dropout_step_backward, dh, cache, LSTMState(*d_end))
