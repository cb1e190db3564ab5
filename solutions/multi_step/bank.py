"""What is known of the assignment multi_step: the mistakes of each question, as small changes of
the answer, and right answers in other styles.
"""

from __future__ import annotations

from nbjudge.verify.bank import Right, slip, wrong

WHOLE = """
def whole_windows(series, width):
    if len(series) < width:
        return np.empty(0, dtype=int), np.empty((0, width))
    every = np.lib.stride_tricks.sliding_window_view(series, width)
    starts = np.flatnonzero(~np.isnan(every).any(axis=1))
    return starts, every[starts]
"""

WHOLE_LOOP = """
def whole_windows(series, width):
    starts = []
    for s in range(len(series) - width + 1):
        if not np.isnan(series[s : s + width]).any():
            starts.append(s)
    windows = [series[s : s + width] for s in starts]
    return np.array(starts, dtype=int), np.array(windows, dtype=float).reshape(-1, width)
"""

DIRECT = """
def direct_targets(y, T, K, stride, at):
    origins = [o for o in range(T, len(y) - K + 1) if o % stride == at]
    if not origins:
        first = next(o for o in range(T, T + stride) if o % stride == at)
        raise ValueError(f"too short: {first + K} values are needed")
    inputs = np.stack([y[o - T : o] for o in origins])
    return inputs, np.stack([y[o : o + K] for o in origins])
"""

LOOP = """
def recursive_forecast(step, y, origins, T, K):
    windows = np.stack([y[o - T : o] for o in origins])
    forecast = np.empty((len(origins), K))
    for k in range(K):
        forecast[:, k] = step(windows)
        windows = np.hstack([windows[:, 1:], forecast[:, k : k + 1]])
    return forecast
"""

PINBALL = """
def pinball(y, q, levels):
    off = y[..., np.newaxis] - q
    cost = np.where(off >= 0, levels * off, (levels - 1) * off)
    return np.nanmean(cost.reshape(-1, len(levels)), axis=0)
"""

COVERAGE = """
def coverage(y, low, high):
    y = np.ma.masked_invalid(y)
    share = ((y >= low) & (y <= high)).mean(axis=0)
    width = np.ma.array(high - low, mask=np.isnan(y.data)).mean(axis=0)
    return share.filled(0.0), width.filled(0.0)
"""

CORRECTED = """
def corrected_band(y, low, high, new_low, new_high, alpha):
    N = len(y)
    k = N + 1 - int(np.floor((N + 1) * alpha))
    if k > N:
        raise ValueError(f"need {int(np.ceil(1 / alpha - 1))} rows")
    scores = np.stack([low - y, y - high]).max(axis=0)
    move = np.partition(scores, k - 1)[k - 1]
    return new_low - move, new_high + move
"""

BRIDGED = """
def whole_windows(series, width):
    series = series[~np.isnan(series)]
    starts = np.arange(max(0, len(series) - width + 1))
    return starts, series[starts[:, None] + np.arange(width)]
"""

BRIDGED_BUT_STARTS = """
def whole_windows(series, width):
    there = np.flatnonzero(~np.isnan(series))
    rows = np.arange(max(0, len(there) - width + 1))[:, None] + np.arange(width)
    return there[rows[:, 0]], series[there[rows]]
"""

FILLED = """
def whole_windows(series, width):
    series = np.{}
    starts = np.arange(max(0, len(series) - width + 1))
    return starts, series[starts[:, None] + np.arange(width)]
"""

FILLED_IN_PLACE = """
def whole_windows(series, width):
    series[np.isnan(series)] = 0.0
    starts = np.arange(max(0, len(series) - width + 1))
    return starts, series[starts[:, None] + np.arange(width)]
"""

LAST_AGAIN = """
def whole_windows(series, width):
    series = series.copy()
    for t in range(1, len(series)):
        if np.isnan(series[t]):
            series[t] = series[t - 1]
    starts = np.arange(max(0, len(series) - width + 1))
    windows = series[starts[:, None] + np.arange(width)]
    whole = ~np.isnan(windows).any(axis=1)
    return starts[whole], windows[whole]
"""

BLOCKS = """
def whole_windows(series, width):
    starts = np.arange(0, len(series) - width + 1, width)
    windows = series[starts[:, None] + np.arange(width)]
    whole = ~np.isnan(windows).any(axis=1)
    return starts[whole], windows[whole]
"""

BLOCKS_OF_RUNS = """
def whole_windows(series, width):
    starts, s = [], 0
    while s + width <= len(series):
        if np.isnan(series[s : s + width]).any():
            s += 1
        else:
            starts.append(s)
            s += width
    starts = np.array(starts, dtype=int)
    return starts, series[starts[:, None] + np.arange(width)]
"""

ONE_A_RUN = """
def whole_windows(series, width):
    starts, s = [], 0
    while s + width <= len(series):
        if not np.isnan(series[s : s + width]).any():
            starts.append(s)
            while s < len(series) and not np.isnan(series[s]):
                s += 1
        s += 1
    starts = np.array(starts, dtype=int)
    return starts, series[starts[:, None] + np.arange(width)]
"""

SKIPS_PAST_GAPS = """
def whole_windows(series, width):
    starts, s = [], 0
    while s + width <= len(series):
        if np.isnan(series[s : s + width]).any():
            s += width
        else:
            starts.append(s)
            s += 1
    starts = np.array(starts, dtype=int)
    return starts, series[starts[:, None] + np.arange(width)]
"""

VIEW_ONLY = """
def whole_windows(series, width):
    windows = np.lib.stride_tricks.sliding_window_view(series, width)
    starts = np.flatnonzero(~np.isnan(windows).any(axis=1))
    return starts, windows[starts]
"""

STACKED = """
def whole_windows(series, width):
    windows = [series[s : s + width] for s in range(len(series) - width + 1)]
    starts = [s for s, w in enumerate(windows) if not np.isnan(w).any()]
    return np.array(starts, dtype=int), np.stack([windows[s] for s in starts])
"""

LISTED = """
def whole_windows(series, width):
    windows = [series[s : s + width] for s in range(len(series) - width + 1)]
    starts = [s for s, w in enumerate(windows) if not np.isnan(w).any()]
    return np.array(starts{}), np.array([windows[s] for s in starts]){}
"""

UNTIL_THE_GAP = """
def whole_windows(series, width):
    gaps = np.flatnonzero(np.isnan(series))
    end = gaps[0] if len(gaps) else len(series)
    starts = np.arange(max(0, end - width + 1))
    return starts, series[starts[:, None] + np.arange(width)]
"""

DIRECT_AT_ONCE = """
def direct_targets(y, T, K, stride, at):
    origins = np.arange({first}, len(y) - K + 1, stride)
    if len(origins) == 0:
        raise ValueError(f"y has {{len(y)}} values: give at least {{{first} + K}}")
    return y[origins[:, None] + np.arange(-T, 0)], y[origins[:, None] + np.arange(K)]
"""

LEAKED = """
def recursive_forecast(step, y, origins, T, K):
    said = []
    for k in range(K):
        windows = np.stack([y[o + k - T : o + k] for o in origins])
        said.append(step(windows))
    return np.stack(said, axis=1)
"""

LEAKED_INDEX = """
def recursive_forecast(step, y, origins, T, K):
    said = []
    for k in range(K):
        said.append(step(y[origins[:, None] + np.arange(k - T, k)]))
    return np.stack(said, axis=1)
"""

LEAKED_VALUE = """
def recursive_forecast(step, y, origins, T, K):
    windows, said = y[origins[:, None] + np.arange(-T, 0)], []
    for k in range(K):
        said.append(step(windows))
        windows = np.column_stack([windows[:, 1:], y[origins + k]])
    return np.stack(said, axis=1)
"""

LEAKED_WHERE_KNOWN = """
def recursive_forecast(step, y, origins, T, K):
    windows, said = y[origins[:, None] + np.arange(-T, 0)], []
    for k in range(K):
        value = step(windows)
        said.append(value)
        known = origins + k < len(y)
        truth = y[np.minimum(origins + k, len(y) - 1)]
        windows = np.column_stack([windows[:, 1:], np.where(known, truth, value)])
    return np.stack(said, axis=1)
"""

