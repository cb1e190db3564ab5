"""What can be said of wrong results without knowing the question: kinds of mistakes.

Every recogniser looks at the student's results and the right ones in all cases at once.  A
sentence is said only if it holds in every wrong case, and if no other does.  The letters of the
axes come from the docstring of the question: ``W_x : array (D, 4H)``.
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from nbjudge.checks import relations, reruns
from nbjudge.checks.axes import Axes, axes_of, sizes_of
from nbjudge.checks.seen import Case, Seen, as_array, close, close_arrays, is_numeric

LARGE = 10.0  # so many times larger are the numbers of a case that is there to overflow


class Compared(NamedTuple):
    """A student's functions beside the answers, and what both show in each case."""

    own: Sequence[Any]
    answers: Sequence[Any]
    cases: Sequence[Case]
    gives: Sequence[str]  # what the results are called
    yours: Sequence[Seen]
    right: Sequence[Seen]


def recognised(name: str, compared: Compared) -> str:
    """Return what kind of mistake a wrong result shows, if exactly one is recognised.

    Parameters
    ----------
    name : str
        The result.
    compared : Compared
    """
    own, answers, cases, gives, yours, right = compared
    wrong = [k for k in range(len(cases)) if not _agree(yours[k], right[k])]
    told = [k for k in wrong if yours[k].error is None and right[k].error is None]
    if not told or len(told) < len(wrong):
        return ""
    if _overflows(cases, yours, wrong):
        return "it goes wrong only where the numbers are large: subtract the largest one first"
    told = [k for k in told if not _agree(yours[k], right[k], name)]
    axes = axes_of(inspect.getdoc(answers[0]) or "", gives)
    with np.errstate(all="ignore"):
        found = [
            list(dict.fromkeys(_claims(name, cases[k], yours[k], right[k], axes))) for k in told
        ]
        common = [claim for claim in found[0] if all(claim in other for other in found[1:])]
        if not common and all(not callable(cases[k].given) for k in told):
            picked = [(cases[k], yours[k], right[k]) for k in told]
            common = list(reruns.claims(own[0], answers[0], picked, gives, axes))
    return common[0] if len(set(common)) == 1 else ""


def _agree(one: Seen, other: Seen, result: str = "") -> bool:
    """Return whether two calls show the same, or the same as one of the results."""
    if one.changed or (one.error is None) != (other.error is None):
        return False
    return one.error is not None or all(
        name in one.results and close_enough(one.results[name], value)
        for name, value in other.results.items()
        if result in ("", name)
    )


def close_enough(mine: Any, best: Any) -> bool:
    """Return whether a result would pass: numbers may come in either precision."""
    if is_numeric(mine) and is_numeric(best):
        x, y = as_array(mine), as_array(best)
        if x.dtype.kind == y.dtype.kind == "f":
            return close_arrays(x, y)
    if isinstance(mine, (list, tuple)) and isinstance(best, (list, tuple)):
        return len(mine) == len(best) and all(map(close_enough, mine, best))
    return close(mine, best)


def _overflows(cases: Sequence[Case], yours: Sequence[Seen], wrong: Sequence[int]) -> bool:
    """Return whether nan or inf come up exactly where the inputs are large."""
    sizes = [_largest(case) for case in cases]
    others = [size for k, size in enumerate(sizes) if k not in wrong]
    return (
        bool(others)
        and all(_not_finite(yours[k]) for k in wrong)
        and min(sizes[k] for k in wrong) > LARGE * max(others)
    )


def _largest(case: Case) -> float:
    if callable(case.given):
        return 0.0
    arrays = [as_array(v) for v in case.given.values() if is_numeric(v)]
    finite = [np.abs(a[np.isfinite(a)]) for a in arrays if a.dtype.kind == "f"]
    return max((float(a.max()) for a in finite if a.size), default=0.0)


def _not_finite(seen: Seen) -> bool:
    arrays = [as_array(value) for value in seen.results.values() if is_numeric(value)]
    return any(a.dtype.kind == "f" and not np.isfinite(a).all() for a in arrays)


def _claims(name: str, case: Case, yours: Seen, right: Seen, axes: Axes) -> Iterator[str]:
    """Yield what can be said of a wrong result of one case."""
    best = {n: as_array(v) for n, v in right.results.items() if is_numeric(v)}
    mine = {n: as_array(v) for n, v in yours.results.items() if is_numeric(v)}
    names = [n for n in right.results if n in best and n in mine]
    if len(names) > 1 and len(names) == len(right.results):
        for order in itertools.permutations(names) if len(names) < 6 else ():
            if list(order) != names and all(
                close_arrays(mine[a], best[b]) for a, b in zip(names, order, strict=True)
            ):
                yield f"the results stand in the order {', '.join(names)}"
                return
    if name not in names:
        return
    sizes = sizes_of(case, right, axes)
    yield from relations.of_one(name, mine[name], best[name], axes.get(name, ()), sizes)
    others = {n: v for n, v in best.items() if n != name}
    given = {} if callable(case.given) else case.given
    others |= {n: as_array(v) for n, v in given.items() if is_numeric(v)}
    yield from relations.with_others(name, mine[name], best[name], others)
