"""An encoder-decoder of two LSTMs, forward and backward, with masks and optional attention.

Shapes: N batch, S source steps, T target steps, D embedding, H hidden units, V symbols.
The encoder's final state starts the decoder (Sutskever, Vinyals and Le, 2014; Cho et al.,
2014; ``eq-encoder-decoder``), which is trained with teacher forcing.  Sequences are padded on
the right; a mask holds 1.0 for a real step and 0.0 for padding, and padding changes nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import (
    Array,
    Gradients,
    Whole,
    check_floats,
    check_sequence,
    check_shape,
    check_whole,
    glorot,
)
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMStepCache,
    LSTMWeights,
    check_lstm_weights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_step,
    lstm_step_backward,
    lstm_zero_state,
)
from lstm_course.variants.attention import (
    AdditiveWeights,
    AttentionCache,
    AttentionWeights,
    GeneralWeights,
    attention_backward,
    attention_forward,
    check_attention_weights,
)
from lstm_course.variants.steps import added, zeros_like


class Seq2SeqWeights(NamedTuple):
    """All weights of a model; the gradients come in the same form."""

    W_source: Array  # (V of the source, D): one row for each symbol
    W_target: Array  # (V, D)
    encoder: LSTMWeights
    decoder: LSTMWeights
    W_y: Array  # (H, V)
    b_y: Array  # (V,)
    attention: AttentionWeights | None = None


class MaskedLSTMCache(NamedTuple):
    """What the backward pass of the encoder needs."""

    mask: Array  # (N, S)
    steps: list[LSTMStepCache]  # S of them
    weights: LSTMWeights


class Seq2SeqCache(NamedTuple):
    """What the backward pass of the model needs."""

    source: Whole  # (N, S)
    inputs: Whole  # (N, T)
    encoder: MaskedLSTMCache
    decoder: LSTMCache
    attention: AttentionCache | None
    read: Array  # (N, T, H): what the head read
    weights: Seq2SeqWeights


def init_seq2seq(
    rng: np.random.Generator, V_source: int, V: int, D: int, H: int, attention: str = "none"
) -> Seq2SeqWeights:
    """Draw the weights of a model; ``attention`` is none, additive, general or dot."""
    if attention not in ("none", "additive", "general", "dot"):
        raise ValueError(f"attention must be none, additive, general or dot, got {attention!r}")
    embeddings = rng.standard_normal((V_source, D)), rng.standard_normal((V, D))
    layers = init_lstm(rng, D, H), init_lstm(rng, D, H)
    weights = Seq2SeqWeights(*embeddings, *layers, glorot(rng, H, V), np.zeros(V))
    if attention == "none":
        return weights
    score: AdditiveWeights | GeneralWeights | None = None
    if attention == "additive":
        square = glorot(rng, H, H), glorot(rng, H, H)
        score = AdditiveWeights(*square, glorot(rng, H, 1)[:, 0])
    elif attention == "general":
        score = GeneralWeights(glorot(rng, H, H))
    return weights._replace(attention=AttentionWeights(score, glorot(rng, 2 * H, H)))


def check_seq2seq_weights(weights: Seq2SeqWeights) -> None:
    """Raise ``ValueError`` where the parts of a model do not fit one another."""
    D, H = check_lstm_weights(weights.encoder)
    check_shape("decoder.W_h", weights.decoder.W_h, (H, 4 * H), "(H, 4H)")
    check_lstm_weights(weights.decoder)
    check_shape("decoder.W_x", weights.decoder.W_x, (D, 4 * H), "(D, 4H)")
    V = len(weights.b_y)
    check_shape("W_source", weights.W_source, (len(weights.W_source), D), "(V of the source, D)")
    check_shape("W_target", weights.W_target, (V, D), "(V, D)")
    check_shape("W_y", weights.W_y, (H, V), "(H, V)")
    check_shape("b_y", weights.b_y, (V,), "(V,)")
    if weights.attention is not None:
        check_attention_weights(weights.attention, H)


def teacher_inputs(target: Whole, begin: int) -> Whole:
    """Return ``target (N, T)`` moved one step to the right, with ``begin`` in front."""
    return np.concatenate([np.full_like(target[:, :1], begin), target[:, :-1]], axis=1)


def masked_lstm_forward(
    x: Array, mask: Array, weights: LSTMWeights
) -> tuple[Array, LSTMState, MaskedLSTMCache]:
    """Run an LSTM from zeros over ``x (N, S, D)``; where ``mask (N, S)`` is 0 both states stay.

    Returns ``h (N, S, H)``, the state after the last real step of each sequence, and the cache.
    """
    D, H = check_lstm_weights(weights)
    N, S = check_sequence(x, D)
    check_shape("mask", mask, (N, S), "(N, S)")
    mask = mask.astype(x.dtype)
    state, h, steps = lstm_zero_state(N, H, x.dtype), [], []
    for t in range(S):
        real = mask[:, t, None]  # (N, 1)
        (h_new, c_new), cache = lstm_step(x[:, t], state, weights)
        h_t, c_t = real * h_new + (1 - real) * state.h, real * c_new + (1 - real) * state.c
        state = LSTMState(h_t, c_t)
        h.append(state.h)
        steps.append(cache)
    return np.stack(h, axis=1), state, MaskedLSTMCache(mask, steps, weights)


def masked_lstm_backward(
    dh: Array, cache: MaskedLSTMCache, d_state: LSTMState | None = None
) -> Gradients[LSTMState, LSTMWeights]:
    """Carry ``dh (N, S, H)`` and the gradient of the final state back through the encoder."""
    mask, steps, weights = cache
    N, H = len(mask), len(weights.W_h)
    check_shape("dh", dh, (*mask.shape, H), "(N, S, H)")
    d_state = lstm_zero_state(N, H, dh.dtype) if d_state is None else d_state
    dx, total = [], zeros_like(weights)
    for t in reversed(range(len(steps))):
        real = mask[:, t, None]  # (N, 1)
        dh_t, dc_t = dh[:, t] + d_state.h, d_state.c
        dx_t, before, d_weights = lstm_step_backward(LSTMState(real * dh_t, real * dc_t), steps[t])
        dx.append(dx_t)
        d_state = LSTMState(before.h + (1 - real) * dh_t, before.c + (1 - real) * dc_t)
        total = added(total, d_weights)
    return Gradients(np.stack(dx[::-1], axis=1), d_state, total)


def masked_cross_entropy(scores: Array, target: Whole, mask: Array) -> tuple[float, Array]:
    """Return the mean negative log-probability of the real targets, and its gradient.

    ``scores (N, T, V)`` is what the head says before the softmax; ``target`` and ``mask`` are
    (N, T).  The mean is in nats a symbol (``eq-mean-over-real``).  ``ValueError`` if a shape does
    not fit, or the mask is all 0.
    """
    check_floats("scores", scores, "(N, T, V)")
    check_whole("target", target, np.shape(target), "(N, T)")
    check_shape("scores", scores, (*target.shape, scores.shape[-1]), "(N, T, V)")
    check_shape("mask", mask, target.shape, "(N, T)")
    if not mask.any():
        raise ValueError("mask must have a 1: a mean over nothing is no number")
    shifted = scores - scores.max(axis=2, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))  # (N, T, V)
    right = np.eye(scores.shape[2], dtype=scores.dtype)[target]  # (N, T, V)
    share = mask[..., None].astype(scores.dtype) / float(mask.sum())  # (N, T, 1)
    return float(-(share * right * log_p).sum()), share * (np.exp(log_p) - right)


def seq2seq_forward(
    source: Whole, mask: Array, inputs: Whole, weights: Seq2SeqWeights
) -> tuple[Array, Seq2SeqCache]:
    """Return the scores (N, T, V) of every symbol at every target step, and the cache.

    ``source (N, S)``, with its ``mask``, and ``inputs (N, T)`` are symbols; the decoder is fed with
    the latter: see `teacher_inputs`.
    """
    check_seq2seq_weights(weights)
    check_whole("source", source, np.shape(source), "(N, S)")
    check_whole("inputs", inputs, np.shape(inputs), "(N, T)")
    keys, state, encoder = masked_lstm_forward(weights.W_source[source], mask, weights.encoder)
    read, _, decoder = lstm_forward(weights.W_target[inputs], weights.decoder, state)
    attention = None
    if weights.attention is not None:
        read, _, attention = attention_forward(read, keys, mask, weights.attention)
    scores = read @ weights.W_y + weights.b_y  # (N, T, V)
    return scores, Seq2SeqCache(source, inputs, encoder, decoder, attention, read, weights)


def seq2seq_backward(dscores: Array, cache: Seq2SeqCache) -> Seq2SeqWeights:
    """Return the gradients of all weights, in the form of the weights."""
    source, inputs, encoder, decoder, attention, read, weights = cache
    check_shape("dscores", dscores, (*inputs.shape, len(weights.b_y)), "(N, T, V)")
    dW_y, db_y = np.tensordot(read, dscores, axes=([0, 1], [0, 1])), dscores.sum(axis=(0, 1))
    dread: Array = dscores @ weights.W_y.T  # (N, T, H)
    dkeys: Array = np.zeros((*source.shape, dread.shape[2]), dread.dtype)
    dattention = None
    if attention is not None:
        dread, dkeys, dattention = attention_backward(dread, attention)
    back = lstm_backward(dread, decoder)
    front = masked_lstm_backward(dkeys, encoder, back.d_state)
    dW_source, dW_target = np.zeros_like(weights.W_source), np.zeros_like(weights.W_target)
    np.add.at(dW_source, source, front.dx)
    np.add.at(dW_target, inputs, back.dx)
    layers = front.d_weights, back.d_weights
    return Seq2SeqWeights(dW_source, dW_target, *layers, dW_y, db_y, dattention)
