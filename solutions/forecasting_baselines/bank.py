"""What is known of the assignment forecasting_baselines: the mistakes of each question, as small
changes of the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip

PAIRS = "    pairs = [(s[t - width : t], s[t]) for s in series for t in range(width, len(s))]\n"
CHANGE = "np.mean(y[period:] - y[:-period])"
X = "    x = np.array([window for window, _ in pairs]).reshape(-1, width)\n"

MEDIAN = "np.median(np.abs(known[period:] - known[:-period]))"

#: The page's own function, which stops where no series is long enough.
PAGE_WINDOWS = """
def windows(series, width):
    cut = np.lib.stride_tricks.sliding_window_view
    both = np.concatenate([cut(s, width + 1) for s in series if len(s) > width])
    return both[:, :-1], both[:, -1]
"""

TRUTH = """
def undo(news, y, origin, period, double=False):
    t = origin + np.arange(len(news))
    rule = np.log(y[t - period])
    if double:
        rule = rule + np.log(y[t - 1]) - np.log(y[t - period - 1])
    return np.exp(rule + news)
"""

MISTAKES = {
    "windows": [
        slip(
            "cut each series on its own: these windows run from one series into the next",
            2,
            (PAIRS, "    series = [np.concatenate(series)]\n" + PAIRS),
        ),
        slip(
            "the last window of a series takes its next value from the series that follows",
            2,
            """
def windows(series, width):
    every, x, target, start = np.concatenate(series), [], [], 0
    for s in series:
        for t in range(start + width, start + len(s) + 1):
            if t < len(every):
                x.append(every[t - width : t])
                target.append(every[t])
        start += len(s)
    return np.array(x).reshape(-1, width), np.array(target)
""",
        ),
        slip(
            "the last window of each series is missing",
            2,
            ("range(width, len(s))", "range(width, len(s) - 1)"),
        ),
        slip(
            "the first window of each series is missing",
            2,
            ("range(width, len(s))", "range(width + 1, len(s))"),
        ),
        slip(
            "the next value stands in its own window: a window ends just before it",
            2,
            ("s[t - width : t]", "s[t - width + 1 : t + 1]"),
        ),
        slip(
            "a value is left out between each window and its target",
            2,
            ("s[t])", "s[t + 1])"),
            ("range(width, len(s))", "range(width, len(s) - 1)"),
        ),
        slip(
            "the target is the value after the window, not its last one",
            2,
            ("s[t])", "s[t - 1])"),
            ways=[
                [
                    ("s[t])", "s[t - 1])"),
                    ("range(width, len(s))", "range(width, len(s) + 1)"),
                ]
            ],
        ),
        slip(
            "windows overlap: each begins one step after the one before it",
            2,
            ("range(width, len(s))", "range(width, len(s), width)"),
            ways=[[("range(width, len(s))", "range(width, len(s), width + 1)")]],
        ),
        slip(
            "where no series is long enough, the shapes are (0, width) and (0,)",
            1,
            PAGE_WINDOWS,
            ways=[
                [(").reshape(-1, width)", ")")],
                [(X, X + "    if not pairs:\n        return []\n")],
                [(X, X + "    if not pairs:\n        return x, np.zeros((0, 1))\n")],
                [(X, X + "    if not pairs:\n        return x, np.zeros((0, width))\n")],
                [
                    (
                        X,
                        X
                        + "    if not pairs:\n        return np.zeros((0, width + 1)), np.zeros(0)\n",
                    )
                ],
                [(X, "    width = width if series else len(series[0])\n" + X)],
                [(X, "    width = width if series else max(map(len, series))\n" + X)],
            ],
        ),
        slip(
            "a series that is too short gives no window: leave it out",
            1,
            PAGE_WINDOWS.replace(" if len(s) > width]", "]"),
            ways=[PAGE_WINDOWS.replace("len(s) > width", "len(s) >= width")],
        ),
        slip(
            "a series that is too short ends the loop: go on with the next one (continue)",
            1,
            """
def windows(series, width):
    pairs = []
    for s in series:
        if len(s) <= width:
            break
        pairs += [(s[t - width : t], s[t]) for t in range(width, len(s))]
    x = np.array([window for window, _ in pairs]).reshape(-1, width)
    return x, np.array([target for _, target in pairs])
""",
        ),
        slip(
            "one window too many in each series: the last one has no next value",
            2,
            ("range(width, len(s))", "range(width, len(s) + 1)"),
        ),
        slip(
            "series of different lengths are no array: go through the list",
            2,
            (PAIRS, "    series = np.array(series)\n" + PAIRS),
            ways=[
                [(PAIRS, "    series = np.stack(series)\n" + PAIRS)],
                [(PAIRS, "    series = np.vstack(series)\n" + PAIRS)],
            ],
        ),
        slip(
            "one series alone is cut: go through all of them",
            2,
            ("for s in series for", "for s in series[:1] for"),
            ways=[
                [("for s in series for", "for s in series[-1:] for")],
                """
def windows(series, width):
    for s in series:
        pairs = [(s[t - width : t], s[t]) for t in range(width, len(s))]
        x = np.array([window for window, _ in pairs]).reshape(-1, width)
        return x, np.array([target for _, target in pairs])
""",
                """
def windows(series, width):
    for s in series:
        x, target = [], []
        for t in range(width, len(s)):
            x.append(s[t - width : t])
            target.append(s[t])
    return np.array(x).reshape(-1, width), np.array(target)
""",
            ],
        ),
        slip(
            "first the windows are returned, then their next values",
            2,
            (
                "return x, np.array([target for _, target in pairs])",
                "return np.array([target for _, target in pairs]), x",
            ),
        ),
        slip(
            "target has one axis: a number for each window, not a row",
            2,
            ("np.array([target for _, target in pairs])", "np.array([[y] for _, y in pairs])"),
            ways=[
                [
                    (
                        "np.array([target for _, target in pairs])",
                        "np.array([y for _, y in pairs])[:, None]",
                    )
                ]
            ],
        ),
        slip(
            "a window has as many values as width says: the next value is no column of x",
            2,
            ("s[t - width : t]", "s[t - width : t + 1]"),
            ("reshape(-1, width)", "reshape(-1, width + 1)"),
        ),
        slip(
            "each series keeps its own length: do not cut all to the shortest one",
            2,
            (PAIRS, "    series = [s[: min(map(len, series))] for s in series]\n" + PAIRS),
            ways=[
                [(PAIRS, "    series = [s[-min(map(len, series)) :] for s in series]\n" + PAIRS)],
                [("range(width, len(s))", "range(width, min(map(len, series)))")],
            ],
        ),
        slip(
            "a series that is too short gives nothing: do not fill it up",
            1,
            (
                PAIRS,
                "    series = [np.pad(s, (0, max(0, width + 1 - len(s)))) for s in series]\n"
                + PAIRS,
            ),
            ways=[
                [
                    (
                        PAIRS,
                        "    series = [np.pad(s, (max(0, width + 1 - len(s)), 0)) for s in series]\n"
                        + PAIRS,
                    )
                ],
            ],
        ),
        slip(
            "inside a window time runs forward",
            2,
            ("s[t - width : t]", "s[t - width : t][::-1]"),
        ),
        slip(
            "all windows of one series come first, then those of the next",
            2,
            (
                "for s in series for t in range(width, len(s))]",
                "for t in range(width, max(map(len, series))) for s in series if t < len(s)]",
            ),
        ),
        slip(
            "the positions run over the values of a series, not over the number of series",
            2,
            ("range(width, len(s))", "range(width, len(series))"),
        ),
        slip(
            "the values stay as they are: nothing is subtracted or scaled here",
            2,
            ("    return x,", "    x = x - x[:, -1:]\n    return x,"),
            ways=[[("    return x,", "    x = x - x.mean(axis=1, keepdims=True)\n    return x,")]],
        ),
        slip(
            "a series with one value more than a window gives one window",
            1,
            ("for s in series for", "for s in series if len(s) > width + 1 for"),
        ),
        slip(
            "must be a NumPy array, but yours is a list",
            2,
            (
                "return x, np.array([target for _, target in pairs])",
                "return [*x], [target for _, target in pairs]",
            ),
        ),
        slip(
            "a window may start at any step, not at every second one",
            2,
            ("range(width, len(s))", "range(width, len(s), 2)"),
        ),
        slip(
            "a window is one value too short: it has as many as width says",
            2,
            ("s[t - width : t]", "s[t - width + 1 : t]"),
            (".reshape(-1, width)", ""),
            ways=[
                [
                    ("s[t - width : t]", "s[t - width + 1 : t]"),
                    ("reshape(-1, width)", "reshape(-1, width - 1)"),
                ]
            ],
        ),
    ],
    "seasonal_naive": [
        slip(
            "the drift counts once for each period gone back, not once for each step",
            1,
            ("j * np.mean", "k * np.mean"),
        ),
        slip(
            "the drift grows by whole periods: within a period it stays the same",
            1,
            ("j * np.mean", "k / period * np.mean"),
        ),
        slip(
            "beyond one period the drift is added again for each period",
            1,
            ("j * np.mean", "np.mean"),
        ),
        slip(
            "the drift is the mean change over a period, not that from one step to the next",
            1,
            ("np.mean(y[period:] - y[:-period])", "np.mean(np.diff(y))"),
            ways=[[("j * np.mean(y[period:] - y[:-period])", "k * np.mean(np.diff(y))")]],
        ),
        slip(
            "all changes over a period count, not just the first and the last value",
            1,
            (
                "np.mean(y[period:] - y[:-period])",
                "(y[-1] - y[0]) / (len(y) - 1) * period",
            ),
        ),
        slip(
            "the drift is the mean of all changes over a period, not the last of them",
            1,
            ("np.mean(y[period:] - y[:-period])", "(y[-1] - y[-1 - period])"),
        ),
        slip("the drift is added whatever the flag says", 1, ("if drift:", "if True:")),
        slip("with drift=True nothing is added", 1, ("if drift:", "if False:")),
        slip("the flag is used the wrong way round", 2, ("if drift:", "if not drift:")),
        slip(
            "this is one step too early: lead 1 is the first value of the last period",
            2,
            ("len(y) - 1 + k", "len(y) - 2 + k"),
        ),
        slip(
            "this is one step too late: lead 1 is the first value of the last period",
            2,
            ("len(y) - 1 + k", "len(y) + k"),
            ways=[[("y[len(y) - 1 + k - j * period]", "y[(k - 1) % period - period + 1]")]],
        ),
        slip(
            "beyond one period go back two periods, or more, to a value that is known",
            2,
            ("y[len(y) - 1 + k - j * period]", "y[len(y) - 1 + k - period]"),
            ways=[
                [("y[len(y) - 1 + k - j * period]", "y[k - 1 - period]")],
                """
