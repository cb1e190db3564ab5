"""The assignments of the course, each with all that its folder holds.

solutions/NAME/NAME.py          the notebook, with solutions and hidden tests
solutions/NAME/cases.py         inputs of the hidden tests
solutions/NAME/bank.py          wrong and right answers
solutions/NAME/equivalent.toml  mutants that no test can tell from the solution, and the pace
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Sequence
from functools import cache
from typing import Any

from nbjudge.processes.withheld import Withheld
from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import Bank
from nbjudge.verify.report import Pace
from traitlets.config.loader import PyFileConfigLoader

from tools import exercises
from tools.notebooks import source_notebook

ROOT = exercises.ROOT
#: Layers that students of this course confuse, as mutants of the solutions do.
CONFUSED = (("LSTM", "GRU"),)


def assignments(names: Sequence[str] = ()) -> list[Assignment]:
    """Return assignments by name, by default all, those that take longest first.

    Raises
    ------
    ValueError
        If there is no assignment of a given name.
    """
    known = exercises.names()
    if unknown := set(names) - set(known):
        raise ValueError(f"there is no assignment {', '.join(unknown)}, only {', '.join(known)}")
    return [assignment(name) for name in sorted(names or known, key=lambda name: pace(name).keys)]


def assignment(name: str) -> Assignment:
    """Return an assignment as the instructor has it, with its bank."""
    source = source_notebook(ROOT / "solutions" / name / f"{name}.py")
    return Assignment(name, source, bank(name), withheld(), confused=CONFUSED)


def bank(name: str) -> Bank:
    """Return the answers by which the tests of an assignment are judged."""
    module = importlib.import_module(f"solutions.{name}.bank")
    return Bank(
        wrong=getattr(module, "WRONG", ()),
        right=module.RIGHT,
        mistakes=getattr(module, "MISTAKES", {}),
        equivalent=_measured(name)["equivalent"],
    )


def pace(name: str) -> Pace:
    """Return how much of an assignment the report grades."""
    return Pace(**_measured(name)["pace"])


@cache
def withheld() -> Withheld:
    """Return what students' processes must not read of the course, as it has set it."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    settings = config.RunSubmission
    return Withheld(tuple(settings.course_packages), tuple(settings.open_modules))


def _measured(name: str) -> dict[str, Any]:
    """Return the tables ``pace`` and ``equivalent`` of an assignment."""
    text = (ROOT / "solutions" / name / "equivalent.toml").read_text(encoding="utf-8")
    tables: dict[str, Any] = {"equivalent": {}} | tomllib.loads(text)
    return tables
