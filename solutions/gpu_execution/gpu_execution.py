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
#
# There are nine questions and **12 points**.
# Plan 60 to 90 minutes.
# You need no GPU, and everything runs offline, in a few seconds.
#
# **How to work.**
# Each question is one function of a few lines.
# Its cell ends with `raise NotImplementedError(...)`: replace that line by your code and run the cell.
# The next cell tests your function.
# If the test shows all points of the question, it passed; if not, read its message, which names the likely mistake.
# You may add cells and helper functions of your own.
# Test cells cannot be changed: grading runs them afresh.
#
# **How a device is tested without one.**
# The tests run your function a second time on PyTorch's *meta* device, with every operation watched.
# There it must do what a GPU would accept: no tensor may be made on the CPU, not even to be copied to the device a moment later, and two tensors that meet must live in one place.
# Where the machine has a GPU, the same tests run on it too, as a part of their own.
# Without a GPU the test lists that part as `not run: no GPU`; it costs nothing, because the other parts then give all points of the question.
#
# **What else is tested.**
# Hidden tests try other shapes, `float32` and `float64`, one example only, a single time step and batches of different sizes.
# Never write the name of a device into a function: take it from an argument or from a tensor.
#
# **One slip costs one question.**
# Before a later question uses an earlier function, the notebook replaces yours by the reference version.
#
# **Before you hand in**, restart the kernel and run all cells (*Kernel*, then *Restart Kernel and Run All Cells*).
# If your JupyterLab has the nbgrader extension, the button *Validate* does the same and lists the tests that fail.

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import statistics
import time

import keras  # noqa: F401  # for question 9
import numpy as np
import tensorflow as tf
import torch
from torch.nn.functional import mse_loss

from lstm_course.answers import gpu_execution as reference
from lstm_course.answers import gpu_execution_cases as cases
from nbjudge.checks.calls import beside_student, call_unchanged, check_own, take_apart
from nbjudge.checks.arrays import CheckFailed, check_array
from nbjudge.checks.device_checks import (
    check_run,
    gpu_part,
    has_tensorflow_gpu,
    run_on_tensorflow_device,
    two_cpu_devices,
    with_devices,
)
from nbjudge.checks.devices import described
from nbjudge.checks.parts import Parts
from nbjudge.checks.numbers import check_count, check_number
from nbjudge.checks.seeds import question_seed
from nbjudge.checks.tensors import check_tensor

two_cpu_devices()  # for TensorFlow the CPU is two devices from here on: CPU:0 and CPU:1


# %% [markdown]
# ## Question 1: pick a device (1 point)
#
# A script should use the GPU where there is one, and still let its user choose.
# `"auto"` means: `cuda` if PyTorch finds an NVIDIA (or AMD) GPU, otherwise `mps` if it finds the GPU of an Apple computer, otherwise `cpu`.
# Any other name is the user's choice and is taken as it is, such as `"cpu"` for a run to compare with, or `"cuda:1"` for the second GPU.


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
def check_picked(machine, cuda, mps, wanted, expected):
    """Check the choice on a machine with these devices; PyTorch's answers are replaced."""
    kind, found = beside_student(with_devices, cuda, mps, pick_device, wanted)
    where = f"pick_device({wanted!r}) on a machine with {machine}"
    if kind != "device":
        message = f"{where} must return a torch.device, but yours returns a {kind}"
        raise CheckFailed(message, "Not a torch.device")
    if found != expected:
        message = f"{where} must be {expected}, but yours is {found}"
        raise CheckFailed(message, "Another device is to be picked on such a machine")


def test_pick_device():
    check_own(pick_device)
    check_picked("no GPU", False, False, "auto", "cpu")
    check_picked("an NVIDIA GPU", True, False, "auto", "cuda")
    check_picked("an NVIDIA GPU", True, False, "cpu", "cpu")


test_pick_device()


### BEGIN HIDDEN TESTS
def hidden_pick_device():
    check_picked("an Apple GPU", False, True, "auto", "mps")
    check_picked("both kinds of GPU", True, True, "auto", "cuda")
    check_picked("an NVIDIA GPU", True, False, "cuda:1", "cuda:1")
    check_picked("no GPU", False, False, "cuda", "cuda")
    check_picked("an Apple GPU", False, True, "cpu", "cpu")
    check_picked("both kinds of GPU", True, True, "mps", "mps")


