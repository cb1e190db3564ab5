"""What is installed without a clone: every module of the package, and the results they read."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
READ = """
import lstm_course
from lstm_course.data import load_results
print(lstm_course.__file__)
load_results("stock_forecasting")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Return the wheel of the package, built from a copy of what it is made of."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lstm_course", source / "lstm_course", ignore=ignored)
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-c", BUILD, str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_module_and_every_result(wheel):
    packed = set(zipfile.ZipFile(wheel).namelist())
    files = [*ROOT.glob("lstm_course/**/*.py"), *ROOT.glob("lstm_course/results/*.json")]
    files += ROOT.glob("lstm_course/data/*.npz")
    assert len(files) > 40
    assert {str(path.relative_to(ROOT)) for path in files} <= packed


def test_results_are_read_from_the_wheel_in_another_folder(wheel, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", READ],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(wheel)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(wheel))
