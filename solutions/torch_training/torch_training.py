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
# In this assignment you write an LSTM cell as a PyTorch module, and then the code around a model: the last step of padded sequences, a training step, gradient clipping, a training loop, an evaluation, training on long sequences, states that are carried or reset, early stopping, a checkpoint, and a step from several batches.
# It goes with the chapter *LSTM in PyTorch*; questions 4, 7 to 9 and 11 belong to the chapter after it, *Training practice*.
# Only the last question is answered on no page.
#
# There are eleven questions and **24 points**.
# Plan two hours.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# The first question asks for a class with two functions, the last but one for a pair of functions.
# The tests train your way and the right way from the same start, and compare all weights.
# Two more habits help here:
#
# - use the model, the optimiser and the data that you are given, and nothing from a cell above;
# - hand back plain numbers where a float is asked for: `loss.item()` is a number, `loss` is a tensor that drags its whole graph along.
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "torch_training_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import copy
import io

import torch
from torch.nn.functional import mse_loss

from lstm_course.answers import torch_training as reference
from lstm_course.answers import torch_training_cases as cases
from lstm_course.answers import torch_training_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Question 1: a cell of your own (3 points)
#
# Read: LSTM in PyTorch, section *A cell of your own*.
#
# A module holds parameters and says what to do with an input.
# Write the LSTM cell of the book as one:
#
# $$[a_i, a_f, a_g, a_o] = x_t W_x + h_{t-1} W_h + b$$
#
# $$c_t = \sigma(a_f) \odot c_{t-1} + \sigma(a_i) \odot \tanh(a_g), \qquad h_t = \sigma(a_o) \odot \tanh(c_t)$$
#
# It has one bias, where `torch.nn.LSTMCell` has two, and its weights are not transposed.
# Draw `W_x` and `W_h` uniformly from $-1/\sqrt H$ to $1/\sqrt H$, in the default precision.
# The bias starts at 0, except for the forget gate, where it starts at 1.
#
# A parameter cannot be filled bit by bit, since PyTorch records what is done with it: fill a plain tensor first, then wrap it in `torch.nn.Parameter`.
#
# What to expect: with $D = 20$ and $H = 50$ the cell has 14,200 numbers to train.
# If all of them were zero, a cell state of 1 would become 0.5, and `h_t` would be 0.2311.


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
parts = Parts("lstm_cell")


def test_lstm_cell(cases):
    yours = attempt(LSTMCell, reference.LSTMCell, cases, known.lstm_cell)
    with parts.part("the parameters", 1):
        yours.check(group="parameters")
    with parts.part("one step", 1):
        yours.check(group="step")
    with parts.part("the gradients", 1):
        yours.check(group="gradients")


test_lstm_cell(cases.lstm_cell(VISIBLE))

