"""Reference versions of the functions that the assignment ``crf`` asks for.

Later questions build on earlier ones; there the notebook replaces the student's functions by
these.  Shapes as in :mod:`lstm_course.variants.crf`.
"""

from __future__ import annotations

import numpy as np
import torch

from lstm_course.arrays import Array
from lstm_course.lstm import LSTMWeights, lstm_step, lstm_zero_state
from lstm_course.variants import crf
from lstm_course.variants.crf import CRFWeights, Whole

__all__ = [
    "log_partition",
    "log_sum_exp",
    "nll_gradient",
    "repeat_decoder",
    "sequence_score",
    "torch_nll",
    "viterbi",
]


def log_sum_exp(a: Array, axis: int) -> Array:
    """Return log(sum(exp(a))) along ``axis``."""
    return crf.log_sum_exp(a, axis)


def sequence_score(
    emissions: Array, tags: Whole, lengths: Whole, transitions: Array, start: Array, end: Array
) -> Array:
    """Return the score (N,) of one path for each sequence."""
    return crf.sequence_score(emissions, tags, CRFWeights(transitions, start, end), lengths)


def log_partition(
    emissions: Array, lengths: Whole, transitions: Array, start: Array, end: Array
) -> Array:
    """Return log Z of each sequence, (N,)."""
    return crf.crf_forward(emissions, CRFWeights(transitions, start, end), lengths)[0]


def viterbi(
    emissions: Array, lengths: Whole, transitions: Array, start: Array, end: Array
) -> Whole:
    """Return the best paths, integers (N, T); padding holds -1."""
    return crf.viterbi(emissions, CRFWeights(transitions, start, end), lengths)[0]


def nll_gradient(
    tags: Whole, lengths: Whole, single: Array, pair: Array
) -> tuple[Array, Array, Array, Array]:
    """Return ``demissions, dtransitions, dstart, dend`` of the summed loss from the marginals."""
    demissions, dtransitions = single.copy(), pair.sum(axis=(0, 1))
    dend = np.zeros_like(single[0, 0])
    for n, length in enumerate(lengths):
        for t in range(length):
            demissions[n, t, tags[n, t]] -= 1
            if t > 0:
                dtransitions[tags[n, t - 1], tags[n, t]] -= 1
        dend += demissions[n, length - 1]
    return demissions, dtransitions, demissions[:, 0].sum(axis=0), dend


def torch_nll(
    emissions: torch.Tensor,
    tags: torch.Tensor,
    transitions: torch.Tensor,
    start: torch.Tensor,
    end: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the loss (N,) of sequences without padding, ``demissions`` and ``dtransitions``."""
    e, A = emissions.clone().requires_grad_(), transitions.clone().requires_grad_()
    rows = torch.arange(len(tags))
    alpha, score = start + e[:, 0], start[tags[:, 0]] + e[rows, 0, tags[:, 0]]
    for t in range(1, e.shape[1]):
        alpha = torch.logsumexp(alpha[:, :, None] + A, dim=1) + e[:, t]
        score = score + A[tags[:, t - 1], tags[:, t]] + e[rows, t, tags[:, t]]
    loss = torch.logsumexp(alpha + end, dim=1) - score - end[tags[:, -1]]
    de, dA = torch.autograd.grad(loss.sum(), [e, A])
    return loss.detach(), de, dA


def repeat_decoder(
    z: Array, T: int, W_x: Array, W_h: Array, b: Array, W_y: Array, b_y: Array
) -> Array:
    """Return the copy (N, T, D) that a repeat-vector decoder writes from the code ``z (N, H)``."""
    state, weights, copy = (
        lstm_zero_state(z.shape[0], z.shape[1], z.dtype),
        LSTMWeights(W_x, W_h, b),
        [],
    )
    for _ in range(T):
        state, _ = lstm_step(z, state, weights)
        copy.append(state.h @ W_y + b_y)
    return np.stack(copy, axis=1)