def seasonal_naive(y, period, steps, drift=False):
    forecast = y[-period:][:steps]
    if drift:
        forecast = forecast + np.mean(y[period:] - y[:-period])
    return forecast
""",
                """
def seasonal_naive(y, period, steps, drift=False):
    forecast = np.array([y[k - period] for k in range(steps)])
    if drift:
        forecast = forecast + np.mean(y[period:] - y[:-period])
    return forecast
""",
            ],
        ),
        slip(
            "the last period is repeated, not the last value",
            2,
            ("y[len(y) - 1 + k - j * period]", "np.full(steps, y[-1])"),
        ),
        slip(
            "the last known period is repeated, not the first",
            2,
            ("y[len(y) - 1 + k - j * period]", "y[(k - 1) % period]"),
        ),
        slip(
            "count back from the end: the length of y need not be a multiple of the period",
            2,
            (
                "y[len(y) - 1 + k - j * period]",
                "y[(len(y) // period - 1) * period + (k - 1) % period]",
            ),
            ways=[
                [
                    (
                        "y[len(y) - 1 + k - j * period]",
                        "y[(len(y) // period - 1) * period + (len(y) + k - 1) % period]",
                    )
                ],
                [("y[len(y) - 1 + k - j * period]", "y[(len(y) + k - 1) % period]")],
            ],
        ),
        slip(
            "one value is repeated, that of a period ago: take no mean over all periods",
            2,
            (
                "y[len(y) - 1 + k - j * period]",
                "np.array([y[(len(y) + i) % period :: period].mean() for i in range(steps)])",
            ),
        ),
        slip(
            "the last period comes again in its own order: do not turn it round",
            2,
            ("y[len(y) - 1 + k - j * period]", "y[len(y) - 1 - (k - 1) % period]"),
        ),
        slip(
            "the forecast begins with lead 1: the last known value is no part of it",
            2,
            ("np.arange(1, steps + 1)", "np.arange(steps)"),
            ways=[[("np.arange(1, steps + 1)", "np.arange(steps + 1)")]],
        ),
        slip(
            "the forecast has one value for each step: the last one is missing",
            2,
            ("np.arange(1, steps + 1)", "np.arange(1, steps)"),
        ),
        slip(
            "the number of periods is rounded up, not down",
            2,
            ("j = -(-k // period)", "j = k // period"),
        ),
        slip(
            "a lead of exactly one period goes back one period, not two",
            2,
            ("j = -(-k // period)", "j = k // period + 1"),
        ),
        slip(
            "the drift has the wrong sign: later minus earlier",
            1,
            ("y[period:] - y[:-period]", "y[:-period] - y[period:]"),
            ways=[[("forecast + j", "forecast - j")]],
        ),
        slip(
            "the mean goes over T - period changes: divide by their number, not by T",
            1,
            ("np.mean(y[period:] - y[:-period])", "np.sum(y[period:] - y[:-period]) / len(y)"),
        ),
        slip(
            "the mean goes over T - period changes: divide by their number, not by the period",
            1,
            ("np.mean(y[period:] - y[:-period])", "np.sum(y[period:] - y[:-period]) / period"),
        ),
        slip(
            "the mean goes over T - period changes: divide by their number, not by T - 1",
            1,
            (CHANGE, "np.sum(y[period:] - y[:-period]) / (len(y) - 1)"),
        ),
        slip(
            "the mean goes over T - period changes: divide by their number, not by one less",
            1,
            (CHANGE, "np.sum(y[period:] - y[:-period]) / (len(y) - period - 1)"),
        ),
        slip(
            "the mean goes over T - period changes: divide by their number, not by one more",
            1,
            (CHANGE, "np.sum(y[period:] - y[:-period]) / (len(y) - period + 1)"),
        ),
        slip(
            "values below zero may be forecasts too: leave them as they are",
            2,
            ("    return forecast", "    return np.maximum(forecast, 0)"),
            ways=[[("    return forecast", "    return np.abs(forecast)")]],
        ),
        slip(
            "the drift keeps its sign: a falling series has a negative one",
            1,
            (CHANGE, "abs(np.mean(y[period:] - y[:-period]))"),
            ways=[
                [(CHANGE, "max(np.mean(y[period:] - y[:-period]), 0)")],
                [(CHANGE, "np.mean(np.maximum(y[period:] - y[:-period], 0))")],
            ],
        ),
        slip(
            "all changes over a period count, not those of the last one",
            1,
            (CHANGE, "np.mean((y[period:] - y[:-period])[-period:])"),
            ways=[
                [(CHANGE, "(np.mean(y[-period:]) - np.mean(y[-2 * period : -period]))")],
                [(CHANGE, "np.mean(y[-period:] - y[-2 * period : -period])")],
            ],
        ),
        slip(
            "all changes over a period count: do not cut y into whole periods first",
            1,
            (CHANGE, "np.mean(np.diff(y[len(y) % period :].reshape(-1, period), axis=0))"),
            ways=[
                [
                    (
                        CHANGE,
                        "np.mean(np.diff(y[: len(y) // period * period].reshape(-1, period), axis=0))",
                    )
                ],
                [
                    (
                        CHANGE,
                        "np.diff(y[len(y) % period :].reshape(-1, period).mean(axis=1)).mean()",
                    )
                ],
            ],
        ),
        slip(
            "all changes over a period count, not one for each period",
            1,
            (CHANGE, "np.mean(np.diff(y[::period]))"),
            ways=[[(CHANGE, "np.mean(np.diff(y[::-1][::period][::-1]))")]],
        ),
        slip(
            "the drift is the mean of the changes, not their sum",
            1,
            ("np.mean(y[period:] - y[:-period])", "np.sum(y[period:] - y[:-period])"),
        ),
        slip(
            "changes have a sign: take no absolute values for the drift",
            1,
            ("np.mean(y[period:] - y[:-period])", "np.mean(np.abs(y[period:] - y[:-period]))"),
        ),
        slip(
            "the drift is the mean of the changes, not their median",
            1,
            ("np.mean(y", "np.median(y"),
        ),
        slip(
            "each lead has its own number of periods: this adds that of the last lead to all",
            1,
            ("j * np.mean", "j[-1] * np.mean"),
        ),
        slip(
            "the first period ahead has the drift too",
            1,
            ("j * np.mean", "(j - 1) * np.mean"),
        ),
        slip(
            "for the drift two values lie a whole period apart: this is one step less",
            1,
            (
                "y[period:] - y[:-period]",
                "y[period - 1 :] - y[: len(y) - period + 1]",
            ),
        ),
        slip(
            "for the drift two values lie a whole period apart: this is one step more",
            1,
            ("y[period:] - y[:-period]", "y[period + 1 :] - y[: -period - 1]"),
        ),
        slip(
            "beyond one period the season goes on: here the last value is repeated",
            2,
            (
                "y[len(y) - 1 + k - j * period]",
                "y[np.minimum(len(y) - 1 + k - period, len(y) - 1)]",
            ),
        ),
        slip(
            "the drift is added, not multiplied with the values",
            1,
            ("forecast + j * np.mean", "forecast * j * np.mean"),
            ways=[
                [
                    (
                        "forecast + j * np.mean(y[period:] - y[:-period])",
                        "forecast * np.mean(y[period:] / y[:-period]) ** j",
                    )
                ]
            ],
        ),
        slip(
            "your function changes its argument y",
            1,
            (
                "        forecast = forecast + j * np.mean(y[period:] - y[:-period])\n",
                "        change = np.mean(y[period:] - y[:-period])\n"
                "        y += change\n"
                "        forecast = y[len(y) - 1 + k - j * period] + (j - 1) * change\n",
            ),
        ),
    ],
    "mase": [
        slip(
            "the denominator comes from the training part alone, not from what is tested",
            2,
            (
                "known[period:] - known[:-period]",
                "np.ravel(actual)[period:] - np.ravel(actual)[:-period]",
            ),
            ways=[
                [("known[period:] - known[:-period]", "actual[period:] - actual[:-period]")],
                [
                    (
                        "    scale = np",
                        "    known = np.concatenate([known, np.ravel(actual)])\n    scale = np",
                    )
                ],
            ],
        ),
        slip(
            "the denominator has changes over a period, not from one step to the next",
            2,
            ("known[period:] - known[:-period]", "np.diff(known)"),
        ),
        slip(
            "in the denominator two values lie a whole period apart: this is one step less",
            2,
            (
                "known[period:] - known[:-period]",
                "known[period - 1 :] - known[: len(known) - period + 1]",
            ),
        ),
        slip(
            "in the denominator two values lie a whole period apart: this is one step more",
            2,
            ("known[period:] - known[:-period]", "known[period + 1 :] - known[: -period - 1]"),
        ),
        slip(
            "ups and downs must not cancel in the denominator: first the absolute values, then the mean",
            1,
            (
                "np.abs(known[period:] - known[:-period]).mean()",
                "(known[period:] - known[:-period]).mean()",
            ),
            ways=[
                [
                    (
                        "np.abs(known[period:] - known[:-period]).mean()",
                        "abs((known[period:] - known[:-period]).mean())",
                    )
                ]
            ],
        ),
        slip(
            "errors of both signs must not cancel: first the absolute values, then the mean",
            1,
            ("np.abs(actual - forecast).mean()", "(actual - forecast).mean()"),
            ways=[
                [("np.abs(actual - forecast).mean()", "abs((actual - forecast).mean())")],
                [("np.abs(actual - forecast).mean()", "(forecast - actual).mean()")],
            ],
        ),
        slip(
            "the errors enter by their absolute values, not by their squares",
            1,
            ("np.abs(actual - forecast).mean()", "np.sqrt(((actual - forecast) ** 2).mean())"),
            ways=[[("np.abs(actual - forecast).mean()", "((actual - forecast) ** 2).mean()")]],
        ),
        slip(
            "the changes of the training part enter by their absolute values, not by their squares",
            1,
            (
                "np.abs(known[period:] - known[:-period]).mean()",
                "np.sqrt(((known[period:] - known[:-period]) ** 2).mean())",
            ),
            ways=[
                [
                    (
                        "np.abs(known[period:] - known[:-period]).mean()",
                        "((known[period:] - known[:-period]) ** 2).mean()",
                    )
                ]
            ],
        ),
        slip(
            "the mean of the errors is asked for, not their sum",
            1,
            ("np.abs(actual - forecast).mean()", "np.abs(actual - forecast).sum()"),
        ),
        slip(
            "divide by the number of all forecasts, not by the number of rows",
            1,
            (
                "np.abs(actual - forecast).mean()",
                "np.abs(actual - forecast).sum() / len(actual)",
            ),
        ),
        slip(
            "the denominator is a mean, not a sum",
            1,
            ("known[:-period]).mean()", "known[:-period]).sum()"),
        ),
        slip(
            "the denominator is a mean of T - period changes: divide by their number, not by T",
            1,
            ("known[:-period]).mean()", "known[:-period]).sum() / len(known)"),
        ),
        slip(
            "the errors are compared with the denominator, not each with its own value",
            1,
            ("np.abs(actual - forecast).mean()", "np.abs((actual - forecast) / actual).mean()"),
        ),
        slip(
            "the fraction is upside down: the errors stand on top",
            1,
            (
                "np.abs(actual - forecast).mean() / scale",
                "scale / np.abs(actual - forecast).mean()",
            ),
        ),
        slip(
            "the denominator is the mean change over a period, not the spread of the values",
            2,
            ("np.abs(known[period:] - known[:-period]).mean()", "known.std()"),
            ways=[
                [
                    (
                        "np.abs(known[period:] - known[:-period]).mean()",
                        "np.abs(known - known.mean()).mean()",
                    )
                ],
            ],
        ),
        slip(
            "the denominator is the mean change over a period, not the mean of the values",
            2,
            ("np.abs(known[period:] - known[:-period]).mean()", "np.abs(known).mean()"),
        ),
        slip(
            "the errors are not divided by anything",
            1,
            ("np.abs(actual - forecast).mean() / scale", "np.abs(actual - forecast).mean()"),
        ),
        slip(
            "a training part that is too short is accepted: the mean of no numbers is nan",
            1,
            ("if len(known) <= period:", "if False:"),
        ),
        slip(
            "a training part as long as a period is too short as well: no value has a partner",
            1,
            ("len(known) <= period", "len(known) < period"),
        ),
        slip(
            "a training part shorter than a period is too short as well",
            1,
            ("len(known) <= period", "len(known) == period"),
        ),
        slip(
            "one value more than a period is enough",
            1,
            ("len(known) <= period", "len(known) <= period + 1"),
            ways=[[("len(known) <= period", "len(known) < 2 * period")]],
        ),
        slip(
            "a denominator of zero is accepted: look at it before you divide",
            1,
            ("if scale == 0:", "if False:"),
            ways=[
                [
                    ("if scale == 0:", "if False:"),
                    (
                        "float(np.abs(actual - forecast).mean() / scale)",
                        "float(np.abs(actual - forecast).mean()) / float(scale)",
                    ),
                ],
                [("if scale == 0:", "if np.isnan(scale):")],
                [("if scale == 0:", "if np.all(known == 0):")],
                [("if scale == 0:", "if scale < 0:")],
            ],
        ),
        slip(
            "values that repeat after a period make the denominator zero, though they differ",
            1,
            ("scale == 0", "np.ptp(known) == 0"),
            ways=[
                [("scale == 0", "np.all(np.diff(known) == 0)")],
                [("scale == 0", "len(set(known)) == 1")],
            ],
        ),
        slip(
            "refuse only where each value equals the one a period before: some pairs are no reason",
            1,
            ("scale == 0", "np.any(known[period:] == known[:-period])"),
            ways=[
                [("scale == 0", "not np.all(known[period:] - known[:-period])")],
                [("scale == 0", "known[-1] == known[-1 - period]")],
                [("scale == 0", "known[period] == known[0]")],
                [("scale == 0", "np.array_equal(known[-period:], known[-2 * period : -period])")],
                [("scale == 0", "np.array_equal(known[:period], known[period : 2 * period])")],
                [("scale == 0", "np.median(np.abs(known[period:] - known[:-period])) == 0")],
            ],
        ),
        slip(
            "ups and downs that cancel are no zero denominator",
            1,
            ("scale == 0", "np.mean(known[period:] - known[:-period]) == 0"),
            ways=[[("scale == 0", "np.sum(known[period:]) == np.sum(known[:-period])")]],
        ),
        slip(
            "changes of zero count too: leave none of them out of the mean",
            1,
            (
                "    scale = np.abs(known[period:] - known[:-period]).mean()\n    if scale == 0:",
                "    changes = np.abs(known[period:] - known[:-period])\n"
                "    scale = changes[changes > 0].mean() if changes.any() else 0\n    if scale == 0:",
            ),
        ),
        slip(
            "the denominator is the mean of the changes, not their median",
            1,
            ("np.abs(known[period:] - known[:-period]).mean()", MEDIAN),
        ),
        slip(
            "one message for both errors does not say which it is: give each its own",
            1,
            (
                "known is too short: give it more values than a period, {period}",
                "known is too short, or the denominator is zero",
            ),
            (
                "the scale is zero, since known repeats itself: take another period",
                "known is too short, or the denominator is zero",
            ),
        ),
        slip(
            "a small denominator is not zero: compare it with 0 itself",
            1,
            ("scale == 0", "scale < 1e-6"),
            ways=[
                [("scale == 0", "np.isclose(scale, 0)")],
                [("scale == 0", "scale < 1e-10")],
                [("scale == 0", "scale < np.finfo(float).eps")],
                [("scale == 0", "np.allclose(known[period:], known[:-period])")],
                [("scale == 0", "scale <= 1e-6 * np.abs(known).mean()")],
                [("scale == 0", "round(scale, 6) == 0")],
            ],
        ),
        slip(
            "add nothing to the denominator",
            1,
            ("mean() / scale", "mean() / (scale + 1e-8)"),
        ),
        slip(
            "where the denominator is zero, an error is raised: return no number",
            1,
            (
                'raise ValueError("the scale is zero, since known repeats itself: take another period")',
                'return float("nan")',
            ),
            ways=[
                [
                    (
                        'raise ValueError("the scale is zero, since known repeats itself: take another period")',
                        "return 0.0",
                    )
                ],
                [
                    (
                        'raise ValueError("the scale is zero, since known repeats itself: take another period")',
                        "scale = 1.0",
                    )
                ],
            ],
        ),
        slip(
            "where the training part is too short, an error is raised: return no number",
            1,
            (
                'raise ValueError(f"known is too short: give it more values than a period, {period}")',
                "return 0.0",
            ),
            ways=[
                [
                    (
                        'raise ValueError(f"known is too short: give it more values than a period, {period}")',
                        "period = 1",
                    )
                ],
            ],
        ),
        slip(
            "the two errors are ValueErrors: an assert raises another one",
            1,
            (
                '    if len(known) <= period:\n        raise ValueError(f"known is too short: give it more values than a period, {period}")',
                '    assert len(known) > period, "known is too short"',
            ),
            (
                '    if scale == 0:\n        raise ValueError("the scale is zero, since known repeats itself: take another period")',
                '    assert scale != 0, "the scale is zero"',
            ),
        ),
        slip(
            "the two messages are exchanged: each says what is wrong",
            1,
            (
                "known is too short: give it more values than a period, {period}",
                "the scale is zero",
            ),
            (
                "the scale is zero, since known repeats itself: take another period",
                "known is too short",
            ),
        ),
        slip(
            "one number is asked for, over all forecasts: no mean along one axis",
            1,
            (
                "float(np.abs(actual - forecast).mean() / scale)",
                "np.abs(actual - forecast).mean(axis=-1) / scale",
            ),
            ways=[
                [
                    (
                        "float(np.abs(actual - forecast).mean() / scale)",
                        "np.abs(actual - forecast).mean(axis=0) / scale",
                    )
                ],
                [
                    (
                        "float(np.abs(actual - forecast).mean() / scale)",
                        "np.abs(actual - forecast) / scale",
                    )
                ],
            ],
        ),
        slip(
            "the mean of the errors is asked for, not their median",
            1,
            ("np.abs(actual - forecast).mean()", "np.median(np.abs(actual - forecast))"),
        ),
        slip(
            "look at the length of the training part, not at that of the test",
            2,
            ("if len(known)", "if len(actual)"),
        ),
        slip(
            "all changes of the training part count, not those of its last period",
            1,
            (
                "np.abs(known[period:] - known[:-period])",
                "np.abs(known[period:] - known[:-period])[-period:]",
            ),
        ),
        slip(
            "your function changes its argument actual",
            1,
            (
                "    return float(np.abs(actual - forecast)",
                "    actual -= forecast\n    return float(np.abs(actual)",
            ),
        ),
    ],
    "log_difference": [
        slip(
            "the logarithm is missing: these are differences of the values",
            2,
            ("np.log(y)", "y"),
        ),
        slip(
            "first the logarithms, then their difference, not the other way round",
            2,
            ("logs = np.log(y)", "logs = y"),
            ("logs[period:] - logs[:-period]", "np.log(logs[period:] - logs[:-period])"),
        ),
        slip(
            "the difference goes back a whole period, not one step",
            2,
            ("logs[period:] - logs[:-period]", "np.diff(logs)"),
        ),
        slip(
            "two values lie a whole period apart: this is one step less",
            2,
            (
                "logs[period:] - logs[:-period]",
                "logs[period - 1 :] - logs[: len(logs) - period + 1]",
            ),
        ),
        slip(
            "two values lie a whole period apart: this is one step more",
            2,
            ("logs[period:] - logs[:-period]", "logs[period + 1 :] - logs[: -period - 1]"),
        ),
        slip(
            "the difference is turned round: later minus earlier",
            2,
            ("logs[period:] - logs[:-period]", "logs[:-period] - logs[period:]"),
        ),
        slip(
            "the second difference is that of neighbours, not over a period again",
            1,
            ("np.diff(news)", "news[period:] - news[:-period]"),
        ),
        slip(
            "double=True changes nothing: take the difference of neighbours then",
            1,
            ("if double", "if False"),
        ),
        slip(
            "the second difference is taken whatever double says",
            1,
            ("if double", "if True"),
        ),
        slip("double is used the wrong way round", 2, ("if double", "if not double")),
        slip(
            "n= repeats the difference of neighbours: take off the value a period before, once",
            2,
            ("logs[period:] - logs[:-period]", "np.diff(logs, n=period)"),
        ),
        slip(
            "one difference of neighbours too many",
            1,
            ("np.diff(news)", "np.diff(news, 2)"),
        ),
        slip(
            "one of the two differences goes over a period: here both are of neighbours",
            1,
            ("np.diff(news)", "np.diff(logs, 2)"),
        ),
        slip(
            "with double=True the seasonal difference is lost: take its change",
            1,
            ("np.diff(news)", "np.diff(logs)"),
        ),
        slip(
            "this is the ratio of two values: take its logarithm",
            2,
            ("logs[period:] - logs[:-period]", "y[period:] / y[:-period]"),
        ),
        slip(
            "this is the relative change: take the logarithm of the ratio of the two values",
            2,
            ("logs[period:] - logs[:-period]", "y[period:] / y[:-period] - 1"),
            ways=[
                [("logs[period:] - logs[:-period]", "(y[period:] - y[:-period]) / y[:-period]")],
            ],
        ),
        slip(
            "the two logarithms are subtracted, not divided",
            2,
            ("logs[period:] - logs[:-period]", "logs[period:] / logs[:-period]"),
        ),
        slip(
            "the natural logarithm is asked for: np.log",
            2,
            ("np.log(y)", "np.log10(y)"),
            ways=[[("np.log(y)", "np.log2(y)")]],
        ),
        slip(
            "the logarithm of y itself is asked for: add nothing to y",
            2,
            ("np.log(y)", "np.log1p(y)"),
            ways=[[("np.log(y)", "np.log(y + 1e-6)")]],
        ),
        slip(
            "steps without an answer are left out: no nan, and nothing in their place",
            2,
            (
                "    return np.diff(news) if double else news",
                "    news = np.concatenate([np.full(period, np.nan), news])\n"
                "    return np.concatenate([[np.nan], np.diff(news)]) if double else news",
            ),
            ways=[
                [
                    (
                        "    return np.diff(news) if double else news",
                        "    news = np.concatenate([np.zeros(period), news])\n"
                        "    return np.concatenate([[0.0], np.diff(news)]) if double else news",
                    )
                ],
                """
