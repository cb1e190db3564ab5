"""Banks and mutants of all assignments, graded in one go; and a course folder to spoil."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import pytest
from nbjudge.verify.assignment import KEY, Assignment
from nbjudge.verify.probes import Graded, Probe, grade_probes, graded, of_right, of_wrong
from nbjudge.verify.report import grade_mutants
from nbjudge.verify.workers import Grade, work

from tests.assignments.course_folder import NAME, Course
from tests.assignments.samples import sampled_wrong
from tools import assignments

ROOT = Path(__file__).resolve().parents[2]
#: Mutants of each question that are graded here; one that is listed comes on top.
MUTANTS = 3
#: Keys under which right answers are graded here; wrong ones are under the first, with the words
#: that students see.  The report grades all of it.
KEYS = [KEY, b"another key"]


class Found(NamedTuple):
    """What became of an assignment."""

    assignment: Assignment
    untouched: Graded  # the release as it is
    faults: dict[str, list[str]]  # of each entry of the banks, one for each key
    mutants: dict[str, str]  # of each mutant that was graded, by its name


@pytest.fixture(scope="session")
def found(request: pytest.FixtureRequest) -> dict[str, Found]:
    """Return by name what became of the assignments that the chosen tests ask for."""
    items = [item for item in request.session.items if "found" in getattr(item, "fixturenames", ())]
    names = {item.callspec.params["name"] for item in items}  # type: ignore[attr-defined]
    every = assignments.assignments(sorted(names))
    return {one.assignment.name: one for one in work([partial(grade_all, one) for one in every])}


def grade_all(assignment: Assignment, grade: Grade) -> Found:
    """Grade the release, the banks and a few mutants of an assignment."""
    name = assignment.name
    release = (ROOT / "exercises" / name / f"{name}.ipynb").read_bytes()
    ((_, report),) = grade([assignment.job("untouched", release, points_only=False)])
    wrong, right = map(of_wrong, sampled_wrong(assignment)), map(of_right, assignment.bank.right)
    faults = grade_under(assignment, [*wrong], grade, KEYS[:1])
    faults |= grade_under(assignment, [*right], grade, KEYS)
    mutants = grade_mutants(assignment, assignment.sampled(MUTANTS), grade)
    return Found(assignment, graded(assignment, report), faults, mutants)


def grade_under(
    assignment: Assignment, probes: list[Probe], grade: Grade, keys: list[bytes]
) -> dict[str, list[str]]:
    """Return what is wrong with each entry under each key."""
    faults: dict[str, list[str]] = {probe.name: [] for probe in probes}
    for key in keys:
        options = {"key": key, "points_only": key != KEYS[0]}
        for entry, (_, fault) in grade_probes(assignment, probes, grade, **options).items():
            faults[entry].append(fault)
    return faults


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a fresh course folder that a test may spoil."""
    return Course(tmp_path)


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Return a course in which one assignment was released with nbgrader's own command."""
    course = Course(tmp_path_factory.mktemp("released"))
    status, output = course.exercises()
    assert status == 0, output
    course.run("nbjudge.cli", "release", NAME)
    yield course
    shutil.rmtree(course.root)
