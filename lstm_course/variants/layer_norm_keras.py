"""The layer-norm LSTM of Ba, Kiros and Hinton (2016) as a Keras cell (``eq-layer-norm-lstm``)."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lstm_course.variants.keras_rnn import built_rnn, rnn_weights
from lstm_course.variants.layer_norm import EPSILON, LayerNormLSTMWeights, check_layer_norm_weights


@keras.saving.register_keras_serializable("lstm_course")
class LayerNormLSTMCell(keras.layers.Layer):  # type: ignore[misc]
    """The cell for ``keras.layers.RNN``: ``x_t (N, D)`` and the states [h, c], each (N, H)."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units, self.state_size, self.output_size = units, [units, units], units

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Add the seven weights, in the order of ``LayerNormLSTMWeights``."""
        H, width = self.units, 4 * self.units
        self.W_x = self.add_weight((shape[-1], width), "glorot_uniform", name="W_x")
        self.W_h = self.add_weight((H, width), "orthogonal", name="W_h")
        self.b = self.add_weight((width,), "zeros", name="b")
        self.gain_x = self.add_weight((width,), "ones", name="gain_x")
        self.gain_h = self.add_weight((width,), "ones", name="gain_h")
        self.gain_c = self.add_weight((H,), "ones", name="gain_c")
        self.b_c = self.add_weight((H,), "zeros", name="b_c")

    def call(self, inputs: Any, states: Any, training: bool = False) -> tuple[Any, list[Any]]:
        """Advance by one step."""
        h, c = states
        from_x = self.gain_x * normalised(ops.matmul(inputs, self.W_x))
        from_h = self.gain_h * normalised(ops.matmul(h, self.W_h))
        a_i, a_f, a_g, a_o = ops.split(from_x + from_h + self.b, 4, axis=-1)
        c = ops.sigmoid(a_f) * c + ops.sigmoid(a_i) * ops.tanh(a_g)
        h = ops.sigmoid(a_o) * ops.tanh(self.gain_c * normalised(c) + self.b_c)
        return h, [h, c]

    def get_config(self) -> dict[str, Any]:
        """Return what ``from_config`` needs."""
        return {**super().get_config(), "units": self.units}


def normalised(a: Any) -> Any:
    """Return the rows of ``a (N, F)`` with mean 0 and variance 1 (``eq-layer-norm``)."""
    mean, variance = ops.moments(a, axes=[-1], keepdims=True)
    return (a - mean) / ops.sqrt(variance + EPSILON)


def to_keras(weights: LayerNormLSTMWeights, **options: Any) -> Any:
    """Return a built ``keras.layers.RNN`` around the cell; ``options`` go to the layer.

    ``ValueError`` if the shapes do not fit one another.
    """
    D, H = check_layer_norm_weights(weights)
    return built_rnn(LayerNormLSTMCell(H, dtype=str(weights.b.dtype)), D, weights, **options)


def from_keras(layer: Any) -> LayerNormLSTMWeights:
    """Return the weights of a built ``keras.layers.RNN`` around the cell.

    ``ValueError`` if it has another cell, reads backwards, or has not been built yet.
    """
    return LayerNormLSTMWeights(*rnn_weights(layer, LayerNormLSTMCell))
