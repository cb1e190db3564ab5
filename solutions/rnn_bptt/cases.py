"""Random RNN layers for tests: many sizes, nothing zero, both dtypes, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.answers import rnn_bptt as reference
from lstm_course.arrays import Array
from lstm_course.cases import SIZES


class Case(NamedTuple):
    """The inputs of one RNN layer, the upstream gradients, and a head with its targets."""

    label: str
    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    W_x: Array  # (D, H)
    W_h: Array  # (H, H)
    b: Array  # (H,)
    dh: Array  # (N, T, H)
    dh_T: Array  # (N, H)
    W_y: Array  # (H, K)
    y: Array  # (N, K)

    @property
    def h(self) -> Array:
        """Return all states, ``(N, T + 1, H)``."""
        states: Array = reference.rnn_forward(self.x, self.h0, self.W_x, self.W_h, self.b)
        return states


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    draw = rng.standard_normal
    for number, (label, N, T, D, H, dtype) in enumerate(SIZES):
        K = 1 + number % 2
        weights = 0.5 * draw((D, H)), 0.5 * draw((H, H)), 0.5 * draw(H)
        gradients = draw((N, T, H)), draw((N, H))
        head = draw((H, K)), 1.0 + draw((N, K))
        arrays = (draw((N, T, D)), draw((N, H)), *weights, *gradients, *head)
        yield Case(label, *(np.asarray(array, dtype) for array in arrays))