WRITTEN = """
def recursive_forecast(step, y, origins, T, K):
    y = np.append(y, np.zeros(K, y.dtype))
    for k in range(K):
        y[origins + k] = step(y[origins[:, None] + np.arange(k - T, k)])
    return y[origins[:, None] + np.arange(K)]
"""

WRITTEN_AND_KEPT = """
def recursive_forecast(step, y, origins, T, K):
    y, said = np.append(y, np.zeros(K, y.dtype)), []
    for k in range(K):
        said.append(step(y[origins[:, None] + np.arange(k - T, k)]))
        y[origins + k] = said[-1]
    return np.stack(said, axis=1)
"""

WRITTEN_IN_PLACE = """
def recursive_forecast(step, y, origins, T, K):
    forecast = np.zeros((len(origins), K), y.dtype)
    windows = y[origins[:, None] + np.arange(-T, 0)]
    for k in range(K):
        forecast[:, k] = step(windows)
        known = origins + k < len(y)
        y[origins[known] + k] = forecast[known, k]
        windows = np.column_stack([windows[:, 1:], forecast[:, k]])
    return forecast
"""

ONE_BY_ONE = """
def recursive_forecast(step, y, origins, T, K):
    rows = []
    for o in origins:
        window, said = y[o - T : o], []
        for _ in range(K):
            said.append(step(window[None])[0])
            window = np.append(window[1:], said[-1])
        rows.append(said)
    return np.array(rows)
"""

GROWING = """
def recursive_forecast(step, y, origins, T, K):
    windows = y[origins[:, None] + np.arange(-T, 0)]
    for _ in range(K):
        windows = np.column_stack([windows, step(windows)])
    return windows[:, T:]
"""

