"""Maps of the temperature of the sea along the equator."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).with_name("sea_maps.npz")
LAND = np.iinfo(np.int16).min  # in the file, in place of a temperature


class SeaMaps(NamedTuple):
    """Monthly means on a grid; the map closes upon itself from its last column to its first."""

    temperature: NDArray[np.float64]  # (T, R, C), degrees Celsius, nan on land
    time: NDArray[np.datetime64]  # (T,), months
    latitude: NDArray[np.float64]  # (R,), degrees, increasing to the north
    longitude: NDArray[np.float64]  # (C,), degrees east


def load_sea_maps() -> SeaMaps:
    """Return the temperature of the sea from 5 degrees south to 4 degrees north, 54 months.

    18 rows and 432 columns around the whole earth, April 2006 to September 2010, to a hundredth
    of a degree.  Four and a half years are few: they hold two warm phases
    (El Niño) and two cool ones.

    Source: OSTIA, (c) Crown copyright, Met Office, under the Open Government Licence; an extract
    of ``ostia_monthly.nc`` in the package iris-sample-data, made by ``python -m tools.sea_maps``.
    """
    with np.load(FILE) as file:
        hundredths = file["hundredths"]
        temperature = np.where(hundredths == LAND, np.nan, hundredths / 100.0)
        return SeaMaps(temperature, *(file[name] for name in ("time", "latitude", "longitude")))
