"""Carry weights to and from a ``keras.layers.RNN`` around a cell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import keras
import numpy as np

from lstm_course.arrays import Array
from lstm_course.parity import check_options, check_same_function

#: What an ``LSTMCell`` of Keras must have to compute our function.
LSTM_CELL: dict[str, Any] = {
    "activation": "tanh",
    "recurrent_activation": "sigmoid",
    "use_bias": True,
    "dropout": 0.0,
}


def built_rnn(cell: Any, D: int, weights: Iterable[Array], **options: Any) -> Any:
    """Return ``keras.layers.RNN(cell, **options)``, built for D features, with these weights.

    Arrays without entries are left out: a Keras layer has no such weights.
    """
    layer = keras.layers.RNN(cell, dtype=cell.dtype, **options)
    layer.build((None, None, D))
    layer.set_weights([array for array in weights if array.size])
    return layer


def rnn_weights(layer: Any, kind: type) -> list[Array]:
    """Return the arrays of a built ``keras.layers.RNN`` around a cell of a ``kind``.

    ``ValueError`` if it has another cell, reads backwards, keeps a state, or is not built.
    """
    check_same_function("from_keras", layer, keras.layers.RNN, "call")
    check_same_function("from_keras", layer.cell, kind, "call")
    check_options("from_keras", layer, go_backwards=False, stateful=False)
    if not layer.built:
        raise ValueError("the Keras layer has no weights yet: call it once, or layer.build(...)")
    return [np.array(array) for array in layer.get_weights()]
