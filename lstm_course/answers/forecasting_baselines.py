"""The answers to ``forecasting_baselines``, as later questions and hidden tests use them.

Made from solutions/forecasting_baselines/forecasting_baselines.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def windows(series, width):
    """Cut all windows out of several series, and the next value of each window.

    Parameters
    ----------
    series : list of arrays (T,), floats
        Each has a length T of its own.
    width : int

    Returns
    -------
    x, target : arrays (N, width), (N,), floats
        In the order of the series, and in each series from its beginning to its end.

    Hint: two loops are fine; ``np.zeros(0).reshape(-1, 3)`` has the shape (0, 3).
    """
    pairs = [(s[t - width : t], s[t]) for s in series for t in range(width, len(s))]
    x = np.array([window for window, _ in pairs]).reshape(-1, width)
    return x, np.array([target for _, target in pairs])


def seasonal_naive(y, period, steps, drift=False):
    """Forecast by the value a whole number of periods before.

    Parameters
    ----------
    y : array (T,), floats
        The known values; T is larger than ``period``.
    period, steps : ints
        ``steps`` may be larger than ``period``.
    drift : bool
        Whether to add the mean change over a period, once for each period gone back.

    Returns
    -------
    forecast : array (steps,), floats

    Hint: ``-(-k // period)`` rounds k / period up, for an array ``k`` too.
    """
    k = np.arange(1, steps + 1)
    j = -(-k // period)  # whole periods to go back
    forecast = y[len(y) - 1 + k - j * period]
    if drift:
        forecast = forecast + j * np.mean(y[period:] - y[:-period])
    return forecast


def mase(actual, forecast, known, period):
    """Compute the mean absolute scaled error.

    Parameters
    ----------
    actual, forecast : arrays of one axis or several, the same shape for both, floats
    known : array (T,), floats
        The training part.
    period : int

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If ``known`` is too short, or the denominator is zero.

    Hint: look at the length first; the mean of no numbers is nan.
    """
    if len(known) <= period:
        raise ValueError(f"known is too short: give it more values than a period, {period}")
    scale = np.abs(known[period:] - known[:-period]).mean()
    if scale == 0:
        raise ValueError("the scale is zero, since known repeats itself: take another period")
    return float(np.abs(actual - forecast).mean() / scale)


def log_difference(y, period, double=False):
    """Compute the seasonal difference of the logarithms of a series, or the double difference.

    Parameters
    ----------
    y : array (T,), floats
        Long enough for at least one result.
    period : int
    double : bool
        Whether to take the difference of neighbours afterwards.

    Returns
    -------
    news : array (T - period,), or (T - period - 1,) if ``double``, floats

    Raises
    ------
    ValueError
        If a value of ``y`` is not positive.

    Hint: ``np.diff`` takes the difference of neighbours.
    """
    if np.any(y <= 0):
        raise ValueError("all values must be positive: zero and negatives have no logarithm")
    logs = np.log(y)
    news = logs[period:] - logs[:-period]
    return np.diff(news) if double else news


def undo(news, y, origin, period, double=False):
    """Turn predicted differences of logarithms into forecasts of the series.

    Parameters
    ----------
    news : array (steps,), floats
        Predicted for the steps after the origin; there may be more of them than a period has.
    y : array (T,), floats
        Positive; ``y[:origin]`` is known.
    origin, period : ints
        The origin is at least ``period``, and at least ``period + 1`` if ``double``.
    double : bool
        Whether the news are double differences.

    Returns
    -------
    forecast : array (steps,), floats

    Hint: let a list of logarithms grow by one value a step.
    """
    logs = list(np.log(y[:origin]))
    for new in news:
        rule = logs[-period]
        if double:
            rule = rule + logs[-1] - logs[-period - 1]
        logs.append(rule + new)
    return np.exp(np.array(logs[origin:]))


def walk_forward(y, origins, steps, forecast):
    """Evaluate a rule at several origins, with what is known at each of them.

    Parameters
    ----------
    y : array (T,), floats
    origins : whole numbers (O,)
        Each from 1 to T, rising.
    steps : int
    forecast : callable
        ``forecast(past, steps)`` returns an array (steps,).

    Returns
    -------
    errors, by_lead : arrays (O, steps), (steps,), floats

    Hint: ``y[o : o + steps]`` is shorter where the series ends; ``np.nanmean`` leaves nan out.
    """
    errors = np.full((len(origins), steps), np.nan)
    for row, o in zip(errors, origins, strict=True):
        actual = y[o : o + steps]
        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]
    return errors, np.nanmean(np.abs(errors), axis=0)
