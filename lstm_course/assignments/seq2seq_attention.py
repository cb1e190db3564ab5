"""Reference versions of the functions that the assignment ``seq2seq_attention`` asks for.

Later questions of the assignment build on earlier ones.  There the notebook replaces the
student's functions by these, so that one slip costs the points of one question only.
Shapes as in :mod:`lstm_course.variants.attention`.
"""

from __future__ import annotations

import numpy as np

from lstm_course.arrays import Array
from lstm_course.variants import attention, seq2seq
from lstm_course.variants.attention import AdditiveWeights, attend, attend_backward
from lstm_course.variants.seq2seq import Symbols, teacher_inputs

__all__ = [
    "additive_scores",
    "attend",
    "attend_backward",
    "beam_step",
    "masked_cross_entropy",
    "teacher_inputs",
]


def masked_cross_entropy(scores: Array, target: Symbols, mask: Array) -> tuple[float, Array]:
    """Return the mean loss of the real targets, and its gradient ``(N, T, V)``."""
    return seq2seq.masked_cross_entropy(scores, target, mask)


def additive_scores(query: Array, keys: Array, W_q: Array, W_k: Array, w_e: Array) -> Array:
    """Return the additive scores ``(N, T, S)``."""
    return attention.additive_scores(query, keys, AdditiveWeights(W_q, W_k, w_e))[0]


def beam_step(log_p: Array, totals: Array, width: int) -> tuple[Symbols, Symbols, Array]:
    """Return rows, symbols and totals of the ``width`` likeliest continuations, best first."""
    grown = (totals[:, None] + log_p).ravel()  # (B V,)
    best = np.argsort(-grown)[:width]
    return best // log_p.shape[1], best % log_p.shape[1], grown[best]
