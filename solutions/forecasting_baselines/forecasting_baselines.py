# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Rules to beat, and what is new
#
# In this assignment you write what stands around a forecast: windows, the seasonal naive rule, a measure without a unit, a representation with its way back, and an evaluation that cannot look ahead.
# It goes with the chapter *Predict what is new*; the page describes the last question too, but no page prints its code.
#
# There are six questions and **13 points**.
# Plan 80 minutes.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import forecasting_baselines as reference
from lstm_course.answers import forecasting_baselines_cases as cases
from lstm_course.answers import forecasting_baselines_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Code | Meaning |
# |---|---|---|
# | $y_1, \dots, y_T$ | `y` `(T,)` | a series; $y_1$ is `y[0]`, and $y_T$ is `y[-1]` |
# | $\tau$ | `period` | its period, in steps: 12 for months, 7 for days |
# | $k$ | 1 to `steps` | the lead: how far ahead a forecast lies |
# | $\hat y_{T+k}$ | entry `k - 1` | forecast for lead $k$, made when $y_T$ is the last known value |
# | $o$ | `origin` | a point in time: $y_1, \dots, y_o$ are known, and so `y[:origin]` |
#
# A slice that is easily off by one: `y[period:]` and `y[:-period]` have the same length, and the same place in both is a period apart.

# %% [markdown]
# ## Question 1: windows that never straddle (2 points)
#
# Read: Predict what is new, section *Five hundred sequences*.
#
# A network reads `width` values in a row and predicts the next one.
# Cut all such windows out of *several* series, which may differ in length.
# A window with its next value lies within one series: where one series ends and another begins, nothing is cut.
#
# A series of length $T$ gives $T$ minus `width` windows, and none where it is too short.
# The page's own function stops with an error where *no* series is long enough.
# Yours does not: it returns `x` of shape `(0, width)` and `target` of shape `(0,)`, also where the list is empty.
#
# What to expect: the series `np.array([1., 2., 3., 4.])`, `np.array([9.])` and `np.array([5., 6., 7.])` give, with `width=2`, the windows `[1, 2]`, `[2, 3]` and `[5, 6]`, and the next values 3, 4 and 7.


# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_windows", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    pairs = [(s[t - width : t], s[t]) for s in series for t in range(width, len(s))]
    x = np.array([window for window, _ in pairs]).reshape(-1, width)
    return x, np.array([target for _, target in pairs])
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecasting_baselines_windows_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("windows")


def test_windows(cases):
    yours = attempt(windows, reference.windows, cases, known.windows, gives=["x", "target"])
    with parts.part("series that are long enough", 1):
        yours.check(group="long")
    with parts.part("series that are too short", 1):
        yours.check(group="short")


test_windows(cases.windows(VISIBLE))

