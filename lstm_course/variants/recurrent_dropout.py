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

from lstm_course.arrays import Array, Gradients, check_shape
from lstm_course.lstm import (
    LSTMState,
    LSTMStepCache,
    LSTMWeights,
    lstm_step,
    lstm_step_backward,
)


class MaskedCache(NamedTuple):
    """What the backward pass needs."""

    steps: list[LSTMStepCache]  # T of them; their h_prev is the masked one
    mask: Array  # (N, T, H)


def draw_mask(rng: np.random.Generator, shape: tuple[int, ...], p: float) -> Array:
    """Draw a dropout mask: 0 with probability ``p``, else 1 / (1 - p), so that its mean is 1.

    Raises
    ------
    ValueError
        If ``p`` is not at least 0 and below 1.
    """
    if not 0.0 <= p < 1.0:
        raise ValueError(f"p must be at least 0 and below 1, got {p}")
    return (rng.random(shape) >= p) / (1.0 - p)


def dropout_lstm_forward(
    x: Array, h0: Array, c0: Array, W_x: Array, W_h: Array, b: Array, mask: Array
) -> tuple[Array, Array, Array, MaskedCache]:
    """Run an LSTM layer whose gates read ``mask * h_prev`` (``eq-masked-step``).

    Parameters
    ----------
    x : array (N, T, D)
        Input sequences, T at least 1.
    h0, c0 : arrays (N, H)
        Initial states.
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Weights, gate blocks in the order i, f, g, o.
    mask : array (N, 1, H) or (N, T, H)
        Factors for ``h_prev``, the same at every step or one for each.

    Returns
    -------
    h : array (N, T, H)
        Hidden states, not masked.
    h_T, c_T : arrays (N, H)
        Final states.
    cache : MaskedCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    (N, T, _), H = x.shape, np.shape(h0)[-1]
    if np.shape(mask) not in ((N, 1, H), (N, T, H)):
        expected = f"(N, 1, H) = {(N, 1, H)} or (N, T, H) = {(N, T, H)}"
        raise ValueError(f"mask must have shape {expected}, got {np.shape(mask)}")
    masks = np.broadcast_to(mask, (N, T, H))
    h_t, c_t, h, steps = h0, c0, [], []
    for t in range(T):
        before = LSTMState(masks[:, t] * h_t, c_t)
        (h_t, c_t), step = lstm_step(x[:, t], before, LSTMWeights(W_x, W_h, b))
        h.append(h_t)
        steps.append(step)
    return np.stack(h, axis=1), h_t, c_t, MaskedCache(steps, masks)


def dropout_lstm_backward(
    dh: Array, dh_T: Array, dc_T: Array, cache: MaskedCache
) -> Gradients[LSTMState, LSTMWeights]:
    """Backpropagate through the masked layer (``eq-masked-back``).

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to the hidden state of every step.
    dh_T, dc_T : arrays (N, H)
        Gradient with respect to the final states where they are used again.
    cache : MaskedCache
        From :func:`dropout_lstm_forward`.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    steps, mask = cache
    N, T, H = mask.shape
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    check_shape("dh_T", dh_T, (N, H), "(N, H)")
    check_shape("dc_T", dc_T, (N, H), "(N, H)")
    totals = [np.zeros_like(steps[0].W_x), np.zeros_like(steps[0].W_h)]
    totals.append(np.zeros_like(steps[0].W_x[0]))
    dh_next, dc_next = dh_T, dc_T
    dx: list[Array] = []
    for t in reversed(range(T)):
        dh_t = dh[:, t] + dh_next  # (N, H)
        dx_t, (dmasked, dc_next), dW = lstm_step_backward(LSTMState(dh_t, dc_next), steps[t])
        dh_next = mask[:, t] * dmasked  # the same mask, once more
        dx.insert(0, dx_t)
        totals = [total + part for total, part in zip(totals, dW, strict=True)]
    return Gradients(np.stack(dx, axis=1), LSTMState(dh_next, dc_next), LSTMWeights(*totals))
