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
# In this assignment you write an LSTM cell as a PyTorch module, and then the code around a model: the last step of padded sequences, a training step, gradient clipping, a training loop, an evaluation, training on long sequences, states that are carried or reset, early stopping, and a checkpoint.
#
# There are ten questions and **22 points**.
# Plan two hours.
# Everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines, the first a class with two, the last a pair of functions.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test shows all points of the question, it passed; if not, read its message, which names the likely mistake.
# Every question has two or three parts of one point each, and the test says which part fails and why.
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
import io

import torch
from torch.nn.functional import mse_loss

from lstm_course.answers import torch_training as reference
from lstm_course.answers import torch_training_cases as cases
from nbjudge.checks.calls import call_unchanged, check_own, take_apart
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_count, check_number, check_numbers
from nbjudge.checks.seeds import question_seed
from nbjudge.checks.tensors import check_tensor, check_tensor_example

# %% [markdown]
# ## Question 1: a cell of your own (3 points)
#
# A module holds parameters and says what to do with an input.
# Write the LSTM cell of the book as one:
#
# $$[a_i, a_f, a_g, a_o] = x_t W_x + h_{t-1} W_h + b$$
#
# $$c_t = \sigma(a_f) \odot c_{t-1} + \sigma(a_i) \odot \tanh(a_g), \qquad h_t = \sigma(a_o) \odot \tanh(c_t)$$
#
# It has one bias, where `torch.nn.LSTMCell` has two, and its weights are not transposed.
# Draw `W_x` and `W_h` uniformly from $-1/\sqrt H$ to $1/\sqrt H$.
# The bias starts at 0, except for the forget gate, where it starts at 1.
#
# What to expect: in the test `h_t` is 0.0887 and 0.2297 for the first example, and 0.1392 and 0.3312 for the second.


# %% nbgrader={"grade": false, "grade_id": "torch_training_lstm_cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
class LSTMCell(torch.nn.Module):
    """One step of an LSTM with D input features and H hidden units.

    Attributes
    ----------
    W_x : parameter (D, 4H)
    W_h : parameter (H, 4H)
    b : parameter (4H,)
        The blocks of the gates stand in the order i, f, g, o.

    Hint: ``torch.nn.Parameter(tensor)`` as an attribute is all that it takes to register a
    parameter; ``torch.empty(3, 2).uniform_(-1, 1)`` draws a tensor.
    """

    def __init__(self, D, H):
        super().__init__()
        ### BEGIN SOLUTION
        bound = H**-0.5
        self.W_x = torch.nn.Parameter(torch.empty(D, 4 * H).uniform_(-bound, bound))
        self.W_h = torch.nn.Parameter(torch.empty(H, 4 * H).uniform_(-bound, bound))
        self.b = torch.nn.Parameter(torch.zeros(4 * H))
        self.b.data[H : 2 * H] = 1.0
        ### END SOLUTION

    def forward(self, x_t, state):
        """Return ``h_t`` and ``c_t``, both (N, H), from x_t (N, D) and the state before it.

        ``state`` is a tuple of ``h_prev`` and ``c_prev``, both (N, H).
        Hint: ``a.chunk(4, dim=1)`` cuts a tensor into its four blocks.
        """
        ### BEGIN SOLUTION
        h_prev, c_prev = state
        a = x_t @ self.W_x + h_prev @ self.W_h + self.b
        a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
        c_t = a_f.sigmoid() * c_prev + a_i.sigmoid() * a_g.tanh()
        h_t = a_o.sigmoid() * c_t.tanh()
        return h_t, c_t
        ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_lstm_cell_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_lstm_cell():
    check_own(LSTMCell)
    cell = LSTMCell(1, 2)
    with parts.part("the parameters", 1):
        cases.check_drawn(LSTMCell(20, 50), 20, 50)
    with parts.part("one step", 1):
        cases.fill(
            cell,
            {
                "W_x": torch.linspace(-0.4, 1.0, 8).reshape(1, 8),
                "W_h": torch.linspace(-0.8, 0.7, 16).reshape(2, 8),
                "b": torch.linspace(-0.3, 0.4, 8),
            },
        )
        x_t = torch.tensor([[0.5], [1.0]])
        state = (torch.tensor([[0.2, -0.4]] * 2), torch.tensor([[0.3, 0.6]] * 2))
        h_t, c_t = take_apart("the cell", cell(x_t, state), ("h_t", "c_t"))
        right = [[0.1481, 0.3720], [0.2033, 0.4739]]
        check_tensor_example(
            "h_t",
            h_t,
            [[0.0887, 0.2297], [0.1392, 0.3312]],
            hints=[
                (right, "this is c_t: return h_t first"),
                ([[0.0894, 0.2402], [0.1411, 0.3556]], "h_t is the output gate times tanh(c_t)"),
                ([[0.1324, 0.2530], [0.1790, 0.3322]], "the blocks stand in the order i, f, g, o"),
                ([[0.0767, 0.2115], [0.1353, 0.3223]], "the blocks stand in the order i, f, g, o"),
                ([[0.0626, 0.1598], [0.1194, 0.2708]], "the bias is missing"),
                ([[0.1775, 0.2963], [0.1994, 0.3606]], "the candidate takes tanh, not sigmoid"),
            ],
        )
        check_tensor_example("c_t", c_t, right)
    with parts.part("the gradients", 1):
        assert h_t.requires_grad and c_t.requires_grad, (
            "no gradient leads back to the weights: compute with the parameters themselves, "
            "not with .data, .detach() or under no_grad"
        )