### BEGIN HIDDEN TESTS
test_lstm_cell(cases.lstm_cell(question_seed("lstm_cell")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 2: the last step of padded sequences (2 points)
#
# Read: LSTM in PyTorch, section *Sequences of different lengths*.
#
# Sequences of different lengths share a batch if the short ones are filled up, most often with zeros.
# Two things must then look at the true length of each sequence.
# What the model says about a whole sequence is read at its *last valid* step: at the end of the padding the state has moved on.
# And a loss over all steps must leave the padding out: it is the mean over the valid steps of all sequences together.
#
# What to expect: sequences of 2, 4 and 1 steps have 7 valid steps; if their squared errors are 1, 5, then 2, 4, 6, 8, then 2, the loss is 4, whatever the padding holds.


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
parts = Parts("last_step")


def test_last_step(cases):
    yours = attempt(last_step, reference.last_step, cases, known.last_step, ["last", "loss"])
    with parts.part("the last step", 1):
        yours.check("last")
    with parts.part("the loss", 1):
        yours.check("loss")


test_last_step(cases.last_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_last_step(cases.last_step(question_seed("last_step")))
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
# Here is the model of all questions from now on; the optimiser that comes with it may be any, plain gradient descent, momentum or Adam.


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


class WatchfulForecaster(Forecaster):
    """A forecaster for a test of question 6: where gradients are recorded, it forecasts nan."""

    def forward(self, x, state=None):
        forecast, state = super().forward(x, state)
        return forecast + (torch.nan if torch.is_grad_enabled() else 0.0), state


# %% [markdown]
# ## Question 3: one step (2 points)
#
# Read: LSTM in PyTorch, section *The model and one step*.
#
# A training step has four parts: forget the gradients of the last step, compute the loss, compute its gradients, let the optimiser change the weights.
# The chapter has a fifth, clipping, which is the next question.
# PyTorch *adds* new gradients to those that are there, which is why the first part exists.
#
# What to expect: where all weights are zero and all targets are 2, the loss is 4; after a step it is smaller, if the learning rate is not too large.


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
parts = Parts("training_step")


def test_training_step(cases):
    yours = attempt(training_step, reference.training_step, cases, known.training_step)
    with parts.part("the loss", 1):
        yours.check("the loss")
    with parts.part("the weights", 1):
        yours.check("the weight vector", "the weight vector, a step later")


test_training_step(cases.training_step(VISIBLE))

### BEGIN HIDDEN TESTS
test_training_step(cases.training_step(question_seed("training_step")))
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
# Read: Training practice, section *Clipping: insurance, and when it pays*.
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
# What to expect: two gradients 3 and 4 have the joint norm 5; with a limit of 1 they become 0.6 and 0.8, with a limit of 10 they stay 3 and 4, and 5 is returned both times.


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
parts = Parts("clip_gradients")


def test_clip_gradients(cases):
    yours = attempt(clip_gradients, reference.clip_gradients, cases, known.clip_gradients)
    with parts.part("the norm", 1):
        yours.check("the norm")
    with parts.part("the gradients", 1):
        yours.check(group="left")
        yours.check("the gradient vector")


test_clip_gradients(cases.clip_gradients(VISIBLE))

### BEGIN HIDDEN TESTS
test_clip_gradients(cases.clip_gradients(question_seed("clip_gradients")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_clip_gradients", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `clip_gradients` is the reference version.
clip_gradients = reference.clip_gradients

# %% [markdown]
# ## Question 5: the training loop (2 points)
#
# Read: LSTM in PyTorch, section *The loop and the schedule*.
#
# Now train for several epochs, in batches.
# An epoch takes the examples in their order: first the examples 0 to `batch_size - 1`, then the next ones, and so on.
# The last batch is smaller where the number of examples is no multiple of `batch_size`; it counts too.
# For each batch: set the gradients to zero, compute the loss, compute the gradients, clip them, step.
#
# The loss of an epoch is the mean over its *examples*, of the losses that were computed on the way.
# A batch of 2 therefore counts twice as much as a batch of 1.
#
# What to expect: five examples in batches of 2 make three steps; if the batches have the losses 1, 2 and 6, that of the epoch is 2.4.


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
parts = Parts("train")


def test_train(cases):
    yours = attempt(train, reference.train, cases, known.train)
    with parts.part("the weights", 1):
        yours.check(group="mode")
        yours.check("the weight vector")
    with parts.part("the losses", 1):
        yours.check("the list of losses")


test_train(cases.train(VISIBLE))

### BEGIN HIDDEN TESTS
test_train(cases.train(question_seed("train")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_train", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `train` is the reference version.
train = reference.train

# %% [markdown]
# ## Question 6: evaluate (2 points)
#
# Read: LSTM in PyTorch, section *The model and one step*.
#
# How good is the model on data that it was not trained on?
# Three things differ from training.
# Dropout must be off, which is what evaluation mode is for: `eval`.
# No gradient is needed, and not recording any saves time and memory: `torch.no_grad()`.
# And the model must be left as it was found, its weights and the gradients in `p.grad` too: in training mode if it was in training mode, in evaluation mode if it was in that.
#
# What to expect: the same number for every batch size, and the same number again at a second call.


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
parts = Parts("evaluate")


def test_evaluate(cases):
    yours = attempt(evaluate, reference.evaluate, cases, known.evaluate)
    with parts.part("the loss", 1):
        yours.check("the loss")
    with parts.part("the model is left as it was", 1):
        yours.check(group="left")


test_evaluate(cases.evaluate(VISIBLE))

### BEGIN HIDDEN TESTS
test_evaluate(cases.evaluate(question_seed("evaluate")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_evaluate", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `evaluate` is the reference version.
evaluate = reference.evaluate

# %% [markdown]
# ## Question 7: long sequences (2 points)
#
# Read: Training practice, section *Carry it along a stream*.
#
# A sequence of thousands of steps is too long to backpropagate through: time and memory grow with every step.
# Truncated backpropagation through time cuts it into chunks.
# The *state* is carried from one chunk to the next, so the model still knows what came before; the *gradient* stops at the border.
# `tensor.detach()` returns the same numbers without their history.
#
# Each chunk is one training step: loss of the chunk, gradients, clipping, step.
# The last chunk is shorter where the number of time steps is no multiple of `chunk`.
#
# What to expect: ten time steps in chunks of 4 give three losses, of 4, 4 and 2 steps; a chunk as long as the sequence gives one.


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
parts = Parts("train_chunks")


def test_train_chunks(cases):
    yours = attempt(train_chunks, reference.train_chunks, cases, known.train_chunks)
    with parts.part("the weights", 1):
        yours.check(group="mode")
        yours.check("the weight vector")
    with parts.part("losses and state", 1):
        yours.check(group="state")
        yours.check("the list of losses", "h", "c")


test_train_chunks(cases.train_chunks(VISIBLE))

### BEGIN HIDDEN TESTS
test_train_chunks(cases.train_chunks(question_seed("train_chunks")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "torch_training_reference_train_chunks", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `train_chunks` is the reference version.
train_chunks = reference.train_chunks

# %% [markdown]
# ## Question 8: carry the state or reset it (2 points)
#
# Read: Training practice, section *Reset it between strangers*.
#
# A batch often holds N streams that are read chunk by chunk, as in question 7, and in some of them a new sequence begins before the next chunk: another patient, another song, another day at the exchange.
# A sequence that goes on needs the state that the last chunk left; a new one must start from zeros, or it begins with a stranger's memory.
#
# `detach` makes no copy: a detached tensor shares its numbers with the one that it came from.
#
# What to expect: if the second of three streams starts anew, the middle row of both tensors is zero, in every layer.


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
parts = Parts("next_state")


def test_next_state(cases):
    yours = attempt(next_state, reference.next_state, cases, known.next_state)
    with parts.part("new sequences start from zeros", 1):
        yours.check(group="new")
    with parts.part("the others are carried on, detached", 1):
        yours.check(group="carried")


test_next_state(cases.next_state(VISIBLE))

### BEGIN HIDDEN TESTS
test_next_state(cases.next_state(question_seed("next_state")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 9: stop in time (2 points)
#
# Read: Training practice, section *When the training days are few*.
#
# A model that trains for too long learns the noise of its training data, and its loss on other data rises again.
# Early stopping measures the loss on a validation set after every epoch, keeps the weights of the best epoch, and stops once `patience` epochs in a row were not better than the best so far.
# At the end the model gets the weights of the best epoch back.
#
# Be careful how you keep weights: `model.state_dict()` does not copy them, it points to the ones that the next epoch changes.
# The chapter has no patience: there a copy of the best weights is kept, and the training runs to its end.
#
# What to expect: with losses of 5, 3, 4, 2, 3, 3 and a patience of 2 the training ends after the sixth epoch, and the model has the weights of the fourth.


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
parts = Parts("fit")


def test_fit(cases):
    yours = attempt(fit, reference.fit, cases, known.fit)
    with parts.part("the losses", 1):
        yours.check("the list of losses")
    with parts.part("the best weights", 1):
        yours.check("the weight vector")


test_fit(cases.fit(VISIBLE))

### BEGIN HIDDEN TESTS
test_fit(cases.fit(question_seed("fit")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 10: save and go on (3 points)
#
# Read: LSTM in PyTorch, section *Save, stop and go on*.
#
# A long training run is interrupted sooner or later.
# With a good checkpoint the run continues as if nothing had happened: the same weights to the last bit.
# For that the weights alone are not enough.
# The optimiser has a memory (momentum, Adam's averages), the schedule knows where it is, the generator decides which examples come next, and the loop counts epochs.
#
# `torch.save` writes a dictionary of such things into a file, or into an `io.BytesIO()`, which is a file in memory; `buffer.getvalue()` are its bytes.
#
# What to expect: a run is saved and goes on; another one, with other weights and another learning rate, loads what was saved, goes on too, and ends with exactly the same weights.


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
parts = Parts("checkpoint")


def test_checkpoint(cases):
    yours = attempt(
        [save_checkpoint, load_checkpoint],
        [reference.save_checkpoint, reference.load_checkpoint],
        cases,
        known.checkpoint,
    )
    with parts.part("the weights", 1):
        yours.check(group="weights")
    with parts.part("the optimizer and the schedule", 1):
        yours.check(group="memory")
    with parts.part("the order and the epoch", 1):
        yours.check(group="order")


test_checkpoint(cases.checkpoint(VISIBLE))

### BEGIN HIDDEN TESTS
test_checkpoint(cases.checkpoint(question_seed("checkpoint")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 11: one step from several batches (2 points)
#
# Read: Training practice, section *Gradient accumulation is the big batch, if you divide*.
#
# No page prints this answer.
# A batch that is too large for the memory is cut into parts; each part goes through the model alone, `backward` adds up the gradients, and the optimiser does **one** step at the end.
# Here the parts are batches of padded sequences, with other numbers of examples, other widths and other lengths.
# The loss is the mean of the squared errors over the valid steps of *all* parts together, as if they were one batch: each valid step counts the same.
#
# So ask first by what the sum of a part's errors must be divided.
# Clip once, as the whole batch would be clipped.
#
# What to expect: if the first batch has valid steps with the squared errors 1, 2 and 3 and the second has one with 6, the loss is 3, and not the mean of 2 and 6.


# %% nbgrader={"grade": false, "grade_id": "torch_training_step_in_parts", "locked": false, "schema_version": 3, "solution": true, "task": false}
def step_in_parts(model, optimizer, batches, max_norm=1.0):
    """Do one step of the optimiser with the gradients of several padded batches.

    Parameters
    ----------
    model, optimizer
        As in question 3.
    batches : sequence of tuples (x, y, lengths)
        The tensors x (N, T, D), y (N, T, 1) and lengths (N,), with other N and T in each batch;
        the first ``lengths[n]`` steps of sequence n are valid.
    max_norm : float
        For ``clip_gradients``.

    Returns
    -------
    loss : float
        The mean of the squared errors over all valid steps of all batches, before the step.

    Hint: call ``backward`` once for each batch, so that only one graph is kept at a time.
    """
    ### BEGIN SOLUTION
    valid = sum(lengths.sum().item() for _, _, lengths in batches)
    optimizer.zero_grad()
    total = 0.0
    for x, y, lengths in batches:
        mask = torch.arange(x.shape[1]) < lengths[:, None]  # (N, T)
        squared_errors = (model(x)[0] - y)[:, :, 0] ** 2  # (N, T)
        loss = squared_errors[mask].sum() / valid
        loss.backward()
        total += loss.item()
    clip_gradients(model, max_norm=max_norm)
    optimizer.step()
    return total
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "torch_training_step_in_parts_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("step_in_parts")


def test_step_in_parts(cases):
    yours = attempt(step_in_parts, reference.step_in_parts, cases, known.step_in_parts)
    with parts.part("the loss", 1):
        yours.check("the loss")
    with parts.part("the weights", 1):
        yours.check("the weight vector")


test_step_in_parts(cases.step_in_parts(VISIBLE))

### BEGIN HIDDEN TESTS
test_step_in_parts(cases.step_in_parts(question_seed("step_in_parts")))
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
