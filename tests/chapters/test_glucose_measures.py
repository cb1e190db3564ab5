"""The measures that chapters/applications/glucose.md writes by hand, against scikit-learn."""

from __future__ import annotations

from pathlib import Path

import jupytext
import numpy as np
import pytest
from sklearn.metrics import mean_pinball_loss

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "chapters/applications/glucose.md"
NAMED = ("def pinball(", "def coverage(", "def describe(", "def hide(", "def rings(")


@pytest.fixture(scope="module")
def page():
    """Run the cells that define a measure, and hand over what they define."""
    names = {"np": np, "LEVELS": np.array([0.05, 0.5, 0.95]), "LOW": 70.0, "READ": 24}
    names |= {"parts": {"train": np.array([80.0, np.nan, 120.0])}}
    cells = [c.source for c in jupytext.read(PAGE).cells if c.cell_type == "code"]
    chosen = [source for source in cells if any(name in source for name in NAMED)]
    assert len(chosen) == len(NAMED)
    for source in chosen:
        exec(compile(source, str(PAGE), "exec"), names)
    return names


@pytest.mark.parametrize("level", [0.05, 0.3, 0.5, 0.95])
def test_pinball_is_that_of_scikit_learn(page, level):
    rng = np.random.default_rng(1)
    y, q = rng.normal(size=40), rng.normal(size=(40, 1))
    ours = page["pinball"](y, q, np.array([level])).mean()
    assert ours == pytest.approx(mean_pinball_loss(y, q[:, 0], alpha=level), rel=1e-12)


def test_pinball_has_its_least_mean_at_the_quantile(page):
    values = np.random.default_rng(2).gamma(2.0, size=1001)
    for level in (0.05, 0.5, 0.95):
        q = np.quantile(values, level)
        near = [page["pinball"](values, np.full(1, q + d), np.array([level])).mean()
                for d in (-0.05, 0.0, 0.05)]  # fmt: skip
        assert near[1] == min(near)


def test_coverage_counts_the_edges_and_each_lead_alone(page):
    y = np.array([[1.0, 5.0], [4.0, 9.0], [7.0, 3.0]])
    q = np.array([[[1, 2, 4], [6, 7, 8]], [[1, 2, 4], [8, 8, 8.5]], [[1, 2, 3], [2, 3, 6]]], float)
    share, width = page["coverage"](y, q)
    np.testing.assert_allclose(share, [2 / 3, 1 / 3], rtol=0, atol=1e-12)
    np.testing.assert_allclose(width, [8 / 3, 6.5 / 3], rtol=0, atol=1e-12)


def test_nothing_that_is_missing_is_read_and_nothing_to_come(page):
    x = np.random.default_rng(3).uniform(50, 250, (5, 24))
    x[:, [7, 8, 22, 23]] = np.nan
    read, last = page["describe"](x)
    assert np.isfinite(read).all()
    np.testing.assert_array_equal(last[:, 0], x[:, 21])
    np.testing.assert_allclose(
        6 * read[0, [7, 8, 9, 22, 23], 2], [1, 2, 0, 1, 2], rtol=1e-6, atol=0
    )
    changed = x.copy()
    changed[:, 15:] += 30
    np.testing.assert_array_equal(page["describe"](changed)[0][:, :15], read[:, :15])


def test_what_is_hidden_is_a_run_of_at_most_six_in_the_second_hour(page):
    rng = np.random.default_rng(4)
    gone = np.isnan(page["hide"](np.ones((2000, 24)), rng))
    assert not gone[:, :12].any()
    assert gone.sum(axis=1).max() == 6
    assert 0.45 < gone.any(axis=1).mean() < 0.55
    assert (np.abs(np.diff(gone, axis=1, prepend=0, append=0)).sum(axis=1) <= 2).all()


def test_an_alarm_rests_and_is_silent_in_a_low(page):
    page["series"] = np.full(40, 100.0)
    page["series"][20:23] = 60
    below = np.isin(np.arange(40), [3, 4, 5, 8, 9, 20, 21, 22, 23])
    assert page["rings"](np.arange(40), below).tolist() == [3, 9, 23]
