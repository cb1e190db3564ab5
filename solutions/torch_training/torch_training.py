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
# # Train an LSTM in PyTorch
#
# In this assignment you write the code around a model: a training step, gradient clipping, a training loop, an evaluation, training on long sequences, and early stopping.
# The model is given, so everything here is about training it well.
#
# There are six questions and **12 points**.
# Plan 60 to 90 minutes.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test shows all points of the question, it passed; if not, read its message, which names the likely mistake.
# Every question has two parts of one point each, and the test says which part fails and why.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **What else is tested.**
# After you hand in, hidden tests train your way and the reference way from the same start, and compare all weights.
# They try other sizes, other optimisers, one example only, a last batch that is smaller, gradients that are left over from before, `float32` and `float64`.
# Three habits get you through all of them:
#
# - use the model, the optimiser and the data that you are given, and nothing from a cell above;
# - take sizes from the shapes of the arguments;
# - hand back plain numbers: `loss.item()` is a number, `loss` is a tensor that drags its whole graph along.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "torch_training_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy

import torch
from torch.nn.functional import mse_loss

from lstm_course.assignments import torch_training as reference
from lstm_course.assignments import training_cases as cases
from lstm_course.grading.calls import check_own, take_apart
from lstm_course.grading.parts import Parts
from lstm_course.grading.scalars import check_number, check_numbers
from lstm_course.grading.seeds import question_seed
from lstm_course.grading.tensors import check_tensor, check_tensor_example

# %% [markdown]
# ## The model and the loss
#
# The model reads sequences `x (N, T, D)` and forecasts one number after every time step, `(N, T, 1)`.
# It returns the forecast and the final state of its LSTM; called with that state, it goes on where it stopped.
#
# The loss is the mean squared error over everything that was forecast: `mse_loss(forecast, y)`.
#
# `small_problem` makes the small example that the visible tests use.

# %% nbgrader={"grade": false, "grade_id": "torch_training_model", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Forecaster(torch.nn.Module):
    """An LSTM layer, dropout, and a linear layer on the hidden state of every step."""

    def __init__(self, D, H, dropout=0.0):
        super().__init__()
        self.lstm = torch.nn.LSTM(D, H, batch_first=True)
        self.dropout = torch.nn.Dropout(dropout)
        self.out = torch.nn.Linear(H, 1)

    def forward(self, x, state=None):
        h, state = self.lstm(x, state)  # (N, T, H), two tensors (1, N, H)
        return self.out(self.dropout(h)), state


class WatchedForecaster(Forecaster):
    """A forecaster that counts its calls, for the tests."""

    def __init__(self, D, H, dropout=0.0):
        super().__init__(D, H, dropout)
        # calls in training mode, calls in evaluation mode, calls that record gradients
        self.register_buffer("calls", torch.zeros(3, dtype=torch.int64))

    def forward(self, x, state=None):
        mode = [self.training, not self.training, torch.is_grad_enabled()]
        self.calls += torch.tensor(mode)
        return super().forward(x, state)


def small_problem(make_model=Forecaster, dropout=0.0, lr=0.1):
    """Return a model, an optimiser, x (3, 4, 1) and y (3, 4, 1), always the same."""
    model = make_model(1, 2, dropout)
    for p in model.parameters():
        p.data = torch.linspace(-0.5, 0.5, p.numel()).reshape(p.shape)
    x = torch.linspace(-1.0, 1.0, 12).reshape(3, 4, 1)
    return model, torch.optim.SGD(model.parameters(), lr=lr), x, 1.0 + 3.0 * x


# %% [markdown]
# ## Question 1: one step (2 points)
#
# A training step has four parts: forget the gradients of the last step, compute the loss, compute its gradients, let the optimiser change the weights.
# PyTorch *adds* new gradients to those that are there, which is why the first part exists.
#
# What to expect: in the small example the loss is 5.5850 at the first step and 4.7514 at the second.


