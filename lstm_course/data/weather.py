"""The temperature of the sea every half hour, and the weather of Seattle every day."""

from __future__ import annotations

import csv
import gzip
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.data.packages import folder
from lstm_course.data.series import Series, table


class DailyWeather(NamedTuple):
    """A row for each day."""

    time: NDArray[np.datetime64]  # (T,), days
    rain: NDArray[np.float64]  # (T,), mm
    highest: NDArray[np.float64]  # (T,), degrees Celsius
    lowest: NDArray[np.float64]  # (T,), degrees Celsius
    wind: NDArray[np.float64]  # (T,), m/s
    sky: NDArray[np.str_]  # (T,), drizzle, fog, rain, snow or sun


def sample(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that bokeh-sampledata ships, without importing the package.

    ``ModuleNotFoundError`` if it is missing.
    """
    path = folder("bokeh-sampledata") / "_data" / f"{name}.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load_sea_temperature() -> Series:
    """Return the temperature of the sea on the Western Maine Shelf, in degrees Celsius.

    19,225 values, nearly all half an hour apart, 2016-02-15 to 2017-03-22; twice the distance is
    longer (1 and 12 hours), and a half hour that stands twice in the file is read once.
    ``ModuleNotFoundError`` if bokeh-sampledata is missing.

    Source: the package bokeh-sampledata (BSD-3) ships them; NERACOOS, buoy B01, free to use.
    """
    rows = sample("sea_surface_temperature")
    time = np.array([row["time (UTC)"].rstrip("Z") for row in rows], "datetime64[m]")
    values = np.array([float(row["temperature (celsius)"]) for row in rows])
    time, first = np.unique(time, return_index=True)
    return Series(values[first], time)


def load_seattle_weather() -> DailyWeather:
    """Return the weather of Seattle, 2012 to 2015, 1,461 days without a gap.

    ``ModuleNotFoundError`` if vega-datasets is missing.

    Source: the package vega-datasets (MIT) ships them; NOAA, public domain.
    """
    rows = table("seattle-weather.csv")
    days = np.array([row["date"].replace("/", "-") for row in rows], "datetime64[D]")
    columns = "precipitation", "temp_max", "temp_min", "wind"
    rain, highest, lowest, wind = (np.array([float(row[name]) for row in rows]) for name in columns)
    sky = np.array([row["weather"] for row in rows])
    return DailyWeather(days, rain, highest, lowest, wind, sky)
