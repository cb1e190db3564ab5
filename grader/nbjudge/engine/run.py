"""One run of a notebook: student's process and judge side by side, cell after cell.

The worker that does this executes nothing of a student and reads of the student's process
only the outputs of cells.  Replies to tests pass through unread.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from nbjudge.engine.cell_outputs import read_outputs
from nbjudge.engine.clock import PATIENCE, Clock
from nbjudge.engine.rebuild import FREE, LOCKED, SOLUTION, TEST, Cell
from nbjudge.limits import Limits
from nbjudge.processes import frames
from nbjudge.processes.process import TICK, Process, wait

_MOST_STARTS = 3  # of the student's process: the first and two more


class JudgeLost(Exception):
    """The judge's process failed: there is no grade."""


class Starved(JudgeLost):
    """The run got too little of a busy machine: there is no grade, and it is nobody's fault."""


@dataclass
class Result:
    """What came of one cell."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    verdict: dict[str, Any] | None = None  # of a test cell
    gone: str = ""  # why the student's process was lost in this cell


@dataclass
class Run:
    """One pass over the cells; `results` has one entry a cell."""

    cells: Sequence[Cell]
    start_student: Callable[[], Process]
    judge: Process
    limits: Limits
    seed: Callable[[Cell], int]
    files: Mapping[str, bytes]
    graded: bool  # with the hidden tests
    record: bool = False  # note every text that the tests may show
    results: list[Result] = field(default_factory=list)
    timed_out: bool = False

    def go(self, begin: dict[str, Any]) -> None:
        """Run every cell; raises `JudgeLost`."""
        self._end = time.monotonic() + PATIENCE * self.limits.total_seconds
        self._spent = 0.0  # of the seconds that count
        self._starts = 0
        self._student: Process | None = None
        self._next_look = 0.0
        self._gone = ""  # why the student's process was lost in the present cell
        self._ended = ""  # why it was lost last
        skipped: set[int] = set()
        if self.files:
            self.judge.send(frames.FILES, frames.pack_files(self.files))
        self._ask_judge({"do": "start", **begin})
        try:
            self._start()
            for index, cell in enumerate(self.cells):
                result = self._run(cell)
                if self._gone:
                    result.gone = self._gone
                    skipped.add(index)
                    self._restart(index, skipped)
                self.results.append(result)
        finally:
            if self._student is not None:
                self._student.close()

    def _run(self, cell: Cell) -> Result:
        """Run one cell on the sides that it concerns."""
        result = Result()
        if self._spent > self.limits.total_seconds and self._student is not None:
            self.timed_out = True
            self._lose(self._all_together())
        if cell.kind == SOLUTION:
            self._ask_judge({"do": "solution", "names": cell.names})
        elif cell.kind == LOCKED:
            said = self._ask_judge(
                {"do": "locked", "source": cell.node.source, "names": cell.names}
            )
            if not said["reached"]:
                reason = f"{said['error']}: {said['message']}"
                raise JudgeLost(f"the locked cell {cell.grade_id} fails in the judge: {reason}")
        if cell.kind in (LOCKED, SOLUTION, FREE):
            result.outputs = self._run_student(cell.node.source)
        elif cell.kind == TEST:
            result.verdict = self._run_test(cell)
        return result

    def _start(self) -> None:
        """Start a process for the student's code."""
        self._starts += 1
        self._student = self.start_student()
        if self.files:
            self._student.send(frames.FILES, frames.pack_files(self.files))

    def _restart(self, index: int, skipped: set[int]) -> None:
        """Start the student's process anew and repeat the cells before this one, if allowed."""
        while self._starts < _MOST_STARTS and self._spent < self.limits.total_seconds:
            self._gone = ""
            self._start()
            for number, cell in enumerate(self.cells[:index]):
                if cell.kind in (LOCKED, SOLUTION, FREE) and number not in skipped:
                    self._run_student(cell.node.source)
                if self._gone:
                    break
            else:
                return
        self._gone = ""

    def _run_student(self, source: str) -> list[dict[str, Any]]:
        """Execute a cell; return its outputs."""
        if self._student is None:
            return []
        self._student.send(frames.RUN, source.encode())
        return read_outputs(self._exchange(self._student), self.limits.output_kb * 1024)

    def _run_test(self, cell: Cell) -> dict[str, Any]:
        """Return the judge's verdict on a test cell."""
        if self._student is None:
            return not_run(f"the run had ended before this test: {self._ended}")
        source = cell.node.source if self.graded else cell.open_source
        request = {"source": source, "seed": self.seed(cell), "record": self.record}
        return self._ask_judge({"do": "test", **request})

    def _ask_judge(self, request: dict[str, Any]) -> dict[str, Any]:
        self.judge.send(frames.RUN, json.dumps(request).encode())
        answer: dict[str, Any] = json.loads(self._exchange(self.judge))
        return answer

    def _exchange(self, expected: Process) -> bytes:
        """Pass frames on until ``expected`` has done its cell; return what it says.

        If the student's process is lost, ``b""`` is returned where it was expected; a judge
        in the middle of a test is told, and ends the test.
        """
        self._clock = Clock(self.judge, self._student, self.limits)
        self._calling = False
        try:
            while self._student is not None or expected is self.judge:
                processes = [self.judge, *([self._student] if self._student is not None else [])]
                for process, kind, payload in wait(processes):
                    if kind == frames.DEAD and process is self.judge:
                        raise JudgeLost(f"the judge's process ended{self.judge.last_words()}")
                    if process is expected and kind == frames.DONE:
                        return payload
                    self._pass_on(process, kind, payload, expected)
                if time.monotonic() > self._next_look:
                    self._next_look = time.monotonic() + TICK
                    self._watch(students_turn=self._calling or expected is not self.judge)
            return b""
        finally:
            self._clock.look(students_turn=expected is not self.judge)
            self._spent += self._clock.seconds

    def _watch(self, students_turn: bool) -> None:
        """Look at what the processes have used; lose the one that has used too much."""
        self._clock.look(students_turn=students_turn, sleep=TICK)
        if self._clock.is_starved() or time.monotonic() > self._end:
            raise Starved("this machine was too busy to run it to the end")
        if self._student is not None and (reason := self._student.misuse() or self._too_late()):
            self._lose(reason)
        if self._clock.judge_is_late():
            raise JudgeLost("a test took too long without waiting for the student's code")

    def _pass_on(self, process: Process, kind: bytes, payload: bytes, expected: Process) -> None:
        """Hand a frame to the other side; what nobody asked for is not read."""
        if kind == frames.DEAD:
            self._lose(payload.decode())
        elif process is self.judge:
            if self._student is not None and kind in (frames.CALL, frames.ANSWER):
                if kind == frames.CALL:
                    self._clock.look(students_turn=False)
                    self._calling = True
                self._student.send(kind, payload)
        elif kind == frames.QUERY and (self._calling or expected is process):
            self.judge.send(kind, payload)
        elif kind == frames.REPLY and self._calling:
            self._clock.look(students_turn=True)
            self._calling = False
            self.judge.send(kind, payload)

    def _lose(self, reason: str) -> None:
        """Kill the student's process and tell the judge, which may be waiting for it."""
        if self._student is not None:
            self._student.close()
            self._student = None
            self._gone = self._ended = reason
            self._clock.forget_student()
            self.judge.send(frames.DEAD, reason.encode())

    def _all_together(self) -> str:
        return f"all cells together took longer than {self.limits.total_seconds:.0f} seconds"

    def _too_late(self) -> str:
        """Return what took too long, or an empty string."""
        reason = ""
        if self._clock.student_is_late():
            reason = f"your code took longer than {self.limits.cell_seconds:.0f} seconds"
        if self._spent + self._clock.seconds > self.limits.total_seconds:
            reason = self._all_together()
        self.timed_out = self.timed_out or bool(reason)
        return reason


def not_run(reason: str) -> dict[str, Any]:
    """Return the verdict on a test that did not run."""
    return {"reached": False, "error": "NotRun", "message": reason, "public": reason, "author": []}
