"""Hand a trained LSTM over to the reader's browser, where ``_static/live_lstm.js`` runs it.

Shapes: T time steps, D input features, H hidden units of a layer, V symbols, K outputs.  Weights
are rounded to float16: two bytes each, about three significant digits.  A page that computes
with the rounded ones (:meth:`LiveModel.run`) gets what its readers get, to about twelve digits.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstm_course.arrays import Array, Whole, check_floats, check_shape
from lstm_course.lstm import LSTMWeights, check_lstm_weights, lstm_forward

MOST_BYTES = 300_000  # of JSON on a page
LARGEST = float(np.finfo(np.float16).max)


@dataclass(frozen=True, eq=False, repr=False)
class LiveModel:
    """A trained LSTM as the browser has it: weights rounded to float16, held here as float64."""

    name: str
    layers: tuple[LSTMWeights, ...]  # from the lowest
    W_y: Array  # (H, K)
    b_y: Array  # (K,)
    embedding: Array | None  # (V, D)
    softmax: bool
    text: str  # the JSON that is handed over

    def run(self, x: Array | Whole) -> Array:
        """Return the output ``(T, K)`` after each step, from zero states, as the browser does.

        ``x`` is ``(T, D)``, or symbols ``(T,)``: rows of the embedding, or of the identity where
        there is none.  ``ValueError`` for another shape or a symbol that the model lacks.
        """
        rows = np.eye(len(self.layers[0].W_x)) if self.embedding is None else self.embedding
        if np.issubdtype(x.dtype, np.integer):
            if x.ndim != 1 or not ((x >= 0) & (x < len(rows))).all():
                raise ValueError(f"x must be symbols from 0 to {len(rows) - 1}, of shape (T,)")
            x = rows[x]
        h = np.asarray(x, float)[None]  # (1, T, D)
        for weights in self.layers:
            h, _, _ = lstm_forward(h, weights)  # (1, T, H)
        scores: Array = h[0] @ self.W_y + self.b_y  # (T, K)
        powers: Array = np.exp(scores - scores.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True) if self.softmax else scores

    def __repr__(self) -> str:
        return f"The model {self.name} for the browser, {len(self.text) / 1000:.0f} kB."

    def _repr_html_(self) -> str:
        kind = f'type="application/json" id="{self.name}-model"'
        return f"<script {kind}>{self.text}</script><p>{self!r}</p>"


def rounded(name: str, array: Array) -> Array:
    """Return an array of any shape, each number the nearest of float16; ``ValueError`` if none."""
    if not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity: hand over weights from before that")
    largest = np.abs(array).max(initial=0.0)
    if largest > LARGEST:
        limit = f"float16 ends at {LARGEST:.0f}: scale inputs and targets, and train again"
        raise ValueError(f"{name} holds {largest:.6g}, {limit}")
    return array.astype(np.float16).astype(np.float64)


def packed(array: Array) -> dict[str, Any]:
    """Return a rounded array as JSON: its shape, and little-endian float16, row by row."""
    data = array.astype("<f2").tobytes()
    return {"shape": array.shape, "float16": base64.b64encode(data).decode()}


def live_model(
    name: str,
    layers: LSTMWeights | Sequence[LSTMWeights],
    W_y: Array,
    b_y: Array,
    *,
    embedding: Array | None = None,
    softmax: bool = False,
    extra: Mapping[str, Any] | None = None,
) -> LiveModel:
    """Round a trained model and pack it; a cell that ends with it hands it over.

    ``layers`` are one or more, from the lowest; ``W_y (H, K)`` and ``b_y (K,)`` are the head on
    the highest; ``embedding (V, D)`` stands below the lowest.  ``extra`` is plain JSON for the
    page's script: a scaler, labels, what to show first.  ``ValueError`` where shapes do not fit,
    a number is NaN or too large for float16, or all of it is too heavy for a page.
    """
    if not re.fullmatch("[a-z]+(-[a-z]+)*", name):
        raise ValueError(f"name must be small letters and hyphens, as 'power-load', got {name!r}")
    stack = (layers,) if isinstance(layers, LSTMWeights) else tuple(layers)
    D, *widths = [check_lstm_weights(weights)[0] for weights in stack] or [0]
    H = [len(weights.b) // 4 for weights in stack]
    if not stack or widths != H[:-1]:
        raise ValueError(f"layers must each read the H below, got D = {[D, *widths]} and H = {H}")
    check_floats("b_y", b_y, "(K,)")
    check_shape("b_y", b_y, (b_y.size,), "(K,)")
    check_shape("W_y", W_y, (H[-1], b_y.size), "(H, K)")
    if embedding is not None:
        check_floats("embedding", embedding, "(V, D)")
        check_shape("embedding", embedding, (embedding.size // D, D), "(V, D)")
        embedding = rounded("embedding", embedding)
    fields = LSTMWeights._fields
    stack = tuple(
        LSTMWeights(*(rounded(f"{field} of layer {k}", getattr(w, field)) for field in fields))
        for k, w in enumerate(stack, 1)
    )
    W_y, b_y = rounded("W_y", W_y), rounded("b_y", b_y)
    data = {"softmax": bool(softmax), "W_y": packed(W_y), "b_y": packed(b_y)}
    data["layers"] = [{field: packed(getattr(w, field)) for field in fields} for w in stack]
    data |= {"embedding": None if embedding is None else packed(embedding), "extra": extra or {}}
    try:
        text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    except (TypeError, ValueError) as error:
        raise ValueError(f"extra must be plain JSON, with lists for arrays: {error}") from None
    if len(text) > MOST_BYTES:
        size = f"{len(text) / 1000:.0f} kB, a page may carry {MOST_BYTES / 1000:.0f}"
        raise ValueError(f"{name} has {size}: take fewer units or symbols, or a shorter extra")
    return LiveModel(name, stack, W_y, b_y, embedding, softmax, text)
