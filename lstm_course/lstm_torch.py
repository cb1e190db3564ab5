"""Carry the weights of one LSTM layer between NumPy and PyTorch.

Both have the gate order i, f, g, o; PyTorch stores the transpose and splits the bias in two
vectors that are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.parity import ONE_LAYER, torch_arrays, torch_layer

if TYPE_CHECKING:
    import torch


def to_torch(weights: LSTMWeights) -> torch.nn.LSTM:
    """Return a one-layer, batch-first ``torch.nn.LSTM`` that computes the same function.

    It keeps the dtype of the weights.  The whole bias goes into ``bias_ih_l0``;
    ``bias_hh_l0`` is zero.  ``ValueError`` if the shapes do not fit one another.
    """
    import torch

    check_lstm_weights(weights)
    W_x, W_h, b = weights
    layer: torch.nn.LSTM = torch_layer(torch.nn.LSTM, [(W_x, W_h, b, np.zeros_like(b))])
    return layer


def from_torch(layer: torch.nn.LSTM) -> LSTMWeights:
    """Return the weights of a one-layer, one-direction ``torch.nn.LSTM``; biases are summed.

    ``ValueError`` if the layer is not an LSTM, is stacked, bidirectional or has a projection.
    """
    import torch

    ((W_x, W_h, biases),) = torch_arrays("from_torch", layer, torch.nn.LSTM, **ONE_LAYER)
    return LSTMWeights(W_x, W_h, biases.sum(axis=0))
