"""The mLSTM as a Keras layer, small, in its parallel form: T must be known when it is called.

The weights are those of :mod:`lstm_course.variants.mlstm`, with the same blocks.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lstm_course.parity import keras_converters
from lstm_course.variants.mlstm import MLSTMWeights, check_mlstm_weights


class MLSTM(keras.layers.Layer):  # type: ignore[misc]
    """An mLSTM layer with one head, from an empty memory: ``(N, T, D)`` in, ``h (N, T, H)`` out."""

    def __init__(self, H: int, **options: Any) -> None:
        super().__init__(**options)
        self.H = H

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create ``W_x (D, 4H + 2)`` and ``b (4H + 2,)``: q, k, v, o, then i and f."""
        self.W_x = self.add_weight(shape=(shape[-1], 4 * self.H + 2), name="W_x")
        self.b = self.add_weight(shape=(4 * self.H + 2,), initializer="zeros", name="b")

    def call(self, x: Any) -> Any:
        """Run the layer."""
        H, T = self.H, x.shape[1]
        a = ops.matmul(x, self.W_x) + self.b
        q, k, v, o = ops.split(a[:, :, : 4 * H], 4, axis=-1)
        total = ops.cumsum(-ops.softplus(-a[:, :, -1]), axis=1)  # (N, T)
        log_d = total[:, :, None] - total[:, None] + a[:, None, :, -2]  # (N, T, T)
        log_d = ops.where(np.tri(T, dtype=bool), log_d, -np.inf)
        m = ops.stop_gradient(ops.max(log_d, axis=2, keepdims=True))
        scores = ops.matmul(q, ops.transpose(k, (0, 2, 1))) / H**0.5
        weights = scores * ops.exp(log_d - m)
        divisor = ops.maximum(ops.abs(ops.sum(weights, axis=2, keepdims=True)), ops.exp(-m))
        return ops.sigmoid(o) * ops.matmul(weights / divisor, v)


to_keras, from_keras = keras_converters({MLSTMWeights: MLSTM}, check_mlstm_weights)
