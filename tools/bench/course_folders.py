"""Course folders in a temporary place, to grade the same submissions in two ways.

`Stock` is nbgrader as it comes; `Ours` has the settings of this project and is graded with
``lstm-course grade``.  Both are made from the same notebooks.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import nbformat
import psutil
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbjudge.verify.assignment import Assignment

from tools.environment import KERNEL_ENVIRONMENT
from tools.records import ROOT

PLAIN = "c = get_config()\nc.CourseDirectory.course_id = 'measured'\n"
KINDS = ("main", "worker", "server", "submission")
SAMPLE_SECONDS = 0.1  # how often the memory of running processes is looked at
WORKER, SERVER = "nbjudge.engine.worker", "forkserver.py"  # as in their command lines


class Spent(NamedTuple):
    """What a command took: wall time, processor time of the whole machine, peak memory."""

    seconds: float
    cpu_seconds: float
    memory_mb: dict[str, float]  # of the largest process of each kind, where it was asked for


class Stock:
    """A course that is graded by nbgrader's own execution, with its default settings."""

    source = "source"
    database = "gradebook.db"

    def __init__(self, folder: Path, assignment: Assignment) -> None:
        """Make the folder and release the assignment in it."""
        self.root, self._name = folder / "course", assignment.name
        self._environment = _environment(folder / "home")
        place = self.root / self.source / self._name / f"{self._name}.ipynb"
        place.parent.mkdir(parents=True)
        nbformat.write(assignment.source, place)
        self.configure()
        self._run(["-m", "nbgrader", "generate_assignment", self._name, "--force"])
        shutil.copy(self.root / self.database, folder / "released.db")

    def configure(self) -> None:
        """Write the settings."""
        (self.root / "nbgrader_config.py").write_text(PLAIN)

    def command(self) -> list[str]:
        """Return the arguments of Python that grade everything."""
        return ["-m", "nbgrader", "autograde", self._name]

    def hand_in(self, submissions: Mapping[str, bytes]) -> None:
        """Put these submissions and no others in place; nothing is graded yet."""
        for part in ("submitted", "autograded"):
            shutil.rmtree(self.root / part, ignore_errors=True)
        shutil.copy(self.root.parent / "released.db", self.root / self.database)
        for student, content in submissions.items():
            file = self.root / "submitted" / student / self._name / f"{self._name}.ipynb"
            file.parent.mkdir(parents=True)
            file.write_bytes(content)

    def grade(self, watch: bool = False) -> Spent:
        """Grade all submissions; with ``watch``, look at the memory meanwhile."""
        return self._run(self.command(), watch, some_may_fail=True)

    def grades(self) -> dict[str, dict[str, float | None]]:
        """Return student -> question -> points, as the gradebook has them."""
        with Gradebook(f"sqlite:///{self.root / self.database}", "measured") as gradebook:
            return {
                submission.student.id: {
                    grade.cell.name.removeprefix(f"{self._name}_").removesuffix("_test"): (
                        grade.auto_score
                    )
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in gradebook.find_assignment(self._name).submissions
            }

    def autograded(self, student: str) -> NotebookNode | None:
        """Return the graded notebook of a student, if there is one."""
        path = self.root / "autograded" / student / self._name / f"{self._name}.ipynb"
        return nbformat.read(path, as_version=4) if path.exists() else None

    def _run(self, arguments: list[str], watch: bool = False, some_may_fail: bool = False) -> Spent:
        """Run Python in the course folder; raises `RuntimeError` if it cannot do its work."""
        log = self.root.parent / "log.txt"
        memory = dict.fromkeys(KINDS if watch else (), 0.0)
        began, busy = time.perf_counter(), _busy_seconds()
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=self.root,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            while watch and process.poll() is None:
                _note_memory(process.pid, memory)
                time.sleep(SAMPLE_SECONDS)
            status = process.wait()
        spent = Spent(time.perf_counter() - began, _busy_seconds() - busy, memory)
        if status > some_may_fail:  # 1: some submissions need a look or failed
            raise RuntimeError(f"{' '.join(arguments)} ended with {status}:\n{log.read_text()}")
        return spent


class Ours(Stock):
    """A course with the settings of this project."""

    source = "build/source"

    def __init__(self, folder: Path, assignment: Assignment, workers: int) -> None:
        """Make the folder and release the assignment in it."""
        self._workers = workers
        super().__init__(folder, assignment)

    def configure(self) -> None:
        """Write the settings."""
        shutil.copy(ROOT / "nbgrader_config.py", self.root)

    def command(self) -> list[str]:
        """Return the arguments of Python that grade everything."""
        main = "from nbjudge.cli import main; raise SystemExit(main())"
        return ["-c", main, "grade", self._name, "--workers", str(self._workers)]


def _environment(home: Path) -> dict[str, str]:
    """Return an environment in which Jupyter finds this interpreter and no one's settings."""
    home.mkdir(parents=True)
    binaries = str(Path(sys.executable).parent)
    return KERNEL_ENVIRONMENT | {
        "PATH": os.pathsep.join([binaries, os.environ["PATH"]]),  # nbgrader calls alembic
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_PREFER_ENV_PATH": "1",
        "PYTHONWARNINGS": "ignore",
    }


def _busy_seconds() -> float:
    """Return the processor time that the machine has spent; processes that no one waits for too."""
    times = psutil.cpu_times()
    return float(times.user + times.nice + times.system + times.irq + times.softirq)


def _note_memory(pid: int, memory: dict[str, float]) -> None:
    """Raise the peaks in ``memory`` to what ``pid`` and the processes below it hold now, in MB."""
    kinds = {pid: "main"}
    try:
        processes = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in processes:
        with contextlib.suppress(psutil.Error):  # it has just ended
            kind = kinds.setdefault(process.pid, _kind(process, kinds))
            if kind:
                held = round(process.memory_info().rss / 2**20, 1)
                memory[kind] = max(memory[kind], held)


def _kind(process: psutil.Process, known: Mapping[int, str]) -> str:
    """Return what a process is, as in `KINDS`, or nothing."""
    command = " ".join(process.cmdline())
    if WORKER in command:
        return "worker"
    if SERVER in command:
        return "server" if known.get(process.ppid()) == "worker" else "submission"
    return ""