MISTAKES = {
    "whole_windows": [
        slip(
            "the missing readings were taken out before the windows were cut, so windows bridge "
            "gaps: cut them from the series as it stands, and leave out those with a gap",
            2,
            BRIDGED,
        ),
        slip(
            "the windows are cut from the readings that are there, so they bridge gaps: all "
            "readings of a window must be neighbours in the series",
            2,
            BRIDGED_BUT_STARTS,
        ),
        slip(
            "windows with a missing reading are among them: leave them out (np.isnan finds nan, "
            "while == and != do not)",
            2,
            ("~np.isnan(series[steps]).any(axis=1)", "np.ones(len(steps), dtype=bool)"),
            ways=[[("~np.isnan(series[steps]).any(axis=1)", "(series[steps] != np.nan).all(1)")]],
        ),
        slip(
            "one missing reading spoils a window: here only windows without any reading are left out",
            2,
            (".any(axis=1)", ".all(axis=1)"),
        ),
        slip(
            "the gaps were filled with zeros, which nobody has measured: leave such windows out",
            2,
            FILLED.format("nan_to_num(series)"),
            ways=[FILLED.format("where(np.isnan(series), 0.0, series)")],
        ),
        slip("your function writes into the series: work on a new array", 2, FILLED_IN_PLACE),
        slip(
            "the last reading was repeated in the gaps, so windows bridge them: leave them out",
            2,
            LAST_AGAIN,
        ),
        slip(
            "only the two ends of a window are looked at: a reading between them may be missing",
            2,
            ("np.isnan(series[steps])", "np.isnan(series[steps][:, [0, -1]])"),
        ),
        slip(
            "only the first reading of a window is looked at: any of them may be missing",
            2,
            ("np.isnan(series[steps]).any(axis=1)", "np.isnan(series[steps])[:, 0]"),
        ),
        slip(
            "only the last reading of a window is looked at: any of them may be missing",
            2,
            ("np.isnan(series[steps]).any(axis=1)", "np.isnan(series[steps])[:, -1]"),
        ),
        slip(
            "windows that overlap are lost: one may begin at every step",
            2,
            BLOCKS,
        ),
        slip(
            "after a whole window the search goes on behind it: move on by one step, windows overlap",
            2,
            BLOCKS_OF_RUNS,
        ),
        slip(
            "of each run of readings only the first window is kept: keep all of them",
            2,
            ONE_A_RUN,
        ),
        slip(
            "after a window with a gap the search jumps over a whole width, and loses windows: "
            "move on by one step",
            2,
            SKIPS_PAST_GAPS,
        ),
        slip(
            "the search ends at the first gap: go on behind it",
            2,
            UNTIL_THE_GAP,
        ),
        slip(
            "the last window is lost: a series of n steps has n - width + 1 windows",
            2,
            ("len(series) - width + 1", "max(0, len(series) - width)"),
        ),
        slip(
            "the first window is lost: steps are counted from 0",
            2,
            ("len(series) - width + 1)", "1, len(series) - width + 1)"),
            ("np.flatnonzero(whole)", "np.flatnonzero(whole) + 1"),
        ),
        slip(
            "a reading of 0 is a reading: only nan is missing",
            2,
            ("~np.isnan(series[steps]).any(axis=1)", "np.nan_to_num(series[steps]).all(axis=1)"),
        ),
        slip(
            "all() takes nan for true and 0 for false: ask with np.isnan",
            2,
            ("~np.isnan(series[steps]).any(axis=1)", "series[steps].all(axis=1)"),
        ),
        slip(
            "a reading below 0 is a reading: only nan is missing",
            2,
            ("~np.isnan(series[steps]).any(axis=1)", "(series[steps] >= 0).all(axis=1)"),
            ways=[
                [("~np.isnan(series[steps]).any(axis=1)", "(series[steps] > 0).all(axis=1)")],
            ],
        ),
        slip(
            "a sum above 0 is no sign of a whole window: readings of 0 and below are readings, and "
            "only nan is missing",
            2,
            ("~np.isnan(series[steps]).any(axis=1)", "series[steps].sum(axis=1) > 0"),
        ),
        slip(
            "a sum of 0 is no sign of a gap: readings of 0 are readings, and only nan is missing",
            2,
            (
                "~np.isnan(series[steps]).any(axis=1)",
                "np.nan_to_num(series[steps].sum(axis=1)) != 0",
            ),
        ),
        slip(
            "the first window behind a gap is lost: a window may begin right after one",
            2,
            (
                "    return np.flatnonzero",
                "    whole &= ~np.isnan(np.append(0.0, series))[: len(whole)]\n"
                "    return np.flatnonzero",
            ),
        ),
        slip(
            "the last window before a gap is lost: a window may end right before one",
            2,
            (
                "    return np.flatnonzero",
                "    whole &= ~np.isnan(np.append(series, 0.0))[width:]\n    return np.flatnonzero",
            ),
        ),
        slip(
            "True and False for each window is not what is asked for: np.flatnonzero gives the "
            "places of the True ones",
            1,
            ("np.flatnonzero(whole)", "whole"),
        ),
        slip(
            "a start is the first step of a window: these are the last ones",
            1,
            ("np.flatnonzero(whole)", "np.flatnonzero(whole) + width - 1"),
        ),
        slip(
            "a start is the first step of a window: these are the steps behind it",
            1,
            ("np.flatnonzero(whole)", "np.flatnonzero(whole) + width"),
        ),
        slip(
            "steps are counted from 0, not from 1",
            1,
            ("np.flatnonzero(whole)", "np.flatnonzero(whole) + 1"),
        ),
        slip(
            "the whole windows are numbered one after the other: a start is a step of the series",
            1,
            ("np.flatnonzero(whole)", "np.arange(whole.sum())"),
        ),
        slip(
            "these are the windows that have a gap: keep the others",
            2,
            ("~np.isnan(series[steps]).any(axis=1)", "np.isnan(series[steps]).any(axis=1)"),
        ),
        slip(
            "a window has one reading too many: it has as many as its width",
            2,
            ("- width + 1)", "- width)"),
            ("np.arange(width)", "np.arange(width + 1)"),
            ways=[[("np.arange(width)  #", "np.arange(min(width + 1, len(series)))  #")]],
        ),
        slip(
            "the starts are right, but all windows come back: pick the whole ones",
            1,
            ("series[steps[whole]]", "series[steps]"),
        ),
        slip(
            "windows are rows, their steps are columns: these are transposed",
            1,
            ("series[steps[whole]]", "series[steps[whole]].T"),
        ),
        slip(
            "the readings of a window run from the oldest to the newest: these are turned round",
            1,
            ("series[steps[whole]]", "series[steps[whole]][:, ::-1]"),
        ),
        slip(
            "these are the steps of each window, not the readings there",
            1,
            ("series[steps[whole]]", "steps[whole]"),
        ),
        slip(
            "a series shorter than a window stops sliding_window_view: return empty results then",
            2,
            VIEW_ONLY,
        ),
        slip(
            "where no window is whole there is nothing to stack: return empty results then",
            2,
            STACKED,
        ),
        slip(
            "np.array of an empty list is one of floats, of shape (0,): give dtype=int for the "
            "starts, and reshape the windows to (-1, width)",
            2,
            LISTED.format("", ""),
        ),
        slip(
            "where no window is whole, the windows need the shape (0, width): np.array of an empty "
            "list has the shape (0,), so reshape it to (-1, width)",
            1,
            LISTED.format(", dtype=int", ""),
        ),
        slip(
            "where no window is whole, the starts must still be whole numbers: np.array of an empty "
            "list has floats, so give dtype=int",
            1,
            LISTED.format("", ".reshape(-1, width)"),
        ),
        slip(
            "the two results are exchanged: first the starts, then the windows",
            2,
            (
                "np.flatnonzero(whole), series[steps[whole]]",
                "series[steps[whole]], np.flatnonzero(whole)",
            ),
        ),
        slip(
            "np.argwhere gives a column: the starts have one axis",
            1,
            ("np.flatnonzero(whole)", "np.argwhere(whole)"),
        ),
        slip(
            "np.where returns a tuple: its first entry holds the starts",
            1,
            ("np.flatnonzero(whole)", "np.where(whole)"),
        ),
    ],
    "direct_targets": [
        slip(
            "the first origin is at T, whatever the clock says: it is the first step from T on "
            "with o % stride == at",
            2,
            ("T + (at - T) % stride", "T"),
        ),
        slip(
            "the first origin is at `at`, which may lie before step T: go on to the first one with "
            "T values before it",
            2,
            ("T + (at - T) % stride", "at"),
        ),
        slip(
            "the place of the clock is counted from the start of the series, not from step T",
            2,
            ("T + (at - T) % stride", "T + at"),
        ),
        slip(
            "the first origin comes a stride too late: step T itself may be one",
            2,
            ("T + (at - T) % stride", "T + 1 + (at - T - 1) % stride"),
        ),
        slip(
            "the first stride is left out, though it may hold an origin: an origin needs T values "
            "before it, no more",
            2,
            ("T + (at - T) % stride", "T + stride + (at - T) % stride"),
        ),
        slip(
            "T is rounded up to whole strides before `at` is added, so an origin may be lost",
            2,
            ("T + (at - T) % stride", "-(-T // stride) * stride + at"),
        ),
        slip(
            "T is rounded down to whole strides before `at` is added, so an origin may lie before "
            "step T, and an index below 0 counts from the end",
            2,
            ("T + (at - T) % stride", "T // stride * stride + at"),
        ),
        slip(
            "% of the wrong difference: from T it is (at - T) % stride steps to the next origin",
            2,
            ("(at - T) % stride", "(T - at) % stride"),
        ),
        slip(
            "the targets begin at the origin: the first lead is left out here",
            2,
            ("origins + np.arange(K)", "np.minimum(origins + np.arange(1, K + 1), len(y) - 1)"),
        ),
        slip(
            "the targets begin one step late and need a value more: the first lead is the origin",
            2,
            ("- K + 1, stride", "- K, stride"),
            ("np.arange(K)", "np.arange(1, K + 1)"),
            ("< first + K:", "< first + K + 1:"),
            ("{first + K}", "{first + K + 1}"),
            ways=[[("np.arange(K)", "np.arange(1, K + 1)")]],
        ),
        slip(
            "steps are counted from 0: an origin has o % stride == at, and not (o + 1) % stride",
            2,
            ("(at - T) % stride", "(at - T - 1) % stride"),
        ),
        slip(
            "the inputs hold the value at the origin, which is to be forecast: they end before it",
            2,
            ("np.arange(-T, 0)", "np.arange(-T + 1, 1)"),
        ),
        slip(
            "the value before the origin is not read: the inputs end right before it",
            2,
            ("np.arange(-T, 0)", "np.arange(-T - 1, -1)"),
        ),
        slip(
            "the last pair is lost: an origin needs K values from it on, no more",
            2,
            ("- K + 1, stride", "- K, stride"),
        ),
        slip(
            "origins whose targets are not all there are left in: np.clip and its like repeat the "
            "last value",
            2,
            ("- K + 1, stride", ", stride"),
            ("origins + np.arange(K)]", "np.minimum(origins + np.arange(K), len(y) - 1)]"),
        ),
        slip(
            "there is an origin at every step: they lie a stride apart",
            1,
            ("- K + 1, stride)", "- K + 1)"),
        ),
        slip(
            "the origins lie K steps apart: they lie a stride apart, so that targets may overlap",
            1,
            ("- K + 1, stride)", "- K + 1, K)"),
        ),
        slip(
            "the origins lie T + K steps apart, so that no windows overlap: they lie a stride apart",
            1,
            ("- K + 1, stride)", "- K + 1, T + K)"),
        ),
        slip(
            "the targets are all K leads: this is the last one alone",
            2,
            ("np.arange(K)]", "K - 1]"),
        ),
        slip(
            "the targets are all K leads: this is the first one alone",
            2,
            ("y[origins + np.arange(K)]", "y[origins]"),
        ),
        slip(
            "the targets have no axis for the leads: this is the first one alone",
            2,
            ("y[origins + np.arange(K)]", "y[origins[:, 0]]"),
        ),
        slip(
            "the values of an input run from the oldest to the newest: these are turned round",
            2,
            ("np.arange(-T, 0)", "np.arange(-1, -T - 1, -1)"),
        ),
        slip(
            "the two results are exchanged: first the inputs, then the targets",
            2,
            (
                "y[origins + np.arange(-T, 0)], y[origins + np.arange(K)]",
                "y[origins + np.arange(K)], y[origins + np.arange(-T, 0)]",
            ),
        ),
        slip(
            "T and K are exchanged: T values are read, K are forecast",
            2,
            ("np.arange(-T, 0)", "np.arange(-K, 0)"),
            ("np.arange(K)", "np.arange(T)"),
            ("T + (at - T) % stride", "K + (at - K) % stride"),
            ("- K + 1, stride", "- T + 1, stride"),
            ("< first + K:", "< first + T:"),
            ("{first + K}", "{first + T}"),
        ),
        slip(
            "pairs are rows, steps are columns: these are transposed",
            2,
            (
                "y[origins + np.arange(-T, 0)], y[origins + np.arange(K)]",
                "y[origins + np.arange(-T, 0)].T, y[origins + np.arange(K)].T",
            ),
        ),
        slip(
            "these are steps of the series: return the values there",
            2,
            (
                "y[origins + np.arange(-T, 0)], y[origins + np.arange(K)]",
                "origins + np.arange(-T, 0), origins + np.arange(K)",
            ),
        ),
        slip(
            "a series that is too short gives empty results: raise a ValueError",
            1,
            ("    if len(y) < first + K:\n", ""),
            ('        raise ValueError(f"y is too short: give at least {first + K} values")\n', ""),
        ),
        slip(
            "the message says T + K values, but the first origin may lie behind step T: say how "
            "many values there must be up to its last target",
            1,
            ("give at least {first + K}", "give at least {T + K}"),
        ),
        slip(
            "a series that is too short is compared with T + K, but the first origin may lie behind "
            "step T",
            1,
            ("< first + K:", "< T + K:"),
            ("{first + K}", "{T + K}"),
        ),
        slip(
            "the message asks for one value too many",
            1,
            ("{first + K}", "{first + K + 1}"),
        ),
        slip(
            "the message asks for one value too few",
            1,
            ("{first + K}", "{first + K - 1}"),
        ),
        slip(
            "a series that is just long enough for one pair is refused",
            1,
            ("len(y) < first + K:", "len(y) <= first + K:"),
        ),
        slip(
            "the message does not say how many values the series must have: add that number",
            1,
            ("give at least {first + K} values", "it has {len(y)} values"),
        ),
        slip(
            "the message of the ValueError must name the number that is needed, not a list of numbers",
            1,
            ("{first + K} values", "{list(range(1, 60))} values"),
        ),
        slip(
            "the message names the first origin: the series must reach to its last target, K "
            "values further",
            1,
            ("{first + K}", "{first}"),
        ),
        slip(
            "raise a ValueError: an assert raises another kind",
            1,
            ("    if len(y) < first + K:\n", "    assert len(y) >= first + K\n"),
            ('        raise ValueError(f"y is too short: give at least {first + K} values")\n', ""),
        ),
    ],
    "recursive_forecast": [
        slip(
            "true values from the origin on reach the model, which nobody knew then: append what it "
            "has said",
            2,
            LEAKED_WHERE_KNOWN,
            ways=[LEAKED, LEAKED_INDEX, LEAKED_VALUE],
        ),
        slip(
            "the forecasts are written into one series, where the windows of other origins read "
            "them: each origin needs a window of its own",
            2,
            WRITTEN,
            ways=[WRITTEN_AND_KEPT],
        ),
        slip(
            "the window does not move on, so all leads are the same: drop the oldest value, append "
            "what the model has said",
            2,
            ("        windows = np.column_stack([windows[:, 1:], said[-1]])\n", ""),
        ),
        slip(
            "the newest value is dropped: drop the oldest, which stands first",
            2,
            ("[windows[:, 1:], said[-1]]", "[windows[:, :-1], said[-1]]"),
        ),
        slip(
            "what the model has said is put in front: the newest value stands last",
            2,
            ("[windows[:, 1:], said[-1]]", "[said[-1], windows[:, :-1]]"),
            ways=[[("[windows[:, 1:], said[-1]]", "[said[-1], windows[:, 1:]]")]],
        ),
        slip(
            "what the model has said has one axis, the windows have two: np.column_stack takes both, "
            "np.hstack wants [:, None]",
            3,
            (
                "np.column_stack([windows[:, 1:], said[-1]])",
                "np.hstack([windows[:, 1:], said[-1]])",
            ),
            ways=[
                [
                    (
                        "np.column_stack([windows[:, 1:], said[-1]])",
                        "np.append(windows[:, 1:], said[-1], axis=1)",
                    )
                ],
                [
                    (
                        "np.column_stack([windows[:, 1:], said[-1]])",
                        "np.concatenate([windows[:, 1:], said[-1]], axis=1)",
                    )
                ],
            ],
        ),
        slip(
            "nothing is dropped, so the windows grow: drop the oldest value at each lead",
            1,
            GROWING,
        ),
        slip(
            "the last value that was read is appended: append what the model has said",
            2,
            ("[windows[:, 1:], said[-1]]", "[windows[:, 1:], windows[:, -1]]"),
        ),
        slip(
            "the first forecast is appended again and again: append what the model has said last",
            2,
            ("said[-1]]", "said[0]]"),
        ),
        slip(
            "the windows are rolled round: the oldest value comes back as the newest, where what "
            "the model has said belongs",
            2,
            ("np.column_stack([windows[:, 1:], said[-1]])", "np.roll(windows, -1, axis=1)"),
        ),
        slip(
            "the windows are rolled in the wrong direction: the oldest value is the one that goes",
            2,
            (
                "windows = np.column_stack([windows[:, 1:], said[-1]])",
                "windows = np.roll(windows, 1, axis=1)\n        windows[:, -1] = said[-1]",
            ),
        ),
        slip(
            "the model is called once more than there are leads: K calls are enough",
            1,
            (
                "    return np.stack(said, axis=1)",
                "    step(windows)\n    return np.stack(said, axis=1)",
            ),
        ),
        slip(
            "there is one lead too many: K of them are asked for",
            3,
            ("range(K)", "range(K + 1)"),
        ),
        slip(
            "the first lead is lost: what the model says of the first windows is part of the forecast",
            1,
            ("np.stack(said, axis=1)", "np.stack(said[1:] or said, axis=1)"),
        ),
        slip(
            "the first lead is left out, and one more is computed at the end: what the model says "
            "of the first windows is lead 1",
            3,
            ("range(K)", "range(K + 1)"),
            ("np.stack(said, axis=1)", "np.stack(said[1:], axis=1)"),
        ),
        slip(
            "only the last lead comes back: keep what the model says at every lead",
            1,
            ("np.stack(said, axis=1)", "said[-1][:, None]"),
        ),
        slip(
            "what comes back are the last windows, which may hold values that were read: collect "
            "what the model says",
            1,
            ("np.stack(said, axis=1)", "windows[:, -K:]"),
        ),
        slip(
            "origins are rows and leads are columns: this is transposed",
            2,
            ("np.stack(said, axis=1)", "np.stack(said)"),
            ways=[[("np.stack(said, axis=1)", "np.array(said)")]],
        ),
        slip(
            "the leads stand in one long list: give them an axis",
            2,
            ("np.stack(said, axis=1)", "np.concatenate(said)"),
        ),
        slip(
            "the leads come back in the wrong order: the nearest stands first",
            1,
            ("np.stack(said, axis=1)", "np.stack(said[::-1], axis=1)"),
        ),
        slip(
            "the first windows hold the value at the origin, which is to be forecast: they end "
            "before it",
            3,
            ("np.arange(-T, 0)", "np.arange(-T + 1, 1)"),
        ),
        slip(
            "the first windows end one step too early: the value right before the origin is known",
            3,
            ("np.arange(-T, 0)", "np.arange(-T - 1, -1)"),
        ),
        slip(
            "the values of a window run from the oldest to the newest: these are turned round",
            3,
            ("np.arange(-T, 0)", "np.arange(-1, -T - 1, -1)"),
        ),
        slip(
            "the first windows begin at the origins, so the model reads what it has to forecast: they end "
            "before them",
            3,
            ("np.arange(-T, 0)", "np.arange(T)"),
        ),
        slip(
            "the origins are sorted first: the forecasts must stand in the order of the origins "
            "given",
            3,
            ("y[origins[:, None]", "y[np.sort(origins)[:, None]"),
        ),
        slip(
            "all forecasts start from the first origin: each has its own",
            3,
            ("y[origins[:, None]", "y[np.repeat(origins[:1], len(origins))[:, None]"),
        ),
        slip(
            "all forecasts start from the end of the series: each starts from its origin",
            3,
            ("y[origins[:, None]", "y[np.full(len(origins), len(y))[:, None]"),
        ),
        slip(
            "your function writes its forecasts into the series, which the caller still needs: "
            "keep them in an array of their own",
            1,
            WRITTEN_IN_PLACE,
        ),
        slip(
            "the model is called for one origin after the other: hand it the windows of all origins "
            "together",
            1,
            ONE_BY_ONE,
        ),
        slip(
            "the model is called twice at each lead: keep what it has said and use it again",
            1,
            (
                "windows = np.column_stack([windows[:, 1:], said[-1]])",
                "windows = np.column_stack([windows[:, 1:], step(windows)])",
            ),
        ),
        slip(
            "the changes are added up: what the model says is the next value itself",
            1,
            ("np.stack(said, axis=1)", "np.cumsum(np.stack(said, axis=1), axis=1)"),
        ),
        slip(
            "what the model says is a value, not a change: do not add it to the last one",
            3,
            ("said.append(step(windows))", "said.append(windows[:, -1] + step(windows))"),
        ),
        slip(
            "all values of the window are replaced by what the model has said: only the oldest one goes",
            2,
            (
                "np.column_stack([windows[:, 1:], said[-1]])",
                "np.repeat(said[-1][:, None], T, axis=1)",
            ),
        ),
        slip(
            "two values are dropped at each lead, so the windows shrink: drop one, append one",
            2,
            ("windows[:, 1:]", "windows[:, 2:]"),
        ),
    ],
    "pinball": [
        slip(
            "the sides are exchanged: a value above the quantile costs p for each unit, one below "
            "it 1 - p",
            2,
            ("levels * off, (levels - 1) * off", "(1 - levels) * off, -levels * off"),
            ways=[[("y[there][:, None] - q[there]", "q[there] - y[there][:, None]")]],
        ),
        slip(
            "the mean is taken over the levels too: return one loss for each",
            2,
            (".mean(axis=0)", ".mean()"),
            ways=[[(".mean(axis=0)", ".mean(axis=0).mean()")]],
        ),
        slip(
            "the mean is taken over the levels: take it over the values",
            2,
            (".mean(axis=0)", ".mean(axis=1)"),
        ),
        slip(
            "this is the sum: take the mean",
            2,
            (".mean(axis=0)", ".sum(axis=0)"),
        ),
        slip(
            "this is the median of the losses: take their mean",
            2,
            (
                "np.maximum(levels * off, (levels - 1) * off).mean(axis=0)",
                "np.median(np.maximum(levels * off, (levels - 1) * off), axis=0)",
            ),
        ),
        slip(
            "the smaller of the two sides is taken, which is never above 0: take the larger one",
            2,
            ("np.maximum", "np.minimum"),
        ),
        slip(
            "one side is missing: values below the quantile cost 1 - p for each unit",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "np.maximum(levels * off, 0.0)"),
        ),
        slip(
            "one side is missing: values above the quantile cost p for each unit",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "np.maximum((levels - 1) * off, 0.0)"),
        ),
        slip(
            "without the two sides errors above and below cancel: take the larger of the two",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "(levels * off)"),
        ),
        slip(
            "both sides cost p here: a value below the quantile costs 1 - p for each unit",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "(levels * np.abs(off))"),
            ways=[[("(levels - 1) * off", "-levels * off")]],
        ),
        slip(
            "this is the absolute error: each side has its own price",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "np.abs(off)"),
        ),
        slip(
            "this is the absolute error halved, right for the median alone: each side has its price",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "(np.abs(off) / 2)"),
        ),
        slip(
            "the two sides are added: only the side on which the value lies counts",
            2,
            ("np.maximum(levels * off, (levels - 1) * off)", "(levels * off + (levels - 1) * off)"),
        ),
        slip(
            "values below the quantile make the loss smaller: (levels - 1), not (1 - levels), goes "
            "with a negative error",
            2,
            (
                "np.maximum(levels * off, (levels - 1) * off)",
                "np.where(off >= 0, levels * off, (1 - levels) * off)",
            ),
        ),
        slip(
            "both prices are positive, so the larger one always wins: the second side is "
            "(levels - 1) times the error",
            2,
            ("(levels - 1) * off)", "(1 - levels) * off)"),
        ),
        slip(
            "the errors are squared: the pinball loss is made of straight lines",
            2,
            (
                "np.maximum(levels * off, (levels - 1) * off)",
                "(np.where(off >= 0, levels, 1 - levels) * off**2)",
            ),
        ),
        slip(
            "this is twice the loss: p and 1 - p are the prices, without a factor before them",
            2,
            ("np.maximum(", "2 * np.maximum("),
        ),
        slip(
            "the levels are sorted first: each belongs to its column of quantiles",
            2,
            ("    return np.maximum", "    levels = np.sort(levels)\n    return np.maximum"),
        ),
        slip(
            "the quantiles are sorted first: each belongs to its level, also where they cross",
            2,
            ("- q[there]", "- np.sort(q[there], axis=1)"),
        ),
        slip(
            "the levels are turned round: the first belongs to the first column of quantiles",
            2,
            ("    return np.maximum", "    levels = levels[::-1]\n    return np.maximum"),
        ),
        slip(
            "every column is measured at the first level: each has its own",
            2,
            ("    return np.maximum", "    levels = levels[0]\n    return np.maximum"),
        ),
        slip(
            "y and q cannot be subtracted as they are: y needs one more axis for the levels, "
            "y[..., None]",
            2,
            """
def pinball(y, q, levels):
    off = y - q
    cost = np.maximum(levels * off, (levels - 1) * off)
    return np.nanmean(cost.reshape(-1, len(levels)), axis=0)
""",
        ),
        slip(
            "each value is held against the quantiles of all values: the new axis of y must stand "
            "last",
            2,
            """
def pinball(y, q, levels):
    off = y[None] - q
    cost = np.maximum(levels * off, (levels - 1) * off)
    return np.nanmean(cost.reshape(-1, len(levels)), axis=0)
""",
        ),
        slip(
            "these are the losses of all values: take their mean, one number for each level",
            2,
            """
def pinball(y, q, levels):
    off = y[..., None] - q
    return np.maximum(levels * off, (levels - 1) * off)
""",
        ),
        slip(
            "the mean runs over the first axis alone: there may be more of them, and one number for "
            "each level is asked for",
            2,
            """
def pinball(y, q, levels):
    off = y[..., None] - q
    return np.nanmean(np.maximum(levels * off, (levels - 1) * off), axis=0)
""",
        ),
        slip(
            "means of means: where readings are missing, rows do not count the same; take one mean "
            "over all readings",
            1,
            """
def pinball(y, q, levels):
    off = y[..., None] - q
    cost = np.maximum(levels * off, (levels - 1) * off)
    with np.errstate(all="ignore"):
        while cost.ndim > 1:
            there = ~np.isnan(cost)
            cost = np.nansum(cost, axis=0) / there.sum(axis=0)
            if cost.ndim == 1:
                return cost
            cost = cost[~np.isnan(cost).any(axis=-1)] if cost.ndim == 2 else cost
    return cost
""",
        ),
        slip(
            "a missing reading makes the mean nan: leave it out",
            1,
            (
                "    off = y[there][:, None] - q[there]  #",
                "    off = y.reshape(-1, 1) - q.reshape(-1, q.shape[-1])  #",
            ),
        ),
        slip(
            "missing readings cost nothing here, but still count in the number: divide by the "
            "readings that are there",
            1,
            (".mean(axis=0)", ".sum(axis=0) / y.size"),
        ),
        slip(
            "missing readings are taken for 0: leave them out",
            1,
            (
                "y[there][:, None] - q[there]",
                "np.nan_to_num(y).reshape(-1, 1) - q.reshape(-1, q.shape[-1])",
            ),
        ),
        slip(
            "readings of 0 and below are readings: only nan is missing",
            2,
            ("~np.isnan(y)", "y > 0"),
            ways=[[("~np.isnan(y)", "y >= 0")], [("~np.isnan(y)", "np.nan_to_num(y) != 0")]],
        ),
        slip(
            "your function writes into y: leave the missing readings out without changing it",
            1,
            (
                "    off = y[there][:, None] - q[there]",
                "    y[~there] = 0.0\n    off = y[there][:, None] - q[there]",
            ),
        ),
        slip(
            "missing readings are filled with the mean of the others: leave them out",
            1,
            (
                "y[there][:, None] - q[there]",
                "np.where(there, y, np.nanmean(y)).reshape(-1, 1) - q.reshape(-1, q.shape[-1])",
            ),
        ),
        slip(
            "a whole row is left out for one missing reading: leave out the reading alone",
            1,
            (
                "there = ~np.isnan(y)",
                "rows = ~np.isnan(y.reshape(len(y), -1)).any(axis=1)\n"
                "    there = np.broadcast_to(rows.reshape(-1, *[1] * (y.ndim - 1)), y.shape)",
            ),
        ),
        slip(
            "these are the missing readings: keep the others",
            2,
            ("~np.isnan(y)", "np.isnan(y)"),
        ),
    ],
    "coverage": [
        slip(
            "a value on an edge is inside: compare with <=, not <",
            1,
            ("(low <= y) & (y <= high)", "(low < y) & (y < high)"),
        ),
        slip(
            "a value on the lower edge is inside: compare with <=, not <",
            1,
            ("(low <= y)", "(low < y)"),
        ),
        slip(
            "a value on the upper edge is inside: compare with <=, not <",
            1,
            ("(y <= high)", "(y < high)"),
        ),
        slip(
            "a value just outside an edge is outside: compare without a tolerance",
            1,
            ("(low <= y) & (y <= high)", "(low - 1e-3 <= y) & (y <= high + 1e-3)"),
        ),
        slip(
            "the numbers are rounded before they are compared: compare them as they are",
            1,
            (
                "(low <= y) & (y <= high)",
                "(np.round(low) <= np.round(y)) & (np.round(y) <= np.round(high))",
            ),
            ways=[
                [("(low <= y) & (y <= high)", "(np.round(low) <= y) & (y <= np.round(high))")],
            ],
        ),
        slip(
            "the ends are rounded here, for the width too: take them as they are",
            2,
            (
                "    there = ~np.isnan(y)",
                "    low, high = np.round(low), np.round(high)\n    there = ~np.isnan(y)",
            ),
        ),
        slip(
            "readings of 0 and below are readings: only nan is missing",
            2,
            ("~np.isnan(y)", "y > 0"),
            ways=[[("~np.isnan(y)", "y >= 0")], [("~np.isnan(y)", "np.nan_to_num(y) != 0")]],
        ),
        slip(
            "missing readings count as values outside: divide by the readings that are there",
            1,
            ("inside.sum(axis=0) / count", "inside.mean(axis=0)"),
        ),
        slip(
            "missing readings count as values inside, as no comparison with nan is true: look for "
            "them first",
            1,
            ("(low <= y) & (y <= high)", "~((y < low) | (y > high))"),
            ("inside.sum(axis=0) / count", "inside.mean(axis=0)"),
        ),
        slip(
            "missing readings are added to those inside, as no comparison with nan is true, so the "
            "share may be above 1",
            1,
            ("(low <= y) & (y <= high)", "~((y < low) | (y > high))"),
        ),
        slip(
            "the mean width takes in places without a reading: leave them out there too",
            1,
            ("((high - low) * there).sum(axis=0) / count", "(high - low).mean(axis=0)"),
        ),
        slip(
            "missing readings count as values outside, and their widths count too: leave their "
            "places out of both",
            2,
            ("inside.sum(axis=0) / count", "inside.mean(axis=0)"),
            ("((high - low) * there).sum(axis=0) / count", "(high - low).mean(axis=0)"),
            ways=[[("there = ~np.isnan(y)", "y = np.nan_to_num(y)\n    there = ~np.isnan(y)")]],
        ),
        slip(
            "the widths without a reading are taken for 0, but still count in the number: divide by "
            "the readings that are there",
            1,
            ("((high - low) * there).sum(axis=0) / count", "((high - low) * there).mean(axis=0)"),
        ),
        slip(
            "both results are divided by the number of all rows: divide by the readings that are there",
            2,
            ("there.sum(axis=0)", "np.full(y.shape[1], len(y))"),
        ),
        slip(
            "all widths are added up, also where no reading is: leave those out",
            1,
            ("((high - low) * there).sum", "(high - low).sum"),
        ),
        slip(
            "the width is that of the places with a value inside: it is a price for all places with "
            "a reading",
            1,
            (
                "((high - low) * there).sum(axis=0) / count",
                "((high - low) * inside).sum(axis=0) / np.maximum(inside.sum(axis=0), 1)",
            ),
        ),
        slip(
            "the width is high - low, which is not negative",
            1,
            ("(high - low)", "(low - high)"),
        ),
        slip(
            "this is half of the width: it goes from one end to the other",
            1,
            ("((high - low) * there)", "((high - low) * there / 2)"),
        ),
        slip(
            "this is the middle of the band: the width is the difference of its ends",
            1,
            ("((high - low) * there)", "((high + low) / 2 * there)"),
        ),
        slip(
            "this is the median of the widths: the mean is asked for",
            1,
            (
                "((high - low) * there).sum(axis=0) / count",
                "np.nanmedian(np.where(there, high - low, np.nan), axis=0)",
            ),
        ),
        slip(
            "this is the largest width: the mean is asked for",
            1,
            (
                "((high - low) * there).sum(axis=0) / count",
                "((high - low) * there).max(axis=0)",
            ),
        ),
        slip(
            "this is the sum of the widths: the mean is asked for",
            1,
            ("((high - low) * there).sum(axis=0) / count", "((high - low) * there).sum(axis=0)"),
        ),
        slip(
            "this is how many values lie inside: divide by how many readings there are",
            1,
            ("inside.sum(axis=0) / count", "inside.sum(axis=0) / 1.0"),
            ways=[[("inside.sum(axis=0) / count", "inside.sum(axis=0).astype(float)")]],
        ),
        slip(
            "a count of values is no share: divide by how many readings there are",
            1,
            ("inside.sum(axis=0) / count", "inside.sum(axis=0)"),
        ),
        slip(
            "the share is a number from 0 to 1, not a percentage",
            1,
            ("inside.sum(axis=0) / count", "100 * inside.sum(axis=0) / count"),
        ),
        slip(
            "this is the share outside: the share inside is asked for",
            1,
            ("inside.sum(axis=0) / count", "1 - inside.sum(axis=0) / count"),
        ),
        slip(
            "one edge is missing: a value inside is not above the upper end either",
            1,
            ("(low <= y) & (y <= high)", "low <= y"),
        ),
        slip(
            "one edge is missing: a value inside is not below the lower end either",
            1,
            ("(low <= y) & (y <= high)", "y <= high"),
        ),
        slip(
            "with | every reading is inside: it must be above the lower end and below the upper one",
            1,
            ("(low <= y) & (y <= high)", "(low <= y) | (y <= high)"),
        ),
        slip(
            "the two ends are exchanged: low is the lower one",
            1,
            ("(low <= y) & (y <= high)", "(high <= y) & (y <= low)"),
        ),
        slip(
            "the two ends are exchanged, here and in the width: low is the lower one",
            2,
            ("(low <= y) & (y <= high)", "(high <= y) & (y <= low)"),
            ("(high - low)", "(low - high)"),
        ),
        slip(
            "all leads are thrown together: each lead has a share and a width of its own",
            2,
            ("there.sum(axis=0)", "there.sum()"),
            ("inside.sum(axis=0)", "inside.sum()"),
            ("* there).sum(axis=0)", "* there).sum()"),
        ),
        slip(
            "each lead has its own number of readings: here all are divided by that of all leads",
            2,
            ("there.sum(axis=0)", "there.sum()"),
        ),
        slip(
            "the share is one number for all leads: each lead has its own",
            1,
            ("inside.sum(axis=0) / count", "inside.sum() / there.sum()"),
        ),
        slip(
            "the width is one number for all leads: each lead has its own",
            1,
            (
                "((high - low) * there).sum(axis=0) / count",
                "((high - low) * there).sum() / there.sum()",
            ),
        ),
        slip(
            "these are numbers for each forecast: take the means along the first axis, for each lead",
            2,
            ("there.sum(axis=0)", "np.maximum(there.sum(axis=1), 1)"),
            ("inside.sum(axis=0)", "inside.sum(axis=1)"),
            ("* there).sum(axis=0)", "* there).sum(axis=1)"),
        ),
        slip(
            "a whole row is left out for one missing reading: leave out its place alone",
            2,
            (
                "    count = there.sum(axis=0)",
                "    rows = there.all(axis=1, keepdims=True)\n"
                "    there, inside = there & rows, inside & rows\n"
                "    count = np.maximum(there.sum(axis=0), 1)",
            ),
            ways=[
                [
                    (
                        "    count = there.sum(axis=0)",
                        "    rows = there.all(axis=1, keepdims=True)\n"
                        "    there, inside = there & rows, inside & rows\n"
                        "    count = there.sum(axis=0)",
                    )
                ],
            ],
        ),
        slip(
            "the two results are exchanged: first the share, then the width",
            2,
            (
                "inside.sum(axis=0) / count, ((high - low) * there).sum(axis=0) / count",
                "((high - low) * there).sum(axis=0) / count, inside.sum(axis=0) / count",
            ),
        ),
        slip(
            "your function writes into y, which the caller still needs: look for missing readings "
            "without changing it",
            2,
            (
                "    inside = (low <= y)",
                "    y[~there] = -1e9\n    inside = (low <= y)",
            ),
        ),
        slip(
            "these are the missing readings: count the others",
            2,
            ("there = ~np.isnan(y)", "there = np.isnan(y)"),
            ("count = there.sum(axis=0)", "count = np.maximum(there.sum(axis=0), 1)"),
        ),
    ],
    "corrected_band": [
        slip(
            "k is made of N rows: the new value counts too, so it is N + 1 times 1 - alpha",
            2,
            ("(len(y) + 1) * (1 - alpha)", "len(y) * (1 - alpha)"),
        ),
        slip(
            "N is the number of validation rows, not of new bands",
            2,
            ("(len(y) + 1)", "(len(new_low) + 1)"),
        ),
        slip(
            "equal scores count each: do not remove duplicates",
            1,
            (
                "np.sort(np.maximum(low - y, y - high))[k - 1]",
                "np.unique(np.maximum(low - y, y - high))[k - 1]",
            ),
            ways=[
                [
                    (
                        "np.sort(np.maximum(low - y, y - high))[k - 1]",
                        "sorted(set(np.maximum(low - y, y - high)))[k - 1]",
                    )
                ],
            ],
        ),
        slip(
            "this is the share that may lie outside: the margin needs the share 1 - alpha",
            2,
            ("* (1 - alpha)", "* alpha"),
        ),
        slip(
            "alpha is halved, but one score looks at both ends: use 1 - alpha",
            2,
            ("* (1 - alpha)", "* (1 - alpha / 2)"),
        ),
        slip(
            "k is rounded down: round it up, or the promise is not kept",
            2,
            ("int(np.ceil((len(y) + 1) * (1 - alpha)))", "int((len(y) + 1) * (1 - alpha))"),
            ways=[[("np.ceil((len(y)", "np.floor((len(y)")]],
        ),
        slip(
            "k is rounded to the nearest whole number: round it up, or the promise is not kept",
            2,
            ("np.ceil((len(y)", "np.round((len(y)"),
        ),
        slip(
            "the score after the k-th smallest is taken: counted from 0, the k-th has the index "
            "k - 1 (np.quantile with method='higher' is one too far, 'inverted_cdf' is not)",
            2,
            (
                "np.sort(np.maximum(low - y, y - high))[k - 1]",
                "np.quantile(np.maximum(low - y, y - high), k / len(y), method='higher')",
            ),
            ways=[[("[k - 1]", "[k]")], [("[k - 1]", "[min(k, len(y) - 1)]")]],
        ),
        slip(
            "the next smaller score is taken: the k-th smallest has the index k - 1",
            2,
            ("[k - 1]", "[k - 2]"),
        ),
        slip(
            "the scores are not sorted: the k-th of them is not the k-th smallest",
            2,
            ("np.sort(np.maximum(low - y, y - high))", "np.maximum(low - y, y - high)"),
        ),
        slip(
            "the k-th largest score is taken: the k-th smallest is asked for",
            2,
            ("[k - 1]", "[-k]"),
        ),
        slip(
            "np.quantile mixes two neighbouring scores: take the k-th smallest itself",
            2,
            (
                "np.sort(np.maximum(low - y, y - high))[k - 1]",
                "np.quantile(np.maximum(low - y, y - high), k / len(y))",
            ),
        ),
        slip(
            "np.quantile of the level 1 - alpha is not made for few rows: take the k-th smallest "
            "score",
            2,
            (
                "np.sort(np.maximum(low - y, y - high))[k - 1]",
                "np.quantile(np.maximum(low - y, y - high), 1 - alpha)",
            ),
        ),
        slip(
            "the smaller of the two distances is taken: a value is outside where one of them is "
            "above 0, so take the larger one",
            2,
            ("np.maximum(low", "np.minimum(low"),
        ),
        slip(
            "the two differences are turned round: a score is positive where the value lies outside",
            2,
            ("np.maximum(low - y, y - high)", "np.maximum(y - low, high - y)"),
        ),
        slip(
            "the scores have the wrong sign: positive is outside",
            2,
            ("np.maximum(low - y, y - high)", "np.minimum(y - low, high - y)"),
        ),
        slip(
            "scores below 0 are cut off, so a band that is too wide stays so: keep the negative ones",
            2,
            ("np.maximum(low - y, y - high)", "np.maximum(np.maximum(low - y, y - high), 0.0)"),
            ways=[[("    return new_low", "    margin = max(margin, 0.0)\n    return new_low")]],
        ),
        slip(
            "the margin has lost its sign: a negative one makes the band narrower",
            2,
            ("    return new_low", "    margin = abs(margin)\n    return new_low"),
        ),
        slip(
            "only values below the band are looked at: the score is the larger of both distances",
            2,
            ("np.maximum(low - y, y - high)", "low - y"),
        ),
        slip(
            "only values above the band are looked at: the score is the larger of both distances",
            2,
            ("np.maximum(low - y, y - high)", "y - high"),
        ),
        slip(
            "the score is the distance from the nearer end of the band, not from its middle",
            2,
            ("np.maximum(low - y, y - high)", "np.abs(y - (low + high) / 2)"),
        ),
        slip(
            "the score has lost its sign: it is negative for a value inside",
            2,
            ("np.maximum(low - y, y - high)", "np.abs(np.maximum(low - y, y - high))"),
        ),
        slip(
            "the two distances are added: the score is the larger of them",
            2,
            ("np.maximum(low - y, y - high)", "(low - y) + (y - high)"),
        ),
        slip(
            "the band is moved inwards: the lower end goes down by the margin, the upper one up",
            2,
            ("new_low - margin, new_high + margin", "new_low + margin, new_high - margin"),
        ),
        slip(
            "the whole band is pushed up: the lower end goes down by the margin",
            2,
            ("new_low - margin", "new_low + margin"),
        ),
        slip(
            "the whole band is pushed down: the upper end goes up by the margin",
            2,
            ("new_high + margin", "new_high - margin"),
        ),
        slip(
            "only the lower end is moved: both are",
            2,
            ("new_high + margin", "new_high.copy()"),
        ),
        slip(
            "only the upper end is moved: both are",
            2,
            ("new_low - margin,", "new_low.copy(),"),
        ),
        slip(
            "each end is moved by half of the margin: both move by all of it",
            2,
            ("new_low - margin, new_high + margin", "new_low - margin / 2, new_high + margin / 2"),
        ),
        slip(
            "the ends are multiplied: the margin is a distance, so add it",
            2,
            (
                "new_low - margin, new_high + margin",
                "new_low * (1 - margin), new_high * (1 + margin)",
            ),
        ),
        slip(
            "the bands of the validation rows come back: put the new ones right",
            2,
            ("new_low - margin, new_high + margin", "low - margin, high + margin"),
        ),
        slip(
            "the two ends are exchanged: first the lower one",
            2,
            ("new_low - margin, new_high + margin", "new_high + margin, new_low - margin"),
        ),
        slip(
            "each end has a margin of its own here: one and the same is asked for",
            2,
            (
                "    return new_low - margin, new_high + margin",
                "    return new_low - np.sort(low - y)[k - 1], new_high + np.sort(y - high)[k - 1]",
            ),
        ),
        slip(
            "your function changes the new bands in place: return new arrays",
            2,
            (
                "    return new_low - margin, new_high + margin",
                "    new_low -= margin\n    new_high += margin\n    return new_low, new_high",
            ),
        ),
        slip(
            "your function sorts y in place, and then no row fits its band: leave it as it is",
            2,
            ("    k = int", "    y.sort()\n    k = int"),
        ),
        slip(
            "with too few rows there is no k-th score: raise a ValueError that says so, before the "
            "index fails",
            1,
            ("    if k > len(y):\n", ""),
            ("        needed = int(np.ceil(1 / alpha)) - 1\n", ""),
            (
                '        raise ValueError(f"too few validation rows: give at least {needed}")\n',
                "",
            ),
        ),
        slip(
            "with too few rows no score is large enough: raise a ValueError, and fall back neither "
            "on the largest score nor on an endless band",
            1,
            (
                '        raise ValueError(f"too few validation rows: give at least {needed}")',
                "        k = len(y)",
            ),
            ways=[
                [
                    (
                        '        raise ValueError(f"too few validation rows: '
                        'give at least {needed}")',
                        "        return np.full_like(new_low, -np.inf), np.full_like(new_high, np.inf)",
                    ),
                ],
                [
                    ("    if k > len(y):\n", "    k = min(k, len(y))\n"),
                    ("        needed = int(np.ceil(1 / alpha)) - 1\n", ""),
                    (
                        '        raise ValueError(f"too few validation rows: '
                        'give at least {needed}")\n',
                        "",
                    ),
                ],
            ],
        ),
        slip(
            "with just enough rows k is N, and the largest score is right: refuse only a k above N",
            1,
            ("if k > len(y):", "if k >= len(y):"),
        ),
        slip(
            "the message asks for one row too many: with alpha = 0.25 three are enough",
            1,
            ("int(np.ceil(1 / alpha)) - 1", "int(np.ceil(1 / alpha))"),
        ),
        slip(
            "the message asks for too few rows where 1 / alpha is no whole number: round up",
            1,
            ("int(np.ceil(1 / alpha)) - 1", "int(1 / alpha) - 1"),
        ),
        slip(
            "k is not the number of rows that are needed: the smallest N with k not above N is",
            1,
            ("give at least {needed}", "give at least {k}"),
        ),
        slip(
            "the message does not say how many rows are needed: add that number",
            1,
            ("give at least {needed}", "there are {len(y)}"),
        ),
        slip(
            "the message of the ValueError must name the number that is needed, not a list of numbers",
            1,
            ("give at least {needed}", "give at least {list(range(1, 60))}"),
        ),
        slip(
            "raise a ValueError with too few rows: an assert raises another kind",
            1,
            ("    if k > len(y):\n", "    assert k <= len(y)\n"),
            ("        needed = int(np.ceil(1 / alpha)) - 1\n", ""),
            (
                '        raise ValueError(f"too few validation rows: give at least {needed}")\n',
                "",
            ),
        ),
    ],
}

