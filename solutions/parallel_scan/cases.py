"""Random recurrences, gates and memories for tests: nothing zero, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array
from lstm_course.cases import SIZES


class Case(NamedTuple):
    """The inputs of every question of the assignment ``parallel_scan``."""

    label: str
    keep: Array  # (N, T, H)
    write: Array  # (N, T, H)
    h0: Array  # (N, H)
    dh: Array  # (N, T, H)
    x: Array  # (N, T, D)
    W_x: Array  # (D, 2H)
    b: Array  # (2H,)
    a: Array  # (N, 4H)
    c_prev: Array  # (N, H)
    n_prev: Array  # (N, H), positive
    m_prev: Array  # (N, H)
    q: Array  # (N, T, H)
    k: Array  # (N, T, H)
    v: Array  # (N, T, H)
    log_i: Array  # (N, T)
    log_f: Array  # (N, T), negative


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    for label, N, T, D, H, dtype in SIZES:
        recurrence = draw((N, T, H)), draw((N, T, H)), draw((N, H)), draw((N, T, H))
        layer = draw((N, T, D)), 0.5 * draw((D, 2 * H)), draw(2 * H)
        states = draw((N, H)), 0.5 + rng.random((N, H)), draw((N, H))
        memory = (*(draw((N, T, H)) for _ in range(3)), draw((N, T)), -rng.random((N, T)))
        arrays = (*recurrence, *layer, 2.0 * draw((N, 4 * H)), *states, *memory)
        yield Case(label, *(np.asarray(array, dtype) for array in arrays))