def log_difference(y, period, double=False):
    if np.any(y <= 0):
        raise ValueError("all values must be positive")
    logs = np.log(y)
    news = logs - np.roll(logs, period)
    return news - np.roll(news, 1) if double else news
""",
            ],
        ),
        slip(
            "values without a logarithm are accepted: raise ValueError",
            1,
            ("if np.any(y <= 0):", "if False:"),
            ways=[[("if np.any(y <= 0):", "if np.isnan(y).any():")]],
        ),
        slip(
            "zero has no logarithm either",
            1,
            ("y <= 0", "y < 0"),
        ),
        slip(
            "every value of y is looked at, also one that no other is compared with",
            1,
            ("np.any(y <= 0)", "np.any(y[period:] <= 0) or np.any(y[:-period] <= 0)"),
            ways=[
                [("np.any(y <= 0)", "np.any(y[period:] <= 0)")],
                [("np.any(y <= 0)", "np.any(y[:-period] <= 0)")],
                [
                    (
                        "np.any(y <= 0)",
                        "not np.isfinite(np.log(y[period:]) - np.log(y[:-period])).all()",
                    )
                ],
                [("np.any(y <= 0)", "np.any(y[period:] / y[:-period] <= 0)")],
            ],
        ),
        slip(
            "one value that is not positive is enough for the error",
            1,
            ("np.any(y <= 0)", "np.all(y <= 0)"),
            ways=[
                [("np.any(y <= 0)", "y.sum() <= 0")],
                [("np.any(y <= 0)", "y.mean() <= 0")],
                [("np.any(y <= 0)", "y.prod() <= 0")],
            ],
        ),
        slip(
            "all values must be looked at, not one of them",
            1,
            ("np.any(y <= 0)", "y[0] <= 0"),
            ways=[[("np.any(y <= 0)", "y[-1] <= 0")]],
        ),
        slip(
            "negative values have no logarithm either: zero is not the only one",
            1,
            ("y <= 0", "y == 0"),
            ways=[[("np.any(y <= 0)", "not np.all(y)")]],
        ),
        slip(
            "values between 0 and 1 have a logarithm, though a negative one",
            2,
            ("y <= 0", "y <= 1"),
            ways=[
                [("np.any(y <= 0)", "np.any(np.log(y) <= 0)")],
                [("np.any(y <= 0)", "np.any(y < 1)")],
            ],
        ),
        slip(
            "the logarithm of a negative value does not exist: do not make the value positive",
            1,
            ("if np.any(y <= 0):", "if np.any(y == 0):"),
            ("np.log(y)", "np.log(np.abs(y))"),
            ways=[
                [("if np.any(y <= 0):", "if False:"), ("np.log(y)", "np.log(np.maximum(y, 1e-9))")],
                [("if np.any(y <= 0):", "if False:"), ("np.log(y)", "np.log(np.abs(y))")],
            ],
        ),
        slip(
            "the error is a ValueError: an assert raises another one",
            1,
            (
                '    if np.any(y <= 0):\n        raise ValueError("all values must be positive: zero and negatives have no logarithm")',
                '    assert np.all(y > 0), "all values must be positive"',
            ),
        ),
        slip(
            "values without a logarithm raise an error: return nothing in its place",
            1,
            (
                'raise ValueError("all values must be positive: zero and negatives have no logarithm")',
                "return None",
            ),
        ),
        slip(
            "values without a logarithm are left out: raise an error",
            1,
            (
                'raise ValueError("all values must be positive: zero and negatives have no logarithm")',
                "y = y[y > 0]",
            ),
        ),
        slip(
            "the double difference has an entry for each pair of neighbours: the first is missing",
            1,
            ("np.diff(news)", "np.diff(news)[1:]"),
        ),
        slip(
            "the double difference has an entry too many: the first step has no neighbour before it",
            1,
            ("np.diff(news)", "np.diff(news, prepend=0.0)"),
            ways=[
                [("np.diff(news)", "np.diff(news, prepend=news[0])")],
                [("np.diff(news)", "np.diff(news, append=0.0)")],
            ],
        ),
        slip(
            "no scaler here: leave the news as they are",
            2,
            (
                "    return np.diff(news)",
                "    news = (news - news.mean()) / news.std()\n    return np.diff(news)",
            ),
            ways=[
                [("    return np.diff(news)", "    news = 100 * news\n    return np.diff(news)")],
            ],
        ),
        slip(
            "your function changes its argument y",
            2,
            ("np.log(y)", "np.log(y, out=y)"),
        ),
        slip(
            "the double difference is turned round: later minus earlier",
            1,
            ("np.diff(news)", "news[:-1] - news[1:]"),
        ),
    ],
    "undo": [
        slip(
            "what lies after the origin is read: further ahead, use your own forecasts",
            2,
            TRUTH,
        ),
        slip(
            "the value one step before is your own forecast too, not the true one",
            1,
            """
