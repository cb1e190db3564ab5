"""What goes into the grading of one submission and what comes out: plain data on both sides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nbjudge.limits import Limits
from nbjudge.processes.withheld import Withheld

GRADED = "graded"
TIMED_OUT = "timed out"  # a cell or the whole run used too much time
CRASHED = "crashed"  # the student's process ended in the middle of a cell
UNREADABLE = "unreadable"  # the submitted file is missing, damaged, too old or too large
NOT_GRADED = "not graded"  # the judge itself failed: no grade was made, an earlier one stays


@dataclass(frozen=True)
class Job:
    """One submitted notebook, with everything needed to grade it; it can be sent to any machine."""

    course: str
    assignment: str
    notebook: str
    student: str
    source: bytes  # the instructor's notebook as JSON, hidden tests included
    submission: bytes | None  # the student's file; None if there is none
    key: bytes = b""  # secret from which the seeds of the questions are made
    files: Mapping[str, bytes] = field(default_factory=dict)  # data files next to the notebook
    limits: Limits = field(default_factory=Limits)
    withheld: Withheld = field(default_factory=Withheld)  # of the course's code
    points_only: bool = False  # nobody will read the notebook: leave the open run out


@dataclass
class Report:
    """The graded notebook of one submission and how the run went."""

    assignment: str
    notebook: str
    student: str
    status: str  # one of the constants above
    graded: dict[str, Any] | None  # the notebook as JSON; its outputs carry the points
    problems: list[str] = field(default_factory=list)  # sentences for the instructor
    seconds: float = 0.0
    phases: dict[str, float] = field(default_factory=dict)  # where the seconds went
    starved: bool = False  # not graded because it got too little of a busy machine

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look at this submission."""
        return self.status != GRADED or bool(self.problems)