test_lstm_cell()


### BEGIN HIDDEN TESTS
def hidden_lstm_cell():
    for case in cases.cell_cases(question_seed("lstm_cell")):
        h_right, c_right, gradients = cases.library_step(case)
        D, H = case.x_t.shape[1], case.h_prev.shape[1]
        cell = LSTMCell(D, H)
        cases.fill(cell, case.weights)
        with parts.part("one step"):
            found = cases.call_unchanged(cell, case.x_t, (case.h_prev, case.c_prev))
            h_t, c_t = take_apart("the cell", found, ("h_t", "c_t"))
            check_tensor(f"h_t for {case.label}", h_t, h_right, rtol=1e-5)
            check_tensor(f"c_t for {case.label}", c_t, c_right, rtol=1e-5)
        with parts.part("the gradients"):
            found = cases.student_gradients(cell, case)
            for name, right in gradients.items():
                label = f"the gradient of {name} for {case.label}"
                check_tensor(label, found[name], right, rtol=1e-4)


hidden_lstm_cell()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 2: the last step of padded sequences (2 points)
#
# Sequences of different lengths share a batch if the short ones are filled up, most often with zeros.
# Two things must then look at the true length of each sequence.
# What the model says about a whole sequence is read at its *last valid* step: at the end of the padding the state has moved on.
# And a loss over all steps must leave the padding out: it is the mean over the valid steps of all sequences together.
#
# What to expect: in the test, sequences of 2, 4 and 1 steps have 7 valid steps and the loss 4.


