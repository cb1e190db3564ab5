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
#
# There are six questions and **12 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds once Keras is imported.
#
# **How to work.**
# Each question is one function, or one method of a class, of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests it.
# If the test shows all points of the question, it passed; if not, read its message, which names the likely mistake.
# Every question has two parts of one point each, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests run your way and the reference way from the same start, and compare forecasts, losses and all weights.
# They try other sizes, other optimisers, one example only, a last batch that is smaller, and dropout.
# Three habits get you through all of them:
#
# - use the model and the data that you are given, and nothing from a cell above;
# - take sizes from the shapes of the arguments;
# - hand back plain numbers where numbers are asked for: `float(loss)` is a number, `loss` is a tensor.
#
# **One slip costs one question.**
# Before a later question uses an earlier answer, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "keras_training_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import keras
import numpy as np
import tensorflow as tf
from keras import ops

from lstm_course.answers import keras_training as reference
from lstm_course.answers import keras_training_cases as cases
from nbjudge.checks.calls import check_own, take_apart
from nbjudge.checks.arrays import check_array, check_example
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_number, check_numbers
from nbjudge.checks.seeds import question_seed

# %% [markdown]
# ## Question 1: a cell of your own (2 points)
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
parts = Parts()


def one_step(cell, x_t, h_prev, c_prev):
    """Return h_t, and the new states h and c, as arrays."""
    h_t, states = take_apart("call", cell(x_t, [h_prev, c_prev]), ("h_t", "states"))
    states = take_apart("the list of states", states, ("h_t", "c_t"))
    names = ("h_t", "the first state", "the second state")
    return [cases.array(name, value) for name, value in zip(names, (h_t, *states), strict=True)]


def test_cell():
    check_own(HandCell)
    cell = HandCell(1)
    cell.build((None, 1))
    cell.set_weights([np.array([[-1.0, 2.0, 0.5, 1.0]]), np.ones((1, 4)), np.zeros(4)])
    x_t, h_prev, c_prev = (cases.floats([[value]]) for value in (1.0, 0.5, 2.0))
    h_t, h, c = one_step(cell, x_t, h_prev, c_prev)
    with parts.part("the output", 1):
        check_example(
            "h_t",
            h_t,
            [[0.7951]],
            hints=[
                (2.1358, "this is c_t: the output is h_t"),
                (0.7882, "h_t uses the new cell state, not c_prev"),
                (1.7462, "the tanh of the cell state is missing"),
                (0.7337, "the forget gate multiplies c_prev, not the candidate"),
                (0.7130, "the blocks stand in the order i, f, g, o: g is the third"),
                (0.6982, "h_prev @ recurrent_kernel is missing"),
            ],
        )
    with parts.part("the new states", 1):
        check_example("the first state", h, [[0.7951]], [(2.1358, "h_t comes first, then c_t")])
        check_example("the second state", c, [[2.1358]], [(2.0, "the new c_t, not c_prev")])


test_cell()


### BEGIN HIDDEN TESTS
def hidden_cell():
    from lstm_course import LSTMState, LSTMWeights, lstm_step

    rng = np.random.default_rng(question_seed("cell"))
    for N, D, H, dtype in ((3, 2, 4, "float32"), (1, 1, 3, "float32"), (2, 3, 2, "float64")):
        shapes = ((N, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H), (4 * H,))
        x_t, h_prev, c_prev, *weights = (rng.normal(size=s).astype(dtype) for s in shapes)
        cell = HandCell(H, dtype=dtype)
        cell.build((None, D))
        cell.set_weights(weights)
        out, h, c = one_step(cell, x_t, h_prev, c_prev)
        before = LSTMState(h_prev, c_prev)
        (right_h, right_c), _ = lstm_step(x_t, before, LSTMWeights(*weights))
        where = f"for N = {N}, D = {D}, H = {H}"
        without = LSTMWeights(*weights[:2], 0 * weights[2])
        no_bias = lstm_step(x_t, before, without)[0].h
        with parts.part("the output"):
            hint = (no_bias, "the bias is missing")
            check_array(f"h_t {where}", out, right_h, hints=[hint], same_dtype=True)
        with parts.part("the new states"):
            hint = (right_c, "h_t comes first, then c_t")
            check_array(f"the first state {where}", h, right_h, hints=[hint])
            check_array(f"the second state {where}", c, right_c)


