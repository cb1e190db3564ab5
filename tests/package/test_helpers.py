"""Gradient checks, data and plotting."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

from lstm_course import plotting
from lstm_course.data import load_ibm_prices, load_results
from lstm_course.gradcheck import numerical_gradient, relative_error

ROOT = Path(__file__).resolve().parents[2]


def test_numerical_gradient_of_a_cubic():
    x = np.array([[1.0, -2.0], [0.5, 3.0]])
    kept = x.copy()
    np.testing.assert_allclose(
        numerical_gradient(lambda a: float(np.sum(a**3)), x), 3 * x**2, rtol=1e-8, atol=0
    )
    np.testing.assert_array_equal(x, kept)
    with pytest.raises(ValueError, match="needs a float64 array, got float32"):
        numerical_gradient(lambda a: 0.0, x.astype(np.float32))


def test_relative_error():
    assert relative_error(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.0
    assert relative_error(np.array([2.0]), np.array([1.0])) == pytest.approx(1 / 3, abs=1e-15)
    assert relative_error(np.array([np.nan]), np.array([np.nan])) == np.inf
    assert relative_error(np.zeros(3), np.zeros(3)) == 0.0
    with pytest.raises(ValueError, match=r"shapes differ: \(2,\) and \(1, 2\)"):
        relative_error(np.zeros(2), np.zeros((1, 2)))


def test_ibm_prices():
    prices = load_ibm_prices()
    assert prices.shape == (3270, 6)
    assert str(prices.index[0].date()) == "2000-03-01"
    assert str(prices.index[-1].date()) == "2013-03-01"
    assert prices.index.is_monotonic_increasing
    assert prices.index.is_unique
    assert not prices.isna().any().any()
    assert (prices["low"] <= prices["close"]).all()
    assert (prices["close"] <= prices["high"]).all()
    assert prices["close"].min() > 50
    assert prices["close"].max() < 220


def test_missing_data_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "bokeh_sampledata.stocks", None)
    with pytest.raises(
        ModuleNotFoundError, match=r"'bokeh-sampledata', which is not installed.*\[data\]"
    ):
        load_ibm_prices()


def test_results_are_found_from_any_folder_and_missing_ones_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert {"command", "date", "hardware"} <= set(load_results("ablations"))
    with pytest.raises(FileNotFoundError, match="`make long` makes it"):
        load_results("absent")


def figure(label="$c_t$"):
    with plotting.course_style():
        fig, ax = plt.subplots()
        ax.plot([0, 1], [1, 0], label=label)
        ax.legend()
    return fig


ALT = "A straight line that falls from one to zero over one step."


def test_figures_are_themed_named_and_repeatable():
    svg = plotting.show(figure(), ALT).svg
    assert f'aria-label="{ALT}"' in svg
    assert 'role="img"' in svg
    assert "var(--course-blue, #0072b2)" in svg
    assert "var(--course-ink, #1d2125)" in svg
    assert svg == plotting.show(figure(), ALT).svg
    colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-fA-F]{6})", svg))
    assert not colours, f"inks that do not follow the theme: {colours}"
    assert plt.get_fignums() == []


def test_ids_of_two_figures_do_not_meet():
    def ids(svg):
        return set(re.findall(r'\bid="([^"]+)"', svg))

    first = plotting.show(figure(), ALT).svg
    second = plotting.show(figure(), ALT + " Again.").svg
    assert ids(first)
    assert not ids(first) & ids(second)
    for svg in (first, second):
        used = set(re.findall(r'(?:href="#|url\(#)([^")]+)', svg))
        assert used
        assert used <= ids(svg)


def test_alt_text_is_escaped_and_required():
    svg = plotting.show(figure(), 'Loss < 1e-3 & "falling" over thirty steps of training.').svg
    assert 'aria-label="Loss &lt; 1e-3 &amp; &quot;falling&quot; over' in svg
    with pytest.raises(ValueError, match="alt must say what the figure shows"):
        plotting.show(figure(), "plot")


def test_style_is_left_as_it_was():
    before = dict(plt.rcParams)
    with plotting.course_style():
        assert plt.rcParams["axes.spines.top"] is False
    assert dict(plt.rcParams) == before


def contrast(first, second):
    def luminance(colour):
        channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(first), luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def style_sheet_inks():
    css = (ROOT / "chapters/_static/course.css").read_text()
    light, dark = (
        dict(re.findall(r"--course-(\w+): (#\w{6})", block)) for block in css.split("}")[:2]
    )
    return light, dark


def test_style_sheet_has_the_inks_of_plotting():
    light, dark = style_sheet_inks()
    expected = {
        **plotting.COLOURS,
        "ink": plotting.INK,
        "faint": plotting.FAINT,
        "paper": plotting.PAPER,
    }
    assert light == expected
    assert set(dark) == set(light)


@pytest.mark.parametrize("name", [*plotting.COLOURS, "ink"])
def test_inks_are_legible_on_both_papers(name):
    # WCAG 2.1, 1.4.11: graphical objects need a contrast of at least 3 to what is next to them.
    light, dark = style_sheet_inks()
    assert contrast(light[name], "#ffffff") >= 3
    assert contrast(dark[name], "#121212") >= 3
