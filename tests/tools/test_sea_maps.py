"""The extract of sea temperatures: kelvin in, hundredths of a degree and land out."""

from __future__ import annotations

import h5py
import numpy as np

from lstm_course.data.sea_maps import LAND
from tools import sea_maps


def test_extract(tmp_path):
    with h5py.File(tmp_path / "ostia.nc", "w") as file:
        file["surface_temperature"] = np.float32([[[300.004, 1e20]], [[273.15, 1e20]]])
        file["time"] = np.array([318096.0, 318828.0])  # hours since 1970
        file["latitude"], file["longitude"] = np.float32([-5]), np.float32([0, 0.8])
    arrays = sea_maps.extract(tmp_path / "ostia.nc")
    assert arrays["hundredths"].tolist() == [[[2685, LAND]], [[0, LAND]]]
    assert arrays["time"].astype(str).tolist() == ["2006-04", "2006-05"]
    assert arrays["longitude"].shape == (2,)


def test_what_is_missing_is_named(monkeypatch, capsys):
    monkeypatch.setattr(sea_maps, "find_spec", lambda _: None)
    assert sea_maps.main() == 1
    assert "pip install iris-sample-data" in capsys.readouterr().out
