"""TensorFlow and triton in one process: the course never lets triton's library come second."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: As the real ones: triton's library, loaded after TensorFlow's, ends the process.
FAKES = {
    "tensorflow": "",
    "triton": "import os, sys\nprint('triton')\nif 'tensorflow' in sys.modules: os.abort()\n",
}
OPTIMIZER = "torch.optim.Adam([torch.zeros(1, requires_grad=True)])"
GUARDED = {
    "the course": "import tensorflow, torch, lstm_course",
    "the forkserver": (
        "from nbjudge.processes import forkserver; forkserver.import_all(['tensorflow', 'torch']);"
        "import torch"
    ),
}


@pytest.fixture
def run(tmp_path):
    """Return a function that runs code beside the fake libraries."""
    for name, source in FAKES.items():
        (tmp_path / f"{name}.py").write_text(source)
    path = os.pathsep.join([str(tmp_path), str(ROOT), str(ROOT / "grader")])

    def run(code):
        return subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def test_an_optimizer_without_the_guard_crashes(run):
    done = run(f"import torch, tensorflow; {OPTIMIZER}")
    assert done.stdout == "triton\n"
    assert done.returncode < 0, "the fakes show nothing"


@pytest.mark.parametrize("place", GUARDED)
def test_an_optimizer_works_after_tensorflow(place, run):
    done = run(f"{GUARDED[place]}; {OPTIMIZER}; print('trained')")
    assert (done.returncode, done.stdout) == (0, "trained\n"), done.stderr


@pytest.mark.parametrize(("before", "printed"), [("sys", "triton\n"), ("tensorflow", "")])
def test_with_a_gpu_triton_comes_first_or_not_at_all(before, printed, run):
    gpu = "import pathlib; pathlib.Path.exists = lambda path: str(path) == '/dev/nvidiactl'"
    done = run(f"import {before}; {gpu}; import lstm_course, tensorflow")
    assert (done.returncode, done.stdout) == (0, printed), done.stderr
