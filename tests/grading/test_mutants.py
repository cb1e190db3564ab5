"""Every small mistake in a solution costs points, and only in the question where it is made.

The mutants of all questions are graded, each as a submission of its own.  Those that get full
marks must be listed in ``mutants/NAME.toml``, with the reason why they are no mistakes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import graded_banks  # noqa: E402

NAMES = sorted(path.stem for path in ROOT.glob("solutions/*/*.py"))


class Graded(NamedTuple):
    """The mutants of an assignment, as (question, change), and what became of them."""

    questions: set[str]
    lost: dict[tuple[str, str], dict[str, float]]
    listed: dict[tuple[str, str], str]  # with the reason

    @property
    def survivors(self):
        return {mutant for mutant, lost in self.lost.items() if not lost}


@pytest.fixture(scope="module", params=NAMES)
def graded(request):
    """Return an assignment whose mutants were graded, the solution itself among them."""
    (assignment,) = graded_banks.assignments([request.param])
    whole = {("", ""): assignment.hand_in({})}
    for question, mutants in assignment.mutants().items():
        for mutant in mutants:
            whole[question, mutant.change] = assignment.hand_in({question: mutant.source})
    tasks = [
        assignment.task(f"{question} | {change}", notebook, limits=graded_banks.MUTANT_LIMITS)
        for (question, change), notebook in whole.items()
    ]
    reports = {task.student: report for task, report in graded_banks.grade_all(tasks)}
    lost = {key: graded_banks.lost(assignment, reports[" | ".join(key)]) for key in whole}
    assert lost.pop(("", "")) == {}, "the solution itself must get full marks"
    listed = {
        (question, change): reason
        for question, survivors in assignment.survivors().items()
        for change, reason in survivors.items()
    }
    return Graded(set(assignment.answers), lost, listed)


def test_every_question_has_mutants(graded):
    assert {question for question, _ in graded.lost} == graded.questions
    assert len(graded.lost) >= 10 * len(graded.questions)


def test_a_mutant_costs_points_in_its_own_question_only(graded):
    spread = {key: lost for key, lost in graded.lost.items() if set(lost) - {key[0]}}
    assert spread == {}


def test_hidden_tests_notice_every_mutant_that_is_a_mistake(graded):
    assert graded.survivors - set(graded.listed) == set()


def test_listed_survivors_exist_and_survive(graded):
    assert set(graded.listed) - graded.survivors == set()


def test_listed_survivors_have_a_reason(graded):
    assert all(len(reason.split()) >= 3 for reason in graded.listed.values())