def undo(news, y, origin, period, double=False):
    logs = list(np.log(y[:origin]))
    for k, new in enumerate(news):
        rule = logs[-period]
        if double:
            rule = rule + np.log(y[origin + k - 1]) - logs[-period - 1]
        logs.append(rule + new)
    return np.exp(np.array(logs[origin:]))
""",
        ),
        slip(
            "begin at the origin, not at the end of y",
            3,
            ("list(np.log(y[:origin]))", "list(np.log(y))"),
            ("logs[origin:]", "logs[len(y) :]"),
            ways=[
                [
                    ("list(np.log(y[:origin]))", "list(np.log(y))"),
                    ("logs[origin:]", "logs[-len(news) :]"),
                ],
                [("list(np.log(y[:origin]))", "list(np.log(y))")],
            ],
        ),
        slip(
            "y may end at the origin: it has no place for the forecasts, so let a list grow",
            3,
            """
def undo(news, y, origin, period, double=False):
    y = y.copy()
    for t, new in enumerate(news, origin):
        rule = np.log(y[t - period])
        if double:
            rule = rule + np.log(y[t - 1]) - np.log(y[t - period - 1])
        y[t] = np.exp(rule + new)
    return y[origin : origin + len(news)]
""",
            ways=[
                """
def undo(news, y, origin, period, double=False):
    logs = np.log(y)
    for k in range(len(news)):
        t = origin + k
        logs[t] = news[k] + logs[t - period]
        if double:
            logs[t] += logs[t - 1] - logs[t - 1 - period]
    return np.exp(logs[origin : origin + len(news)])
