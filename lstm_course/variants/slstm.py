"""The sLSTM of the xLSTM paper, one step after the other, forward and backward.

After Beck et al. (2024): the input gate is an exponential, which may be as large as it likes,
and a normaliser state ``n`` divides by the sum of all that was written.  What is stored is
``c`` and ``n`` times ``exp(-m)``; the stabiliser ``m`` cancels in ``c / n`` and keeps every
exponential at most 1 (``eq-slstm``, ``eq-stabiliser``).  The weights are those of an LSTM, blocks
i, f, g, o.

Since the function does not depend on ``m``, no gradient flows through it: all gradients with
respect to ``c`` and ``n`` are taken with ``m`` held fixed, and that of ``m`` is zero.

The mLSTM is in :mod:`lstm_course.variants.mlstm`.
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
    sigmoid,
    state_or_zeros,
)
from lstm_course.lstm import LSTMWeights, check_lstm_weights, init_lstm, lstm_parameter_count
from lstm_course.variants.steps import run_steps, run_steps_back, zeros_like


class SLSTMState(NamedTuple):
    """The four states, each (N, H); the true cell state is ``c * exp(m)``, likewise n."""

    h: Array
    c: Array
    n: Array
    m: Array


class SLSTMStepCache(NamedTuple):
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
    weights: LSTMWeights


#: The weights are drawn and counted as those of an LSTM.
init_slstm = init_lstm
slstm_parameter_count = lstm_parameter_count


def slstm_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> SLSTMState:
    """Return the empty memory: h, c and n zero, m minus infinity."""
    h, c, n = np.zeros((3, N, H), dtype)
    return SLSTMState(h, c, n, np.full((N, H), -np.inf, dtype))


def log_sigmoid(a: Array) -> Array:
    """Return the logarithm of ``sigmoid(a)``, without overflow or underflow."""
    result: Array = -np.logaddexp(0.0, -a).astype(a.dtype)
    return result


def slstm_step(
    x_t: Array, state: SLSTMState, weights: LSTMWeights, *, exp_forget: bool = False
) -> tuple[SLSTMState, SLSTMStepCache]:
    """Advance the sLSTM by one step (``eq-slstm`` with ``eq-stabiliser``).

    With ``exp_forget`` the forget gate is an exponential too, else a sigmoid; the paper allows
    both.  ``state.n`` must be above zero unless ``m`` is -inf.
    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    D, H = check_lstm_weights(weights)
    state = check_state("state", state, slstm_zero_state(check_batch(x_t, D), H))
    W_x, W_h, b = weights
    a_i, a_f, a_g, a_o = np.split(x_t @ W_x + state.h @ W_h + b, 4, axis=1)  # each (N, H)
    log_f = a_f if exp_forget else log_sigmoid(a_f)
    m = np.maximum(log_f + state.m, a_i)  # the larger of the two exponents
    i, f = np.exp(a_i - m), np.exp(log_f + state.m - m)  # one of them is 1
    g, o = np.tanh(a_g), sigmoid(a_o)
    c, n = f * state.c + i * g, f * state.n + i
    ratio = c / n
    f_slope = np.ones_like(a_f) if exp_forget else sigmoid(-a_f)
    cache = SLSTMStepCache(x_t, state, i, f, g, o, f_slope, n, ratio, weights)
    return SLSTMState(o * ratio, c, n, m), cache


def slstm_step_backward(
    d_state: SLSTMState, cache: SLSTMStepCache
) -> tuple[Array, SLSTMState, LSTMWeights]:
    """Carry the gradient back through one step; that of ``m``, held fixed, is zero and not read."""
    x_t, before, i, f, g, o, f_slope, n, ratio, weights = cache
    check_state("d_state", d_state, before)
    dh_t, dc_t, dn_t, _ = d_state
    dc = dc_t + dh_t * o / n
    dn = dn_t - dh_t * o * ratio / n
    da_i = (dc * g + dn) * i
    da_f = (dc * before.c + dn * before.n) * f * f_slope
    da_g = dc * i * (1.0 - g**2)
    da_o = dh_t * ratio * o * (1.0 - o)
    da = np.concatenate([da_i, da_f, da_g, da_o], axis=1)  # (N, 4H)
    d_weights = LSTMWeights(x_t.T @ da, before.h.T @ da, da.sum(axis=0))
    d_before = SLSTMState(da @ weights.W_h.T, dc * f, dn * f, np.zeros_like(n))
    return da @ weights.W_x.T, d_before, d_weights


def slstm_forward(
    x: Array, weights: LSTMWeights, state: SLSTMState | None = None, *, exp_forget: bool = False
) -> tuple[Array, SLSTMState, tuple[SLSTMStepCache, ...]]:
    """Run an sLSTM layer over ``x (N, T, D)``; the rest as :func:`slstm_step`."""
    D, H = check_lstm_weights(weights)
    N, T = check_sequence(x, D)
    state = state_or_zeros("state", state, slstm_zero_state(N, H, x.dtype))

    def step(t: int, state: SLSTMState) -> tuple[SLSTMState, SLSTMStepCache]:
        return slstm_step(x[:, t], state, weights, exp_forget=exp_forget)

    return run_steps(step, T, state)


def slstm_backward(
    dh: Array, cache: tuple[SLSTMStepCache, ...], d_state: SLSTMState | None = None
) -> Gradients[SLSTMState, LSTMWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time."""
    (N, H), T = cache[0].n.shape, len(cache)
    check_shape("dh", dh, (N, T, H), "(N, T, H)")
    d_state = state_or_zeros("d_state", d_state, zeros_like(cache[-1].before))
    return run_steps_back(slstm_step_backward, dh, cache, d_state)
