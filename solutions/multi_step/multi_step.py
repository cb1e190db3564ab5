# ---
# jupyter:
#   # ruff: noqa: F811
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
# # Many steps ahead
#
# In this assignment you write what stands around a forecast of many steps in NumPy: windows that bridge no gap, targets for all leads at once, the loop that feeds on its own outputs, and the loss and the coverage of a band.
# It goes with two chapters.
# Questions 1, 4 and 5 need *Glucose*, questions 2 and 3 need *Day ahead*; only the last question is answered on no page.
#
# There are six questions and **13 points**.
# Plan 90 minutes, 30 of them for questions 2 and 3.
# Everything runs offline, in a few seconds.
#
# <!-- how to work -->
#
# <!-- the questions -->

# %% nbgrader={"grade": false, "grade_id": "multi_step_setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

from lstm_course.answers import multi_step as reference
from lstm_course.answers import multi_step_cases as cases
from lstm_course.answers import multi_step_mistakes as known
from nbjudge.checks.attempts import attempt
from nbjudge.checks.parts import Parts
from nbjudge.checks.seeds import VISIBLE, question_seed

# %% [markdown]
# ## Notation
#
# | Symbol | Shape | Meaning |
# |---|---|---|
# | `series`, `y` | one axis | a series on an even clock, from the oldest value to the newest |
# | `T`, `K` | | how many steps a model reads, and how many leads it forecasts |
# | `origins` | `(N,)`, whole numbers | the first step to forecast: a forecast with origin $o$ reads the steps $o - T$ to $o - 1$ and speaks of $o$ to $o + K - 1$ |
# | `q`, `levels` | `(..., Q)`, `(Q,)` | forecast quantiles, and the level $p$ of each |
# | `low`, `high` | that of `y` | the two ends of a band |
#
# A reading that is missing is `nan`.
# Mind what NumPy does with it: a sum with a `nan` in it is `nan`, and every comparison with one is false, `nan == nan` too.

# %% [markdown]
# ## Question 1: windows without gaps (2 points)
#
# Read: Glucose, sections *Split by time* and *Gaps*.
#
# Cut all windows of `width` neighbouring steps out of a series, and keep those in which nothing is missing.
# No window may bridge a gap, and no whole one may be lost: windows that begin one step apart overlap, and both count.
# A window is known by its start, the step of its first reading, counted from 0.
#
# Where no window is whole, or where the series is shorter than one, both results are empty: of shape `(0,)` and `(0, width)`.
#
# What to expect: in `[5, 6, nan, 8, 9, 7]` the windows of two steps are `[5, 6]`, `[8, 9]` and `[9, 7]`, and their starts are 0, 3 and 4.


# %% nbgrader={"grade": false, "grade_id": "multi_step_whole_windows", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    steps = np.arange(len(series) - width + 1)[:, None] + np.arange(width)  # of all windows
    whole = ~np.isnan(series[steps]).any(axis=1)
    return np.flatnonzero(whole), series[steps[whole]]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multi_step_whole_windows_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("whole_windows")


def test_whole_windows(cases):
    yours = attempt(
        whole_windows,
        reference.whole_windows,
        cases,
        known.whole_windows,
        gives=["starts", "windows"],
    )
    with parts.part("the starts", 1):
        yours.check("starts", group="some")
        yours.check("starts", group="none")
    with parts.part("the windows", 1):
        yours.check("windows", group="some")
        yours.check("windows", group="none")


test_whole_windows(cases.whole_windows(VISIBLE))

