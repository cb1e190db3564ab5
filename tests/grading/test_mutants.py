"""Every small mistake in a solution costs points, and only in the question where it is made.

A few mutants of each question are graded, each as a submission of its own.  Those that get full
marks must be listed in ``solutions/NAME/equivalent.toml``, with the reason why they are no
mistakes.

``make grading-report`` grades all mutants and fails in the same cases; ``tests/tools`` checks
that the committed report is of the solutions, banks and lists as they stand.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest

from tools import graded_banks

ROOT = Path(__file__).resolve().parents[2]


NAMES = sorted(path.name for path in ROOT.glob("solutions/*/"))
#: Mutants of each question that are graded here; one that is listed comes on top.
NUMBER = 1


class Graded(NamedTuple):
    """The mutants of an assignment, as (question, change), and what became of them."""

    questions: set[str]
    made: set[tuple[str, str]]  # all mutants
    lost: dict[tuple[str, str], dict[str, float]]
    listed: dict[tuple[str, str], str]  # with the reason

    @property
    def survivors(self):
        return {mutant for mutant, lost in self.lost.items() if not lost}


@pytest.fixture(scope="module", params=NAMES)
def graded(request):
    """Return an assignment whose mutants were graded, the solution itself among them."""
    (assignment,) = graded_banks.assignments([request.param])
    listed = {
        (question, change): reason
        for question, survivors in assignment.survivors().items()
        for change, reason in survivors.items()
    }
    whole = {("", ""): assignment.hand_in({})}
    for question, mutants in assignment.sampled(NUMBER).items():
        for mutant in mutants:
            whole[question, mutant.change] = assignment.hand_in({question: mutant.source})
    tasks = [
        assignment.task(f"{question} | {change}", notebook, limits=graded_banks.MUTANT_LIMITS)
        for (question, change), notebook in whole.items()
    ]
    reports = {task.student: report for task, report in graded_banks.grade_all(tasks)}
    lost = {key: graded_banks.lost(assignment, reports[" | ".join(key)]) for key in whole}
    assert lost.pop(("", "")) == {}, "the solution itself must get full marks"
    made = {(q, mutant.change) for q, every in assignment.mutants().items() for mutant in every}
    return Graded(set(assignment.answers), made, lost, listed)


def test_every_question_has_mutants(graded):
    numbers = Counter(question for question, _ in graded.lost)
    assert set(numbers) == graded.questions
    assert min(numbers.values()) >= NUMBER
    assert min(Counter(question for question, _ in graded.made).values()) >= 3


def test_a_mutant_costs_points_in_its_own_question_only(graded):
    spread = {key: lost for key, lost in graded.lost.items() if set(lost) - {key[0]}}
    assert spread == {}


def test_hidden_tests_notice_every_mutant_that_is_a_mistake(graded):
    assert graded.survivors - set(graded.listed) == set()


def test_listed_survivors_exist_and_survive(graded):
    assert set(graded.listed) - graded.made == set()
    assert graded.listed.keys() & graded.lost.keys() == graded.survivors


def test_listed_survivors_have_a_reason(graded):
    assert all(len(reason.split()) >= 3 for reason in graded.listed.values())
