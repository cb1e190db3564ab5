"""What a wrong function does not look at, or should not: seen by calling it once more.

The student's function and the answer run again with one argument changed, or with a part of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nbjudge.checks.axes import Axes
from nbjudge.checks.calls import is_tensor
from nbjudge.checks.seen import (
    Case,
    Seen,
    as_array,
    close,
    close_arrays,
    is_numeric,
    see,
)

Picked = tuple[Case, Seen, Seen]  # a wrong case, and what the student and the answer show in it


def claims(
    own: Any, answer: Any, picked: Sequence[Picked], gives: Sequence[str], axes: Axes
) -> Iterator[str]:
    """Yield what reruns say of the first wrong case: an argument without effect, examples mixed.

    Parameters
    ----------
    own, answer : callables
    picked : sequence of (Case, Seen, Seen)
        The wrong cases, whose arguments are plain.
    gives : sequence of str
    axes : mapping
        Name -> letters of its axes.
    """
    case, yours, right = picked[0]
    assert not callable(case.given)
    wrong = [n for n in right.results if not close(yours.results.get(n), right.results[n])]
    both = [seen.results.get(n) for seen in (right, yours) for n in wrong]
    if not wrong or not all(map(is_numeric, both)):
        return
    if any(_not_finite(yours.results.get(n)) for n in wrong):  # nan stays nan, whatever is used
        return
    if any(as_array(right.results[n]).dtype.kind != "f" for n in wrong):
        return  # whole numbers stay as they are where a little changes
    unused = list(_unused(own, answer, case, yours, right, gives, wrong))
    if 0 < len(unused) <= 2:
        has = "has" if len(unused) == 1 else "have"
        yield f"{' and '.join(unused)} {has} no effect on {wrong[0]}"
    for letter, words in (
        ("N", "the result of one example depends on the other examples of the batch"),
        ("T", "the result of a step depends on what comes after it"),
    ):
        if _mixed(own, answer, case, yours, right, gives, axes, letter, wrong[0]):
            yield words


def _not_finite(value: Any) -> bool:
    return is_numeric(value) and not np.isfinite(as_array(value)).all()


def _unused(
    own: Any,
    answer: Any,
    case: Case,
    yours: Seen,
    right: Seen,
    gives: Sequence[str],
    wrong: Sequence[str],
) -> Iterator[str]:
    """Yield the arguments that change a wrong result of the answer, and none of the student's."""
    assert not callable(case.given)
    rng = np.random.default_rng(0)
    for name, value in case.given.items():
        other = _other(value, rng)
        if other is None:
            continue
        changed = case._replace(given={**case.given, name: other})
        best, mine = see((answer,), changed, gives), see((own,), changed, gives)
        if best.error is not None or mine.error is not None:
            continue
        moves = any(not close(best.results[n], right.results[n]) for n in wrong)
        if moves and all(close(mine.results[n], yours.results[n]) for n in wrong):
            yield name


def _other(value: Any, rng: Any) -> Any:
    """Return other values for an argument, or None where it is none of floats."""
    if isinstance(value, float):
        return 1.37 * value
    if not is_numeric(value) or as_array(value).dtype.kind != "f" or not as_array(value).ndim:
        return None
    array = as_array(value)
    return _like(value, (array + 0.5 * rng.standard_normal(array.shape)).astype(array.dtype))


def _like(value: Any, array: Any) -> Any:
    if is_tensor(value):
        import torch

        return torch.tensor(array)
    return array


def _mixed(
    own: Any,
    answer: Any,
    case: Case,
    yours: Seen,
    right: Seen,
    gives: Sequence[str],
    axes: Axes,
    letter: str,
    name: str,
) -> bool:
    """Return whether entries along an axis depend on entries that they must not depend on."""
    assert not callable(case.given)
    letters = axes.get(name, ())
    if letter not in letters or as_array(yours.results[name]).ndim != len(letters):
        return False
    given, size = _cut(case.given, axes, letter)
    axis = letters.index(letter)
    if size < 2 or as_array(yours.results[name]).shape[axis] != size:
        return False
    fewer = case._replace(given=given)
    best, mine = see((answer,), fewer, gives), see((own,), fewer, gives)
    if best.error is not None or mine.error is not None:
        return False
    head = range(size - 1)

    def holds(part: Seen, whole: Seen) -> bool:
        return close_arrays(
            as_array(part.results[name]), as_array(whole.results[name]).take(head, axis)
        )

    return holds(best, right) and not holds(mine, yours)


def _cut(given: Mapping[str, Any], axes: Axes, letter: str) -> tuple[dict[str, Any], int]:
    """Return the arguments without the last entry along an axis, and how many there were."""
    new, size = dict(given), 0
    for name, value in given.items():
        letters = axes.get(name, ())
        if letter not in letters or not is_numeric(value):
            continue
        array = as_array(value)
        if array.ndim != len(letters):
            return dict(given), 0
        axis = letters.index(letter)
        size = array.shape[axis]
        new[name] = _like(value, array.take(range(size - 1), axis))
    return new, size
