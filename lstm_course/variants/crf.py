"""A linear-chain conditional random field on top of any tagger, forward and backward.

The tagger gives an *emission* score to every tag at every step; the CRF adds scores for the
first tag, the last tag and every pair of neighbours, and normalises over all M^T paths at
once.  Everything is done in log space.  Lafferty, McCallum and Pereira (2001); on an LSTM
Huang, Xu and Yu (2015) and Lample et al. (2016).  Chapter "Tags that are decided together"
(``eq-crf-score``, ``eq-crf-forward``, ``eq-crf-viterbi``, ``eq-crf-gradient``).

Shapes: N batch, T time steps, M tags.  ``lengths (N,)`` counts the real steps of each
sequence, from the left; what stands behind them is padding and changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, Whole, check_floats, check_shape, check_whole


class CRFWeights(NamedTuple):
    """``transitions (M, M)`` from the row's tag to the column's, ``start (M,)``, ``end (M,)``.

    An entry may be ``-inf``: that transition is forbidden.
    """

    transitions: Array
    start: Array
    end: Array


class CRFCache(NamedTuple):
    """What the backward pass needs."""

    emissions: Array  # (N, T, M)
    tags: Whole  # (N, T)
    lengths: Whole  # (N,)
    weights: CRFWeights
    alpha: Array  # (N, T, M)
    log_Z: Array  # (N,)


class CRFGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    demissions: Array  # (N, T, M)
    dtransitions: Array  # (M, M)
    dstart: Array  # (M,)
    dend: Array  # (M,)


def log_sum_exp(a: Array, axis: int = -1) -> Array:
    """Return log(sum(exp(a))) along ``axis``, without overflow (``eq-log-sum-exp``).

    A slice that holds nothing but ``-inf`` gives ``-inf``.
    """
    largest = np.max(a, axis=axis, keepdims=True)
    largest = np.where(np.isfinite(largest), largest, np.zeros_like(largest))
    total = np.sum(np.exp(a - largest), axis=axis)
    with np.errstate(divide="ignore"):  # the logarithm of an empty sum is -inf
        result: Array = np.log(total) + np.squeeze(largest, axis)
    return result


def sequence_score(
    emissions: Array, tags: Whole, weights: CRFWeights, lengths: Whole | None = None
) -> Array:
    """Return the score (N,) of one path for each sequence (``eq-crf-score``).

    ``emissions`` is (N, T, M); ``tags (N, T)`` are 0 to M - 1 at real steps, padding may hold
    anything; ``lengths (N,)`` are the real steps, 1 to T, by default all T.
    ``ValueError`` if a shape does not fit, or a length or a tag is out of range.
    """
    lengths = check_crf(emissions, weights, lengths)
    N, T, M = emissions.shape
    check_whole("tags", tags, (N, T), "(N, T)")
    real = np.arange(T) < lengths[:, None]  # (N, T)
    if np.any(real & ((tags < 0) | (tags >= M))):
        raise ValueError(f"tags must lie between 0 and M - 1 = {M - 1} at real steps")
    safe = np.where(real, tags, 0)
    said = np.take_along_axis(emissions, safe[:, :, None], axis=2)[:, :, 0]  # (N, T)
    moves = weights.transitions[safe[:, :-1], safe[:, 1:]]  # (N, T - 1)
    last = safe[np.arange(N), lengths - 1]  # (N,)
    inside = np.where(real, said, 0.0).sum(axis=1) + np.where(real[:, 1:], moves, 0.0).sum(axis=1)
    score: Array = weights.start[safe[:, 0]] + weights.end[last] + inside
    return score


def crf_log_partition(
    emissions: Array, weights: CRFWeights, lengths: Whole | None = None
) -> tuple[Array, Array]:
    """Sum over all paths with the forward algorithm in log space (``eq-crf-forward``).

    Returns ``log_Z (N,)``, the logarithm of the sum of exp(score) over all M^length paths, and
    ``alpha (N, T, M)``, the same for the paths up to step t that end in each tag; past the length
    of a sequence it keeps its last value.  Arguments and errors as :func:`sequence_score`.
    """
    lengths = check_crf(emissions, weights, lengths)
    alpha = np.empty_like(emissions)
    alpha[:, 0] = weights.start + emissions[:, 0]
    for t in range(1, emissions.shape[1]):
        arrive = log_sum_exp(alpha[:, t - 1, :, None] + weights.transitions, axis=1)  # (N, M)
        goes_on = (t < lengths)[:, None]
        alpha[:, t] = np.where(goes_on, arrive + emissions[:, t], alpha[:, t - 1])
    return log_sum_exp(alpha[:, -1] + weights.end), alpha


def crf_backward_scores(
    emissions: Array, weights: CRFWeights, lengths: Whole | None = None
) -> Array:
    """Return ``beta (N, T, M)``: log of the sum over all ways to go on after each tag."""
    lengths = check_crf(emissions, weights, lengths)
    beta = np.empty_like(emissions)
    beta[:, -1] = weights.end
    for t in reversed(range(emissions.shape[1] - 1)):
        leave = weights.transitions + (emissions[:, t + 1] + beta[:, t + 1])[:, None]
        goes_on = (t + 1 < lengths)[:, None]
        beta[:, t] = np.where(goes_on, log_sum_exp(leave, axis=2), weights.end)
    return beta


def crf_marginals(
    emissions: Array, weights: CRFWeights, lengths: Whole | None = None
) -> tuple[Array, Array]:
    """Return the probability of each tag, and of each pair of neighbours, over all paths.

    The first is (N, T, M): each real step sums to 1, padding holds zeros.  In the second,
    (N, T - 1, M, M), ``pair[n, t, j, k]`` is of tag j at step t and tag k at step t + 1.
    """
    log_Z, alpha = crf_log_partition(emissions, weights, lengths)
    return _marginals(emissions, weights, lengths, alpha, log_Z)


def _marginals(
    emissions: Array, weights: CRFWeights, lengths: Whole | None, alpha: Array, log_Z: Array
) -> tuple[Array, Array]:
    lengths = check_crf(emissions, weights, lengths)
    beta = crf_backward_scores(emissions, weights, lengths)
    real = np.arange(emissions.shape[1]) < lengths[:, None]  # (N, T)
    single = np.exp(alpha + beta - log_Z[:, None, None]) * real[:, :, None]
    after = (emissions + beta)[:, 1:, None, :]  # (N, T - 1, 1, M)
    log_pair = alpha[:, :-1, :, None] + weights.transitions + after - log_Z[:, None, None, None]
    return single, np.exp(np.where(real[:, 1:, None, None], log_pair, -np.inf))


def crf_nll(
    emissions: Array, tags: Whole, weights: CRFWeights, lengths: Whole | None = None
) -> tuple[Array, CRFCache]:
    """Return ``log_Z - score`` of each sequence, ``nll (N,)`` in nats, and the cache.

    Parameters and exceptions as in :func:`sequence_score`.
    """
    lengths = check_crf(emissions, weights, lengths)
    log_Z, alpha = crf_log_partition(emissions, weights, lengths)
    nll = log_Z - sequence_score(emissions, tags, weights, lengths)
    return nll, CRFCache(emissions, tags, lengths, weights, alpha, log_Z)


def crf_nll_backward(dnll: Array, cache: CRFCache) -> CRFGradients:
    """Return the gradients: expected counts minus observed counts (``eq-crf-gradient``).

    ``dnll (N,)`` is the gradient of the loss with respect to the negative log-likelihood of each
    sequence; ``ValueError`` if it has another shape.
    """
    emissions, tags, lengths, weights, alpha, log_Z = cache
    N, T, M = emissions.shape
    check_shape("dnll", dnll, (N,), "(N,)")
    single, pair = _marginals(emissions, weights, lengths, alpha, log_Z)
    real = np.arange(T) < lengths[:, None]  # (N, T)
    observed = np.eye(M, dtype=emissions.dtype)[np.where(real, tags, 0)] * real[:, :, None]
    observed_pair = observed[:, :-1, :, None] * observed[:, 1:, None, :]  # (N, T - 1, M, M)
    demissions = dnll[:, None, None] * (single - observed)
    dtransitions = np.einsum("n,ntjk->jk", dnll, pair - observed_pair)
    last = demissions[np.arange(N), lengths - 1]  # (N, M)
    return CRFGradients(demissions, dtransitions, demissions[:, 0].sum(axis=0), last.sum(axis=0))


def viterbi(
    emissions: Array, weights: CRFWeights, lengths: Whole | None = None
) -> tuple[Whole, Array]:
    """Return the best path of each sequence and its score (``eq-crf-viterbi``).

    The path is of integers (N, T), where padding holds -1; the score is (N,).
    """
    lengths = check_crf(emissions, weights, lengths)
    N, T, M = emissions.shape
    best = weights.start + emissions[:, 0]  # (N, M)
    came_from = np.tile(np.arange(M), (N, T, 1))  # (N, T, M)
    for t in range(1, T):
        scores = best[:, :, None] + weights.transitions  # (N, M, M)
        goes_on = (t < lengths)[:, None]
        came_from[:, t] = np.where(goes_on, scores.argmax(axis=1), came_from[:, t])
        best = np.where(goes_on, scores.max(axis=1) + emissions[:, t], best)
    final = best + weights.end
    tags = np.full((N, T), -1)
    tag = final.argmax(axis=1)  # (N,)
    for t in reversed(range(T)):
        tags[:, t] = np.where(t < lengths, tag, -1)
        tag = came_from[np.arange(N), t, tag]
    return tags, final.max(axis=1)


def check_crf_weights(weights: CRFWeights, M: int | None = None) -> tuple[int]:
    """Return (M,) of a set of weights; raise ``ValueError`` where they do not fit."""
    M = len(weights.start) if M is None else M
    check_shape("transitions", weights.transitions, (M, M), "(M, M)")
    check_shape("start", weights.start, (M,), "(M,)")
    check_shape("end", weights.end, (M,), "(M,)")
    return (M,)


def check_crf(emissions: Array, weights: CRFWeights, lengths: Whole | None) -> Whole:
    """Return the lengths; raise ``ValueError`` where shapes or lengths do not fit."""
    check_floats("emissions", emissions, "(N, T, M)")
    if emissions.ndim != 3 or min(emissions.shape[1:]) < 1:
        given = emissions.shape
        raise ValueError(f"emissions must have shape (N, T, M) with T, M >= 1, got {given}")
    N, T, M = emissions.shape
    check_crf_weights(weights, M)
    if lengths is None:
        return np.full(N, T)
    check_whole("lengths", lengths, (N,), "(N,)")
    if N and not (lengths.min() >= 1 and lengths.max() <= T):
        raise ValueError(f"lengths must lie between 1 and T = {T}, got {lengths}")
    return lengths
