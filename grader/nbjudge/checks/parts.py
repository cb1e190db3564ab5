"""Partial credit with reasons: a question in parts, each with points of its own.

    parts = Parts("output")
    with parts.part("the output gate", 1):
        check_array("o_t", ...)
    with parts.part("the hidden state", 1):
        check_array("h_t", ...)
    parts.score()

A part that fails does not stop the others.  ``parts.score()`` is the last line of the cell:
it prints what passed, in green, and what failed, in red, and nbgrader reads the points from the
number that it returns.  `nbjudge.checks.progress.how_far` lists all questions of a notebook.

A part may need what a machine does not have.  ``parts.not_run("on a GPU", 1, "no GPU")`` lists
it, and the other parts then carry its points too: a question gives the same points everywhere.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from nbjudge.checks.arrays import GREEN, RED, CheckFailed, note_texts, paint

NOT_WRITTEN = "not written yet"
#: What each question of this notebook scored when its test ran last.
scores: dict[str, Score] = {}
_open: list[Part] = []  # the part whose block runs now


@dataclass(frozen=True)
class PartResult:
    """What came of one part, as plain data; it is written in words at the very end.

    Attributes
    ----------
    name : str
        What the student reads.
    points : float
        What the part gives where it passes.
    passed, ran : bool
        Whether it passed; whether it could run on this machine.
    message : str
        Why it failed, or why it did not run.
    """

    name: str
    points: float
    passed: bool
    message: str = ""
    ran: bool = True

    @property
    def title(self) -> str:
        """Return the name with the points."""
        return f"{self.name} ({self.points:g} {points_word(self.points)})"

    def __str__(self) -> str:
        """Return one line for the student."""
        if not self.ran:
            return f"not run: {self.name}: {self.message}"
        return f"passed: {self.title}" if self.passed else f"failed: {self.title}: {self.message}"


def points_word(points: float) -> str:
    """Return "point" or "points"."""
    return "point" if points == 1 else "points"


def report(earned: float, full: float, parts: Iterable[PartResult]) -> str:
    """Return the points of a question and a line for each part."""
    return "\n".join(
        [f"{earned:g} of {full:g} {points_word(full)}", *(f"  {part}" for part in parts)]
    )


def spoken(error: BaseException) -> str:
    """Return the text of an exception, after its name where that says more."""
    kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
    return f"{kind}{error}"


@dataclass
class Part:
    """A part while the test runs: the first exception in it, or why it is not run."""

    name: str
    points: float
    error: Exception | None = None
    why_not_run: str = ""

    @property
    def result(self) -> PartResult:
        """Return what came of the part."""
        message = self.why_not_run if self.error is None else spoken(self.error)
        ran = not self.why_not_run
        return PartResult(self.name, self.points, ran and self.error is None, message, ran)


class Score(float):
    """The points of a question; ``parts`` are what it consists of.

    As text it is a plain number, for nbgrader.  A notebook shows nothing: the lines that
    `Parts.score` prints say it already.
    """

    parts: tuple[Part, ...] = ()

    def _repr_html_(self) -> str:
        return ""

    @property
    def total(self) -> float:
        """Return the points of all parts."""
        return round(sum(part.points for part in self.parts), 6)

    @property
    def report(self) -> str:
        """Return the points and a line for each part."""
        return report(self, self.total, [part.result for part in self.parts])

    @property
    def colored(self) -> str:
        """Return one green line where all passed, else the report with a color for each part."""
        results = [part.result for part in self.parts]
        if all(one.passed for one in results):
            return paint(f"passed, {self:g} of {self.total:g} {points_word(self.total)}", GREEN)
        if self.not_written:
            return paint(NOT_WRITTEN, RED)
        lines = [
            paint(f"  {one}", GREEN if one.passed else RED) if one.ran else f"  {one}"
            for one in results
        ]
        return "\n".join([self.report.splitlines()[0], *lines])

    @property
    def not_written(self) -> bool:
        """Return whether the function is still the stub of the question."""
        errors = [part.error for part in self.parts if not part.why_not_run]
        return all(isinstance(e, CheckFailed) and e.public == NOT_WRITTEN for e in errors)

    def __repr__(self) -> str:
        return f"{float(self):g}"


def is_lost() -> bool:
    """Return whether the part whose block runs has failed already, in an earlier block.

    Nothing can change its points then, and its words stand: a check that takes long may be
    left out.
    """
    return any(part.error is not None for part in _open)


class Parts:
    """The parts of one question, in the order in which they were first opened."""

    def __init__(self, question: str = "") -> None:
        """Begin a question; its name is that of its function."""
        self._question = question
        self._parts: list[Part] = []
        scores.pop(question, None)

    @contextmanager
    def part(self, name: str, points: float | None = None) -> Iterator[None]:
        """Run the block; an exception in it costs the points of the part, and of no other.

        Parameters
        ----------
        name : str
            What the student reads.  The same name may be opened again, for example in the
            hidden tests: the part earns its points only if every block passes.
        points : float, optional
            The points of the part; where it is opened again, leave them out.

        Raises
        ------
        ValueError
            If the points are missing, not positive, or given twice and different.
        """
        note_texts(name)
        part = self._opened(name, points)
        _open[:] = [part]
        try:
            yield
        except NotImplementedError:  # the stub of the question
            text = f"{NOT_WRITTEN}: replace the line `raise NotImplementedError(...)` by your code"
            part.error = part.error or CheckFailed(text, NOT_WRITTEN)
        except Exception as error:  # the student's code may raise anything
            part.error = part.error or error
        finally:
            _open.clear()

    def not_run(self, name: str, points: float, reason: str) -> None:
        """List a part that cannot run here; the points of the others grow to the same total.

        Parameters
        ----------
        name : str
            As in `part`.
        points : float
            What the part would give where it runs.
        reason : str
            What is missing, for the student: ``"no GPU"``.

        Raises
        ------
        ValueError
            If the part was opened already with other points, or the reason is empty.
        """
        if not reason:
            raise ValueError(f"say why the part {name!r} is not run")
        note_texts(name, reason)
        self._opened(name, points).why_not_run = reason

    def score(self) -> Score:
        """Return the points of the parts that passed; print them, with the reasons where any fails.

        Raises
        ------
        ValueError
            If no part was run.
        """
        total = sum(part.points for part in self._parts)
        ran = sum(part.points for part in self._parts if not part.why_not_run)
        if not ran:
            raise ValueError("a test with partial credit needs at least one part")
        parts = [
            replace(part, points=0.0 if part.why_not_run else round(part.points * total / ran, 6))
            for part in self._parts
        ]
        passed = all(part.error is None for part in parts)
        score = Score(
            round(total if passed else sum(part.points for part in parts if part.result.passed), 6)
        )
        score.parts = tuple(parts)
        scores[self._question] = score
        if not passed and "NBGRADER_VALIDATING" in os.environ:
            # Validate shows what was written to stderr, takes it for a failure, and shows no more.
            print(f"{self._question}: {score.report}".removeprefix(": "), file=sys.stderr)
        else:
            print(score.colored)
        return score

    def _opened(self, name: str, points: float | None) -> Part:
        for part in self._parts:
            if part.name == name:
                if points not in (None, part.points):
                    raise ValueError(
                        f"the part {name!r} has {part.points:g} points, not {points:g}"
                    )
                return part
        if points is None or not points > 0:
            raise ValueError(f"the part {name!r} needs its points where it is first opened")
        self._parts.append(Part(name, float(points)))
        return self._parts[-1]
