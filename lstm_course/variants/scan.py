"""Linear recurrences by a loop and by a parallel scan, forward and backward.

A linear recurrence ``h_t = keep_t * h_{t-1} + write_t`` (``eq-linear-recurrence``) is a chain of
affine maps.  Composing two of them gives an affine map again, and composition is associative,
so all prefixes of the chain can be found in about log2(T) rounds (Hillis and Steele, 1986;
Blelloch, 1990).  The cells that are built on them are in :mod:`lstm_course.variants.min_rnn`.

Shapes: N batch, T time steps, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lstm_course.arrays import Array, check_floats, check_shape

Scan = Callable[[Array, Array, Array], Array]


def combine(first: tuple[Array, Array], second: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return the affine map "``first``, then ``second``" (``eq-combine``).

    A pair ``(keep, write)`` stands for ``h -> keep * h + write``; the four arrays have one shape.
    """
    keep, write = first
    return second[0] * keep, second[0] * write + second[1]


def _check_scan(keep: Array, write: Array, h0: Array) -> None:
    check_floats("keep", keep, "(N, T, H)")
    if keep.ndim != 3 or keep.shape[1] < 1:
        raise ValueError(f"keep must have shape (N, T, H) with T >= 1, got {keep.shape}")
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


def prefix_maps(keep: Array, write: Array) -> tuple[Array, Array]:
    """Return the maps of all prefixes: join neighbours, scan the half, fill in the rest."""
    T = keep.shape[1]
    if T == 1:
        return keep, write
    even, odd = (keep[:, : T - 1 : 2], write[:, : T - 1 : 2]), (keep[:, 1::2], write[:, 1::2])
    half = prefix_maps(*combine(even, odd))  # prefixes that end at an odd step, (N, T // 2, H)
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
    return prefix_maps(keep, _started(keep, write, h0))[1]


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