# %% nbgrader={"grade": false, "grade_id": "torch_training_training_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def training_step(model, optimizer, x, y):
    """Do one step of the optimiser.

    Parameters
    ----------
    model : module
        ``model(x)`` returns the forecast (N, T, 1) and a state, which is not needed here.
    optimizer : optimiser
        It holds the parameters of ``model``.
    x, y : tensors (N, T, D) and (N, T, 1)

    Returns
    -------
    loss : float
        The mean squared error before the step.

    Hint: four lines, one for each part; ``.item()`` makes a number of a tensor with one entry.
    """
    ### BEGIN SOLUTION
    optimizer.zero_grad()
    loss = mse_loss(model(x)[0], y)
    loss.backward()
    optimizer.step()
    return loss.item()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_training_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_training_step():
    check_own(training_step)
    model, optimizer, x, y = small_problem()
    losses = [training_step(model, optimizer, x, y) for _ in range(2)]
    with parts.part("the loss", 1):
        hints = [
            (4.7514, "this is the loss after the step: return the one before"),
            (67.02, "this is the sum, not the mean"),
            (8.1945, "this is the loss of the last time step: the mean is over all of them"),
        ]
        check_number("the first loss", losses[0], 5.585, rtol=1e-3, hints=hints, reveal=True)
    with parts.part("the weights", 1):
        check_tensor_example(
            "model.out.weight after two steps",
            model.out.weight.detach(),
            [[-0.4810, 0.6053]],
            hints=[
                ([[-0.4687, 0.6591]], "old gradients are added: set them to zero first"),
                (
                    [[-0.5, 0.5]],
                    "the weights did not change: zero_grad comes before backward, not after it, "
                    "and the optimiser's step comes last",
                ),
            ],
        )


test_training_step()


### BEGIN HIDDEN TESTS
def hidden_training_step():
    seed = question_seed("training_step")
    for yours, right in cases.twins(Forecaster, seed):
        mse_loss(yours.model(yours.x)[0], yours.y).backward()  # gradients left over from before
        start = cases.weights(yours.model)
        for step in ("first", "second"):
            where = f"the {step} step, {right.label}"
            found = training_step(yours.model, yours.optimizer, yours.x, yours.y)
            expected = reference.training_step(right.model, right.optimizer, right.x, right.y)
            after = mse_loss(right.model(right.x)[0], right.y).item()
            with parts.part("the loss"):
                hint = (after, "return the loss before the step, not after it")
                check_number(f"the loss of {where}", found, expected, rtol=1e-5, hints=[hint])
            with parts.part("the weights"):
                check_tensor(
                    f"the weights after {where}",
                    cases.weights(yours.model),
                    cases.weights(right.model),
                    rtol=1e-5,
                    hints=[(start, "they did not change at all")],
                )
            yours.model.load_state_dict(right.model.state_dict())  # the next step starts equal


hidden_training_step()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# From here on, `training_step` is the reference version.
# To try your own again, run its cell again.

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_training_step", "locked": true, "schema_version": 3, "solution": false, "task": false}
training_step = reference.training_step

# %% [markdown]
# ## Question 2: clip the gradients (2 points)
#
# Once in a while the gradient of a recurrent network is huge, and one step ruins the weights.
# Clipping keeps its direction and limits its length.
# All gradients $g_1, g_2, \dots$ of the model together are one long vector, with one norm:
#
# $$\lVert g \rVert = \sqrt{\textstyle\sum_k \lVert g_k \rVert^2}
# \qquad\qquad
# g_k \leftarrow g_k \cdot \frac{\text{max norm}}{\lVert g \rVert} \quad\text{if } \lVert g \rVert > \text{max norm}$$
#
# Write it with tensor operations.
# PyTorch has it as `torch.nn.utils.clip_grad_norm_`, with which you may compare; from question 3 on, use whichever you like.
#
# What to expect: in the test, 43 gradients of 0.5 have the norm 3.2787, and clipped to the norm 0.5 each of them is 0.0762.


