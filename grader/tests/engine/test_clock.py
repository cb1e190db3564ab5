"""What counts as time: a processor and sleep.  No verdict depends on how busy a machine is."""

from __future__ import annotations

import time
from types import SimpleNamespace

import neutral
import pytest
from nbjudge.engine import clock, run
from nbjudge.engine.clock import GRACE_SECONDS, Clock
from nbjudge.engine.job import GRADED, NOT_GRADED
from nbjudge.limits import Limits
from nbjudge.processes.process import TICK

LIMITS = Limits(cell_seconds=2.0, total_seconds=5.0)


class Process:
    """A process whose use of the machine a test sets by hand."""

    def __init__(self) -> None:
        self.used = 1.0
        self.asleep = self.spoken = False

    def processor_seconds(self) -> float:
        return self.used

    def is_asleep(self) -> bool:
        return self.asleep

    def has_spoken(self) -> bool:
        return self.spoken


@pytest.fixture
def both():
    """Return a judge, a student's process, and the clock of a cell."""
    judge, student = Process(), Process()
    return judge, student, Clock(judge, student, LIMITS)


def test_a_process_that_waits_for_a_processor_is_charged_nothing(both):
    _, _, watch = both
    for turn in (True, False):
        watch.look(students_turn=turn, sleep=TICK)
    assert (watch.students, watch.judges) == (0.0, 0.0)


@pytest.mark.parametrize(("turn", "charged"), [(True, (3.0, 0.0)), (False, (2.0, 1.0))])
def test_processor_time_is_charged_to_whose_turn_it_is(both, turn, charged):
    judge, student, watch = both
    judge.used += 1.0
    student.used += 2.0  # in the background, if it is the judge's turn
    watch.look(students_turn=turn)
    assert (watch.students, watch.judges) == charged


@pytest.mark.parametrize(
    ("turn", "judge_sleeps", "student_sleeps", "charged"),
    [
        (True, True, True, (TICK, 0.0)),
        (True, True, False, (0.0, 0.0)),
        (True, False, True, (0.0, 0.0)),
        (False, True, False, (0.0, TICK)),
        (False, False, True, (0.0, 0.0)),
    ],
)
def test_sleep_is_charged_where_nobody_else_has_to_act(
    both, turn, judge_sleeps, student_sleeps, charged
):
    judge, student, watch = both
    judge.asleep, student.asleep = judge_sleeps, student_sleeps
    watch.look(students_turn=turn)
    judge.spoken = True
    watch.look(students_turn=turn, sleep=TICK)
    assert watch.seconds == 0.0, "it waits for the grader to take what it has said"
    judge.spoken = False
    watch.look(students_turn=turn, sleep=TICK)
    assert (watch.students, watch.judges) == charged


def test_who_is_late_is_told_apart(both):
    judge, student, watch = both
    student.used += 2.5
    watch.look(students_turn=True)
    assert (watch.student_is_late(), watch.judge_is_late()) == (True, False)
    watch.forget_student()
    judge.used += GRACE_SECONDS - 0.5
    watch.look(students_turn=False)
    assert not watch.judge_is_late(), "it may come to the end of its test"
    judge.used += 1.0
    watch.look(students_turn=False)
    assert watch.judge_is_late()


class Hurried:
    """The clock on the wall of a machine that is a thousand times as busy as this one."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def monotonic(self) -> float:
        return self._began + 1000 * (time.monotonic() - self._began)


WORK = """
def double(a):
    total = 0
    for n in range(3_000_000):
        total += n
    return 2 * a
"""


@pytest.fixture
def course(small):
    """Return an assignment of one question, with a second for each cell."""
    test = "assert double(2) == 4"
    return small(
        ("solution", "double", "def double(a):\n    return 2 * a"),
        ("test", "double_test", test),
        limits=Limits(cell_seconds=2),
    )


def hurry(monkeypatch, patience):
    hurried = SimpleNamespace(monotonic=Hurried().monotonic)
    for module in (clock, run):
        monkeypatch.setattr(module, "time", hurried)
        monkeypatch.setattr(module, "PATIENCE", patience)


def test_hours_on_the_wall_are_no_reason_to_lose_points(course, monkeypatch):
    hurry(monkeypatch, patience=10**6)
    report = course.report(course.filled({"double": WORK}))
    assert report.status == GRADED, report.problems
    assert neutral.points(report.graded) == {"double_test": 1}


def test_a_starved_run_is_no_verdict(course, monkeypatch):
    course.report(course.filled({}))  # the instructor's own run is over
    hurry(monkeypatch, patience=0)
    report = course.report(course.filled({"double": WORK}))
    assert (report.status, report.graded, report.starved) == (NOT_GRADED, None, True)
    assert "too busy" in report.problems[0]
    assert "an earlier grade stays as it is" in report.problems[0]
