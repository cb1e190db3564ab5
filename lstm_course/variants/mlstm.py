"""The mLSTM of the xLSTM paper: a matrix as memory, forward and backward, and in parallel.

After Beck et al. (2024), with one head.  Every step writes a value under a key and reads with
a query (``eq-mlstm``).  The gates see ``x_t`` only, so the whole sequence can also be computed
at once (``eq-mlstm-parallel``).  The stabiliser ``m`` is that of
:mod:`lstm_course.variants.slstm`, one number for each example.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from lstm_course.arrays import (
    Array,
    Gradients,
    check_batch,
    check_floats,
    check_sequence,
    check_shape,
    check_sizes,
    glorot,
    sigmoid,
    state_or_zeros,
)
from lstm_course.variants.slstm import log_sigmoid
from lstm_course.variants.steps import zeros_like


class MLSTMState(NamedTuple):
    """The output, which no step reads, and the memory; the true C and n are times ``exp(m)``."""

    h: Array  # (N, H)
    C: Array  # (N, H, H): rows are directions of keys, columns entries of values
    n: Array  # (N, H)
    m: Array  # (N,)


class MLSTMWeights(NamedTuple):
    """Blocks q, k, v, o of H columns each, then one column each for the gates i and f."""

    W_x: Array  # (D, 4H + 2)
    b: Array  # (4H + 2,)


class MLSTMParts(NamedTuple):
    """What is computed from the input alone, for all steps."""

    q: Array  # (N, T, H)
    k: Array  # (N, T, H), divided by sqrt(H)
    v: Array  # (N, T, H)
    o: Array  # (N, T, H)
    log_i: Array  # (N, T)
    log_f: Array  # (N, T)
    f_slope: Array  # (N, T): derivative of log_f by its pre-activation


class MLSTMCache(NamedTuple):
    """What the backward pass needs."""

    x: Array  # (N, T, D)
    weights: MLSTMWeights
    parts: MLSTMParts
    states: list[MLSTMState]  # T + 1 of them, the first before the first step


def init_mlstm(
    rng: np.random.Generator, D: int, H: int, *, forget_bias: float = 3.0
) -> MLSTMWeights:
    """Draw the weights of a layer, Glorot uniform; of the biases only that of f is not zero."""
    check_sizes(D=D, H=H)
    b = np.zeros(4 * H + 2)
    b[-1] = forget_bias
    return MLSTMWeights(np.concatenate([glorot(rng, D, H, 4), glorot(rng, D, 1, 2)], axis=1), b)


def mlstm_zero_state(N: int, H: int, dtype: DTypeLike = np.float64) -> MLSTMState:
    """Return the empty memory: C and n zero, m minus infinity."""
    h, n = np.zeros((2, N, H), dtype)
    return MLSTMState(h, np.zeros((N, H, H), dtype), n, np.full(N, -np.inf, dtype))


def mlstm_parameter_count(D: int, H: int) -> int:
    """Return (D + 1) (4 H + 2)."""
    return (D + 1) * (4 * H + 2)


def check_mlstm_weights(weights: MLSTMWeights) -> tuple[int, int]:
    """Return (D, H) of a set of weights; raise ``ValueError`` where they do not fit."""
    W_x, b = weights
    check_floats("b", b, "(4H + 2,)")
    if b.ndim != 1 or len(b) < 6 or len(b) % 4 != 2:
        raise ValueError(f"b must have shape (4H + 2,), got {b.shape}")
    D = len(W_x) if np.ndim(W_x) else 0
    check_shape("W_x", W_x, (D, len(b)), "(D, 4H + 2)")
    return D, len(b) // 4


def mlstm_parts(x: Array, weights: MLSTMWeights) -> MLSTMParts:
    """Return queries, keys, values and gates of all steps of ``x (N, T, D)``."""
    D, H = check_mlstm_weights(weights)
    check_sequence(x, D)
    a = x @ weights.W_x + weights.b  # (N, T, 4H + 2)
    q, k, v, a_o = np.split(a[:, :, : 4 * H], 4, axis=2)
    a_i, a_f = a[:, :, -2], a[:, :, -1]
    return MLSTMParts(q, k / H**0.5, v, sigmoid(a_o), a_i, log_sigmoid(a_f), sigmoid(-a_f))


def stabilised_gates(t: int, parts: MLSTMParts, m_prev: Array) -> tuple[Array, Array, Array]:
    """Return the new stabiliser and both stabilised gates of step ``t``, each (N,)."""
    log_i, log_f = parts.log_i[:, t], parts.log_f[:, t]
    m = np.maximum(log_f + m_prev, log_i)
    return m, np.exp(log_i - m), np.exp(log_f + m_prev - m)


def read_memory(q_t: Array, state: MLSTMState) -> tuple[Array, Array, Array]:
    """Return what the query finds (N, H), its overlap with n, and the divisor, each (N,)."""
    overlap = np.sum(q_t * state.n, axis=1)
    with np.errstate(over="ignore"):  # infinity at tiny gates: what is found counts as 0
        divisor = np.maximum(np.abs(overlap), np.exp(-state.m))
    return np.einsum("nk,nkv->nv", q_t, state.C), overlap, divisor


def mlstm_forward(
    x: Array, weights: MLSTMWeights, state: MLSTMState | None = None
) -> tuple[Array, MLSTMState, MLSTMCache]:
    """Run an mLSTM layer over ``x (N, T, D)``, step by step (``eq-mlstm``).

    Form, shapes and errors: :mod:`lstm_course.arrays`.
    """
    parts = mlstm_parts(x, weights)
    N, T, H = parts.q.shape
    zeros = mlstm_zero_state(N, H, x.dtype)
    state = state_or_zeros("state", state, zeros, "of mlstm_zero_state(N, H)")
    states = [state]
    for t in range(T):
        m, i, f = stabilised_gates(t, parts, state.m)
        written = parts.k[:, t, :, None] * parts.v[:, t, None]  # (N, H, H)
        C = f[:, None, None] * state.C + i[:, None, None] * written
        state = MLSTMState(state.h, C, f[:, None] * state.n + i[:, None] * parts.k[:, t], m)
        found, _, divisor = read_memory(parts.q[:, t], state)
        state = state._replace(h=parts.o[:, t] * found / divisor[:, None])
        states.append(state)
    h = np.stack([state.h for state in states[1:]], axis=1)
    return h, MLSTMState(*map(np.copy, state)), MLSTMCache(x, weights, parts, states)


def mlstm_backward(
    dh: Array, cache: MLSTMCache, d_state: MLSTMState | None = None
) -> Gradients[MLSTMState, MLSTMWeights]:
    """Backpropagate ``dh (N, T, H)`` and the gradient of the final state through time.

    ``m`` is held fixed: that of ``d_state`` is not read, and its gradient is zero, as is that of
    the initial ``h``, which no step reads.
    """
    x, weights, parts, states = cache
    q, k, v, o, _, _, f_slope = parts
    N, T, H = q.shape
    check_shape("dh", dh, q.shape, "(N, T, H)")
    zeros = zeros_like(states[-1])
    d_end = state_or_zeros("d_state", d_state, zeros, "of mlstm_zero_state(N, H)")
    da = np.empty((N, T, 4 * H + 2), q.dtype)
    da_q, da_k, da_v, da_o = np.split(da[:, :, : 4 * H], 4, axis=2)  # views
    dh_next, dC, dn, _ = d_end
    for t in reversed(range(T)):
        before, after = states[t], states[t + 1]
        _, i, f = stabilised_gates(t, parts, before.m)
        found, overlap, divisor = read_memory(q[:, t], after)
        ratio, dh_t = found / divisor[:, None], dh[:, t] + dh_next
        dfound = dh_t * o[:, t] / divisor[:, None]
        ddivisor = -np.sum(dfound * ratio, axis=1)
        doverlap = ddivisor * np.sign(overlap) * (np.abs(overlap) == divisor)
        dC = dC + q[:, t, :, None] * dfound[:, None]
        dn = dn + q[:, t] * doverlap[:, None]
        dk = np.einsum("nkv,nv->nk", dC, v[:, t]) + dn  # of i * k
        da_q[:, t] = np.einsum("nkv,nv->nk", after.C, dfound) + after.n * doverlap[:, None]
        da_k[:, t] = i[:, None] * dk / H**0.5
        da_v[:, t] = i[:, None] * np.einsum("nkv,nk->nv", dC, k[:, t])
        da_o[:, t] = dh_t * ratio * o[:, t] * (1.0 - o[:, t])
        da[:, t, -2] = i * np.sum(dk * k[:, t], axis=1)
        kept = np.sum(dC * before.C, axis=(1, 2)) + np.sum(dn * before.n, axis=1)
        da[:, t, -1] = f * f_slope[:, t] * kept
        dh_next, dC, dn = np.zeros_like(dh_t), f[:, None, None] * dC, f[:, None] * dn
    d_weights = MLSTMWeights(np.tensordot(x, da, axes=([0, 1], [0, 1])), da.sum(axis=(0, 1)))
    d_start = MLSTMState(dh_next, dC, dn, np.zeros_like(d_end.m))
    return Gradients(da @ weights.W_x.T, d_start, d_weights)


def mlstm_step(
    x_t: Array, state: MLSTMState, weights: MLSTMWeights
) -> tuple[MLSTMState, MLSTMCache]:
    """Advance by one step from ``x_t (N, D)``: a sequence of length one."""
    check_batch(x_t, check_mlstm_weights(weights)[0])
    return mlstm_forward(x_t[:, None], weights, state)[1:]


def mlstm_step_backward(
    d_state: MLSTMState, cache: MLSTMCache
) -> tuple[Array, MLSTMState, MLSTMWeights]:
    """Return ``dx_t (N, D)`` and the gradients of the state before the step and of the weights."""
    dx, d_before, d_weights = mlstm_backward(np.zeros_like(cache.parts.q), cache, d_state)
    return dx[:, 0], d_before, d_weights


def mlstm_attend(q: Array, k: Array, v: Array, log_i: Array, log_f: Array) -> Array:
    """Return what every query finds, from an empty memory (``eq-mlstm-parallel``).

    Queries, keys (divided by sqrt(H)), values and the result, which no output gate has seen, are
    (N, T, H); the logarithms of the gates are (N, T).
    """
    total = np.cumsum(log_f, axis=1)  # (N, T): log of f_1 ... f_t
    log_d = total[:, :, None] - total[:, None] + log_i[:, None]  # (N, T, T): from s to t
    log_d = np.where(np.tri(q.shape[1], dtype=bool), log_d, -np.inf)
    m = np.max(log_d, axis=2, keepdims=True)
    weights = q @ k.transpose(0, 2, 1) * np.exp(log_d - m)  # (N, T, T)
    with np.errstate(over="ignore"):  # as in read_memory
        divisor = np.maximum(np.abs(weights.sum(axis=2, keepdims=True)), np.exp(-m))
    found: Array = weights / divisor @ v
    return found


def mlstm_parallel(x: Array, weights: MLSTMWeights) -> Array:
    """Return ``h (N, T, H)`` from an empty memory, all steps at once."""
    q, k, v, o, log_i, log_f, _ = mlstm_parts(x, weights)
    return o * mlstm_attend(q, k, v, log_i, log_f)