# %% nbgrader={"grade": false, "grade_id": "torch_training_clip_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def clip_gradients(model, max_norm):
    """Scale the gradients of a model so that their joint norm is at most ``max_norm``.

    Gradients with a smaller norm, also those that are all zero, stay as they are.

    Parameters
    ----------
    model : module
        Each parameter ``p`` has its gradient in ``p.grad``, or None if it has no gradient.
    max_norm : float

    Returns
    -------
    norm : float
        The joint norm before clipping.

    Hint: collect the gradients that are not None in a list first.
    """
    ### BEGIN SOLUTION
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = sum((gradient**2).sum().item() for gradient in gradients) ** 0.5
    if norm > max_norm:
        for gradient in gradients:
            gradient *= max_norm / norm
    return norm
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_clip_gradients_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_clip_gradients():
    check_own(clip_gradients)
    model = small_problem()[0]
    for p in model.parameters():
        p.grad = torch.full_like(p, 0.5)
    norm = clip_gradients(model, 0.5)
    with parts.part("the norm", 1):
        check_number(
            "the norm",
            norm,
            3.2787,
            rtol=1e-3,
            hints=[
                (10.75, "take the square root"),
                (21.5, "square the gradients before you add them"),
                (0.5, "return the norm before clipping, not after"),
                (7.4497, "add the squares of the norms, then take the root"),
            ],
            reveal=True,
        )
    with parts.part("the gradients", 1):
        check_tensor_example(
            "model.out.weight.grad",
            model.out.weight.grad,
            [[0.0762, 0.0762]],
            hints=[
                (0.5, "the gradients did not change: write the scaled values back"),
                (0.3536, "each parameter is clipped alone: there is one norm for all"),
                (0.1525, "this has the norm 1: multiply by max_norm as well"),
            ],
        )


test_clip_gradients()


### BEGIN HIDDEN TESTS
def hidden_clip_gradients():
    seed = question_seed("clip_gradients")
    for yours, right in cases.twins(Forecaster, seed):
        for what, share in (("smaller than", 1.5), ("three times", 1 / 3)):
            for case in (yours, right):
                case.optimizer.zero_grad()
                mse_loss(case.model(case.x)[0], case.y).backward()
                case.model.out.bias.grad = None  # as for a parameter that is not trained
            full = cases.gradients(right.model)
            max_norm = share * full.norm().item()
            where = f"{right.label}, with a norm {what} max_norm"
            found = clip_gradients(yours.model, max_norm)
            expected = reference.clip_gradients(right.model, max_norm)
            with parts.part("the norm"):
                hint = (max_norm, "return the norm before clipping, not after")
                check_number(f"the norm for {where}", found, expected, rtol=1e-5, hints=[hint])
            with parts.part("the gradients"):
                check_tensor(
                    f"the gradients for {where}",
                    cases.gradients(yours.model),
                    cases.gradients(right.model),
                    rtol=1e-5,
                    hints=[
                        (full, "they did not change: write the scaled values back"),
                        (full * share, "gradients with a small norm stay as they are"),
                    ],
                )
        for p in yours.model.parameters():
            p.grad = torch.zeros_like(p)
        found = clip_gradients(yours.model, 1.0)
        with parts.part("the norm"):
            check_number("the norm of gradients that are all zero", found, 0.0)
        with parts.part("the gradients"):
            zeros = torch.zeros_like(full)
            check_tensor("gradients that are all zero", cases.gradients(yours.model), zeros)


hidden_clip_gradients()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_clip_gradients", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `clip_gradients` is the reference version.
clip_gradients = reference.clip_gradients

# %% [markdown]
# ## Question 3: the training loop (2 points)
#
# Now train for several epochs, in batches.
# An epoch takes the examples in their order: first the examples 0 to `batch_size - 1`, then the next ones, and so on.
# The last batch is smaller where the number of examples is no multiple of `batch_size`; it counts too.
# For each batch: set the gradients to zero, compute the loss, compute the gradients, clip them, step.
#
# The loss of an epoch is the mean over its *examples*, of the losses that were computed on the way.
# A batch of 2 therefore counts twice as much as a batch of 1.
#
# What to expect: losses of 5.3883 and 4.7677 in the test, with two epochs of two batches each.


