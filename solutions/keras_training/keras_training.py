# ---
# jupyter:
#   # ruff: noqa: F811
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Train an LSTM in Keras
#
# In this assignment you write an LSTM cell for `keras.layers.RNN`, stack layers of it, train by hand with `tf.GradientTape`, forecast a long sequence in chunks with a stateful layer, and let `fit` stop in time.
# It goes with the chapter *LSTM in Keras*; only the last question is answered on no page.
#
# There are seven questions and **14 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds once Keras is imported.
#
# <!-- how to work -->
#
# The tests run your way and the reference way from the same start, and compare forecasts, losses and all weights.
# Two more habits help here:
#
# - use the model and the data that you are given, and nothing from a cell above;
# - hand back plain numbers where numbers are asked for: `float(loss)` is a number, `loss` is a tensor.
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "keras_training_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow starts without its notices

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from lstm_course.answers import keras_training as reference
from lstm_course.answers import keras_training_cases as cases
from lstm_course.answers import keras_training_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Question 1: a cell of your own (2 points)
#
# Read: LSTM in Keras, section *A cell of your own*.
#
# `keras.layers.RNN(cell)` runs any cell over the time steps of a sequence.
# A cell is a layer with a `state_size` and a method `call(x_t, states)`, which returns the output of one step and the list of the new states.
# The layer below has the weights of an LSTM already, under the names and in the shapes of `keras.layers.LSTM`; the step is missing:
#
# $$
# \begin{aligned}
# a_t &= x_t W_x + h_{t-1} W_h + b \\
# i_t &= \sigma(a_i) & f_t &= \sigma(a_f) & g_t &= \tanh(a_g) & o_t &= \sigma(a_o) \\
# c_t &= f_t \odot c_{t-1} + i_t \odot g_t & h_t &= o_t \odot \tanh(c_t)
# \end{aligned}
# $$
#
# The four blocks of $a_t$ stand side by side in the order i, f, g, o.
#
# What to expect: with all weights and biases zero, every gate is 0.5, so that $c_t = c_{t-1} / 2$ and $h_t = \tanh(c_t) / 2$.


# %% nbgrader={"grade": false, "grade_id": "keras_training_weights", "locked": true, "schema_version": 3, "solution": false, "task": false}
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


# %% nbgrader={"grade": false, "grade_id": "keras_training_cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
        ### BEGIN SOLUTION
        h_prev, c_prev = states
        a = x_t @ self.kernel + h_prev @ self.recurrent_kernel + self.bias  # (N, 4H)
        a_i, a_f, a_g, a_o = ops.split(a, 4, axis=1)  # each (N, H)
        c_t = ops.sigmoid(a_f) * c_prev + ops.sigmoid(a_i) * ops.tanh(a_g)
        h_t = ops.sigmoid(a_o) * ops.tanh(c_t)
        return h_t, [h_t, c_t]
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_cell_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("cell")


def test_cell(cases):
    yours = attempt(HandCell, reference.HandCell, cases, known.cell)
    with parts.part("the output", 1):
        yours.check(group="output")
    with parts.part("the new states", 1):
        yours.check(group="states")


test_cell(cases.cell(VISIBLE))

