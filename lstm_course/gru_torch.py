"""Carry the weights of one GRU layer between NumPy and PyTorch.

PyTorch stores the blocks in our order, r, z, g (it calls the candidate n), transposed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstm_course.gru import GRUWeights, check_gru_weights
from lstm_course.parity import ONE_LAYER, torch_arrays, torch_layer

if TYPE_CHECKING:
    import torch


def to_torch(weights: GRUWeights) -> torch.nn.GRU:
    """Return a one-layer, batch-first ``torch.nn.GRU`` that computes the same function.

    It keeps the dtype of the weights.  PyTorch has no other form than ``reset_after=True``.
    ``ValueError`` if the shapes do not fit one another.
    """
    import torch

    check_gru_weights(weights)
    layer: torch.nn.GRU = torch_layer(torch.nn.GRU, [weights])
    return layer


def from_torch(layer: torch.nn.GRU) -> GRUWeights:
    """Return the weights of a one-layer, one-direction ``torch.nn.GRU``; no bias gives zeros.

    ``ValueError`` if the layer is not a GRU, is stacked or bidirectional.
    """
    import torch

    ((W_x, W_h, (b_x, b_h)),) = torch_arrays("from_torch", layer, torch.nn.GRU, **ONE_LAYER)
    return GRUWeights(W_x, W_h, b_x, b_h)
