"""Cases for the hidden tests of PyTorch assignments: models, optimisers and data from one seed.

Two cases made from the same seed are equal, so that a test can train one with the student's
function and its twin with the reference, and compare all weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from nbjudge.checks.arrays import CheckFailed
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from lstm_course.assignments.torch_training import Pair, evaluate, train

_EPOCHS = 14  # of the cases for early stopping


class Case(NamedTuple):
    """A model, an optimiser and data; two cases made from one seed are equal."""

    label: str
    model: Module
    optimizer: Optimizer
    x: Tensor  # (N, T, D)
    y: Tensor  # (N, T, 1)


# What the case is, then N, T, D, H, the dtype, the optimiser and its settings.
_CASES: tuple[tuple[str, int, int, int, int, torch.dtype, str, dict[str, float]], ...] = (
    ("gradient descent", 10, 6, 2, 4, torch.float64, "SGD", {"lr": 0.1}),
    ("momentum", 7, 5, 1, 3, torch.float64, "SGD", {"lr": 0.05, "momentum": 0.9}),
    ("Adam", 9, 4, 3, 5, torch.float64, "Adam", {"lr": 0.02}),
    ("one example", 1, 7, 2, 3, torch.float64, "SGD", {"lr": 0.1}),
    ("float32", 5, 4, 2, 4, torch.float32, "SGD", {"lr": 0.1}),
)


def twins(make_model: Callable[..., Module], seed: int) -> Iterator[tuple[Case, Case]]:
    """Yield pairs of equal cases: one for the student's function, its twin for the reference."""
    for number in range(len(_CASES)):
        yield make_case(make_model, seed, number), make_case(make_model, seed, number)


def make_case(make_model: Callable[..., Module], seed: int, number: int = 0, **size: int) -> Case:
    """Return a case in which the gradients of the first step are larger than 1.

    ``make_model(D, H)`` returns the model; ``size`` may replace ``N`` and ``T``.
    """
    label, N, T, D, H, dtype, optimizer, settings = _CASES[number]
    N, T = size.get("N", N), size.get("T", T)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed((seed + number) % 2**32)
        model = make_model(D, H).to(dtype)
        x, noise = torch.randn(N, T, D, dtype=dtype), torch.randn(N, T, 1, dtype=dtype)
    # The forecast starts near 0 and the target near 2, so no gradient starts out small.
    y = 2.0 + 0.5 * x[:, :, :1].cumsum(dim=1) + 0.3 * noise
    make_optimizer: Any = getattr(torch.optim, optimizer)
    return Case(label, model, make_optimizer(model.parameters(), **settings), x, y)


def weights(model: Module) -> Tensor:
    """Return all weights of a model, one after the other, as one vector."""
    return torch.nn.utils.parameters_to_vector(model.parameters()).detach().clone()


def gradients(model: Module) -> Tensor:
    """Return all gradients of a model as one vector; where one is missing, zeros."""
    found = [torch.zeros_like(p) if p.grad is None else p.grad for p in model.parameters()]
    return torch.cat([gradient.detach().flatten() for gradient in found])


def check_same_order(found: object, expected: Tensor) -> None:
    """Check that ``found`` is the state of a generator that draws the same numbers next.

    Raises
    ------
    CheckFailed
        If it is another state, or none at all.
    """
    if type(found) is not Tensor or found.dtype is not torch.uint8:
        text = "the state of the generator must come back as the tensor that it was"
        raise CheckFailed(text, text)
    if not torch.equal(found, expected):
        text = "this state of the generator leads to another order of the examples"
        raise CheckFailed(text, text)


class StoppingCase(NamedTuple):
    """The arguments of ``fit``, and in ``label`` what the validation loss does."""

    label: str
    model: Module
    optimizer: Optimizer
    train_set: Pair
    valid_set: Pair
    epochs: int
    patience: int


