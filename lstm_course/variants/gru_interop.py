"""Carry the weights of one GRU layer between NumPy, PyTorch and Keras.

PyTorch stores the blocks in our order, r, z, g (it calls the candidate n), transposed.  Keras
stores them in the order z, r, g (it calls the candidate h), and both biases in one array
(2, 3H), or the only bias in (3H,) where ``reset_after=False``.  torch and keras are imported
inside the functions, so that NumPy chapters start fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_course.arrays import Array
from lstm_course.variants.gru import GRUWeights, check_gru_weights

if TYPE_CHECKING:
    import torch


def swap_reset_and_update(array: Array) -> Array:
    """Return ``array (..., 3H)`` with its first two blocks exchanged: r, z, g <-> z, r, g."""
    first, second, last = np.split(array, 3, axis=-1)
    return np.concatenate([second, first, last], axis=-1)


def to_torch(weights: GRUWeights) -> torch.nn.GRU:
    """Return a one-layer, batch-first ``torch.nn.GRU`` that computes the same function.

    It keeps the dtype of the weights.  PyTorch has no other form than ``reset_after=True``.

    Raises
    ------
    ValueError
        If the shapes do not fit one another.
    """
    import torch

    D, H = check_gru_weights(weights)
    dtype = torch.from_numpy(np.empty(0, weights.b_x.dtype)).dtype
    layer = torch.nn.GRU(D, H, batch_first=True, dtype=dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.from_numpy(weights.W_x.T.copy()),
            "weight_hh_l0": torch.from_numpy(weights.W_h.T.copy()),
            "bias_ih_l0": torch.from_numpy(weights.b_x),
            "bias_hh_l0": torch.from_numpy(weights.b_h),
        }
    )
    return layer


def from_torch(layer: torch.nn.GRU) -> GRUWeights:
    """Return the weights of a one-layer, one-direction ``torch.nn.GRU``; no bias gives zeros.

    Raises
    ------
    ValueError
        If the layer is stacked or bidirectional.
    """
    if layer.num_layers != 1 or layer.bidirectional:
        raise ValueError(
            "from_torch takes one layer and one direction, got "
            f"num_layers={layer.num_layers}, bidirectional={layer.bidirectional}"
        )
    arrays = {name: p.detach().cpu().numpy() for name, p in layer.named_parameters()}
    W_x, W_h = arrays["weight_ih_l0"].T.copy(), arrays["weight_hh_l0"].T.copy()
    if not layer.bias:
        zeros = np.zeros(W_h.shape[1], W_h.dtype)
        return GRUWeights(W_x, W_h, zeros, zeros.copy())
    return GRUWeights(W_x, W_h, arrays["bias_ih_l0"].copy(), arrays["bias_hh_l0"].copy())


def to_keras(weights: GRUWeights, **options: Any) -> Any:
    """Return a built ``keras.layers.GRU`` that computes the same function.

    ``options`` go to the layer (``return_sequences=True`` or ``reset_after=False``, say).  The
    layer has the dtype of the weights unless ``dtype`` is among them.  With
    ``reset_after=False`` Keras has one bias, which gets the sum of both.

    Raises
    ------
    ValueError
        If the shapes do not fit one another.
    """
    import keras

    D, H = check_gru_weights(weights)
    options.setdefault("dtype", str(weights.b_x.dtype))
    layer = keras.layers.GRU(H, **options)
    layer.build((None, None, D))
    W_x, W_h, b_x, b_h = (swap_reset_and_update(array) for array in weights)
    bias = np.stack([b_x, b_h]) if layer.reset_after else b_x + b_h
    layer.set_weights([W_x, W_h, bias] if layer.use_bias else [W_x, W_h])
    return layer


def from_keras(layer: Any) -> GRUWeights:
    """Return the weights of a built ``keras.layers.GRU``; a bias that it lacks is zero.

    Raises
    ------
    ValueError
        If the layer has not been built yet.
    """
    arrays = layer.get_weights()
    if not arrays:
        raise ValueError("the Keras layer has no weights yet: call it once, or layer.build(...)")
    W_x, W_h = (swap_reset_and_update(array) for array in arrays[:2])
    b_x, b_h = np.zeros((2, W_h.shape[1]), W_h.dtype)
    if layer.use_bias and layer.reset_after:
        b_x, b_h = (swap_reset_and_update(row) for row in arrays[2])
    elif layer.use_bias:
        b_x = swap_reset_and_update(arrays[2])
    return GRUWeights(W_x, W_h, b_x, b_h)