hidden_pick_device()
### END HIDDEN TESTS

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_reference_pick_device", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `pick_device` is the reference version.
pick_device = reference.pick_device

# %% [markdown]
# ## Question 2: a state in the right place (1 point)
#
# `torch.zeros(N, H)` makes a tensor on the CPU, in `float32`, wherever the data are.
# It is the commonest device mistake in recurrent networks: a state starts as zeros, and the zeros are born in the wrong place.
#
# Make $h_0$ and $c_0$ with the device and the dtype of `x`.


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
parts = Parts()


def check_state_values(label, x, H):
    state = take_apart("zero_state", call_unchanged(zero_state, x=x, H=H), ("h0", "c0"))
    for name, found in zip(("h0", "c0"), state, strict=True):
        right = torch.zeros(len(x), H, dtype=x.dtype)
        check_tensor(f"{name} ({label})", found, right, same_dtype=True)


def check_state_on(device, label, x, H):
    dtype = str(x.dtype).removeprefix("torch.")
    state = {"tensor": ["device", dtype, [len(x), H]]}
    check_run(label, zero_state, x, H, expected=[state, state], device=device)


def test_zero_state():
    check_own(zero_state)
    x = torch.ones(3, 5, 2, dtype=torch.float64)
    with parts.part("the values", 0.4):
        check_state_values("float64", x, 4)
    with parts.part("the device", 0.4):
        check_state_on("meta", "zero_state(x, 4)", x, 4)
    gpu_part(
        parts, 0.2, zero_state, lambda device: check_state_on(device, "zero_state(x, 4)", x, 4)
    )


test_zero_state()


### BEGIN HIDDEN TESTS
def hidden_zero_state():
    for where, x, H in cases.inputs(question_seed("zero_state")):
        with parts.part("the values"):
            check_state_values(where, x, H)
        with parts.part("the device"):
            check_state_on("meta", where, x, H)


hidden_zero_state()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_reference_zero_state", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `zero_state` is the reference version.
zero_state = reference.zero_state

# %% [markdown]
# ## Question 3: move a batch (1 point)
#
# A batch is often more than one tensor: a dict with inputs, lengths and masks, or a tuple of lists.
# `model.to(device)` moves a whole model, but nothing in PyTorch moves a whole batch, so every project has a function for it.
#
# Return a new batch of the same form, in which every tensor is on `device`.
# Lists stay lists, tuples stay tuples, dicts stay dicts, and what is no tensor stays as it is.
# The batch that was given does not change.


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
parts = Parts()


def check_moved(device, label, batch):
    before, expected = described(batch), described(batch, "device")
    report = check_run(
        label, move_batch, batch, "device", expected=expected, device=device, stay=(0,)
    )
    if report["arguments"][0] != before:
        message = f"{label}: the batch that was given is changed: make new lists and dicts"
        raise CheckFailed(message, "The batch that was given must not change")


def test_move_batch():
    check_own(move_batch)
    batch = {"x": torch.ones(2, 3, 1), "pair": (torch.zeros(2), [torch.ones(1), "a name"])}
    with parts.part("the form", 0.4):
        found = move_batch(batch, torch.device("cpu"))
        cases.check_batch("the batch", found, batch)
    with parts.part("the device", 0.4):
        pair = (torch.ones(2, 3), [torch.zeros(2)])
        check_moved("meta", "a tuple with a list in it", pair)
        check_moved("meta", "a single tensor", torch.ones(2))
    gpu_part(parts, 0.2, move_batch, lambda device: check_moved(device, "a tuple", pair))


test_move_batch()


### BEGIN HIDDEN TESTS
def hidden_move_batch():
    batch = cases.nested(question_seed("move_batch"))
    for name, value in (("a batch with many parts", batch), ("a list", [batch, 3.5])):
        with parts.part("the form"):
            cases.check_batch(name, move_batch(value, torch.device("cpu")), value)
    with parts.part("the device"):
        check_moved("meta", "a batch with many parts", batch)
        check_moved("meta", "a list", [batch["x"], {}])


