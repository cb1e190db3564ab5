"""The encoder-decoder of `lstm_course.variants.seq2seq` in Keras, from the layers it ships."""

from __future__ import annotations

from typing import Any

import keras

from lstm_course.variants.attention import AdditiveWeights
from lstm_course.variants.seq2seq import Seq2SeqWeights


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


def seq2seq_to_keras(weights: Seq2SeqWeights) -> Seq2Seq:
    """Return a built model with the weights, and the dtype, of a NumPy one."""
    kind, extra = "none", []
    if weights.attention is not None:
        score, W_c = weights.attention
        kind = "dot" if score is None else "general"
        if isinstance(score, AdditiveWeights):
            kind = "additive"
        extra = [*(score or ()), W_c]
    (V_source, D), (H, V) = weights.W_source.shape, weights.W_y.shape
    model = Seq2Seq(V_source, V, D, H, kind, dtype=str(weights.b_y.dtype))
    symbols = keras.ops.zeros((1, 1), dtype="int32")
    model(symbols, symbols, keras.ops.ones((1, 1), dtype="bool"))
    layers = [model.embed_source, model.embed_target, model.encoder, model.decoder, model.head]
    arrays = [[weights.W_source], [weights.W_target], weights.encoder, weights.decoder]
    for layer, values in zip(layers, [*arrays, [weights.W_y, weights.b_y]], strict=True):
        layer.set_weights(list(values))
    if extra:
        names = {"additive": ("ask", "show", "attention"), "general": ("ask",), "dot": ()}[kind]
        for name, array in zip((*names, "join"), extra, strict=True):
            getattr(model, name).set_weights([array])
    return model
