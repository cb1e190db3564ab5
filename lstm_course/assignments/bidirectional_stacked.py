"""Reference versions of the functions that the assignment ``bidirectional_stacked`` asks for.

Later questions of the assignment build on earlier ones.  There the notebook replaces the
student's functions by these, so that one slip costs the points of one question only.
Shapes as in :mod:`lstm_course.variants.bidirectional` and :mod:`lstm_course.variants.stacked`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lstm_course.arrays import Array
from lstm_course.lstm import LSTMWeights
from lstm_course.variants import bidirectional, stacked
from lstm_course.variants.bidirectional import BidirectionalWeights, Integers

__all__ = [
    "bidirectional_forward",
    "both_backward",
    "final_states",
    "parameter_count",
    "reverse_within",
    "stacked_forward",
]

Weights = tuple[Array, Array, Array]


def reverse_within(x: Array, lengths: Integers) -> Array:
    """Return ``x (N, T, D)`` with each sequence reversed and its padding left in place."""
    return bidirectional.reverse_within(x, lengths)


def bidirectional_forward(x: Array, lengths: Integers, ahead: Weights, back: Weights) -> Array:
    """Return the concatenated outputs ``(N, T, 2H)``, zero in padded steps."""
    weights = BidirectionalWeights(LSTMWeights(*ahead), LSTMWeights(*back))
    return bidirectional.bidirectional_forward(x, weights, lengths=lengths)[0]


def final_states(y: Array, lengths: Integers) -> Array:
    """Return ``(N, 2H)``: forward after the last real step, backward after step 1."""
    H = y.shape[2] // 2
    last = y[np.arange(len(y)), lengths - 1, :H]
    return np.concatenate([last, y[:, 0, H:]], axis=1)


def stacked_forward(x: Array, layers: Sequence[Weights], masks: Sequence[Array]) -> Array:
    """Return the output ``(N, T, H)`` of a stack with masks and residual connections."""
    sets = [LSTMWeights(*weights) for weights in layers]
    return stacked.stacked_forward(x, sets, masks=masks, residual=True)[0]


def both_backward(
    dy: Array, x: Array, lengths: Integers, ahead: Weights, back: Weights
) -> tuple[Array, Array, Array]:
    """Return ``dx (N, T, D)`` and the gradients of ``W_h`` of both directions, ``(H, 4H)``."""
    weights = BidirectionalWeights(LSTMWeights(*ahead), LSTMWeights(*back))
    cache = bidirectional.bidirectional_forward(x, weights, lengths=lengths)[2]
    dx, _, d = bidirectional.bidirectional_backward(dy, cache)
    return dx, d.forward.W_h, d.backward.W_h


def parameter_count(D: int, H: int, L: int, directions: int) -> int:
    """Return the number of parameters of ``L`` layers, one bias vector a direction."""
    return stacked.stacked_parameter_count(D, H, L=L, directions=directions)
