"""The points that every assignment gives, to right answers in many styles and to wrong ones.

The banks are read with runpy, because pytest imports test files by path, one at a time.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMES = sorted(path.name for path in ROOT.glob("solutions/*/"))
BANKS = {name: runpy.run_path(str(ROOT / "solutions" / name / "bank.py")) for name in NAMES}
WRONG = [(name, entry) for name in NAMES for entry in BANKS[name]["WRONG"]]
RIGHT = [(name, entry) for name in NAMES for entry in BANKS[name]["RIGHT"]]


def entries(pairs):
    ids = [f"{name}-{entry.name}" for name, entry in pairs]
    return pytest.mark.parametrize(("name", "entry"), pairs, ids=ids)


def lost(grades):
    """Return the points lost, by question."""
    return {question: full - got for question, (got, full) in grades.items() if got != full}


def texts(notebook):
    """Return what stands below the test cells."""
    return "\n".join(
        f"{output.get('ename', '')}: {output.get('evalue', '')}{output.get('text', '')}"
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
        for output in cell.outputs
    )


@pytest.mark.parametrize("name", NAMES)
def test_banks_are_large_enough(name, points):
    questions = set(points[name]["reference"])
    broken = [question for entry in BANKS[name]["WRONG"] for question in entry.breaks]
    assert set(broken) == questions
    assert all(broken.count(question) >= 2 for question in questions)
    assert len(BANKS[name]["RIGHT"]) >= 6


@pytest.mark.parametrize("name", NAMES)
def test_reference_gets_full_marks(name, points):
    assert lost(points[name]["reference"]) == {}


@pytest.mark.parametrize("name", NAMES)
def test_untouched_release_gets_nothing_and_says_what_to_do(name, points, graded):
    assert all(got == 0 for got, _ in points[name]["untouched"].values())
    notebook = graded.autograded("untouched", name)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            assert "write this function" in texts(nbformat.v4.new_notebook(cells=[cell]))


@entries(WRONG)
def test_wrong_answer_loses_exactly_its_points(name, entry, points, graded):
    assert lost(points[name][entry.name]) == entry.breaks
    assert entry.says in texts(graded.autograded(entry.name, name))


@entries(RIGHT)
def test_right_answer_in_another_style_gets_full_marks(name, entry, points, graded):
    assert lost(points[name][entry.name]) == {}, texts(graded.autograded(entry.name, name))


@pytest.mark.parametrize("name", NAMES)
def test_deleted_tests_come_back(name, points, graded):
    assert lost(points[name]["tests-deleted"]) == BANKS[name]["WRONG"][0].breaks


def test_nbgraders_own_command_gives_the_same_grades(graded, points, tmp_path):
    students = [
        "reference",
        "untouched",
        *[entry.name for entry in BANKS["lstm_cell"]["WRONG"][:3]],
    ]
    before = points["lstm_cell"]
    for student in students:
        graded.nbgrader("autograde", "lstm_cell", "--student", student, "--force")
    after = graded.points()["lstm_cell"]
    assert {s: after[s] for s in students} == {s: before[s] for s in students}
