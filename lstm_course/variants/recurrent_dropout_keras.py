"""Variational dropout in Keras with one mask for all gates.

``recurrent_dropout`` of Keras draws one mask for each of the four gates.
"""

from __future__ import annotations

from typing import Any

import keras

from lstm_course.lstm import LSTMWeights


@keras.saving.register_keras_serializable("lstm_course")
class TiedDropoutCell(keras.layers.LSTMCell):  # type: ignore[misc]
    """Keras' LSTM cell with the same recurrent mask for all gates (Gal and Ghahramani, 2016).

    ``fixed`` is a mask of shape (N, H) to use in place of a random one, for checks.
    """

    fixed: Any = None

    def get_recurrent_dropout_mask(self, step_input: Any) -> list[Any]:
        """Return the list of four masks that the cell multiplies ``h_prev`` with."""
        if self.fixed is not None:
            return [self.fixed] * 4
        return [super().get_recurrent_dropout_mask(step_input)[0]] * 4


def to_keras(weights: LSTMWeights, p: float, **options: Any) -> Any:
    """Return a built ``keras.layers.RNN`` around the cell; ``options`` go to the layer."""
    D, H = weights.W_x.shape[0], weights.W_h.shape[0]
    dtype = str(weights.b.dtype)
    cell = TiedDropoutCell(H, recurrent_dropout=p, dtype=dtype)
    layer = keras.layers.RNN(cell, dtype=dtype, **options)
    layer.build((None, None, D))
    layer.set_weights(list(weights))
    return layer
