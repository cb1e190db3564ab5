"""Variational dropout in Keras with one mask for all gates.

``recurrent_dropout`` of Keras draws one mask for each of the four gates.
"""

from __future__ import annotations

from typing import Any

import keras

from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.parity import check_options
from lstm_course.variants.keras_rnn import LSTM_CELL, built_rnn, rnn_weights


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
    """Return a built ``keras.layers.RNN`` around the cell; ``options`` go to the layer.

    ``ValueError`` if the shapes do not fit one another.
    """
    D, H = check_lstm_weights(weights)
    cell = TiedDropoutCell(H, recurrent_dropout=p, dtype=str(weights.b.dtype))
    return built_rnn(cell, D, weights, **options)


def from_keras(layer: Any) -> LSTMWeights:
    """Return the weights of a built ``keras.layers.RNN`` around the cell.

    ``ValueError`` if the layer computes another function, or has not been built yet.
    """
    arrays = rnn_weights(layer, TiedDropoutCell)
    check_options("from_keras", layer.cell, **LSTM_CELL)
    return LSTMWeights(*arrays)
