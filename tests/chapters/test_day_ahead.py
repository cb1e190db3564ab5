"""The measures and the windows of the page on many steps ahead, against other ways to get them."""

from __future__ import annotations

from pathlib import Path

import jupytext
import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, mean_absolute_percentage_error, roc_auc_score

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "chapters/applications/day_ahead.md"
NAMED = ("def past(", "def mape(", "def recursive(", "def brier(", "def auc(", "def origins(")


@pytest.fixture(scope="module")
def page():
    """Run the cells that define a measure, and hand over what they define."""
    demand = np.random.default_rng(3).uniform(20, 40, 12 * 336)
    names = {"np": np, "DAY": 48, "WEEK": 336, "demand": demand}
    cells = [c.source for c in jupytext.read(PAGE).cells if c.cell_type == "code"]
    chosen = [source for source in cells if any(name in source for name in NAMED)]
    assert len(chosen) == len(NAMED)
    for source in chosen:
        exec(compile(source, str(PAGE), "exec"), names)
    return names


def test_percentage_error_is_that_of_scikit_learn(page):
    o = np.array([400, 417, 3000])
    forecast = np.random.default_rng(0).uniform(20, 40, (3, 48))
    expected = 100 * mean_absolute_percentage_error(page["day"](page["demand"], o), forecast)
    np.testing.assert_allclose(page["mape"](o, forecast), expected, rtol=1e-12, atol=0)


def test_scores_of_probabilities_are_those_of_scikit_learn(page):
    rng = np.random.default_rng(1)
    happened = rng.integers(0, 2, 200)
    p = rng.uniform(size=200).round(2)  # with ties
    theirs = brier_score_loss(happened, p), roc_auc_score(happened, p)
    ours = page["brier"](p, happened), page["auc"](p, happened)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=0)


def test_past_and_day_meet_at_the_origin(page):
    series = np.arange(500)
    o = np.array([60, 301])
    np.testing.assert_array_equal(page["past"](series, o)[:, -1], o - 1)
    np.testing.assert_array_equal(page["day"](series, o)[:, 0], o)
    assert page["past"](series, o).shape == page["day"](series, o).shape == (2, 48)


@pytest.mark.parametrize("week", range(5, 13))
def test_no_target_to_learn_from_lies_in_the_week_that_is_forecast(page, week):
    known, asked = page["origins"](week)
    assert known.max() + 48 <= asked.min() == (week - 1) * 336
    assert asked.max() + 48 <= len(page["demand"])


def test_recursion_is_that_of_a_linear_recurrence(page):
    rng = np.random.default_rng(2)
    w, x = rng.normal(size=5) / 3, rng.normal(size=(4, 5))
    handed = []

    def step(window):
        handed.append(window.copy())
        return window @ w

    found = page["recursive"](step, x, 7)
    for row, start in zip(found, x, strict=True):
        series = list(start)
        for _ in range(7):
            series.append(float(np.dot(series[-5:], w)))
        np.testing.assert_allclose(row, series[5:], rtol=1e-12, atol=1e-12)
    assert len(handed) == 7
    assert all(window.shape == (4, 5) for window in handed)
