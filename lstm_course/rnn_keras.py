"""Carry the weights of one plain RNN layer between NumPy and Keras, which stores what we store."""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_course.parity import keras_arrays, keras_layer
from lstm_course.rnn import RNNWeights, check_rnn_weights


def to_keras(weights: RNNWeights, **options: Any) -> Any:
    """Return a built ``keras.layers.SimpleRNN`` that computes the same function.

    ``options`` go to the layer (``return_sequences=True``, say).  The layer has the dtype of
    the weights unless ``dtype`` is among them.  ``ValueError`` if the shapes do not fit.
    """
    import keras

    D, H = check_rnn_weights(weights)
    layer = keras_layer(keras.layers.SimpleRNN, D, H, weights.b.dtype, options)
    layer.set_weights(list(weights) if layer.use_bias else list(weights[:2]))
    return layer


def from_keras(layer: Any) -> RNNWeights:
    """Return the weights of a built ``keras.layers.SimpleRNN``; one without bias gives zeros.

    ``ValueError`` if the layer computes another function, or has not been built yet.
    """
    import keras

    W_x, W_h, *b = keras_arrays("from_keras", layer, keras.layers.SimpleRNN)
    return RNNWeights(W_x, W_h, b[0] if b else np.zeros(layer.units, W_h.dtype))
