"""The strict check that fits a right answer, whatever kind of thing it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from nbjudge.checks.arrays import CheckFailed, check_array, describe, note_texts
from nbjudge.checks.calls import is_tensor
from nbjudge.checks.numbers import check_count, check_number, check_numbers
from nbjudge.checks.tensors import check_tensor

RTOL = 1e-5  # of numbers and of tensors, which a training loop may have rounded on the way
SINGLE = 1e-4  # of tensors in float32


def check_value(name: str, actual: Any, right: Any, alone: bool = False) -> None:
    """Check one result of a student's function against the right one, strictly and by its kind.

    Parameters
    ----------
    name : str
        What the student calls it: ``"h_t for one time step"``.
    actual : object
        What came back.
    right : bool, number, str, None, array, tensor, or a list, tuple or dict of these
        An array or tensor of floats may be given in either precision.
    alone : bool
        Whether it is all that the function returns.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    note_texts(name)
    if actual is None and right is not None:
        why = ": is the return statement missing?" if alone else ""
        raise CheckFailed(f"{name} is None{why}", f"The result is None{why}", name)
    if right is None or isinstance(right, (bool, np.bool_, str)):
        _check_same(name, actual, right)
    elif isinstance(right, (int, np.integer)):
        check_count(name, actual, int(right), reveal=True)
    elif isinstance(right, (float, np.floating)):
        check_number(name, actual, float(right), rtol=RTOL, reveal=True)
    elif isinstance(right, np.ndarray):
        _check_array(name, actual, right)
    elif is_tensor(right):
        single = "float32" in f"{right.dtype} {getattr(actual, 'dtype', '')}"
        check_tensor(name, actual, right, rtol=SINGLE if single else RTOL, reveal=True)
    elif isinstance(right, dict):
        _check_entries(name, actual, right)
    else:
        _check_items(name, actual, right)


def check_raised(
    name: str, error: Exception | None, wanted: type[Exception], mentions: str
) -> None:
    """Check what a call raised, whose arguments are wrong in the way that ``name`` says.

    Raises
    ------
    CheckFailed
        If nothing was raised, something else, or the message does not mention what is wrong.
    """
    asked, mentioned = f"{wanted.__name__} is asked for", f"the message must mention {mentions}"
    note_texts(name, asked, mentioned)
    if error is None:
        message = f"{name} must raise {wanted.__name__}, but your function accepts it"
        raise CheckFailed(message, "Bad input is accepted", name, asked)
    if not isinstance(error, wanted):
        found = f"{type(error).__name__}: {error}"
        message = f"{name} must raise {wanted.__name__}, but yours raises {found}"
        raise CheckFailed(message, "The wrong exception", name, asked)
    if mentions.lower() not in str(error).lower():
        message = f"for {name} {mentioned}, but yours says: {error}"
        raise CheckFailed(message, "The message is not clear", name, mentioned)


def _check_same(name: str, actual: Any, right: Any) -> None:
    if isinstance(actual, np.bool_):
        actual = bool(actual)
    if type(actual) is not type(right) or actual != right:
        plain = actual is None or isinstance(actual, (bool, str, int, float))
        found = repr(actual) if plain else describe(actual)
        raise CheckFailed(f"{name} must be {right!r}, but yours is {found}", "Wrong value", name)


def _check_array(name: str, actual: Any, right: Any) -> None:
    if right.dtype.kind == "f":
        check_array(name, actual, right, reveal=True)
        return
    kind, words = ("b", "True and False") if right.dtype.kind == "b" else ("iu", "whole numbers")
    if type(actual) is not np.ndarray or actual.dtype.kind not in kind:
        given = f"one of {actual.dtype}" if type(actual) is np.ndarray else describe(actual)
        message = f"{name} must be a NumPy array of {words}, but yours is {given}"
        raise CheckFailed(message, f"Not a NumPy array of {words}", name)
    check_array(name, actual.astype(np.float64), right.astype(np.float64), reveal=True)


def _check_items(name: str, actual: Any, right: Any) -> None:
    """Compare lists and tuples, which may stand for one another."""
    if right and all(isinstance(one, float) for one in right):
        check_numbers(name, actual, right, rtol=RTOL, reveal=True)
        return
    if not isinstance(actual, (list, tuple)):
        kind = type(right).__name__
        raise CheckFailed(
            f"{name} must be a {kind}, but yours is {describe(actual)}", f"Not a {kind}", name
        )
    if len(actual) != len(right):
        message = f"{name} must have {len(right)} entries, but yours has {len(actual)}"
        raise CheckFailed(message, "The wrong number of entries", name)
    for number, (one, best) in enumerate(zip(actual, right, strict=True)):
        check_value(f"{name}[{number}]", one, best)


def _check_entries(name: str, actual: Any, right: dict[Any, Any]) -> None:
    if not isinstance(actual, dict):
        raise CheckFailed(
            f"{name} must be a dict, but yours is {describe(actual)}", "Not a dict", name
        )
    if actual.keys() != right.keys():
        message = f"{name} must have the keys {[*right]}, but yours has {[*actual]}"
        raise CheckFailed(message, "The wrong keys", name)
    for key, best in right.items():
        check_value(f"{name}[{key!r}]", actual[key], best)
