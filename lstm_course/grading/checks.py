"""The one comparison that every graded notebook uses, strict and with messages that teach.

``np.allclose`` and its relatives accept more than they should: they broadcast, and objects
that claim to be equal to everything, subclasses and masked arrays get past them.  What holds
is the exact type, the exact shape, a floating dtype, finite numbers and then
``assert_allclose``.  Every function here raises ``AssertionError`` with a text for the
student; with ``reveal=False`` that text names no input and no expected value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hints = Sequence[tuple[Any, str]]  # (wrong value, what the student probably did)

_TOLERANCE = {np.dtype(np.float32): (1e-4, 1e-5), np.dtype(np.float64): (1e-7, 1e-9)}


def check_array(
    name: str,
    actual: object,
    expected: NDArray[np.floating],
    *,
    rtol: float | None = None,
    hints: Hints = (),
    same_dtype: bool = False,
    reveal: bool = False,
) -> None:
    """Check that ``actual`` is a plain NumPy array equal to ``expected``.

    Parameters
    ----------
    name : str
        What the array is called in the question, perhaps with the case: ``"f_t (N = 1)"``.
    actual : object
        What the student's function returned.
    expected : array of any shape, float32 or float64
        The right answer, in the dtype of the inputs.
    rtol : float, optional
        Relative tolerance (also used, divided by ten, as the absolute one).  By default 1e-7
        where both arrays are float64 and 1e-4 where one of them is float32.
    hints : sequence of (wrong value, message)
        Known mistakes: where ``actual`` equals the wrong value, the message follows.  A wrong
        value of another shape than ``expected`` names a shape mistake.
    same_dtype : bool
        Whether the question asks for exactly the dtype of ``expected``.  If not, both float32
        and float64 are right.
    reveal : bool
        Whether the message may show the first entry that differs; for visible tests only.

    Raises
    ------
    AssertionError
        With a message for the student.
    """
    array = _plain_float_array(name, actual)
    if array.shape != expected.shape:
        advice = _matching_hint(array, hints, rtol)
        raise AssertionError(
            f"{name} must have shape {expected.shape}, but yours has {array.shape}{advice}"
        )
    if same_dtype and array.dtype != expected.dtype:
        raise AssertionError(
            f"{name} must keep the dtype of the input, {expected.dtype}, but yours is {array.dtype}"
        )
    if not np.all(np.isfinite(array)):
        raise AssertionError(
            f"{name} contains nan or inf: look for an overflow or a division by zero"
        )
    if not _close(array, expected, rtol):
        advice = _matching_hint(array, hints, rtol)
        where = _first_difference(array, expected, rtol) if reveal else ""
        raise AssertionError(f"{name} has the right shape but wrong values{where}{advice}")


def check_example(name: str, actual: object, expected: Any, hints: Hints = ()) -> None:
    """Check ``actual`` against an example printed with four digits, for a visible test.

    ``expected`` and the wrong values of ``hints`` are nested lists of numbers (or arrays); a
    single number stands for an array of the right shape filled with it.  The message shows
    the first entry that differs.
    """
    right = np.asarray(expected, dtype=np.float64)
    pairs = [(np.broadcast_to(w, right.shape) if np.ndim(w) == 0 else w, text) for w, text in hints]
    check_array(name, actual, right, rtol=1e-3, hints=pairs, reveal=True)


def check_count(name: str, actual: object, expected: int, *, hints: Hints = ()) -> None:
    """Check that ``actual`` is the whole number ``expected``; ``hints`` as in `check_array`."""
    if type(actual) is not int and not isinstance(actual, np.integer):
        raise AssertionError(
            f"{name} must be a whole number (int), but yours is {_describe(actual)}"
        )
    if int(actual) != expected:
        advice = "".join(f": {text}" for wrong, text in hints if int(actual) == wrong)
        raise AssertionError(f"{name} is not right{advice}")


def take_apart(name: str, value: object, parts: tuple[str, ...]) -> tuple[object, ...]:
    """Return ``value`` as a tuple with one entry for each name in ``parts``."""
    wanted = f"{len(parts)} arrays, ({', '.join(parts)})"
    if isinstance(value, (tuple, list)) and len(value) == len(parts):
        return tuple(value)
    raise AssertionError(f"{name} must return {wanted}, but yours returns {_describe(value)}")


def call_unchanged(function: Callable[..., Any], **arguments: Any) -> Any:
    """Return ``function(*arguments)``; the arrays among the arguments must stay as they were.

    The arguments are passed by position, in the order given, so that a student may rename
    them.
    """
    before = {name: np.copy(value) for name, value in arguments.items()}
    result = function(*arguments.values())
    for name, value in arguments.items():
        if not np.array_equal(before[name], value):
            raise AssertionError(
                f"{getattr(function, '__name__', 'your function')} changes its argument {name}: "
                "the caller still needs it, so work on a new array (`a = a + b`, not `a += b`)"
            )
    return result


def check_own(function: object) -> None:
    """Refuse the reference version of a question: it would pass in place of the student's."""
    module = str(getattr(function, "__module__", ""))
    if module.split(".")[0] == "lstm_course":
        raise AssertionError(
            f"this is the reference version of {getattr(function, '__name__', 'the function')}: "
            "run the cell with your own version first, then this one"
        )


