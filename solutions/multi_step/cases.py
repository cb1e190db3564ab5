"""Inputs of the tests of ``multi_step``: series with gaps, origins, bands, one case for each trap.

A model that is called again and again is a scene: it notes what it was handed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from math import ceil, floor
from typing import Any

import numpy as np
from nbjudge.checks.seen import Case

from lstm_course.arrays import Array, Whole

Shown = dict[str, Any]

#: What the case is, the width of a window, how many readings there are in a row, how many are
#: missing in a row between them (a 0 at an end is no gap there), and the dtype.
SERIES: tuple[tuple[str, int, tuple[int, ...], tuple[int, ...], type[np.floating]], ...] = (
    ("a series with gaps", 4, (7, 2, 6, 3, 4), (0, 1, 3, 2, 1, 0), np.float64),
    ("a series with a gap at each end", 3, (5, 2, 8), (2, 1, 1, 3), np.float64),
    ("a series without a gap", 5, (11,), (0, 0), np.float64),
    ("windows of one step", 1, (2, 1, 4), (1, 2, 3, 0), np.float64),
    ("windows of two steps", 2, (3, 1, 2, 6), (0, 1, 1, 2, 1), np.float64),
    ("a series as long as one window", 6, (6,), (0, 0), np.float64),
    ("a series in float32", 3, (6, 4, 2), (1, 2, 1, 0), np.float32),
    ("a series without a whole window", 4, (3, 1, 2), (0, 1, 2, 1), np.float64),
    ("a series shorter than a window", 5, (3,), (0, 0), np.float64),
    ("a series of no steps", 3, (), (0,), np.float64),
    ("a series without a reading", 2, (), (5,), np.float64),
)

#: What the case is, then T, K, the stride, the place of the clock, how many pairs there are, how
#: many values are left over, and the dtype.
PAIRS: tuple[tuple[str, int, int, int, int, int, int, type[np.floating]], ...] = (
    ("windows shorter than the stride", 5, 3, 12, 2, 4, 4, np.float64),
    ("windows longer than the stride", 9, 2, 4, 3, 5, 1, np.float64),
    ("targets that overlap", 3, 8, 5, 1, 4, 2, np.float64),
    ("an origin at every step", 4, 3, 1, 0, 6, 0, np.float64),
    ("T = 1 and K = 1", 1, 1, 3, 0, 5, 1, np.float64),
    ("a first origin at step T", 10, 4, 6, 4, 3, 5, np.float64),
    ("origins at multiples of the stride", 6, 4, 5, 0, 3, 3, np.float64),
    ("one lead, K = 1", 4, 1, 6, 1, 4, 3, np.float64),
    ("float32", 7, 5, 8, 5, 3, 2, np.float32),
    ("values in the thousands", 2, 6, 7, 4, 5, 6, np.float64),
)

#: What the case is, then N, T, K, how many values follow on the last origin, and the dtype.
LOOPS: tuple[tuple[str, int, int, int, int, type[np.floating]], ...] = (
    ("several origins", 4, 5, 3, 6, np.float64),
    ("one origin, N = 1", 1, 4, 5, 7, np.float64),
    ("windows of one value, T = 1", 3, 1, 4, 5, np.float64),
    ("more leads than steps read", 5, 2, 7, 9, np.float64),
    ("an origin at the end of the series", 2, 6, 4, 0, np.float64),
    ("float32", 3, 4, 2, 4, np.float32),
)

#: What the case is, the shape of ``y``, the levels Q, the mean and the spread, and the dtype.
LOSSES: tuple[tuple[str, tuple[int, ...], int, float, float, type[np.floating]], ...] = (
    ("a list of values", (7,), 3, 0.0, 1.0, np.float64),
    ("one value", (1,), 2, 1.0, 2.0, np.float64),
    ("one level", (5, 4), 1, 0.0, 1.0, np.float64),
    ("two axes", (6, 4), 3, -1.0, 1.0, np.float64),
    ("three axes", (2, 5, 3), 4, 0.5, 2.0, np.float64),
    ("as many values as levels", (3, 3), 3, 0.0, 1.0, np.float64),
    ("values near 900", (4, 6), 5, 900.0, 40.0, np.float64),
    ("float32", (5, 3), 2, 0.0, 1.0, np.float32),
)

#: What the case is, then N, K, the share of readings that is missing, and the dtype.
BANDS: tuple[tuple[str, int, int, float, type[np.floating]], ...] = (
    ("nothing missing", 9, 4, 0.0, np.float64),
    ("missing readings", 13, 3, 0.4, np.float64),
    ("one lead with missing readings, K = 1", 11, 1, 0.3, np.float64),
    ("one forecast, N = 1", 1, 5, 0.0, np.float64),
    ("few readings", 10, 6, 0.7, np.float64),
    ("float32", 8, 5, 0.2, np.float32),
)

#: What the case is, the validation rows N, the new bands, alpha, how far the ends lie from the
#: middle, the spread of the values, and the dtype.  Where (N + 1)(1 - alpha) is a whole number,
#: floats may miss it, and right answers then differ: `_rows` refuses such pairs, here and in FEW.
MARGINS: tuple[tuple[str, int, int, float, float, float, type[np.floating]], ...] = (
    ("a band that is too narrow", 23, 5, 0.1, 0.7, 1.5, np.float64),
    ("a band that is too wide", 17, 4, 0.2, 5.0, 1.0, np.float64),
    ("many rows", 205, 3, 0.05, 1.0, 2.0, np.float64),
    ("one new band", 14, 1, 0.35, 1.2, 1.6, np.float64),
    ("values in the hundreds", 31, 6, 0.15, 60.0, 90.0, np.float64),
    ("float32", 26, 4, 0.3, 1.0, 1.4, np.float32),
)

#: Rows that are enough or one too few, and the alpha that needs so many.
FEW = ((1, 0.5), (7, 0.125), (6, 0.15), (14, 0.07), (3, 0.25))


def whole_windows(seed: int) -> Iterator[Case]:
    """Yield series with gaps of all lengths; one holds readings of 0 and below."""
    rng = np.random.default_rng(seed)
    for label, width, runs, gaps, dtype in SERIES:
        there = rng.permutation(runs).astype(int)
        pieces = [np.full(gaps[0], np.nan)]
        for run, gap in zip(there, gaps[1:], strict=True):
            pieces += [120.0 + 30.0 * rng.standard_normal(run), np.full(gap, np.nan)]
        given = {"series": np.concatenate(pieces).astype(dtype), "width": width}
        whole = max(runs, default=0) >= width
        yield Case(label, given, group="some" if whole else "none")
    mixed = rng.permutation([0.0, -3.0, 0.0, 2.0, 5.0])
    series = np.array([*mixed, np.nan, 0.0, -1.5, 4.0, np.nan, 0.0, 0.0])
    yield Case(
        "a series with readings of 0 and below", {"series": series, "width": 2}, group="some"
    )


def _series(rng: np.random.Generator, size: int, label: str, dtype: type[np.floating]) -> Array:
    """Return a series in which no two values are alike and none is zero."""
    scale, mean = (700.0, 4000.0) if "thousands" in label else (1.0, 3.0)
    series: Array = (mean + scale * rng.standard_normal(size)).astype(dtype)
    return series


def direct_targets(seed: int) -> Iterator[Case]:
    """Yield series that are long, just long enough, and a value too short, in two groups."""
    rng = np.random.default_rng(seed)
    for number, (label, T, K, stride, at, count, rest, dtype) in enumerate(PAIRS):
        first = next(o for o in range(T, T + stride) if o % stride == at)
        size = first + (count - 1) * stride + K + rest % stride
        given = {"y": _series(rng, size, label, dtype), "T": T, "K": K, "stride": stride, "at": at}
        yield Case(label, given, group="long")
        one = given | {"y": _series(rng, first + K, label, dtype)}
        yield Case(f"a series for one pair, {label}", one, group="short")
        few = first + K - 1 if number % 2 else int(rng.integers(1, first + K - 1))
        short = given | {"y": _series(rng, few, label, dtype)}
        scene = partial(_refused, "a series that is too short", short, first + K)
        yield Case(f"a series that is too short, {label}", scene, group="short")


def _refused(what: str, given: Shown, needed: int, function: Any) -> Shown:
    """Call a function with too little; observe what it raises, whatever the words are."""
    kind = "nothing"
    try:
        function(*given.values())
    except Exception as error:
        if isinstance(error, NotImplementedError) or getattr(error, "ends_the_run", False):
            raise
        kind = next(one.__name__ for one in type(error).__mro__ if one.__module__ == "builtins")
        numbers = {int(text) for text in re.findall(r"-?\d+", str(error))} - {len(given["y"])}
        if isinstance(error, ValueError):
            kind = "ValueError"
    shown: Shown = {f"{what} must raise a ValueError": kind == "ValueError"}
    if kind != "ValueError":
        return shown | {"what it raises": kind}
    says = f"the message of the ValueError must say how much is needed for {what}"
    off = min((number - needed for number in numbers), key=abs, default=None)
    one = "the message of the ValueError must name the number that is needed, not a list of numbers"
    return shown | {
        says: needed in numbers,
        one: len(numbers) <= 8,  # so it may say all that was given
        "how far the number in the message is off": off,
    }


def recursive_forecast(seed: int) -> Iterator[Case]:
    """Yield a model with series and origins that overlap, as three groups.

    A forecast of one lead, what the model reads for several, and the forecast of all of them.
    """
    rng = np.random.default_rng(seed)
    for label, N, T, K, after, dtype in LOOPS:
        apart = rng.permutation([1, *rng.integers(1, 4, max(0, N - 2))])[: N - 1]
        origins = T + int(rng.integers(3)) + np.cumsum([0, *apart])
        y = _series(rng, int(origins[-1]) + after, label, dtype)
        weights = (rng.uniform(0.3, 1.0, T) * rng.choice([-1.0, 1.0], T) / T**0.5).astype(dtype)
        given = weights, y, rng.permutation(origins), T
        if after:  # elsewhere who reads on gets an error, and no test can say what was read
            yield Case(f"K = 1, {label}", partial(_forecast, given, 1), group="one")
            yield Case(label, partial(_reads, given, K), group="reads")
        yield Case(label, partial(_forecast, given, K), group="leads")


Given = tuple[Array, Array, Whole, int]


def _watched(weights: Array) -> tuple[Callable[[Any], Array], list[Array]]:
    """Return a model of one step, a weighted sum, and the list of what it was handed so far."""
    reads: list[Array] = []

    def step(windows: Any) -> Array:
        seen = np.array(windows)
        reads.append(seen)
        if seen.ndim != 2 or not seen.size:
            return np.ones(len(seen) if seen.ndim else 1)
        used = min(
            len(weights), seen.shape[1]
        )  # it answers, so that the test can say what is wrong
        value: Array = 0.4 + seen[:, -used:] @ weights[-used:]
        return value

    return step, reads


def _forecast(given: Given, K: int, function: Any) -> Shown:
    weights, y, origins, T = given
    return {"the forecast": function(_watched(weights)[0], y.copy(), origins.copy(), T, K)}


def _reads(given: Given, K: int, function: Any) -> Shown:
    weights, y, origins, T = given
    step, reads = _watched(weights)
    after = _after(function, step, y.copy(), origins.copy(), T, K)
    kept = all(map(np.array_equal, after[1:3], (y, origins)))
    fits = all(seen.shape == (len(origins), T) for seen in reads)
    shown: Shown = {
        "your function changes the series or the origins: work on a new array": kept,
        "the model must be called once for each lead: K times, for all origins together": (
            len(reads) == K
        ),
        "the model must read windows of shape (N, T) at every lead": fits,
    }
    if fits:
        shown["the windows that the model reads, lead by lead"] = np.array(reads)
    return shown


def _after(function: Any, *arguments: Any) -> tuple[Any, ...]:
    """Return the arguments of a call as they are after it."""
    if hasattr(function, "__proxy__"):
        _, after = function.call_and_return_arguments(*arguments)
        return tuple(after)
    function(*arguments)
    return arguments


def pinball(seed: int) -> Iterator[Case]:
    """Yield values with all readings and with gaps, the groups ``whole`` and ``gaps``."""
    rng = np.random.default_rng(seed)
    for label, shape, Q, mean, spread, dtype in LOSSES:
        y = mean + spread * rng.standard_normal(shape)
        if label == "two axes":
            y[0, 0] = 0.0  # a reading like any other
        q = mean + 0.3 * spread + spread * rng.standard_normal((*shape, Q))
        levels = rng.permutation((np.arange(Q) + rng.uniform(0.15, 0.4, Q)) / Q)
        given = {"y": y.astype(dtype), "q": q.astype(dtype), "levels": levels.astype(dtype)}
        yield Case(label, given, group="whole")
        if y.size > 1:
            missing = given | {"y": _with_gaps(rng, given["y"], 0.35)}
            yield Case(f"missing readings, {label}", missing, group="gaps")


def _with_gaps(rng: np.random.Generator, y: Array, share: float) -> Array:
    """Return values of which some are missing, but not all along the first axis."""
    missing = rng.random(y.shape) < share
    missing[-1] = True
    missing[0] = False
    return np.where(missing, np.asarray(np.nan, y.dtype), y)


def coverage(seed: int) -> Iterator[Case]:
    """Yield bands in which some values lie on an edge; where none is there, the band is wide."""
    rng = np.random.default_rng(seed)
    for label, N, K, share, dtype in BANDS:
        y = rng.integers(60, 200, (N, K)).astype(dtype)
        low = y - rng.integers(-12, 30, (N, K))
        high = np.maximum(y + rng.integers(-12, 30, (N, K)), low + rng.integers(3, 9, (N, K)))
        for k in range(K):  # a value on each edge, or on one where there is one row
            edges = rng.permutation(N)[:2]
            low[edges[0], k] = y[edges[0], k]
            high[edges[0], k] = low[edges[0], k] + rng.integers(5, 20)
            if N > 1:
                high[edges[1], k] = y[edges[1], k]
                low[edges[1], k] = high[edges[1], k] - rng.integers(5, 20)
            elif k % 2:
                high[0, k], low[0, k] = y[0, k], y[0, k] - rng.integers(5, 20)
        if share:
            keep = rng.random((N, K)) >= share
            for k in range(K):
                keep[rng.permutation(N)[: max(2, N // 4)], k] = True
                keep[rng.permutation(np.flatnonzero(keep[:, k]))[0], k] = False
            wide = np.where(keep, 0.0, rng.integers(20, 90, (N, K)))
            y, high = np.where(keep, y, np.nan), high + wide
        given = {"y": y.astype(dtype), "low": low.astype(dtype), "high": high.astype(dtype)}
        yield Case(label, given, group="gaps" if share else "whole")
    yield Case("values of 0 and below, and some just outside", _hardly(rng, 12, 4), group="whole")


def _hardly(rng: np.random.Generator, N: int, K: int) -> Shown:
    """Return a band with a positive value just below and one just above it, for each lead.

    All others lie inside, and among them a 0 and a value below 0.  Who rounds takes only the value
    above for one inside: the one below and its edge lie on two sides of 1.5.  Who rounds nothing
    but the ends takes the value below 0 for one outside.
    """
    y = rng.uniform(-3.0, 3.0, (N, K))
    low, high = y - rng.uniform(0.2, 2.0, (N, K)), y + rng.uniform(0.2, 2.0, (N, K))
    for k in range(K):
        none, negative, below, above = rng.permutation(N)[:4]
        for row, value in ((none, 0.0), (negative, -1.2), (below, 1.49995), (above, 2.3)):
            low[row, k] += value - y[row, k]
            high[row, k] += value - y[row, k]
            y[row, k] = value
        low[negative, k] = -1.45
        low[below, k], high[above, k] = y[below, k] + 1e-4, y[above, k] - 1e-4
    return {"y": y, "low": low, "high": high}


def corrected_band(seed: int) -> Iterator[Case]:
    """Yield rows that are many, just enough, and one too few, in two groups."""
    rng = np.random.default_rng(seed)
    for label, N, new, alpha, reach, spread, dtype in MARGINS:
        yield Case(label, _rows(rng, N, new, alpha, reach, spread, dtype), group="band")
    yield Case("whole numbers, some scores are equal", _whole_numbers(rng), group="band")
    given = _rows(rng, 5, 8, 0.4, 0.8, 1.3, np.float64)
    yield Case("N = 5 and alpha = 0.4", given, group="few")
    for number, (needed, alpha) in enumerate(FEW):
        reach = 8.0 if needed == 1 else 0.8  # so the margin is negative in one case
        given = _rows(rng, needed, needed + 2, alpha, reach, 1.3, np.float64)
        if needed > 1:  # far outside, now on one side and now on the other
            far = given["low"][0] - 5.0 if number % 2 else given["high"][0] + 5.0
            given["y"][0] = far
        yield Case(f"N = {needed} and alpha = {alpha}", given, group="few")
        for few in sorted({needed - 1, (needed + 1) // 2} - {0, needed}):
            short = _rows(rng, few, needed + 2, alpha, reach, 1.3, np.float64)
            scene = partial(_refused, "too few validation rows", short, needed)
            yield Case(f"N = {few} and alpha = {alpha}", scene, group="few")


def _rows(
    rng: np.random.Generator,
    N: int,
    new: int,
    alpha: float,
    reach: float,
    spread: float,
    dtype: type[np.floating],
) -> Shown:
    """Return validation rows whose values lean upwards, and new bands that are wider.

    No margin is below minus half of the widest band, so no two ends of a new one can cross.

    Raises
    ------
    ValueError
        If floats round k to another number than fractions do.
    """
    exact = ceil((N + 1) * (1 - Fraction(str(alpha))))
    if not exact == ceil((N + 1) * (1 - alpha)) == N + 1 - floor((N + 1) * alpha):
        raise ValueError(f"floats miss k for N = {N} and alpha = {alpha}: take others")

    def band(size: int, wider: float) -> tuple[Array, Array, Array]:
        middle = 5.0 * reach + 3.0 * spread * rng.standard_normal(size)
        below, above = wider * reach * rng.uniform(0.5, 1.5, (2, size))
        return middle, middle - below, middle + 1.3 * above

    (middle, low, high), (_, new_low, new_high) = band(N, 1.0), band(new, 4.0)
    y = middle + 0.3 * spread + spread * rng.standard_normal(N)
    arrays = {"y": y, "low": low, "high": high, "new_low": new_low, "new_high": new_high}
    return {name: array.astype(dtype) for name, array in arrays.items()} | {"alpha": alpha}


def _whole_numbers(rng: np.random.Generator) -> Shown:
    """Return readings and bands in whole numbers, whose k-th smallest score is one of several."""
    N, new = 21, 4
    shift = rng.integers(0, 3)
    scores = rng.permutation(np.repeat([-7, -5, -2, 3 + shift, 8 + shift, 12], [4, 3, 5, 6, 2, 1]))
    low = rng.integers(70, 160, N)
    high = low + rng.integers(16, 40, N)
    y = np.where(rng.permutation(N) % 3 > 0, high + scores, low - scores)
    new_low = rng.integers(80, 150, new)
    arrays = {
        "y": y,
        "low": low,
        "high": high,
        "new_low": new_low,
        "new_high": new_low + rng.integers(30, 60, new),
    }
    return {name: array.astype(float) for name, array in arrays.items()} | {"alpha": 0.25}