### BEGIN HIDDEN TESTS
test_windows(cases.windows(question_seed("windows")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 2: the seasonal naive rule, and its drift (2 points)
#
# Read: Predict what is new, section *Rules that need no training*.
#
# The rule says: as it was a period ago.
# For a lead beyond one period it goes back as many whole periods as it takes, $j$ of them:
#
# $$\hat y_{T+k} = y_{T+k-j\tau} \qquad\text{with}\qquad j = \lceil k / \tau \rceil$$
#
# So $j$ is 1 for the leads 1 to $\tau$, 2 for the next $\tau$ leads, and so on.
# With the drift, each period that it goes back adds the mean change over a period, $d$:
#
# $$\hat y_{T+k} = y_{T+k-j\tau} + j\, d \qquad\text{with}\qquad d = \frac{1}{T - \tau} \sum_{t=\tau+1}^{T} (y_t - y_{t-\tau})$$
#
# This is not the drift of the page's first equation, which is a line through the first and the last value.
# The page forecasts one month ahead, where $j = 1$.
# `y` is always longer than a period; its length need not be a multiple of it.
#
# What to expect: `y = np.array([1., 2., 3., 5.])` with a period of 2 goes on as 3, 5, 3, 5, 3; here $d = 2.5$, and with the drift it goes on as 5.5, 7.5, 8, 10, 10.5.


# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_seasonal_naive", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    k = np.arange(1, steps + 1)
    j = -(-k // period)  # whole periods to go back
    forecast = y[len(y) - 1 + k - j * period]
    if drift:
        forecast = forecast + j * np.mean(y[period:] - y[:-period])
    return forecast
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecasting_baselines_seasonal_naive_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("seasonal_naive")


def test_seasonal_naive(cases):
    yours = attempt(
        seasonal_naive,
        reference.seasonal_naive,
        cases,
        known.seasonal_naive,
        gives=["forecast"],
    )
    with parts.part("the seasonal naive rule", 1):
        yours.check(group="naive")
    with parts.part("the drift", 1):
        yours.check(group="drift")


test_seasonal_naive(cases.seasonal_naive(VISIBLE))

### BEGIN HIDDEN TESTS
test_seasonal_naive(cases.seasonal_naive(question_seed("seasonal_naive")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: a measure without a unit (2 points)
#
# Read: Predict what is new, section *Rules that need no training*.
#
# $$\text{MASE} = \frac{\text{mean } |y - \hat y| \text{ over the forecasts}}{\dfrac{1}{T - \tau} \displaystyle\sum_{t=\tau+1}^{T} |y_t - y_{t-\tau}|}$$
#
# The denominator is made of the training part alone, which is `known` $= y_1, \dots, y_T$.
# What is compared may have one axis or several: a row for each origin, say.
#
# Two cases have no answer; there, raise a `ValueError`, each with a message of its own that says what is wrong:
#
# - `known` has no more values than a period, so that no value has a partner: the message contains `too short`;
# - each value of `known` equals the one a period before, so that the denominator is zero: the message contains `zero`.
#
# Some equal values, changes that cancel, or a small denominator are no reason for an error.
#
# What to expect: with `known = np.array([3., 8., 4., 10., 7., 11.])` and a period of 2 the denominator is 1.75; forecasts that are wrong by 1.4 and by $-0.7$ have a MASE of 0.6.


# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_mase", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    if len(known) <= period:
        raise ValueError(f"known is too short: give it more values than a period, {period}")
    scale = np.abs(known[period:] - known[:-period]).mean()
    if scale == 0:
        raise ValueError("the scale is zero, since known repeats itself: take another period")
    return float(np.abs(actual - forecast).mean() / scale)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecasting_baselines_mase_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("mase")


def test_mase(cases):
    yours = attempt(mase, reference.mase, cases, known.mase, gives=["the MASE"])
    with parts.part("the scaled error", 1):
        yours.check(group="scaled")
    with parts.part("where there is no answer", 1):
        yours.check(group="refused")


test_mase(cases.mase(VISIBLE))

### BEGIN HIDDEN TESTS
test_mase(cases.mase(question_seed("mase")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: what is new (2 points)
#
# Read: Predict what is new, section *The same network, and what is new*.
#
# The seasonal difference of the logarithm, for $t = \tau + 1, \dots, T$, is
#
# $$\Delta_\tau \log y_t = \log y_t - \log y_{t-\tau}$$
#
# and the double difference, for $t = \tau + 2, \dots, T$, is the change of that from one step to the next, $\Delta \Delta_\tau \log y_t$.
# On the page the months without an answer hold nan; here they are left out.
#
# Only positive numbers have a logarithm.
# If any value of `y` is zero or negative, raise a `ValueError` whose message contains `positive`.
#
# What to expect: `y = np.array([2., 3., 4., 9.])` with a period of 2 gives $\log 2$ and $\log 3$, that is 0.693 and 1.099, and their double difference is 0.405.


# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_log_difference", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    if np.any(y <= 0):
        raise ValueError("all values must be positive: zero and negatives have no logarithm")
    logs = np.log(y)
    news = logs[period:] - logs[:-period]
    return np.diff(news) if double else news
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecasting_baselines_log_difference_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("log_difference")


def test_log_difference(cases):
    yours = attempt(
        log_difference, reference.log_difference, cases, known.log_difference, gives=["news"]
    )
    with parts.part("the seasonal difference, of positive numbers only", 1):
        yours.check(group="seasonal")
        yours.check(group="refused")
    with parts.part("the double difference", 1):
        yours.check(group="double")


test_log_difference(cases.log_difference(VISIBLE))

### BEGIN HIDDEN TESTS
test_log_difference(cases.log_difference(question_seed("log_difference")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: the way back (3 points)
#
# Read: Predict what is new, sections *The same network, and what is new* and *Check it*.
#
# A network has predicted what is new at the next steps after an origin $o$: `news[k - 1]` for the lead $k$.
# Bring it back to the series.
# For the seasonal difference,
#
# $$\log \hat y_{o+k} = \text{news}_k + \log \hat y_{o+k-\tau}$$
#
# and for the double difference
#
# $$\log \hat y_{o+k} = \text{news}_k + \log \hat y_{o+k-\tau} + \log \hat y_{o+k-1} - \log \hat y_{o+k-1-\tau}$$
#
# where $\hat y_t$ is the known $y_t$ up to the origin, and your own forecast after it: beyond one period, forecasts feed on forecasts.
#
# `y` may go on after the origin, as it does while a method is tested.
# At the origin nobody knows these values, so do not read them; in some tests they are nan, or not there at all: so do not write into a copy of `y`.
#
# What to expect: if `y` begins with 2 and 3, the period is 2 and the origin is 2, then news of $\log 2$, $\log 3$, 0 and 0 give 4, 9, 4 and 9.
# The true news give the true series, and seasonal news of zero give the seasonal naive forecast.


# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_undo", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    logs = list(np.log(y[:origin]))
    for new in news:
        rule = logs[-period]
        if double:
            rule = rule + logs[-1] - logs[-period - 1]
        logs.append(rule + new)
    return np.exp(np.array(logs[origin:]))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecasting_baselines_undo_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts("undo")


def test_undo(cases):
    yours = attempt(undo, reference.undo, cases, known.undo, gives=["forecast"])
    with parts.part("up to one period ahead", 1):
        yours.check(group="near")
    with parts.part("further ahead than one period", 1):
        yours.check(group="far")
    with parts.part("double differences", 1):
        yours.check(group="double")


test_undo(cases.undo(VISIBLE))

### BEGIN HIDDEN TESTS
test_undo(cases.undo(question_seed("undo")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: walk forward (2 points)
#
# Read: Predict what is new, section *Many short series*.
#
# No page prints this answer.
# Here a rule is tried at several origins, each time with what was known then.
#
# The rule is a function: `forecast(past, steps)` returns an array of `steps` forecasts, for the leads 1 to `steps`.
# At each origin $o$, in the order given, ask it once:
#
# - hand it $y_1, \dots, y_o$ and nothing else, so that it cannot look ahead;
# - hand it an array of its own for each origin, since some rules work in place, and neither `y` nor the next origin may suffer from that;
# - leave the array that it returns as it is, since some rules keep it and return it again;
# - ask for all `steps`, even where fewer are known afterwards: whoever asks for fewer tells the rule where the series ends.
#
# The error of lead $k$ is $y_{o+k} - \hat y_{o+k}$; where the series ends before $o + k$, it is nan.
# An origin at the very end of the series has a row of nan.
# For each lead, also return the mean of the absolute errors, over the origins at which that lead is known.
# At the first origin every lead is known, so there is always one.
#
# What to expect: `y = np.array([1., 2., 4., 8., 16.])`, the origins 2 and 4, two steps, and a rule that repeats the last value, give the errors `[[2, 6], [8, nan]]` and, by lead, `[5, 6]`.


# %% nbgrader={"grade": false, "grade_id": "forecasting_baselines_walk_forward", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    errors = np.full((len(origins), steps), np.nan)
    for row, o in zip(errors, origins, strict=True):
        actual = y[o : o + steps]
        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]
    return errors, np.nanmean(np.abs(errors), axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "forecasting_baselines_walk_forward_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("walk_forward")


def test_walk_forward(cases):
    yours = attempt(walk_forward, reference.walk_forward, cases, known.walk_forward)
    with parts.part("what the rule is handed, and what it keeps", 1):
        yours.check(group="handed")
    with parts.part("the errors", 1):
        yours.check(group="errors")


test_walk_forward(cases.walk_forward(VISIBLE))

### BEGIN HIDDEN TESTS
test_walk_forward(cases.walk_forward(question_seed("walk_forward")))
### END HIDDEN TESTS

parts.score()
