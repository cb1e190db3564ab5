"""The encoder-decoder of `lstm_course.variants.seq2seq` in Keras, from the layers it ships."""

from __future__ import annotations

from typing import Any

import keras

from lstm_course import lstm_keras
from lstm_course.parity import check_same_function
from lstm_course.variants.attention import (
    AdditiveWeights,
    AttentionWeights,
    GeneralWeights,
    score_kind,
)
from lstm_course.variants.seq2seq import Seq2SeqWeights, check_seq2seq_weights

#: The layers of the attention that have weights, in the order of the weights.
ATTENTION = {
    "additive": ("ask", "show", "attention", "join"),
    "general": ("ask", "join"),
    "dot": ("join",),
}


class Seq2Seq(keras.Model):  # type: ignore[misc]
    """Two LSTMs with a state between them, and optional attention.

    ``attention`` is none, additive, general or dot.  Call it with source (N, S), inputs (N, T)
    and a boolean mask (N, S); it returns scores (N, T, V).
    """

    def __init__(
        self, V_source: int, V: int, D: int, H: int, attention: str = "none", **options: Any
    ) -> None:
        super().__init__(**options)
        layers, dtype = keras.layers, self.dtype_policy
        self.kind = attention
        self.embed_source = layers.Embedding(V_source, D, dtype=dtype)
        self.embed_target = layers.Embedding(V, D, dtype=dtype)
        both = {"return_sequences": True, "return_state": True, "dtype": dtype}
        self.encoder, self.decoder = layers.LSTM(H, **both), layers.LSTM(H, **both)
        self.head = layers.Dense(V, dtype=dtype)
        if attention == "none":
            return
        plain = {"use_bias": False, "dtype": dtype}
        if attention == "additive":
            self.ask, self.show = layers.Dense(H, **plain), layers.Dense(H, **plain)
            self.attention = layers.AdditiveAttention(dtype=dtype)
        else:
            self.ask = layers.Dense(H, **plain) if attention == "general" else layers.Identity()
            self.attention = layers.Attention(dtype=dtype)
        self.join = layers.Dense(H, activation="tanh", **plain)

    def call(self, source: Any, inputs: Any, mask: Any) -> Any:
        """Return scores (N, T, V)."""
        keys, *states = self.encoder(self.embed_source(source), mask=mask)
        read, *_ = self.decoder(self.embed_target(inputs), initial_state=states)
        if self.kind == "none":
            return self.head(read)
        shown = self.show(keys) if self.kind == "additive" else keys
        context = self.attention([self.ask(read), keys, shown], mask=[None, mask])
        return self.head(self.join(keras.ops.concatenate([read, context], axis=2)))


def to_keras(weights: Seq2SeqWeights) -> Seq2Seq:
    """Return a built model with the weights and the dtype of ``weights``.

    ``ValueError`` if the shapes do not fit one another.
    """
    check_seq2seq_weights(weights)
    (V_source, D), (H, V) = weights.W_source.shape, weights.W_y.shape
    kind = score_kind(weights.attention)
    model = Seq2Seq(V_source, V, D, H, kind, dtype=str(weights.b_y.dtype))
    symbols = keras.ops.zeros((1, 1), dtype="int32")
    model(symbols, symbols, keras.ops.ones((1, 1), dtype="bool"))
    model.embed_source.set_weights([weights.W_source])
    model.embed_target.set_weights([weights.W_target])
    model.encoder.set_weights(list(weights.encoder))
    model.decoder.set_weights(list(weights.decoder))
    model.head.set_weights([weights.W_y, weights.b_y])
    if weights.attention is not None:
        arrays = [*(weights.attention.score or ()), weights.attention.W_c]
        for name, array in zip(ATTENTION[kind], arrays, strict=True):
            getattr(model, name).set_weights([array])
    return model


def from_keras(model: Seq2Seq) -> Seq2SeqWeights:
    """Return the weights of a built model; ``ValueError`` if it computes another function."""
    check_same_function("from_keras", model, Seq2Seq, "call")
    layers = lstm_keras.from_keras(model.encoder), lstm_keras.from_keras(model.decoder)
    (W_source,), (W_target,) = model.embed_source.get_weights(), model.embed_target.get_weights()
    weights = Seq2SeqWeights(W_source, W_target, *layers, *model.head.get_weights())
    if model.kind == "none":
        return weights
    *arrays, W_c = (getattr(model, name).get_weights()[0] for name in ATTENTION[model.kind])
    score = {0: None, 1: GeneralWeights, 3: AdditiveWeights}[len(arrays)]
    return weights._replace(attention=AttentionWeights(score and score(*arrays), W_c))
