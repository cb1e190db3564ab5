"""How long code has run: what it used of a processor and what it slept, not what it waited.

On a busy machine a process waits for a processor that others have.  That is not its fault and
is not counted, so that a verdict does not depend on the load.  Only where the wall clock has
gone on for `PATIENCE` times a limit does a run end early: it was starved, and gives no verdict.
"""

from __future__ import annotations

import time

from nbjudge.limits import Limits
from nbjudge.processes.process import Process

PATIENCE = 10
GRACE_SECONDS = 20.0  # for the judge to end a test after the student's process is lost


class Clock:
    """The time of one cell: what counts for the student's code, and what for the judge.

    Attributes
    ----------
    students, judges : float
        Seconds.  The judge's count for the student while it answers the student's questions.
    """

    def __init__(self, judge: Process, student: Process | None, limits: Limits) -> None:
        self._judge, self._student, self._limits = judge, student, limits
        self._known = {process: process.processor_seconds() for process in self._processes()}
        self._began = time.monotonic()
        self._grace = 0.0
        self.students = self.judges = 0.0

    @property
    def seconds(self) -> float:
        """Return all that was counted."""
        return self.students + self.judges

    def look(self, *, students_turn: bool, sleep: float = 0.0) -> None:
        """Count what was used since the last look.

        Parameters
        ----------
        students_turn : whether the judge has waited for the student's code since then
        sleep : seconds that count if whoever should act is found asleep
        """
        used = {process: self._used(process) for process in self._processes()}
        judges = used.pop(self._judge)
        if sleep and self._all_asleep(students_turn):
            judges += sleep
        self.students += sum(used.values()) + (judges if students_turn else 0.0)
        self.judges += 0.0 if students_turn else judges

    def forget_student(self) -> None:
        """Stop to count the student's process, which is lost; the judge may come to its end."""
        self._student = None
        self._grace = self.judges + GRACE_SECONDS
        self._began = time.monotonic()

    def student_is_late(self) -> bool:
        """Return whether the student's code has had more than a cell's time."""
        return self.students > self._limits.cell_seconds

    def judge_is_late(self) -> bool:
        """Return whether the judge alone has had more than a cell's time."""
        return self.judges > max(self._limits.cell_seconds, self._grace)

    def is_starved(self) -> bool:
        """Return whether far more time went by than a cell may take in all."""
        longest = PATIENCE * max(self._limits.cell_seconds, GRACE_SECONDS)
        return time.monotonic() - self._began > longest

    def _processes(self) -> list[Process]:
        return [self._judge, *([self._student] if self._student is not None else [])]

    def _used(self, process: Process) -> float:
        now = process.processor_seconds()
        used, self._known[process] = now - self._known[process], now
        return used

    def _all_asleep(self, students_turn: bool) -> bool:
        """Return whether whoever's turn it is waits for nothing that a busy machine could give."""
        waiting = self._processes() if students_turn else [self._judge]
        return all(process.is_asleep() and not process.has_spoken() for process in waiting)