""",
            ],
        ),
        slip(
            "values below 1 have a logarithm too: leave y as it is",
            3,
            ("np.log(y[:origin])", "np.log(np.maximum(y[:origin], 1))"),
            ways=[
                [("np.log(y[:origin])", "np.abs(np.log(y[:origin]))")],
                [("np.log(y[:origin])", "np.maximum(np.log(y[:origin]), 0)")],
            ],
        ),
        slip(
            "one value a step is appended: with double=True here are two",
            1,
            ("        if double:\n", "        if double:\n            logs.append(rule + new)\n"),
            ways=[
                """
def undo(news, y, origin, period, double=False):
    logs = list(np.log(y[:origin]))
    for new in news:
        if double:
            logs.append(new + logs[-period] + logs[-1] - logs[-period - 1])
        logs.append(new + logs[-period])
    return np.exp(np.array(logs[origin:]))
""",
                """
def undo(news, y, origin, period, double=False):
    logs = list(np.log(y[:origin]))
    for new in news:
        rule = logs[-period]
        growth = logs[-1] - logs[-period - 1] if double else 0.0
        logs.append(rule + new)
        if double:
            logs.append(rule + growth + new)
    return np.exp(np.array(logs[origin:]))
""",
            ],
        ),
        slip(
            "a period and a step before is `-period - 1`: with `+ 1` it is a step later",
            1,
            ("logs[-1] - logs[-period - 1]", "logs[-1] - logs[-period + 1]"),
        ),
        slip(
            "beyond one period this begins with y anew: go on with your own forecasts",
            2,
            """
def undo(news, y, origin, period, double=False):
    known, k = np.log(y[:origin]), np.arange(len(news))
    rule = known[k - period]
    if double:
        rule = rule + known[k - 1] - known[k - period - 1]
    return np.exp(rule + news)
""",
        ),
        slip(
            "the later steps build on the whole forecast: here its news are left out",
            2,
            (
                "    for new in news:\n",
                "    forecasts = []\n    for new in news:\n",
            ),
            ("logs.append(rule + new)", "forecasts.append(rule + new)\n        logs.append(rule)"),
            ("np.array(logs[origin:])", "np.array(forecasts)"),
        ),
        slip(
            "beyond one period, the news of a period before count as well",
            1,
            (
                "        rule = logs[-period]\n        if double:\n",
                "        rule = np.log(y[:origin])[(len(logs) - origin) % period - period]\n"
                "        if double:\n            rule = logs[-period]\n",
            ),
        ),
        slip(
            "the exponential is missing: these are logarithms",
            3,
            ("np.exp(np.array(logs[origin:]))", "np.array(logs[origin:])"),
        ),
        slip(
            "news are differences of logarithms: take the logarithm first, the exponential last",
            3,
            ("list(np.log(y[:origin]))", "list(y[:origin])"),
            ("np.exp(np.array(logs[origin:]))", "np.array(logs[origin:])"),
            ways=[[("list(np.log(y[:origin]))", "list(y[:origin])")]],
        ),
        slip(
            "news are logarithms of a ratio: the factor is exp(news), not 1 + news",
            3,
            """
