"""Grading again, grading on after a kill, and grading twice at a time."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

RIGHT = "def half(x):\n    return x / 2"
WRONG = "def half(x):\n    return x"


def alive(pids: set[int]) -> list[int]:
    """Return which processes still run (one that ended and was not waited for does not)."""
    found = []
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            continue
        if state != "Z":
            found.append(pid)
    return found


def workers(small: Any) -> set[int]:
    return {int(line.split()[1]) for line in small.log.read_text().splitlines()}


def test_a_second_run_grades_only_what_changed(small: Any) -> None:
    for student in ("anna", "ben", "cleo"):
        small.submit(student)
    assert small.command("grade", "sums")[0] == 0
    small.submit("ben", half=WRONG)
    status, output = small.command("grade", "sums")
    assert status == 0
    assert "1 graded" in output
    assert "2 already up to date" in output
    assert small.students_graded()[3:] == ["ben"]
    assert small.rows()["ben", "sums"] == (None, 2.0)


def test_again_grades_everything(small: Any) -> None:
    for student in ("anna", "ben"):
        small.submit(student)
    small.command("grade", "sums")
    assert small.command("grade", "sums", "--again", "--student", "b*")[0] == 0
    assert small.students_graded()[2:] == ["ben"]


def spoil_note(small: Any) -> None:
    path = small.root / "autograded" / "anna" / "sums" / "sums.ipynb"
    path.chmod(0o644)
    path.write_text(path.read_text()[:-20])


def change_score(small: Any) -> None:
    with small.gradebook() as gradebook:
        gradebook.find_grade("half_test", "sums", "sums", "anna").auto_score = 0.0
        gradebook.db.commit()


def forget(small: Any) -> None:
    with small.gradebook() as gradebook:
        gradebook.remove_submission("sums", "anna")


def change_data(small: Any) -> None:
    (small.root / "build" / "source" / "sums" / "data.csv").write_text("1,2")


@pytest.mark.parametrize("change", [spoil_note, change_score, forget, change_data])
def test_whatever_does_not_fit_is_graded_again(small: Any, change: Callable[[Any], None]) -> None:
    small.submit("anna")
    small.command("grade", "sums")
    rows = small.rows()
    change(small)
    status, output = small.command("grade", "sums")
    assert status == 0, output
    assert small.students_graded() == ["anna", "anna"]
    assert small.rows() == rows


def test_changed_tests_need_a_release_and_then_grade_everyone_again(small: Any) -> None:
    small.submit("anna")
    small.command("grade", "sums")
    path = small.root / "build" / "source" / "sums" / "sums.ipynb"
    path.write_text(path.read_text().replace("half(0) == 0", "half(0) == 1"))
    status, output = small.command("grade", "sums")
    assert status == 2
    assert "nbjudge release sums" in output
    assert small.command("release", "sums")[0] == 0
    assert small.command("grade", "sums")[0] == 0
    assert small.rows()["anna", "sums"] == (None, 2.0)


def test_a_second_grading_at_the_same_time_is_refused(small: Any) -> None:
    small.submit("anna")
    go_on = small.home / "go-on"
    first = small.start("grade", "sums", FAKE_ENGINE_WAITS_FOR=str(go_on))
    wait_for(small, first)
    status, output = small.command("grade", "sums")
    assert status == 2
    assert "being graded already" in output
    go_on.touch()
    assert first.wait(60) == 0
    assert small.students_graded() == ["anna"]


def wait_for(small: Any, process: Any) -> None:
    """Wait until the first submission is being graded."""
    until = time.monotonic() + 60
    while not small.log.read_text():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_workers_end_with_the_one_who_started_them(small: Any, how: int) -> None:
    for student in ("anna", "ben", "cleo"):
        small.submit(student)
    process = small.start("grade", "sums", "--workers", "2", FAKE_ENGINE_SECONDS="600")
    wait_for(small, process)
    process.send_signal(how)
    assert process.wait(30) != 0
    until = time.monotonic() + 10
    while alive(workers(small)) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive(workers(small)) == []


def test_the_secret_is_made_once_and_only_the_instructor_reads_it(small: Any) -> None:
    small.submit("anna")
    small.command("grade", "sums")
    path = small.root / ".grading-key"
    key = path.read_text()
    assert len(bytes.fromhex(key)) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    small.command("grade", "sums", "--again")
    assert path.read_text() == key
    path.write_text("short")
    status, output = small.command("grade", "sums", "--again")
    assert (status, ".grading-key" in output) == (2, True)


def complete(small: Any) -> dict[str, Any]:
    """Return every graded notebook; each must be whole."""
    found = {}
    for path in (small.root / "autograded").glob("*/*/*.ipynb"):
        notebook = json.loads(path.read_bytes())
        nbformat.validate(nbformat.from_dict(notebook))
        found[path.parts[-3]] = [cell.get("outputs") for cell in notebook["cells"]]
    return found


def test_killed_at_any_moment_nothing_is_lost(new_course: Callable[[str], Any]) -> None:
    small, reference = new_course("small"), new_course("reference")
    dice = random.Random(3)
    killed, pending = 0, set()
    for turn in range(12):
        fresh = {f"student{turn}{letter}" for letter in "abcdefgh"}
        again = {f"student{dice.randrange(turn)}c"} if turn else set()
        for student in fresh | again:
            answers = {"half": WRONG} if dice.random() < 0.5 else {}
            for course in (small, reference):
                course.submit(student, **answers)
        before = small.rows()
        log = small.log.read_text().count("\n")
        process = small.start("grade", "sums", "--workers", "2", FAKE_ENGINE_SECONDS="0.15")
        # In some turns while it starts, in most when a few of the eight are graded.
        graded = log + dice.randrange(6) if turn % 4 else log
        until = time.monotonic() + 60
        while turn % 4 and small.log.read_text().count("\n") <= graded:
            assert time.monotonic() < until
            time.sleep(0.002)
        time.sleep(dice.uniform(0, 0.15) if turn % 4 else dice.uniform(0.1, 0.9))
        process.kill()
        killed += process.wait(30) == -signal.SIGKILL
        after = small.rows()
        pending |= again  # handed in anew, and perhaps still waiting
        kept = {key: row for key, row in before.items() if key[0] not in pending}
        assert {key: after[key] for key in kept} == kept
        complete(small)
        assert small.command("export")[0] == 0
    assert killed >= 8  # the others were done before the signal came
    until = time.monotonic() + 10
    while alive(workers(small)) and time.monotonic() < until:
        time.sleep(0.05)
    assert alive(workers(small)) == []
    assert small.command("grade", "sums")[0] == 0
    assert reference.command("grade", "sums")[0] == 0
    assert len(reference.students_graded()) == 12 * 8
    assert small.rows() == reference.rows()
    assert complete(small) == complete(reference)
    assert not (small.root / "autograded" / ".unfinished" / "part").exists()
    assert "96 already up to date" in small.command("grade", "sums")[1]


def grade_until(small: Any, lines: int) -> None:
    """Grade, and be killed after so many lines of the code that writes grades."""
    count = 0

    def trace(frame: Any, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.endswith(("/grade.py", "/gradebook.py")):
            return None
        if event == "call" and frame.f_code.co_name == "save":
            count = max(count, 1)
        if event == "line" and count:
            count += 1
            if count > lines:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    small.command("grade", "sums", "--workers", "1")


def test_killed_at_any_line_of_the_writing(small: Any) -> None:
    states = ({"anna": WRONG, "ben": RIGHT}, {"anna": RIGHT, "ben": WRONG})
    results = []
    for state in states:
        for student, answer in state.items():
            small.submit(student, half=answer)
        assert small.command("grade", "sums")[0] == 0
        results.append((small.rows(), complete(small)))
    dice = random.Random(7)
    killed = 0
    for turn in range(12):
        for student, answer in states[turn % 2].items():
            small.submit(student, half=answer)
        process = multiprocessing.get_context("fork").Process(
            target=grade_until, args=(small, dice.randrange(250))
        )
        process.start()
        process.join(60)
        killed += process.exitcode == -signal.SIGKILL
        rows = small.rows()
        complete(small)
        for student in ("anna", "ben"):
            now, new, old = (
                {key: row for key, row in some.items() if key[0] == student}
                for some in (rows, results[turn % 2][0], results[(turn + 1) % 2][0])
            )
            assert now in (new, old)  # and not a part of each
        assert small.command("grade", "sums", "--workers", "1")[0] == 0
        assert (small.rows(), complete(small)) == results[turn % 2]
    assert killed >= 8  # the others were done before the signal came


def test_what_a_kill_left_behind_is_removed(small: Any) -> None:
    small.submit("anna")
    rest = small.root / "autograded" / ".unfinished" / "part"
    rest.parent.mkdir(parents=True)
    rest.write_text("half a noteb")
    assert small.command("grade", "sums")[0] == 0
    assert not rest.exists()
    assert os.listdir(small.root / "autograded") != []
