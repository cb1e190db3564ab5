"""Every committed result can be made again by the code that stands beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from studies import stock_forecasting, vanishing_gradients
from studies.__main__ import STUDIES

ROOT = Path(__file__).resolve().parents[2]


#: Written by tools of their own, with tests of their own.
OTHERS = {"gpu_execution", "grading_report", "grading_speed"}
RESULTS = [p for p in sorted(ROOT.glob("lstm_course/results/*.json")) if p.stem not in OTHERS]


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    """Run every study with a few steps, as `make long` would; return what was written."""
    folder = tmp_path_factory.mktemp("results")
    command = [sys.executable, "-m", "studies", "--quick", "--output", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in STUDIES}


def read(name):
    return json.loads((ROOT / "lstm_course/results" / f"{name}.json").read_text())


def test_each_file_has_its_study():
    found = {path.stem for path in RESULTS}
    assert set(STUDIES) - found == set(), "write their results: python -m studies NAME"
    assert found - set(STUDIES) == set(), "no study of this name writes these results"


@pytest.mark.parametrize("name", STUDIES)
def test_the_code_writes_the_form_of_the_file(quick, name):
    assert quick[name].keys() == read(name).keys()
    assert quick[name]["command"] == read(name)["command"] == f"python -m studies {name}"
    assert (ROOT / read(name)["chapter"]).is_file()


def test_stock_runs_have_the_settings_of_the_code(quick):
    fresh, kept = quick["stock_forecasting"], read("stock_forecasting")
    assert fresh["baseline"] == kept["baseline"]
    assert fresh["data"] == kept["data"]
    assert list(kept["runs"]) == list(stock_forecasting.STOCK_RUNS)
    for name, (framework, task, settings) in stock_forecasting.STOCK_RUNS.items():
        run = kept["runs"][name]
        assert (run["framework"], run["task"], run["settings"]) == (framework, task, settings)
        assert [entry["seed"] for entry in run["seeds"]] == list(stock_forecasting.SEEDS)
        assert run["parameters"] == fresh["runs"][name]["parameters"]
        assert run.keys() == fresh["runs"][name].keys()
        assert {"date", "versions", "hardware"} <= run.keys()


def test_the_first_epoch_comes_out_again(quick):
    # Sums are rounded differently on another processor, so the tolerance is wide.
    for name, run in quick["stock_forecasting"]["runs"].items():
        kept = read("stock_forecasting")["runs"][name]["seeds"][0]["test_rmse"][0]
        assert run["seeds"][0]["test_rmse"][0] == pytest.approx(kept, rel=0.25)


def test_vanishing_gradients_has_the_settings_of_the_code():
    kept = read("vanishing_gradients")
    assert kept["settings"] == vanishing_gradients.SETTINGS
    done = [(run["T"], run["learning_rate"], run["network"]) for run in kept["runs"]]
    lags, rates, networks = (
        vanishing_gradients.LAGS,
        vanishing_gradients.RATES,
        vanishing_gradients.NETWORKS,
    )
    assert done == [(T, rate, name) for T in lags for rate in rates for name in networks]
    assert all(len(run["accuracy"]) == len(kept["settings"]["seeds"]) for run in kept["runs"])


def test_unknown_study_is_named():
    command = [sys.executable, "-m", "studies", "nonsense"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode != 0
    assert f"unknown study nonsense; known: {', '.join(STUDIES)}" in done.stderr