# %% nbgrader={"grade": false, "grade_id": "torch_training_last_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_step(h, squared_errors, lengths):
    """Read padded sequences at their last valid step, and average over the valid steps.

    Parameters
    ----------
    h : tensor (N, T, H)
        The hidden states after each step.
    squared_errors : tensor (N, T)
        One for each step, also for the steps of the padding.
    lengths : tensor (N,) of whole numbers, 1 to T
        The first ``lengths[n]`` steps of sequence n are valid.

    Returns
    -------
    last : tensor (N, H)
        The hidden state after the last valid step of each sequence.
    loss : tensor without axes
        The mean of the squared errors over all valid steps.

    Hint: ``h[rows, columns]`` picks one entry for each pair of row and column;
    ``torch.arange(T) < lengths[:, None]`` is a mask (N, T).
    """
    ### BEGIN SOLUTION
    N, T = squared_errors.shape
    last = h[torch.arange(N), lengths - 1]
    mask = torch.arange(T) < lengths[:, None]
    return last, squared_errors[mask].mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_last_step_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_last_step():
    check_own(last_step)
    h = torch.arange(12.0).reshape(3, 4, 1)
    squared_errors = torch.tensor([[1.0, 5, 9, 9], [2, 4, 6, 8], [2, 9, 9, 9]])
    result = last_step(h, squared_errors, torch.tensor([2, 4, 1]))
    last, loss = take_apart("last_step", result, ("last", "loss"))
    with parts.part("the last step", 1):
        check_tensor_example(
            "last",
            last,
            [[1.0], [7.0], [8.0]],
            hints=[
                ([[3.0], [7.0], [11.0]], "this is the end of the padding, not of the sequence"),
                (
                    [[0.0], [6.0], [11.0]],
                    "one step too early: counting starts at 0, so the last is lengths - 1",
                ),
            ],
        )
    with parts.part("the loss", 1):
        check_tensor_example(
            "loss",
            loss,
            4.0,
            hints=[
                (73 / 12, "the steps of the padding are in the mean"),
                (28 / 12, "divide by the number of valid steps, not by all"),
                (
                    10 / 3,
                    "this is the mean of the sequences' means: each valid step counts the same",
                ),
                (28.0, "this is the sum: divide by the number of valid steps"),
            ],
        )


test_last_step()


### BEGIN HIDDEN TESTS
def hidden_last_step():
    rng = torch.Generator().manual_seed(question_seed("last_step"))
    sizes = (
        (5, 6, 3, torch.float64),
        (1, 4, 2, torch.float64),
        (3, 1, 2, torch.float32),
        (4, 5, 1, torch.float32),
    )
    for N, T, H, dtype in sizes:
        h = torch.randn(N, T, H, generator=rng, dtype=torch.float64).to(dtype)
        errors = torch.rand(N, T, generator=rng, dtype=torch.float64).to(dtype)
        lengths = torch.randint(1, T + 1, (N,), generator=rng)
        result = call_unchanged(last_step, h=h, squared_errors=errors, lengths=lengths)
        found, average = take_apart("last_step", result, ("last", "loss"))
        where = f"N = {N}, T = {T}, H = {H}"
        with parts.part("the last step"):
            right = torch.stack([h[n, lengths[n] - 1] for n in range(N)])
            check_tensor(f"last for {where}", found, right)
        with parts.part("the loss"):
            valid = torch.cat([errors[n, : lengths[n]] for n in range(N)])
            check_tensor(f"loss for {where}", average, valid.mean())
            errors[:] = torch.where(torch.arange(T) < lengths[:, None], errors, torch.nan)
            _, average = last_step(h, errors, lengths)
            check_tensor("loss where the padding is nan", average, valid.mean())


hidden_last_step()
### END HIDDEN TESTS

parts.score()

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


def small_problem(make_model=Forecaster, dropout=0.0, learning_rate=0.1):
    """Return a model, an optimiser, x (3, 4, 1) and y (3, 4, 1), always the same."""
    model = make_model(1, 2, dropout)
    for p in model.parameters():
        p.data = torch.linspace(-0.5, 0.5, p.numel()).reshape(p.shape)
    x = torch.linspace(-1.0, 1.0, 12).reshape(3, 4, 1)
    return model, torch.optim.SGD(model.parameters(), lr=learning_rate), x, 1.0 + 3.0 * x


