"""Which wrong answers are graded in `make test`; the grading report grades them all."""

from __future__ import annotations

from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import Wrong

from tools import assignments

#: One in so many known mistakes, or fewer where the assignment asks for it (``known_one_in``).
ONE_IN = 6


def sampled_wrong(assignment: Assignment) -> list[Wrong]:
    """Return the wrong answers of the bank and known mistakes, each made in one way: a sample."""
    step = max(ONE_IN, assignments.pace(assignment.name).known_one_in)
    return assignment.wrong_once[::step]