class _Kind(NamedTuple):
    label: str
    lr: float
    momentum: float
    # How far the validation targets lie below those of training: the forecasts pass them on
    # their way up, and from there the loss rises.
    shift: float
    patience: tuple[int, ...]  # to choose from


_FALLS_AND_RISES = _Kind("the loss falls, then rises", 0.2, 0.0, 1.0, (2,))
_RECOVERS = _Kind("the loss rises and falls again", 0.8, 0.7, 0.5, (4, 3, 2, 5))
_LONG = 16  # epochs in which a case must have come to its end


def stopping_cases(
    make_model: Callable[..., Module], seed: int
) -> Iterator[tuple[StoppingCase, StoppingCase]]:
    """Yield pairs of equal cases for early stopping; ``make_model(D, H)`` returns the model.

    Raises
    ------
    RuntimeError
        If no seed near ``seed`` gives losses of the kind that a case needs.
    """
    good = seed
    for kind in (_FALLS_AND_RISES, _RECOVERS):
        good, epochs, patience = _search(make_model, seed, kind)
        # One epoch more than is right: who does not stop is seen to go on.
        yield _twins(make_model, good, kind, epochs + 1, patience)
    short = _RECOVERS._replace(label="the epochs end before the patience")
    yield _twins(make_model, good, short, 5, 7)
    flat = _RECOVERS._replace(label="nothing is learned", lr=0.0)
    yield _twins(make_model, good, flat, 5, 2)


def _twins(
    make_model: Callable[..., Module], seed: int, kind: _Kind, epochs: int, patience: int
) -> tuple[StoppingCase, StoppingCase]:
    one, two = (_case(make_model, seed, kind, epochs, patience) for _ in range(2))
    return one, two


def _case(
    make_model: Callable[..., Module], seed: int, kind: _Kind, epochs: int, patience: int
) -> StoppingCase:
    _, model, _, x, y = make_case(make_model, seed, N=20, T=4)
    optimizer = torch.optim.SGD(model.parameters(), lr=kind.lr, momentum=kind.momentum)
    train_set, valid_set = (x[:16], y[:16]), (x[16:], y[16:] - kind.shift)
    return StoppingCase(kind.label, model, optimizer, train_set, valid_set, epochs, patience)


def _search(make_model: Callable[..., Module], seed: int, kind: _Kind) -> tuple[int, int, int]:
    """Return a seed that gives losses of this kind, the epochs until the stop, the patience."""
    for attempt in range(seed, seed + 200):
        case = _case(make_model, attempt, kind, _LONG, 0)
        losses: list[float] = []
        for _ in range(_LONG):
            train(case.model, case.optimizer, *case.train_set)
            losses.append(evaluate(case.model, *case.valid_set))
            for patience in kind.patience:
                if stop := _clear_stop(losses, patience, recovers=kind is _RECOVERS):
                    return attempt, stop, patience
    raise RuntimeError(f"no case in which {kind.label} near the seed {seed}")


def _clear_stop(losses: list[float], patience: int, recovers: bool) -> int | None:
    """Return after how many epochs to stop, or None where it is close or of another kind."""
    best, worse = 0, []
    for epoch in range(1, len(losses) - 1):
        if abs(losses[epoch] / losses[best] - 1.0) < 1e-3:
            return None  # better or worse by a hair
        if losses[epoch] < losses[best]:
            best = epoch
        else:
            worse.append(epoch)
        if epoch - best == patience:
            break
    else:
        return None
    # The best epoch is neither the first nor the one after the stop.  Where the loss recovers,
    # the best comes after as many bad epochs as the patience, though not in a row, and an epoch
    # after the best is better than the one before it, though not than the best.
    if best == 0 or losses[epoch + 1] < 1.001 * losses[best]:
        return None
    better = any(losses[k] < 0.999 * losses[k - 1] for k in range(best + 2, epoch + 1))
    return epoch + 1 if not recovers or (worse[patience - 1] < best and better) else None
