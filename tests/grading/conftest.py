"""A course folder in a temporary place, with every submission of the banks graded once."""

from __future__ import annotations

import io
import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[2]
NAME = "lstm_cell"  # the assignment of tests that need only one
BANKS = {
    path.parent.name: SimpleNamespace(**runpy.run_path(str(path)))
    for path in sorted(ROOT.glob("solutions/*/bank.py"))
}


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment in which Jupyter sees this interpreter and no one's settings."""
    kept = ("LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    bin_folder = str(Path(sys.executable).parent)
    return environment | {
        "PATH": os.pathsep.join([bin_folder, os.environ["PATH"]]),
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
    }


class Course:
    """A course folder: the project's configuration, tools and solutions, and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "course"
        self.environment = clean_environment(folder / "home")
        (folder / "home").mkdir()
        self.root.mkdir()
        for part in ("solutions", "exercises"):
            shutil.copytree(ROOT / part, self.root / part)
        (self.root / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "exercises.py", self.root / "tools")
        shutil.copy(ROOT / "nbgrader_config.py", self.root)

    @property
    def solution(self) -> Path:
        return self.root / "solutions" / NAME / f"{NAME}.py"

    @property
    def release(self) -> Path:
        return self.released(NAME)

    @property
    def source(self) -> Path:
        return self.sources(NAME)

    def released(self, name: str) -> Path:
        return self.root / "exercises" / name / f"{name}.ipynb"

    def sources(self, name: str) -> Path:
        return self.root / "build" / "source" / name / f"{name}.ipynb"

    def solved(self, notebook: Path, name: str = NAME) -> NotebookNode:
        """Return a released notebook with the course's own solutions written into it."""
        return fill(notebook, solutions(nbformat.read(self.sources(name), as_version=4)))

    def exercises(self, *options: str) -> tuple[int, str]:
        """Run the course folder's tools/exercises.py; return its exit status and its output."""
        output = io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            redirect_stdout(output),
            redirect_stderr(output),
        ):
            patch.setattr(sys, "argv", ["exercises.py", *options])
            tool = runpy.run_path(str(self.root / "tools" / "exercises.py"))
            return tool["main"](), output.getvalue()

    def run(self, module: str, *arguments: str) -> tuple[int, str]:
        """Run a command in the course folder; return its exit status and what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return done.returncode, done.stdout + done.stderr

    def nbgrader(self, *arguments: str) -> str:
        """Run an nbgrader command, which must succeed; return what it printed."""
        status, output = self.run("nbgrader", *arguments)
        assert status == 0, f"nbgrader {' '.join(arguments)}\n{output}"
        return output

    def lstm_course(self, *arguments: str, status: int = 0) -> str:
        """Run our own command, which must exit with ``status``; return what it printed."""
        found, output = self.run("nbjudge.cli", *arguments)
        assert found == status, f"lstm-course {' '.join(arguments)}\n{output}"
        return output

    def submit(self, student: str, notebook: NotebookNode, name: str = NAME) -> None:
        folder = self.root / "submitted" / student / name
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{name}.ipynb")

    def autograded(self, student: str, name: str = NAME) -> NotebookNode:
        path = self.root / "autograded" / student / name / f"{name}.ipynb"
        return nbformat.read(path, as_version=4)

    def points(self) -> dict[str, dict[str, dict[str, tuple[float | None, float]]]]:
        """Return assignment -> student -> question -> (given, possible), from the gradebook."""
        from nbgrader.api import Gradebook

        found: dict[str, dict[str, dict[str, tuple[float | None, float]]]] = {}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PATH", self.environment["PATH"])  # the gradebook calls alembic by name
            with Gradebook(f"sqlite:///{self.root}/gradebook.db", "lstm_course") as gradebook:
                for assignment in gradebook.assignments:
                    name = assignment.name
                    found[name] = {
                        submission.student.id: {
                            question_of(grade.cell.name, name): (grade.auto_score, grade.max_score)
                            for notebook in submission.notebooks
                            for grade in notebook.grades
                        }
                        for submission in assignment.submissions
                    }
        return found


def question_of(grade_id: str, name: str) -> str:
    """Return the question that a cell with this id belongs to."""
    return grade_id.removeprefix(f"{name}_").removesuffix("_test")


def id_of(cell: NotebookNode) -> str:
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def solutions(notebook: NotebookNode) -> dict[str, str]:
    """Return the source of each solution cell by its id."""
    return {id_of(cell): cell.source for cell in notebook.cells if is_solution(cell)}


def fill(release: Path, answers: dict[str, str], extra: str = "") -> NotebookNode:
    """Return the released notebook with the answers, by cell id, in its solution cells."""
    notebook = nbformat.read(release, as_version=4)
    left = set(answers)
    for cell in notebook.cells:
        if is_solution(cell) and id_of(cell) in answers:
            cell.source = answers[id_of(cell)].strip()
            left.remove(id_of(cell))
    assert not left, f"no such questions: {left}"
    if extra:
        notebook.cells.insert(2, nbformat.v4.new_code_cell(extra.strip()))
    return notebook


def hand_in_the_bank(course: Course, name: str) -> None:
    """Submit every entry of a bank, and the release as it is, solved, and without its tests."""
    bank, release = BANKS[name], course.released(name)
    own = solutions(nbformat.read(course.sources(name), as_version=4))

    def with_answers(answers: dict[str, str], extra: str = "") -> NotebookNode:
        changed = {f"{name}_{question}": source for question, source in answers.items()}
        return fill(release, own | changed, extra)

    course.submit("untouched", fill(release, {}), name)
    course.submit("reference", fill(release, own), name)
    without_tests = with_answers(bank.WRONG[0].answers)
    without_tests.cells = [cell for cell in without_tests.cells if not is_test(cell)]
    course.submit("tests-deleted", without_tests, name)
    for entry in bank.WRONG:
        course.submit(entry.name, with_answers(entry.answers), name)
    for entry in bank.RIGHT:
        course.submit(entry.name, with_answers(entry.answers, entry.extra), name)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a fresh course folder that a test may spoil."""
    return Course(tmp_path)


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Return a course in which the banks of all assignments were handed in and graded once."""
    course = Course(tmp_path_factory.mktemp("graded"))
    status, output = course.exercises()
    assert status == 0, output
    for name in BANKS:
        course.lstm_course("release", name)
        hand_in_the_bank(course, name)
        course.lstm_course("grade", name)
    yield course
    shutil.rmtree(course.root)


@pytest.fixture(scope="session")
def points(graded: Course) -> dict[str, dict[str, dict[str, tuple[float | None, float]]]]:
    """Return assignment -> student -> question -> (points given, points possible)."""
    return graded.points()
