"""What surrounds the engine with the real one in place, sandbox and all."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ENGINE = "nbjudge.engine.engine.Engine"
WRONG = "def half(x):\n    return x"
PREPROCESSORS = """
c.Autograde.sanitize_preprocessors = [
    "nbjudge.course.plugins.RebuildSubmission",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "nbjudge.course.plugins.RunSubmission",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
"""


@pytest.fixture
def new_real(new_course: Callable[[str], Any]) -> Callable[[str], Any]:
    def make(name: str) -> Any:
        course = new_course(name)
        course.engine, course.workers = ENGINE, True
        with open(course.root / "nbgrader_config.py", "a") as file:
            file.write(PREPROCESSORS)
        return course

    return make


def submit_all(course: Any) -> None:
    course.submit("anna")
    course.submit("ben", half=WRONG, why="Because.")
    course.submit("cleo", half="import os\n\ndef half(x):\n    os._exit(1)")
    course.submit("dora", double="while True:\n    pass")


def test_every_kind_of_end(new_real: Callable[[str], Any]) -> None:
    course = new_real("course")
    submit_all(course)
    course.submit("emil", "{")
    course.folder("fred").mkdir(parents=True)
    status, output = course.command("grade", "sums", "--cell-seconds", "3")
    assert status == 1
    assert "2 graded, 1 timed out, 1 crashed, 2 unreadable, 0 not graded" in output
    listed = re.findall(r"^  (\S+), sums: ", output, flags=re.MULTILINE)
    assert listed == ["cleo", "dora", "emil", "fred"]
    rows = course.rows()
    scores = {key[0]: row[1] for key, row in rows.items() if key[1] == "sums"}
    assert scores == {"anna": 4, "ben": 2, "cleo": 2, "dora": 2, "emil": 0, "fred": 0}
    assert rows["ben", "grade", "why"] == (None, None, None, True)
    assert rows["anna", "comment", "why"] == ("No response.", None)
    assert rows["emil", "grade", "why"] == rows["fred", "grade", "why"] == (0, None, None, False)
    assert course.command("feedback", "sums")[0] == 0


def test_nbgraders_own_command_gives_the_same_rows(new_real: Callable[[str], Any]) -> None:
    ours, theirs = new_real("ours"), new_real("theirs")
    for course in (ours, theirs):
        submit_all(course)
    ours.command("grade", "sums", "--cell-seconds", "3")
    theirs.nbgrader("autograde", "sums", "--RunSubmission.cell_seconds=3")
    assert ours.rows() == theirs.rows()
    for course in (ours, theirs):
        with course.gradebook() as gradebook:
            assert {(one.id, one.last_name) for one in gradebook.students} == {
                (name, name) for name in ("anna", "ben", "cleo", "dora")
            }


def below(pid: int) -> set[int]:
    """Return all processes that a process has started, and those that these have."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    found, new = set(), {pid}
    while new:
        new = {child for child, parent in parents.items() if parent in new} - found
        found |= new
    return found


def running(pids: set[int]) -> list[str]:
    found = []
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if words.rpartition(")")[2].split()[0] != "Z":
            found.append(words)
    return found


def test_killed_at_any_moment_nothing_is_left_behind(new_real: Callable[[str], Any]) -> None:
    course, dice, most = new_real("course"), random.Random(5), 0
    students = {f"student{number:02d}": bool(number % 3) for number in range(24)}
    for student, wrong in students.items():
        course.submit(student, **({"half": WRONG} if wrong else {}))
    for _ in range(4):
        process = course.start("grade", "sums", "--workers", "2")
        started: set[int] = set()
        until = time.monotonic() + 60
        while len(started) < 4 and process.poll() is None and time.monotonic() < until:
            started |= below(process.pid)
        time.sleep(dice.uniform(0, 1.5))
        started |= below(process.pid)
        most = max(most, len(started))
        process.kill()
        process.wait(30)
        until = time.monotonic() + 15
        while running(started) and time.monotonic() < until:
            time.sleep(0.1)
        assert running(started) == []
    assert most >= 6  # two workers, and what they had started
    status, output = course.command("grade", "sums")
    assert status == 0, output
    rows = course.rows()
    scores = {key[0]: row for key, row in rows.items() if key[1] == "sums"}
    assert scores == {name: (None, 2.0 if wrong else 4.0) for name, wrong in students.items()}
    assert len(rows) == 8 * len(students)
