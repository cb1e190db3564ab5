"""What the instructor sees while submissions are graded, and at the end."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TextIO

from nbjudge.engine.job import CRASHED, GRADED, NOT_GRADED, TIMED_OUT, UNREADABLE, Report

UP_TO_DATE = "already up to date"
_ORDER = (GRADED, TIMED_OUT, CRASHED, UNREADABLE, NOT_GRADED)
_LINE_SECONDS = 10.0  # how often a line is printed where lines cannot be rewritten


@dataclass
class Summary:
    """What came of grading an assignment.

    Attributes
    ----------
    counts : Counter
        How many submitted notebooks ended in which way.
    looks : dict
        What needs a look: student and notebook, and why.
    """

    counts: Counter[str] = field(default_factory=Counter)
    looks: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def add(self, report: Report) -> None:
        """Count a report, and list it if a person should look at the submission."""
        self.counts[report.status] += 1
        if report.needs_a_look:
            self.look(report.student, report.notebook, report.status, report.problems)

    def look(self, student: str, notebook: str, status: str, problems: list[str]) -> None:
        """List a submission, with its status and what is wrong."""
        self.looks[student, notebook] = [] if status == GRADED else [status]
        self.looks[student, notebook] += problems

    def text(self, seconds: float) -> str:
        """Return the summary as it is printed after ``seconds`` of grading."""
        done = [f"{self.counts[name]} {name}" for name in _ORDER]
        if self.counts[UP_TO_DATE]:
            done.append(f"{self.counts[UP_TO_DATE]} {UP_TO_DATE}")
        lines = [f"{', '.join(done)} ({seconds:.0f} s)"]
        if self.looks:
            lines.append(f"{len(self.looks)} need a look:")
        for (student, notebook), reasons in sorted(self.looks.items()):
            lines.append(f"  {printable(student)}, {notebook}: {printable('; '.join(reasons))}")
        return "\n".join(lines)


class Progress:
    """A line that says how far a long work is; plain lines where no one watches.

    Parameters
    ----------
    total : int
        How many things are to be done.
    output : text stream
        Where to print.
    """

    def __init__(self, total: int, output: TextIO) -> None:
        self._total = total
        self._output = output
        self._rewrites = output.isatty()
        self._done = self._failing = 0
        self._printed = time.monotonic()

    def step(self, *, failing: bool) -> None:
        """Count one thing as done, and show it."""
        self._done += 1
        self._failing += failing
        if self._rewrites:
            self._show("\r\033[K", "")
        elif time.monotonic() - self._printed > _LINE_SECONDS or self._done == self._total:
            self._show("", "\n")
            self._printed = time.monotonic()

    def close(self) -> None:
        """Leave the line."""
        if self._rewrites and self._done:
            print(file=self._output, flush=True)

    def _show(self, before: str, after: str) -> None:
        left = self._total - self._done
        text = f"{self._done} done, {left} left, {self._failing} failing"
        print(before + text, end=after, file=self._output, flush=True)


def printable(text: str) -> str:
    """Return ``text`` on one line, without what would steer a terminal."""
    return "".join(char if char.isprintable() else " " for char in text)
