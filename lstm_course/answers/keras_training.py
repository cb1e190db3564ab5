"""The answers to ``keras_training``, as later questions and hidden tests use them.

Made from solutions/keras_training/keras_training.py by `make exercises`: edit that file, not this one.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class CellWeights(keras.layers.Layer):
    """The weights of an LSTM cell, without the step."""

    def __init__(self, units, **options):
        super().__init__(**options)
        self.units = units
        self.state_size = [units, units]  # the states are h and c

    def build(self, input_shape):
        D, H = input_shape[-1], self.units
        self.kernel = self.add_weight(shape=(D, 4 * H), name="kernel")  # W_x
        self.recurrent_kernel = self.add_weight(  # W_h
            shape=(H, 4 * H), initializer="orthogonal", name="recurrent_kernel"
        )
        self.bias = self.add_weight(shape=(4 * H,), initializer="zeros", name="bias")  # b


class HandCell(CellWeights):
    """An LSTM cell for ``keras.layers.RNN``."""

    def call(self, x_t, states):
        """Advance the LSTM by one time step.

        Parameters
        ----------
        x_t : tensor (N, D)
        states : list of two tensors (N, H)
            h_prev and c_prev.

        Returns
        -------
        h_t : tensor (N, H)
            The output of this step.
        states : list of two tensors (N, H)
            The new states, h_t and c_t.

        Hint: ``ops.split(a, 4, axis=1)`` cuts (N, 4H) into four; ``ops.sigmoid`` and
        ``ops.tanh`` know their derivatives, functions of NumPy do not.
        """
        h_prev, c_prev = states
        a = x_t @ self.kernel + h_prev @ self.recurrent_kernel + self.bias  # (N, 4H)
        a_i, a_f, a_g, a_o = ops.split(a, 4, axis=1)  # each (N, H)
        c_t = ops.sigmoid(a_f) * c_prev + ops.sigmoid(a_i) * ops.tanh(a_g)
        h_t = ops.sigmoid(a_o) * ops.tanh(c_t)
        return h_t, [h_t, c_t]


def stacked(D, H, L, every_step=False):
    """Build a stack of LSTM layers with a dense layer on top.

    Parameters
    ----------
    D, H, L : int
        Input features, hidden units of each layer, and layers (at least 1).
    every_step : bool
        Whether the model forecasts after every time step or only after the last one.

    Returns
    -------
    model : keras.Sequential, not compiled
        From (N, T, D) to (N, 1), or to (N, T, 1) with ``every_step``.

    Hint: start with a ``keras.Sequential`` that holds nothing but an ``Input`` of the shape
    ``(None, D)``, and add the layers in a loop.
    """
    model = keras.Sequential([keras.Input((None, D))])
    for number in range(L):
        whole = every_step or number < L - 1
        model.add(keras.layers.RNN(HandCell(H), return_sequences=whole))
    model.add(keras.layers.Dense(1))
    return model


def training_step(model, x, y, max_norm):
    """Do one step of the optimiser, with clipped gradients.

    Parameters
    ----------
    model : compiled model
        ``model.optimizer`` is its optimiser, ``model.trainable_variables`` what it changes.
    x, y : arrays (N, T, D) and (N, 1)
    max_norm : float

    Returns
    -------
    loss, norm : two floats
        The mean squared error before the step, and the norm of all gradients before clipping.

    Hint: ``tf.clip_by_global_norm(gradients, max_norm)`` returns the clipped gradients and the
    norm; ``model.optimizer.apply`` takes gradients and variables and does the step.
    """
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(model(x, training=True) - y))
    variables = model.trainable_variables
    gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), max_norm)
    model.optimizer.apply(gradients, variables)
    return float(loss), float(norm)


def train(model, train_set, valid_set, epochs, batch_size, max_norm):
    """Train a model in batches; watch it on a validation set.

    Parameters
    ----------
    model : compiled model
    train_set, valid_set : tuples (x, y) of arrays (N, T, D) and (N, 1)
    epochs, batch_size : int
    max_norm : float
        For ``training_step``.

    Returns
    -------
    losses, valid_losses : two lists of ``epochs`` floats
        The mean loss over the examples in each epoch, and the mean squared error on the
        validation set after it.

    Hint: ``x[start : start + batch_size]`` ends by itself where ``x`` ends.
    """
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


def forecast_in_chunks(model, x, chunk):
    """Forecast every step of long sequences with a stateful model.

    Parameters
    ----------
    model : model with stateful LSTM layers and others
        From (N, chunk, D), or fewer steps, to (N, chunk, 1).  Its states may be anything: set
        them to zero first.
    x : array (N, T, D)
    chunk : int
        Time steps that go through the model at once; the last chunk may have fewer.

    Returns
    -------
    forecast : array (N, T, 1)
        The same, up to rounding, for every ``chunk``.

    Hint: recurrent layers have a method ``reset_state``, and ``layer.stateful`` is True or
    False; other layers have neither.  ``np.concatenate`` has an argument ``axis``.
    """
    for layer in model.layers:
        if isinstance(layer, keras.layers.RNN):
            layer.reset_state()
    pieces = []
    for start in range(0, x.shape[1], chunk):
        forecast = model(x[:, start : start + chunk])  # (N, chunk, 1)
        pieces.append(ops.convert_to_numpy(forecast))
    return np.concatenate(pieces, axis=1)


def fit(model, train_set, valid_set, epochs, patience):
    """Train with early stopping and a falling learning rate.

    Parameters
    ----------
    model : compiled model
    train_set, valid_set : tuples (x, y) of arrays (N, T, D) and (N, 1)
    epochs : int
        The largest number of epochs.
    patience : int
        For early stopping.

    Returns
    -------
    losses : list of floats
        The validation loss after each epoch that was run.  The model holds the weights of the
        epoch with the lowest one.

    Hint: ``fit`` returns a history; ``history.history["val_loss"]`` is the list.  Leave all
    arguments of the callbacks that are not mentioned as they are.
    """
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    slow_down = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1)
    watch = {"validation_data": valid_set, "callbacks": [stop, slow_down]}
    history = model.fit(*train_set, epochs=epochs, batch_size=16, shuffle=False, verbose=0, **watch)
    return history.history["val_loss"]


def diary(losses, patience, halve_after, learning_rate):
    """Say what early stopping and a falling learning rate make of validation losses.

    Parameters
    ----------
    losses : list of floats
        The validation losses of the epochs, at least one; the training ends with the last one
        if nothing ends it earlier.
    patience, halve_after : int
        At least 1.
    learning_rate : float
        That of the first epoch.

    Returns
    -------
    epochs : int
        How many epochs are run.
    best : int
        The number of the epoch with the lowest loss among these, counted from 1.
    rates : list of floats
        The learning rate in each epoch that is run.

    Hint: keep two counts, one for each callback.
    """
    best, rates = 0, []
    waited = since = 0
    for epoch, loss in enumerate(losses):
        rates.append(learning_rate)
        if epoch == 0 or loss < losses[best]:
            best = epoch
            waited = since = 0
            continue
        waited += 1
        since += 1
        if since == halve_after:
            learning_rate /= 2
            since = 0
        if waited == patience:
            break
    return len(rates), best + 1, rates
