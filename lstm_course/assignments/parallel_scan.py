"""Reference versions of the functions that the assignment ``parallel_scan`` asks for.

Shapes as in :mod:`lstm_course.variants.scan`, :mod:`lstm_course.variants.xlstm` and
:mod:`lstm_course.variants.mlstm`.
"""

from __future__ import annotations

import numpy as np

from lstm_course.arrays import Array
from lstm_course.variants import mlstm, xlstm
from lstm_course.variants import scan as scans

__all__ = [
    "combine",
    "min_gru",
    "mlstm_parallel",
    "scan",
    "scan_backward",
    "scan_round",
    "slstm_step",
]


def combine(keep_1: Array, write_1: Array, keep_2: Array, write_2: Array) -> tuple[Array, Array]:
    """Return ``keep, write`` of the first map followed by the second."""
    return scans.combine((keep_1, write_1), (keep_2, write_2))


def scan_round(keep: Array, write: Array, reach: int) -> tuple[Array, Array]:
    """Return ``keep, write`` after every step took in the map that ends ``reach`` earlier."""
    earlier = keep[:, :-reach], write[:, :-reach]
    joined = scans.combine(earlier, (keep[:, reach:], write[:, reach:]))
    return (
        np.concatenate([keep[:, :reach], joined[0]], axis=1),
        np.concatenate([write[:, :reach], joined[1]], axis=1),
    )


def scan(keep: Array, write: Array, h0: Array) -> Array:
    """Return ``h (N, T, H)`` of the linear recurrence."""
    return scans.scan_doubling(keep, write, h0)


def scan_backward(dh: Array, keep: Array, h: Array, h0: Array) -> tuple[Array, Array, Array]:
    """Return ``dkeep, dwrite, dh0``."""
    return scans.scan_backward(dh, keep, h, h0)


def min_gru(x: Array, h0: Array, W_x: Array, b: Array) -> Array:
    """Return ``h (N, T, H)``."""
    return scans.min_gru_forward(x, h0, W_x, b)[0]


def slstm_step(
    a: Array, c_prev: Array, n_prev: Array, m_prev: Array
) -> tuple[Array, Array, Array, Array]:
    """Return ``h_t, c_t, n_t, m_t`` from the pre-activations ``a (N, 4H)``."""
    H = c_prev.shape[1]
    before = xlstm.SLSTMState(np.zeros_like(c_prev), c_prev, n_prev, m_prev)
    identity = np.eye(4 * H, dtype=a.dtype)
    return xlstm.slstm_step(a, before, identity, 0 * identity[:H], 0 * identity[0])[0]


def mlstm_parallel(q: Array, k: Array, v: Array, log_i: Array, log_f: Array) -> Array:
    """Return what every query finds, ``(N, T, H)``."""
    return mlstm.mlstm_attend(q, k, v, log_i, log_f)
