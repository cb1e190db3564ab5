"""Checks of answers about series: windows, forecasts of many steps, bands and their measures."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import mean_absolute_error, mean_pinball_loss
from statsmodels.tsa.statespace.tools import diff

from tests.assignments.answers.table import Draw, checks, close


def gappy(draw: Draw, size: int, share: float = 0.25) -> Any:
    """Return numbers of which some are missing, the first of them never."""
    missing = draw.rng.random(size) < share
    missing[0] = False
    return np.where(missing, np.nan, draw.array(size))


@checks("multi_step.whole_windows")
def whole_windows(answer: Any, draw: Draw) -> None:
    for width, size in ((draw.D, 30), (draw.T, 25), (draw.N + 2, draw.N + 1), (1, 12)):
        series = gappy(draw, size)
        counts = pd.Series(series).rolling(width).count()  # at the last step of each window
        right = [last - width + 1 for last in range(width - 1, size) if counts[last] == width]
        starts, windows = answer(series, width)
        assert starts.tolist() == right
        assert starts.dtype.kind == "i"
        assert windows.shape == (len(right), width)
        for start, window in zip(right, windows, strict=True):
            close(window, series[start : start + width], 0)
    series = draw.array(9)
    starts, windows = answer(series, 9)
    assert starts.tolist() == [0]
    close(windows, series[None], 0)
    for size in (0, 1, 6):
        starts, windows = answer(np.full(size, np.nan), 2)
        assert starts.shape == (0,)
        assert windows.shape == (0, 2)


@checks("multi_step.direct_targets")
def direct_targets(answer: Any, draw: Draw) -> None:
    T, K, stride = draw.T, draw.D, draw.H + 1
    for at in range(stride):
        enough = None
        for size in range(1, T + K + 3 * stride):
            y = draw.array(size)
            pairs = [
                (y[o - T : o], y[o : o + K])
                for o in range(size)
                if o % stride == at and o - T >= 0 and o + K <= size
            ]
            if not pairs:
                with pytest.raises(ValueError, match=r"\d"):
                    answer(y, T, K, stride, at)
                continue
            if enough is None:
                enough = size
            inputs, targets = answer(y, T, K, stride, at)
            close(inputs, np.array([pair[0] for pair in pairs]), 0)
            close(targets, np.array([pair[1] for pair in pairs]), 0)
        with pytest.raises(ValueError, match=rf"\b{enough}\b"):
            answer(draw.array(1), T, K, stride, at)


@checks("multi_step.recursive_forecast")
def recursive_forecast(answer: Any, draw: Draw) -> None:
    N, T, K = draw.N, draw.T, draw.D
    weights, y = draw.array(T) / T, draw.array(T + 2 * N + K)
    origins = T + draw.rng.permutation(2 * N)[:N]
    moved = np.eye(T, k=1)  # the window, a step later
    moved[-1] = weights
    state = np.stack([y[o - T : o] for o in origins])
    reads: list[Any] = []

    def step(windows: Any) -> Any:
        reads.append(windows.copy())
        return windows @ weights

    found = answer(step, y, origins, T, K)
    assert found.shape == (N, K)
    assert len(reads) == K
    for k in range(K):
        power = np.linalg.matrix_power(moved, k)
        close(reads[k], state @ power.T)
        close(found[:, k], state @ (moved @ power)[-1])
    for n, o in enumerate(origins):  # nothing from the origin on is read
        spoiled = np.where(np.arange(len(y)) < o, y, np.nan)
        close(answer(step, spoiled, origins[n : n + 1], T, K), found[n : n + 1])
        close(answer(step, y[:o], origins[n : n + 1], T, K), found[n : n + 1])


@checks("multi_step.pinball")
def pinball(answer: Any, draw: Draw) -> None:
    for shape in ((draw.N + 1,), (draw.N, draw.T), (draw.D, draw.N, draw.H)):
        y, levels = draw.array(*shape), draw.gate(draw.D)
        q = draw.array(*shape, draw.D)
        for share in (0.0, 0.4):
            there = draw.rng.random(shape) >= share
            there.flat[0] = True
            found = answer(np.where(there, y, np.nan), q, levels)
            right = [
                mean_pinball_loss(y[there], q[..., k][there], alpha=level)
                for k, level in enumerate(levels)
            ]
            close(found, np.array(right))


@checks("multi_step.coverage")
def band_coverage(answer: Any, draw: Draw) -> None:
    shape = 4 * draw.N, draw.D
    y = draw.rng.integers(0, 9, shape).astype(float)
    low = draw.rng.integers(0, 7, shape).astype(float)
    high = low + draw.rng.integers(0, 4, shape)
    y[draw.rng.random(shape) < 0.3] = np.nan
    y[0] = low[0]
    share, width = answer(y, low, high)
    for k in range(draw.D):
        frame = pd.DataFrame({"y": y[:, k], "low": low[:, k], "high": high[:, k]}).dropna()
        close(share[k], frame["y"].between(frame["low"], frame["high"]).mean())
        close(width[k], (frame["high"] - frame["low"]).mean())
    assert share.shape == width.shape == (draw.D,)


@checks("multi_step.corrected_band")
def corrected_band(answer: Any, draw: Draw) -> None:
    for percent in (5, 10, 20, 25, 37, 50):
        alpha = Fraction(percent, 100)
        # How many of N values must lie inside; a new one has N + 1 places among them.
        wanted = {N: -((N + 1) * (alpha - 1) // 1) for N in range(1, 60)}
        needed = next(N for N, k in wanted.items() if k <= N)
        for N in (1, needed - 1, needed, needed + draw.N, 50 - draw.N):
            if N < 1:
                continue
            y, middle = draw.array(2, N)
            low, high = middle - draw.gate(N), middle + draw.gate(N)
            new_low, new_high = draw.array(2, draw.T)
            given = y, low, high, new_low, new_high, percent / 100
            if wanted[N] > N:
                with pytest.raises(ValueError, match=rf"\b{needed}\b"):
                    answer(*given)
                continue
            lower, upper = answer(*given)
            margin = float(upper[0] - new_high[0])
            close(lower, new_low - margin)
            close(upper, new_high + margin)
            inside = [
                np.sum((low - wider <= y) & (y <= high + wider))
                for wider in (margin + 1e-9, margin - 1e-9)
            ]
            assert inside[0] == wanted[N] > inside[1]  # the narrowest that holds enough
            whole = [np.round(4 * one) for one in given[:3]]  # where some scores are equal
            low, high = whole[1], np.maximum(whole[1], whole[2])
            margin = float(answer(whole[0], low, high, *given[3:])[1][0] - new_high[0])
            inside = [
                np.sum((low - wider <= whole[0]) & (whole[0] <= high + wider))
                for wider in (margin + 1e-9, margin - 1e-9)
            ]
            assert inside[0] >= wanted[N] > inside[1]


def refused(words: str, function: Any, *arguments: Any) -> None:
    """Check that a call raises ValueError with these words.

    What `pytest.raises` raises is no Exception, and so goes past who looks for mistakes.
    """
    said = "nothing"
    try:
        function(*arguments)
    except ValueError as error:
        said = str(error)
    assert words in said


def positive(draw: Draw, size: int) -> Any:
    """Return positive numbers that grow, some of them below one."""
    return np.exp(0.1 * np.arange(size) - 0.5 + 0.4 * draw.array(size))


@checks("forecasting_baselines.windows")
def windows_of_panels(answer: Any, draw: Draw) -> None:
    for width in (1, draw.T, draw.H):
        lengths = [draw.D + 2, width, draw.N, width + 1, 0, width + draw.H]
        for some in (
            lengths,
            lengths[::-1],
            [width + draw.T],
            [draw.N + width] * 3,
            [width, 0],
            [],
        ):
            series = [draw.array(length) for length in some]
            rows = pd.DataFrame(
                [(number, y) for number, one in enumerate(series) for y in one],
                columns=["series", "y"],
                dtype=float,
            )
            ahead = rows.groupby("series")["y"]
            whole = pd.DataFrame({k: ahead.shift(-k) for k in range(width + 1)}).dropna()
            x, target = answer(series, width)
            close(x, whole.to_numpy(float)[:, :width], 0)
            close(target, whole.to_numpy(float)[:, width], 0)


@checks("forecasting_baselines.seasonal_naive")
def seasonal_naive(answer: Any, draw: Draw) -> None:
    for period in (1, draw.N + 1, draw.D + 2):
        for size in (period + 1, period + draw.T, 3 * period + draw.H):
            for steps in (1, period, period + 1, 2 * period + draw.N):
                y = draw.array(size)
                change = pd.Series(y).diff(period).mean()
                for drift, more in ((False, 0.0), (True, change)):
                    values = list(y)  # each is that of a period before, and perhaps more
                    for _ in range(steps):
                        values.append(values[-period] + more)
                    close(answer(y, period, steps, drift), np.array(values[size:]))
                close(answer(y, period, steps), answer(y, period, steps, False), 0)
                season = np.resize(draw.array(period), size + steps)
                line = draw.array() * np.arange(size + steps) + season
                close(answer(line[:size], period, steps, True), line[size:], 1e-11)


def cumulated(first: Any, changes: Any, period: int) -> Any:
    """Return the series that begins with a period and has these changes from there on."""
    values = list(first)
    for change in changes:
        values.append(values[-period] + change)
    return np.array(values)


@checks("forecasting_baselines.mase")
def mase(answer: Any, draw: Draw) -> None:
    for period in (1, draw.N + 1, draw.D):
        for shape in ((draw.T,), (draw.N, draw.H)):
            for size in (period + 1, 2 * period + draw.T):
                known, actual, forecast = draw.array(size), draw.array(*shape), draw.array(*shape)
                scale = pd.Series(known).diff(period).abs().mean()
                error = mean_absolute_error(actual.ravel(), forecast.ravel())
                for unit in (1.0, 1e-9, 1e9):
                    found = answer(unit * actual, unit * forecast, unit * known, period)
                    close(found, float(error / scale), 1e-10)
        # Some values that repeat, or changes that cancel, are no reason to refuse.
        for some in (slice(1), slice(period), slice(-1, None), slice(-period, None)):
            known = draw.array(4 * period + 2)
            changes = pd.Series(known).diff(period).to_numpy()[period:].copy()
            changes[some] = 0.0
            known = cumulated(known[:period], changes, period)
            right = error / np.abs(changes).mean()
            close(answer(actual, forecast, known, period), float(right), 1e-10)
        known = 3.0 + np.resize(np.repeat([0.0, 0.5, 0.0], period), 3 * period)
        close(answer(actual, forecast, known, period), float(error / 0.5), 1e-10)
        # The rule's own forecasts of the training part have a MASE of one, by definition.
        close(answer(known[period:], known[:-period], known, period), 1.0)
        for size in range(period + 1):
            refused("too short", answer, actual, forecast, draw.array(size), period)
        for size in (period + 1, 3 * period + 1):
            known = np.resize(draw.array(period), size)
            refused("zero", answer, actual, forecast, known, period)


@checks("forecasting_baselines.log_difference")
def log_difference(answer: Any, draw: Draw) -> None:
    for period in (1, draw.N + 1, draw.D):
        for size in (period + 2, 2 * period + draw.T + 1):
            y = positive(draw, size)
            once = diff(np.log(y), k_diff=0, k_seasonal_diff=1, seasonal_periods=period)
            twice = diff(np.log(y), k_diff=1, k_seasonal_diff=1, seasonal_periods=period)
            close(answer(y, period), once)
            close(answer(y, period, False), once)
            close(answer(y, period, True), twice)
            for bad in (0.0, -y[0]):
                for place in range(size):
                    spoiled = np.where(np.arange(size) == place, bad, y)
                    for double in (False, True):
                        refused("positive", answer, spoiled, period, double)


@checks("forecasting_baselines.undo")
def undo(answer: Any, draw: Draw) -> None:
    for double in (False, True):
        for period in (1, draw.N + 1, draw.D + 1):
            for origin in (period + double, 2 * period + draw.T):
                for steps in (1, period, 2 * period + draw.H):
                    y, news = positive(draw, origin + steps), 0.3 * draw.array(steps)
                    forecast = answer(news, y, origin, period, double)
                    whole = np.log(np.concatenate([y[:origin], forecast]))
                    again = diff(whole, int(double), 1, seasonal_periods=period)[-steps:]
                    close(again, news, 1e-11)  # what was new is new again
                    true = diff(np.log(y), int(double), 1, seasonal_periods=period)[-steps:]
                    close(answer(true, y, origin, period, double), y[origin:], 1e-10)
                    unknown = np.where(np.arange(len(y)) < origin, y, np.nan)
                    for other in (unknown, y[:origin]):
                        close(answer(news, other, origin, period, double), forecast, 0)
        close(answer(news, y, origin, period), answer(news, y, origin, period, False), 0)


@checks("forecasting_baselines.walk_forward")
def walk_forward(answer: Any, draw: Draw) -> None:
    steps, first = draw.T, draw.H
    size = first + steps + draw.D
    for origins in ([first], sorted({first, first + 1, size - 2, size - 1, size})):
        y, pasts = draw.array(size), []
        kept = draw.array(steps)
        before = kept.copy()
        answer(y, np.array(origins), steps, lambda past, asked, kept=kept: kept)
        close(kept, before, 0)  # a rule may return the same array again

        def forecast(past: Any, asked: int, pasts: Any = pasts) -> Any:
            assert asked == steps
            pasts.append(past.copy())
            level = past.mean()
            past[:] = np.nan  # nobody must be hurt
            return level + np.arange(asked)

        errors, by_lead = answer(y, np.array(origins), steps, forecast)
        assert [len(past) for past in pasts] == origins
        right = pd.DataFrame(index=range(len(origins)), columns=range(steps), dtype=float)
        for row, o in enumerate(origins):
            close(pasts[row], y[:o], 0)
            for k in range(steps):
                if o + k < size:
                    right.loc[row, k] = y[o + k] - (np.mean(y[:o]) + k)
        close(errors, right.to_numpy())
        close(by_lead, right.abs().mean().to_numpy())
