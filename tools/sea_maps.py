"""Make lstm_course/data/sea_maps.npz from the package iris-sample-data.

    pip install iris-sample-data
    python -m tools.sea_maps

The package weighs 29 MB, and the course needs one file of it, which is read with h5py; so the
extract is part of the course.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from lstm_course.data.sea_maps import FILE, LAND

ZERO = 273.15  # of the Celsius scale, in kelvin


def extract(source: Path) -> dict[str, Any]:
    """Return the arrays of the extract.

    Parameters
    ----------
    source : Path
        ``ostia_monthly.nc``, with kelvin, and 1e20 on land.
    """
    with h5py.File(source) as file:
        kelvin = file["surface_temperature"][:].astype(np.float64)
        hours = file["time"][:].astype("timedelta64[h]")
        grid = {name: file[name][:].astype(np.float64) for name in ("latitude", "longitude")}
    sea = kelvin < 1e6
    hundredths = np.where(sea, np.round(100 * (np.where(sea, kelvin, ZERO) - ZERO)), LAND)
    months = (np.datetime64("1970-01-01") + hours).astype("datetime64[M]")
    return {"hundredths": hundredths.astype(np.int16), "time": months} | grid


def main() -> int:
    """Write the extract; return the exit status."""
    spec = find_spec("iris_sample_data")
    if spec is None or spec.origin is None:
        print("iris-sample-data is missing: pip install iris-sample-data")
        return 1
    source = Path(spec.origin).parent / "sample_data" / "ostia_monthly.nc"
    np.savez_compressed(FILE, **extract(source))
    print(f"wrote {FILE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
