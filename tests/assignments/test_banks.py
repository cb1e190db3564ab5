"""The points that every assignment gives, to right answers in many styles and to wrong ones."""

from __future__ import annotations

import pytest
from nbjudge.verify.assignment import Assignment

from tests.assignments.samples import sampled_wrong
from tools import assignments, exercises

NAMES = exercises.names()
ASSIGNMENTS = {name: assignments.assignment(name) for name in NAMES}
BANKS = {name: one.bank for name, one in ASSIGNMENTS.items()}
WRONG = [(name, entry.name) for name in NAMES for entry in sampled_wrong(ASSIGNMENTS[name])]
RIGHT = [(name, entry.name) for name in NAMES for entry in BANKS[name].right]


def entries(pairs):
    ids = [f"{name}-{entry}" for name, entry in pairs]
    return pytest.mark.parametrize(("name", "entry"), pairs, ids=ids)


@pytest.mark.parametrize("name", NAMES)
def test_banks_are_large_enough(name):
    questions = set(assignments.assignment(name).points)
    broken = [question for entry in ASSIGNMENTS[name].wrong for question in entry.breaks]
    assert set(broken) == questions
    few = {question for question in questions if broken.count(question) < 2}
    assert few == set(), "each question needs two wrong answers"
    assert all(set(entry.breaks) <= set(entry.answers) for entry in ASSIGNMENTS[name].wrong)
    assert len(BANKS[name].right) >= 6, "an assignment needs six right answers"


@pytest.mark.parametrize("name", NAMES)
def test_untouched_release_gets_nothing_and_says_what_to_do(name, found):
    assert found[name].untouched.lost == found[name].assignment.points
    for words in found[name].untouched.words.values():
        assert "not written yet" in words


@entries(WRONG)
def test_wrong_answer_loses_exactly_its_points_and_is_told_why(name, entry, found):
    assert not any(found[name].faults[entry]), found[name].faults[entry]


@entries(RIGHT)
def test_right_answer_in_another_style_gets_full_marks(name, entry, found):
    assert not any(found[name].faults[entry]), found[name].faults[entry]


def test_nbgraders_own_command_gives_the_same_grades(released):
    assignment: Assignment = assignments.assignment("lstm_cell")
    entries = assignment.wrong[:3]
    released.submit("right", released.solved())
    for entry in entries:
        notebook = released.solved()
        for cell in notebook.cells:
            question = assignment.question(cell)
            if cell.metadata.get("nbgrader", {}).get("solution") and question in entry.answers:
                cell.source = entry.answers[question].strip()
        released.submit(entry.name, notebook)
    released.run("nbjudge.cli", "grade", "lstm_cell")
    ours = released.scores()
    released.run("nbgrader", "autograde", "lstm_cell", "--force")
    assert released.scores() == ours
    assert sum(ours["right"].values()) == sum(assignment.points.values())
    for entry in entries:
        lost = sum(assignment.points.values()) - sum(ours[entry.name].values())
        assert lost == sum(entry.breaks.values())
