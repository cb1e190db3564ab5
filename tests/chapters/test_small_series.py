"""The measures and the windows of the page on short series, against other ways to get them."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import mean_absolute_error

from tools.records import load_reusable


@pytest.fixture(scope="module")
def page():
    return load_reusable("studies.small_series")


@pytest.mark.parametrize(("T", "period"), [(30, 12), (14, 1), (9, 4)])
def test_mase_is_a_ratio_of_mean_absolute_errors(page, T, period):
    rng = np.random.default_rng(T)
    known, actual, forecast = rng.normal(5, 2, T), rng.normal(5, 2, 7), rng.normal(5, 2, 7)
    scale = mean_absolute_error(known[period:], known[:-period])
    expected = mean_absolute_error(actual, forecast) / scale
    np.testing.assert_allclose(
        page.mase(actual, forecast, known, period), expected, rtol=1e-12, atol=0
    )


def test_mase_has_no_unit_and_an_example_by_hand(page):
    known = np.array([10.0, 20, 14, 22, 16, 25])
    actual, forecast = np.array([18.0, 28]), np.array([17.0, 29.2])
    for unit in (1, 1000):
        found = page.mase(unit * actual, unit * forecast, unit * known, 2)
        np.testing.assert_allclose(found, 0.4, rtol=1e-12, atol=0)


def test_no_window_straddles_two_series(page):
    lengths = (7, 3, 12, 5)  # the second is too short for a window of 4 and its next value
    series = [100 * k + np.arange(T) for k, T in enumerate(lengths)]
    x, y = page.windows(series, 4)
    assert len(x) == len(y) == 3 + 8 + 1
    assert (np.diff(np.column_stack([x, y]), axis=1) == 1).all()


def test_windows_of_one_series_are_all_of_them(page):
    values = np.random.default_rng(0).normal(size=20)
    x, y = page.windows([values], 6)
    assert x.shape == (14, 6)
    np.testing.assert_array_equal(y, values[6:])
    np.testing.assert_array_equal(x[:, -1], values[5:-1])


def test_a_model_of_given_sizes_learns_and_predicts(page):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(40, 5))
    model, losses = page.fit(
        x, x[:, -2:], 0, epochs=60, batch=40, learning_rate=1e-2, hidden=8, layers=2
    )
    assert page.predict(model, x[:3]).shape == (3, 2)
    assert losses[-1] < losses[0]
