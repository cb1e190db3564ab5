"""The answers to ``gpu_execution``, as later questions and hidden tests use them.

Made from solutions/gpu_execution/gpu_execution.py by `make exercises`: edit that file, not this one.
"""

import statistics
import time
import numpy as np
import tensorflow as tf
import torch
from torch.nn.functional import mse_loss


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
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


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
    N = x.shape[0]
    return x.new_zeros(N, H), x.new_zeros(N, H)


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
    if isinstance(batch, torch.Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: move_batch(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(value, device) for value in batch)
    return batch


class Standardise(torch.nn.Module):
    """Standardise inputs; ``mean`` and ``std`` (both tensors (D,)) are part of the module."""

    def __init__(self, mean, std):
        """Keep ``mean`` and ``std`` so that they move with the module and are saved with it.

        Hint: ``self.register_buffer("name", tensor)`` makes an attribute of that name.
        """
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x):
        """Return the standardised ``x (N, T, D)``."""
        return (x - self.mean) / self.std


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
    state = zero_state(x, cell.hidden_size)
    h = []
    for t in range(x.shape[1]):
        state = cell(x[:, t], state)
        h.append(state[0])
    return torch.stack(h, dim=1), state


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
    model.eval()
    forecasts = []
    with torch.no_grad():
        for x in batches:
            forecasts.append(model(x.to(device)).cpu().numpy())
    return np.concatenate(forecasts)


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
    with tf.device(x.device):
        return tf.zeros((x.shape[0], H), x.dtype), tf.zeros((x.shape[0], H), x.dtype)


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
    total = sum(sizes)
    averages = []
    for tensors in zip(*gradients):
        shares = [n / total * tensor for tensor, n in zip(tensors, sizes) if n > 0]
        averages.append(sum(shares))
    return averages
