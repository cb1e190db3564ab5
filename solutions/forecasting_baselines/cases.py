"""Cases of the tests of ``forecasting_baselines``: all sizes different, each side of each branch.

The last question gets scenes: rules that note what they are handed, and one that spoils it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from nbjudge.checks.calls import take_apart, unchanged
from nbjudge.checks.seen import Case

from lstm_course.answers import forecasting_baselines as reference
from lstm_course.arrays import Array

Shown = dict[str, Any]

#: What the case is, the lengths of the series, the width, the dtype, the size, and the group.
PANELS: tuple[tuple[str, tuple[int, ...], int, type[np.floating], float, str], ...] = (
    ("three series of different lengths", (9, 6, 7), 4, np.float64, 1.0, "long"),
    ("a single series", (8,), 3, np.float64, 1.0, "long"),
    ("a single window", (6,), 5, np.float64, 1.0, "long"),
    ("width=1", (3, 5, 2), 1, np.float64, 1.0, "long"),
    ("three series of the same length", (6, 6, 6), 4, np.float64, 1.0, "long"),
    ("float32 arrays", (5, 8), 2, np.float32, 1.0, "long"),
    ("large numbers", (7, 9), 3, np.float64, 1e5, "long"),
    ("a short series among others", (7, 6, 2, 5), 3, np.float64, 1.0, "short"),
    ("a series as long as a window", (9, 4, 6), 4, np.float64, 1.0, "short"),
    ("a short series in front, and one at the end", (1, 8, 5, 2), 3, np.float64, 1.0, "short"),
    ("no series that is long enough", (3, 2), 3, np.float64, 1.0, "short"),
    ("no series at all", (), 4, np.float64, 1.0, "short"),
)

#: What the case is, then T, the period, the steps, the dtype, and the size of the numbers.
SEASONS: tuple[tuple[str, int, int, int, type[np.floating], float], ...] = (
    ("fewer steps than a period", 11, 4, 3, np.float64, 1.0),
    ("exactly one period", 13, 5, 5, np.float64, 1.0),
    ("more steps than a period", 10, 3, 7, np.float64, 1.0),
    ("exactly two periods", 14, 4, 8, np.float64, 1.0),
    ("one step, steps=1", 8, 3, 1, np.float64, 1.0),
    ("period=1", 6, 1, 4, np.float64, 1.0),
    ("one value more than a period, steps=12", 6, 5, 12, np.float64, 1.0),
    ("a float32 array", 15, 7, 8, np.float32, 1.0),  # 8 changes: see `_exact`
    ("large numbers", 15, 6, 9, np.float64, 1e5),
    ("a falling series", 17, 4, 10, np.float64, 1.0),
    ("a falling series, steps=2", 11, 3, 2, np.float64, 1.0),
)

#: What the case is, then the shape of the forecasts, T, the period, the dtype, and the size.
FORECASTS: tuple[tuple[str, tuple[int, ...], int, int, type[np.floating], float], ...] = (
    ("six forecasts", (6,), 11, 4, np.float64, 1.0),
    ("a single forecast", (1,), 9, 2, np.float64, 1.0),
    ("a row for each of three origins", (3, 5), 14, 3, np.float64, 1.0),
    ("period=1", (4,), 7, 1, np.float64, 1.0),
    ("one value more than a period", (8,), 6, 5, np.float64, 1.0),
    ("float32 arrays", (7,), 12, 5, np.float32, 1.0),
    ("large numbers", (9,), 10, 3, np.float64, 1e6),
    ("tiny numbers", (5,), 13, 4, np.float64, 1e-30),
)

#: What the case is, then T, the period, the dtype, and the size of the numbers.
SERIES: tuple[tuple[str, int, int, type[np.floating], float], ...] = (
    ("a series", 11, 4, np.float64, 1.0),
    ("another period", 14, 3, np.float64, 1.0),
    ("period=1", 7, 1, np.float64, 1.0),
    ("as short as it may be", 5, 5, np.float64, 1.0),  # and as many more as the result has
    ("a float32 array", 12, 5, np.float32, 1.0),
    ("large numbers", 13, 6, np.float64, 1e6),
    ("numbers below one", 9, 2, np.float64, 1e-3),
)

#: What the case is, then T, the origin, the period, the steps, the dtype, and the group.
RETURNS: tuple[tuple[str, int, int, int, int, type[np.floating], str], ...] = (
    ("fewer steps than a period", 19, 11, 5, 3, np.float64, "near"),
    ("exactly one period", 20, 9, 4, 4, np.float64, "near"),
    ("one step, steps=1", 14, 8, 3, 1, np.float64, "near"),
    ("an origin as early as it may be", 16, 6, 6, 4, np.float64, "near"),
    ("nothing after the origin", 10, 10, 4, 3, np.float64, "near"),
    ("numbers below one", 15, 8, 6, 5, np.float64, "near"),
    ("float32 arrays", 13, 7, 5, 4, np.float32, "near"),
    ("more steps than a period", 22, 10, 4, 7, np.float64, "far"),
    ("more steps than two periods", 23, 9, 3, 8, np.float64, "far"),
    ("period=1", 12, 6, 1, 4, np.float64, "far"),
    ("an early origin and many steps", 25, 5, 5, 13, np.float64, "far"),
    ("nothing after the origin, more steps than a period", 8, 8, 3, 5, np.float64, "far"),
    ("values after the origin that are nan", 17, 7, 2, 6, np.float64, "far"),
    ("numbers below one, more steps than a period", 21, 9, 4, 10, np.float64, "far"),
    ("float32 arrays, more steps than a period", 18, 8, 3, 7, np.float32, "far"),
    ("double differences, fewer steps than a period", 18, 10, 5, 4, np.float64, "double"),
    ("double differences, more steps than a period", 24, 11, 4, 9, np.float64, "double"),
    ("double differences, one step", 15, 9, 4, 1, np.float64, "double"),
    ("double differences, period=1", 13, 7, 1, 5, np.float64, "double"),
    ("double differences, an early origin", 21, 7, 6, 8, np.float64, "double"),
    ("double differences, nothing after the origin", 9, 9, 3, 4, np.float64, "double"),
    ("double differences, nan after the origin", 19, 12, 5, 7, np.float64, "double"),
    ("double differences, numbers below one", 20, 10, 3, 6, np.float64, "double"),
    ("double differences, float32 arrays", 17, 9, 3, 5, np.float32, "double"),
)

#: What the case is, then T, the origins, the steps, the dtype, and the size of the numbers.
WALKS: tuple[tuple[str, int, tuple[int, ...], int, type[np.floating], float], ...] = (
    ("three origins, all steps known", 15, (5, 6, 10), 4, np.float64, 1.0),
    ("a last origin with two steps known", 12, (3, 7, 8, 10), 4, np.float64, 1.0),
    ("a single origin", 9, (6,), 2, np.float64, 1.0),
    ("one step, steps=1", 8, (2, 3, 6), 1, np.float64, 1.0),
    ("an origin at the very end", 11, (4, 11), 3, np.float64, 1.0),
    ("a float32 array", 13, (5, 9, 10), 6, np.float32, 1.0),
    ("large numbers", 14, (6, 7, 9, 13), 5, np.float64, 1e5),
)

#: A rule that works in place: it turns all signs round and repeats the first value.  It runs where
#: the student's function runs, or else it would spoil nothing but its own copy, and notes there
#: what it is handed.
SPOILER = "lambda past, steps, seen=[]: seen.extend(past) or past.__imul__(-1.0)[:1].repeat(steps)"


#: A rule that keeps what it has returned first, and returns that very array at each origin.
KEEPER = "lambda past, steps, kept=[]: kept.append(past[:1].repeat(steps)) or kept[0]"


def rising(rng: np.random.Generator, T: int, period: int, size: float = 1.0) -> Array:
    """Return a positive series (T,) with a trend that bends, a season, and noise."""
    t = np.arange(T)
    season = 0.5 * np.sin(2.0 * np.pi * t / period + rng.uniform(0.0, 6.0))
    trend = rng.uniform(0.05, 0.12) * t + rng.uniform(0.002, 0.005) * t**2
    y: Array = size * (2.0 + trend + season + rng.uniform(-0.4, 0.4, T))
    return y


def falling(rng: np.random.Generator, T: int, period: int) -> Array:
    """Return a series (T,) whose mean change over a period is negative, but not its last one."""
    y: Array = rising(rng, T, period)[::-1] + 0.4 * np.arange(T, 0, -1) - 6.0
    y[-1] = y[-1 - period] + rng.uniform(0.2, 0.4)
    return y


def _exact(array: Array, dtype: type[np.floating]) -> Array:
    """Return an array in its dtype: in float32 its numbers have no digits beyond 1/64.

    Sums of such numbers, and means of 8 of them, are exact in both precisions.  So it makes no
    difference in which order they are added, nor whether somebody goes over to float64.
    """
    return (np.round(64 * array) / 64 if dtype is np.float32 else array).astype(dtype)


def windows(seed: int) -> Iterator[Case]:
    """Yield panels of series; the groups are ``long`` and ``short``."""
    rng = np.random.default_rng(seed)
    for label, lengths, width, dtype, size, group in PANELS:
        series = [(size * rng.standard_normal(T)).astype(dtype) for T in lengths]
        yield Case(label, {"series": series, "width": width}, group=group)


def seasonal_naive(seed: int) -> Iterator[Case]:
    """Yield series with a trend; the groups are ``naive`` and ``drift``."""
    rng = np.random.default_rng(seed)
    for number, (label, T, period, steps, dtype, size) in enumerate(SEASONS):
        falls = label.startswith("a falling series")
        y = falling(rng, T, period) if falls else rising(rng, T, period, size)
        given = {"y": _exact(y, dtype), "period": period, "steps": steps}
        told = {} if number % 2 else {"drift": False}  # the default too
        yield Case(label, given | told, group="naive")
        yield Case(f"{label}, drift=True", given | {"drift": True}, group="drift")


def mase(seed: int) -> Iterator[Case]:
    """Yield forecasts with their training part; the groups are ``scaled`` and ``refused``."""
    rng = np.random.default_rng(seed)
    for label, shape, T, period, dtype, size in FORECASTS:
        actual, error = size * rng.uniform(3.0, 6.0, shape), size * rng.standard_normal(shape)
        arrays = actual, actual + error, rising(rng, T, period, size)
        given = dict(zip(("actual", "forecast", "known"), arrays, strict=True))
        given = {name: array.astype(dtype) for name, array in given.items()}
        yield Case(label, given | {"period": period}, group="scaled")
    for label, known, period in _not_zero(rng):
        yield Case(label, _compared(rng, known, period), group="scaled")
    for label, T, period in (
        ("a training part as long as a period", 4, 4),
        ("a training part shorter than a period", 2, 5),
        ("one value and period=1", 1, 1),
    ):
        given = _compared(rng, rising(rng, T, period), period)
        yield Case(label, given, (ValueError, "too short"), "refused")
    for label, T, period in (
        ("a training part that repeats itself", 11, 3),
        ("a training part of two equal periods", 8, 4),
        ("a training part that never changes", 6, 1),
    ):
        given = _compared(rng, np.resize(rising(rng, period, period), T), period)
        yield Case(label, given, (ValueError, "zero"), "refused")
    short, repeated = rising(rng, 3, 4), np.resize(rising(rng, 2, 2), 7)
    both = _compared(rng, short, 4), _compared(rng, repeated, 2)
    yield Case("the two messages", partial(_messages, both), group="refused")


def _not_zero(rng: np.random.Generator) -> Iterator[tuple[str, Array, int]]:
    """Yield training parts whose denominator could be taken for zero, with their periods."""
    known = rising(rng, 14, 3)
    known[3:6], known[11:] = known[:3], known[8:11]
    yield "some values that repeat", known, 3
    level, change = rng.integers(20, 60) / 8, rng.integers(2, 9) / 4  # exact, also as a sum
    yield "changes that cancel", level + change * np.array([0.0, 0, 1, 1, 0, 0]), 2
    yield "small changes of large numbers", 1e7 + rising(rng, 11, 5), 5


def _messages(both: tuple[Shown, Shown], mase: Any) -> Shown:
    """Let both errors be raised; the words of one message for both are in each."""
    said = []
    for given in both:
        try:
            mase(*given.values())
        except ValueError as error:
            said.append(str(error).lower())
    same = [all(words in one for words in ("too short", "zero")) for one in said]
    fact = "one message for both errors does not say which it is: give each its own"
    return {fact: same != [True, True]}


def _compared(rng: np.random.Generator, known: Array, period: int) -> Shown:
    actual, forecast = rng.uniform(3.0, 6.0, (2, 5))
    return {"actual": actual, "forecast": forecast, "known": known, "period": period}


def log_difference(seed: int) -> Iterator[Case]:
    """Yield series; the groups are ``seasonal``, ``double`` and ``refused``."""
    rng = np.random.default_rng(seed)
    for number, (label, T, period, dtype, size) in enumerate(SERIES):
        for double, group in ((False, "seasonal"), (True, "double")):
            more = 1 + double if "short" in label else 0
            given: Shown = {"y": rising(rng, T + more, period, size).astype(dtype)}
            given |= {"period": period}
            if double or number % 2 == 0:  # the default too
                given |= {"double": double}
            name = f"{label}, double=True" if double else label
            yield Case(name, given, group=group)
    for label, T, place, value, double in (
        ("a zero among the values", 9, 4, 0.0, False),
        ("a zero in the first place", 7, 0, 0.0, False),
        ("a negative value in the last place", 8, 7, -1.7, False),
        ("a negative value among the values", 12, 6, -0.4, False),
        ("a zero among the values, double=True", 10, 5, 0.0, True),
        ("negative values only", 6, slice(None), -2.3, False),
        ("a zero that no other value is compared with", 5, 2, 0.0, False),
        ("a negative value that no other is compared with, double=True", 5, 2, -0.6, True),
    ):
        y = rising(rng, T, 3)
        y[place] = value
        given = {"y": y, "period": 3, "double": double}
        yield Case(label, given, (ValueError, "positive"), "refused")


def undo(seed: int) -> Iterator[Case]:
    """Yield predicted news; the groups are ``near``, ``far`` and ``double``.

    The last case of each group has the true news.
    """
    rng = np.random.default_rng(seed)
    for label, T, origin, period, steps, dtype, group in RETURNS:
        size = 1e-3 if "below one" in label else 1.0
        y = rising(rng, T, period, size).astype(dtype)
        if "nan" in label:
            y[origin:] = np.nan
        news = (0.2 * rng.standard_normal(steps)).astype(dtype)
        yield _undone(label, news, y, origin, period, group)
    for group, origin, period, steps in (("near", 9, 5, 4), ("far", 8, 3, 7), ("double", 10, 4, 6)):
        y, double = rising(rng, origin + steps, period), group == "double"
        news = reference.log_difference(y, period, double)[-steps:]
        yield _undone(f"true news, period={period}", news, y, origin, period, group)


def _undone(label: str, news: Array, y: Array, origin: int, period: int, group: str) -> Case:
    given: Shown = {"news": news, "y": y, "origin": origin, "period": period}
    return Case(label, given | ({"double": True} if group == "double" else {}), group=group)


def walk_forward(seed: int) -> Iterator[Case]:
    """Yield walks with rules that note and that spoil; the groups are ``handed`` and ``errors``."""
    rng = np.random.default_rng(seed)
    for label, T, origins, steps, dtype, size in WALKS:
        y = (size * rng.uniform(1.0, 4.0, T)).astype(dtype)
        given = y, np.array(origins), steps
        for more, group, scene in (
            ("", "handed", _handed),
            (", a rule that works in place", "handed", _spoiled),
            (", a rule that keeps its array", "handed", _kept),
            ("", "errors", _errors),
        ):
            yield Case(f"{label}{more}", partial(scene, given), group=group)


class NotingRule:
    """A rule whose forecast depends on all that it is handed, and which notes what that is."""

    def __init__(self) -> None:
        self.pasts: list[Any] = []
        self.steps: list[Any] = []

    def function(self) -> Callable[[Any, Any], Array]:
        """Return ``forecast``."""

        def forecast(past: Any, steps: Any) -> Array:
            self.pasts.append(past)
            self.steps.append(steps)
            values = np.asarray(past, np.float64)
            weights = 1.0 / np.arange(2, len(values) + 2)
            level = float(values @ weights) / max(float(weights.sum()), 1.0)
            return level * (1.0 + 0.1 * np.arange(1, int(steps) + 1))

        return forecast


def _handed(given: tuple[Array, Any, int], walk_forward: Any) -> Shown:
    y, origins, steps = given
    rule = NotingRule()
    walk_forward(y.copy(), origins.copy(), steps, rule.function())
    plain = all(type(past) is np.ndarray and past.ndim == 1 for past in rule.pasts)
    shown: Shown = {
        "the rule must be asked once at each origin": len(rule.pasts) == len(origins),
        "the rule must be handed an array with one axis": plain,
    }
    if not all(shown.values()):
        return shown
    lengths = [len(past) for past in rule.pasts]
    ahead = any(length > o for length, o in zip(lengths, origins, strict=True))
    return shown | {
        "the rule sees values from after the origin: hand it the past alone": not ahead,
        "the number of values handed over at each origin": lengths,
        "what the rule is handed": np.concatenate(rule.pasts),
        "the number of steps asked of the rule": [int(step) for step in rule.steps],
    }


def _spoiled(given: tuple[Array, Any, int], walk_forward: Any) -> Shown:
    """Let a rule work in place, beside the student's function."""
    y, origins, steps = given[0].copy(), given[1].copy(), given[2]
    remote = hasattr(walk_forward, "__proxy__")
    beside = walk_forward.run_beside if remote else _here
    rule = beside(eval, SPOILER)
    if remote:
        _, (y, origins, *_) = walk_forward.call_and_return_arguments(y, origins, steps, rule)
    else:
        walk_forward(y, origins, steps, rule)
    (seen,) = beside(getattr, rule, "__defaults__")
    return {
        "y has changed: the rule works in place, so hand it a copy": unchanged(given[0], y),
        "your function changes its argument origins": unchanged(given[1], origins),
        "what the rule is handed": np.array(seen, np.float64),
    }