hidden_cell()
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
parts = Parts()


def weight_shapes(D, H, L):
    """Return the shapes of all weights of a stack."""
    widths = [D] + [H] * (L - 1)
    layers = [shape for width in widths for shape in ((width, 4 * H), (H, 4 * H), (4 * H,))]
    return [*layers, (H, 1), (1,)]


def test_stacked():
    check_own(stacked)
    x = cases.floats(np.linspace(-1, 1, 12).reshape(2, 3, 2))
    model = stacked(2, 3, 2)
    with parts.part("the last step only", 1):
        shape = tuple(model.output_shape)
        assert shape != (None, None, 1), "the top layer returns every step: it needs the last only"
        assert shape == (None, 1), "the output must have the shape (N, 1)"
        shapes = [w.shape for w in model.get_weights()]
        assert shapes == weight_shapes(2, 3, 2), "the weights do not have the shapes of two layers"
        cases.line(model)
        check_example(
            "the forecast",
            cases.array("the forecast", model(x)),
            [[-0.4509], [-0.4455]],
            hints=[
                (wrong, "no activation on top: a forecast may be any number")
                for wrong in ([[0.3891], [0.3904]], [[-0.4226], [-0.4182]], 0.0)
            ],
        )
    with parts.part("every step", 1):
        shape = tuple(stacked(2, 3, 2, every_step=True).output_shape)
        assert shape != (None, 1), "with every_step the top layer returns whole sequences too"
        assert shape == (None, None, 1), "the output must have the shape (N, T, 1)"


test_stacked()


### BEGIN HIDDEN TESTS
def hidden_stacked():
    rng = np.random.default_rng(question_seed("stacked"))
    for D, H, L, every_step in (
        (1, 2, 1, False),
        (2, 3, 3, False),
        (3, 2, 1, True),
        (1, 3, 2, True),
    ):
        kind = "every step" if every_step else "the last step only"
        with parts.part(kind):
            yours, right = stacked(D, H, L, every_step), reference.stacked(D, H, L, every_step)
            shapes = [w.shape for w in yours.get_weights()]
            assert shapes == weight_shapes(D, H, L), "the weights have the wrong shapes"
            cases.randomise(right, rng)
            yours.set_weights(right.get_weights())
            x = cases.floats(rng.normal(size=(2, 4, D)))
            label = f"the forecast of {L} layers"
            check_array(label, cases.array(label, yours(x)), right(x).numpy())


hidden_stacked()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## The model of the next questions
#
# From here on models are given: one LSTM layer, dropout, and a dense layer, compiled with an optimiser.
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


def small_problem(dropout=0.0, learning_rate=0.1):
    """Return a model, x (3, 4, 1) and y (3, 1), always the same."""
    keras.utils.set_random_seed(0)
    model = forecaster(1, 2, dropout, learning_rate)
    cases.line(model)
    x = cases.floats(np.linspace(-1.0, 1.0, 12).reshape(3, 4, 1))
    return model, x, 1.0 + 3.0 * x[:, -1]


# %% [markdown]
# ## Question 3: one step (2 points)
#
# `fit` does for every batch what you write here.
# Inside a `with` block of `tf.GradientTape` TensorFlow notes every operation on the tape; afterwards `tape.gradient(loss, variables)` returns one gradient for each variable.
# Before the optimiser uses them, clip them: all gradients together are one long vector $g$, and where its norm is larger than `max_norm`, every gradient is multiplied by $\text{max norm} / \lVert g \rVert$.
# Keras calls this `global_clipnorm`; its `clipnorm` clips each variable alone.
#
# A model behaves differently in training, because of dropout, and has to be told: `model(x, training=True)`.
#
# What to expect: in the test the loss is 8.2808 and the norm of the gradients 4.8325.


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
parts = Parts()