### BEGIN HIDDEN TESTS
test_cell(cases.cell(question_seed("cell")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `HandCell` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "keras_training_reference_cell", "locked": true, "schema_version": 3, "solution": false, "task": false}
HandCell = reference.HandCell

# %% [markdown]
# ## Question 2: a stack (2 points)
#
# Read: LSTM in Keras, section *What comes out*.
#
# `keras.layers.RNN(HandCell(H))` is an LSTM layer.
# By default it returns its output at the last time step only, `(N, H)`; with `return_sequences=True` it returns one for every step, `(N, T, H)`.
# A layer above needs the whole sequence to read.
# If you forget it there, Keras stops with an error.
# If you ask for it where it does not belong, nothing stops you, and the model forecasts something for every step.
#
# Build a model of `L` such layers and `keras.layers.Dense(1)` on top.
# Sequences may have any length, which is written as `keras.Input((None, D))`.
#
# What to expect: `stacked(2, 3, 2).output_shape` is `(None, 1)`, and with `every_step=True` it is `(None, None, 1)`.


# %% nbgrader={"grade": false, "grade_id": "keras_training_stacked", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    model = keras.Sequential([keras.Input((None, D))])
    for number in range(L):
        whole = every_step or number < L - 1
        model.add(keras.layers.RNN(HandCell(H), return_sequences=whole))
    model.add(keras.layers.Dense(1))
    return model
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_stacked_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("stacked")


def test_stacked(cases):
    yours = attempt(stacked, reference.stacked, cases, known.stacked)
    with parts.part("the last step only", 1):
        yours.check(group="last")
    with parts.part("every step", 1):
        yours.check(group="every")


test_stacked(cases.stacked(VISIBLE))

### BEGIN HIDDEN TESTS
test_stacked(cases.stacked(question_seed("stacked")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## The model of the next questions
#
# From here on models are given, such as this one: an LSTM layer, dropout, and a dense layer, compiled with an optimiser.
# Each reads sequences `x (N, T, D)` and forecasts one number for each, `(N, 1)`; the targets `y` have the same shape.
# The loss is the mean squared error, `ops.mean(ops.square(model(x) - y))`.
#
# `run_eagerly=True` keeps Keras from translating Python into a graph, which takes seconds and pays only in longer training.


# %% nbgrader={"grade": false, "grade_id": "keras_training_model", "locked": true, "schema_version": 3, "solution": false, "task": false}
def forecaster(D, H, dropout=0.0, learning_rate=0.1):
    """Return a compiled model from (N, T, D) to (N, 1)."""
    model = keras.Sequential(
        [
            keras.Input((None, D)),
            keras.layers.LSTM(H),
            keras.layers.Dropout(dropout),
            keras.layers.Dense(1),
        ]
    )
    model.compile(keras.optimizers.SGD(learning_rate), "mse", run_eagerly=True)
    return model


# %% [markdown]
# ## Question 3: one step (2 points)
#
# Read: LSTM in Keras, section *The same loop by hand*.
#
# `fit` does for every batch what you write here.
# Inside a `with` block of `tf.GradientTape` TensorFlow notes every operation on the tape; afterwards `tape.gradient(loss, variables)` returns one gradient for each variable.
# Before the optimiser uses them, clip them: all gradients together are one long vector $g$, and where its norm is larger than `max_norm`, every gradient is multiplied by $\text{max norm} / \lVert g \rVert$.
# Keras calls this `global_clipnorm`; its `clipnorm` clips each variable alone.
#
# A model behaves differently in training, because of dropout, and has to be told: `model(x, training=True)`.
#
# What to expect: with `max_norm=0.5` and plain SGD with a learning rate of 0.1 no step moves the weights by more than 0.05 in all, and a large `max_norm` changes nothing.


# %% nbgrader={"grade": false, "grade_id": "keras_training_training_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    with tf.GradientTape() as tape:
        loss = ops.mean(ops.square(model(x, training=True) - y))
    variables = model.trainable_variables
    gradients, norm = tf.clip_by_global_norm(tape.gradient(loss, variables), max_norm)
    model.optimizer.apply(gradients, variables)
    return float(loss), float(norm)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_training_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("training_step")


def test_training_step(cases):
    yours = attempt(training_step, reference.training_step, cases, known.training_step)
    with parts.part("the loss and the norm", 1):
        yours.check(group="loss")
    with parts.part("the weights", 1):
        yours.check(group="weights")


test_training_step(cases.training_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_training_step(cases.training_step(question_seed("training_step")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "keras_training_reference_training_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `training_step` is the reference version.
training_step = reference.training_step

# %% [markdown]
# ## Question 4: the training loop (2 points)
#
# Read: LSTM in Keras, section *The same loop by hand*.
#
# Now train for several epochs, in batches, and look at the validation set after each epoch.
# An epoch takes the examples in their order: first the examples 0 to `batch_size - 1`, then the next ones, and so on.
# The last batch is smaller where the number of examples is no multiple of `batch_size`; it counts too.
#
# The loss of an epoch is the mean over its *examples* of the losses that `training_step` returned, so a batch of 2 counts twice as much as a batch of 1.
# The validation loss is computed after the last batch of the epoch, on the whole validation set at once, without dropout and without a step.
#
# What to expect: with a learning rate of 0 every epoch has the same loss, which is that of the whole training set, whatever the batch size.


# %% nbgrader={"grade": false, "grade_id": "keras_training_train", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_train_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("train")


def test_train(cases):
    yours = attempt(train, reference.train, cases, known.train)
    with parts.part("training", 1):
        yours.check(group="training")
    with parts.part("validation", 1):
        yours.check(group="validation")


test_train(cases.train(VISIBLE))

### BEGIN HIDDEN TESTS
test_train(cases.train(question_seed("train")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: a long sequence in chunks (2 points)
#
# Read: LSTM in Keras, section *State between calls*.
#
# A stateful layer keeps its states from one call to the next.
# So a sequence that is too long to hold, or that has not ended yet, can be read in chunks of a few steps, and every chunk goes on where the last one stopped.
# The price: nobody clears the states for you.
# When the next sequence comes, they still hold the end of the last one.
#
# The model here forecasts after every step, `(N, T, 1)`.
# It may have several stateful layers.
#
# What to expect: the same forecast for every `chunk`, and the same once more when the function is called again.


# %% nbgrader={"grade": false, "grade_id": "keras_training_stateful_model", "locked": true, "schema_version": 3, "solution": false, "task": false}
def stateful_forecaster(N, D, H, L=1):
    """Return a stateful model for batches of exactly N sequences."""
    layers = [keras.layers.LSTM(H, return_sequences=True, stateful=True) for _ in range(L)]
    start = keras.Input(batch_shape=(N, None, D))
    return keras.Sequential([start, *layers, keras.layers.Dense(1)])


# %% nbgrader={"grade": false, "grade_id": "keras_training_forecast_in_chunks", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    for layer in model.layers:
        if isinstance(layer, keras.layers.RNN):
            layer.reset_state()
    pieces = []
    for start in range(0, x.shape[1], chunk):
        forecast = model(x[:, start : start + chunk])  # (N, chunk, 1)
        pieces.append(ops.convert_to_numpy(forecast))
    return np.concatenate(pieces, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_forecast_in_chunks_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("forecast_in_chunks")


def test_forecast_in_chunks(cases):
    yours = attempt(
        forecast_in_chunks, reference.forecast_in_chunks, cases, known.forecast_in_chunks
    )
    with parts.part("the states are carried on", 1):
        yours.check(group="carried")
    with parts.part("the states are cleared first", 1):
        yours.check(group="cleared")


test_forecast_in_chunks(cases.forecast_in_chunks(VISIBLE))

### BEGIN HIDDEN TESTS
test_forecast_in_chunks(cases.forecast_in_chunks(question_seed("forecast_in_chunks")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: stop in time (2 points)
#
# Read: LSTM in Keras, section *Train with `fit`*.
#
# Last, let Keras do the work.
# `model.fit` calls the methods of its callbacks after every epoch; two of them are asked for.
#
# - `keras.callbacks.EarlyStopping` stops the training once the validation loss has not been better than the best so far for `patience` epochs in a row, and can put the weights of the best epoch back.
# - `keras.callbacks.ReduceLROnPlateau` halves the learning rate after each single epoch whose validation loss is not better than the best so far.
#
# Batches of 16, in order: `fit` shuffles unless it is told not to.
#
# What to expect: with a patience of 2 and losses of 3, 2, 4, 5 the training ends after the fourth epoch, with the weights of the second; the learning rate was halved after the third and after the fourth.


# %% nbgrader={"grade": false, "grade_id": "keras_training_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    slow_down = keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=1)
    watch = {"validation_data": valid_set, "callbacks": [stop, slow_down]}
    history = model.fit(*train_set, epochs=epochs, batch_size=16, shuffle=False, verbose=0, **watch)
    return history.history["val_loss"]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_fit_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("fit")


def test_fit(cases):
    yours = attempt(fit, reference.fit, cases, known.fit)
    with parts.part("the validation losses", 1):
        yours.check(group="losses")
    with parts.part("the best weights", 1):
        yours.check(group="weights")


test_fit(cases.fit(VISIBLE))

### BEGIN HIDDEN TESTS
test_fit(cases.fit(question_seed("fit")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: the diary of a training (2 points)
#
# Read: LSTM in Keras, section *Train with `fit`*.
#
# No page prints this answer.
# A colleague has noted the validation loss after each epoch of a training with a fixed number of epochs.
# What would the two callbacks have done with these losses?
#
# - Early stopping ends the training after the first epoch at whose end the loss has not been better than the best so far for `patience` epochs in a row.
# - The learning rate is halved after `halve_after` epochs in a row that were not better; then this count starts again from zero, and so it does after each epoch that is better.
#
# *Better* means lower than the best so far; an equal loss is not better.
#
# What to expect: with the losses 3, 2, 4, 5, 1, `patience=2`, `halve_after=1` and a learning rate of 0.8 there are 4 epochs, the second one is the best, and the rates are 0.8, 0.8, 0.8, 0.4: what is halved after an epoch counts from the next one on.


# %% nbgrader={"grade": false, "grade_id": "keras_training_diary", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "keras_training_diary_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("diary")


def test_diary(cases):
    yours = attempt(diary, reference.diary, cases, known.diary)
    with parts.part("the end and the best epoch", 1):
        yours.check(group="epochs")
    with parts.part("the learning rates", 1):
        yours.check(group="rates")


test_diary(cases.diary(VISIBLE))

### BEGIN HIDDEN TESTS
test_diary(cases.diary(question_seed("diary")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# A cell, a stack of layers of it, and two ways to train it.
# Run the cell: the stack learns to forecast the sum of three numbers, with one step of Adam after the other.
# Who always forecasts the mean of these sums has a loss of about 3.

# %%
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(32, 3, 1)).astype("float32")
y = x.sum(axis=1)  # (N, 1)
model = stacked(1, 8, 1)
model.compile(keras.optimizers.Adam(0.05))
losses = [training_step(model, x, y, 1.0)[0] for _ in range(25)]
print(f"loss: {losses[0]:.3f} at the first step, {losses[-1]:.3f} at the last")
