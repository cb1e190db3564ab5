"""Series, maps and films of the forecasting chapters: whole, in order, and as described."""

from __future__ import annotations

import numpy as np
import pytest

from lstm_course import data
from lstm_course.data import packages

HALF_HOUR = np.timedelta64(30, "m")


def test_air_passengers():
    passengers = data.load_air_passengers()
    assert passengers.values.shape == passengers.time.shape == (144,)
    assert passengers.values.sum() == 40363
    assert str(passengers.time[-1]) == "1960-12"
    years = passengers.values.reshape(12, 12)
    assert (np.diff(years.sum(axis=1)) > 0).all()
    assert set(years.argmax(axis=1)) == {6, 7}, "people fly in July or August"


def test_employment():
    panel = data.load_employment()
    assert panel.values.shape == (len(panel.names), len(panel.time)) == (22, 120)
    assert (np.diff(panel.time) == np.timedelta64(1, "M")).all()
    jobs = dict(zip(panel.names, panel.values, strict=True))
    np.testing.assert_allclose(
        jobs["private"] + jobs["government"], jobs["nonfarm"], rtol=0, atol=2
    )


def test_demand():
    demand = data.load_demand()
    assert demand.values.shape == (12 * 7 * 48,)
    assert (demand.values.min(), demand.values.max()) == (18640, 38777)
    assert (np.diff(demand.time) == HALF_HOUR).all()
    days = demand.values.reshape(12, 7, 48).mean(axis=(0, 2))
    assert set(days.argsort()[:2]) == {5, 6}, "the series begins on a Monday"


def test_sea_temperature():
    sea = data.load_sea_temperature()
    steps = np.diff(sea.time)
    assert len(sea.values) == 19225
    assert (steps > np.timedelta64(0, "m")).all()
    assert sorted(steps[steps != HALF_HOUR] // HALF_HOUR) == [2, 24]
    assert 0 < sea.values.min() < sea.values.max() < 25


def test_seattle_weather():
    days = data.load_seattle_weather()
    assert {len(column) for column in days} == {1461}
    assert (np.diff(days.time) == np.timedelta64(1, "D")).all()
    assert (days.highest >= days.lowest).all()
    assert (days.rain >= 0).all()
    assert set(days.sky) == {"drizzle", "fog", "rain", "snow", "sun"}


def test_glucose():
    record = data.load_glucose()
    steps = np.diff(record.time)
    assert record.time.shape == record.glucose.shape == (52281,)
    assert (steps >= np.timedelta64(0, "m")).all()
    assert (steps == np.timedelta64(0, "m")).sum() == 3
    assert (steps > HALF_HOUR).sum() == 125
    assert (record.glucose.min(), record.glucose.max()) == (40, 400)


def test_sea_maps():
    maps = data.load_sea_maps()
    T, R, C = maps.temperature.shape
    assert (T, R, C) == (54, 18, 432) == (len(maps.time), len(maps.latitude), len(maps.longitude))
    land = np.isnan(maps.temperature)
    assert (land == land[0]).all(), "land stays land"
    np.testing.assert_allclose(np.diff(maps.latitude), 10 / 18, rtol=1e-3, atol=0)
    error = np.nanmean((maps.temperature[-12:] - maps.temperature[-13:-1]) ** 2) ** 0.5
    np.testing.assert_allclose(error, 0.715, rtol=0, atol=5e-4)  # the last map, one month on


def test_what_is_missing_is_named(monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda _: None)
    for package, load in (
        ("pmdarima", data.load_demand),
        ("vega-datasets", data.load_employment),
        ("vega-datasets", data.load_seattle_weather),
        ("bokeh-sampledata", data.load_sea_temperature),
        ("bokeh-sampledata", data.load_glucose),
        ("seglearn", data.load_watch),
    ):
        with pytest.raises(ModuleNotFoundError, match=f"'{package}'.*pip install"):
            load()


def films(seed=0, N=40, T=8, **options):
    return data.rain_films(np.random.default_rng(seed), N, T, **options)


def test_films_are_the_same_for_the_same_seed():
    one, two, other = films(), films(), films(1)
    np.testing.assert_array_equal(one.frames, two.frames)
    assert not np.array_equal(one.frames, other.frames)
    assert one.frames.shape == (40, 8, 24, 24)
    assert one.frames.dtype == np.float32
    assert one.frames.min() == 0 < one.frames.max() <= 1


def test_the_wind_moves_the_rain():
    frames, wind = films(N=30, T=6, R=40, C=40, speed=2.0)
    np.testing.assert_allclose(np.hypot(*wind.T), 2.0, rtol=1e-12, atol=0)
    moved = np.round(wind).astype(int)
    with_wind = [np.roll(f[0], m, (0, 1)) for f, m in zip(frames, moved, strict=True)]
    against = [np.roll(f[0], -m, (0, 1)) for f, m in zip(frames, moved, strict=True)]
    inner = np.s_[:, 4:-4, 4:-4]
    after = frames[:, 1][inner]
    errors = [
        np.square(after - np.stack(f)[inner]).mean() for f in (with_wind, frames[:, 0], against)
    ]
    assert errors == sorted(errors)


def test_it_rains_as_much_at_the_end_as_at_the_start():
    frames = films(N=400, T=12).frames.mean(axis=(0, 2, 3))
    np.testing.assert_allclose(frames, frames.mean(), rtol=0.15, atol=0)


@pytest.mark.parametrize("name", ["N", "T", "R", "C"])
def test_films_of_no_size_are_refused(name):
    with pytest.raises(ValueError, match="at least 1"):
        data.rain_films(np.random.default_rng(0), **({"N": 1, "T": 1} | {name: 0}))