def test_training_step():
    check_own(training_step)
    model, x, y = small_problem()
    loss, norm = take_apart("training_step", training_step(model, x, y, 0.5), ("loss", "norm"))
    dropped = small_problem(dropout=0.5)[0]
    in_training, _ = take_apart(
        "training_step", training_step(dropped, x, y, 0.5), ("loss", "norm")
    )
    with parts.part("the loss and the norm", 1):
        hints = [
            (8.0417, "this is the loss after the step: return the one before"),
            (24.8424, "this is the sum, not the mean"),
        ]
        check_number("the loss", loss, 8.2808, rtol=1e-3, hints=hints, reveal=True)
        hints = [
            (0.5, "return the norm before clipping, not after"),
            (23.3534, "take the square root"),
        ]
        check_number("the norm", norm, 4.8325, rtol=1e-3, hints=hints, reveal=True)
        same = abs(in_training - 8.2808) < 1e-3
        assert not same, "dropout is off: tell the model that this is training"
    with parts.part("the weights", 1):
        check_example(
            "the weights of the dense layer",
            model.get_weights()[3],
            [[-0.4978], [0.5076]],
            hints=[
                ([[-0.5], [0.5]], "the weights did not change: let the optimiser do its step"),
                ([[-0.4791], [0.5738]], "the gradients are not clipped before the step"),
                (
                    [[-0.4864], [0.5481]],
                    "each variable is clipped alone: there is one norm for all",
                ),
                ([[-0.4957], [0.5153]], "the norm is clipped to 1, not to max_norm"),
            ],
        )


test_training_step()


### BEGIN HIDDEN TESTS
def hidden_training_step():
    seed = question_seed("training_step")
    for yours, right in cases.twins(forecaster, seed):
        for step, max_norm in (("first", 0.5), ("second", 100.0)):
            where = f"the {step} step, {right.label}"
            start = cases.weights(right.model)
            result = training_step(yours.model, yours.x, yours.y, max_norm)
            found = take_apart("training_step", result, ("loss", "norm"))
            loss, norm = reference.training_step(right.model, right.x, right.y, max_norm)
            with parts.part("the loss and the norm"):
                check_number(f"the loss of {where}", found[0], loss, rtol=1e-4)
                hint = (max_norm, "return the norm before clipping")
                check_number(f"the norm of {where}", found[1], norm, rtol=1e-4, hints=[hint])
            with parts.part("the weights"):
                check_array(
                    f"the weights after {where}",
                    cases.weights(yours.model),
                    cases.weights(right.model),
                    hints=[(start, "they did not change at all")],
                )
            yours.model.set_weights(right.model.get_weights())  # the next step starts equal


hidden_training_step()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "keras_training_reference_training_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `training_step` is the reference version.
training_step = reference.training_step

# %% [markdown]
# ## Question 4: the training loop (2 points)
#
# Now train for several epochs, in batches, and look at the validation set after each epoch.
# An epoch takes the examples in their order: first the examples 0 to `batch_size - 1`, then the next ones, and so on.
# The last batch is smaller where the number of examples is no multiple of `batch_size`; it counts too.
#
# The loss of an epoch is the mean over its *examples* of the losses that `training_step` returned, so a batch of 2 counts twice as much as a batch of 1.
# The validation loss is computed after the last batch of the epoch, on the whole validation set at once, without dropout and without a step.
#
# What to expect: losses of 7.6728 and 6.0477 in the test, with two epochs of two batches each.


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
parts = Parts()