# %% nbgrader={"grade": false, "grade_id": "torch_training_train", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train(model, optimizer, x, y, epochs=1, batch_size=16, max_norm=1.0):
    """Train a model in batches, with clipped gradients.

    Parameters
    ----------
    model, optimizer
        As in question 1.  The model may have been left in evaluation mode: set it to training
        mode first.
    x, y : tensors (N, T, D) and (N, T, 1)
    epochs, batch_size : int
    max_norm : float
        For ``clip_gradients``.

    Returns
    -------
    losses : list of ``epochs`` floats
        The mean loss over the examples in each epoch.

    Hint: ``x[start : start + batch_size]`` ends by itself where ``x`` ends.
    """
    ### BEGIN SOLUTION
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            optimizer.zero_grad()
            loss = mse_loss(model(x_batch)[0], y_batch)
            loss.backward()
            clip_gradients(model, max_norm=max_norm)
            optimizer.step()
            total += loss.item() * len(x_batch)
        losses.append(total / len(x))
    return losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_train_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_train():
    check_own(train)
    model, optimizer, x, y = small_problem()
    losses = train(model, optimizer, x, y, 2, 2, 2.0)  # two epochs, batches of 2 and 1
    with parts.part("the weights", 1):
        check_tensor_example(
            "model.out.weight after two epochs",
            model.out.weight.detach(),
            [[-0.4828, 0.6033]],
            hints=[
                ([[-0.4766, 0.6388]], "gradients of earlier batches are added to the new ones"),
                ([[-0.4822, 0.6067]], "set the gradients to zero in each batch, not in each epoch"),
                ([[-0.4665, 0.7773]], "the gradients are not clipped before the step"),
                ([[-0.4687, 0.8196]], "each parameter is clipped alone: use clip_gradients"),
                ([[-0.4874, 0.5684]], "the norm is clipped to 1, not to max_norm"),
                ([[-0.4926, 0.5345]], "the last batch, which is smaller, is left out"),
                ([[-0.4840, 0.5920]], "take the batches in their order"),
                ([[-0.4859, 0.5777]], "leave the learning rate as it is"),
            ],
        )
    with parts.part("the losses", 1):
        check_numbers(
            "the losses",
            losses,
            [5.3883, 4.7677],
            rtol=1e-3,
            hints=[
                ([7.2532, 6.3917], "a batch of 2 counts twice as much as a batch of 1"),
                ([16.1649, 14.3031], "divide the sum by the number of examples"),
                ([12.8480, 11.2639], "this is the loss of the last batch of each epoch"),
                ([1.6585, 12.8480, 1.5196, 11.2639], "these are the batches' losses"),
            ],
            reveal=True,
        )


test_train()


### BEGIN HIDDEN TESTS
def hidden_train():
    seed = question_seed("train")
    settings = ((3, 4, 0.3), (2, 3, 100.0), (4, 5, 1.0), (2, 16, 0.5), (2, 2, 0.5))
    runs = [*zip(cases.twins(Forecaster, seed), settings, strict=True)]
    pair = [cases.make_case(Forecaster, seed, 0, N=20) for _ in range(2)]
    runs.append((pair, ()))  # the default settings
    for (yours, right), setting in runs:
        where = f"{right.label}, {setting or 'default settings'}"
        yours.model.eval()
        start = cases.weights(yours.model)
        found = train(yours.model, yours.optimizer, yours.x, yours.y, *setting)
        expected = reference.train(right.model, right.optimizer, right.x, right.y, *setting)
        with parts.part("the weights"):
            check_tensor(
                f"the weights for {where}",
                cases.weights(yours.model),
                cases.weights(right.model),
                rtol=1e-5,
                hints=[(start, "the weights did not change")],
            )
        with parts.part("the losses"):
            check_numbers(f"the losses for {where}", found, expected, rtol=1e-5)
    watched = cases.make_case(WatchedForecaster, seed, 0)
    watched.model.eval()
    train(watched.model, watched.optimizer, watched.x, watched.y, 1, 4)
    with parts.part("the weights"):
        assert int(watched.model.calls[1]) == 0, "call model.train() before the first batch"


hidden_train()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_train", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `train` is the reference version.
train = reference.train

# %% [markdown]
# ## Question 4: evaluate (2 points)
#
# How good is the model on data that it was not trained on?
# Three things differ from training.
# Dropout must be off, which is what evaluation mode is for: `eval`.
# No gradient is needed, and not recording any saves time and memory: `torch.no_grad()`.
# And the model must be left as it was found: in training mode if it was in training mode, in evaluation mode if it was in that.
#
# What to expect: 5.5850 in the test, as in question 1, although the batches hold 2 and 1 examples.


