"""Reference versions of the functions that the assignment ``gpu_execution`` asks for.

From one question to the next, the notebook replaces the student's functions by these.  None of
them names a device: each one works where its arguments live, or where it is told to.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import LSTMCell, Module
from torch.nn.functional import mse_loss
from torch.optim import Optimizer

Batches = Iterable[tuple[Tensor, Tensor]]

__all__ = [
    "Standardise",
    "median_seconds",
    "move_batch",
    "pick_device",
    "predict",
    "run_cell",
    "train_epoch",
    "zero_state",
]


def pick_device(wanted: str = "auto") -> torch.device:
    """Return the device to use: the one that is wanted, or the best that the machine has."""
    if wanted != "auto":
        return torch.device(wanted)
    if torch.cuda.is_available():
        return torch.device("cuda")
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def zero_state(x: Tensor, H: int) -> tuple[Tensor, Tensor]:
    """Return ``h_0`` and ``c_0 (N, H)`` with the device and the dtype of ``x (N, T, D)``."""
    return x.new_zeros(len(x), H), x.new_zeros(len(x), H)


def move_batch(batch: Any, device: torch.device) -> Any:
    """Return ``batch`` with every tensor on ``device``, also inside lists, tuples and dicts."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {key: move_batch(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        return type(batch)(move_batch(value, device) for value in batch)
    return batch


class Standardise(Module):
    """Subtract the mean and divide by the standard deviation, both ``(D,)``."""

    mean: Tensor
    std: Tensor

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("std", std)

    def forward(self, x: Tensor) -> Tensor:
        """Return the standardised ``x (N, T, D)``."""
        return (x - self.mean) / self.std


def run_cell(cell: LSTMCell, x: Tensor) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Run a cell over ``x (N, T, D)``; return ``h (N, T, H)`` and the final ``(h_T, c_T)``."""
    state = zero_state(x, cell.hidden_size)
    h = []
    for x_t in x.unbind(dim=1):
        state = cell(x_t, state)
        h.append(state[0])
    return torch.stack(h, dim=1), state


def train_epoch(
    model: Module, optimizer: Optimizer, batches: Batches, device: torch.device
) -> float:
    """Do one step a batch; return the mean loss over the examples, read once at the end."""
    model.train()
    total, count = torch.zeros((), device=device), 0
    for x, y in batches:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = mse_loss(model(x), y)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total = total + loss.detach() * len(x)
        count += len(x)
    return total.item() / count


def predict(model: Module, batches: Iterable[Tensor], device: torch.device) -> NDArray[Any]:
    """Return the forecasts for all batches as one array in the memory of the CPU."""
    model.eval()
    with torch.no_grad():
        return np.concatenate([model(x.to(device)).cpu().numpy() for x in batches])


def median_seconds(
    work: Callable[[], object],
    synchronise: Callable[[], object],
    clock: Callable[[], float],
    warm_up: int = 2,
    repeats: int = 5,
) -> float:
    """Return the median time of ``work`` on a device that runs apart from Python."""
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


def keras_zero_state(x: Any, H: int) -> tuple[Any, Any]:
    """Return two TensorFlow tensors of zeros ``(N, H)`` on the device and in the dtype of x."""
    import tensorflow as tf

    with tf.device(x.device):
        return tf.zeros((len(x), H), x.dtype), tf.zeros((len(x), H), x.dtype)
