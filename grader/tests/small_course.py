"""A small course folder of two sums and a text, graded by a quick fake in place of the engine."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.apps.nbgraderapp import main as nbgrader_main
from nbjudge import cli
from nbjudge.course import commands
from nbjudge.course.folder import Course
from nbjudge.engine.job import Job, Report
from nbjudge.engine.pool import Pool
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


class Process:
    """A fork of this process that runs a command; what it prints goes into a file.

    It begins where everything is imported already, and otherwise is as good as a new one.
    """

    def __init__(self, work: Callable[[], int], output: Path) -> None:
        self._output = output
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            self._work(work)

    def _work(self, work: Callable[[], int]) -> None:
        status = 120
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # it may have been ignored
            with open(self._output, "wb", buffering=0) as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  # pytest's went elsewhere
            sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
            status = work()
        except SystemExit as end:
            status = int(end.code or 0)
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)

    def poll(self) -> int | None:
        """Return the exit status, negative for a signal, or None while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode

    def wait(self, seconds: float) -> int:
        """Return the exit status; raises `TimeoutError` after so many seconds."""
        until = time.monotonic() + seconds
        while (status := self.poll()) is None:
            if time.monotonic() > until:
                raise TimeoutError(self.output)
            time.sleep(0.005)
        return status

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._output.read_text() if self._output.exists() else ""

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        if self.poll() is None:
            self.send_signal(signal.SIGKILL)


@contextlib.contextmanager
def pool_here(grader: Grader, workers: int) -> Iterator[Pool]:
    """Lend a pool that grades in this process: for tests about something else than workers."""
    with grader.open() as engine:

        def submit(job: Job) -> Future[Report]:
            future: Future[Report] = Future()
            try:
                future.set_result(engine.grade(job))
            except Exception as error:
                future.set_exception(error)
            return future

        yield Pool(submit, 1)


class SmallCourse:
    """A course folder with one assignment, released.

    Attributes
    ----------
    engine : str
        The class that grades.
    workers : bool
        Whether it grades in worker processes, as it does for instructors.
    """

    name = NAME
    engine = "fake_engine.FakeEngine"
    workers = False

    def __init__(self, root: Path, home: Path) -> None:
        self.root = root
        self.home = home
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

    @contextlib.contextmanager
    def _inside(self, workers: bool, changes: dict[str, str]) -> Iterator[None]:
        """Be in the course folder, with its environment and the engine of the tests."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            patch.setattr(sys, "path", [str(HERE), *sys.path])  # nbgrader adds the course folder
            for name, value in {**self.environment, **changes}.items():
                patch.setenv(name, value)
            patch.setattr(commands, "Grader", lambda **how: Grader(self.engine, **how))
            if not workers:
                patch.setattr("nbjudge.course.grade.local_pool", pool_here)
            yield

    def command(self, *arguments: str, **changes: str) -> tuple[int, str]:
        """Run ``nbjudge`` with the fake engine; return its exit status and its output."""
        output = io.StringIO()
        with (
            self._inside(self.workers, changes),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            try:
                status = cli.main(arguments)
            except SystemExit as end:  # from argparse
                status = int(end.code or 0)
        return status, output.getvalue()

    def start(self, *arguments: str, **changes: str) -> Process:
        """Start the same as a process of its own, with worker processes."""

        def work() -> int:
            with self._inside(True, changes):
                return cli.main(arguments)

        return Process(work, self.home / "started.txt")

    def nbgrader(self, *arguments: str, status: int = 0) -> str:
        """Run a command of nbgrader itself, which must end so; return what it printed."""

        def work() -> int:
            with self._inside(True, {}):
                sys.argv = ["nbgrader", *arguments]
                nbgrader_main()
            return 0

        process = Process(work, self.home / "nbgrader.txt")
        assert process.wait(300) == status, process.output
        return process.output

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

    def api(self, assignment: str) -> tuple[bool, str]:
        """Return whether nbgrader's pages miss an exchange, and the status that they show."""
        with self._inside(False, {}):
            api = Course().api()
            return api.exchange_missing, api.get_assignment(assignment)["status"]

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