# %% nbgrader={"grade": false, "grade_id": "torch_training_evaluate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def evaluate(model, x, y, batch_size=16):
    """Return the mean loss of a model over all examples.

    Parameters
    ----------
    model : module
        ``model.training`` tells its mode.  It is the same before and after the call.
    x, y : tensors (N, T, D) and (N, T, 1)
    batch_size : int
        The last batch may be smaller.

    Returns
    -------
    loss : float
        The mean over the examples: the same for every ``batch_size``.

    Hint: keep ``model.training`` in a variable; ``model.train(mode)`` takes True or False.
    """
    ### BEGIN SOLUTION
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            total += mse_loss(model(x_batch)[0], y_batch).item() * len(x_batch)
    model.train(was_training)
    return total / len(x)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_evaluate_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_evaluate():
    check_own(evaluate)
    model, _, x, y = small_problem(WatchedForecaster, dropout=0.5)
    loss = evaluate(model, x, y, 2)
    with parts.part("the loss", 1):
        assert int(model.calls[0]) == 0, "dropout is still on: put the model into evaluation mode first"
        check_number(
            "the loss",
            loss,
            5.5850,
            rtol=1e-3,
            hints=[
                (7.5482, "this is the mean of the batches' means: weigh them by their size"),
                (1.1056, "the last batch, which is smaller, is left out"),
                (16.7549, "divide the sum by the number of examples"),
            ],
            reveal=True,
        )
    with parts.part("the model is left as it was", 1):
        assert model.training, "the model was in training mode before: put it back"
        assert int(model.calls[2]) == 0, "gradients are recorded: use torch.no_grad()"


test_evaluate()


### BEGIN HIDDEN TESTS
def hidden_evaluate():
    seed = question_seed("evaluate")

    def with_dropout(D, H):
        return WatchedForecaster(D, H, dropout=0.5)

    for number, batch_size in enumerate((4, 7, 5, 3, 2)):
        for mode in (True, False):
            yours, right = (cases.make_case(with_dropout, seed, number) for _ in range(2))
            yours.model.train(mode)
            start = cases.weights(yours.model)
            found = evaluate(yours.model, yours.x, yours.y, batch_size)
            expected = reference.evaluate(right.model, right.x, right.y, batch_size)
            with parts.part("the loss"):
                check_number(f"the loss for {right.label}", found, expected, rtol=1e-5)
            with parts.part("the model is left as it was"):
                kind = "training" if mode else "evaluation"
                assert yours.model.training == mode, "put the model back into the mode it was in"
                assert int(yours.model.calls[2]) == 0, "gradients are recorded in evaluation"
                label = f"the weights after an evaluation from {kind} mode"
                check_tensor(label, cases.weights(yours.model), start)


hidden_evaluate()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_evaluate", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `evaluate` is the reference version.
evaluate = reference.evaluate

# %% [markdown]
# ## Question 5: long sequences (2 points)
#
# A sequence of thousands of steps is too long to backpropagate through: time and memory grow with every step.
# Truncated backpropagation through time cuts it into chunks.
# The *state* is carried from one chunk to the next, so the model still knows what came before; the *gradient* stops at the border.
# `tensor.detach()` returns the same numbers without their history.
#
# Each chunk is one training step: loss of the chunk, gradients, clipping, step.
# The last chunk is shorter where the number of time steps is no multiple of `chunk`.
#
# What to expect: losses of 4.7151 and 7.3083 in the test, where chunks of 3 cut four steps into 3 and 1.


