"""How a test calls a student's function: what the call may change, return, raise or overflow.

In a notebook the student's function is an ordinary one.  When the judge runs the same test,
it is a proxy for a function in the student's process; everything here works with both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from nbjudge.checks.arrays import CheckFailed, describe, note_texts


def call_unchanged(function: Callable[..., Any], **arguments: Any) -> Any:
    """Return ``function(*arguments)``; the arrays among the arguments must stay as they were.

    Parameters
    ----------
    function : callable
        The student's.
    **arguments : arrays, tensors and plain values
        Passed by position, in the order given, so that a student may rename them.

    Raises
    ------
    CheckFailed
        If the call changed an argument.
    """
    note_texts(*arguments)
    before = {name: _copy(value) for name, value in arguments.items()}
    after: tuple[Any, ...] = tuple(arguments.values())
    if hasattr(function, "__proxy__"):
        result, after = function.call_and_return_arguments(*after)  # type: ignore[attr-defined]
    else:
        result = function(*after)
    for (name, old), new in zip(before.items(), after, strict=True):
        if not unchanged(old, new):
            raise CheckFailed(
                f"your function changes its argument {name}: the caller still needs it, "
                "so work on a new array (`a = a + b`, not `a += b`)",
                "Your function changes an argument, which the caller still needs",
                name,
            )
    return result


def take_apart(name: str, value: object, parts: tuple[str, ...]) -> tuple[Any, ...]:
    """Return ``value`` as a tuple with one entry for each name in ``parts``.

    A list, a named tuple and a stacked array count, because they can be unpacked like a tuple.

    Raises
    ------
    CheckFailed
        If the student's function returned something else.
    """
    wanted = f"{len(parts)} values, ({', '.join(parts)})"
    note_texts(name, wanted)
    values = beside_student(_as_tuple, value)
    if type(values) is tuple and len(values) == len(parts):
        return values
    message = f"{name} must return {wanted}, but yours returns {describe(value)}"
    raise CheckFailed(message, "Not the return values that are asked for", name, wanted)


def beside_student(helper: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``helper(*arguments)``, run where the student's objects among the arguments live.

    ``helper`` must be importable, because the judge sends its name to the student's process:
    a function of a module, not of a test cell.  What it returns is the student's word.
    """
    for argument in arguments:
        if hasattr(argument, "__proxy__"):
            return argument.run_beside(helper, *arguments)
    return helper(*arguments)


def check_own(function: object) -> None:
    """Refuse the reference version of a question: it would pass in place of the student's.

    The notebook has the reference as a function of a module (``from course.answers import
    statistics as reference``), under the name that it has in the notebook.
    """
    if beside_student(_is_reference, function) is True:
        message = "this is the reference version: run the cell with your own version first"
        raise CheckFailed(message, "This is the reference version, not your own")


def check_raises(
    name: str, expected: type[Exception], mentions: str, function: Callable[..., Any], *args: Any
) -> None:
    """Check that ``function(*args)`` raises an exception whose message says what is wrong.

    Parameters
    ----------
    name : str
        What is wrong with the arguments: ``"an h_prev with a column too many"``.
    expected : class
        A builtin exception, such as ``ValueError``; a subclass is right too.
    mentions : str
        What the message must contain, for example the name of the argument.
    function, *args
        The student's function and its arguments.

    Raises
    ------
    CheckFailed
        If the call returns, raises another exception, or does not say what is wrong.
    """
    note_texts(name, f"{expected.__name__} is asked for", f"the message must mention {mentions}")
    wanted = f"must raise {expected.__name__}"
    try:
        function(*args)
    except NotImplementedError:  # the stub of the question
        raise
    except expected as error:
        if mentions.lower() not in str(error).lower():
            text = f"the message must mention {mentions}"
            message = f"for {name} {text}, but yours says: {error}"
            raise CheckFailed(message, "The message is not clear", name, text) from error
    except Exception as error:
        message = f"{name} {wanted}, but yours raises {type(error).__name__}: {error}"
        text = f"{expected.__name__} is asked for"
        raise CheckFailed(message, "The wrong exception", name, text) from error
    else:
        message = f"{name} {wanted}, but your function accepts it"
        raise CheckFailed(
            message, "Bad input is accepted", name, f"{expected.__name__} is asked for"
        )


@contextmanager
def no_overflow() -> Iterator[None]:
    """Turn overflow and invalid operations of NumPy inside the block into a failed check."""
    advice = (
        "the exponential of a large number does not fit (float64 ends near exp(709), float32 "
        "near exp(88)). Note that np.where computes both of its branches before it chooses"
    )
    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except FloatingPointError as error:
        message = f"NumPy reports '{error}': {advice}"
        raise CheckFailed(message, f"NumPy reports an overflow: {advice}") from error


def _as_tuple(value: Any) -> Any:
    stacked = type(value) is np.ndarray and value.ndim > 1
    return tuple(value) if stacked or isinstance(value, (tuple, list)) else None


def _is_reference(function: object) -> bool:
    """Return whether a module of the notebook has a function's name, and its package the function.

    Functions of libraries are fair: NumPy has no function with the name of a question.
    """
    notebook = vars(sys.modules["__main__"])
    package = _package(getattr(function, "__module__", None))
    names = [name for name, value in notebook.items() if value is function]
    return any(
        _package(module.__name__) == package and any(hasattr(module, name) for name in names)
        for module in list(notebook.values())
        if isinstance(module, ModuleType)
    )


def _package(module: object) -> str:
    return str(module).partition(".")[0]


def _copy(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    return value.detach().clone() if is_tensor(value) else value


def unchanged(old: Any, new: Any) -> bool:
    """Return whether an argument kept its values, also those inside lists and dicts."""
    if isinstance(old, (list, tuple)):
        same_kind = type(new) in (type(old), list, tuple) and len(new) == len(old)
        return same_kind and all(map(unchanged, old, new))
    if isinstance(old, dict):
        return (
            isinstance(new, dict)
            and new.keys() == old.keys()
            and all(unchanged(old[key], new[key]) for key in old)
        )
    if isinstance(old, np.ndarray) or is_tensor(old):
        if type(new) is not type(old) or new.dtype != old.dtype or new.shape != old.shape:
            return False
        equal = (old == new) | ((old != old) & (new != new))  # nan stays nan
        return bool(equal.all())
    if isinstance(old, (int, float, str)):
        return bool(old == new or old != old)
    return True


def is_tensor(value: Any) -> bool:
    """Return whether a value is a tensor of PyTorch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)
