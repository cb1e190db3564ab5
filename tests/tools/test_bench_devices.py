"""The tool that times devices: what it times, and that the committed file is what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from tools.bench import devices
from tools.bench.devices import Stepper

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("cell", [False, True])
def test_a_step_changes_all_weights(cell):
    step = Stepper("cpu", N=3, H=4, cell=cell)
    before = [p.detach().clone() for p in step.layer.parameters()]
    assert step.last_hidden().shape == (3, 4)
    step()
    after = step.layer.parameters()
    assert not any(torch.equal(old, new) for old, new in zip(before, after, strict=True))


def test_the_committed_file_has_the_settings_of_the_tool():
    kept = json.loads(devices.PATH.read_text())
    assert kept["command"] == "python -m tools.bench.devices"
    assert (ROOT / kept["chapter"]).is_file()
    large = devices.UNITS[1]
    rows = [(row["layer"], row["H"]) for row in kept["cpu"]["throughput"]]
    loop = ("LSTMCell in a loop", large)
    assert rows == [*(("LSTM", H) for H in devices.UNITS), loop]
    for row in kept["cpu"]["throughput"]:
        assert row["N"] == list(devices.BATCHES)
        assert len(row["milliseconds"]) == len(row["N"])
    for name in kept.keys() & {"cpu", "cuda"}:
        assert {"date", "hardware", "versions", "settings"} <= kept[name].keys()