# %% nbgrader={"grade": false, "grade_id": "torch_training_train_chunks", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_chunks(model, optimizer, x, y, chunk, max_norm=1.0):
    """Train once through long sequences, one chunk of time steps after the other.

    Parameters
    ----------
    model : module
        ``model(x_chunk, state)`` returns the forecast and the new state, a tuple of two
        tensors; at the start the state is None.  Set the model to training mode first.
    optimizer : optimiser
    x, y : tensors (N, T, D) and (N, T, 1)
        All N sequences go through the model together.
    chunk : int
        Time steps in a chunk.
    max_norm : float
        For ``clip_gradients``.

    Returns
    -------
    losses : list of floats
        The mean squared error of each chunk.
    state : tuple of two tensors (1, N, H)
        The state after the last chunk, detached.

    Hint: both tensors of the state must be detached, or the next ``backward`` fails.
    """
    ### BEGIN SOLUTION
    model.train()
    losses, state = [], None
    for start in range(0, x.shape[1], chunk):
        forecast, state = model(x[:, start : start + chunk], state)
        loss = mse_loss(forecast, y[:, start : start + chunk])
        optimizer.zero_grad()
        loss.backward()
        clip_gradients(model, max_norm=max_norm)
        optimizer.step()
        state = tuple(tensor.detach() for tensor in state)
        losses.append(loss.item())
    return losses, state
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_train_chunks_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_train_chunks():
    check_own(train_chunks)
    model, optimizer, x, y = small_problem()
    result = train_chunks(model, optimizer, x, y, 3, 2.0)
    losses, state = take_apart("train_chunks", result, ("losses", "state"))
    with parts.part("the weights", 1):
        check_tensor_example(
            "model.out.weight",
            model.out.weight.detach(),
            [[-0.4848, 0.5745]],
            hints=[
                ([[-0.4879, 0.5581]], "carry the state from chunk to chunk"),
                ([[-0.4921, 0.5338]], "the last chunk, which is shorter, is left out"),
                ([[-0.4918, 0.5363]], "do a step after each chunk, not one at the end"),
                ([[-0.4757, 0.6274]], "the gradients are not clipped before the step"),
                ([[-0.4846, 0.5723]], "gradients of earlier chunks are added to the new ones"),
            ],
        )
    with parts.part("losses and state", 1):
        check_numbers("losses", losses, [4.7151, 7.3083], rtol=1e-3, reveal=True)
        h, c = take_apart("the state", state, ("h", "c"))
        check_tensor_example("h", h, [[[0.0326, 0.1534], [0.0382, 0.1983], [0.0377, 0.2160]]])
        check_tensor_example("c", c, [[[0.0505, 0.2223], [0.0540, 0.2611], [0.0496, 0.2646]]])
        assert not (h.requires_grad or c.requires_grad), "return the state detached"


test_train_chunks()


### BEGIN HIDDEN TESTS
def hidden_train_chunks():
    seed = question_seed("train_chunks")
    for number, (chunk, max_norm) in enumerate(((5, 0.5), (4, 100.0), (20, 1.0), (1, 0.3), (7, 2))):
        yours, right = (cases.make_case(WatchedForecaster, seed, number, T=14) for _ in "12")
        yours.model.eval()
        result = train_chunks(yours.model, yours.optimizer, yours.x, yours.y, chunk, max_norm)
        yours_losses, yours_state = take_apart("train_chunks", result, ("losses", "state"))
        losses, state = reference.train_chunks(
            right.model, right.optimizer, right.x, right.y, chunk, max_norm
        )
        where = f"chunks of {chunk}, {right.label}"
        with parts.part("the weights"):
            check_tensor(
                f"the weights for {where}",
                cases.weights(yours.model),
                cases.weights(right.model),
                rtol=1e-5,
            )
            assert int(yours.model.calls[1]) == 0, "call model.train() before the first chunk"
        with parts.part("losses and state"):
            check_numbers(f"losses for {where}", yours_losses, losses, rtol=1e-5)
            yours_state = take_apart("the state", yours_state, ("h", "c"))
            for name, found, expected in zip("hc", yours_state, state, strict=True):
                check_tensor(f"{name} for {where}", found, expected, rtol=1e-5)
                assert not found.requires_grad, "return the state detached"
    yours, right = (cases.make_case(Forecaster, seed, 0, T=14) for _ in range(2))
    train_chunks(yours.model, yours.optimizer, yours.x, yours.y, 5)  # default max_norm
    reference.train_chunks(right.model, right.optimizer, right.x, right.y, 5)
    with parts.part("the weights"):
        label, expected = "the weights with the default max_norm", cases.weights(right.model)
        check_tensor(label, cases.weights(yours.model), expected, rtol=1e-5)


