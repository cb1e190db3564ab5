"""Cases for the question that asks for an LSTM cell as a PyTorch module, and its checks.

The module has the parameters ``W_x (D, 4H)``, ``W_h (H, 4H)`` and ``b (4H,)``, with the gates
in the order i, f, g, o; ``torch.nn.LSTMCell`` with the same weights says what is right.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import torch
from nbjudge.checks.arrays import CheckFailed
from nbjudge.checks.numbers import check_number
from nbjudge.checks.tensors import check_tensor
from torch import Tensor

# What the case is, then N, D, H and the dtype.
_SIZES = (
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
    for label, N, D, H, dtype in _SIZES:
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
    run = cell.run_beside if hasattr(cell, "__stand_in__") else _here
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
    if hasattr(function, "__stand_in__"):
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