# %% [markdown]
# ## Question 3: one step (2 points)
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
# ## Question 4: clip the gradients (2 points)
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
# PyTorch has it as `torch.nn.utils.clip_grad_norm_`, with which you may compare; from question 5 on, use whichever you like.
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
# ## Question 5: the training loop (2 points)
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
        As in question 3.  The model may have been left in evaluation mode: set it to training
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
    settings = ((2, 4, 0.3), (1, 3, 100.0), (3, 5, 1.0), (2, 16, 0.5), (1, 2, 0.5))
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
# ## Question 6: evaluate (2 points)
#
# How good is the model on data that it was not trained on?
# Three things differ from training.
# Dropout must be off, which is what evaluation mode is for: `eval`.
# No gradient is needed, and not recording any saves time and memory: `torch.no_grad()`.
# And the model must be left as it was found: in training mode if it was in training mode, in evaluation mode if it was in that.
#
# What to expect: 5.5850 in the test, as in question 3, although the batches hold 2 and 1 examples.


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
        assert int(model.calls[0]) == 0, (
            "dropout is still on: put the model into evaluation mode first"
        )
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
# ## Question 7: long sequences (2 points)
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
        yours, right = (cases.make_case(WatchedForecaster, seed, number, T=9) for _ in "12")
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
    yours, right = (cases.make_case(Forecaster, seed, 0, T=9) for _ in range(2))
    train_chunks(yours.model, yours.optimizer, yours.x, yours.y, 5)  # default max_norm
    reference.train_chunks(right.model, right.optimizer, right.x, right.y, 5)
    with parts.part("the weights"):
        label, expected = "the weights with the default max_norm", cases.weights(right.model)
        check_tensor(label, cases.weights(yours.model), expected, rtol=1e-5)


hidden_train_chunks()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_train_chunks", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `train_chunks` is the reference version.
train_chunks = reference.train_chunks

# %% [markdown]
# ## Question 8: carry the state or reset it (2 points)
#
# A batch often holds N streams that are read chunk by chunk, as in question 7, and in some of them a new sequence begins before the next chunk: another patient, another song, another day at the exchange.
# A sequence that goes on needs the state that the last chunk left; a new one must start from zeros, or it begins with a stranger's memory.
#
# What to expect: in the test the second of three streams starts anew, so the middle row of both tensors is zero.


# %% nbgrader={"grade": false, "grade_id": "torch_training_next_state", "locked": false, "schema_version": 3, "solution": true, "task": false}
def next_state(state, is_new):
    """Return the state with which the next chunk starts.

    Parameters
    ----------
    state : tuple (h, c) of two tensors (L, N, H), or None
        The state after the last chunk, perhaps with its graph; None before the first chunk.
    is_new : tensor (N,) of bool
        Whether a new sequence begins in the stream.

    Returns
    -------
    state : tuple (h, c) of two tensors (L, N, H), or None
        Zero where a sequence begins, carried where it goes on, and detached.  None stays None.

    Hint: the axis of the batch is the second one; ``torch.where`` and ``masked_fill`` make new
    tensors, an assignment to ``h[...]`` would change the one that the caller still needs.
    """
    ### BEGIN SOLUTION
    if state is None:
        return None
    new = is_new[None, :, None]
    return tuple(tensor.detach().masked_fill(new, 0.0) for tensor in state)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_next_state_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_next_state():
    check_own(next_state)
    h = torch.linspace(0.1, 0.6, 6).reshape(1, 3, 2)
    is_new = torch.tensor([False, True, False])
    h_next, c_next = take_apart("next_state", next_state((h, 2 * h), is_new), ("h", "c"))
    with parts.part("new sequences start from zeros", 1):
        hint = [(h, "nothing was reset")]
        right = [[[0.1, 0.2], [0.0, 0.0], [0.5, 0.6]]]
        flipped = [
            (
                [[[0.0, 0.0], [0.3, 0.4], [0.0, 0.0]]],
                "the wrong rows are zero: new ones start from zeros",
            )
        ]
        check_tensor_example("h", h_next, right, hints=hint + flipped)
        check_tensor_example(
            "c",
            c_next,
            [[[0.2, 0.4], [0.0, 0.0], [1.0, 1.2]]],
            hints=[(2 * h, "c must be reset too, not h alone")],
        )
    with parts.part("the others are carried on, detached", 1):
        h.requires_grad_()
        result = next_state((1 * h, 2 * h), is_new)
        for name, found in zip("hc", take_apart("next_state", result, ("h", "c")), strict=True):
            assert not found.requires_grad, f"{name} still has its graph: detach it"
        assert next_state(None, is_new) is None, "before the first chunk the state is None"


test_next_state()


