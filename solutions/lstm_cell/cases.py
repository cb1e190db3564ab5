"""Random layers for the hidden tests of ``lstm_cell``, with the blocks of single gates."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lstm_course.arrays import Array
from lstm_course.cases import LSTMCase, lstm_cases
from lstm_course.lstm import LSTMState, LSTMStepCache, LSTMWeights, lstm_step


class Case(LSTMCase):
    """The inputs of one LSTM layer, whose gates can be looked at one by one."""

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
        """Return ``h_t``, ``c_t`` and the package's cache after the first time step."""
        x_t = np.ascontiguousarray(self.x[:, 0])
        weights = LSTMWeights(self.W_x, self.W_h, self.b)
        (h_t, c_t), cache = lstm_step(x_t, LSTMState(self.h0, self.c0), weights)
        return h_t, c_t, cache


def random_cases(seed: int) -> Iterator[Case]:
    """Yield one case for each trap: N = 1, T = 1, D = H = 1, D > H, float32."""
    for case in lstm_cases(seed):
        yield Case(*case)