### BEGIN HIDDEN TESTS
test_whole_windows(cases.whole_windows(question_seed("whole_windows")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 2: all leads at once (2 points)
#
# Read: Day ahead, sections *Rolling origins* and *Direct and recursive*.
#
# A direct forecast learns all $K$ leads at once.
# It needs pairs: for each origin $o$ the `T` values before it, and the `K` values from it on.
#
# Forecasts are made once in `stride` steps, always at the same place of the clock: the origins are the steps $o$ with `o % stride == at`.
# With hourly values from midnight on, `stride=24` and `at=6`, they are made at six in the morning.
# Take every such origin that has `T` values before it and `K` values from it on.
#
# If the series is too short for a single pair, raise a `ValueError` whose message says how many values the series must have at least: the number itself, such as 7 in the example.
#
# What to expect: with $T = 3$, $K = 2$, `stride=4` and `at=1` the first origin is 5, as 1 has only one value before it.
# In `[0, 1, 2, ..., 10]` the inputs are `[2, 3, 4]` and `[6, 7, 8]`, the targets `[5, 6]` and `[9, 10]`; the shortest series with a pair has 7 values.


# %% nbgrader={"grade": false, "grade_id": "multi_step_direct_targets", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    first = T + (at - T) % stride
    if len(y) < first + K:
        raise ValueError(f"y is too short: give at least {first + K} values")
    origins = np.arange(first, len(y) - K + 1, stride)[:, None]  # (N, 1)
    return y[origins + np.arange(-T, 0)], y[origins + np.arange(K)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multi_step_direct_targets_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("direct_targets")


def test_direct_targets(cases):
    yours = attempt(
        direct_targets,
        reference.direct_targets,
        cases,
        known.direct_targets,
        gives=["inputs", "targets"],
    )
    with parts.part("a long series", 1):
        yours.check(group="long")
    with parts.part("a series that is just long enough, and one that is not", 1):
        yours.check(group="short")


test_direct_targets(cases.direct_targets(VISIBLE))

### BEGIN HIDDEN TESTS
test_direct_targets(cases.direct_targets(question_seed("direct_targets")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 3: a loop on its own outputs (3 points)
#
# Read: Day ahead, section *Direct and recursive*.
#
# A model of one step, `step`, maps windows `(N, T)` to the next value of each, `(N,)`.
# To look $K$ steps ahead with it, let it read what it has said itself:
#
# - the first windows are the `T` values before each origin;
# - for each lead, call the model once, for all origins together;
# - then drop the oldest value of each window and append what the model has said.
#
# The series goes on behind most origins, as it does whenever a forecast is tried on old data.
# No value from an origin on may reach the model, of this origin or through another one: at that time nobody knew it.
# An origin may also be the end of the series, where there is nothing to look at.
#
# What to expect: for the model `lambda windows: windows[:, -1] + windows[:, 0]`, the series `[3, 1, 4, 1, 5]`, origin 3, $T = 2$ and $K = 3$ the model reads `[1, 4]`, `[4, 5]` and `[5, 9]`, and the forecast is `[5, 9, 14]`.


# %% nbgrader={"grade": false, "grade_id": "multi_step_recursive_forecast", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    windows, said = y[origins[:, None] + np.arange(-T, 0)], []  # (N, T)
    for _ in range(K):
        said.append(step(windows))
        windows = np.column_stack([windows[:, 1:], said[-1]])
    return np.stack(said, axis=1)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multi_step_recursive_forecast_test", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
parts = Parts("recursive_forecast")


def test_recursive_forecast(cases):
    yours = attempt(
        recursive_forecast,
        reference.recursive_forecast,
        cases,
        known.recursive_forecast,
        gives=["forecast"],
    )
    with parts.part("one step ahead", 1):
        yours.check(group="one")
    with parts.part("what the model reads", 1):
        yours.check(group="reads")
    with parts.part("the forecast of all leads", 1):
        yours.check(group="leads")


test_recursive_forecast(cases.recursive_forecast(VISIBLE))

### BEGIN HIDDEN TESTS
test_recursive_forecast(cases.recursive_forecast(question_seed("recursive_forecast")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 4: the loss of quantiles (2 points)
#
# Read: Glucose, section *A loss for each quantile*.
#
# $$\ell_p(y, q) = \begin{cases} p\,(y - q) & \text{if } y \ge q, \\ (1 - p)\,(q - y) & \text{if } y < q \end{cases}$$
#
# `y` has one or more axes, and `q` has one more than `y`, for the levels: a row of quantiles for each value.
# Return the mean loss of each level over all values.
# Readings that are missing do not take part: neither in the sum nor in the number that it is divided by.
#
# What to expect: a value of 74 costs a quantile of 80 at level 0.05 just 5.7, and a value of 86 costs it 0.3; for both values together the mean loss is 3.0, and with a missing reading as a third it still is.


# %% nbgrader={"grade": false, "grade_id": "multi_step_pinball", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    there = ~np.isnan(y)
    off = y[there][:, None] - q[there]  # a row for each reading, a column for each level
    return np.maximum(levels * off, (levels - 1) * off).mean(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multi_step_pinball_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("pinball")


def test_pinball(cases):
    yours = attempt(pinball, reference.pinball, cases, known.pinball, gives=["loss"])
    with parts.part("the loss of each level", 1):
        yours.check(group="whole")
    with parts.part("readings that are missing", 1):
        yours.check(group="gaps")


test_pinball(cases.pinball(VISIBLE))

### BEGIN HIDDEN TESTS
test_pinball(cases.pinball(question_seed("pinball")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 5: does the band hold its promise? (2 points)
#
# Read: Glucose, sections *Simple rules first* and *Coverage*.
#
# Two numbers judge a band: the share of values that lie inside, and the mean width, which is what the band costs.
# Each lead has its own: one row is one forecast, one column is one lead.
#
# - A value on an edge is inside.
# - Where a reading is missing nobody can say whether it was inside, so this place of the band counts for nothing, neither in the share nor in the width.
#
# What to expect: for one lead with the values 5, 9 and a missing one, the lower ends 5, 2 and 0 and the upper ends 8, 7 and 100, the share is 0.5 and the mean width 4.


# %% nbgrader={"grade": false, "grade_id": "multi_step_coverage", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    there = ~np.isnan(y)
    inside = (low <= y) & (y <= high)
    count = there.sum(axis=0)  # (K,)
    return inside.sum(axis=0) / count, ((high - low) * there).sum(axis=0) / count
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multi_step_coverage_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("coverage")


def test_coverage(cases):
    yours = attempt(coverage, reference.coverage, cases, known.coverage, gives=["share", "width"])
    with parts.part("the share inside", 1):
        yours.check("share", group="whole")
        yours.check("share", group="gaps")
    with parts.part("the mean width", 1):
        yours.check("width", group="whole")
        yours.check("width", group="gaps")


test_coverage(cases.coverage(VISIBLE))

### BEGIN HIDDEN TESTS
test_coverage(cases.coverage(question_seed("coverage")))
### END HIDDEN TESTS

parts.score()

# %% [markdown]
# ## Question 6: a band that is put right (2 points)
#
# Read: Glucose, section *Coverage*.
#
# No page prints this answer.
# A band that holds 84 % of new values where 90 % were promised can be put right with rows that the model was not fitted to (Romano et al. 2019).
# On such validation rows, ask by how much each value lies outside the band:
#
# $$\text{score} = \max(\text{low} - y,\; y - \text{high})$$
#
# It is negative where the value lies inside.
# Now move both ends of every band outwards by one and the same margin, so that on average at most a share $\alpha$ of new values lies outside, if they are drawn like the validation rows.
# The margin is the $k$-th smallest of the $N$ scores, with
#
# $$k = \lceil (N + 1)(1 - \alpha) \rceil$$
#
# and not $\lceil N (1 - \alpha) \rceil$, because the new value is one more that has its place among the $N$ scores.
# Readings are often whole numbers, so some scores may be equal: each of them counts.
# With few rows $k$ may be larger than $N$: then no score is large enough, and the promise cannot be kept.
# Raise a `ValueError` whose message says how many rows are needed at least, the number itself; with $\alpha = 0.25$ they are 3, with $\alpha = 0.1$ they are 9.
#
# A margin may be negative: a band that holds more than was promised is made narrower.
#
# What to expect: with the band from 4 to 6 in all rows, the values 5, 7, 5.5 and 4.25 have the scores −1, 1, −0.5 and −0.25.
# With $\alpha = 0.4$ the margin is the third smallest, −0.25, so a new band from 10 to 20 becomes one from 10.25 to 19.75.


# %% nbgrader={"grade": false, "grade_id": "multi_step_corrected_band", "locked": false, "schema_version": 3, "solution": true, "task": false}
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
    ### BEGIN SOLUTION
    k = int(np.ceil((len(y) + 1) * (1 - alpha)))
    if k > len(y):
        needed = int(np.ceil(1 / alpha)) - 1
        raise ValueError(f"too few validation rows: give at least {needed}")
    margin = np.sort(np.maximum(low - y, y - high))[k - 1]
    return new_low - margin, new_high + margin
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "multi_step_corrected_band_test", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
parts = Parts("corrected_band")


def test_corrected_band(cases):
    yours = attempt(
        corrected_band,
        reference.corrected_band,
        cases,
        known.corrected_band,
        gives=["new_low", "new_high"],
    )
    with parts.part("the new band", 1):
        yours.check(group="band")
    with parts.part("few rows, and too few of them", 1):
        yours.check(group="few")


test_corrected_band(cases.corrected_band(VISIBLE))

### BEGIN HIDDEN TESTS
test_corrected_band(cases.corrected_band(question_seed("corrected_band")))
### END HIDDEN TESTS

parts.score()