### BEGIN HIDDEN TESTS
def hidden_next_state():
    rng = torch.Generator().manual_seed(question_seed("next_state"))
    sizes = ((1, 5, 3, torch.float64), (2, 2, 2, torch.float32), (3, 1, 1, torch.float64))
    for L, N, H, dtype in sizes:
        h, c = (torch.randn(L, N, H, generator=rng, dtype=torch.float64).to(dtype) for _ in "hc")
        some = torch.arange(N) % 2 == 0
        for is_new in (some, ~some, torch.zeros_like(some)):
            result = cases.call_unchanged(next_state, (h, c), is_new)
            for k, (name, old) in enumerate((("h", h), ("c", c))):
                where = f"{name} for L = {L}, N = {N}"
                with parts.part("new sequences start from zeros"):
                    rows, right = result[k][:, is_new], torch.zeros_like(old[:, is_new])
                    check_tensor(f"the rows of new sequences in {where}", rows, right)
                with parts.part("the others are carried on, detached"):
                    rows, right = result[k][:, ~is_new], old[:, ~is_new]
                    check_tensor(f"the other rows in {where}", rows, right, same_dtype=True)


hidden_next_state()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 9: stop in time (2 points)
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
        As in question 3.
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
    model, optimizer, x, y = small_problem(learning_rate=0.3)
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


# %% nbgrader={"grade": false, "grade_id": "torch_training_epoch", "locked": true, "schema_version": 3, "solution": false, "task": false}
# `train_epoch` is given.  The order of the examples comes from a generator of its own.
def train_epoch(model, optimizer, scheduler, generator, x, y):
    """Train for one epoch in a random order, then move the schedule on; return the loss."""
    order = torch.randperm(len(x), generator=generator)
    (loss,) = reference.train(model, optimizer, x[order], y[order], batch_size=4)
    scheduler.step()
    return loss


def small_run(learning_rate=0.1):
    """Return a model, an optimiser with momentum, a schedule, and a generator for the order."""
    model, _, _, _ = small_problem()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3, gamma=0.5)
    return model, optimizer, scheduler, torch.Generator().manual_seed(0)


# %% [markdown]
# ## Question 10: save and go on (3 points)
#
# A long training run is interrupted sooner or later.
# With a good checkpoint the run continues as if nothing had happened: the same weights to the last bit.
# For that the weights alone are not enough.
# The optimiser has a memory (momentum, Adam's averages), the schedule knows where it is, the generator decides which examples come next, and the loop counts epochs.
#
# `torch.save` writes a dictionary of such things into a file, or into an `io.BytesIO()`, which is a file in memory; `buffer.getvalue()` are its bytes.
#
# What to expect: in the test a run of two epochs is saved, goes on for two more, and the resumed one ends with exactly the same weights.


# %% nbgrader={"grade": false, "grade_id": "torch_training_checkpoint", "locked": false, "schema_version": 3, "solution": true, "task": false}
def save_checkpoint(model, optimizer, scheduler, generator_state, epoch):
    """Return all that is needed to go on, as bytes.

    Parameters
    ----------
    model, optimizer, scheduler
        Each has a ``state_dict()``.
    generator_state : tensor of bytes
        What ``generator.get_state()`` returned.
    epoch : int
        The number of epochs done.
    """
    ### BEGIN SOLUTION
    buffer = io.BytesIO()
    states = [thing.state_dict() for thing in (model, optimizer, scheduler)]
    torch.save([*states, generator_state, epoch], buffer)
    return buffer.getvalue()
    ### END SOLUTION


def load_checkpoint(data, model, optimizer, scheduler):
    """Put what ``save_checkpoint`` returned into a model, an optimiser and a schedule.

    Returns
    -------
    generator_state : tensor of bytes
    epoch : int

    Hint: ``torch.load(io.BytesIO(data), weights_only=True)``, then ``load_state_dict``.
    """
    ### BEGIN SOLUTION
    *states, generator_state, epoch = torch.load(io.BytesIO(data), weights_only=True)
    for thing, state in zip((model, optimizer, scheduler), states, strict=True):
        thing.load_state_dict(state)
    return generator_state, epoch
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_checkpoint_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts()


