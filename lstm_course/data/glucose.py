"""The blood glucose of one person, as a sensor under the skin reads it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.data.weather import sample


class GlucoseRecord(NamedTuple):
    """Readings as they came, with the gaps that they have."""

    time: NDArray[np.datetime64]  # (T,), minutes, never decreasing
    glucose: NDArray[np.float64]  # (T,), mg/dl


def load_glucose() -> GlucoseRecord:
    """Return 52,281 readings of a glucose sensor, 2010-03-24 to 2010-10-10, in mg/dl.

    Mostly one every five minutes; in 125 places more than half an hour is missing, and three
    minutes hold two readings.  No reading is below 40 or above 400.  It is **one** person, with
    one sensor and one way of life: nothing here holds for anybody else.  ``ModuleNotFoundError``
    if bokeh-sampledata is missing.

    Source: the package bokeh-sampledata (BSD-3) ships them; given by the person, public domain.
    """
    rows = sample("CGM")
    time = np.array([row["datetime"].replace(" ", "T") for row in rows], "datetime64[m]")
    return GlucoseRecord(time, np.array([float(row["glucose"]) for row in rows]))