def test_train():
    check_own(train)
    model, x, y = small_problem()
    result = train(model, (x, y), (x, y + 1.0), 2, 2, 2.0)  # batches of 2 and 1
    losses, valid_losses = take_apart("train", result, ("losses", "valid_losses"))
    with parts.part("training", 1):
        check_numbers(
            "the losses",
            losses,
            [7.6728, 6.0477],
            rtol=1e-3,
            hints=[
                ([10.2122, 8.1917], "a batch of 2 counts twice as much as a batch of 1"),
                ([23.0185, 18.1430], "divide the sum by the number of examples"),
                ([1.7294, 1.4215], "the last batch, which is smaller, is left out"),
                ([7.9734, 7.0646], "the norm is clipped to 1, not to max_norm"),
                ([7.9769, 6.3228], "take the batches in their order"),
                ([17.8304, 14.6239], "this is the loss of the last batch of each epoch"),
            ],
            reveal=True,
        )
    with parts.part("validation", 1):
        check_numbers(
            "the validation losses",
            valid_losses,
            [11.2383, 9.1231],
            rtol=1e-3,
            hints=[([6.5218, 5.1842], "this is the training set: measure on the validation set")],
            reveal=True,
        )
        model, x, y = small_problem(dropout=0.5)
        result = train(model, (x, y), (x, y + 1.0), 1, 2, 2.0)
        _, (found,) = take_apart("train", result, ("losses", "valid_losses"))
        without = float(np.mean((model(x).numpy() - y - 1.0) ** 2))
        assert abs(found - without) < 1e-3, "dropout is on: validation is not training"


test_train()


### BEGIN HIDDEN TESTS
def hidden_train():
    seed = question_seed("train")
    settings = ((1, 3, 0.5), (2, 8, 100.0))
    for (yours, right), setting in zip(cases.twins(forecaster, seed), settings, strict=True):
        where = f"{right.label}, {setting}"
        x, y = right.x[::-1] + 0.5, right.y[::-1]
        result = train(yours.model, (yours.x, yours.y), (x, y), *setting)
        found = take_apart("train", result, ("losses", "valid_losses"))
        expected = reference.train(right.model, (right.x, right.y), (x, y), *setting)
        with parts.part("training"):
            check_numbers(f"the losses for {where}", found[0], expected[0], rtol=1e-4)
            label = f"the weights for {where}"
            check_array(label, cases.weights(yours.model), cases.weights(right.model))
        with parts.part("validation"):
            check_numbers(f"the validation losses for {where}", found[1], expected[1], rtol=1e-4)


hidden_train()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: a long sequence in chunks (2 points)
#
# A stateful layer keeps its states from one call to the next.
# So a sequence that is too long to hold, or that has not ended yet, can be read in chunks of a few steps, and every chunk goes on where the last one stopped.
# The price: nobody clears the states for you.
# When the next sequence comes, they still hold the end of the last one.
#
# The model here forecasts after every step, `(N, T, 1)`.
# It may have several stateful layers.


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
parts = Parts()


def test_forecast_in_chunks():
    check_own(forecast_in_chunks)
    x = cases.floats(np.linspace(-1, 1, 5).reshape(1, 5, 1))
    model = stateful_forecaster(1, 1, 2)
    cases.line(model)
    five = [[[-0.5], [-0.4906], [-0.4753], [-0.4575], [-0.4404]]]
    cleared = [[[-0.5], [-0.4906], [-0.4809], [-0.4608], [-0.4645]]]
    uncleared = [[[-0.4761], [-0.4760], [-0.4663], [-0.4521], [-0.4373]]]
    with parts.part("the states are carried on", 1):
        check_example(
            "the forecast",
            forecast_in_chunks(model, x, 2),
            five,
            hints=[
                (
                    cleared,
                    "the states are cleared before every chunk: clear them once, at the start",
                ),
                ([five[0][:4]], "the last chunk, which is shorter, is left out"),
            ],
        )
    model(x)  # whatever the model read before must not count
    with parts.part("the states are cleared first", 1):
        check_example(
            "the second forecast",
            forecast_in_chunks(model, x, 2),
            five,
            hints=[
                (uncleared, "the states of the last sequence were still there: clear them first")
            ],
        )


test_forecast_in_chunks()


