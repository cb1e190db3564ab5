"""Linear recurrences by a loop and by a parallel scan, and the cells that are built on them.

A linear recurrence ``h_t = keep_t * h_{t-1} + write_t`` (``eq-linear-recurrence``) is a chain of
affine maps.  Composing two of them gives an affine map again, and composition is associative,
so all prefixes of the chain can be found in about log2(T) rounds (Hillis and Steele, 1986;
Blelloch, 1990).  minGRU and minLSTM (Feng et al., 2024) are the GRU and the LSTM with all
that depends on ``h_{t-1}`` taken out of the gates, which makes them linear recurrences.

Shapes: N batch, T time steps, D input features, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape, sigmoid

Scan = Callable[[Array, Array, Array], Array]


def combine(first: tuple[Array, Array], second: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return the affine map "``first``, then ``second``" (``eq-combine``).

    A pair ``(keep, write)`` stands for ``h -> keep * h + write``; the four arrays have one shape.
    """
    keep, write = first
    return second[0] * keep, second[0] * write + second[1]


def _check_scan(keep: Array, write: Array, h0: Array) -> None:
    if np.ndim(keep) != 3 or keep.shape[1] < 1:
        raise ValueError(f"keep must have shape (N, T, H) with T >= 1, got {np.shape(keep)}")
    N, _, H = keep.shape
    check_shape("write", write, keep.shape, "(N, T, H)")
    check_shape("h0", h0, (N, H), "(N, H)")


def _started(keep: Array, write: Array, h0: Array) -> Array:
    """Return ``write`` with the initial state worked into its first step."""
    _check_scan(keep, write, h0)
    write = write.astype(np.result_type(keep, write, h0))  # a copy
    write[:, 0] += keep[:, 0] * h0
    return write


