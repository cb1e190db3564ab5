# Made from solutions/gru/cases.py by `make exercises`: edit that file, not this one.
"""Random GRU layers for tests: many sizes, nothing zero, both dtypes, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.answers import gru as reference
from lstm_course.arrays import Array
from lstm_course.cases import SIZES


class Case(NamedTuple):
    """The inputs of one GRU layer and the gradient of a state; blocks in the order r, z, g."""

    label: str
    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    W_x: Array  # (D, 3H)
    W_h: Array  # (H, 3H)
    b_x: Array  # (3H,)
    b_h: Array  # (3H,)
    dh_t: Array  # (N, H)

    @property
    def weights(self) -> dict[str, Array]:
        """Return the four arrays of the layer by name."""
        return {"W_x": self.W_x, "W_h": self.W_h, "b_x": self.b_x, "b_h": self.b_h}

    @property
    def cache(self) -> dict[str, Array]:
        """Return the cache of the first step, as the assignment describes it."""
        x_t = np.ascontiguousarray(self.x[:, 0])
        _, r, z, g = reference.gru_step(x_t, self.h0, **self.weights)
        h_g = (self.h0 @ self.W_h + self.b_h)[:, 2 * self.h0.shape[1] :]
        gates = {"r": r, "z": z, "g": g, "h_g": h_g}
        return {"x_t": x_t, "h_prev": self.h0, **gates, "W_x": self.W_x, "W_h": self.W_h}


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    draw = np.random.default_rng(seed).standard_normal
    for label, N, T, D, H, dtype in SIZES:
        states = draw((N, T, D)), draw((N, H))
        weights = 0.5 * draw((D, 3 * H)), 0.5 * draw((H, 3 * H)), draw(3 * H), draw(3 * H)
        arrays = (*states, *weights, draw((N, H)))
        yield Case(label, *(np.asarray(array, dtype) for array in arrays))
