"""The mLSTM of the xLSTM paper: a matrix as memory, forward and backward, and in parallel.

After Beck et al. (2024), with one head.  Every step writes a value under a key and reads with
a query (``eq-mlstm``).  The gates see ``x_t`` only, so the whole sequence can also be computed
at once (``eq-mlstm-parallel``).  The stabiliser ``m`` is that of
:mod:`lstm_course.variants.xlstm`, one number for each example.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape, sigmoid
from lstm_course.variants.xlstm import log_sigmoid


class MLSTMState(NamedTuple):
    """The three states; the true memory is ``C * exp(m)``, the true normaliser ``n * exp(m)``."""

    C: Array  # (N, H, H): rows are directions of keys, columns entries of values
    n: Array  # (N, H)
    m: Array  # (N,)


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
    W_x: Array  # (D, 4H + 2)
    parts: MLSTMParts
    states: list[MLSTMState]  # T + 1 of them, the first before the first step


class MLSTMGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dC0: Array  # (N, H, H)
    dn0: Array  # (N, H)
    dW_x: Array  # (D, 4H + 2)
    db: Array  # (4H + 2,)


def mlstm_start(N: int, H: int) -> MLSTMState:
    """Return the empty memory: C and n zero, m minus infinity."""
    return MLSTMState(np.zeros((N, H, H)), np.zeros((N, H)), np.full(N, -np.inf))


def mlstm_parts(x: Array, W_x: Array, b: Array) -> MLSTMParts:
    """Return queries, keys, values and gates of all steps.

    Parameters
    ----------
    x : array (N, T, D)
    W_x, b : arrays (D, 4H + 2), (4H + 2,)
        Blocks q, k, v, o of H columns each, then one column each for the gates i and f.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    size = b.shape[0] if np.ndim(b) == 1 else 0
    if size < 6 or size % 4 != 2:
        raise ValueError(f"b must have shape (4H + 2,), got {np.shape(b)}")
    check_shape("W_x", W_x, (x.shape[2], size), "(D, 4H + 2)")
    H = size // 4
    a = x @ W_x + b  # (N, T, 4H + 2)
    q, k, v, a_o = np.split(a[:, :, : 4 * H], 4, axis=2)
    a_i, a_f = a[:, :, -2], a[:, :, -1]
    return MLSTMParts(q, k / np.sqrt(H), v, sigmoid(a_o), a_i, log_sigmoid(a_f), sigmoid(-a_f))


def _write(t: int, parts: MLSTMParts, m_prev: Array) -> tuple[Array, Array, Array]:
    """Return the new stabiliser and both stabilised gates, each (N,)."""
    _, _, _, _, log_i, log_f, _ = parts
    m = np.maximum(log_f[:, t] + m_prev, log_i[:, t])
    return m, np.exp(log_i[:, t] - m), np.exp(log_f[:, t] + m_prev - m)


def _read(q_t: Array, state: MLSTMState) -> tuple[Array, Array, Array]:
    """Return what the query finds (N, H), its overlap with n, and the divisor, each (N,)."""
    overlap = np.sum(q_t * state.n, axis=1)
    divisor = np.maximum(np.abs(overlap), np.exp(-state.m))
    return np.einsum("nk,nkv->nv", q_t, state.C), overlap, divisor


def mlstm_forward(
    x: Array, state: MLSTMState, W_x: Array, b: Array
) -> tuple[Array, MLSTMState, MLSTMCache]:
    """Run an mLSTM layer over ``x (N, T, D)``, step by step (``eq-mlstm``).

    Parameters
    ----------
    x, W_x, b : arrays
        As in :func:`mlstm_parts`.
    state : MLSTMState
        The memory before the first step, from :func:`mlstm_start` for an empty one.

    Returns
    -------
    h : array (N, T, H)
    state : MLSTMState
        After the last step.
    cache : MLSTMCache
    """
    parts = mlstm_parts(x, W_x, b)
    N, T, H = parts.q.shape
    for name, array, shape in zip("Cnm", state, ((N, H, H), (N, H), (N,)), strict=True):
        check_shape(name, array, shape, "that of mlstm_start(N, H)")
    h, states = np.empty(parts.q.shape, parts.q.dtype), [state]
    for t in range(T):
        m, i, f = _write(t, parts, state.m)
        written = parts.k[:, t, :, None] * parts.v[:, t, None]  # (N, H, H)
        C = f[:, None, None] * state.C + i[:, None, None] * written
        state = MLSTMState(C, f[:, None] * state.n + i[:, None] * parts.k[:, t], m)
        found, _, divisor = _read(parts.q[:, t], state)
        h[:, t] = parts.o[:, t] * found / divisor[:, None]
        states.append(state)
    return h, state, MLSTMCache(x, W_x, parts, states)