hidden_move_batch()
### END HIDDEN TESTS

parts.score()

# %% nbgrader={"grade": false, "grade_id": "gpu_execution_reference_move_batch", "locked": true, "schema_version": 3, "solution": false, "task": false}
# From here on, `move_batch` is the reference version.
move_batch = reference.move_batch

# %% [markdown]
# ## Question 4: constants that travel with the model (1 point)
#
# Inputs are standardised with the mean and the standard deviation of the training data.
# If these two live in a module, the script cannot forget them: `model.to(device)` takes them along, `model.double()` changes their dtype, and a checkpoint holds them.
# That works for parameters, which training would change, and for *buffers*, which it leaves alone.
#
# Write the constructor; `forward` is given.


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
parts = Parts()


def check_standardised(label, x, mean, std):
    module = Standardise(mean, std)
    hints = [
        (x, "x comes back as it is"),
        ((x - std) / mean, "mean and std are exchanged"),
    ]
    check_tensor(f"the result ({label})", module(x), (x - mean) / std, hints=hints)
    if list(module.parameters()):
        message = "mean and std must not be parameters, because training would change them"
        raise CheckFailed(message, message)
    saved = module.state_dict()
    for name, value in (("mean", mean), ("std", std)):
        if name not in saved:
            message = "mean and std must be in the state_dict, or a checkpoint loses them"
            raise CheckFailed(message, message)
        check_tensor(f"the {name} of a checkpoint", saved[name], value)


def check_standardise_on(device, label, x, mean, std):
    dtype = str(x.dtype).removeprefix("torch.")
    expected = {"tensor": ["device", dtype, list(x.shape)]}
    report = check_run(label, Standardise(mean, std), x, expected=expected, device=device)
    for found in report["values"]:
        check_tensor(label, found, (x - mean) / std, rtol=1e-5)


def test_standardise():
    check_own(Standardise)
    x = torch.arange(12.0).reshape(2, 3, 2)
    example = (x, torch.tensor([5.0, 6.0]), torch.tensor([3.0, 4.0]))
    with parts.part("the values", 0.4):
        check_standardised("2 features", *example)
    with parts.part("the device", 0.4):
        check_standardise_on("meta", "the module after .to(device)", *example)
    gpu_part(
        parts,
        0.2,
        Standardise,
        lambda device: check_standardise_on(device, "the module after .to(device)", *example),
    )


test_standardise()


### BEGIN HIDDEN TESTS
def hidden_standardise():
    for where, x, _ in cases.inputs(question_seed("standardise")):
        mean = x.mean(dim=(0, 1))
        std = 0.5 + mean.abs()
        with parts.part("the values"):
            check_standardised(where, x, mean, std)
        with parts.part("the device"):
            check_standardise_on("meta", where, x, mean, std)


hidden_standardise()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: a cell in a loop (2 points)
#
# `torch.nn.LSTMCell` does one step: `h_t, c_t = cell(x_t, (h_prev, c_prev))`.
# Run it over a sequence, from a zero state, and collect the hidden states.
#
# A GPU adds a second way to go wrong here.
# With `h = torch.zeros(N, T, H)` before the loop and `h[:, t] = h_t` inside it, PyTorch raises no error: it copies every $h_t$ from the GPU to the CPU, and the result lives on the wrong side.


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
parts = Parts()


def make_cell(x, H, seed):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.LSTMCell(x.shape[2], H, dtype=x.dtype)


