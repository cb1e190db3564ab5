"""Every module of the course is closed to graded code but for those that give no answer away."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

from nbjudge.processes.withheld import Withheld
from traitlets.config.loader import PyFileConfigLoader

import lstm_course

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config().RunSubmission
WITHHELD = Withheld(tuple(SETTINGS.course_packages), tuple(SETTINGS.open_modules))
OPEN = (
    "lstm_course.data",
    "lstm_course.packages",
    "lstm_course.plotting",
    "lstm_course.tasks",
)

#: Imports the open modules where all others are empty, as in a student's process, and uses them.
USES = f"""
from nbjudge.processes.withheld import Unavailable, Withheld, WithheldModules

WithheldModules({WITHHELD!r}).install()

import numpy as np
import lstm_course
from lstm_course import data, packages, plotting, tasks
from lstm_course.lstm import lstm_forward

assert isinstance(lstm_forward, Unavailable) and isinstance(lstm_course.sigmoid, Unavailable)
rng = np.random.default_rng(0)
for made in (tasks.adding_problem, tasks.recall, tasks.parity):
    x, y = made(rng, 3, 20)
    assert len(x) == len(y) == 3
assert len(tasks.embedded_reber(rng, 2)[0]) == 2
assert len(data.load_ibm_prices()) > 100
with plotting.course_style():
    pass
packages.need("torch", "nbjudge")
"""


def test_all_but_four_modules_are_closed() -> None:
    found = pkgutil.walk_packages(lstm_course.__path__, "lstm_course.")
    names = {"lstm_course", "lstm_course.of_tomorrow", *(module.name for module in found)}
    inside = tuple(f"{module}." for module in OPEN)
    open_ones = {name for name in names if not WITHHELD.covers(name)}
    assert open_ones == {name for name in names if f"{name}.".startswith(inside)}
    assert set(OPEN) <= open_ones


def test_open_modules_work_where_all_others_are_empty() -> None:
    done = subprocess.run([sys.executable, "-c", USES], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