def mlstm_backward(dh: Array, dC_T: Array, dn_T: Array, cache: MLSTMCache) -> MLSTMGradients:
    """Backpropagate through time, with ``m`` held fixed.

    Parameters
    ----------
    dh, dC_T, dn_T : arrays (N, T, H), (N, H, H), (N, H)
        Gradient of the loss with respect to all outputs and to the final memory.
    """
    x, W_x, parts, states = cache
    q, k, v, o, _, _, f_slope = parts
    N, T, H = q.shape
    for name, array, shape in (
        ("dh", dh, q.shape),
        ("dC_T", dC_T, (N, H, H)),
        ("dn_T", dn_T, (N, H)),
    ):
        check_shape(name, array, shape, "that of what it is the gradient of")
    da = np.empty((N, T, 4 * H + 2), q.dtype)
    da_q, da_k, da_v, da_o = np.split(da[:, :, : 4 * H], 4, axis=2)  # views
    dC, dn = dC_T, dn_T
    for t in reversed(range(T)):
        before, after = states[t], states[t + 1]
        _, i, f = _write(t, parts, before.m)
        found, overlap, divisor = _read(q[:, t], after)
        ratio = found / divisor[:, None]
        dratio = dh[:, t] * o[:, t]
        dfound = dratio / divisor[:, None]
        ddivisor = -np.sum(dfound * ratio, axis=1)
        doverlap = ddivisor * np.sign(overlap) * (np.abs(overlap) >= np.exp(-after.m))
        dC = dC + q[:, t, :, None] * dfound[:, None]
        dn = dn + q[:, t] * doverlap[:, None]
        dk = np.einsum("nkv,nv->nk", dC, v[:, t]) + dn  # of i * k
        da_q[:, t] = np.einsum("nkv,nv->nk", after.C, dfound) + after.n * doverlap[:, None]
        da_k[:, t] = i[:, None] * dk / np.sqrt(H)
        da_v[:, t] = i[:, None] * np.einsum("nkv,nk->nv", dC, k[:, t])
        da_o[:, t] = dh[:, t] * ratio * o[:, t] * (1.0 - o[:, t])
        da[:, t, -2] = i * np.sum(dk * k[:, t], axis=1)
        kept = np.sum(dC * before.C, axis=(1, 2)) + np.sum(dn * before.n, axis=1)
        da[:, t, -1] = f * f_slope[:, t] * kept
        dC, dn = f[:, None, None] * dC, f[:, None] * dn
    dW_x = np.tensordot(x, da, axes=([0, 1], [0, 1]))
    return MLSTMGradients(da @ W_x.T, dC, dn, dW_x, da.sum(axis=(0, 1)))


def mlstm_attend(q: Array, k: Array, v: Array, log_i: Array, log_f: Array) -> Array:
    """Return what every query finds, from an empty memory (``eq-mlstm-parallel``).

    Parameters
    ----------
    q, k, v : arrays (N, T, H)
        Queries, keys (already divided by sqrt(H)) and values.
    log_i, log_f : arrays (N, T)
        Logarithms of the gates.

    Returns
    -------
    array (N, T, H)
        The outputs before the output gate.
    """
    total = np.cumsum(log_f, axis=1)  # (N, T): log of f_1 ... f_t
    log_d = total[:, :, None] - total[:, None] + log_i[:, None]  # (N, T, T): from s to t
    log_d = np.where(np.tri(q.shape[1], dtype=bool), log_d, -np.inf)
    m = np.max(log_d, axis=2, keepdims=True)
    weights = q @ k.transpose(0, 2, 1) * np.exp(log_d - m)  # (N, T, T)
    divisor = np.maximum(np.abs(weights.sum(axis=2, keepdims=True)), np.exp(-m))
    found: Array = weights / divisor @ v
    return found


def mlstm_parallel(x: Array, W_x: Array, b: Array) -> Array:
    """Return ``h (N, T, H)`` from an empty memory, all steps at once."""
    q, k, v, o, log_i, log_f, _ = mlstm_parts(x, W_x, b)
    return o * mlstm_attend(q, k, v, log_i, log_f)