def check_cell_values(label, x, H):
    cell = make_cell(x, H, 0)
    with torch.set_grad_enabled(False):
        h, state = reference.run_cell(cell, x)
        c = [reference.run_cell(cell, x[:, : t + 1])[1][1] for t in range(x.shape[1])]
        found = take_apart("run_cell", run_cell(cell, x), ("h", "state"))
        last = take_apart("state", found[1], ("h_T", "c_T"))
    hints = [
        (h.transpose(0, 1), "the first axis is the batch, the second one time: dim=1"),
        (torch.stack(c, dim=1), "collect h_t, not c_t"),
    ]
    check_tensor(f"h ({label})", found[0], h, hints=hints)
    check_tensor(f"h_T ({label})", last[0], state[0], hints=[(state[1], "this is c_T")])
    check_tensor(f"c_T ({label})", last[1], state[1], hints=[(state[0], "this is h_T")])
    if run_cell(cell, x)[0].requires_grad is not True:
        message = "h must keep its gradients, or the cell cannot be trained"
        raise CheckFailed(message, message)


def check_cell_on(device, label, x, H):
    cell, dtype = make_cell(x, H, 0), str(x.dtype).removeprefix("torch.")
    shapes = ([len(x), x.shape[1], H], [len(x), H], [len(x), H])
    h, h_T, c_T = ({"tensor": ["device", dtype, shape]} for shape in shapes)
    report = check_run(label, run_cell, cell, x, expected=[h, [h_T, c_T]], device=device)
    with torch.set_grad_enabled(False):
        h, (h_T, c_T) = reference.run_cell(cell, x)
    for found, right in zip(report["values"], (h, h_T, c_T), strict=False):
        check_tensor(label, found, right, rtol=1e-5)


def test_run_cell():
    check_own(run_cell)
    x = torch.linspace(-1, 1, 12, dtype=torch.float64).reshape(2, 3, 2)
    with parts.part("the values", 0.8):
        check_cell_values("N = 2, T = 3", x, 4)
    with parts.part("the device", 0.8):
        check_cell_on("meta", "run_cell(cell, x)", x, 4)
    gpu_part(
        parts, 0.4, run_cell, lambda device: check_cell_on(device, "run_cell(cell, x)", x, 4)
    )


test_run_cell()


### BEGIN HIDDEN TESTS
def hidden_run_cell():
    for where, x, H in cases.inputs(question_seed("run_cell")):
        with parts.part("the values"):
            check_cell_values(where, x, H)
        with parts.part("the device"):
            check_cell_on("meta", where, x, H)


hidden_run_cell()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## The model for questions 6 and 7
#
# It reads sequences `x (N, T, D)` and forecasts one number for each, `(N, 1)`.

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


def unsure_forecaster(D, H):
    """Return a forecaster with dropout."""
    return Forecaster(D, H, dropout=0.5)


# %% [markdown]
# ## Question 6: an epoch that does not wait (2 points)
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
parts = Parts()


def weights(model):
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def check_epoch_values(yours, right):
    yours.model.train(False)
    for epoch in ("first", "second"):
        where = f"the {epoch} epoch with {right.label}"
        sizes, start = [len(x) for x, _ in right.batches], weights(right.model)
        cpu = torch.device("cpu")
        found = train_epoch(yours.model, yours.optimizer, yours.batches, cpu)
        expected = reference.train_epoch(right.model, right.optimizer, right.batches, cpu)
        hints = [
            (expected * sum(sizes), "this is the sum over the examples: divide by their number"),
            (expected * sum(sizes) / len(sizes), "divide by the number of examples"),
        ]
        check_number(f"the loss of {where}", found, expected, rtol=1e-5, hints=hints)
        after, hint = weights(yours.model), "they did not change"
        check_tensor(
            f"the weights after {where}", after, weights(right.model), hints=[(start, hint)]
        )
    if yours.model.training is not True:
        message = "the model must be in training mode"
        raise CheckFailed(message, message)


def check_epoch_on(device, case):
    label = f"an epoch with {case.label}"
    arguments = (case.model, case.optimizer, case.batches, "device")
    report = check_run(label, train_epoch, *arguments, device=device, stay=(2,))
    if report["reads"] != 1:
        message = (
            f"{label}: the loop asks the device for a number {report['reads']} times, and waits "
            "each time: add up on the device and ask once, at the end"
        )
        raise CheckFailed(message, "The device must be asked for a number exactly once")
    if report["parameters"] != [torch.device(device).type]:
        message = f"{label}: the parameters have left the device"
        raise CheckFailed(message, "The parameters have left the device")
    if device != "meta":
        arguments = (case.model, case.optimizer, case.batches, torch.device("cpu"))
        expected = reference.train_epoch(*arguments)
        check_number(label, report["result"], expected, rtol=1e-4)