hidden_train_chunks()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: stop in time (2 points)
#
# A model that trains for too long learns the noise of its training data, and its loss on other data rises again.
# Early stopping measures the loss on a validation set after every epoch, keeps the weights of the best epoch, and stops once `patience` epochs in a row were not better than the best so far.
# At the end the model gets the weights of the best epoch back.
#
# Be careful how you keep weights: `model.state_dict()` does not copy them, it points to the ones that the next epoch changes.
#
# What to expect: in the test the lowest of seven losses is 0.3969, at the fifth epoch.


# %% nbgrader={"grade": false, "grade_id": "torch_training_fit", "locked": false, "schema_version": 3, "solution": true, "task": false}
def fit(model, optimizer, train_set, valid_set, epochs, patience):
    """Train with early stopping.

    Parameters
    ----------
    model, optimizer
        As in question 1.
    train_set, valid_set : tuples (x, y) of tensors
    epochs : int
        The largest number of epochs, at least 1.
    patience : int
        Stop after this many epochs in a row without a loss lower than the best, at least 1.
        An equal loss is not lower.

    Returns
    -------
    losses : list of floats
        The validation loss after each epoch that was run.  The model holds the weights of
        the epoch with the lowest one.

    Hint: ``train``, with its default settings, is one epoch; ``evaluate`` is at hand, and so is
    ``copy.deepcopy``.
    """
    ### BEGIN SOLUTION
    losses = []
    best, weights_of_best, waited = float("inf"), None, 0
    for _ in range(epochs):
        train(model, optimizer, *train_set)
        losses.append(evaluate(model, *valid_set))
        waited += 1
        if losses[-1] < best:
            best, weights_of_best, waited = losses[-1], copy.deepcopy(model.state_dict()), 0
        if waited == patience:
            break
    model.load_state_dict(weights_of_best)
    return losses
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_fit_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_fit():
    check_own(fit)
    model, optimizer, x, y = small_problem(lr=0.3)
    losses = fit(model, optimizer, (x, 2.0 + x), (x, 1.0 + x), 12, 2)
    seven = [1.6595, 1.0428, 0.6240, 0.4070, 0.3969, 0.5991, 1.0144]
    with parts.part("the losses", 1):
        check_numbers(
            "the losses",
            losses,
            seven,
            rtol=1e-3,
            hints=[
                ([*seven, 1.2556], "this stops one epoch too late"),
                ([*seven, 1.2556, 1.3044, 1.2989, 1.2779, 1.2490], "this does not stop"),
                (seven[:-1], "this stops one epoch too early"),
            ],
            reveal=True,
        )
    with parts.part("the best weights", 1):
        check_tensor_example(
            "model.out.weight",
            model.out.weight.detach(),
            [[-0.4893, 0.7869]],
            hints=[
                (
                    [[-0.5072, 0.9579]],
                    "these are the weights of the last epoch: load the best ones at the end, and "
                    "remember that state_dict() does not copy",
                ),
            ],
        )


test_fit()


### BEGIN HIDDEN TESTS
def hidden_fit():
    seed = question_seed("fit")
    for yours, right in cases.stopping_cases(Forecaster, seed):
        found = fit(yours.model, yours.optimizer, *yours[3:])
        expected = reference.fit(right.model, right.optimizer, *right[3:])
        with parts.part("the losses"):
            check_numbers(f"the losses where {right.label}", found, expected, rtol=1e-3)
        with parts.part("the best weights"):
            check_tensor(
                f"the weights where {right.label}",
                cases.weights(yours.model),
                cases.weights(right.model),
                rtol=1e-3,  # each epoch adds to the rounding of the ones before
            )


hidden_fit()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# These six functions are most of what a training script is made of.
# Run the cell: an LSTM learns to add up the numbers that it has read so far, and early stopping ends the training.

# %%
torch.manual_seed(0)
x = torch.randn(48, 8, 1)
y = x.cumsum(dim=1) / 4  # (N, T, 1)
adder = Forecaster(1, 8)
optimizer = torch.optim.Adam(adder.parameters(), lr=0.05)
losses = fit(adder, optimizer, (x[:32], y[:32]), (x[32:], y[32:]), 60, 5)
print(f"validation loss: {losses[0]:.3f} after one epoch, {min(losses):.3f} at best")
print(f"stopped after {len(losses)} epochs")
