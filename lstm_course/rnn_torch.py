"""Carry the weights of one plain RNN layer between NumPy and PyTorch.

PyTorch stores the transpose and splits the bias in two vectors that are added.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lstm_course.parity import ONE_LAYER, check_options, torch_arrays, torch_layer
from lstm_course.rnn import RNNWeights, check_rnn_weights

if TYPE_CHECKING:
    import torch


def to_torch(weights: RNNWeights) -> torch.nn.RNN:
    """Return a one-layer, batch-first ``torch.nn.RNN`` that computes the same function.

    It keeps the dtype of the weights.  The whole bias goes into ``bias_ih_l0``;
    ``bias_hh_l0`` is zero.  ``ValueError`` if the shapes do not fit one another.
    """
    import torch

    check_rnn_weights(weights)
    W_x, W_h, b = weights
    layer: torch.nn.RNN = torch_layer(torch.nn.RNN, [(W_x, W_h, b, np.zeros_like(b))])
    return layer


def from_torch(layer: torch.nn.RNN) -> RNNWeights:
    """Return the weights of a one-layer, one-direction ``torch.nn.RNN``; biases are summed.

    ``ValueError`` if the layer is not an RNN with tanh, is stacked or bidirectional.
    """
    import torch

    ((W_x, W_h, biases),) = torch_arrays("from_torch", layer, torch.nn.RNN, **ONE_LAYER)
    check_options("from_torch", layer, nonlinearity="tanh")
    return RNNWeights(W_x, W_h, biases.sum(axis=0))
