"""Carry the weights of a bidirectional layer between NumPy and Keras."""

from __future__ import annotations

from typing import Any

import keras

from lstm_course import lstm_keras
from lstm_course.parity import check_same_function
from lstm_course.variants.bidirectional import BidirectionalWeights, check_directions


def to_keras(weights: BidirectionalWeights, merge: str = "concat", **options: Any) -> Any:
    """Return a built ``keras.layers.Bidirectional(LSTM)``; ``options`` go to the LSTM.

    The layer has the dtype of the weights.  ``ValueError`` where a shape does not fit.
    """
    (D, H), dtype = check_directions(weights), str(weights.forward.b.dtype)
    one = keras.layers.LSTM(H, dtype=dtype, **options)
    layer = keras.layers.Bidirectional(one, merge_mode=merge, dtype=dtype)
    layer.build((None, None, D))
    layer.set_weights([*weights.forward, *weights.backward])
    return layer


def from_keras(layer: Any) -> BidirectionalWeights:
    """Return the weights of a built ``keras.layers.Bidirectional(LSTM)``, of any merge mode.

    ``ValueError`` if one of the two layers computes another function, or is not built.
    """
    check_same_function("from_keras", layer, keras.layers.Bidirectional, "call")
    ahead = lstm_keras.from_keras(layer.forward_layer)
    return BidirectionalWeights(
        ahead, lstm_keras.from_keras(layer.backward_layer, go_backwards=True)
    )