def _kept(given: tuple[Array, Any, int], walk_forward: Any) -> Shown:
    """Let a rule return the same array at each origin, beside the student's function."""
    y, origins, steps = given[0].copy(), given[1].copy(), given[2]
    beside = walk_forward.run_beside if hasattr(walk_forward, "__proxy__") else _here
    rule = beside(eval, KEEPER)
    walk_forward(y, origins, steps, rule)
    (kept,) = beside(getattr, rule, "__defaults__")
    fact = "leave what the rule returns as it is: it may keep this array and return it again"
    return {fact: all((forecasts == given[0][0]).all() for forecasts in kept[:1])}


def _here(function: Any, *arguments: Any) -> Any:
    return function(*arguments)


def _errors(given: tuple[Array, Any, int], walk_forward: Any) -> Shown:
    y, origins, steps = given
    rule = NotingRule().function()
    result = walk_forward(y.copy(), origins.copy(), steps, rule)
    errors, by_lead = take_apart("walk_forward", result, ("errors", "by_lead"))
    return {**_known(errors, given, "errors"), "by_lead": by_lead}


def _known(errors: Any, given: tuple[Array, Any, int], name: str) -> Shown:
    """Return errors with 0 in place of the nan of what is not known, and whether these are nan."""
    y, origins, steps = given
    known = origins[:, None] + np.arange(steps) < len(y)  # (O, steps)
    fact = "an error must be nan where the series has ended, and nowhere else"
    if type(errors) is not np.ndarray or errors.shape != known.shape or errors.dtype.kind != "f":
        return {fact: True, name: errors}  # what it is instead is said below
    return {fact: bool((np.isnan(errors) == ~known).all()), name: np.where(known, errors, 0.0)}
