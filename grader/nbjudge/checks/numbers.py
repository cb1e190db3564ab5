"""Checks of single numbers and of lists of numbers, such as a count or the losses of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nbjudge.checks.arrays import (
    CheckFailed,
    Hints,
    compare,
    describe,
    note_texts,
    told_apart,
)


def check_count(
    name: str, actual: object, expected: int, *, hints: Hints = (), reveal: bool = False
) -> None:
    """Check that ``actual`` is the whole number ``expected``; all else as in `check_number`."""
    note_texts(name, *(text for _, text in hints))
    if type(actual) is not int and not isinstance(actual, np.integer):
        message = f"{name} must be a whole number (int), but yours is {describe(actual)}"
        raise CheckFailed(message, "Not a whole number (int)", name)
    if int(actual) != expected:
        hint = [text for wrong, text in hints if int(actual) == wrong]
        where = f" (it is {int(actual)} and should be {expected})" if reveal else ""
        message = ": ".join([f"{name} is not right{where}", *hint])
        raise CheckFailed(message, "Wrong number", name, *hint)


def check_number(
    name: str,
    actual: object,
    expected: float,
    *,
    rtol: float = 1e-6,
    hints: Hints = (),
    reveal: bool = False,
) -> None:
    """Check that ``actual`` is a plain number close to ``expected``.

    Parameters
    ----------
    name, hints, reveal
        As in `check_array`.
    actual : object
        What the student's function returned: a Python or NumPy float; an array or a tensor
        with one entry is no number.
    expected : float
    rtol : float
        Relative tolerance; the absolute one is a tenth of it.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    note_texts(name, *(text for _, text in hints))
    found = _number(name, actual)
    if not math.isfinite(found):
        message = f"{name} is {found}: look for an overflow or a division by zero"
        raise CheckFailed(message, "The result is nan or inf", name)
    if not _near(found, expected, rtol):
        hint = [text for wrong, text in hints if _near(found, wrong, rtol)][:1]
        mine, right = told_apart(found, expected)
        where = f" (it is {mine} and should be {right})" if reveal else ""
        message = ": ".join([f"{name} is not right{where}", *hint])
        raise CheckFailed(message, "Wrong number", name, *hint)


def check_numbers(
    name: str,
    actual: object,
    expected: Sequence[float],
    *,
    rtol: float = 1e-6,
    hints: Hints = (),
    reveal: bool = False,
) -> None:
    """Check that ``actual`` is a list (or tuple) of plain numbers close to ``expected``.

    Parameters as in `check_number`; the wrong values of ``hints`` are lists, which may have
    another length than ``expected``.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    note_texts(name, *(text for _, text in hints))
    if not isinstance(actual, (list, tuple)):
        message = f"{name} must be a list of numbers, but yours is {describe(actual)}"
        raise CheckFailed(message, "Not a list of numbers", name)
    found = np.array([_number(name, entry, f"{name}[{k}]") for k, entry in enumerate(actual)])
    compare(name, found, np.array(expected, dtype=np.float64), rtol, hints, reveal)


def _number(name: str, value: object, place: str | None = None) -> float:
    """Return ``value`` as a float if it is exactly a number."""
    if type(value) in (float, int, np.float64, np.float32):
        return float(value)  # type: ignore[arg-type]
    advice = ": call .item() on it" if type(value).__name__ in ("Tensor", "ndarray") else ""
    raise CheckFailed(
        f"{place or name} must be a plain number (float), but yours is {describe(value)}{advice}",
        "Not a plain number (float); .item() turns a tensor with one entry into one",
        name,
    )


def _near(found: float, expected: float, rtol: float) -> bool:
    return math.isclose(found, expected, rel_tol=rtol, abs_tol=rtol / 10)
