"""Cases for the hidden tests of ``torch_training``: cells, models, optimizers and data.

Two cases made from the same seed are equal, so that a test can train one with the student's
function and its twin with the reference, and compare all weights.

The cell of the first question has the parameters ``W_x (D, 4H)``, ``W_h (H, 4H)`` and
``b (4H,)``, with the gates in the order i, f, g, o; ``torch.nn.LSTMCell`` with the same weights
says what is right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from nbjudge.checks.arrays import CheckFailed
from nbjudge.checks.numbers import check_number
from nbjudge.checks.tensors import check_tensor
from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from lstm_course.answers import torch_training as reference

Pair = tuple[Tensor, Tensor]

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
    learning_rate: float
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
    flat = _RECOVERS._replace(label="nothing is learned", learning_rate=0.0)
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
    optimizer = torch.optim.SGD(model.parameters(), lr=kind.learning_rate, momentum=kind.momentum)
    train_set, valid_set = (x[:16], y[:16]), (x[16:], y[16:] - kind.shift)
    return StoppingCase(kind.label, model, optimizer, train_set, valid_set, epochs, patience)


def _search(make_model: Callable[..., Module], seed: int, kind: _Kind) -> tuple[int, int, int]:
    """Return a seed that gives losses of this kind, the epochs until the stop, the patience."""
    for attempt in range(seed, seed + 200):
        case = _case(make_model, attempt, kind, _LONG, 0)
        losses: list[float] = []
        for _ in range(_LONG):
            reference.train(case.model, case.optimizer, *case.train_set)
            losses.append(reference.evaluate(case.model, *case.valid_set))
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


# What the case is, then N, D, H and the dtype.
_CELLS = (
    ("several examples", 3, 2, 5, torch.float64),
    ("one example", 1, 4, 3, torch.float64),
    ("one input and one unit", 5, 1, 1, torch.float64),
    ("float32", 2, 3, 2, torch.float32),
)


class CellCase(NamedTuple):
    """The inputs and the weights of one step, and the gradients of ``h_t`` and ``c_t``."""

    label: str
    x_t: Tensor  # (N, D)
    h_prev: Tensor  # (N, H)
    c_prev: Tensor  # (N, H)
    weights: dict[str, Tensor]  # W_x (D, 4H), W_h (H, 4H), b (4H,)
    dh_t: Tensor  # (N, H)
    dc_t: Tensor  # (N, H)


def cell_cases(seed: int) -> Iterator[CellCase]:
    """Yield one case for each trap: several examples, one, one unit, float32."""
    rng = torch.Generator().manual_seed(seed)
    for label, N, D, H, dtype in _CELLS:
        shapes = ((N, D), (N, H), (N, H), (D, 4 * H), (H, 4 * H), (4 * H,), (N, H), (N, H))
        x_t, h_prev, c_prev, W_x, W_h, b, dh_t, dc_t = (
            torch.randn(shape, generator=rng, dtype=torch.float64).to(dtype) for shape in shapes
        )
        weights = {"W_x": W_x, "W_h": W_h, "b": b}
        yield CellCase(label, x_t, h_prev, c_prev, weights, dh_t, dc_t)


def fill(cell: Any, weights: dict[str, Tensor]) -> None:
    """Give a student's cell these weights, also where it has not registered its own."""
    for name, value in weights.items():
        setattr(cell, name, torch.nn.Parameter(value.clone()))


def library_step(case: CellCase) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Return ``h_t``, ``c_t`` and all gradients as ``torch.nn.LSTMCell`` computes them."""
    D, four_H = case.weights["W_x"].shape
    library = torch.nn.LSTMCell(D, four_H // 4, dtype=case.x_t.dtype)
    for name, value in (
        ("weight_ih", case.weights["W_x"].T),
        ("weight_hh", case.weights["W_h"].T),
        ("bias_ih", case.weights["b"]),
        ("bias_hh", torch.zeros_like(case.weights["b"])),
    ):
        getattr(library, name).data = value.clone()
    leaves = [case.x_t.clone(), case.h_prev.clone(), case.c_prev.clone()]
    for leaf in leaves:
        leaf.requires_grad_()
    h_t, c_t = library(leaves[0], (leaves[1], leaves[2]))
    leaves += [library.weight_ih, library.weight_hh, library.bias_ih]
    found = torch.autograd.grad((h_t, c_t), leaves, (case.dh_t, case.dc_t))
    names = ("x_t", "h_prev", "c_prev", "W_x", "W_h", "b")
    gradients = dict(zip(names, found, strict=True))
    for name in ("W_x", "W_h"):
        gradients[name] = gradients[name].T
    return h_t.detach(), c_t.detach(), gradients


def student_gradients(cell: Any, case: CellCase) -> dict[str, Any]:
    """Return all gradients of a student's cell, computed where the cell lives."""
    run = cell.run_beside if hasattr(cell, "__proxy__") else _here
    state = (case.h_prev, case.c_prev)
    step = partial(torch.func.functional_call, cell)
    _, pull_back = run(torch.func.vjp, step, case.weights, (case.x_t, state))
    found, (x_t, (h_prev, c_prev)) = pull_back((case.dh_t, case.dc_t))
    return {**found, "x_t": x_t, "h_prev": h_prev, "c_prev": c_prev}


def call_unchanged(function: Any, *arguments: Any) -> Any:
    """Return ``function(*arguments)``; tensors, also those in tuples, must stay as they were.

    Raises
    ------
    CheckFailed
        If the call changed a tensor.
    """
    before = [tensor.clone() for tensor in _tensors(arguments)]
    after = arguments
    if hasattr(function, "__proxy__"):
        result, after = function.call_and_return_arguments(*arguments)
    else:
        result = function(*arguments)
    for old, new in zip(before, _tensors(after), strict=True):
        if not torch.equal(old, new):
            raise CheckFailed(
                "your function changes a tensor that the caller still needs: make a new one",
                "Your function changes an argument, which the caller still needs",
            )
    return result


def _tensors(arguments: Any) -> list[Tensor]:
    """Return the tensors in a tuple, and in the tuples in it."""
    found: list[Tensor] = []
    for argument in arguments:
        found += _tensors(argument) if type(argument) is tuple else [argument]
    return found


def _here(function: Any, *arguments: Any) -> Any:
    return function(*arguments)


def check_drawn(cell: Any, D: int, H: int) -> None:
    """Check that a new cell has registered its parameters and drawn them as it should."""
    found = dict(cell.named_parameters())
    for name, shape in (("W_x", (D, 4 * H)), ("W_h", (H, 4 * H)), ("b", (4 * H,))):
        if name not in found:
            raise AssertionError(
                f"{name} is not among the parameters: `self.{name} = torch.nn.Parameter(...)` "
                "registers it, a plain tensor is invisible to the optimiser"
            )
        bound = 2.0 if name == "b" else H**-0.5
        check_tensor(name, found[name], torch.zeros(shape), rtol=10 * bound)  # |values| <= bound
        if name != "b":
            spread = found[name].detach().double().std().item()
            same = [(0.0, "all values are equal: draw them")]
            check_number(f"the spread of {name}", spread, bound / 3**0.5, rtol=0.1, hints=same)
    right = torch.cat([torch.zeros(H), torch.ones(H), torch.zeros(2 * H)])
    ones = "the ones belong to the forget gate, the second of the four blocks"
    hints = [
        (torch.zeros(4 * H), "the forget block starts at 1"),
        (right.roll(-H), ones),
        (right.roll(H), ones),
        (torch.ones(4 * H), ones),
    ]
    check_tensor("b", found["b"], right, hints=hints)