@contextmanager
def no_overflow() -> Iterator[None]:
    """Turn overflow and invalid operations of NumPy inside the block into a failed check."""
    try:
        with np.errstate(over="raise", invalid="raise"):
            yield
    except FloatingPointError as error:
        raise AssertionError(
            f"NumPy reports '{error}': the exponential of a large number does not fit (float64 "
            "ends near exp(709), float32 near exp(88)). Note that np.where computes both of its "
            "branches before it chooses"
        ) from error


def _plain_float_array(name: str, value: object) -> NDArray[np.floating]:
    """Return ``value`` if it is exactly an ndarray of float32 or float64."""
    if type(value) is not np.ndarray:
        raise AssertionError(f"{name} must be a NumPy array, but yours is {_describe(value)}")
    if value.dtype not in _TOLERANCE:
        raise AssertionError(
            f"{name} must hold floats (float64 or float32), but yours holds {value.dtype}"
        )
    return value


def _close(
    actual: NDArray[np.floating], expected: NDArray[np.floating], rtol: float | None
) -> bool:
    relative, absolute = _tolerance(actual, expected, rtol)
    try:
        np.testing.assert_allclose(actual, expected, rtol=relative, atol=absolute)
    except AssertionError:
        return False
    return True


def _tolerance(
    actual: NDArray[np.floating], expected: NDArray[np.floating], rtol: float | None
) -> tuple[float, float]:
    """Return the relative and the absolute tolerance, those of the coarser dtype."""
    if rtol is not None:
        return rtol, rtol / 10
    return max(_TOLERANCE[actual.dtype], _TOLERANCE[expected.dtype])


def _matching_hint(array: NDArray[np.floating], hints: Hints, rtol: float | None) -> str:
    for wrong, text in hints:
        wrong = np.asarray(wrong, dtype=array.dtype)
        if wrong.shape == array.shape and _close(array, wrong, rtol):
            return f": {text}"
    return ""


def _first_difference(
    actual: NDArray[np.floating], expected: NDArray[np.floating], rtol: float | None
) -> str:
    relative, absolute = _tolerance(actual, expected, rtol)
    different = ~np.isclose(actual, expected, rtol=relative, atol=absolute)
    index = tuple(int(k) for k in np.argwhere(different)[0])
    place = ", ".join(str(k) for k in index)
    return f" (entry [{place}] is {actual[index]:.4g} and should be {expected[index]:.4g})"


def _describe(value: object) -> str:
    if value is None:
        return "None: is the return statement missing?"
    if isinstance(value, np.ndarray) and type(value) is np.ndarray:
        return f"one array of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    return f"a {type(value).__name__}"
