"""minGRU and minLSTM as Keras layers, on ``keras.ops.associative_scan``.

The weights are those of :mod:`lstm_course.variants.min_rnn`, with the same blocks.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lstm_course.parity import keras_converters
from lstm_course.variants.min_rnn import MinGRUWeights, MinLSTMWeights, check_min_rnn_weights
from lstm_course.variants.scan import combine


def scan_keras(keep: Any, write: Any, h0: Any) -> Any:
    """Return ``h (N, T, H)`` of ``h_t = keep_t * h_{t-1} + write_t`` by Keras' associative scan."""
    first = write[:, :1] + keep[:, :1] * h0[:, None]
    write = ops.concatenate([first, write[:, 1:]], axis=1)
    if keep.shape[1] == 1:
        return write
    return ops.associative_scan(combine, (keep, write), axis=1)[1]


class MinGRU(keras.layers.Layer):  # type: ignore[misc]
    """A minGRU layer (``eq-min-gru``): ``(N, T, D)`` in, ``(h (N, T, H), h_T (N, H))`` out.

    T must be known when the layer is called: the scan is unrolled into its rounds.
    """

    blocks = 2  # z, g

    def __init__(self, H: int, **options: Any) -> None:
        super().__init__(**options)
        self.H = H

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create ``W_x (D, 2H)`` and ``b (2H,)``."""
        size = self.blocks * self.H
        self.W_x = self.add_weight(shape=(shape[-1], size), name="W_x")
        self.b = self.add_weight(shape=(size,), initializer="zeros", name="b")

    def log_keep(self, gates: list[Any]) -> Any:
        """Return the logarithm of the factor of ``h_{t-1}``."""
        return -ops.softplus(gates[0])

    def call(self, x: Any, h0: Any = None) -> tuple[Any, Any]:
        """Run the layer; ``h0 (N, H)`` is zero unless given."""
        *gates, g = ops.split(ops.matmul(x, self.W_x) + self.b, self.blocks, axis=-1)
        keep = ops.exp(self.log_keep(gates))
        h0 = ops.zeros_like(g[:, 0]) if h0 is None else h0
        h = scan_keras(keep, (1.0 - keep) * g, h0)
        return h, h[:, -1]


class MinLSTM(MinGRU):
    """A minLSTM layer (``eq-min-lstm``); as :class:`MinGRU`, with blocks i, f, g."""

    blocks = 3

    def log_keep(self, gates: list[Any]) -> Any:
        """Return the logarithm of ``f / (i + f)``."""
        return -ops.softplus(ops.softplus(-gates[1]) - ops.softplus(-gates[0]))


KINDS: dict[type, type] = {MinGRUWeights: MinGRU, MinLSTMWeights: MinLSTM}
to_keras, from_keras = keras_converters(KINDS, check_min_rnn_weights)