def undo(news, y, origin, period, double=False):
    values = list(y[:origin])
    for new in news:
        rule = values[-period]
        if double:
            rule = rule * values[-1] / values[-period - 1]
        values.append(rule * (1 + new))
    return np.array(values[origin:])
""",
        ),
        slip(
            "the rule lies one period before: this is one step further back",
            3,
            ("rule = logs[-period]\n", "rule = logs[-period - 1]\n"),
            ways=[
                [
                    ("rule = logs[-period]\n", "rule = logs[-period - 1]\n"),
                    ("logs[-1] - logs[-period - 1]", "logs[-2] - logs[-period - 2]"),
                ]
            ],
        ),
        slip(
            "the rule lies one period before: this is one step too few",
            3,
            ("rule = logs[-period]\n", "rule = logs[-period + 1]\n"),
        ),
        slip(
            "the news are added to the rule, not subtracted",
            3,
            ("rule + new)", "rule - new)"),
        ),
        slip(
            "double=True changes nothing: the growth of the last step is added then",
            1,
            ("if double:", "if False:"),
        ),
        slip("double differences are assumed whatever double says", 2, ("if double:", "if True:")),
        slip("double is used the wrong way round", 3, ("if double:", "if not double:")),
        slip(
            "with double=True the value a period and a step before is subtracted",
            1,
            ("rule + logs[-1] - logs[-period - 1]", "rule + logs[-1]"),
            ways=[[("rule + logs[-1] - logs[-period - 1]", "rule + logs[-1] + logs[-period - 1]")]],
        ),
        slip(
            "with double=True the value one step before is added",
            1,
            ("rule + logs[-1] - logs[-period - 1]", "rule - logs[-period - 1]"),
        ),
        slip(
            "the growth has the wrong sign: add the last step, subtract that of a period before",
            1,
            ("rule + logs[-1] - logs[-period - 1]", "rule - logs[-1] + logs[-period - 1]"),
        ),
        slip(
            "with double=True the last change over a period is added to the value of a period before",
            1,
            ("rule + logs[-1] - logs[-period - 1]", "logs[-1]"),
            ways=[
                [("rule + logs[-1] - logs[-period - 1]", "rule + logs[-1] - logs[-period]")],
                [("rule + logs[-1] - logs[-period - 1]", "rule + logs[-1] - logs[-2]")],
            ],
        ),
        slip(
            "add up double differences from the last known change over a period, not from zero",
            1,
            (
                "    for new in news:\n",
                "    news = np.cumsum(news) if double else news\n    for new in news:\n",
            ),
            ("rule + logs[-1] - logs[-period - 1]", "rule"),
        ),
        slip(
            "with double=True the growth stays at what it was at the origin: it moves on with the forecasts",
            1,
            (
                "rule + logs[-1] - logs[-period - 1]",
                "rule + logs[origin - 1] - logs[origin - period - 1]",
            ),
        ),
        slip(
            "the forecasts alone are returned, without the known values",
            3,
            ("logs[origin:]", "logs"),
        ),
        slip(
            "the rule is the value a period before, not the last one",
            3,
            ("rule = logs[-period]\n", "rule = logs[-1]\n"),
        ),
        slip(
            "what feeds the next steps is the logarithm of a forecast, not the forecast",
            2,
            ("    for new in news:\n", "    forecasts = []\n    for new in news:\n"),
            (
                "logs.append(rule + new)",
                "forecasts.append(np.exp(rule + new))\n        logs.append(forecasts[-1])",
            ),
            ("np.exp(np.array(logs[origin:]))", "np.array(forecasts)"),
        ),
        slip(
            "the values up to the origin are known: here the last of them is missing",
            3,
            ("np.log(y[:origin])", "np.log(y[: origin - 1])"),
            ("logs[origin:]", "logs[origin - 1 :]"),
            ways=[
                [
                    ("np.log(y[:origin])", "np.log(y[: origin - 1])"),
                    ("logs[origin:]", "logs[-len(news) :]"),
                ]
            ],
        ),
        slip(
            "the values up to the origin are known: here is one too many",
            3,
            ("np.log(y[:origin])", "np.log(y[: origin + 1])"),
            ("logs[origin:]", "logs[-len(news) :]"),
        ),
        slip(
            "the natural logarithm goes with the exponential, and both with the news",
            3,
            ("np.log(y[:origin])", "np.log10(y[:origin])"),
            ("np.exp(np.array(logs[origin:]))", "10 ** np.array(logs[origin:])"),
            ways=[[("np.exp(np.array(logs[origin:]))", "np.expm1(np.array(logs[origin:]))")]],
        ),
        slip(
            "your function changes its argument y",
            3,
            """
def undo(news, y, origin, period, double=False):
    for t, new in enumerate(news, origin):
        rule = np.log(y[t - period])
        if double:
            rule += np.log(y[t - 1]) - np.log(y[t - period - 1])
        y[t] = np.exp(rule + new)
    return y[origin : origin + len(news)]
""",
        ),
        slip(
            "all news are brought back, not those of one period alone",
            2,
            ("for new in news:", "for new in news[:period]:"),
        ),
        slip(
            "news lie a period apart, so they add up over periods, not from step to step",
            3,
            """
def undo(news, y, origin, period, double=False):
    k = np.arange(len(news))
    rule = np.log(y[:origin])[k % period - period]
    if double:
        change = np.log(y[origin - 1]) - np.log(y[origin - period - 1])
        return np.exp(rule + change + np.cumsum(news))
    return np.exp(rule + np.cumsum(news))
""",
        ),
        slip(
            "the rule alone is returned: add the news",
            3,
            ("logs.append(rule + new)", "logs.append(rule)"),
        ),
        slip(
            "must be a NumPy array, but yours is a list",
            3,
            ("np.exp(np.array(logs[origin:]))", "[float(np.exp(one)) for one in logs[origin:]]"),
        ),
    ],
    "walk_forward": [
        slip(
            "the rule sees values from after the origin: hand it the past alone",
            2,
            ("y[:o].copy()", "y.copy()"),
            ways=[
                [("y[:o].copy()", "y[: o + steps].copy()")],
                [("y[:o].copy()", "y")],
                [("y[:o].copy()", "y[: o + 1].copy()")],
                [("y[:o].copy()", "y[: o + 1]")],
            ],
        ),
        slip(
            "the last known value is missing from what the rule is handed",
            2,
            ("y[:o].copy()", "y[: o - 1].copy()"),
        ),
        slip(
            "hand the rule a copy: one that works in place changes y",
            1,
            ("y[:o].copy()", "y[:o]"),
        ),
        slip(
            "hand the rule a new copy at each origin: what it has changed comes back at the next",
            1,
            ("    for row, o", "    past = y.copy()\n    for row, o"),
            ("y[:o].copy()", "past[:o]"),
        ),
        slip(
            "lead 1 is the first value after the origin: this compares with the one after that",
            1,
            ("actual = y[o : o + steps]", "actual = y[o + 1 : o + 1 + steps]"),
        ),
        slip(
            "lead 1 is the first value after the origin: this compares with the last known one",
            1,
            ("actual = y[o : o + steps]", "actual = y[o - 1 : o - 1 + steps]"),
        ),
        slip(
            "an error that nobody can know is nan, not zero",
            1,
            ("np.full((len(origins), steps), np.nan)", "np.zeros((len(origins), steps))"),
        ),
        slip(
            "the mean goes over the origins, and leaves a number for each lead",
            1,
            ("axis=0", "axis=1"),
            ways=[[("np.nanmean(np.abs(errors), axis=0)", "np.nanmean(np.abs(errors))")]],
        ),
        slip(
            "one nan spoils a mean: leave the unknown errors out",
            1,
            ("np.nanmean(", "np.mean("),
        ),
        slip(
            "errors of both signs cancel in the mean over the origins: take absolute values first",
            1,
            ("np.abs(errors)", "errors"),
            ways=[[("np.nanmean(np.abs(errors), axis=0)", "np.abs(np.nanmean(errors, axis=0))")]],
        ),
        slip(
            "leave what the rule returns as it is: it may keep this array and return it again",
            1,
            (
                "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                "        guess = forecast(y[:o].copy(), steps)\n"
                "        guess[: len(actual)] -= actual\n"
                "        row[: len(actual)] = -guess[: len(actual)]\n",
            ),
            ways=[
                [
                    (
                        "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                        "        guess = forecast(y[:o].copy(), steps)[: len(actual)]\n"
                        "        row[: len(actual)] = np.subtract(actual, guess, out=guess)\n",
                    )
                ],
                [
                    (
                        "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                        "        guess = forecast(y[:o].copy(), steps)\n"
                        "        guess *= -1.0\n"
                        "        guess[: len(actual)] += actual\n"
                        "        guess[len(actual) :] = np.nan\n"
                        "        row[:] = guess\n",
                    )
                ],
            ],
        ),
        slip(
            "rows of different lengths are no array: fill up with nan where the series ends",
            2,
            """
