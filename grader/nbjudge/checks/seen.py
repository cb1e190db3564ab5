"""What a call shows of a function: its results by name, what it raised, what it changed.

Two functions that show the same are not told apart by a test; so a known mistake is recognised
by everything that it shows, and not by one wrong number.
"""

from __future__ import annotations

import builtins
import copy
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from nbjudge.checks.arrays import CheckFailed
from nbjudge.checks.calls import is_tensor, take_apart, unchanged

_IN_A_LINE = re.compile(r" in the line `[^`]*`")


class Case(NamedTuple):
    """One call of a function, under a name that the student reads.

    Attributes
    ----------
    label : str
        ``"one time step, T = 1"``.
    given : mapping or callable
        The arguments by name, passed by position; or a scene, which sets up what the function
        acts on, calls it and returns what is to be compared, by name.  An entry that is True
        where all is well is a fact, and its name the sentence for the student where it is not.
    raises : (class, str), optional
        What the call must raise, and what the message must mention.
    group : str
        By which `nbjudge.checks.attempts.Attempt.check` picks cases.
    """

    label: str
    given: Mapping[str, Any] | Callable[..., Mapping[str, Any]]
    raises: tuple[type[Exception], str] | None = None
    group: str = ""


class Seen(NamedTuple):
    """What a call showed."""

    results: dict[str, Any]  # what came back, by name
    error: Exception | None = None  # what it raised
    changed: tuple[str, ...] = ()  # the arguments that are no longer as they were


def see(functions: Sequence[Any], case: Case, gives: Sequence[str]) -> Seen:
    """Call a function, or let a scene do it, on copies of the arguments; return what it shows.

    Parameters
    ----------
    functions : sequence of callables
        A scene gets all of them, plain arguments go to the first.
    case : Case
    gives : sequence of str
        What the results are called.

    Raises
    ------
    NotImplementedError
        If the function is not written yet.
    """
    _seed()
    try:
        if callable(case.given):
            return Seen(dict(case.given(*functions)))
        given = {name: copy.deepcopy(value) for name, value in case.given.items()}
        result, after = _call(functions[0], tuple(given.values()))
        pairs = zip(case.given.items(), after, strict=True)
        changed = tuple(name for (name, old), new in pairs if not unchanged(old, new))
        return Seen(named(result, gives, functions[0]), None, changed)
    except NotImplementedError:
        raise
    except Exception as error:
        if getattr(error, "ends_the_run", False):  # no more can be asked of the student's process
            raise
        return Seen({}, error)


def named(result: Any, gives: Sequence[str], function: Any) -> dict[str, Any]:
    """Return what a function returned as results by name."""
    if len(gives) == 1:
        return {gives[0]: result}
    name = str(getattr(function, "__name__", "your function"))
    return dict(zip(gives, take_apart(name, result, tuple(gives)), strict=True))


def _call(function: Any, arguments: tuple[Any, ...]) -> tuple[Any, tuple[Any, ...]]:
    """Return the result of a call and the arguments as they are after it."""
    if hasattr(function, "__proxy__"):
        result, after = function.call_and_return_arguments(*arguments)
        return result, tuple(after)
    return function(*arguments), arguments


def _seed() -> None:
    """Let every function that draws without a generator of its own draw the same."""
    np.random.seed(0)  # noqa: NPY002  (the generator that such functions use)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def alike(one: Seen, other: Seen) -> bool:
    """Return whether two calls show the same: equal results, or the same exception."""
    if (one.error is None) != (other.error is None) or one.changed != other.changed:
        return False
    if one.error is not None and other.error is not None:
        return _told(one.error) == _told(other.error)
    return one.results.keys() == other.results.keys() and all(
        close(one.results[name], other.results[name]) for name in one.results
    )


def _told(error: Exception) -> tuple[str, str]:
    """Return an exception as another process would tell of it."""
    if isinstance(error, CheckFailed):
        return "CheckFailed", _IN_A_LINE.sub("", str(error))  # the answer has other lines
    kinds = [kind for kind in type(error).__mro__ if getattr(builtins, kind.__name__, 0) is kind]
    kind = kinds[0].__name__ if issubclass(kinds[0], Exception) else "RuntimeError"
    name = type(error).__name__
    return kind, str(error) if kind == name else f"{name}: {error}"


def close(one: Any, other: Any) -> bool:
    """Return whether two results are the same thing: their kind, their shape, their numbers.

    A number of NumPy's is a number: whether somebody wrote ``float(...)`` is another question.
    """
    kinds = [type(v.item() if isinstance(v, np.generic) else v) for v in (one, other)]
    if kinds[0] is not kinds[1]:
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(close, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(close(one[k], other[k]) for k in one)
    if is_numeric(one):
        return close_arrays(as_array(one), as_array(other))
    return bool(one is other or one == other)


def close_arrays(x: Any, y: Any, rtol: float | None = None) -> bool:
    """Return whether two arrays have the same shape and, to some digits, the same numbers."""
    if x.shape != y.shape or x.dtype.kind != y.dtype.kind:
        return False
    if x.dtype.kind not in "fc":
        return bool((x == y).all())
    if rtol is None:
        rtol = 1e-4 if np.float32 in (x.dtype, y.dtype) else 1e-7
    size = float(np.abs(y[np.isfinite(y)]).max(initial=0.0))
    return bool(np.allclose(x, y, rtol=rtol, atol=rtol * size / 100, equal_nan=True))


def is_numeric(value: Any) -> bool:
    """Return whether a value is a number, an array or a tensor."""
    if isinstance(value, (bool, np.bool_)):
        return False
    return isinstance(value, (int, float, np.number, np.ndarray)) or is_tensor(value)


def as_array(value: Any) -> Any:
    """Return a number, an array or a tensor as an array."""
    if is_tensor(value):
        value = value.detach()
        if value.device.type == "meta":
            return np.zeros(tuple(value.shape))
        value = value.cpu().resolve_neg().numpy()
    return np.asarray(value)
