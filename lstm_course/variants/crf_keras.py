"""The linear-chain CRF of :mod:`lstm_course.variants.crf` as a Keras 3 layer with its loss.

The layer stands last in a model and hands the emission scores on unchanged; it owns the
transition scores.  ``layer.loss`` goes to ``model.compile``, ``layer.decode`` finds the best
paths.  The gradients of the layer's weights flow through the loss: tested on TensorFlow.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lstm_course.parity import check_same_function, keras_arrays
from lstm_course.variants.crf import CRFWeights, check_crf_weights


class CRF(keras.layers.Layer):  # type: ignore[misc]  # keras has no type hints
    """Hand on emissions (N, T, M) and own ``transitions (M, M)``, ``start (M,)``, ``end (M,)``.

    T must be known when the loss is built.  In the targets of ``loss``, -1 marks padding,
    which stands at the right of every sequence.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Create the weights."""
        M = shape[-1]
        self.transitions = self.add_weight(shape=(M, M), initializer="zeros", name="transitions")
        self.start = self.add_weight(shape=(M,), initializer="zeros", name="start")
        self.end = self.add_weight(shape=(M,), initializer="zeros", name="end")

    def call(self, emissions: Any) -> Any:
        """Return the emissions unchanged."""
        return emissions

    def score(self, emissions: Any, tags: Any) -> Any:
        """Return the score (N,) of one path for each sequence; -1 marks padding."""
        M = emissions.shape[-1]
        chosen = ops.one_hot(tags, M, dtype=emissions.dtype)  # (N, T, M); zeros where -1
        ahead = ops.concatenate([chosen[:, 1:], ops.zeros_like(chosen[:, :1])], axis=1)
        ends_here = ops.sum(chosen, axis=2) - ops.sum(ahead, axis=2)  # (N, T): 1 at the last
        moves = ops.sum((chosen @ self.transitions) * ahead, axis=(1, 2))
        borders = chosen[:, 0] @ self.start[:, None] + ops.sum(
            (chosen @ self.end[:, None]) * ends_here[:, :, None], axis=1
        )
        return ops.sum(chosen * emissions, axis=(1, 2)) + moves + borders[:, 0]

    def log_partition(self, emissions: Any, real: Any) -> Any:
        """Return the log of the sum of exp(score) over all paths, (N,); real is (N, T)."""
        alpha = self.start + emissions[:, 0]  # (N, M)
        for t in range(1, emissions.shape[1]):
            arrive = ops.logsumexp(alpha[:, :, None] + self.transitions, axis=1)
            alpha = ops.where(real[:, t, None], arrive + emissions[:, t], alpha)
        return ops.logsumexp(alpha + self.end, axis=1)

    def loss(self, tags: Any, emissions: Any) -> Any:
        """Return the negative log-likelihood (N,) of the tags, in nats."""
        tags = ops.cast(tags, "int32")
        return self.log_partition(emissions, tags >= 0) - self.score(emissions, tags)

    def decode(self, emissions: Any, lengths: Any) -> Any:
        """Return the best path of each sequence, int32 (N, T); padding holds -1."""
        _, T, M = emissions.shape
        lengths = ops.cast(lengths, "int32")
        best, came_from = self.start + emissions[:, 0], []
        stay = ops.arange(M, dtype="int32")
        for t in range(1, T):
            scores = best[:, :, None] + self.transitions  # (N, M, M)
            goes_on = (lengths > t)[:, None]
            came_from.append(
                ops.where(goes_on, ops.cast(ops.argmax(scores, axis=1), "int32"), stay)
            )
            best = ops.where(goes_on, ops.max(scores, axis=1) + emissions[:, t], best)
        path = [ops.cast(ops.argmax(best + self.end, axis=1), "int32")]
        for pointers in reversed(came_from):
            path.append(ops.take_along_axis(pointers, path[-1][:, None], axis=1)[:, 0])
        tags = ops.stack(path[::-1], axis=1)  # (N, T)
        return ops.where(ops.arange(T, dtype="int32") < lengths[:, None], tags, -1)


def to_keras(weights: CRFWeights) -> CRF:
    """Return a built layer with the weights and the dtype of ``weights``.

    ``ValueError`` if the shapes do not fit one another.
    """
    layer = CRF(dtype=str(weights.start.dtype))
    layer.build((None, None, *check_crf_weights(weights)))
    layer.set_weights(list(weights))
    return layer


def from_keras(layer: CRF) -> CRFWeights:
    """Return the weights of a built layer; ``ValueError`` if it is of another kind or not built."""
    check_same_function("from_keras", layer, CRF, "loss")
    return CRFWeights(*keras_arrays("from_keras", layer, CRF))