### BEGIN HIDDEN TESTS
def hidden_forecast_in_chunks():
    rng = np.random.default_rng(question_seed("forecast_in_chunks"))
    for N, T, D, H, L, chunk in ((3, 7, 2, 3, 1, 3), (1, 4, 1, 2, 2, 2), (2, 3, 3, 4, 1, 5)):
        model = stateful_forecaster(N, D, H, L)
        cases.randomise(model, rng)
        x = cases.floats(rng.normal(size=(N, T, D)))
        right = reference.forecast_in_chunks(model, x, T)
        for layer in model.layers[:-1]:
            layer.reset_state()
        label = f"the forecast of {L} layers, N = {N}, T = {T}, chunks of {chunk}"
        with parts.part("the states are carried on"):
            check_array(label, forecast_in_chunks(model, x, chunk), right)
        model(x + 1.0)
        with parts.part("the states are cleared first"):
            check_array(f"{label}, again", forecast_in_chunks(model, x, chunk), right)


hidden_forecast_in_chunks()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: stop in time (2 points)
#
# Last, let Keras do the work.
# `model.fit` calls the methods of its callbacks after every epoch; two of them are asked for.
#
# - `keras.callbacks.EarlyStopping` stops the training once the validation loss has not been better than the best so far for `patience` epochs in a row, and can put the weights of the best epoch back.
# - `keras.callbacks.ReduceLROnPlateau` halves the learning rate after each single epoch whose validation loss is not better than the best so far.
#
# Batches of 16, in order: `fit` shuffles unless it is told not to.
#
# What to expect: in the test, the lowest of four validation losses is 0.3546, at the second epoch.


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
parts = Parts()


def test_fit():
    check_own(fit)
    model, x, _ = small_problem(learning_rate=0.2)
    losses = fit(model, (x, 2.0 + x[:, -1]), (x, 1.0 + x[:, -1]), 12, 2)
    three = [0.5797, 0.3546, 0.6756]
    rest = [0.8041, 0.8559, 0.8789, 0.8898, 0.8951, 0.8977, 0.8990, 0.8996, 0.8999]
    with parts.part("the validation losses", 1):
        check_numbers(
            "the validation losses",
            losses,
            [*three, rest[0]],
            rtol=1e-3,
            hints=[
                ([*three, *rest], "this does not stop: watch the validation loss"),
                ([*three, *rest[:2]], "this stops one epoch too late"),
                ([*three, 0.9550], "halve the rate after one epoch that is not better, not later"),
                ([*three, 0.6995], "the learning rate falls to a tenth: halve it"),
            ],
            reveal=True,
        )
    with parts.part("the best weights", 1):
        check_example(
            "the weights of the dense layer",
            model.get_weights()[3],
            [[-0.4721], [0.8034]],
            hints=[
                (
                    [[-0.4953], [0.9527]],
                    "these are the weights of the last epoch: EarlyStopping can restore the best",
                ),
            ],
        )


test_fit()


### BEGIN HIDDEN TESTS
def hidden_fit():
    seed = question_seed("fit")
    for N, learning_rate, epochs, patience in ((20, 0.08, 7, 2), (6, 0.2, 3, 5)):
        train_set, valid_set = cases.stopping_set(seed, N)
        yours, right = (forecaster(1, 2, learning_rate=learning_rate) for _ in range(2))
        cases.line(yours)
        cases.line(right)
        found = fit(yours, train_set, valid_set, epochs, patience)
        expected = cases.fit(right, train_set, valid_set, epochs, patience)
        where = f"for {N} examples and a patience of {patience}"
        with parts.part("the validation losses"):
            check_numbers(f"the validation losses {where}", found, expected, rtol=1e-3)
        with parts.part("the best weights"):
            label = f"the weights {where}"
            check_array(label, cases.weights(yours), cases.weights(right), rtol=1e-3)


hidden_fit()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# A cell, a stack of layers of it, and two ways to train it.
# Run the cell: the stack learns to forecast the sum of three numbers, with one step of Adam after the other.

# %%
keras.utils.set_random_seed(0)
x = np.random.default_rng(0).normal(size=(32, 3, 1)).astype("float32")
y = x.sum(axis=1)  # (N, 1)
model = stacked(1, 8, 1)
model.compile(keras.optimizers.Adam(0.05))
losses = [training_step(model, x, y, 1.0)[0] for _ in range(25)]
print(f"loss: {losses[0]:.3f} at the first step, {losses[-1]:.3f} at the last")