def walk_forward(y, origins, steps, forecast):
    errors = []
    for o in origins:
        actual = y[o : o + steps]
        errors.append(actual - forecast(y[:o].copy(), steps)[: len(actual)])
    errors = np.array(errors)
    return errors, np.nanmean(np.abs(errors), axis=0)
""",
            ways=[
                """
def walk_forward(y, origins, steps, forecast):
    errors = []
    for o in origins:
        actual = y[o : o + steps]
        errors.append(actual - forecast(y[:o].copy(), steps)[: len(actual)])
    errors = np.stack(errors)
    return errors, np.nanmean(np.abs(errors), axis=0)
""",
            ],
        ),
        slip(
            "in the means, an origin near the end counts for the leads that it knows",
            1,
            (
                "np.nanmean(np.abs(errors), axis=0)",
                "np.abs(errors[~np.isnan(errors).any(axis=1)]).mean(axis=0)",
            ),
        ),
        slip(
            "the errors are asked for, not the forecasts",
            1,
            (
                "= actual - forecast(y[:o].copy(), steps)[: len(actual)]",
                "= forecast(y[:o].copy(), steps)[: len(actual)]",
            ),
            ways=[
                [
                    (
                        "row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]",
                        "row[:] = forecast(y[:o].copy(), steps)",
                    )
                ],
            ],
        ),
        slip(
            "the errors are asked for, not the true values",
            1,
            (
                "= actual - forecast(y[:o].copy(), steps)[: len(actual)]",
                "= actual + 0 * forecast(y[:o].copy(), steps)[: len(actual)]",
            ),
        ),
        slip(
            "the errors by lead are absolute ones: take no squares",
            1,
            ("np.nanmean(np.abs(errors), axis=0)", "np.sqrt(np.nanmean(errors**2, axis=0))"),
            ways=[[("np.abs(errors)", "errors**2")]],
        ),
        slip(
            "an error is the true value minus the forecast",
            1,
            (
                "actual - forecast(y[:o].copy(), steps)[: len(actual)]",
                "forecast(y[:o].copy(), steps)[: len(actual)] - actual",
            ),
        ),
        slip(
            "the errors keep their sign: absolute values come with the mean",
            1,
            ("    return errors,", "    errors = np.abs(errors)\n    return errors,"),
        ),
        slip(
            "an origin near the end counts too, with the leads that are known",
            2,
            (
                "        actual = y[o : o + steps]\n",
                "        actual = y[o : o + steps]\n"
                "        if len(actual) < steps:\n            continue\n",
            ),
            ways=[
                [
                    (
                        "    errors = np.full",
                        "    origins = [o for o in origins if o + steps <= len(y)]\n"
                        "    errors = np.full",
                    )
                ],
            ],
        ),
        slip(
            "ask the rule for all steps: it must not learn where the series ends",
            1,
            ("y[:o].copy(), steps)", "y[:o].copy(), len(actual))"),
        ),
        slip(
            "where the series ends, compare what is known alone: the forecast is longer",
            2,
            ("steps)[: len(actual)]", "steps)"),
        ),
        slip(
            "first the errors are returned, then the means by lead",
            1,
            (
                "return errors, np.nanmean(np.abs(errors), axis=0)",
                "return np.nanmean(np.abs(errors), axis=0), errors",
            ),
        ),
        slip(
            "two results are asked for: the errors, and their means by lead",
            1,
            ("return errors, np.nanmean(np.abs(errors), axis=0)", "return errors"),
            ways=[
                [
                    (
                        "return errors, np.nanmean(np.abs(errors), axis=0)",
                        "return np.nanmean(np.abs(errors), axis=0)",
                    )
                ]
            ],
        ),
        slip(
            "the past goes back to the beginning of the series at every origin",
            2,
            ("y[:o].copy()", "y[o - origins[0] : o].copy()"),
        ),
        slip(
            "origins hold positions in the series: this uses their number in the list",
            2,
            ("zip(errors, origins, strict=True)", "zip(errors, range(len(origins)), strict=True)"),
            ways=[
                [
                    (
                        "zip(errors, origins, strict=True)",
                        "zip(errors, range(1, len(origins) + 1), strict=True)",
                    )
                ]
            ],
        ),
        slip(
            "ask the rule anew at each origin: this forecast is used for all of them",
            2,
            (
                "    for row, o",
                "    once = forecast(y[: origins[0]].copy(), steps)\n    for row, o",
            ),
            ("forecast(y[:o].copy(), steps)[", "once["),
        ),
        slip(
            "one call an origin gives all leads: step by step the rule sees what it is to forecast",
            2,
            (
                "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                "        for k in range(len(actual)):\n"
                "            row[k] = actual[k] - forecast(y[: o + k].copy(), 1)[0]\n",
            ),
        ),
        slip(
            "one call an origin gives all leads: do not ask once for each lead",
            1,
            (
                "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                "        for k in range(len(actual)):\n"
                "            row[k] = actual[k] - forecast(y[:o].copy(), steps)[k]\n",
            ),
            ways=[
                [
                    (
                        "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                        "        for k in range(len(actual)):\n"
                        "            row[k] = actual[k] - forecast(y[:o].copy(), k + 1)[k]\n",
                    )
                ],
                [
                    (
                        "        row[: len(actual)] = actual - forecast(y[:o].copy(), steps)[: len(actual)]\n",
                        "        for k in range(steps):\n"
                        "            if o + k < len(y):\n"
                        "                row[k] = y[o + k] - forecast(y[:o].copy(), k + 1)[-1]\n",
                    )
                ],
            ],
        ),
        slip(
            "by lead the mean is asked for, not the median",
            1,
            ("np.nanmean(", "np.nanmedian("),
        ),
        slip(
            "by lead the mean is asked for, not the sum",
            1,
            ("np.nanmean(", "np.nansum("),
        ),
        slip(
            "divide by the number of origins at which a lead is known, not by all of them",
            1,
            (
                "np.nanmean(np.abs(errors), axis=0)",
                "np.nansum(np.abs(errors), axis=0) / len(origins)",
            ),
        ),
        slip(
            "the errors have the unit of the series: divide by nothing",
            1,
            (
                "actual - forecast(y[:o].copy(), steps)[: len(actual)]",
                "(actual - forecast(y[:o].copy(), steps)[: len(actual)]) / actual",
            ),
        ),
        slip(
            "errors has a row for each origin and a column for each lead",
            1,
            ("return errors, ", "return errors.T, "),
        ),
        slip(
            "each lead has a forecast of its own: this takes that of one lead for all",
            1,
            ("steps)[: len(actual)]", "steps)[0]"),
            ways=[[("steps)[: len(actual)]", "steps)[-1]")]],
        ),
        slip(
            "the rule must be handed an array: a list has no arithmetic",
            1,
            ("y[:o].copy()", "list(y[:o])"),
            ways=[[("y[:o].copy()", "y[:o].tolist()")]],
        ),
        slip(
            "the known leads stand in front: nan fills the end of a row",
            1,
            (
                "row[: len(actual)] = actual",
                "row[steps - len(actual) :] = actual",
            ),
        ),
        slip(
            "compare the true values with the forecasts of the same leads: these are the last ones",
            1,
            ("steps)[: len(actual)]", "steps)[steps - len(actual) :]"),
        ),
    ],
}

RIGHT = [
    Right(
        "plain-loops",
        {
            "windows": """
def windows(series, width):
    x, target = [], []
    for s in series:
        for start in range(len(s) - width):
            x.append(s[start : start + width])
            target.append(s[start + width])
    if not x:
        return np.zeros((0, width)), np.zeros(0)
    return np.array(x), np.array(target)
""",
            "seasonal_naive": """
def seasonal_naive(y, period, steps, drift=False):
    d = np.mean([y[t] - y[t - period] for t in range(period, len(y))]) if drift else 0.0
    values = list(y)
    for _ in range(steps):
        values.append(values[-period] + d)
    return np.array(values[len(y) :])
""",
            "mase": """
