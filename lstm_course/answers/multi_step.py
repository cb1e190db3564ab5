"""The answers to ``multi_step``, as later questions and hidden tests use them.

Made from solutions/multi_step/multi_step.py by `make exercises`: edit that file, not this one.
"""

import numpy as np


def whole_windows(series, width):
    """Cut the windows in which no reading is missing.

    Parameters
    ----------
    series : array with one axis, floats
        Readings on an even clock; ``nan`` where one is missing.
    width : int
        Steps of a window, at least 1.

    Returns
    -------
    starts : array (N,), whole numbers
        The first step of each window, in rising order.
    windows : array (N, width), floats

    Hint: a column of starts plus a row of steps is a table of all steps of all windows.
    """
    steps = np.arange(len(series) - width + 1)[:, None] + np.arange(width)  # of all windows
    whole = ~np.isnan(series[steps]).any(axis=1)
    return np.flatnonzero(whole), series[steps[whole]]


def direct_targets(y, T, K, stride, at):
    """Cut inputs and targets of direct forecasts out of a series.

    Parameters
    ----------
    y : array with one axis, floats
    T, K : int
        Steps that are read, and leads; both at least 1.
    stride : int
        Steps from one origin to the next, at least 1.
    at : int
        What ``o % stride`` is for every origin, from 0 to ``stride - 1``.

    Returns
    -------
    inputs, targets : arrays (N, T), (N, K), floats

    Raises
    ------
    ValueError
        If the series is too short; the message says how many values it must have.

    Hint: find the first origin, then ``np.arange``; in Python ``-2 % 5`` is 3.
    """
    first = T + (at - T) % stride
    if len(y) < first + K:
        raise ValueError(f"y is too short: give at least {first + K} values")
    origins = np.arange(first, len(y) - K + 1, stride)[:, None]  # (N, 1)
    return y[origins + np.arange(-T, 0)], y[origins + np.arange(K)]


def recursive_forecast(step, y, origins, T, K):
    """Forecast K steps with a model of one step.

    Parameters
    ----------
    step : callable
        Maps windows (N, T), the newest value last, to their next values (N,).
    y : array with one axis, floats
        The series; all origins have at least ``T`` values before them.
    origins : array (N,), whole numbers
        The first step to forecast, in any order.
    T, K : int
        Steps that the model reads, and leads; both at least 1.

    Returns
    -------
    forecast : array (N, K), floats

    Hint: ``np.column_stack`` puts a column beside a matrix.
    """
    windows, said = y[origins[:, None] + np.arange(-T, 0)], []  # (N, T)
    for _ in range(K):
        said.append(step(windows))
        windows = np.column_stack([windows[:, 1:], said[-1]])
    return np.stack(said, axis=1)


def pinball(y, q, levels):
    """Compute the mean pinball loss of each level.

    Parameters
    ----------
    y : array (...), floats
        Values; ``nan`` where a reading is missing, but one at least is there.
    q : array (..., Q)
        Forecast quantiles; none is missing.
    levels : array (Q,)
        Between 0 and 1, in any order.

    Returns
    -------
    loss : array (Q,), floats

    Hint: ``off[there]`` with a mask ``there`` is a plain list of rows, whatever axes there were.
    """
    there = ~np.isnan(y)
    off = y[there][:, None] - q[there]  # a row for each reading, a column for each level
    return np.maximum(levels * off, (levels - 1) * off).mean(axis=0)


def coverage(y, low, high):
    """Compute the share of values inside a band and its mean width, a lead each.

    Parameters
    ----------
    y : array (N, K), floats
        Values; ``nan`` where a reading is missing, but each lead has at least one.
    low, high : arrays (N, K)
        The ends of the band; none is missing, and ``low`` is not above ``high``.

    Returns
    -------
    share, width : arrays (K,), floats

    Hint: count the readings of each lead first.
    """
    there = ~np.isnan(y)
    inside = (low <= y) & (y <= high)
    count = there.sum(axis=0)  # (K,)
    return inside.sum(axis=0) / count, ((high - low) * there).sum(axis=0) / count


def corrected_band(y, low, high, new_low, new_high, alpha):
    """Move the ends of new bands by a margin that was found on validation rows.

    Parameters
    ----------
    y, low, high : arrays (N,), floats
        Values of the validation rows and the bands forecast for them; nothing is missing.
    new_low, new_high : arrays of one axis, both as long
        The bands to put right, so wide that their ends do not cross.
    alpha : float
        The share of new values that may lie outside, between 0 and 1.

    Returns
    -------
    new_low, new_high : new arrays of the same shape, floats

    Raises
    ------
    ValueError
        If there are too few validation rows; the message says how many are needed.

    Hint: the smallest of some sorted numbers has the index 0.
    """
    k = int(np.ceil((len(y) + 1) * (1 - alpha)))
    if k > len(y):
        needed = int(np.ceil(1 / alpha)) - 1
        raise ValueError(f"too few validation rows: give at least {needed}")
    margin = np.sort(np.maximum(low - y, y - high))[k - 1]
    return new_low - margin, new_high + margin
