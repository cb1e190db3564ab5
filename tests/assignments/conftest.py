"""Banks and mutants of all assignments, graded in one go; and a course folder to spoil."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import NamedTuple

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import is_solution
from nbjudge.verify.assignment import KEY, Assignment
from nbjudge.verify.probes import Graded, Probe, grade_probes, graded, of_right, of_wrong
from nbjudge.verify.report import grade_mutants
from nbjudge.verify.workers import Grade, work

from tools import assignments, exercises

ROOT = Path(__file__).resolve().parents[2]
NAME = "lstm_cell"  # the assignment of tests that need only one
#: Mutants of each question that are graded here; one that is listed comes on top.
MUTANTS = 3
#: Keys under which each bank is graded here, the first one with the words that students see.
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
    probes = [*map(of_wrong, assignment.bank.wrong), *map(of_right, assignment.bank.right)]
    faults = grade_under(assignment, probes, grade)
    mutants = grade_mutants(assignment, assignment.sampled(MUTANTS), grade)
    return Found(assignment, graded(assignment, report), faults, mutants)


def grade_under(assignment: Assignment, probes: list[Probe], grade: Grade) -> dict[str, list[str]]:
    """Return what is wrong with each entry under each key."""
    faults: dict[str, list[str]] = {probe.name: [] for probe in probes}
    for key in KEYS:
        options = {"key": key, "points_only": key != KEYS[0]}
        for entry, (_, fault) in grade_probes(assignment, probes, grade, **options).items():
            faults[entry].append(fault)
    return faults


class Course:
    """A course folder: the project's configuration and solutions, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        self.home = folder / "home"
        self.home.mkdir()
        self.root.mkdir()
        for part in ("solutions", "exercises"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, self.root / part, ignore=ignored)
        shutil.copy(ROOT / "nbgrader_config.py", self.root)

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / NAME / f"{NAME}.py"

    @property
    def release(self) -> Path:
        return self.root / "exercises" / NAME / f"{NAME}.ipynb"

    @property
    def source(self) -> Path:
        return self.root / "build" / "source" / NAME / f"{NAME}.ipynb"

    def exercises(self, *options: str) -> tuple[int, str]:
        """Run `tools.exercises` in the course folder; return its exit status and its output."""
        output = io.StringIO()
        with redirect_stdout(output), redirect_stderr(output):
            return exercises.main(options, self.root), output.getvalue()

    def environment(self) -> dict[str, str]:
        """Return an environment in which Jupyter sees this interpreter and no one's settings."""
        kept = ("LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
        own = {name: os.environ[name] for name in kept if name in os.environ}
        folders = {f"JUPYTER_{part}_DIR": part.lower() for part in ("CONFIG", "DATA", "RUNTIME")}
        folders |= {"IPYTHONDIR": "ipython", "HOME": "."}
        return own | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "OMP_NUM_THREADS": "1",
            "PYTHONWARNINGS": "ignore",
            **{name: str(self.home / folder) for name, folder in folders.items()},
        }

    def run(self, module: str, *arguments: str) -> None:
        """Run a command in the course folder, which must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"{module} {' '.join(arguments)}\n{done.stdout}{done.stderr}"

    def solved(self) -> NotebookNode:
        """Return the release with the course's own solutions written into it."""
        source = nbformat.read(self.source, as_version=4)
        answers = {cell.id: cell.source for cell in source.cells if is_solution(cell)}
        notebook = nbformat.read(self.release, as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(cell.id, cell.source)
        return notebook

    def submit(self, student: str, notebook: NotebookNode) -> None:
        """Hand in a notebook."""
        folder = self.root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")

    def scores(self) -> dict[str, dict[str, float]]:
        """Return student -> cell -> points, from the gradebook."""
        from nbgrader.api import Gradebook

        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", self.environment()["PATH"])  # the gradebook calls alembic by name
            with Gradebook(f"sqlite:///{self.root}/gradebook.db", "lstm_course") as gradebook:
                return {
                    submission.student.id: {
                        grade.cell.name: grade.auto_score
                        for notebook in submission.notebooks
                        for grade in notebook.grades
                    }
                    for submission in gradebook.find_assignment(NAME).submissions
                }


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
