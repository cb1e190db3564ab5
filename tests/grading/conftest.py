"""A course folder in a temporary place, with every submission of the bank graded once."""

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
NAME = "lstm_cell"

BANK = SimpleNamespace(**runpy.run_path(str(Path(__file__).parent / "banks" / f"{NAME}.py")))


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
        return self.root / "exercises" / NAME / f"{NAME}.ipynb"

    @property
    def source(self) -> Path:
        return self.root / "build" / "source" / NAME / f"{NAME}.ipynb"

    def solved(self, notebook: Path) -> NotebookNode:
        """Return a released notebook with the course's own solutions written into it."""
        return fill(notebook, solutions(nbformat.read(self.source, as_version=4)))

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

    def nbgrader(self, *arguments: str) -> str:
        """Run an nbgrader command in the course folder; return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, f"nbgrader {' '.join(arguments)}\n{done.stderr}"
        return done.stdout + done.stderr

    def submit(self, student: str, notebook: NotebookNode) -> None:
        folder = self.root / "submitted" / student / NAME
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{NAME}.ipynb")

    def autograded(self, student: str) -> NotebookNode:
        path = self.root / "autograded" / student / NAME / f"{NAME}.ipynb"
        return nbformat.read(path, as_version=4)


def question_of(cell: NotebookNode) -> str:
    """Return the question a cell belongs to, or an empty string."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id", "")
    return str(grade_id.removeprefix(f"{NAME}_").removesuffix("_test"))


def is_solution(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def is_test(cell: NotebookNode) -> bool:
    return bool(cell.metadata.get("nbgrader", {}).get("grade"))


def solutions(notebook: NotebookNode) -> dict[str, str]:
    return {question_of(cell): cell.source for cell in notebook.cells if is_solution(cell)}


def fill(release: Path, answers: dict[str, str], extra: str = "") -> NotebookNode:
    """Return the released notebook with the answers written into its solution cells."""
    notebook = nbformat.read(release, as_version=4)
    left = set(answers)
    for cell in notebook.cells:
        if is_solution(cell) and question_of(cell) in answers:
            cell.source = answers[question_of(cell)].strip()
            left.remove(question_of(cell))
    assert not left, f"no such questions: {left}"
    if extra:
        notebook.cells.insert(2, nbformat.v4.new_code_cell(extra.strip()))
    return notebook


DYING = "import os\n\ndef cell_update(c_prev, i, f, g):\n    os._exit(0)"


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """Return a fresh course folder that a test may spoil."""
    return Course(tmp_path)


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """Return a course in which everything was submitted and ``nbgrader autograde`` ran once."""
    course = Course(tmp_path_factory.mktemp("graded"))
    status, output = course.exercises()
    assert status == 0, output
    course.nbgrader("generate_assignment", NAME, "--force")
    own = solutions(nbformat.read(course.source, as_version=4))
    course.submit("untouched", fill(course.release, {}))
    course.submit("reference", fill(course.release, own))
    course.submit("dying", fill(course.release, own | {"cell_update": DYING}))
    without_tests = fill(course.release, own | BANK.WRONG[0].answers)
    without_tests.cells = [cell for cell in without_tests.cells if not is_test(cell)]
    course.submit("tests-deleted", without_tests)
    for entry in BANK.WRONG:
        course.submit(entry.name, fill(course.release, own | entry.answers))
    for entry in BANK.RIGHT:
        course.submit(entry.name, fill(course.release, own | entry.answers, entry.extra))
    course.nbgrader("autograde", NAME)
    yield course
    shutil.rmtree(course.root)


@pytest.fixture(scope="session")
def points(graded: Course) -> dict[str, dict[str, tuple[float | None, float]]]:
    """Return student -> question -> (points given, points possible), from the gradebook."""
    from nbgrader.api import Gradebook

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", graded.environment["PATH"])  # the gradebook calls alembic by name
        with Gradebook(f"sqlite:///{graded.root}/gradebook.db", "lstm_course") as gradebook:
            return {
                submission.student.id: {
                    grade.cell.name.removeprefix(f"{NAME}_").removesuffix("_test"): (
                        grade.auto_score,
                        grade.max_score,
                    )
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in gradebook.find_assignment(NAME).submissions
            }