def mase(actual, forecast, known, period):
    T = len(known)
    if T - period < 1:
        raise ValueError("known is TOO SHORT for this period")
    scale = sum(abs(known[t] - known[t - period]) for t in range(period, T)) / (T - period)
    if not scale > 0:
        raise ValueError("the mean change over a period is Zero")
    errors = np.abs(np.ravel(actual - forecast))
    return sum(errors) / len(errors) / scale
""",
            "log_difference": """
def log_difference(y, period, double=False):
    for value in y:
        if value <= 0:
            raise ValueError(f"only positive values have a logarithm, not {value}")
    news = [np.log(y[t]) - np.log(y[t - period]) for t in range(period, len(y))]
    if double:
        news = [news[t] - news[t - 1] for t in range(1, len(news))]
    return np.array(news)
""",
            "undo": """
def undo(news, y, origin, period, double=False):
    values = [*y[:origin]]
    for new in news:
        value = values[-period] * np.exp(new)
        if double:
            value *= values[-1] / values[-period - 1]
        values.append(value)
    return np.array(values[origin:])
""",
            "walk_forward": """
def walk_forward(y, origins, steps, forecast):
    errors = np.zeros((len(origins), steps))
    for n, o in enumerate(origins):
        predicted = forecast(np.array(y[:o]), steps)
        for k in range(steps):
            errors[n, k] = y[o + k] - predicted[k] if o + k < len(y) else np.nan
    by_lead = np.zeros(steps)
    for k in range(steps):
        column = errors[:, k]
        by_lead[k] = np.abs(column[~np.isnan(column)]).mean()
    return errors, by_lead
""",
        },
    ),
    Right(
        "sliding-views",
        {
            "windows": """
def windows(series, width):
    cut = np.lib.stride_tricks.sliding_window_view
    pieces = [cut(s, width + 1) for s in series if len(s) > width]
    both = np.concatenate([np.empty((0, width + 1)), *pieces])
    return both[:, :-1], both[:, -1]
""",
            "seasonal_naive": """
def seasonal_naive(y, period, steps, drift=False):
    forecast = np.resize(y[-period:], steps)
    if not drift:
        return forecast
    d = (y[-period:].sum() - y[:period].sum()) / (len(y) - period)
    return forecast + d * (1 + np.arange(steps) // period)
""",
            "undo": """
def undo(news, y, origin, period, double=False):
    logs = np.log(y[:origin])
    if double:
        news = logs[-1] - logs[-period - 1] + np.cumsum(news)
    forecast = np.zeros(len(news))
    for k in range(len(news)):
        before = forecast[k - period] if k >= period else logs[k - period]
        forecast[k] = news[k] + before
    return np.exp(forecast)
""",
        },
    ),
    Right(
        "indices-and-padding",
        {
            "windows": """
def windows(series, width):
    x, target = [np.zeros((0, width))], [np.zeros(0)]
    for s in series:
        N = max(len(s) - width, 0)
        index = np.arange(N)[:, None] + np.arange(width + 1)
        x.append(s[index[:, :width]])
        target.append(s[index[:, width]])
    return np.vstack(x), np.hstack(target)
""",
            "seasonal_naive": """
def seasonal_naive(y, period, steps, drift=False):
    periods = -(-steps // period)
    blocks = np.tile(y[-period:], (periods, 1))
    if drift:
        blocks = blocks + np.arange(1, periods + 1)[:, None] * np.mean(y[period:] - y[:-period])
    return blocks.ravel()[:steps]
""",
            "walk_forward": """
def walk_forward(y, origins, steps, forecast):
    padded = np.concatenate([y, np.full(steps, np.nan)])
    rows = [padded[o : o + steps] - forecast(y.copy()[:o], steps) for o in origins]
    errors = np.stack(rows)
    known = np.isfinite(errors)
    return errors, np.where(known, np.abs(errors), 0).sum(axis=0) / known.sum(axis=0)
""",
        },
    ),
    Right(
        "ratios",
        {
            "log_difference": """
def log_difference(y, period, double=False):
    if not (y > 0).all():
        raise ValueError("y must be positive everywhere")
    ratio = y[period:] / y[: len(y) - period]
    if double:
        ratio = ratio[1:] / ratio[:-1]
    return np.log(ratio)
""",
            "mase": """
def mase(actual, forecast, known, period):
    if known[period:].size == 0:
        raise ValueError("known is too short: a longer training part is needed")
    changes = np.abs(known[period:] - known[: len(known) - period])
    if not changes.any():
        raise ValueError("the denominator is zero")
    return np.mean(np.abs(forecast - actual)) * len(changes) / changes.sum()
""",
            "undo": """
def undo(news, y, origin, period, double=False):
    full = np.concatenate([np.log(y[:origin]), np.asarray(news, dtype=np.float64)])
    for t in range(origin, len(full)):
        full[t] += full[t - period]
        if double:
            full[t] += full[t - 1] - full[t - 1 - period]
    return np.exp(full)[origin:]
""",
        },
    ),
    Right(
        "neighbours-first-and-recursion",
        {
            "log_difference": """
def log_difference(y, period, double=False):
    if y.min() <= 0:
        raise ValueError("the values must be positive")
    logs = np.diff(np.log(y)) if double else np.log(y)
    return logs[period:] - logs[:-period]
""",
            "undo": """
def undo(news, y, origin, period, double=False):
    past = y[:origin]
    if len(news) == 0:
        return past[origin:]
    first = past[-period] * np.exp(news[0])
    if double:
        first = first * past[-1] / past[-1 - period]
    longer = np.append(past, first)
    return np.append(first, undo(news[1:], longer, origin + 1, period, double))
""",
            "walk_forward": """
def walk_forward(y, origins, steps, forecast):
    def row(o):
        predicted = forecast(y[:o] + 0, steps)
        n = min(steps, len(y) - o)
        return np.append(y[o : o + n] - predicted[:n], [np.nan] * (steps - n))

    errors = np.array([row(int(o)) for o in origins])
    return errors, np.nanmean(np.fabs(errors), 0)
""",
            "windows": """
def windows(series, width):
    if len(series) == 0:
        return np.zeros((0, width)), np.zeros(0)
    first, *rest = series
    x, target = windows(rest, width)
    N = max(0, len(first) - width)
    own = np.array([first[n : n + width] for n in range(N)]).reshape(N, width)
    return np.concatenate([own, x]), np.concatenate([first[len(first) - N :], target])
""",
        },
    ),
    Right(
        "a-masked-mean-and-float32",
        {
            "walk_forward": """
def walk_forward(y, origins, steps, forecast):
    errors = np.full((len(origins), steps), np.nan)
    for n, o in enumerate(origins.tolist()):
        past = np.copy(y[:o])
        predicted = np.asarray(forecast(past, steps))
        for k, value in enumerate(y[o : o + steps]):
            errors[n, k] = value - predicted[k]
    known = ~np.isnan(errors)
    return errors, np.mean(np.abs(errors), axis=0, where=known)
""",
            "mase": """
def mase(actual, forecast, known, period):
    T = known.shape[0]
    if period >= T:
        raise ValueError(f"{T} values are too short a training part for a period of {period}")
    naive = np.mean(np.absolute(np.subtract(known[period:], known[: T - period])))
    if naive <= 0.0:
        raise ValueError("division by zero: the training part does not change over a period")
    return np.mean(np.absolute(actual - forecast)) / naive
""",
            "log_difference": """
def log_difference(y, period, double=False):
    if sum(value <= 0 for value in y):
        raise ValueError("give positive values")
    logs = np.log(y).astype(np.float32) if y.dtype == np.float32 else np.log(y)
    news = (logs - np.roll(logs, period))[period:]
    return news[1:] - news[:-1] if double else news
""",
        },
    ),
    Right(
        "helpers-of-ones-own",
        {
            "seasonal_naive": """
def seasonal_naive(y, period, steps, drift=False):
    out = []
    for k in range(1, steps + 1):
        j = rounds(k, period)
        out.append(y[len(y) + k - j * period - 1] + (j * change(y, period) if drift else 0))
    return np.array(out)
""",
            "mase": """
def mase(actual, forecast, known, period):
    if len(known) <= period:
        raise ValueError("too short")
    scale = np.abs(lagged(known, period)).mean()
    if scale == 0:
        raise ValueError("zero")
    return np.abs(actual - forecast).mean() / scale
""",
        },
        extra="""
def lagged(y, period):
    return y[period:] - y[:-period]

def change(y, period):
    return lagged(y, period).mean()

def rounds(k, period):
    return (k + period - 1) // period

series, T, o, period = "names", "of", "my", "own"
""",
    ),
]