RIGHT = [
    Right(
        "functions of the library",
        {
            "whole_windows": WHOLE,
            "direct_targets": DIRECT,
            "recursive_forecast": LOOP,
            "pinball": PINBALL,
            "coverage": COVERAGE,
            "corrected_band": CORRECTED,
        },
    ),
    Right(
        "plain loops",
        {
            "whole_windows": WHOLE_LOOP,
            "direct_targets": """
def direct_targets(y, T, K, stride, at):
    first = [o for o in range(T, T + stride) if o % stride == at][0]
    if first + K > len(y):
        raise ValueError(f"the series needs {first + K} values, not {len(y)}")
    inputs, targets = [], []
    for o in range(first, len(y) - K + 1, stride):
        inputs.append(y[o - T : o])
        targets.append(y[o : o + K])
    return np.array(inputs), np.array(targets)
""",
            "recursive_forecast": """
def recursive_forecast(step, y, origins, T, K):
    N = len(origins)
    values = np.zeros((N, T + K))
    for n in range(N):
        values[n, :T] = y[origins[n] - T : origins[n]]
    for k in range(K):
        values[:, T + k] = step(values[:, k : k + T])
    return values[:, T:]
""",
            "pinball": """
def pinball(y, q, levels):
    total, count = np.zeros(len(levels)), 0
    for index in np.ndindex(y.shape):
        if np.isnan(y[index]):
            continue
        count += 1
        for k, p in enumerate(levels):
            off = y[index] - q[index][k]
            total[k] += p * off if off >= 0 else (p - 1) * off
    return total / count
""",
            "coverage": """
def coverage(y, low, high):
    share, width = [], []
    for k in range(y.shape[1]):
        there = [n for n in range(len(y)) if not np.isnan(y[n, k])]
        inside = [low[n, k] <= y[n, k] <= high[n, k] for n in there]
        share.append(sum(inside) / len(there))
        width.append(sum(float(high[n, k] - low[n, k]) for n in there) / len(there))
    return np.array(share), np.array(width)
""",
            "corrected_band": """
def corrected_band(y, low, high, new_low, new_high, alpha):
    N = len(y)
    needed = next(m for m in range(1, 10000) if np.ceil((m + 1) * (1 - alpha)) <= m)
    if N < needed:
        raise ValueError(f"{needed} rows are needed, and these are {N}")
    scores = sorted(max(low[n] - y[n], y[n] - high[n]) for n in range(N))
    margin = scores[int(np.ceil((N + 1) * (1 - alpha))) - 1]
    return new_low - margin, new_high + margin
""",
        },
    ),
    Right(
        "masked arrays and nan functions",
        {
            "whole_windows": """
def whole_windows(series, width):
    count = max(0, len(series) - width + 1)
    steps = np.add.outer(np.arange(count), np.arange(width))
    sums = series[steps].sum(axis=1)
    starts = np.arange(count)[~np.isnan(sums)]
    return starts, np.take(series, steps[starts])
""",
            "pinball": """
def pinball(y, q, levels):
    off = np.expand_dims(y, -1) - q
    cost = off * (levels - (off < 0))
    return np.nanmean(cost, axis=tuple(range(y.ndim)))
""",
            "coverage": """
def coverage(y, low, high):
    inside = np.where(np.isnan(y), np.nan, (y >= low) & (y <= high))
    width = np.where(np.isnan(y), np.nan, high - low)
    return np.nanmean(inside, axis=0), np.nanmean(width, axis=0)
""",
            "corrected_band": """
def corrected_band(y, low, high, new_low, new_high, alpha):
    N = y.size
    k = np.ceil((N + 1) * (1 - alpha))
    if k > N:
        raise ValueError("at least %d rows, please" % (np.ceil(1 / alpha) - 1))
    scores = np.maximum(low - y, y - high)
    margin = np.quantile(scores, (k - 0.5) / N, method="inverted_cdf")
    return new_low - margin, new_high + margin
""",
        },
    ),
    Right(
        "views of the series",
        {
            "direct_targets": """
def direct_targets(y, T, K, stride, at):
    first = at + stride * max(0, -(-(T - at) // stride))
    if len(y) - first < K:
        raise ValueError(f"len(y) must be {first + K} or more")
    pairs = np.lib.stride_tricks.sliding_window_view(y, T + K)[first - T :: stride]
    return pairs[:, :T], pairs[:, T:]
""",
            "recursive_forecast": """
def recursive_forecast(step, y, origins, T, K):
    windows = np.lib.stride_tricks.sliding_window_view(y, T)[origins - T]
    answers = []
    for _ in range(K):
        answers.append(step(windows).reshape(-1, 1))
        windows = np.concatenate((windows, answers[-1]), axis=1)[:, -T:]
    return np.concatenate(answers, axis=1)
""",
        },
    ),
    Right(
        "windows that are moved in place, in a copy, and ends that are kept in order",
        {
            "corrected_band": """
def corrected_band(y, low, high, new_low, new_high, alpha):
    N = len(y)
    if N + 1 < 1 / alpha:
        needed = -(-1 // alpha) - 1
        raise ValueError(f"alpha = {alpha} and N = {N}: give at least {needed:g} rows")
    scores = np.maximum(low - y, y - high)
    margin = min(s for s in scores if (scores <= s).sum() >= (N + 1) * (1 - alpha))
    lower, upper = new_low - margin, new_high + margin
    return np.minimum(lower, upper), np.maximum(lower, upper)
""",
            "recursive_forecast": """
def recursive_forecast(step, y, origins, T, K):
    windows = np.array([y[o - T : o] for o in origins])
    forecast = np.zeros((len(origins), K))
    for k in range(K):
        forecast[:, k] = step(windows.copy())
        windows[:, :-1] = windows[:, 1:].copy()
        windows[:, -1] = forecast[:, k]
    return forecast
""",
        },
    ),
    Right(
        "results as lists and helpers",
        {
            "recursive_forecast": """
def moved(windows, value):
    return np.c_[windows[:, 1:], value]


def recursive_forecast(step, y, origins, T, K):
    windows = np.vstack([y[int(o) - T : int(o)] for o in origins])
    columns = []
    for _ in range(K):
        value = step(windows)
        columns.append(value)
        windows = moved(windows, value)
    return np.array(columns).T
""",
            "coverage": """
def coverage(y, low, high):
    rows = [k for k in zip(y.T, low.T, high.T)]
    share, width = [], []
    for values, lower, upper in rows:
        seen = values == values
        share.append(np.mean((lower[seen] <= values[seen]) & (values[seen] <= upper[seen])))
        width.append(np.mean(upper[seen]) - np.mean(lower[seen]))
    return [np.array(share), np.array(width)]
""",
            "direct_targets": """
def direct_targets(y, T, K, stride, at):
    steps = np.arange(len(y))
    origins = [o for o in steps[T : len(y) - K + 1] if o % stride == at]
    if len(origins) == 0:
        every = np.arange(T, T + stride)
        need = every[every % stride == at][0] + K
        raise ValueError("y is too short, it needs " + str(need))
    rows = np.array([y[:o][-T:] for o in origins])
    return rows, np.array([y[o : o + K] for o in origins])
""",
        },
    ),
]

WRONG = [
    wrong(
        "recursive_forecast",
        "the model is never asked",
        3,
        "",
        """
def recursive_forecast(step, y, origins, T, K):
    return np.repeat(y[origins - 1][:, None], K, axis=1)
""",
    ),
]
