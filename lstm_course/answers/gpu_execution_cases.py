# Made from solutions/gpu_execution/cases.py by `make exercises`: edit that file, not this one.
"""Cases for the hidden tests of the assignment ``gpu_execution``: data, models, a slow device."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from nbjudge.checks.arrays import CheckFailed, describe, note_texts
from torch import Tensor
from torch.nn import Module
from torch.optim import SGD

# N of each batch, T, D, H; a batch of one example and a single time step are among them.
_SIZES = (((3, 3, 2), 5, 2, 4), ((4, 1), 3, 1, 3), ((2, 2), 1, 3, 5))


class Case(NamedTuple):
    """A model, its optimiser and batches on the CPU; two cases made alike are equal."""

    label: str
    model: Module
    optimizer: SGD
    batches: list[tuple[Tensor, Tensor]]  # (N, T, D) and (N, 1), N differs from batch to batch


def inputs(seed: int) -> Iterator[tuple[str, Tensor, int]]:
    """Yield a label, ``x (N, T, D)`` and H, in float64 and float32."""
    draw = torch.Generator().manual_seed(seed)
    for number, (sizes, T, D, H) in enumerate(_SIZES):
        dtype = torch.float32 if number == 1 else torch.float64
        x = torch.randn(sizes[-1], T, D, generator=draw, dtype=dtype)
        yield f"N = {sizes[-1]}, T = {T}, {str(dtype).removeprefix('torch.')}", x, H


def cases(make_model: Callable[[int, int], Module], seed: int) -> Iterator[tuple[Case, Case]]:
    """Yield pairs of equal cases; ``make_model(D, H)`` returns a model that forecasts (N, 1)."""
    for number in range(len(_SIZES)):
        yield _case(make_model, seed, number), _case(make_model, seed, number)


def _case(make_model: Callable[[int, int], Module], seed: int, number: int) -> Case:
    sizes, T, D, H = _SIZES[number]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed((seed + number) % 2**32)
        model = make_model(D, H).double()
        batches = [
            (torch.randn(n, T, D, dtype=torch.float64), torch.randn(n, 1, dtype=torch.float64) + 2)
            for n in sizes
        ]
    label = f"batches of {', '.join(map(str, sizes))}, T = {T}"
    return Case(label, model, SGD(model.parameters(), lr=0.1), batches)


def nested(seed: int) -> dict[str, Any]:
    """Return a batch with tensors at several depths, of several dtypes."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(2, 3, 1, generator=draw, dtype=torch.float64)
    mask = torch.tensor([[True, True, False], [True, False, False]])
    return {
        "x": x,
        "lengths": mask.sum(dim=1),
        "pair": (x[:, 0], [x[:, 1], "a name", None]),
        "inner": {"mask": mask, "count": 2},
    }


def check_batch(name: str, found: Any, expected: Any) -> None:
    """Check that a nested batch has the same containers, the same tensors and the same rest.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    note_texts(name)
    if type(found) is not type(expected):
        wanted = type(expected).__name__
        message = f"{name} must be a {wanted}, but yours is {describe(found)}"
        raise CheckFailed(message, "A part of the batch has another type", name)
    if isinstance(expected, dict):
        if list(found) != list(expected):
            message = f"{name} must have the keys {list(expected)}, but yours has {list(found)}"
            raise CheckFailed(message, "The dict has other keys", name)
        for key, value in expected.items():
            check_batch(name, found[key], value)
    elif isinstance(expected, (list, tuple)):
        if len(found) != len(expected):
            message = f"{name} has {len(found)} entries in place of {len(expected)}"
            raise CheckFailed(message, "Another number of entries", name)
        for one, other in zip(found, expected, strict=True):
            check_batch(name, one, other)
    elif isinstance(expected, Tensor):
        if found.dtype != expected.dtype or not torch.equal(found, expected):
            message = f"{name}: a tensor has other values, another shape or another dtype"
            raise CheckFailed(message, "A tensor is not the one of the batch", name)
    elif found != expected:
        message = f"{name}: what is no tensor stays as it is"
        raise CheckFailed(message, "What is no tensor stays as it is", name)


class SlowDevice:
    """A device that works through a queue by itself, with a clock that this moves on.

    ``work`` puts a job into the queue, which takes Python `LAUNCH` seconds; ``synchronise``
    waits until the queue is empty.

    Parameters
    ----------
    seconds : list of floats
        How long each job takes; after the last one the list begins anew.
    """

    LAUNCH = 0.001

    def __init__(self, seconds: list[float]) -> None:
        self.seconds = seconds
        self.jobs = 0
        self._now, self._free = 100.0, 100.0  # the time, and when the queue will be empty

    def functions(
        self,
    ) -> tuple[Callable[[], None], Callable[[], None], Callable[[], float]]:
        """Return ``work``, ``synchronise`` and ``clock``."""

        def work() -> None:
            self._now += self.LAUNCH
            job = self.seconds[self.jobs % len(self.seconds)]
            self._free = max(self._free, self._now) + job
            self.jobs += 1

        def synchronise() -> None:
            self._now = max(self._now, self._free)

        def clock() -> float:
            return self._now

        return work, synchronise, clock


def job_times(seed: int, warm_up: int, repeats: int) -> list[float]:
    """Return times for jobs: slow ones first, then the fastest of all, then a rare slow one."""
    draw = random.Random(seed)
    slow = [draw.uniform(40, 60) for _ in range(warm_up)]
    usual = sorted(draw.uniform(1, 3) for _ in range(repeats - 1))
    return [*slow, usual[0], *draw.sample(usual[1:], len(usual) - 1), draw.uniform(20, 30)]