def test_train_epoch():
    check_own(train_epoch)
    yours, right = next(cases.cases(Forecaster, 0))
    with parts.part("the loss and the weights", 0.8):
        check_epoch_values(yours, right)
    yours, right = next(cases.cases(Forecaster, 0))
    with parts.part("the device", 0.8):
        check_epoch_on("meta", yours)
    gpu_part(parts, 0.4, train_epoch, lambda device: check_epoch_on(device, right))


test_train_epoch()


### BEGIN HIDDEN TESTS
def hidden_train_epoch():
    for first, second in cases.cases(Forecaster, question_seed("train_epoch")):
        with parts.part("the device"):
            check_epoch_on("meta", second)
        with parts.part("the loss and the weights"):
            check_epoch_values(first, second)


hidden_train_epoch()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 7: results for NumPy (2 points)
#
# NumPy knows only the memory of the CPU: `tensor.numpy()` fails for a tensor on a GPU, and `tensor.cpu().numpy()` works everywhere.
#
# Compute the forecasts for all batches, in evaluation mode and without recording gradients.


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
parts = Parts()


def check_forecasts(case):
    batches = [x for x, _ in case.batches]
    case.model.train(True)
    expected = reference.predict(case.model, batches, torch.device("cpu"))
    case.model.train(True)
    found = predict(case.model, batches, torch.device("cpu"))
    check_array(
        f"the forecasts with {case.label}",
        found,
        expected,
        hints=[(expected[:, 0], "keep the last axis: (N, 1)")],
    )
    if case.model.training is not False:
        message = "the model must be in evaluation mode"
        raise CheckFailed(message, message)


def check_forecasts_on(device, case):
    batches = [x for x, _ in case.batches]
    expected = {"array": ["cpu", "float64", [sum(map(len, batches)), 1]]}
    label = f"forecasts with {case.label}"
    report = check_run(
        label, predict, case.model, batches, "device", expected=expected, device=device, stay=(1,)
    )
    if report["copies"] < 1:
        message = f"{label}: nothing came back from the device"
        raise CheckFailed(message, "The forecasts were not computed on the device")


def test_predict():
    check_own(predict)
    case, _ = next(cases.cases(unsure_forecaster, 0))
    with parts.part("the forecasts", 0.8):
        check_forecasts(case)
    with parts.part("the device", 0.8):
        check_forecasts_on("meta", case)
    gpu_part(parts, 0.4, predict, lambda device: check_forecasts_on(device, case))


test_predict()


### BEGIN HIDDEN TESTS
def hidden_predict():
    for other, _ in cases.cases(unsure_forecaster, question_seed("predict")):
        with parts.part("the forecasts"):
            check_forecasts(other)
        with parts.part("the device"):
            check_forecasts_on("meta", other)


hidden_predict()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 8: time it right (1 point)
#
# A GPU works through its queue while Python goes on.
# A stopwatch around a call therefore measures how long it takes to *queue* the work.
# To measure the work itself: let the queue run empty, start the watch, do the work, let the queue run empty again, stop the watch.
# The first calls are slower than the rest, because memory is reserved and code is loaded, so do some that do not count.
# Other programs disturb single measurements, so report the median.
#
# `synchronise` waits for the queue; on a GPU you would pass `torch.cuda.synchronize`, and on a CPU a function that does nothing.
# `clock` returns the time in seconds; you would pass `time.perf_counter`.


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
def check_timing(label, jobs, warm_up, repeats, reveal=False):
    """Check the time on a simulated device, which works through a queue by itself."""
    device = cases.SlowDevice(jobs)
    found = median_seconds(*device.functions(), warm_up, repeats)
    launch = device.LAUNCH
    measured = [job + launch for job in jobs[warm_up:]]
    hints = [
        (launch, "this is the time to queue the work: synchronise before you stop the clock"),
        (statistics.fmean(measured), "this is the mean: return the median"),
        (min(measured), "this is the shortest time: return the median"),
        (statistics.median([*measured[1:], 1e9]), "let the queue run empty before you start"),
    ]
    right = statistics.median(measured)
    check_number(f"the time ({label})", found, right, rtol=1e-4, hints=hints, reveal=reveal)
    check_count("the number of times that the work is done", device.jobs, warm_up + repeats)


