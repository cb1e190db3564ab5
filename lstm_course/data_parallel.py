"""Data-parallel training in one file, to be started by ``torchrun``:

    torchrun --nproc-per-node=2 -m lstm_course.data_parallel FOLDER

Every process holds the whole model and a share of each batch; the gradients are averaged.
The first process writes the weights and the losses to ``FOLDER/ranks-W.pt`` for W processes.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor
from torch.nn.functional import mse_loss
from torch.nn.parallel import DistributedDataParallel

from lstm_course.tasks import adding_problem

N, T, H, STEPS = 32, 20, 16, 30


class Adder(torch.nn.Module):
    """An LSTM layer and a linear layer: ``x (N, T, 2)`` to a forecast ``(N,)``."""

    def __init__(self, H: int = H) -> None:
        super().__init__()
        self.lstm = torch.nn.LSTM(2, H, batch_first=True)
        self.out = torch.nn.Linear(H, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the forecasts."""
        h: Tensor = self.lstm(x)[0]  # (N, T, H)
        forecast: Tensor = self.out(h[:, -1])[:, 0]
        return forecast


def batch(step: int) -> tuple[Tensor, Tensor]:
    """Return ``x (N, T, 2)`` and ``y (N,)`` of the adding problem, the same in every process."""
    x, y = adding_problem(np.random.default_rng(step), N, T)
    return torch.as_tensor(x, dtype=torch.float32), torch.as_tensor(y, dtype=torch.float32)


def train(rank: int, ranks: int) -> tuple[torch.nn.Module, list[float], float]:
    """Train on share ``rank`` of every batch; return the model, the losses and the seconds."""
    torch.manual_seed(0)
    model: torch.nn.Module = Adder()
    if ranks > 1:
        model = DistributedDataParallel(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    losses, start = [], time.perf_counter()
    for step in range(STEPS):
        x, y = (part[rank::ranks] for part in batch(step))
        loss: Any = mse_loss(model(x), y)
        optimizer.zero_grad()
        loss.backward()  # here the gradients are averaged
        optimizer.step()
        losses.append(loss.item())
    return model, losses, time.perf_counter() - start


def main(folder: str) -> None:
    """Run one of the processes that ``torchrun`` has started."""
    dist.init_process_group("gloo")  # "nccl" for GPUs
    rank, ranks = dist.get_rank(), dist.get_world_size()
    model, losses, seconds = train(rank, ranks)
    mean = torch.tensor(losses)
    dist.all_reduce(mean)  # the sum over all processes
    if rank == 0:
        weights = {name.removeprefix("module."): w for name, w in model.state_dict().items()}
        found = {"weights": weights, "losses": mean / ranks, "seconds": seconds}
        torch.save(found, Path(folder, f"ranks-{ranks}.pt"))
    dist.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1])
