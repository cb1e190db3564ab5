"""The comparisons that every graded notebook uses, strict and with messages that teach.

``np.allclose`` and its relatives accept more than they should: they broadcast, and objects
that claim to be equal to everything, subclasses and masked arrays get past them.  What holds
is the exact type, the exact shape, a floating dtype, finite numbers and then
``assert_allclose``.

A check raises `CheckFailed`.  Its text is for the student's own notebook.  The parts of it
that may be shown when a hidden test fails are kept apart: one fixed sentence, and the texts
that the author of the test wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Hints = Sequence[tuple[Any, str]]  # (wrong value, what the student probably did)
Floats = NDArray[np.floating]

_TOLERANCE = {np.dtype(np.float32): (1e-4, 1e-5), np.dtype(np.float64): (1e-7, 1e-9)}

GREEN, RED = "32", "1;31"  # as a terminal and JupyterLab know them

#: Called with every text that an author passes to a check, also where the check passes.  The
#: judge sets it while it runs the instructor's own solution; in a notebook it stays None.
author_texts: Callable[[str], object] | None = None


class CheckFailed(AssertionError):
    """A check that failed.

    Attributes
    ----------
    public : str
        What kind of failure it is: a fixed sentence without any data.
    texts : tuple of str
        Texts of the test's author that say where and perhaps why: the name, a hint.
    """

    def __init__(self, message: str, public: str = "", *texts: str) -> None:
        super().__init__(message)
        self.public = public
        self.texts = texts

    def _render_traceback_(self) -> list[str]:
        """Return what IPython shows in place of a traceback: one sentence, in red."""
        return [paint(f"failed: {self}", RED)]


def paint(text: str, color: str) -> str:
    """Return ``text`` in a color of terminals, which notebooks show too."""
    return f"\x1b[{color}m{text}\x1b[0m"


def note_texts(*texts: str) -> None:
    """Report the author's texts of a check; every check calls this before it looks."""
    if author_texts is not None:
        for text in texts:
            author_texts(text)


def check_array(
    name: str,
    actual: object,
    expected: Floats,
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
        Whether the message may show the entry that is furthest off; what stands below a hidden
        test never has it.

    Raises
    ------
    CheckFailed
        With a message for the student.
    """
    note_texts(name, *(text for _, text in hints))
    if type(actual) is not np.ndarray:
        message = f"{name} must be a NumPy array, but yours is {describe(actual)}"
        raise CheckFailed(message, "Not a NumPy array", name)
    if actual.dtype not in _TOLERANCE:
        message = f"{name} must hold floats (float64 or float32), but yours holds {actual.dtype}"
        raise CheckFailed(message, "Not an array of floats (float64 or float32)", name)
    if actual.shape == expected.shape and same_dtype and actual.dtype != expected.dtype:
        raise CheckFailed(
            f"{name} must keep the dtype of the input, {expected.dtype}, "
            f"but yours is {actual.dtype}",
            "Wrong dtype: it must be that of the input",
            name,
        )
    compare(name, actual, expected, rtol, hints, reveal)


def check_example(name: str, actual: object, expected: Any, hints: Hints = ()) -> None:
    """Check ``actual`` against an example printed with four digits, for a visible test.

    ``expected`` and the wrong values of ``hints`` are nested lists of numbers (or arrays); a
    single number stands for an array of the right shape filled with it.  The message shows
    the entry that is furthest off.
    """
    right = np.asarray(expected, dtype=np.float64)
    check_array(name, actual, right, rtol=1e-3, hints=spread(hints, right.shape), reveal=True)


def spread(hints: Hints, shape: tuple[int, ...]) -> Hints:
    """Return ``hints`` with arrays of ``shape`` in place of single numbers."""
    return [(np.broadcast_to(w, shape) if np.ndim(w) == 0 else w, text) for w, text in hints]


def compare(
    name: str, actual: Floats, expected: Floats, rtol: float | None, hints: Hints, reveal: bool
) -> None:
    """Compare two plain arrays of floats; arguments and exception as in `check_array`."""
    if actual.shape != expected.shape:
        hint = _matching_hint(actual, hints, rtol)
        message = f"{name} must have shape {expected.shape}, but yours has {actual.shape}"
        raise CheckFailed(": ".join([message, *hint]), "Wrong shape", name, *hint)
    if not np.all(np.isfinite(actual)):
        message = f"{name} contains nan or inf: look for an overflow or a division by zero"
        raise CheckFailed(message, "The result contains nan or inf", name)
    if not _close(actual, expected, rtol):
        hint = _matching_hint(actual, hints, rtol)
        where = _furthest(actual, expected, rtol) if reveal else ""
        message = f"{name} has the right shape but wrong values{where}"
        raise CheckFailed(": ".join([message, *hint]), "Wrong values", name, *hint)


def describe(value: object) -> str:
    """Return what ``value`` is, in words for a student."""
    if value is None:
        return "None: is the return statement missing?"
    if type(value) is np.ndarray:
        return f"one array of shape {value.shape}"
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__} of {len(value)}"
    # The judge's proxy for an object of the student knows what that object is.
    return f"a {getattr(value, '__student_type__', type(value).__name__)}"


def _close(actual: Floats, expected: Floats, rtol: float | None) -> bool:
    relative, absolute = _tolerance(actual, expected, rtol)
    try:
        np.testing.assert_allclose(actual, expected, rtol=relative, atol=absolute)
    except AssertionError:
        return False
    return True


def _tolerance(actual: Floats, expected: Floats, rtol: float | None) -> tuple[float, float]:
    """Return the relative and the absolute tolerance, those of the coarser dtype."""
    if rtol is not None:
        return rtol, rtol / 10
    return max(_TOLERANCE[actual.dtype], _TOLERANCE[expected.dtype])


def _matching_hint(array: Floats, hints: Hints, rtol: float | None) -> list[str]:
    """Return the first hint whose wrong value is ``array``, or nothing."""
    for wrong, text in hints:
        wrong = np.asarray(wrong, dtype=array.dtype)
        if wrong.shape == array.shape and _close(array, wrong, rtol):
            return [text]
    return []


def _furthest(actual: Floats, expected: Floats, rtol: float | None) -> str:
    """Return the entry that is furthest off, with as many digits as show it."""
    relative, absolute = _tolerance(actual, expected, rtol)
    off = np.abs(actual - expected)
    off = np.where(off > absolute + relative * np.abs(expected), off, 0.0)
    index = np.unravel_index(int(np.argmax(off)), actual.shape)
    found, right = told_apart(float(actual[index]), float(expected[index]))
    place = f"entry [{', '.join(str(int(k)) for k in index)}]" if index else "it"
    return f" ({place} is {found} and should be {right})"


def told_apart(found: float, right: float) -> tuple[str, str]:
    """Return two numbers that differ with as many digits as show that they do."""
    for digits in (4, 6, 9, 17):
        texts = f"{found + 0.0:.{digits}g}", f"{right + 0.0:.{digits}g}"
        if texts[0] != texts[1]:
            break
    return texts
