"""Every function of the answers is compared with something that is not a solution.

The answers are made from the solutions, and the hidden tests take their expected values from
the answers: a mistake in a solution would agree with itself.  So each function has a check of
its own, see `tests.assignments.answers.table`.
"""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch

from tests.assignments.answers import cells, layers, series, training  # noqa: F401  (they enter their checks)
from tests.assignments.answers.table import CHECKS, SIZES, Draw
from tools import assignments, exercises


def public(module: ModuleType) -> dict[str, Any]:
    """Return the functions and classes that a module defines, but for private ones."""
    return {
        name: value
        for name, value in vars(module).items()
        if (inspect.isfunction(value) or inspect.isclass(value))
        and value.__module__ == module.__name__
        and not name.startswith("_")
    }


ANSWERS: dict[str, Any] = {
    f"{assignment}.{name}": value
    for assignment in exercises.names()
    for name, value in public(importlib.import_module(f"lstm_course.answers.{assignment}")).items()
}


def arrays_of(value: Any) -> list[Any]:
    """Return copies of all arrays and tensors in nested lists, tuples and dicts."""
    if isinstance(value, np.ndarray):
        return [value.copy()]
    if isinstance(value, torch.Tensor) and value.device.type == "cpu":
        return [value.detach().numpy().copy()]
    parts = value.values() if isinstance(value, dict) else value
    if not isinstance(value, dict | list | tuple):
        return []
    return [array for part in parts for array in arrays_of(part)]


def changing_nothing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, with the promise that no array it is given is changed by it."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        before = arrays_of((args, kwargs))
        result = function(*args, **kwargs)
        for one, other in zip(before, arrays_of((args, kwargs)), strict=True):
            np.testing.assert_array_equal(one, other)
        return result

    return call


def test_every_function_of_the_answers_has_a_check() -> None:
    without = sorted(set(ANSWERS) - set(CHECKS))
    assert without == [], "write their checks into tests/assignments/answers"
    assert sorted(set(CHECKS) - set(ANSWERS)) == [], "these checks have no answer any more"


def check(name: str, answer: Any, sizes: tuple[int, int, int, int]) -> None:
    """Check a function of the answers, or what stands in its place, on one draw."""
    function = answer if inspect.isclass(answer) else changing_nothing(answer)
    CHECKS[name](function, Draw(np.random.default_rng(sizes), *sizes))


@pytest.mark.parametrize("sizes", SIZES, ids=str)
@pytest.mark.parametrize("name", sorted(set(CHECKS) & set(ANSWERS)))
def test_answer(name: str, sizes: tuple[int, int, int, int]) -> None:
    check(name, ANSWERS[name], sizes)


def notices(name: str, answer: Any) -> bool:
    """Return whether a check fails on one of the draws."""
    for sizes in SIZES:
        try:
            check(name, answer, sizes)
        except Exception:
            return True
    return False


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("assignment", exercises.names())
def test_a_mistake_is_noticed(assignment: str) -> None:
    for made in assignments.assignment(assignment).sampled(1).values():
        module = ModuleType(f"lstm_course.answers.{assignment}")
        answers = importlib.import_module(module.__name__)
        for source in (inspect.getsource(answers), made[0].source):
            exec(compile(source, assignment, "exec"), vars(module))
        nodes = ast.parse(made[0].source).body
        defined = [n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        assert any(notices(f"{assignment}.{name}", getattr(module, name)) for name in defined)
