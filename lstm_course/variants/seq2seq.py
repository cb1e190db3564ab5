"""An encoder-decoder of two LSTMs, forward and backward, with masks and optional attention.

Shapes: N batch, S source steps, T target steps, D embedding, H hidden units, V symbols.
The encoder's final state starts the decoder (Sutskever, Vinyals and Le, 2014; Cho et al.,
2014; ``eq-encoder-decoder``), which is trained with teacher forcing.  Sequences are padded on
the right; a mask holds 1.0 for a real step and 0.0 for padding, and padding changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.arrays import Array, check_shape
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMStepCache,
    LSTMWeights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_step,
    lstm_step_backward,
)
from lstm_course.variants.attention import (
    AdditiveWeights,
    AttentionCache,
    AttentionWeights,
    GeneralWeights,
    attention_backward,
    attention_forward,
)

Symbols = NDArray[np.integer]


class Seq2SeqWeights(NamedTuple):
    """All weights of a model; the gradients come in the same form."""

    W_source: Array  # (V of the source, D): one row for each symbol
    W_target: Array  # (V, D)
    encoder: LSTMWeights
    decoder: LSTMWeights
    W_y: Array  # (H, V)
    b_y: Array  # (V,)
    attention: AttentionWeights | None = None


class Seq2SeqCache(NamedTuple):
    """What the backward pass of the model needs."""

    source: Symbols  # (N, S)
    inputs: Symbols  # (N, T)
    mask: Array  # (N, S)
    encoder: list[LSTMStepCache]
    decoder: LSTMCache
    attention: AttentionCache | None
    read: Array  # (N, T, H): what the head read
    weights: Seq2SeqWeights


def init_seq2seq(
    rng: np.random.Generator, V_source: int, V: int, D: int, H: int, attention: str = "none"
) -> Seq2SeqWeights:
    """Draw the weights of a model; ``attention`` is none, additive, general or dot.

    Raises
    ------
    ValueError
        If ``attention`` is none of these.
    """

    def glorot(rows: int, columns: int) -> Array:
        limit = np.sqrt(6.0 / (rows + columns))
        return rng.uniform(-limit, limit, (rows, columns))

    if attention not in ("none", "additive", "general", "dot"):
        raise ValueError(f"attention must be none, additive, general or dot, got {attention!r}")
    embeddings = rng.standard_normal((V_source, D)), rng.standard_normal((V, D))
    layers = init_lstm(rng, D, H), init_lstm(rng, D, H)
    weights = Seq2SeqWeights(*embeddings, *layers, glorot(H, V), np.zeros(V))
    if attention == "none":
        return weights
    score: AdditiveWeights | GeneralWeights | None = None
    if attention == "additive":
        score = AdditiveWeights(glorot(H, H), glorot(H, H), glorot(H, 1)[:, 0])
    elif attention == "general":
        score = GeneralWeights(glorot(H, H))
    return weights._replace(attention=AttentionWeights(score, glorot(2 * H, H)))


def teacher_inputs(target: Symbols, begin: int) -> Symbols:
    """Return ``target (N, T)`` moved one step to the right, with ``begin`` in front."""
    return np.concatenate([np.full_like(target[:, :1], begin), target[:, :-1]], axis=1)


def masked_lstm_forward(
    x: Array, mask: Array, weights: LSTMWeights
) -> tuple[Array, Array, Array, list[LSTMStepCache]]:
    """Run an LSTM from zero states over padded sequences; a masked step keeps both states.

    Parameters
    ----------
    x : array (N, S, D)
    mask : array (N, S)
    weights : LSTMWeights

    Returns
    -------
    h : array (N, S, H)
    h_T, c_T : arrays (N, H)
        The states after the last real step of each sequence.
    caches : list of LSTMStepCache

    Raises
    ------
    ValueError
        If a shape does not fit, with the expected and the given shape.
    """
    if np.ndim(x) != 3 or x.shape[1] < 1:
        raise ValueError(f"x must have shape (N, S, D) with S >= 1, got {np.shape(x)}")
    check_shape("mask", mask, x.shape[:2], "(N, S)")
    h_t = c_t = np.zeros((len(x), len(weights.W_h)), x.dtype)
    h, caches = [], []
    for t in range(x.shape[1]):
        real = mask[:, t, None]  # (N, 1)
        (h_new, c_new), cache = lstm_step(x[:, t], LSTMState(h_t, c_t), weights)
        h_t, c_t = real * h_new + (1 - real) * h_t, real * c_new + (1 - real) * c_t
        h.append(h_t)
        caches.append(cache)
    return np.stack(h, axis=1), h_t, c_t, caches


def masked_lstm_backward(
    dh: Array, dh_T: Array, dc_T: Array, mask: Array, caches: list[LSTMStepCache]
) -> tuple[Array, LSTMWeights]:
    """Return ``dx (N, S, D)`` and the gradients of the weights; see `masked_lstm_forward`."""
    check_shape("dh", dh, (len(dh_T), len(caches), dh_T.shape[1]), "(N, S, H)")
    dh_next, dc_next, dx = dh_T, dc_T, []
    totals: list[Array] = [
        np.zeros_like(a) for a in (caches[0].W_x, caches[0].W_h, caches[0].W_h[0])
    ]
    for t in reversed(range(len(caches))):
        real = mask[:, t, None]  # (N, 1)
        dh_t = dh[:, t] + dh_next
        dx_t, d_state, parts = lstm_step_backward(LSTMState(real * dh_t, real * dc_next), caches[t])
        dx.append(dx_t)
        dh_next, dc_next = d_state.h + (1 - real) * dh_t, d_state.c + (1 - real) * dc_next
        totals = [total + part for total, part in zip(totals, parts, strict=True)]
    return np.stack(dx[::-1], axis=1), LSTMWeights(*totals)


def masked_cross_entropy(scores: Array, target: Symbols, mask: Array) -> tuple[float, Array]:
    """Return the mean negative log-probability of the real targets, and its gradient.

    Parameters
    ----------
    scores : array (N, T, V)
        What the head says, before the softmax.
    target : int array (N, T)
    mask : array (N, T)

    Returns
    -------
    loss : float, in nats a symbol (``eq-mean-over-real``)
    dscores : array (N, T, V)

    Raises
    ------
    ValueError
        If a shape does not fit, or the mask is all 0.
    """
    check_shape("scores", scores, (*target.shape, scores.shape[-1]), "(N, T, V)")
    check_shape("mask", mask, target.shape, "(N, T)")
    if not mask.any():
        raise ValueError("mask must have a 1: a mean over nothing is no number")
    shifted = scores - scores.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))  # (N, T, V)
    right = np.eye(scores.shape[2], dtype=scores.dtype)[target]  # (N, T, V)
    share = mask[..., None] / mask.sum()  # (N, T, 1)
    return float(-(share * right * log_p).sum()), share * (np.exp(log_p) - right)


def seq2seq_forward(
    source: Symbols, mask: Array, inputs: Symbols, weights: Seq2SeqWeights
) -> tuple[Array, Seq2SeqCache]:
    """Return the scores (N, T, V) of every symbol at every target step, and the cache.

    Parameters
    ----------
    source, inputs : int arrays (N, S) and (N, T)
        Source symbols, and what the decoder is fed: see `teacher_inputs`.
    mask : array (N, S)
        Of the source.
    weights : Seq2SeqWeights
    """
    keys, h_T, c_T, encoder = masked_lstm_forward(weights.W_source[source], mask, weights.encoder)
    fed = weights.W_target[inputs]  # (N, T, D)
    read, _, decoder = lstm_forward(fed, weights.decoder, LSTMState(h_T, c_T))
    attention = None
    if weights.attention is not None:
        read, _, attention = attention_forward(read, keys, mask, weights.attention)
    scores = read @ weights.W_y + weights.b_y  # (N, T, V)
    cache = Seq2SeqCache(source, inputs, mask, encoder, decoder, attention, read, weights)
    return scores, cache


def seq2seq_backward(dscores: Array, cache: Seq2SeqCache) -> Seq2SeqWeights:
    """Return the gradients of all weights, in the form of the weights."""
    source, inputs, mask, encoder, decoder, attention, read, weights = cache
    check_shape("dscores", dscores, (*inputs.shape, len(weights.b_y)), "(N, T, V)")
    dW_y, db_y = np.tensordot(read, dscores, axes=([0, 1], [0, 1])), dscores.sum(axis=(0, 1))
    dread: Array = dscores @ weights.W_y.T  # (N, T, H)
    dkeys: Array = np.zeros((*source.shape, dread.shape[2]), dread.dtype)
    dattention = None
    if attention is not None:
        dread, dkeys, dattention = attention_backward(dread, attention)
    back = lstm_backward(dread, decoder)
    dx, dencoder = masked_lstm_backward(dkeys, *back.d_state, mask, encoder)
    dW_source, dW_target = np.zeros_like(weights.W_source), np.zeros_like(weights.W_target)
    np.add.at(dW_source, source, dx)
    np.add.at(dW_target, inputs, back.dx)
    return Seq2SeqWeights(dW_source, dW_target, dencoder, back.d_weights, dW_y, db_y, dattention)
