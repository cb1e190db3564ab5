"""Carry the weights of one GRU layer between NumPy and Keras.

Keras stores the blocks in the order z, r, g (it calls the candidate h), and both biases in one
array (2, 3H), or the only bias in (3H,) where ``reset_after=False``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lstm_course.arrays import Array
from lstm_course.gru import GRUWeights, check_gru_weights
from lstm_course.parity import check_options, keras_arrays, keras_layer


def swap_reset_and_update(array: Array) -> Array:
    """Return ``array (..., 3H)`` with its first two blocks exchanged: r, z, g <-> z, r, g."""
    first, second, last = np.split(array, 3, axis=-1)
    return np.concatenate([second, first, last], axis=-1)


def to_keras(weights: GRUWeights, **options: Any) -> Any:
    """Return a built ``keras.layers.GRU`` that computes the same function.

    ``options`` go to the layer (``return_sequences=True`` or ``reset_after=False``, say).  The
    layer has the dtype of the weights unless ``dtype`` is among them.  With
    ``reset_after=False`` Keras has one bias, which gets the sum of both.
    ``ValueError`` if the shapes do not fit one another.
    """
    import keras

    D, H = check_gru_weights(weights)
    layer = keras_layer(keras.layers.GRU, D, H, weights.b_x.dtype, options)
    W_x, W_h, b_x, b_h = (swap_reset_and_update(array) for array in weights)
    bias = np.stack([b_x, b_h]) if layer.reset_after else b_x + b_h
    layer.set_weights([W_x, W_h, bias] if layer.use_bias else [W_x, W_h])
    return layer


def from_keras(layer: Any, *, reset_after: bool = True) -> GRUWeights:
    """Return the weights of a built ``keras.layers.GRU``; a bias that it lacks is zero.

    ``reset_after`` says which form the layer must have: the weights serve
    :func:`lstm_course.gru.gru_forward` with the same form alone.  ``ValueError`` if the layer
    computes another function, or has not been built yet.
    """
    import keras

    arrays = keras_arrays("from_keras", layer, keras.layers.GRU)
    check_options("from_keras", layer, reset_after=reset_after)
    W_x, W_h = (swap_reset_and_update(array) for array in arrays[:2])
    b_x, b_h = np.zeros((2, W_h.shape[1]), W_h.dtype)
    if layer.use_bias and layer.reset_after:
        b_x, b_h = (swap_reset_and_update(row) for row in arrays[2])
    elif layer.use_bias:
        b_x = swap_reset_and_update(arrays[2])
    return GRUWeights(W_x, W_h, b_x, b_h)
