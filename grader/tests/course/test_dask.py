"""Grading on a Dask cluster: a real scheduler and two real workers on this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_course import SmallCourse

WRONG = "def half(x):\n    return x"


#: The command line in a process of its own: a copy of this one could not start Dask's threads.
GRADE = """
import sys
from nbjudge import cli
from nbjudge.course import commands
from nbjudge.engine.worker import Grader
commands.Grader = lambda **how: Grader("fake_engine.FakeEngine", **how)
sys.exit(cli.main(sys.argv[1:]))
"""


class Cluster:
    """A scheduler and its workers, each a process of its own; they note whom they grade."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self.folder, self._environment = folder, environment
        self._file = folder / "scheduler.json"
        quiet = ["--no-dashboard", "--scheduler-file", str(self._file)]
        words = ["dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
        self.processes = [self._start(*words, *quiet)]
        until = time.monotonic() + 60
        while not self._file.exists() or not self._file.read_text():
            assert time.monotonic() < until
            time.sleep(0.1)
        self.address: str = json.loads(self._file.read_text())["address"]

    def add_workers(self, count: int) -> list[subprocess.Popen[bytes]]:
        words = ["dask_worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        started = [self._start(*words, "--local-directory", str(self.folder)) for _ in range(count)]
        self.processes += started
        return started

    def remove_workers(self) -> None:
        for process in self.processes[1:]:
            process.kill()
            process.wait()
        del self.processes[1:]

    def _start(self, tool: str, *arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{tool}", *arguments],
            cwd=self.folder,
            env={**self._environment, "FAKE_ENGINE_SECONDS": "0.3"},
            stderr=subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, released: Path) -> Iterator[Cluster]:
    """Return a scheduler without workers."""
    home = tmp_path_factory.mktemp("cluster")
    made = Cluster(home, SmallCourse(home / "course", home).environment)
    yield made
    made.remove_workers()
    made.processes[0].kill()
    made.processes[0].wait()


def test_a_cluster_without_workers_is_not_waited_for(
    small: Any, cluster: Cluster, monkeypatch: Any
) -> None:
    monkeypatch.setattr("nbjudge.engine.pool.JOIN_SECONDS", 2.0)
    small.submit("anna")
    status, output = small.command("grade", "sums", "--scheduler", cluster.address)
    assert status == 2
    assert "has no worker" in output


def test_one_of_two_workers_is_killed_in_the_middle(
    small: Any, cluster: Cluster, new_course: Callable[[str], Any]
) -> None:
    workers = cluster.add_workers(2)
    small.log, local = cluster.folder / "graded.log", new_course("local")
    students = [f"student{number}" for number in range(12)]
    for number, student in enumerate(students):
        for course in (small, local):
            course.submit(student, **({"half": WRONG} if number % 3 else {}))
    process = subprocess.Popen(
        [sys.executable, "-c", GRADE, "grade", "sums", "--scheduler", cluster.address],
        cwd=small.root,
        env=small.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + 90
    while len(set(small.students_graded())) < 4:
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    workers[0].kill()
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert "12 graded" in output
    assert local.command("grade", "sums")[0] == 0
    assert small.rows() == local.rows()
    for student in students:
        ours, theirs = small.autograded(student), local.autograded(student)
        assert [cell.get("outputs") for cell in ours.cells] == [
            cell.get("outputs") for cell in theirs.cells
        ]
    cluster.remove_workers()
    with small.gradebook() as gradebook:
        assert len(gradebook.find_assignment("sums").submissions) == len(students)
    assert "12 already up to date" in small.command("grade", "sums")[1]


def test_the_address_must_be_one_of_a_scheduler(small: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("nbjudge.engine.pool.JOIN_SECONDS", 2.0)
    small.submit("anna")
    status, output = small.command("grade", "sums", "--scheduler", "tcp://127.0.0.1:1")
    assert status == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:1" in output
