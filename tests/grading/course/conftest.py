"""A small course that has nothing to do with LSTMs, and a quick fake in place of the engine."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbjudge import cli
from nbjudge.course import commands
from nbjudge.engine.worker import Grader

HERE = Path(__file__).parent
NAME = "sums"
RIGHT = {"double": "def double(x):\n    return 2 * x", "half": "def half(x):\n    return x / 2"}

CONFIG = """\
import os, sys
c = get_config()
c.CourseDirectory.course_id = "arithmetic"
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "exercises"
c.Exchange.root = os.path.join(os.getcwd(), "exchange")
c.Exchange.path_includes_course = False
c.ExchangeCollect.check_owner = False
c.FileNameCollectorPlugin.named_regexp = (
    r".*/extracted/(?P<student_id>[^/]+)/(?:.*/)?(?P<file_id>[^/]+)\\.ipynb$"
)
os.environ["PATH"] = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
"""

#: The command line in a process of its own, with the engine named first.
GRADE = """\
import sys
from nbjudge import cli
from nbjudge.course import commands
from nbjudge.engine.worker import Grader
engine = sys.argv[1]
commands.Grader = lambda **how: Grader(engine, **how)
sys.exit(cli.main(sys.argv[2:]))
"""


def cell(kind: str, source: str, grade_id: str = "", **flags: Any) -> NotebookNode:
    """Return a cell as nbgrader wants it."""
    made = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    node = made(source, id=f"{grade_id or 'free'}-cell".replace("_", "-"))
    if grade_id:
        known = {"grade": False, "solution": False, "locked": False, "task": False}
        node.metadata.nbgrader = {**known, "schema_version": 3, "grade_id": grade_id, **flags}
    return node


def instructors() -> NotebookNode:
    """Return the instructor's notebook: two questions with tests, one to grade by hand."""
    notebook = nbformat.v4.new_notebook(
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    for name, answer in RIGHT.items():
        head, body = answer.split("\n")
        marked = f"{head}\n    ### BEGIN SOLUTION\n{body}\n    ### END SOLUTION"
        test = f"assert {name}(2) == {eval(body.split('return')[1], {'x': 2})}"
        hidden = f"### BEGIN HIDDEN TESTS\nassert {name}(0) == 0\n### END HIDDEN TESTS"
        notebook.cells.append(cell("code", marked, name, solution=True))
        notebook.cells.append(
            cell("code", f"{test}\n{hidden}", f"{name}_test", grade=True, locked=True, points=2)
        )
    notebook.cells.append(cell("markdown", "Why?", "why", grade=True, solution=True, points=3))
    return notebook


class SmallCourse:
    """A course folder with one assignment, released."""

    name = NAME
    engine = "fake_engine.FakeEngine"

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.log = home / "graded.log"
        self.log.touch()
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST"))},
            "PYTHONPATH": str(HERE),
            "HOME": str(home),
            "FAKE_ENGINE_LOG": str(self.log),
            "OMP_NUM_THREADS": "1",
        }
        self.db = f"sqlite:///{root}/gradebook.db"
        root.mkdir()
        (root / "nbgrader_config.py").write_text(CONFIG)
        folder = root / "build" / "source" / NAME
        folder.mkdir(parents=True)
        nbformat.write(instructors(), folder / f"{NAME}.ipynb")

    def command(self, *arguments: str, **changes: str) -> tuple[int, str]:
        """Run ``nbjudge`` with the fake engine; return its exit status and its output."""
        output = io.StringIO()
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            patch.chdir(self.root)
            patch.setattr(sys, "path", [*sys.path])  # nbgrader adds the course folder
            for name, value in {**self.environment, **changes}.items():
                patch.setenv(name, value)
            patch.setattr(commands, "Grader", lambda **how: Grader(self.engine, **how))
            try:
                status = cli.main(arguments)
            except SystemExit as end:  # from argparse
                status = int(end.code or 0)
        return status, output.getvalue()

    def start(self, *arguments: str, **changes: str) -> subprocess.Popen[str]:
        """Start the same as a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", GRADE, self.engine, *arguments],
            cwd=self.root,
            env={**self.environment, **changes},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def nbgrader(self, *arguments: str) -> str:
        """Run a command of nbgrader itself."""
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def folder(self, student: str) -> Path:
        return self.root / "submitted" / student / NAME

    def submit(self, student: str, text: str | None = None, **answers: str) -> Path:
        """Put a submission into the course folder: the right answers but for those given."""
        path = self.folder(student) / f"{NAME}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.solved(**answers) if text is None else text)
        return path

    def solved(self, **answers: str) -> str:
        """Return the released notebook with answers written into it."""
        notebook = nbformat.read(self.root / "exercises" / NAME / f"{NAME}.ipynb", 4)
        for one in notebook.cells:
            known = one.metadata.get("nbgrader", {})
            if known.get("solution"):
                one.source = {**RIGHT, **answers}.get(known.grade_id, one.source)
        return nbformat.writes(notebook)

    def autograded(self, student: str) -> NotebookNode:
        path = self.root / "autograded" / student / NAME / f"{NAME}.ipynb"
        return nbformat.read(path, 4)

    def students_graded(self) -> list[str]:
        """Return whom the fake engine was asked to grade, in order."""
        return [line.split()[0] for line in self.log.read_text().splitlines()]

    def gradebook(self, db: str | None = None) -> Any:
        from nbgrader.api import Gradebook

        return Gradebook(db or self.db, "arithmetic")

    def rows(self, db: str | None = None) -> dict[tuple[str, ...], tuple[Any, ...]]:
        """Return everything in the gradebook about submissions."""
        found: dict[tuple[str, ...], tuple[Any, ...]] = {}
        with self.gradebook(db) as gradebook:
            for submission in gradebook.find_assignment(NAME).submissions:
                who = submission.student.id
                found[who, "submission"] = submission.timestamp, submission.extension
                for notebook in submission.notebooks:
                    found[who, notebook.name] = notebook.late_submission_penalty, notebook.score
                    for grade in notebook.grades:
                        scores = grade.auto_score, grade.manual_score, grade.extra_credit
                        found[who, "grade", grade.name] = *scores, grade.needs_manual_grade
                    for comment in notebook.comments:
                        texts = comment.auto_comment, comment.manual_comment
                        found[who, "comment", comment.name] = texts
        return found


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> SmallCourse:
    """Return a released course; copy it, do not change it."""
    folder = tmp_path_factory.mktemp("released")
    course = SmallCourse(folder / "course", folder)
    status, output = course.command("release", NAME)
    assert status == 0, output
    return course


@pytest.fixture
def new_course(released: SmallCourse, tmp_path: Path) -> Callable[[str], SmallCourse]:
    """Return a function that makes fresh released courses."""
    import shutil

    def make(name: str) -> SmallCourse:
        home = tmp_path / name
        home.mkdir()
        made = SmallCourse(home / "course", home)
        shutil.copytree(released.root, made.root, dirs_exist_ok=True)
        return made

    return make


@pytest.fixture
def small(new_course: Callable[[str], SmallCourse]) -> SmallCourse:
    """Return a fresh released course without submissions."""
    return new_course("small")
