"""The sLSTM as a Keras layer, small, step by step: T must be known when the layer is called.

The weights are those of :mod:`lstm_course.variants.slstm`, with the same blocks.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.parity import keras_converters


class SLSTM(keras.layers.Layer):  # type: ignore[misc]
    """An sLSTM layer: ``(N, T, D)`` in, ``(h (N, T, H), [h, c, n, m])`` out, each (N, H)."""

    def __init__(self, H: int, exp_forget: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.H, self.exp_forget = H, exp_forget

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create ``W_x (D, 4H)``, ``W_h (H, 4H)`` and ``b (4H,)``."""
        self.W_x = self.add_weight(shape=(shape[-1], 4 * self.H), name="W_x")
        self.W_h = self.add_weight(shape=(self.H, 4 * self.H), name="W_h")
        self.b = self.add_weight(shape=(4 * self.H,), initializer="zeros", name="b")

    def call(self, x: Any, state: Any = None) -> tuple[Any, list[Any]]:
        """Run the layer; without a state the memory is empty."""
        a = ops.matmul(x, self.W_x) + self.b  # (N, T, 4H)
        if state is None:
            zeros = ops.zeros_like(a[:, 0, : self.H])
            state = zeros, zeros, zeros, zeros - np.inf
        (h, c, n, m), outputs = state, []
        for t in range(x.shape[1]):
            a_t = a[:, t] + ops.matmul(h, self.W_h)
            a_i, a_f, a_g, a_o = ops.split(a_t, 4, axis=-1)
            log_f = a_f if self.exp_forget else -ops.softplus(-a_f)
            m_prev, m = m, ops.stop_gradient(ops.maximum(log_f + m, a_i))
            i, f = ops.exp(a_i - m), ops.exp(log_f + m_prev - m)
            c, n = f * c + i * ops.tanh(a_g), f * n + i
            h = ops.sigmoid(a_o) * c / n
            outputs.append(h)
        return ops.stack(outputs, axis=1), [h, c, n, m]


to_keras, from_keras = keras_converters({LSTMWeights: SLSTM}, check_lstm_weights)
