"""Attention of a decoder over the states of an encoder, forward and backward.

Shapes: N batch, T decoder steps, S encoder steps, H hidden units, A units of the additive
score.  Scores are additive (Bahdanau, Cho and Bengio, 2015; ``eq-score-additive``) or
multiplicative, dot and general (Luong, Pham and Manning, 2015; ``eq-score-dot``,
``eq-score-general``).  The wiring around them is Luong's: the decoder state asks, and what it
reads is joined to it after the step (``eq-attention-joined``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_floats, check_shape


class AdditiveWeights(NamedTuple):
    """Weights of the additive score: ``W_q (H, A)``, ``W_k (H, A)``, ``w_e (A,)``."""

    W_q: Array
    W_k: Array
    w_e: Array


class GeneralWeights(NamedTuple):
    """Weights of the score that Luong et al. call general: ``W_q (H, H)``."""

    W_q: Array


class AttentionWeights(NamedTuple):
    """Weights of a layer: those of its score (None: dot) and ``W_c (2H, H)``."""

    score: AdditiveWeights | GeneralWeights | None
    W_c: Array


class AttentionCache(NamedTuple):
    """What the backward pass of a layer needs, named as in the equations."""

    query: Array  # (N, T, H)
    keys: Array  # (N, S, H)
    hidden: Array | None  # (N, T, S, A) for the additive score
    attention: Array  # (N, T, S)
    joined: Array  # (N, T, 2H)
    h_tilde: Array  # (N, T, H)
    weights: AttentionWeights


class AttentionGradients(NamedTuple):
    """The gradients of a layer, each of the shape of what it is the gradient of."""

    dquery: Array  # (N, T, H)
    dkeys: Array  # (N, S, H)
    d_weights: AttentionWeights


def score_kind(weights: AttentionWeights | None) -> str:
    """Return the name of the score: additive, general or dot, or none without a layer."""
    if weights is None or weights.score is None:
        return "none" if weights is None else "dot"
    return "additive" if isinstance(weights.score, AdditiveWeights) else "general"


def _check(query: Array, keys: Array) -> None:
    check_floats("query", query, "(N, T, H)")
    check_floats("keys", keys, "(N, S, H)")
    if query.ndim != 3 or keys.ndim != 3:
        shapes = f"{query.shape} and {keys.shape}"
        raise ValueError(f"query and keys must have shapes (N, T, H) and (N, S, H), got {shapes}")
    check_shape("keys", keys, (len(query), keys.shape[1], query.shape[2]), "(N, S, H)")


def check_additive_weights(weights: AdditiveWeights, H: int) -> None:
    """Raise ``ValueError`` where the weights of the score do not fit one another and ``H``."""
    A = len(weights.w_e)
    check_shape("W_q", weights.W_q, (H, A), "(H, A)")
    check_shape("W_k", weights.W_k, (H, A), "(H, A)")
    check_shape("w_e", weights.w_e, (A,), "(A,)")


def check_attention_weights(weights: AttentionWeights, H: int) -> None:
    """Raise ``ValueError`` where the weights of a layer do not fit one another and ``H``."""
    score, W_c = weights
    check_shape("W_c", W_c, (2 * H, H), "(2H, H)")
    if isinstance(score, GeneralWeights):
        check_shape("W_q", score.W_q, (H, H), "(H, H)")
    elif score is not None:
        check_additive_weights(score, H)


def masked_softmax(scores: Array, mask: Array) -> Array:
    """Return the softmax over the last axis of ``scores (N, T, S)`` where ``mask (N, S)`` is 1.

    Masked places get exactly 0 (``eq-masked-softmax``); large scores do not overflow.
    ``ValueError`` if the shapes do not fit, or a row of the mask is all 0.
    """
    check_floats("scores", scores, "(N, T, S)")
    check_shape("mask", mask, (len(scores), scores.shape[-1]), "(N, S)")
    if not mask.any(axis=1).all():
        raise ValueError("mask must have a 1 in every row: nothing to attend to")
    open_scores = np.where(mask[:, None] > 0, scores, -np.inf)  # (N, T, S)
    powers = np.exp(open_scores - open_scores.max(axis=-1, keepdims=True))
    attention: Array = powers / powers.sum(axis=-1, keepdims=True)
    return attention


def softmax_backward(dattention: Array, attention: Array) -> Array:
    """Return ``dscores``, of the shape of both arguments; 0 where ``attention`` is 0."""
    inner = (dattention * attention).sum(axis=-1, keepdims=True)
    dscores: Array = attention * (dattention - inner)
    return dscores


def dot_scores(query: Array, keys: Array, scale: float = 1.0) -> Array:
    """Return ``scale * query keys^T``, shape (N, T, S), from (N, T, H) and (N, S, H)."""
    _check(query, keys)
    scores: Array = scale * (query @ keys.transpose(0, 2, 1))
    return scores


def dot_scores_backward(
    dscores: Array, query: Array, keys: Array, scale: float = 1.0
) -> tuple[Array, Array]:
    """Return ``dquery (N, T, H)`` and ``dkeys (N, S, H)`` of :func:`dot_scores`."""
    return scale * (dscores @ keys), scale * (dscores.transpose(0, 2, 1) @ query)


def additive_scores(query: Array, keys: Array, weights: AdditiveWeights) -> tuple[Array, Array]:
    """Return the additive scores (N, T, S) and their hidden layer (N, T, S, A)."""
    _check(query, keys)
    W_q, W_k, w_e = weights
    check_additive_weights(weights, query.shape[2])
    hidden = np.tanh((query @ W_q)[:, :, None] + (keys @ W_k)[:, None])  # (N, T, S, A)
    return hidden @ w_e, hidden


def additive_scores_backward(
    dscores: Array, query: Array, keys: Array, hidden: Array, weights: AdditiveWeights
) -> tuple[Array, Array, AdditiveWeights]:
    """Return ``dquery (N, T, H)``, ``dkeys (N, S, H)`` and the gradients of the weights."""
    W_q, W_k, w_e = weights
    da = dscores[..., None] * w_e * (1.0 - hidden**2)  # (N, T, S, A)
    da_q, da_k = da.sum(axis=2), da.sum(axis=1)  # (N, T, A), (N, S, A)
    dW_q = np.tensordot(query, da_q, axes=([0, 1], [0, 1]))  # (H, A)
    dW_k = np.tensordot(keys, da_k, axes=([0, 1], [0, 1]))  # (H, A)
    dw_e = np.tensordot(dscores, hidden, axes=3)  # (A,)
    return da_q @ W_q.T, da_k @ W_k.T, AdditiveWeights(dW_q, dW_k, dw_e)


def attend(scores: Array, values: Array, mask: Array) -> tuple[Array, Array]:
    """Return the context (N, T, H), a mean of ``values (N, S, H)``, and its weights (N, T, S)."""
    attention = masked_softmax(scores, mask)
    return attention @ values, attention


def attend_backward(dcontext: Array, attention: Array, values: Array) -> tuple[Array, Array]:
    """Return ``dscores (N, T, S)`` and ``dvalues (N, S, H)``."""
    dattention = dcontext @ values.transpose(0, 2, 1)  # (N, T, S)
    return softmax_backward(dattention, attention), attention.transpose(0, 2, 1) @ dcontext


def attention_forward(
    query: Array, keys: Array, mask: Array, weights: AttentionWeights
) -> tuple[Array, Array, AttentionCache]:
    """Let every decoder state, ``query (N, T, H)``, read the encoder states, ``keys (N, S, H)``.

    The keys are the values too; ``mask (N, S)`` is 1.0 for a real source step, 0.0 for padding.
    Returns ``h_tilde (N, T, H)``, what the head reads in place of the decoder's states, the
    weights of the mean ``(N, T, S)``, of which each row sums to 1, and the cache.  ``ValueError``
    with the expected and the given shape where one does not fit.
    """
    _check(query, keys)
    check_attention_weights(weights, query.shape[2])
    hidden = None
    if isinstance(weights.score, AdditiveWeights):
        scores, hidden = additive_scores(query, keys, weights.score)
    else:
        scores = dot_scores(query if weights.score is None else query @ weights.score.W_q, keys)
    context, attention = attend(scores, keys, mask)
    joined = np.concatenate([query, context], axis=2)  # (N, T, 2H)
    h_tilde = np.tanh(joined @ weights.W_c)
    cache = AttentionCache(query, keys, hidden, attention, joined, h_tilde, weights)
    return h_tilde, attention, cache


def attention_backward(dh_tilde: Array, cache: AttentionCache) -> AttentionGradients:
    """Carry ``dh_tilde (N, T, H)``, the gradient of what the head reads, back to all inputs."""
    query, keys, hidden, attention, joined, h_tilde, (score, W_c) = cache
    check_shape("dh_tilde", dh_tilde, query.shape, "(N, T, H)")
    da = dh_tilde * (1.0 - h_tilde**2)  # (N, T, H)
    dW_c = np.tensordot(joined, da, axes=([0, 1], [0, 1]))  # (2H, H)
    dquery, dcontext = np.split(da @ W_c.T, 2, axis=2)
    dscores, dvalues = attend_backward(dcontext, attention, keys)
    dscore: AdditiveWeights | GeneralWeights | None = None
    if isinstance(score, AdditiveWeights) and hidden is not None:
        dasked, dkeys, dscore = additive_scores_backward(dscores, query, keys, hidden, score)
    elif isinstance(score, GeneralWeights):
        dprojected, dkeys = dot_scores_backward(dscores, query @ score.W_q, keys)
        dasked = dprojected @ score.W_q.T
        dscore = GeneralWeights(np.tensordot(query, dprojected, axes=([0, 1], [0, 1])))
    else:
        dasked, dkeys = dot_scores_backward(dscores, query, keys)
    return AttentionGradients(dquery + dasked, dkeys + dvalues, AttentionWeights(dscore, dW_c))
