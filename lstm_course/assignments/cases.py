"""Random layers for tests: many sizes, nothing zero, both dtypes, one case for each trap."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array
from lstm_course.gradcheck import random_problem
from lstm_course.lstm import LSTMState, LSTMStepCache, LSTMWeights, lstm_step

#: What the case is, then N, T, D, H and the dtype.  A hidden test names the case, not its numbers.
SIZES: tuple[tuple[str, int, int, int, int, type[np.floating]], ...] = (
    ("several examples", 3, 5, 4, 6, np.float64),
    ("a batch of one example, N = 1", 1, 4, 3, 5, np.float64),
    ("one time step, T = 1", 4, 1, 2, 3, np.float64),
    ("one input feature and one hidden unit", 2, 3, 1, 1, np.float64),
    ("more input features than hidden units", 5, 6, 7, 2, np.float64),
    ("float32 arrays", 3, 4, 2, 4, np.float32),
)


class Case(NamedTuple):
    """The inputs of one LSTM layer; biases and initial states are not zero."""

    label: str
    x: Array  # (N, T, D)
    h0: Array  # (N, H)
    c0: Array  # (N, H)
    W_x: Array  # (D, 4H)
    W_h: Array  # (H, 4H)
    b: Array  # (4H,)

    def block(self, gate: str) -> tuple[Array, Array, Array]:
        """Return the weights of one gate, ``"i"``, ``"f"``, ``"g"`` or ``"o"``.

        Returns
        -------
        arrays (D, H), (H, H), (H,)
        """
        H = self.W_h.shape[0]
        start = "ifgo".index(gate) * H
        columns = slice(start, start + H)
        return (
            self.W_x[:, columns].copy(),
            self.W_h[:, columns].copy(),
            self.b[columns].copy(),
        )

    def first_step(self) -> tuple[Array, Array, LSTMStepCache]:
        """Return ``h_t``, ``c_t`` and the cache of the reference after the first time step."""
        x_t = np.ascontiguousarray(self.x[:, 0])
        weights = LSTMWeights(self.W_x, self.W_h, self.b)
        (h_t, c_t), cache = lstm_step(x_t, LSTMState(self.h0, self.c0), weights)
        return h_t, c_t, cache


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    rng = np.random.default_rng(seed)
    for label, N, T, D, H, dtype in SIZES:
        p = random_problem(rng, N, T, D, H)
        arrays = (p.x, *p.state, *p.weights)
        yield Case(label, *(np.asarray(array, dtype) for array in arrays))
