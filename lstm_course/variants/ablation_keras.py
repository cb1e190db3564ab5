"""The ablations of :mod:`lstm_course.variants.ablation` in Keras, which ships none of them."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from lstm_course.variants.ablation import AblationWeights, init_ablation, switches_of


class AblationCell(keras.layers.Layer):  # type: ignore[misc]
    """One step of a variant, for ``keras.layers.RNN``.

    Parameters
    ----------
    H : int
        Hidden units.
    variant : str
        A key of :data:`lstm_course.variants.ablation.VARIANTS`.
    seed : int
        Seed of the starting weights.
    options
        Go to ``keras.layers.Layer`` (``dtype="float64"``, say).
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
        drawn = init_ablation(int(input_shape[-1] or 0), self.H, rng, self.variant)
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
        i = self._gate("i", a, c)
        f = 1.0 - i if v.coupled else self._gate("f", a, c)
        g = ops.tanh(a["g"]) if v.candidate_tanh else a["g"]
        c = f * c + i * g
        o = self._gate("o", a, c)
        h = o * (ops.tanh(c) if v.output_tanh else c)
        return h, [h, c, ops.concatenate([i, f, o], axis=-1)] if v.gate_recurrence else [h, c]

    def _gate(self, gate: str, a: dict[str, Any], c: Any) -> Any:
        """Return a gate, after its peephole if it has one; a gate that is missing is one."""
        if gate not in a:
            return ops.ones_like(c)
        if self.switches.peepholes:
            return ops.sigmoid(a[gate] + c * self.w_c[self.switches.gates.index(gate)])
        return ops.sigmoid(a[gate])


def constant(array: np.ndarray) -> Any:
    """Return an initialiser that gives this array."""
    return lambda shape, dtype=None: ops.convert_to_tensor(array, dtype=dtype)


def ablation_lstm(H: int, variant: str = "V", seed: int = 0, **options: Any) -> Any:
    """Return a ``keras.layers.RNN`` of a variant.

    ``options`` go to the layer (``return_sequences=True``, say); ``dtype`` to the cell as well.
    """
    cell = AblationCell(H, variant, seed, dtype=options.get("dtype"))
    return keras.layers.RNN(cell, **options)


def load_numpy(layer: Any, weights: AblationWeights) -> Any:
    """Build ``layer`` for the weights of a NumPy layer, take them over, and return it."""
    layer.build((None, None, weights.W_x.shape[0]))
    layer.set_weights([array for array in weights if array.size])
    return layer
