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
# # Run anywhere: code for the CPU and the GPU
#
# In this assignment you write the parts of a training script that decide where tensors live.
# A script made of them runs on a CPU and on a GPU without a change.
# It goes with the chapter *GPU execution*; only the last question is answered on no page.
#
# There are ten questions and **14 points**.
# Plan 60 to 90 minutes.
# You need no GPU, and everything runs offline, in a few seconds once PyTorch and TensorFlow are imported.
#
# <!-- how to work -->
#
# **How a device is tested without one.**
# The tests run your function a second time on PyTorch's *meta* device, with every operation watched.
# There it must do what a GPU would accept: no tensor may be made on the CPU, not even to be copied to the device a moment later, and two tensors that meet must live in one place.
# Where the machine has a GPU, the same tests run on it too, as a part of their own.
# Without a GPU the test lists that part as `not run: no GPU`; it costs nothing, because the other parts then give all points of the question.
#
# Never write the name of a device into a function: take it from an argument or from a tensor.
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import os
import statistics
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow starts without its notices

import keras  # noqa: F401  # for question 9
import numpy as np
import tensorflow as tf
import torch
from torch.nn.functional import mse_loss

from lstm_course.answers import gpu_execution as reference
from lstm_course.answers import gpu_execution_cases as cases
from lstm_course.answers import gpu_execution_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.device_checks import gpu_part, has_tensorflow_gpu, two_cpu_devices
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

two_cpu_devices()  # for TensorFlow the CPU is two devices from here on: CPU:0 and CPU:1


# %% [markdown]
# ## Question 1: pick a device (1 point)
#
# Read: GPU execution, section *Where a tensor lives*.
#
# A script should use the GPU where there is one, and still let its user choose.
# `"auto"` means: `cuda` if PyTorch finds an NVIDIA (or AMD) GPU, otherwise `mps` if it finds the GPU of an Apple computer, otherwise `cpu`.
# Any other name is the user's choice and is taken as it is, such as `"cpu"` for a run to compare with, or `"cuda:1"` for the second GPU.
# The chapter's version knows no Mac.
#
# What to expect: on a machine with no GPU `pick_device()` is `torch.device("cpu")`, and `pick_device("cuda:1")` is `torch.device("cuda", 1)` everywhere, since nobody asks whether it is there.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_pick_device", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pick_device(wanted="auto"):
    """Return the device to run on.

    Parameters
    ----------
    wanted : str
        ``"auto"`` or the name of a device.

    Returns
    -------
    device : torch.device

    Hint: ``torch.device("cuda")``, ``torch.cuda.is_available()`` and
    ``torch.backends.mps.is_available()``.
    """
    ### BEGIN SOLUTION
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_pick_device_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("pick_device")


def test_pick_device(cases):
    yours = attempt(pick_device, reference.pick_device, cases, known.pick_device)
    with parts.part("a device for every machine", 1):
        yours.check()


test_pick_device(cases.pick_device(VISIBLE))

