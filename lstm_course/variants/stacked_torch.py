"""Carry the weights of a stack, of one direction or of two, between NumPy and PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from lstm_course.lstm import LSTMWeights
from lstm_course.parity import check_options, check_same_function, torch_dtype
from lstm_course.variants.stacked import check_stack


def to_torch(weights: Sequence[LSTMWeights]) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM(num_layers=L)`` with these weights.

    The whole bias goes into ``bias_ih_l*``.  ``ValueError`` where the layers do not fit.
    """
    D, H, L = check_stack(weights)
    return filled_lstm(weights, D, H, num_layers=L)


def from_torch(layer: torch.nn.LSTM) -> tuple[LSTMWeights, ...]:
    """Return the weights of every layer of a one-direction ``torch.nn.LSTM``, biases summed.

    ``ValueError`` if the module is another one, is bidirectional, drops between its layers, has
    a projection or no biases.
    """
    return all_weights("from_torch", layer, bidirectional=False)


def filled_lstm(weights: Sequence[LSTMWeights], D: int, H: int, **options: Any) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM`` with these weights, in the order of PyTorch."""
    module = torch.nn.LSTM(D, H, batch_first=True, dtype=torch_dtype(weights[0].b), **options)
    with torch.no_grad():
        for (W_x, W_h, b), (ih, hh, b_ih, b_hh) in zip(weights, module.all_weights, strict=True):
            ih.copy_(torch.from_numpy(W_x.T.copy()))
            hh.copy_(torch.from_numpy(W_h.T.copy()))
            b_ih.copy_(torch.from_numpy(b.copy()))
            b_hh.zero_()
    return module


def all_weights(name: str, module: torch.nn.LSTM, bidirectional: bool) -> tuple[LSTMWeights, ...]:
    """Return the weights of a ``torch.nn.LSTM`` in its own order; refuse other functions."""
    check_same_function(name, module, torch.nn.LSTM, "forward")
    check_options(name, module, bidirectional=bidirectional, proj_size=0, dropout=0.0, bias=True)
    arrays = [[p.detach().cpu().numpy() for p in one] for one in module.all_weights]
    return tuple(LSTMWeights(ih.T.copy(), hh.T.copy(), b + c) for ih, hh, b, c in arrays)
