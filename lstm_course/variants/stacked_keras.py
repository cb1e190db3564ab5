"""Carry the weights of a stack between NumPy and Keras: an RNN layer around stacked cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras

from lstm_course.lstm import LSTMWeights
from lstm_course.parity import check_options, check_same_function
from lstm_course.variants.keras_rnn import LSTM_CELL, built_rnn, rnn_weights
from lstm_course.variants.stacked import check_stack


def to_keras(weights: Sequence[LSTMWeights], **options: Any) -> Any:
    """Return a built ``keras.layers.RNN`` around L stacked ``LSTMCell``; ``options`` go to it.

    Its states are nested, ``[[h, c], ...]`` from the lowest layer to the highest.  The layer has
    the dtype of the weights.  ``ValueError`` where the layers do not fit one another.
    """
    D, H, _ = check_stack(weights)
    dtype = str(weights[0].b.dtype)
    cells = [keras.layers.LSTMCell(H, dtype=dtype) for _ in weights]
    arrays = [array for layer in weights for array in layer]
    return built_rnn(keras.layers.StackedRNNCells(cells, dtype=dtype), D, arrays, **options)


def from_keras(layer: Any) -> tuple[LSTMWeights, ...]:
    """Return the weights of every layer of what :func:`to_keras` returns.

    ``ValueError`` if one of the cells computes another function, or the layer is not built.
    """
    arrays = rnn_weights(layer, keras.layers.StackedRNNCells)
    for cell in layer.cell.cells:
        check_same_function("from_keras", cell, keras.layers.LSTMCell, "call")
        check_options("from_keras", cell, **LSTM_CELL)
    parts = iter(arrays)
    return tuple(LSTMWeights(*three) for three in zip(parts, parts, parts, strict=True))
