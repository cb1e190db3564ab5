"""In which simple way a wrong array differs from the right one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nbjudge.checks.axes import MEANT, called
from nbjudge.checks.seen import close_arrays

RTOL = 1e-5
MANY = 3  # so many entries at least, before a relation of numbers is no chance


def same(one: Any, other: Any) -> bool:
    """Return whether two arrays are equal up to rounding."""
    return close_arrays(np.asarray(one, float), np.asarray(other, float), RTOL)


def of_one(
    name: str, mine: Any, best: Any, letters: Sequence[str], sizes: Mapping[str, int]
) -> Iterator[str]:
    """Yield what a wrong array is of the right one alone.

    Parameters
    ----------
    name : str
        What the result is called.
    mine, best : arrays
    letters : sequence of str
        Of the axes of ``best``; empty if unknown.
    sizes : mapping
        Letter -> size.
    """
    if mine.dtype.kind not in "fiu" or best.dtype.kind not in "fiu":
        return
    if mine.shape != best.shape:
        yield from _of_another_shape(name, mine, best, letters)
        return
    if not np.isfinite(mine).all():
        return
    if best.size >= MANY:
        yield from _rearranged(name, mine, best, letters)
        yield from _scaled(name, mine, best, sizes)
        yield from _transformed(name, mine, best)
    yield from _normalised(name, mine, best, letters)


def _of_another_shape(name: str, mine: Any, best: Any, letters: Sequence[str]) -> Iterator[str]:
    shape = f"({', '.join(letters)})" if len(letters) == best.ndim else f"{best.shape}"
    if mine.size == best.size and best.size > 1:
        for order in itertools.permutations(range(best.ndim)) if best.ndim < 5 else ():
            if mine.shape == best.transpose(order).shape and same(mine, best.transpose(order)):
                yield f"the axes of {name} are exchanged: they stand in the order {shape}"
                return
        if same(mine.ravel(), best.ravel()):
            yield f"{name} holds the right numbers in another shape: it must be {shape}"
        return
    for axis in range(mine.ndim) if mine.ndim == best.ndim + 1 else ():
        if same(mine.sum(axis=axis), best):
            yield f"{name} is not added up yet: it has one axis too many"
            return
    for axis, keep in itertools.product(range(best.ndim), (False, True)):
        along = called(axis, letters, best.ndim)
        last, first = ([-1], [0]) if keep else (-1, 0)
        for how, value in (
            ("the sum over", best.sum(axis=axis, keepdims=keep)),
            ("the mean over", best.mean(axis=axis, keepdims=keep)),
            ("only the last entry along", best.take(last, axis)),
            ("only the first entry along", best.take(first, axis)),
        ):
            if same(mine, value):
                yield f"this is {how} {along}: {name} has the shape {shape}"
                return
    for axis in range(best.ndim) if mine.ndim == best.ndim else ():
        extra = mine.shape[axis] - best.shape[axis]
        along = called(axis, letters, best.ndim)
        if extra == 1 and same(mine.take(range(1, mine.shape[axis]), axis), best):
            yield f"{name} has one entry too many at the start of {along}"
        elif extra == 1 and same(mine.take(range(best.shape[axis]), axis), best):
            yield f"{name} has one entry too many at the end of {along}"
        elif extra == -1 and same(mine, best.take(range(1, best.shape[axis]), axis)):
            yield f"the first entry of {name} along {along} is missing"
        elif extra == -1 and same(mine, best.take(range(mine.shape[axis]), axis)):
            yield f"the last entry of {name} along {along} is missing"


def _rearranged(name: str, mine: Any, best: Any, letters: Sequence[str]) -> Iterator[str]:
    """Yield how the right numbers stand in other places."""
    if best.ndim == 2 and best.shape[0] == best.shape[1] and same(mine, best.T):
        yield f"{name} is transposed"
    for axis in range(best.ndim):
        size, along = best.shape[axis], called(axis, letters, best.ndim)
        if size > 1 and same(mine, np.flip(best, axis)):
            yield f"{name} is the wrong way round along {along}"
        if size > 2:
            head, tail = range(size - 1), range(1, size)
            if _left_out(mine, best, axis, -1):
                yield f"the last of {name} along {along} is all zero"
            elif _left_out(mine, best, axis, 0):
                yield f"the first of {name} along {along} is all zero"
            elif same(mine.take(tail, axis), best.take(head, axis)):
                yield f"{name} comes one place too late along {along}"
            elif same(mine.take(head, axis), best.take(tail, axis)):
                yield f"{name} comes one place too early along {along}"
    for count in (2, 3, 4):
        size = best.shape[-1] if best.ndim else 0
        if size % count or (size == count and best.ndim < 2):
            continue
        blocks = np.split(best, count, axis=-1)
        for order in itertools.permutations(range(count)):
            if list(order) != list(range(count)) and same(
                mine, np.concatenate([blocks[k] for k in order], axis=-1)
            ):
                yield f"the {count} blocks of {name} stand in another order"


def _left_out(mine: Any, best: Any, axis: int, place: int) -> bool:
    """Return whether one entry along an axis is zero and the rest is right."""
    rest = [k for k in range(best.shape[axis]) if k != place % best.shape[axis]]
    return (
        not mine.take(place, axis).any()
        and bool(best.take(place, axis).any())
        and same(mine.take(rest, axis), best.take(rest, axis))
    )


def _scaled(name: str, mine: Any, best: Any, sizes: Mapping[str, int]) -> Iterator[str]:
    """Yield by which factor, the same everywhere, a result is off."""
    nonzero = np.abs(best) > 1e-12
    if not nonzero.any() or not same(mine[~nonzero], best[~nonzero]):
        return
    ratios = mine[nonzero] / best[nonzero]
    factor = float(ratios.flat[0])
    if not np.allclose(ratios, factor, rtol=RTOL, atol=0) or np.isclose(factor, 0):
        return
    if np.isclose(factor, -1):
        yield f"{name} has the wrong sign"
        return
    for letter, size in sizes.items():
        what = f"{letter} ({MEANT[letter]})" if letter in MEANT else letter
        if size > 1 and np.isclose(factor, 1 / size, rtol=RTOL):
            yield f"{name} is divided by {what} once too often: add, do not average"
        elif size > 1 and np.isclose(factor, size, rtol=RTOL):
            yield f"{name} is {what} times too large: average, do not add"
    for words, value in (("half", 0.5), ("twice", 2.0)):
        if np.isclose(factor, value, rtol=RTOL) and round(1 / value) not in sizes.values():
            yield f"{name} is {words} of what it must be"


def _transformed(name: str, mine: Any, best: Any) -> Iterator[str]:
    """Yield which function was applied once too often, or not at all."""
    for words, function in (
        ("tanh", np.tanh),
        ("exponential", np.exp),
        ("logarithm", np.log),
        ("square root", np.sqrt),
        ("sigmoid", lambda a: 1.0 / (1.0 + np.exp(-a))),
        ("absolute value", np.abs),
    ):
        if same(function(best), mine):
            yield f"one {words} too many in {name}"
            return
        if same(function(mine), best):
            yield f"the {words} is missing in {name}"
            return
    if same(mine, 1.0 - best):
        yield f"this is 1 - {name}"


def _normalised(name: str, mine: Any, best: Any, letters: Sequence[str]) -> Iterator[str]:
    """Yield along which axis a result adds up to one, where another one is right."""
    if best.ndim < 2:
        return
    right = [k for k in range(best.ndim) if np.allclose(best.sum(axis=k), 1.0)]
    found = [k for k in range(mine.ndim) if np.allclose(mine.sum(axis=k), 1.0)]
    if len(right) == 1 and len(found) == 1 and right != found:
        wrong, good = (called(axes[0], letters, best.ndim) for axes in (found, right))
        yield f"{name} adds up to one along {wrong}, and must along {good}"


def with_others(name: str, mine: Any, best: Any, others: Mapping[str, Any]) -> Iterator[str]:
    """Yield which argument or other result is missing in a result, or stands in its place.

    Parameters
    ----------
    name, mine, best
        As in `of_one`.
    others : mapping of str to array
        The arguments, and the other right results.
    """
    for other, value in others.items():
        if value.size > 1 and same(mine, value):
            yield (
                f"this is {other}, not {name}" if other != name else f"{name} comes back as it was"
            )
    if mine.shape != best.shape or best.size < MANY or not np.isfinite(mine).all():
        return
    difference = mine - best
    ratio = mine / best
    for other, value in others.items():
        if value.dtype.kind not in "fiu" or value.ndim > best.ndim or not value.ndim:
            continue
        try:
            term = np.broadcast_to(value, best.shape)
        except ValueError:
            continue
        if np.ptp(term) > 0:
            yield from _as_term(name, other, term, difference)
            yield from _as_factor(name, other, term, ratio)


def _as_term(name: str, other: str, term: Any, difference: Any) -> Iterator[str]:
    if same(difference, -term):
        yield f"the summand {other} is missing in {name}"
    elif same(difference, term):
        yield f"{other} is added once too often in {name}"
    elif same(difference, -2 * term):
        yield f"{other} has the wrong sign in {name}"


def _as_factor(name: str, other: str, term: Any, ratio: Any) -> Iterator[str]:
    good = np.isfinite(ratio) & (np.abs(term) > 1e-9) & (np.abs(1 - term) > 1e-9)
    if good.sum() < MANY:
        return
    r, t = ratio[good], term[good]
    for words, value in (
        (f"the factor {other} is missing in {name}", 1 / t),
        (f"{name} is multiplied by {other} once too often", t),
        (f"1 - {other} stands in {name} where {other} belongs", (1 - t) / t),
        (f"{other} stands in {name} where 1 - {other} belongs", t / (1 - t)),
    ):
        if same(r, value):
            yield words
