"""The points that the assignment lstm_cell gives, to right answers and to wrong ones.

The bank is read with runpy, because pytest imports test files by path, one at a time.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import nbformat
import pytest

NAME = "lstm_cell"
BANK = runpy.run_path(str(Path(__file__).parent / "banks" / f"{NAME}.py"))
WRONG, RIGHT = BANK["WRONG"], BANK["RIGHT"]

# A minimum, so that nobody empties the bank by accident.
assert len(WRONG) >= 12
assert len(RIGHT) >= 5


def lost(grades):
    """Return the questions that did not get all of their points, each of which must get none."""
    short = {question: given for question, (given, full) in grades.items() if given != full}
    assert all(given == 0 for given in short.values())
    return set(short)


def errors(notebook):
    """Return the error texts of the test cells."""
    return [
        f"{output.ename}: {output.evalue}"
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        for output in cell.outputs
        if output.output_type == "error"
    ]


def test_reference_gets_full_marks(points):
    assert lost(points["reference"]) == set()
    assert len(points["reference"]) == 10
    assert sum(given for given, _ in points["reference"].values()) == 20


def test_untouched_release_gets_nothing(points):
    assert lost(points["untouched"]) == set(points["reference"])


def test_untouched_release_says_what_to_do(graded):
    texts = errors(graded.autograded("untouched"))
    assert len(texts) == 10
    assert all(text.startswith("NotImplementedError: write this function") for text in texts)


@pytest.mark.parametrize("wrong", WRONG, ids=[wrong.name for wrong in WRONG])
def test_wrong_answer_loses_exactly_its_questions(wrong, points, graded):
    assert lost(points[wrong.name]) == wrong.breaks
    assert any(wrong.says in text for text in errors(graded.autograded(wrong.name)))


def test_bank_breaks_every_question(points):
    assert set().union(*(wrong.breaks for wrong in WRONG)) == set(points["reference"])


@pytest.mark.parametrize("right", RIGHT, ids=[right.name for right in RIGHT])
def test_right_answer_in_another_style_gets_full_marks(right, points, graded):
    assert lost(points[right.name]) == set(), errors(graded.autograded(right.name))


def test_dead_kernel_costs_what_did_not_run(points, graded):
    questions = list(points["reference"])
    notebook = nbformat.read(graded.source, as_version=4)
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells]
    questions = sorted(questions, key=lambda question: ids.index(f"{NAME}_{question}"))
    assert lost(points["dying"]) == set(questions[questions.index("cell_update") :])


def test_deleted_tests_come_back(points):
    assert lost(points["tests-deleted"]) == WRONG[0].breaks
