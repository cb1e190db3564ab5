"""Carry the weights of bidirectional layers between NumPy and PyTorch."""

from __future__ import annotations

import torch

from lstm_course.variants.bidirectional import BidirectionalWeights, check_directions
from lstm_course.variants.stacked_torch import all_weights, filled_lstm


def to_torch(weights: BidirectionalWeights, *upper: BidirectionalWeights) -> torch.nn.LSTM:
    """Return a batch-first ``torch.nn.LSTM(bidirectional=True)`` of one layer, or with more.

    Every upper layer reads the 2H concatenated outputs of the one below.  The whole bias goes
    into ``bias_ih_*``.  ``ValueError`` where a shape does not fit.
    """
    _, H = check_directions(weights)
    for k, layer in enumerate(upper, start=2):
        if check_directions(layer) != (2 * H, H):
            given, expected = check_directions(layer), (2 * H, H)
            raise ValueError(f"layer {k} must have D and H of (2H, H) = {expected}, got {given}")
    single = [one for layer in (weights, *upper) for one in layer]
    return filled_lstm(single, num_layers=1 + len(upper), bidirectional=True)


def from_torch(module: torch.nn.LSTM) -> BidirectionalWeights:
    """Return the weights of a bidirectional ``torch.nn.LSTM`` of one layer, biases summed.

    ``ValueError`` as :func:`layers_from_torch`, or if there are more layers.
    """
    layers = layers_from_torch(module)
    if len(layers) != 1:
        raise ValueError(f"from_torch takes one layer, got {len(layers)}: use layers_from_torch")
    return layers[0]


def layers_from_torch(module: torch.nn.LSTM) -> tuple[BidirectionalWeights, ...]:
    """Return the weights of every layer of a bidirectional ``torch.nn.LSTM``, biases summed.

    ``ValueError`` if the module is another one, has one direction, drops between its layers, has
    a projection or no biases.
    """
    single = all_weights("layers_from_torch", module, bidirectional=True)
    return tuple(map(BidirectionalWeights, single[::2], single[1::2]))
