"""Every small mistake in a solution costs points, and only in the question where it is made.

A few mutants of each question are graded.  Those that get full marks must be listed in
``solutions/NAME/equivalent.toml``, with the reason why they are no mistakes.

``make grading-report`` grades many more and fails in the same cases; ``tests/tools`` checks
that the committed report is of the solutions, banks and lists as they stand.
"""

from __future__ import annotations

import pytest

from tools import assignments, exercises

NAMES = exercises.names()
every_assignment = pytest.mark.parametrize("name", NAMES)


@every_assignment
def test_hidden_tests_notice_every_mutant_in_its_own_question(name, found):
    faults = {mutant: fault for mutant, fault in found[name].mutants.items() if fault}
    assert faults == {}


@every_assignment
def test_several_mutants_of_every_question_are_graded(name, found):
    sampled = found[name].assignment.sampled(3)
    assert len(found[name].mutants) == sum(map(len, sampled.values()))
    listed = found[name].assignment.bank.equivalent
    for question, made in sampled.items():
        assert sum(mutant.change not in listed.get(question, {}) for mutant in made) >= 2


@every_assignment
def test_listed_mutants_exist(name):
    assignment = assignments.assignment(name)
    listed = {(q, change) for q, known in assignment.bank.equivalent.items() for change in known}
    made = {(q, mutant.change) for q, every in assignment.mutants.items() for mutant in every}
    assert listed - made == set()


@every_assignment
def test_listed_mutants_have_a_reason(name):
    for known in assignments.bank(name).equivalent.values():
        assert all(len(reason.split()) >= 3 for reason in known.values())
