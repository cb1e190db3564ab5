"""Carry the weights of a stack, of one direction or of two, between NumPy and PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from lstm_course.lstm import LSTMWeights
from lstm_course.parity import torch_arrays, torch_layer
from lstm_course.variants.stacked import check_stack


def to_torch(weights: Sequence[LSTMWeights]) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM(num_layers=L)`` with these weights.

    The whole bias goes into ``bias_ih_l*``.  ``ValueError`` where the layers do not fit.
    """
    return filled_lstm(weights, num_layers=check_stack(weights)[2])


def from_torch(layer: torch.nn.LSTM) -> tuple[LSTMWeights, ...]:
    """Return the weights of every layer of a one-direction ``torch.nn.LSTM``, biases summed.

    ``ValueError`` if the module is another one, is bidirectional, drops between its layers, has
    a projection or no biases.
    """
    return all_weights("from_torch", layer, bidirectional=False)


def filled_lstm(weights: Sequence[LSTMWeights], **options: Any) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM`` with these weights, in the order of PyTorch."""
    layers = [(W_x, W_h, b, np.zeros_like(b)) for W_x, W_h, b in weights]
    module: torch.nn.LSTM = torch_layer(torch.nn.LSTM, layers, **options)
    return module


def all_weights(name: str, module: torch.nn.LSTM, bidirectional: bool) -> tuple[LSTMWeights, ...]:
    """Return the weights of a ``torch.nn.LSTM`` in its own order; refuse other functions."""
    wanted = {"bidirectional": bidirectional, "dropout": 0.0, "bias": True}
    arrays = torch_arrays(name, module, torch.nn.LSTM, **wanted)
    return tuple(LSTMWeights(W_x, W_h, biases.sum(axis=0)) for W_x, W_h, biases in arrays)
