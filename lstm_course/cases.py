"""Random layers for tests: many sizes, nothing zero, both dtypes, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array
from lstm_course.gradcheck import random_problem

#: What the case is, then N, T, D, H and the dtype.  A hidden test names the case, not its numbers.
SIZES: tuple[tuple[str, int, int, int, int, type[np.floating]], ...] = (
    ("several examples", 3, 5, 4, 6, np.float64),
    ("a batch of one example, N = 1", 1, 4, 3, 5, np.float64),
    ("one time step, T = 1", 4, 1, 2, 3, np.float64),
    ("one input feature and one hidden unit", 2, 3, 1, 1, np.float64),
    ("more input features than hidden units", 5, 6, 7, 2, np.float64),
    ("float32 arrays", 3, 4, 2, 4, np.float32),
)


class LSTMCase(NamedTuple):
    """The inputs of one LSTM layer; biases and initial states are not zero."""

    label: str
    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    c0: Array  # (N, H)
    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)
    b: Array  # (4H,)


def lstm_cases(seed: int) -> Iterator[LSTMCase]:
    """Yield one case for each of `SIZES`."""
    rng = np.random.default_rng(seed)
    for label, N, T, D, H, dtype in SIZES:
        p = random_problem(rng, N, T, D, H)
        arrays = (p.x, *p.state, *p.weights)
        yield LSTMCase(label, *(np.asarray(array, dtype) for array in arrays))
