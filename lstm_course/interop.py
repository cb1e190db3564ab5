"""Carry the weights of one LSTM layer between NumPy, PyTorch and Keras.

The three agree on the gate order i, f, g, o.  They differ in the rest: PyTorch stores the
transpose and splits the bias in two vectors that are added; Keras stores what we store.
torch and keras are imported inside the functions, so that NumPy chapters start fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_course.lstm import LSTMWeights, check_weights

if TYPE_CHECKING:
    import torch


def to_torch(weights: LSTMWeights) -> torch.nn.LSTM:
    """Return a one-layer, batch-first ``torch.nn.LSTM`` that computes the same function.

    It keeps the dtype of the weights.  The whole bias goes into ``bias_ih_l0``;
    ``bias_hh_l0`` is zero.

    Raises
    ------
    ValueError
        If the shapes do not fit one another.
    """
    import torch

    D, H = check_weights(*weights)
    dtype = torch.from_numpy(np.empty(0, weights.b.dtype)).dtype
    layer = torch.nn.LSTM(D, H, batch_first=True, dtype=dtype)
    layer.load_state_dict(
        {
            "weight_ih_l0": torch.from_numpy(weights.W_x.T.copy()),
            "weight_hh_l0": torch.from_numpy(weights.W_h.T.copy()),
            "bias_ih_l0": torch.from_numpy(weights.b),
            "bias_hh_l0": torch.zeros(4 * H, dtype=dtype),
        }
    )
    return layer


def from_torch(layer: torch.nn.LSTM) -> LSTMWeights:
    """Return the weights of a one-layer, one-direction ``torch.nn.LSTM``; biases are summed.

    Raises
    ------
    ValueError
        If the layer is stacked, bidirectional or has a projection.
    """
    if layer.num_layers != 1 or layer.bidirectional or layer.proj_size:
        raise ValueError(
            "from_torch takes one layer, one direction and no projection, got "
            f"num_layers={layer.num_layers}, bidirectional={layer.bidirectional}, "
            f"proj_size={layer.proj_size}"
        )
    arrays = {name: p.detach().cpu().numpy() for name, p in layer.named_parameters()}
    W_x, W_h = arrays["weight_ih_l0"].T.copy(), arrays["weight_hh_l0"].T.copy()
    if not layer.bias:
        return LSTMWeights(W_x, W_h, np.zeros(W_h.shape[1], W_h.dtype))
    return LSTMWeights(W_x, W_h, arrays["bias_ih_l0"] + arrays["bias_hh_l0"])


def to_keras(weights: LSTMWeights, **options: Any) -> Any:
    """Return a built ``keras.layers.LSTM`` that computes the same function.

    ``options`` go to the layer (``return_sequences=True``, say).  The layer has the dtype of
    the weights unless ``dtype`` is among them.

    Raises
    ------
    ValueError
        If the shapes do not fit one another.
    """
    import keras

    D, H = check_weights(*weights)
    options.setdefault("dtype", str(weights.b.dtype))
    layer = keras.layers.LSTM(H, **options)
    layer.build((None, None, D))
    layer.set_weights(list(weights) if layer.use_bias else list(weights[:2]))
    return layer


def from_keras(layer: Any) -> LSTMWeights:
    """Return the weights of a built ``keras.layers.LSTM``; a layer without bias gives zeros.

    Raises
    ------
    ValueError
        If the layer has not been built yet.
    """
    arrays = layer.get_weights()
    if not arrays:
        raise ValueError("the Keras layer has no weights yet: call it once, or layer.build(...)")
    W_x, W_h = arrays[0], arrays[1]
    return LSTMWeights(
        W_x, W_h, arrays[2] if layer.use_bias else np.zeros(4 * layer.units, W_h.dtype)
    )