def test_checkpoint():
    check_own(save_checkpoint)
    _, _, x, y = small_problem()
    model, optimizer, scheduler, generator = small_run()
    for _ in range(2):
        train_epoch(model, optimizer, scheduler, generator, x, y)
    saved, order = copy.deepcopy(model.state_dict()), generator.get_state()
    weights_then = cases.weights(model)
    data = save_checkpoint(model, optimizer, scheduler, order, 2)
    assert type(data) is bytes, "return bytes: buffer.getvalue(), not the buffer"
    for _ in range(2):
        train_epoch(model, optimizer, scheduler, generator, x, y)
    again = small_run(learning_rate=0.3)
    result = load_checkpoint(data, *again[:3])
    with parts.part("the weights", 1):
        check_tensor(
            "the weights after loading",
            cases.weights(again[0]),
            weights_then,
            rtol=0.0,
            hints=[
                (cases.weights(small_run()[0]), "the weights of the model did not change"),
                (cases.weights(model), "these are the weights now, not those when it was saved"),
            ],
        )
    with parts.part("the optimiser and the schedule", 1):
        again[3].set_state(order)
        again[0].load_state_dict(saved)
        for _ in range(2):
            train_epoch(*again, x, y)
        check_number(
            "the learning rate after two more epochs",
            again[1].param_groups[0]["lr"],
            optimizer.param_groups[0]["lr"],
            hints=[
                (0.1, "the schedule started afresh"),
                (0.15, "the optimiser holds the learning rate and the momentum: save it too"),
                (0.3, "the optimiser holds the learning rate and the momentum: save it too"),
            ],
        )
        assert torch.equal(cases.weights(again[0]), cases.weights(model)), (
            "the resumed run ends elsewhere: save the whole state of the optimiser"
        )
    with parts.part("the order and the epoch", 1):
        names = ("generator_state", "epoch")
        generator_state, epoch = take_apart("load_checkpoint", result, names)
        check_count("the epoch", epoch, 2)
        cases.check_same_order(generator_state, order)


test_checkpoint()


### BEGIN HIDDEN TESTS
def hidden_checkpoint():
    for number, epochs in ((1, 3), (2, 1)):  # momentum, Adam
        runs = []
        for _ in (1, 2):
            case = cases.make_case(Forecaster, question_seed("checkpoint"), number)
            scheduler = torch.optim.lr_scheduler.StepLR(case.optimizer, 2, 0.7)
            generator = torch.Generator().manual_seed(number)
            runs.append((case.model, case.optimizer, scheduler, generator))
        run, fresh = runs
        for _ in range(epochs):
            train_epoch(*run, case.x, case.y)
        saved, state = copy.deepcopy(run[0].state_dict()), run[3].get_state()
        weights_then = cases.weights(run[0])
        data = save_checkpoint(*run[:3], state, epochs)
        train_epoch(*run, case.x, case.y)
        loaded_parts = load_checkpoint(data, *fresh[:3])
        with parts.part("the weights"):
            loaded = cases.weights(fresh[0])
            check_tensor("the weights after loading", loaded, weights_then, rtol=0.0)
        with parts.part("the optimiser and the schedule"):
            fresh[0].load_state_dict(saved)
            fresh[3].set_state(state)
            train_epoch(*fresh, case.x, case.y)
            right = cases.weights(run[0])
            check_tensor("the weights one epoch later", cases.weights(fresh[0]), right, rtol=0.0)
            found, expected = (each[1].param_groups[0]["lr"] for each in (fresh, run))
            check_number("the learning rate one epoch later", found, expected)
        with parts.part("the order and the epoch"):
            wanted = ("generator_state", "epoch")
            drawn, done = take_apart("load_checkpoint", loaded_parts, wanted)
            check_count("the epoch", done, epochs)
            cases.check_same_order(drawn, state)


hidden_checkpoint()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# These functions are most of what a training script is made of.
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
