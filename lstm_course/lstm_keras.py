"""Carry the weights of one LSTM layer between NumPy and Keras, which stores what we store."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.parity import keras_arrays, keras_layer


def to_keras(weights: LSTMWeights, **options: Any) -> Any:
    """Return a built ``keras.layers.LSTM`` that computes the same function.

    ``options`` go to the layer (``return_sequences=True``, say).  The layer has the dtype of
    the weights unless ``dtype`` is among them.  ``ValueError`` if the shapes do not fit.
    """
    import keras

    D, H = check_lstm_weights(weights)
    layer = keras_layer(keras.layers.LSTM, D, H, weights.b.dtype, options)
    layer.set_weights(list(weights) if layer.use_bias else list(weights[:2]))
    return layer


def from_keras(layer: Any, *, go_backwards: bool = False) -> LSTMWeights:
    """Return the weights of a built ``keras.layers.LSTM``; a layer without bias gives zeros.

    ``go_backwards`` says in which direction the layer must read.  ``ValueError`` if the layer
    computes another function, or has not been built yet.
    """
    import keras

    W_x, W_h, *b = keras_arrays("from_keras", layer, keras.layers.LSTM, go_backwards)
    return LSTMWeights(W_x, W_h, b[0] if b else np.zeros(4 * layer.units, W_h.dtype))
