"""The sLSTM of the xLSTM paper, one step after the other, forward and backward.

After Beck et al. (2024): the input gate is an exponential, which may be as large as it likes,
and a normaliser state ``n`` divides by the sum of all that was written.  What is stored is
``c`` and ``n`` times ``exp(-m)``; the stabiliser ``m`` cancels in ``c / n`` and keeps every
exponential at most 1 (``eq-slstm``, ``eq-stabiliser``).  Blocks i, f, g, o, as in the LSTM.

Since the function does not depend on ``m``, no gradient flows through it: all gradients with
respect to ``c`` and ``n`` are taken with ``m`` held fixed.

The mLSTM is in :mod:`lstm_course.variants.mlstm`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape, sigmoid
from lstm_course.lstm import LSTMWeights, check_lstm_weights


class SLSTMState(NamedTuple):
    """The four states, each (N, H); the true cell state is ``c * exp(m)``, likewise n."""

    h: Array
    c: Array
    n: Array
    m: Array


class SLSTMCache(NamedTuple):
    """What the backward step needs."""

    x_t: Array  # (N, D)
    before: SLSTMState
    i: Array  # (N, H): stabilised, at most 1
    f: Array  # (N, H): stabilised, at most 1
    g: Array  # (N, H)
    o: Array  # (N, H)
    f_slope: Array  # (N, H): derivative of log f by its pre-activation
    n: Array  # (N, H)
    ratio: Array  # (N, H): c / n
    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)


class SLSTMGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dc0: Array  # (N, H)
    dn0: Array  # (N, H)
    dW_x: Array  # (D, 4H)
    dW_h: Array  # (H, 4H)
    db: Array  # (4H,)


def slstm_start(N: int, H: int) -> SLSTMState:
    """Return the empty memory: h, c and n zero, m minus infinity."""
    h, c, n = np.zeros((3, N, H))
    return SLSTMState(h, c, n, np.full((N, H), -np.inf))


def log_sigmoid(a: Array) -> Array:
    """Return the logarithm of ``sigmoid(a)``, without overflow or underflow."""
    result: Array = -np.logaddexp(0.0, -a).astype(a.dtype)
    return result


def slstm_step(
    x_t: Array, state: SLSTMState, W_x: Array, W_h: Array, b: Array, *, exp_forget: bool = False
) -> tuple[SLSTMState, SLSTMCache]:
    """Advance the sLSTM by one step (``eq-slstm`` with ``eq-stabiliser``).

    Parameters
    ----------
    x_t : array (N, D)
    state : SLSTMState
        The four states before the step; ``n`` must be above zero unless ``m`` is -inf.
    W_x, W_h, b : arrays (D, 4H), (H, 4H), (4H,)
        Weights, blocks i, f, g, o.
    exp_forget : bool
        Whether the forget gate is an exponential too; else it is a sigmoid.  The paper
        allows both.

    Returns
    -------
    state : SLSTMState
        The four states after the step.
    cache : SLSTMCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    D, H = check_lstm_weights(LSTMWeights(W_x, W_h, b))
    N = len(state.h) if np.ndim(state.h) else 0
    check_shape("x_t", x_t, (N, D), "(N, D)")
    for name, array in zip(SLSTMState._fields, state, strict=True):
        check_shape(name, array, (N, H), "(N, H)")
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + state.h @ W_h + b, 4, axis=1)  # each (N, H)
    log_f = a_f if exp_forget else log_sigmoid(a_f)
    m = np.maximum(log_f + state.m, a_i)  # the larger of the two exponents
    i, f = np.exp(a_i - m), np.exp(log_f + state.m - m)  # one of them is 1
    g, o = np.tanh(a_g), sigmoid(a_o)
    c, n = f * state.c + i * g, f * state.n + i
    ratio = c / n
    f_slope = np.ones_like(a_f) if exp_forget else sigmoid(-a_f)
    cache = SLSTMCache(x_t, state, i, f, g, o, f_slope, n, ratio, W_x, W_h)
    return SLSTMState(o * ratio, c, n, m), cache


def slstm_step_backward(
    dh_t: Array, dc_t: Array, dn_t: Array, cache: SLSTMCache
) -> tuple[Array, Array, Array, Array, Array, Array, Array]:
    """Carry the gradient back through one step.

    Parameters
    ----------
    dh_t, dc_t, dn_t : arrays (N, H)
        Gradient with respect to the states after the step, with ``m`` held fixed.

    Returns
    -------
    dx_t, dh_prev, dc_prev, dn_prev : arrays (N, D), (N, H), (N, H), (N, H)
    dW_x, dW_h, db : arrays (D, 4H), (H, 4H), (4H,)
    """
    x_t, before, i, f, g, o, f_slope, n, ratio, W_x, W_h = cache
    for name, array in (("dh_t", dh_t), ("dc_t", dc_t), ("dn_t", dn_t)):
        check_shape(name, array, n.shape, "(N, H)")
    dc = dc_t + dh_t * o / n
    dn = dn_t - dh_t * o * ratio / n
    da_i = (dc * g + dn) * i
    da_f = (dc * before.c + dn * before.n) * f * f_slope
    da_g = dc * i * (1.0 - g**2)
    da_o = dh_t * ratio * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
    weights = x_t.T @ da, before.h.T @ da, da.sum(axis=0)
    return da @ W_x.T, da @ W_h.T, dc * f, dn * f, *weights


def slstm_forward(
    x: Array, state: SLSTMState, W_x: Array, W_h: Array, b: Array, *, exp_forget: bool = False
) -> tuple[Array, SLSTMState, list[SLSTMCache]]:
    """Run an sLSTM layer over ``x (N, T, D)``; arguments as in :func:`slstm_step`.

    Returns
    -------
    h : array (N, T, H)
    state : SLSTMState
        After the last step.
    caches : list of SLSTMCache
    """
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    h, caches = [], []
    for t in range(x.shape[1]):
        state, cache = slstm_step(x[:, t], state, W_x, W_h, b, exp_forget=exp_forget)
        h.append(state.h)
        caches.append(cache)
    return np.stack(h, axis=1), state, caches


def slstm_backward(
    dh: Array, dh_T: Array, dc_T: Array, dn_T: Array, caches: list[SLSTMCache]
) -> SLSTMGradients:
    """Backpropagate through time; ``dh (N, T, H)``, the others (N, H) and added at the end."""
    N, H = caches[0].n.shape
    check_shape("dh", dh, (N, len(caches), H), "(N, T, H)")
    dh_next, dc_next, dn_next, dx = dh_T, dc_T, dn_T, []
    totals = [np.zeros_like(caches[0].W_x), np.zeros_like(caches[0].W_h), np.zeros(4 * H)]
    for t in reversed(range(len(caches))):
        dx_t, dh_next, dc_next, dn_next, *dW = slstm_step_backward(
            dh[:, t] + dh_next, dc_next, dn_next, caches[t]
        )
        dx.append(dx_t)
        totals = [total + part for total, part in zip(totals, dW, strict=True)]
    return SLSTMGradients(np.stack(dx[::-1], axis=1), dh_next, dc_next, dn_next, *totals)