def scan_loop(keep: Array, write: Array, h0: Array) -> Array:
    """Return ``h (N, T, H)`` of ``h_t = keep_t * h_{t-1} + write_t``, one step after the other.

    Parameters
    ----------
    keep, write : arrays (N, T, H)
        Factor and summand of every step.
    h0 : array (N, H)
        The state before the first step.

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    _check_scan(keep, write, h0)
    h_t, h = h0, np.empty(keep.shape, np.result_type(keep, write, h0))
    for t in range(keep.shape[1]):
        h_t = keep[:, t] * h_t + write[:, t]
        h[:, t] = h_t
    return h


def scan_doubling(keep: Array, write: Array, h0: Array) -> Array:
    """Return the same as :func:`scan_loop` in log2(T) rounds, after Hillis and Steele (1986).

    Before a round every step holds the map of the last ``reach`` steps; it takes in the map
    that ends ``reach`` steps earlier.  Work grows as T log2(T).
    """
    write, reach = _started(keep, write, h0), 1
    while reach < keep.shape[1]:
        earlier = keep[:, :-reach], write[:, :-reach]
        kept, written = combine(earlier, (keep[:, reach:], write[:, reach:]))
        keep = np.concatenate([keep[:, :reach], kept], axis=1)
        write = np.concatenate([write[:, :reach], written], axis=1)
        reach *= 2
    return write


def _tree(keep: Array, write: Array) -> tuple[Array, Array]:
    """Return the maps of all prefixes: join neighbours, scan the half, fill in the rest."""
    T = keep.shape[1]
    if T == 1:
        return keep, write
    even, odd = (keep[:, : T - 1 : 2], write[:, : T - 1 : 2]), (keep[:, 1::2], write[:, 1::2])
    half = _tree(*combine(even, odd))  # prefixes that end at an odd step, (N, T // 2, H)
    rest = (T - 1) // 2
    joined = combine((half[0][:, :rest], half[1][:, :rest]), (keep[:, 2::2], write[:, 2::2]))
    whole = keep.copy(), write.copy()
    for result, ends_odd, ends_even in zip(whole, half, joined, strict=True):
        result[:, 1::2], result[:, 2::2] = ends_odd, ends_even
    return whole


def scan_tree(keep: Array, write: Array, h0: Array) -> Array:
    """Return the same as :func:`scan_loop` by a tree, after Blelloch (1990).

    About 2 log2(T) rounds, but fewer than 2 T combinations in all.
    """
    return _tree(keep, _started(keep, write, h0))[1]


def scan_log(log_keep: Array, log_write: Array, log_h0: Array) -> Array:
    """Return ``h (N, T, H)`` from logarithms of positive factors, summands and start.

    The closed form ``h_t = P_t (h0 + sum_s write_s / P_s)``, ``P_t = keep_1 ... keep_t``, in
    logarithms (``eq-scan-log``; Heinsen, 2023), which the minGRU of Feng et al. (2024) uses.
    ``log_h0`` may be -inf, for a start from zero.
    """
    _check_scan(log_keep, log_write, log_h0)
    log_total = np.cumsum(log_keep, axis=1)  # (N, T, H)
    terms = np.concatenate([log_h0[:, None], log_write - log_total], axis=1)
    return np.exp(log_total + np.logaddexp.accumulate(terms, axis=1)[:, 1:])


def scan_backward(
    dh: Array, keep: Array, h: Array, h0: Array, scan: Scan = scan_tree
) -> tuple[Array, Array, Array]:
    """Carry a gradient back through a linear recurrence: a scan from the end (``eq-scan-back``).

    Parameters
    ----------
    dh : array (N, T, H)
        Gradient of the loss with respect to ``h``.
    keep, h, h0 : arrays (N, T, H), (N, T, H), (N, H)
        Factors, result and start of the forward pass.
    scan : function
        Any of the three scans of this module.

    Returns
    -------
    dkeep, dwrite, dh0 : arrays (N, T, H), (N, T, H), (N, H)
    """
    _check_scan(keep, h, h0)
    check_shape("dh", dh, keep.shape, "(N, T, H)")
    after = np.concatenate([keep[:, 1:], np.zeros_like(keep[:, :1])], axis=1)  # keep of step t + 1
    dwrite = scan(after[:, ::-1], dh[:, ::-1], np.zeros_like(h0))[:, ::-1]
    h_prev = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return dwrite * h_prev, dwrite, keep[:, 0] * dwrite[:, 0]


class MinCache(NamedTuple):
    """What the backward pass of minGRU and minLSTM needs."""

    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    W_x: Array  # (D, 2H) or (D, 3H)
    gates: tuple[Array, ...]  # each (N, T, H): z; or i and f
    keep: Array  # (N, T, H): the factor of h_{t-1}
    g: Array  # (N, T, H): the candidate
    slope: Array  # (N, T, H): derivative of the candidate by its pre-activation
    h: Array  # (N, T, H)


class MinGradients(NamedTuple):
    """The four gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D)
    dh0: Array  # (N, H)
    dW_x: Array  # (D, 2H) or (D, 3H)
    db: Array  # (2H,) or (3H,)


def positive(a: Array) -> Array:
    """Return ``a + 1/2`` above zero and ``sigmoid(a)`` below: positive, with a slope everywhere.

    What Feng et al. (2024) put on the candidate so that it has a logarithm.
    """
    result: Array = np.where(a >= 0, np.maximum(a, 0) + 0.5, sigmoid(a)).astype(a.dtype)
    return result


def _pre_activations(x: Array, h0: Array, W_x: Array, b: Array, blocks: int) -> list[Array]:
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, T, D) with T >= 1, got {np.shape(x)}")
    N, _, D = x.shape
    H = h0.shape[-1] if np.ndim(h0) else 0
    check_shape("h0", h0, (N, H), "(N, H)")
    check_shape("W_x", W_x, (D, blocks * H), f"(D, {blocks}H)")
    check_shape("b", b, (blocks * H,), f"({blocks}H,)")
    return np.split(x @ W_x + b, blocks, axis=2)


