"""Reference versions of what the assignment ``keras_training`` asks for.

Hidden tests train a twin of the student's model with these and compare weights and losses;
from one question to the next, the notebook replaces the student's functions by these.
Models map ``x (N, T, D)`` to a forecast, are compiled, and run on TensorFlow.
"""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

Array = NDArray[np.floating]
Pair = tuple[Array, Array]

__all__ = ["HandCell", "fit", "forecast_in_chunks", "stacked", "train", "training_step"]


class HandCell(keras.layers.Layer):  # type: ignore[misc]  # Keras is not typed
    """An LSTM cell for ``keras.layers.RNN``, with the weights of ``keras.layers.LSTM``."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.units = units
        self.state_size = [units, units]

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Make the weights: (D, 4H), (H, 4H) and (4H,), in blocks i, f, g, o."""
        D, H = input_shape[-1], self.units
        self.kernel = self.add_weight(shape=(D, 4 * H), name="kernel")
        self.recurrent_kernel = self.add_weight(shape=(H, 4 * H), name="recurrent_kernel")
        self.bias = self.add_weight(shape=(4 * H,), initializer="zeros", name="bias")

    def call(self, x_t: Any, states: Any) -> tuple[Any, list[Any]]:
        """Return ``h_t (N, H)`` and the new states ``[h_t, c_t]``."""
        h_prev, c_prev = states
        a = x_t @ self.kernel + h_prev @ self.recurrent_kernel + self.bias  # (N, 4H)
        a_i, a_f, a_g, a_o = ops.split(a, 4, axis=1)  # each (N, H)
        c_t = ops.sigmoid(a_f) * c_prev + ops.sigmoid(a_i) * ops.tanh(a_g)
        h_t = ops.sigmoid(a_o) * ops.tanh(c_t)
        return h_t, [h_t, c_t]


def stacked(D: int, H: int, L: int, every_step: bool = False) -> Any:
    """Return a model of ``L`` hand-made LSTM layers and a dense layer with one unit."""
    layers: list[Any] = [keras.Input((None, D))]
    for number in range(L):
        whole = every_step or number < L - 1
        layers.append(keras.layers.RNN(HandCell(H), return_sequences=whole))
    return keras.Sequential([*layers, keras.layers.Dense(1)])


def training_step(model: Any, x: Array, y: Array, max_norm: float) -> tuple[float, float]:
    """Do one step with clipped gradients; return the loss and the norm before it."""
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(model(x, training=True) - y))
    variables = model.trainable_variables
    gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), max_norm)
    model.optimizer.apply(gradients, variables)
    return float(loss), float(norm)


def train(
    model: Any, train_set: Pair, valid_set: Pair, epochs: int, batch_size: int, max_norm: float
) -> tuple[list[float], list[float]]:
    """Train in batches, in order; return the losses in training and in validation."""
    x, y = train_set
    x_valid, y_valid = valid_set
    losses, valid_losses = [], []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            loss, _ = training_step(model, x_batch, y_batch, max_norm)
            total += loss * len(x_batch)
        losses.append(total / len(x))
        forecast = model(x_valid, training=False)
        valid_losses.append(float(ops.mean(ops.square(forecast - y_valid))))
    return losses, valid_losses


def forecast_in_chunks(model: Any, x: Array, chunk: int) -> Array:
    """Forecast every step of long sequences with a stateful model, ``chunk`` steps at a time."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()
    starts = range(0, x.shape[1], chunk)
    pieces = [ops.convert_to_numpy(model(x[:, start : start + chunk])) for start in starts]
    return np.concatenate(pieces, axis=1)


def fit(model: Any, train_set: Pair, valid_set: Pair, epochs: int, patience: int) -> list[float]:
    """Train as ``model.fit`` does with the two callbacks; leave the best weights in the model.

    Written out, it takes a fifth of the time.
    """
    losses: list[float] = []
    best, weights_of_best, plateau = math.inf, model.get_weights(), math.inf
    for _ in range(epochs):
        losses.append(train(model, train_set, valid_set, 1, 16, 1e9)[1][0])
        if losses[-1] < best:
            best, weights_of_best = losses[-1], model.get_weights()
        if losses[-1] < plateau - 1e-4:  # what ReduceLROnPlateau calls better
            plateau = losses[-1]
        else:
            model.optimizer.learning_rate = float(model.optimizer.learning_rate) / 2
        if len(losses) - 1 - losses.index(best) >= patience:
            break
    model.set_weights(weights_of_best)
    return losses