### BEGIN HIDDEN TESTS
test_pick_device(cases.pick_device(question_seed("pick_device")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_reference_pick_device", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `pick_device` is the reference version.
pick_device = reference.pick_device

# %% [markdown]
# ## Question 2: a state in the right place (1 point)
#
# Read: GPU execution, section *Where a tensor lives*.
#
# `torch.zeros(N, H)` makes a tensor on the CPU, in `float32`, wherever the data are.
# It is the commonest device mistake in recurrent networks: a state starts as zeros, and the zeros are born in the wrong place.
#
# Make $h_0$ and $c_0$ with the device and the dtype of `x`.
#
# What to expect: with `x` of shape `(3, 5, 2)` in `float64` and `H = 4`, two tensors of shape `(3, 4)` in `float64`.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_zero_state", "locked": false, "schema_version": 3, "solution": true, "task": false}
def zero_state(x, H):
    """Return the zero state that goes with a batch.

    Parameters
    ----------
    x : tensor (N, T, D)
    H : int
        The number of hidden units.

    Returns
    -------
    h0, c0 : tensors (N, H)
        Zeros, made on the device of ``x`` and in its dtype.

    Hint: ``torch.zeros(..., device=..., dtype=...)`` or ``x.new_zeros(...)``.
    """
    ### BEGIN SOLUTION
    N = x.shape[0]
    return x.new_zeros(N, H), x.new_zeros(N, H)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_zero_state_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("zero_state")


def test_zero_state(cases):
    yours = attempt(zero_state, reference.zero_state, cases, known.zero_state)
    with parts.part("the values", 0.4):
        yours.check(group="values")
    with parts.part("the device", 0.4):
        yours.check(group="device")
    gpu_part(parts, 0.2, zero_state, lambda device: yours.check(group=device))


test_zero_state(cases.zero_state(VISIBLE))

### BEGIN HIDDEN TESTS
test_zero_state(cases.zero_state(question_seed("zero_state")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_reference_zero_state", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `zero_state` is the reference version.
zero_state = reference.zero_state

# %% [markdown]
# ## Question 3: move a batch (1 point)
#
# Read: GPU execution, section *A tensor that was not moved after all*.
#
# A batch is often more than one tensor: a dict with inputs, lengths and masks, or a tuple of lists.
# `model.to(device)` moves a whole model, but nothing in PyTorch moves a whole batch, so every project has a function for it.
#
# Return a new batch of the same form, in which every tensor is on `device`.
# Lists stay lists, tuples stay tuples, dicts stay dicts, and what is no tensor stays as it is; named tuples do not occur.
# Nothing but the place changes, so a mask keeps its dtype.
# The batch that was given does not change.
#
# What to expect: `move_batch({"x": [x, "a name"]}, device)` is a new dict with a new list, in which `"a name"` stands as before.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_move_batch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def move_batch(batch, device):
    """Return a batch of the same form with all its tensors on a device.

    Parameters
    ----------
    batch : a tensor, or a list, tuple or dict of batches, or anything else
    device : torch.device

    Returns
    -------
    batch : of the same form

    Hint: the function calls itself for the parts; ``tensor.to(device)`` returns a new tensor.
    """
    ### BEGIN SOLUTION
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: move_batch(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(value, device) for value in batch)
    return batch
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_move_batch_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("move_batch")


def test_move_batch(cases):
    yours = attempt(move_batch, reference.move_batch, cases, known.move_batch)
    with parts.part("the form", 0.4):
        yours.check(group="values")
    with parts.part("the device", 0.4):
        yours.check(group="device")
    gpu_part(parts, 0.2, move_batch, lambda device: yours.check(group=device))


test_move_batch(cases.move_batch(VISIBLE))

### BEGIN HIDDEN TESTS
test_move_batch(cases.move_batch(question_seed("move_batch")))
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_reference_move_batch", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `move_batch` is the reference version.
move_batch = reference.move_batch

# %% [markdown]
# ## Question 4: constants that travel with the model (1 point)
#
# Read: GPU execution, section *Constants are part of the model*.
#
# Inputs are standardised with the mean and the standard deviation of the training data.
# If these two live in a module, the script cannot forget them: `model.to(device)` takes them along, `model.double()` changes their dtype, and a checkpoint holds them.
# That works for parameters, which training would change, and for *buffers*, which it leaves alone.
#
# Write the constructor; `forward` is given.
#
# What to expect: `list(module.state_dict())` is `["mean", "std"]`, and `list(module.parameters())` is empty.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_standardise", "locked": false, "schema_version": 3, "solution": true, "task": false}
class Standardise(torch.nn.Module):
    """Standardise inputs; ``mean`` and ``std`` (both tensors (D,)) are part of the module."""

    def __init__(self, mean, std):
        """Keep ``mean`` and ``std`` so that they move with the module and are saved with it.

        Hint: ``self.register_buffer("name", tensor)`` makes an attribute of that name.
        """
        super().__init__()
        ### BEGIN SOLUTION
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)
        ### END SOLUTION

    def forward(self, x):
        """Return the standardised ``x (N, T, D)``."""
        return (x - self.mean) / self.std


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_standardise_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("standardise")


def test_standardise(cases):
    yours = attempt(Standardise, reference.Standardise, cases, known.standardise)
    with parts.part("the values", 0.4):
        yours.check(group="values")
    with parts.part("the device", 0.4):
        yours.check(group="device")
    gpu_part(parts, 0.2, Standardise, lambda device: yours.check(group=device))


test_standardise(cases.standardise(VISIBLE))

### BEGIN HIDDEN TESTS
test_standardise(cases.standardise(question_seed("standardise")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: a cell in a loop (2 points)
#
# Read: GPU execution, section *Results that are collected on the wrong side*.
#
# `torch.nn.LSTMCell` does one step: `h_t, c_t = cell(x_t, (h_prev, c_prev))`.
# Run it over a sequence, from a zero state, and collect the hidden states.
#
# A GPU adds a second way to go wrong here.
# With `h = torch.zeros(N, T, H)` before the loop and `h[:, t] = h_t` inside it, PyTorch raises no error: it copies every $h_t$ from the GPU to the CPU, and the result lives on the wrong side.
#
# What to expect: `h[:, -1]` is `h_T`, and `h` requires gradients.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_run_cell", "locked": false, "schema_version": 3, "solution": true, "task": false}
def run_cell(cell, x):
    """Run a cell over sequences, from a state of zeros.

    Parameters
    ----------
    cell : torch.nn.LSTMCell
        It has ``cell.hidden_size`` units (H) and lives on the device of ``x``.
    x : tensor (N, T, D)

    Returns
    -------
    h : tensor (N, T, H)
        All hidden states, with gradients.
    state : tuple (h_T, c_T) of tensors (N, H)

    Hint: ``zero_state`` from question 2 is at hand; ``torch.stack`` takes a list of tensors.
    """
    ### BEGIN SOLUTION
    state = zero_state(x, cell.hidden_size)
    h = []
    for t in range(x.shape[1]):
        state = cell(x[:, t], state)
        h.append(state[0])
    return torch.stack(h, dim=1), state
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_run_cell_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("run_cell")


def test_run_cell(cases):
    yours = attempt(run_cell, reference.run_cell, cases, known.run_cell)
    with parts.part("the values", 0.8):
        yours.check(group="values")
    with parts.part("the device", 0.8):
        yours.check(group="device")
    gpu_part(parts, 0.4, run_cell, lambda device: yours.check(group=device))


test_run_cell(cases.run_cell(VISIBLE))

### BEGIN HIDDEN TESTS
test_run_cell(cases.run_cell(question_seed("run_cell")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## A model for questions 6 and 7
#
# It reads sequences `x (N, T, D)` and forecasts one number for each, `(N, 1)`.
# The tests use smaller models, which do the same.

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_model", "locked": true, "schema_version": 3, "solution": false, "task": false}
class Forecaster(torch.nn.Module):
    """An LSTM layer, dropout, and a linear layer on the last hidden state."""

    def __init__(self, D, H, dropout=0.0):
        super().__init__()
        self.lstm = torch.nn.LSTM(D, H, batch_first=True)
        self.dropout = torch.nn.Dropout(dropout)
        self.out = torch.nn.Linear(H, 1)

    def forward(self, x):
        h, _ = self.lstm(x)  # (N, T, H)
        return self.out(self.dropout(h[:, -1]))  # (N, 1)


# %% [markdown]
# ## Question 6: an epoch that does not wait (2 points)
#
# Read: GPU execution, section *Work that runs behind Python's back*.
#
# The batches come from the CPU; the model is on `device` already.
# For each batch: copy `x` and `y` to the device, forget the old gradients, compute the loss (the mean squared error of the batch), its gradients, and step.
#
# Return the mean loss over all *examples*, as a number.
# A batch of 3 counts three times as much as a batch of 1.
#
# Python runs ahead of a GPU: it queues work and goes on.
# `loss.item()` ends that, because a number can only be returned when all work before it is done.
# So add up the losses in a tensor on the device, and ask for the number **once**, at the end of the epoch.
#
# What to expect: if a batch of 3 has the loss 1.0 and a batch of 1 the loss 5.0, the epoch has 2.0, and not 3.0.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_train_epoch", "locked": false, "schema_version": 3, "solution": true, "task": false}
def train_epoch(model, optimizer, batches, device):
    """Train on every batch once.

    Parameters
    ----------
    model : module on ``device``
        It is put into training mode; ``model(x)`` is the forecast (N, 1).
    optimizer : optimiser
    batches : list of pairs of tensors on the CPU, x (N, T, D) and y (N, 1)
        N may differ from batch to batch.
    device : torch.device

    Returns
    -------
    loss : float
        The mean over all examples of the losses before each step, read once.

    Hint: start the sum with ``torch.zeros((), device=device)``; ``loss.detach()`` is the loss
    without its graph.
    """
    ### BEGIN SOLUTION
    model.train()
    total, count = torch.zeros((), device=device), 0
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        total = total + loss.detach() * len(x)
        count += len(x)
    return total.item() / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_train_epoch_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("train_epoch")


def test_train_epoch(cases):
    yours = attempt(train_epoch, reference.train_epoch, cases, known.train_epoch)
    with parts.part("the loss and the weights", 0.8):
        yours.check(group="values")
    with parts.part("the device", 0.8):
        yours.check(group="device")
    gpu_part(parts, 0.4, train_epoch, lambda device: yours.check(group=device))


test_train_epoch(cases.train_epoch(VISIBLE))

### BEGIN HIDDEN TESTS
test_train_epoch(cases.train_epoch(question_seed("train_epoch")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: results for NumPy (2 points)
#
# Read: GPU execution, section *What the meta device misses*.
#
# NumPy knows only the memory of the CPU: `tensor.numpy()` fails for a tensor on a GPU, and `tensor.cpu().numpy()` works everywhere.
#
# Compute the forecasts for all batches, in evaluation mode.
# Nothing is trained here, so let no gradients be recorded; a tensor that holds some refuses `.numpy()`.
#
# What to expect: batches of 3 and 1 give one array of shape `(4, 1)`, and a second call gives the same numbers, whatever the dropout.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_predict", "locked": false, "schema_version": 3, "solution": true, "task": false}
def predict(model, batches, device):
    """Return the forecasts for all batches, one after the other.

    Parameters
    ----------
    model : module on ``device``
        It is put into evaluation mode; ``model(x)`` is the forecast (N, 1).
    batches : list of tensors x (N, T, D) on the CPU
        N may differ from batch to batch.
    device : torch.device

    Returns
    -------
    forecasts : NumPy array (sum of all N, 1)

    Hint: ``np.concatenate`` or ``torch.cat`` joins a list along the first axis.
    """
    ### BEGIN SOLUTION
    model.eval()
    forecasts = []
    with torch.no_grad():
        for x in batches:
            forecasts.append(model(x.to(device)).cpu().numpy())
    return np.concatenate(forecasts)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_predict_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("predict")


def test_predict(cases):
    yours = attempt(predict, reference.predict, cases, known.predict)
    with parts.part("the forecasts", 0.8):
        yours.check(group="values")
    with parts.part("the device", 0.8):
        yours.check(group="device")
    gpu_part(parts, 0.4, predict, lambda device: yours.check(group=device))


test_predict(cases.predict(VISIBLE))

### BEGIN HIDDEN TESTS
test_predict(cases.predict(question_seed("predict")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 8: time it right (1 point)
#
# Read: GPU execution, section *Work that runs behind Python's back*.
#
# A GPU works through its queue while Python goes on.
# A stopwatch around a call therefore measures how long it takes to *queue* the work.
# To measure the work itself: let the queue run empty, start the watch, do the work, let the queue run empty again, stop the watch.
# The first calls are slower than the rest, because memory is reserved and code is loaded, so do some that do not count.
# Other programs disturb single measurements, so report the median.
#
# `synchronise` waits for the queue; on a GPU you would pass `torch.cuda.synchronize`, and on a CPU a function that does nothing.
# `clock` returns the time in seconds; you would pass `time.perf_counter`.
#
# What to expect: jobs that take 1, 30 and 2 seconds give 2, and some milliseconds for Python; their mean would be 11.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_median_seconds", "locked": false, "schema_version": 3, "solution": true, "task": false}
def median_seconds(work, synchronise, clock=time.perf_counter, warm_up=2, repeats=5):
    """Return how long some work takes on a device.

    Parameters
    ----------
    work : function without arguments
        Puts the work into the device's queue.
    synchronise : function without arguments
        Waits until the queue is empty.
    clock : function without arguments
        Returns the time in seconds.
    warm_up : int
        Do the work this many times without measuring it, first.
    repeats : int
        Measure it this many times, each time for itself.

    Returns
    -------
    seconds : float
        The median of the measured times.

    Hint: ``statistics.median`` of a list.
    """
    ### BEGIN SOLUTION
    for _ in range(warm_up):
        work()
    seconds = []
    for _ in range(repeats):
        synchronise()
        start = clock()
        work()
        synchronise()
        seconds.append(clock() - start)
    return statistics.median(seconds)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_median_seconds_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("median_seconds")


def test_median_seconds(cases):
    yours = attempt(median_seconds, reference.median_seconds, cases, known.median_seconds)
    with parts.part("the time of the work", 1):
        yours.check()


test_median_seconds(cases.median_seconds(VISIBLE))

### BEGIN HIDDEN TESTS
test_median_seconds(cases.median_seconds(question_seed("median_seconds")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 9: the same in Keras on TensorFlow (1 point)
#
# Read: GPU execution, section *Keras places tensors by itself*.
#
# TensorFlow copies tensors from device to device without a word, so a state in the wrong place raises no error; it only costs a copy each time.
# A new tensor goes to the default device, or to the device of the block that it is made in: `with tf.device(name):` or `with keras.device(name):`.
# Each tensor knows its place: `x.device` is a name that both accept.
#
# In this notebook the CPU is two devices for TensorFlow, `CPU:0` (the default) and `CPU:1`.
#
# What to expect: with `x` on `CPU:1` in `float64`, two tensors of zeros on `CPU:1` in `float64`; `tf.zeros(shape)` alone makes `float32`.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_keras_zero_state", "locked": false, "schema_version": 3, "solution": true, "task": false}
def keras_zero_state(x, H):
    """Return the zero state that goes with a batch.

    Parameters
    ----------
    x : TensorFlow tensor (N, T, D)
    H : int
        The number of hidden units.

    Returns
    -------
    h0, c0 : TensorFlow tensors (N, H)
        Zeros, made on the device of ``x`` and in its dtype.

    Hint: ``tf.zeros(shape, dtype)`` or ``keras.ops.zeros(shape, dtype)``.
    """
    ### BEGIN SOLUTION
    with tf.device(x.device):
        return tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_keras_zero_state_test", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
parts = Parts("keras_zero_state")


def test_keras_zero_state(cases):
    yours = attempt(keras_zero_state, reference.keras_zero_state, cases, known.keras_zero_state)
    with parts.part("the values", 0.4):
        yours.check(group="values")
    with parts.part("the device", 0.4):
        yours.check(group="device")
    gpu_part(
        parts, 0.2, keras_zero_state, lambda device: yours.check(group=device), has_tensorflow_gpu
    )


test_keras_zero_state(cases.keras_zero_state(VISIBLE))

### BEGIN HIDDEN TESTS
test_keras_zero_state(cases.keras_zero_state(question_seed("keras_zero_state")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 10: shares of different sizes (2 points)
#
# Read: GPU execution, section *Two processes, one model*.
#
# No page prints this answer.
# Each process has computed the gradient of the mean loss over its own share of a batch.
# Where the shares are equal, the plain mean of the gradients is the gradient of the whole batch.
# Here they need not be: process $r$ has $N_r$ examples, and a share may even be empty.
# A mean over no example is `nan`, and $0 \cdot \text{nan}$ is `nan` as well.
#
# Return the gradients of the mean loss over *all* examples.
# They are made on the device of the gradients, without waiting for it, in their dtype.
#
# What to expect: with shares of 3 and 1 and the gradients 1.0 and 5.0 the average is 2.0; with equal shares it is the plain mean.


# %% nbgrader={"grade": false, "grade_id": "gpu_execution_average_gradients", "locked": false, "schema_version": 3, "solution": true, "task": false}
def average_gradients(gradients, sizes):
    """Average the gradients of several processes over all examples.

    Parameters
    ----------
    gradients : list of lists of tensors
        A list for each process, with one gradient for each parameter of the model; where the
        share is empty, they are nan.
    sizes : list of ints
        The number of examples of each process, not all of them zero.

    Returns
    -------
    averages : list of tensors
        One for each parameter.

    Hint: ``zip(*gradients)`` goes through the parameters, with a tensor from each process.
    """
    ### BEGIN SOLUTION
    total = sum(sizes)
    averages = []
    for tensors in zip(*gradients):
        shares = [n / total * tensor for tensor, n in zip(tensors, sizes) if n > 0]
        averages.append(sum(shares))
    return averages
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "gpu_execution_average_gradients_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("average_gradients")


def test_average_gradients(cases):
    yours = attempt(
        average_gradients,
        reference.average_gradients,
        cases,
        known.average_gradients,
        gives=["the list of averages"],
    )
    with parts.part("the averages", 0.8):
        yours.check(group="values")
    with parts.part("the device", 0.8):
        yours.check(group="device")
    gpu_part(parts, 0.4, average_gradients, lambda device: yours.check(group=device))


test_average_gradients(cases.average_gradients(VISIBLE))

### BEGIN HIDDEN TESTS
test_average_gradients(cases.average_gradients(question_seed("average_gradients")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# Run the cell: the functions together train a small model on the best device of this machine and time an epoch there.
# It has to keep the first three of twelve numbers until the end and add them up; a forecast that is always the mean has a loss of about 3, so 0.1 is a success.

# %%
device = pick_device()
torch.manual_seed(0)
x = torch.randn(64, 12, 1)
y = x[:, :3].sum(dim=1)  # (N, 1): the first three numbers, which must be kept until the end
batches = [(x[n : n + 16], y[n : n + 16]) for n in range(0, 64, 16)]
model = Forecaster(1, 8).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
losses = [train_epoch(model, optimizer, batches, device) for _ in range(100)]
print(f"loss on {device}: {losses[0]:.2f} after one epoch, {losses[-1]:.2f} after 100")
wait = torch.cuda.synchronize if device.type == "cuda" else (lambda: None)
seconds = median_seconds(lambda: train_epoch(model, optimizer, batches, device), wait)
print(f"an epoch takes {1000 * seconds:.1f} ms")