def _candidate(a_g: Array, is_positive: bool) -> tuple[Array, Array]:
    """Return the candidate and its slope; it is linear unless it must be positive."""
    if not is_positive:
        return a_g, np.ones_like(a_g)
    s = sigmoid(a_g)
    return positive(a_g), np.where(a_g >= 0, 1.0, s * (1.0 - s)).astype(a_g.dtype)


def min_gru_forward(
    x: Array,
    h0: Array,
    W_x: Array,
    b: Array,
    *,
    is_positive: bool = False,
    scan: Scan = scan_tree,
) -> tuple[Array, MinCache]:
    """Run a minGRU layer (``eq-min-gru``; Feng et al., 2024).

    Parameters
    ----------
    x, h0 : arrays (N, T, D), (N, H)
        Input sequences and initial state.
    W_x, b : arrays (D, 2H), (2H,)
        Weights, blocks z (update gate) and g (candidate).
    is_positive : bool
        Whether the candidate goes through :func:`positive`; else it is linear.
    scan : function
        :func:`scan_loop`, :func:`scan_doubling` or :func:`scan_tree`.

    Returns
    -------
    h : array (N, T, H)
    cache : MinCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    a_z, a_g = _pre_activations(x, h0, W_x, b, 2)
    z, (g, slope) = sigmoid(a_z), _candidate(a_g, is_positive)
    h = scan(1.0 - z, z * g, h0)
    return h, MinCache(x, h0, W_x, (z,), 1.0 - z, g, slope, h)


def min_lstm_forward(
    x: Array,
    h0: Array,
    W_x: Array,
    b: Array,
    *,
    is_positive: bool = False,
    scan: Scan = scan_tree,
) -> tuple[Array, MinCache]:
    """Run a minLSTM layer (``eq-min-lstm``); as :func:`min_gru_forward`, with blocks i, f, g.

    The two gates are divided by their sum, so ``W_x (D, 3H)`` and ``b (3H,)`` give one factor
    ``keep = f / (i + f)``, and ``1 - keep`` for the candidate.
    """
    a_i, a_f, a_g = _pre_activations(x, h0, W_x, b, 3)
    i, f, (g, slope) = sigmoid(a_i), sigmoid(a_f), _candidate(a_g, is_positive)
    # f / (i + f), from logarithms: the gates themselves may both be too small for a number.
    keep = sigmoid(np.logaddexp(0.0, -a_i) - np.logaddexp(0.0, -a_f)).astype(i.dtype)
    h = scan(keep, (1.0 - keep) * g, h0)
    return h, MinCache(x, h0, W_x, (i, f), keep, g, slope, h)


def min_backward(dh: Array, cache: MinCache, *, scan: Scan = scan_tree) -> MinGradients:
    """Carry ``dh (N, T, H)`` back through minGRU or minLSTM, whichever made the cache.

    A gradient of the final state is added to ``dh[:, -1]`` by the caller.
    """
    x, h0, W_x, gates, keep, g, slope, h = cache
    check_shape("dh", dh, h.shape, "(N, T, H)")
    dkeep, dwrite, dh0 = scan_backward(dh, keep, h, h0, scan)
    da_keep = (dkeep - dwrite * g) * keep * (1.0 - keep)  # gradient before the sigmoid of keep
    da_g = dwrite * (1.0 - keep) * slope
    if len(gates) == 1:
        blocks = [-da_keep, da_g]
    else:
        i, f = gates
        blocks = [-da_keep * (1.0 - i), da_keep * (1.0 - f), da_g]
    d_all = np.concatenate(blocks, axis=2)  # (N, T, 2H) or (N, T, 3H)
    dW_x = np.tensordot(x, d_all, axes=([0, 1], [0, 1]))
    return MinGradients(d_all @ W_x.T, dh0, dW_x, d_all.sum(axis=(0, 1)))
