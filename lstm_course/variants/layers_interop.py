"""Carry the weights of stacks and of bidirectional layers between NumPy, PyTorch and Keras.

What :mod:`lstm_course.lstm_torch` and :mod:`lstm_course.lstm_keras` do for one layer.  A stack
goes to Keras layer by layer, with ``to_keras(weights, return_sequences=True)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from lstm_course.arrays import check_shape
from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.variants.bidirectional import BidirectionalWeights
from lstm_course.variants.stacked import check_stack

if TYPE_CHECKING:
    import torch


def stacked_to_torch(layers: Sequence[LSTMWeights]) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM(num_layers=L)`` with these weights.

    The whole bias goes into ``bias_ih_l*``.  ``ValueError`` where the layers do not fit.
    """
    import torch

    D, H, L = check_stack(layers)
    dtype = torch.from_numpy(np.empty(0, layers[0].b.dtype)).dtype
    stack = torch.nn.LSTM(D, H, num_layers=L, batch_first=True, dtype=dtype)
    with torch.no_grad():
        for weights, (ih, hh, b_ih, b_hh) in zip(layers, stack.all_weights, strict=True):
            ih.copy_(torch.from_numpy(weights.W_x.T.copy()))
            hh.copy_(torch.from_numpy(weights.W_h.T.copy()))
            b_ih.copy_(torch.from_numpy(weights.b))
            b_hh.zero_()
    return stack


def stacked_from_torch(stack: torch.nn.LSTM) -> tuple[LSTMWeights, ...]:
    """Return the weights of every layer of a one-direction ``torch.nn.LSTM``, biases summed.

    ``ValueError`` if the module is bidirectional, has a projection or no biases.
    """
    if stack.bidirectional or stack.proj_size or not stack.bias:
        raise ValueError(
            "stacked_from_torch takes one direction, no projection and biases, got "
            f"bidirectional={stack.bidirectional}, proj_size={stack.proj_size}, bias={stack.bias}"
        )
    arrays = [[p.detach().cpu().numpy() for p in layer] for layer in stack.all_weights]
    return tuple(LSTMWeights(ih.T.copy(), hh.T.copy(), b + c) for ih, hh, b, c in arrays)


def bidirectional_to_torch(layers: Sequence[BidirectionalWeights]) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM(bidirectional=True)`` of ``len(layers)`` layers.

    Every layer but the lowest reads the 2H concatenated outputs of the one below.  The whole
    bias goes into ``bias_ih_*``.  ``ValueError`` where a shape does not fit.
    """
    import torch

    D, H = check_lstm_weights(layers[0].forward)
    dtype = torch.from_numpy(np.empty(0, layers[0].forward.b.dtype)).dtype
    options: dict[str, Any] = {"batch_first": True, "bidirectional": True, "dtype": dtype}
    module = torch.nn.LSTM(D, H, num_layers=len(layers), **options)
    pairs = zip([w for layer in layers for w in layer], module.all_weights, strict=True)
    with torch.no_grad():
        for k, (weights, (ih, hh, b_ih, b_hh)) in enumerate(pairs):
            check_shape(f"W_x of layer {k // 2 + 1}", weights.W_x.T, tuple(ih.shape), "(4H, D)")
            check_shape(f"W_h of layer {k // 2 + 1}", weights.W_h.T, tuple(hh.shape), "(4H, H)")
            ih.copy_(torch.from_numpy(weights.W_x.T.copy()))
            hh.copy_(torch.from_numpy(weights.W_h.T.copy()))
            b_ih.copy_(torch.from_numpy(weights.b))
            b_hh.zero_()
    return module


def bidirectional_from_torch(module: torch.nn.LSTM) -> tuple[BidirectionalWeights, ...]:
    """Return the weights of every layer of a bidirectional ``torch.nn.LSTM``, biases summed.

    ``ValueError`` if it has one direction, a projection or no biases.
    """
    if not module.bidirectional or module.proj_size or not module.bias:
        raise ValueError(
            "bidirectional_from_torch takes two directions, no projection and biases, got "
            f"bidirectional={module.bidirectional}, proj_size={module.proj_size}, "
            f"bias={module.bias}"
        )
    arrays = [[p.detach().cpu().numpy() for p in one] for one in module.all_weights]
    single = [LSTMWeights(ih.T.copy(), hh.T.copy(), b + c) for ih, hh, b, c in arrays]
    pairs = zip(single[::2], single[1::2], strict=True)
    return tuple(BidirectionalWeights(ahead, back) for ahead, back in pairs)


def bidirectional_to_keras(
    weights: BidirectionalWeights, merge: str = "concat", **options: Any
) -> Any:
    """Return a built ``keras.layers.Bidirectional(LSTM)``; ``options`` go to the LSTM.

    The layer has the dtype of the weights.  ``ValueError`` where a shape does not fit.
    """
    import keras

    (D, H), dtype = check_lstm_weights(weights.forward), str(weights.forward.b.dtype)
    check_lstm_weights(weights.backward)
    one = keras.layers.LSTM(H, dtype=dtype, **options)
    layer = keras.layers.Bidirectional(one, merge_mode=merge, dtype=dtype)
    layer.build((None, None, D))
    layer.set_weights([*weights.forward, *weights.backward])
    return layer


def bidirectional_from_keras(layer: Any) -> BidirectionalWeights:
    """Return the weights of a built ``keras.layers.Bidirectional(LSTM)`` with biases.

    ``ValueError`` if the layer does not hold six arrays.
    """
    arrays = layer.get_weights()
    if len(arrays) != 6:
        raise ValueError(f"the Keras layer must hold six arrays of weights, got {len(arrays)}")
    return BidirectionalWeights(LSTMWeights(*arrays[:3]), LSTMWeights(*arrays[3:]))