def test_median_seconds():
    check_own(median_seconds)
    check_timing("2 to warm up, 3 measured", [50.0, 20.0, 1.0, 3.0, 2.0], 2, 3, reveal=True)


test_median_seconds()


### BEGIN HIDDEN TESTS
def hidden_median_seconds():
    seed = question_seed("median_seconds")
    for number, (warm_up, repeats) in enumerate(((2, 5), (3, 4), (1, 7), (0, 3))):
        jobs = cases.job_times(seed + number, warm_up, repeats)
        check_timing(f"{warm_up} to warm up, {repeats} measured", jobs, warm_up, repeats)


hidden_median_seconds()
### END HIDDEN TESTS

# %% [markdown]
# ## Question 9: the same in Keras on TensorFlow (1 point)
#
# TensorFlow copies tensors from device to device without a word, so a state in the wrong place raises no error; it only costs a copy each time.
# A new tensor goes to the default device, or to the device of the block that it is made in: `with tf.device(name):` or `with keras.device(name):`.
# Each tensor knows its place: `x.device` is a name that both accept.
#
# In this notebook the CPU is two devices for TensorFlow, `CPU:0` (the default) and `CPU:1`.


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
parts = Parts()


def keras_state_on(device, x, H):
    state = beside_student(run_on_tensorflow_device, device, keras_zero_state, x, H)
    return take_apart("keras_zero_state", state, ("h0", "c0"))


def check_keras_values(label, x, H):
    for name, (_, _, found) in zip(("h0", "c0"), keras_state_on("CPU:0", x, H), strict=True):
        check_array(f"{name} ({label})", found, np.zeros((len(x), H), x.dtype), same_dtype=True)


def check_keras_device(device, x, H):
    for name, (found, _, _) in zip(("h0", "c0"), keras_state_on(device, x, H), strict=True):
        if found != device:
            message = f"x is on {device}, but {name} is on {found}: make it in the block of x's device"
            raise CheckFailed(message, "The state is not on the device of x")


def test_keras_zero_state():
    check_own(keras_zero_state)
    x = np.ones((3, 5, 2), np.float32)
    with parts.part("the values", 0.4):
        check_keras_values("float32", x, 4)
    with parts.part("the device", 0.4):
        check_keras_device("CPU:1", x, 4)
    gpu_part(
        parts,
        0.2,
        keras_zero_state,
        lambda _: check_keras_device("GPU:0", x, 4),
        has_tensorflow_gpu,
    )


test_keras_zero_state()


### BEGIN HIDDEN TESTS
def hidden_keras_zero_state():
    for label, x, H in cases.inputs(question_seed("keras_zero_state")):
        with parts.part("the values"):
            check_keras_values(label, x.numpy(), H)
        with parts.part("the device"):
            check_keras_device("CPU:1", x.numpy(), H)
            check_keras_device("CPU:0", x.numpy(), H)


hidden_keras_zero_state()
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## What you have built
#
# Run the cell: the functions together train a small model on the best device of this machine and time an epoch there.

# %%
device = pick_device()
torch.manual_seed(0)
x = torch.randn(64, 12, 1)
y = x[:, :3].sum(dim=1)  # (N, 1): the first three numbers, which must be kept until the end
batches = [(x[n : n + 16], y[n : n + 16]) for n in range(0, 64, 16)]
model = Forecaster(1, 8).to(device)
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
losses = [train_epoch(model, optimizer, batches, device) for _ in range(20)]
print(f"loss on {device}: {losses[0]:.2f} after one epoch, {losses[-1]:.2f} after 20")
wait = torch.cuda.synchronize if device.type == "cuda" else (lambda: None)
seconds = median_seconds(lambda: train_epoch(model, optimizer, batches, device), wait)
print(f"an epoch takes {1000 * seconds:.1f} ms")
