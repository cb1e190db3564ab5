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

from nbjudge.engine.rebuild import FREE, LOCKED, SOLUTION, TEST, Cell
from nbjudge.limits import Limits
from nbjudge.processes import frames
from nbjudge.processes.process import Process, wait

MIME_TYPES = ("text/plain", "image/png")  # that a cell may show
_MOST_STARTS = 3  # of the student's process: the first and two more
_LOOK_SECONDS = 0.05  # between two looks at what the student's process uses
_GRACE_SECONDS = 20.0  # for the judge to end a test after the student's process is lost


class JudgeLost(Exception):
    """The judge's process failed: there is no grade."""


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
    starved: bool = False  # it got little processor time before it timed out

    def go(self, begin: dict[str, Any]) -> None:
        """Run every cell; raises `JudgeLost`."""
        self._end = time.monotonic() + self.limits.total_seconds
        self._starts = 0
        self._student: Process | None = None
        self._next_look = 0.0
        self._gone = ""  # why the student's process was lost in the present cell
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
        if time.monotonic() > self._end and self._student is not None:
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
        while self._starts < _MOST_STARTS and time.monotonic() < self._end:
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
            return not_run("the run had ended before this test")
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
        began = time.monotonic()
        deadline = began + self.limits.cell_seconds
        if self._student is not None:
            deadline = min(deadline, max(self._end, began + 1))
        used = self._student.processor_seconds() if self._student is not None else 0.0
        self._calling = False
        while True:
            processes = [self.judge, *([self._student] if self._student is not None else [])]
            for process, kind, payload in wait(processes, deadline):
                if kind == frames.DEAD and process is self.judge:
                    raise JudgeLost("the judge's process ended")
                if process is expected and kind == frames.DONE:
                    return payload
                self._pass_on(process, kind, payload, expected)
            late = time.monotonic() > deadline
            if self._student is not None and not (
                late and expected is self.judge and not self._calling
            ):
                reason = ""
                if time.monotonic() > self._next_look:
                    reason, self._next_look = (
                        self._student.misuse(),
                        time.monotonic() + _LOOK_SECONDS,
                    )
                if late and not reason:
                    reason = self._too_late(began, used)
                if reason:
                    self._lose(reason)
                    deadline = time.monotonic() + _GRACE_SECONDS
            elif expected is not self.judge:
                return b""
            if late and expected is self.judge and not self._calling:
                raise JudgeLost("a test took too long without waiting for the student's code")

    def _pass_on(self, process: Process, kind: bytes, payload: bytes, expected: Process) -> None:
        """Hand a frame to the other side; what nobody asked for is not read."""
        if kind == frames.DEAD:
            self._lose(payload.decode())
        elif process is self.judge:
            if self._student is not None and kind in (frames.CALL, frames.ANSWER):
                self._calling = self._calling or kind == frames.CALL
                self._student.send(kind, payload)
        elif kind == frames.QUERY and (self._calling or expected is process):
            self.judge.send(kind, payload)
        elif kind == frames.REPLY and self._calling:
            self._calling = False
            self.judge.send(kind, payload)

    def _lose(self, reason: str) -> None:
        """Kill the student's process and tell the judge, which may be waiting for it."""
        if self._student is not None:
            self._student.close()
            self._student = None
            self._gone = reason
            self.judge.send(frames.DEAD, reason.encode())

    def _all_together(self) -> str:
        return f"all cells together took longer than {self.limits.total_seconds:.0f} seconds"

    def _too_late(self, began: float, used: float) -> str:
        assert self._student is not None
        self.timed_out = True
        wall = time.monotonic() - began
        self.starved = self.starved or self._student.processor_seconds() - used < wall / 2
        if time.monotonic() > self._end:
            return self._all_together()
        return f"your code took longer than {self.limits.cell_seconds:.0f} seconds"


def not_run(reason: str) -> dict[str, Any]:
    """Return the verdict on a test that did not run."""
    return {"reached": False, "error": "NotRun", "message": reason, "public": reason, "author": []}


def read_outputs(data: bytes, limit: int) -> list[dict[str, Any]]:
    """Return the outputs of a cell as the student's process tells them, checked and cut."""
    if len(data) > 10 * limit + 10_000:
        return [note("The output was longer than allowed and is not shown.")]
    try:
        given = json.loads(data)
        outputs, left = [], limit
        for output in given[:200]:
            kind = output["output_type"]
            if kind == "stream":
                made = {"output_type": kind, "name": "stdout", "text": str(output["text"])[:left]}
            elif kind == "display_data":
                forms = {k: str(v) for k, v in output["data"].items() if k in MIME_TYPES}
                made = {"output_type": kind, "data": forms, "metadata": {}}
            else:
                texts = [str(output[key])[:2000] for key in ("ename", "evalue")]
                trace = [str(line)[:left] for line in output["traceback"][:1]]
                made = {"output_type": "error", "traceback": trace}
                made |= {"ename": texts[0], "evalue": texts[1]}
            left -= len(json.dumps(made))
            if left < 0:
                outputs.append(note("The output was longer than allowed; the rest is not shown."))
                break
            outputs.append(made)
        return outputs
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return []


def note(text: str) -> dict[str, Any]:
    """Return a line of the grader's own as an output."""
    return {"output_type": "stream", "name": "stdout", "text": f"{text}\n"}
