"""What all tests share: one thread, quiet TensorFlow, no window system, the exceptions."""

from __future__ import annotations

import datetime
import os
import tomllib
from pathlib import Path

import pytest

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("MPLBACKEND", "agg")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def exceptions() -> set[tuple[str, str]]:
    """Return the (path, rule) pairs of tests/exceptions.toml; fail on one that has expired."""
    listed = tomllib.loads((ROOT / "tests/exceptions.toml").read_text()).get("exception", [])
    for entry in listed:
        assert entry["reason"], entry
        assert entry["expires"] >= datetime.date.today(), f"expired exception: {entry}"
    return {(entry["path"], entry["rule"]) for entry in listed}
