"""The ablations of :mod:`lstm_course.variants.ablation` in Keras, which ships none of them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lstm_course.variants.ablation import (
    AblationWeights,
    check_ablation_weights,
    init_ablation,
    switches_of,
    weight_shapes,
)
from lstm_course.variants.keras_rnn import built_rnn, rnn_weights


@keras.saving.register_keras_serializable("lstm_course")
class AblationCell(keras.layers.Layer):  # type: ignore[misc]
    """One step of a variant, for ``keras.layers.RNN``.

    ``variant`` is a key of :data:`lstm_course.variants.ablation.VARIANTS`, ``seed`` that of the
    starting weights; ``options`` go to ``keras.layers.Layer`` (``dtype="float64"``, say).
    """

    def __init__(self, H: int, variant: str = "V", seed: int = 0, **options: Any) -> None:
        super().__init__(**options)
        self.H, self.variant, self.seed = H, variant, seed
        self.switches = switches_of(variant)
        self.state_size = [H, H, 3 * H] if self.switches.gate_recurrence else [H, H]
        self.output_size = H

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Add the weights, in the order of the NumPy cell; those that are missing are None."""
        rng = np.random.default_rng(self.seed)
        drawn = init_ablation(rng, int(input_shape[-1] or 0), self.H, self.variant)
        weights: list[Any] = [
            self.add_weight(shape=array.shape, initializer=constant(array), name=name)
            if array.size
            else None
            for name, array in zip(drawn._fields, drawn, strict=True)
        ]
        self.W_x, self.W_h, self.b, self.w_c, self.W_u = weights

    def call(self, x_t: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        """Return the hidden state, and the states of the next step."""
        v, (h, c, *u) = self.switches, states
        a = ops.matmul(x_t, self.W_x) + ops.matmul(h, self.W_h) + self.b
        a = dict(zip(v.blocks, ops.split(a, len(v.blocks), axis=-1), strict=True))
        if v.gate_recurrence:
            parts = ops.split(ops.matmul(u[0], self.W_u), 3, axis=-1)
            a |= {gate: a[gate] + part for gate, part in zip(v.gates, parts, strict=True)}
        i = self.gate("i", a, c)
        f = 1.0 - i if v.coupled else self.gate("f", a, c)
        g = ops.tanh(a["g"]) if v.candidate_tanh else a["g"]
        c = f * c + i * g
        o = self.gate("o", a, c)
        h = o * (ops.tanh(c) if v.output_tanh else c)
        return h, [h, c, ops.concatenate([i, f, o], axis=-1)] if v.gate_recurrence else [h, c]

    def get_config(self) -> dict[str, Any]:
        """Return what ``from_config`` needs."""
        own = {"H": self.H, "variant": self.variant, "seed": self.seed}
        return {**super().get_config(), **own}

    def gate(self, gate: str, a: dict[str, Any], c: Any) -> Any:
        """Return a gate, after its peephole if it has one; a gate that is missing is one."""
        if gate not in a:
            return ops.ones_like(c)
        if self.switches.peepholes:
            return ops.sigmoid(a[gate] + c * self.w_c[self.switches.gates.index(gate)])
        return ops.sigmoid(a[gate])


def constant(array: np.ndarray) -> Any:
    """Return an initializer that gives this array."""
    return lambda shape, dtype=None: ops.convert_to_tensor(array, dtype=dtype)


def ablation_lstm(H: int, variant: str = "V", seed: int = 0, **options: Any) -> Any:
    """Return a ``keras.layers.RNN`` of a variant.

    ``options`` go to the layer (``return_sequences=True``, say); ``dtype`` to the cell as well.
    """
    cell = AblationCell(H, variant, seed, dtype=options.get("dtype"))
    return keras.layers.RNN(cell, **options)


def to_keras(weights: AblationWeights, variant: str = "V", **options: Any) -> Any:
    """Return a built layer of ``variant`` that computes the same function.

    ``options`` go to ``keras.layers.RNN``.  The layer has the dtype of the weights.
    ``ValueError`` if the weights do not fit the variant.
    """
    D, H = check_ablation_weights(weights, variant)
    return built_rnn(AblationCell(H, variant, dtype=str(weights.b.dtype)), D, weights, **options)


def from_keras(layer: Any) -> AblationWeights:
    """Return the weights of a built layer; those that its variant lacks are empty.

    ``ValueError`` if the layer has another cell, reads backwards, or has not been built yet.
    """
    arrays = rnn_weights(layer, AblationCell)
    shapes = weight_shapes(len(arrays[0]), layer.cell.H, layer.cell.variant)
    dtype = arrays[0].dtype
    found = [arrays.pop(0) if np.prod(shape) else np.zeros(shape, dtype) for shape in shapes]
    return AblationWeights(*found)
