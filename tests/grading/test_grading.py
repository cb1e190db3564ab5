"""How a submission is executed and reported: fair where stock nbgrader is not."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import determine_grade
from traitlets.config.loader import PyFileConfigLoader

from lstm_course.grading.execution import RunSubmission

ROOT = Path(__file__).resolve().parents[2]
NAME = "lstm_cell"

# Source of a graded cell and the share of its points that it must get.
CELLS = [
    ("assert True", 1),
    ("import sys; print('a warning', file=sys.stderr)", 1),
    ("import warnings; warnings.warn('old')", 1),
    ("1000.0", 1),  # a number on the last line is no grade
    ("0.25", 1),
    ("display('two'); 'words'", 1),
    ("assert False, 'wrong'", 0),
    ("print(1)\n1\nassert False", 0),
    ("get_ipython().run_cell('3.0'); raise ValueError", 0),
    ("raise SystemExit", 0),
    ("while True: pass", 0),  # interrupted
    ("assert True", 1),
    ("import os; os._exit(0)", 0),
    ("assert True", 0),  # never ran
]


def graded_cell(number, source):
    data = {"grade": True, "solution": False, "locked": True, "points": 2, "schema_version": 3}
    data["grade_id"] = f"cell_{number}"
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": data})


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    cells = [graded_cell(number, source) for number, (source, _) in enumerate(CELLS)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    runner = RunSubmission(timeout=3)
    return runner.preprocess(notebook, {"metadata": {"path": str(folder)}})[0]


@pytest.mark.parametrize("number", range(len(CELLS)))
def test_points_are_given_for_success_only(executed, number):
    source, share = CELLS[number]
    assert determine_grade(executed.cells[number]) == (2 * share, 2), source


def test_warnings_stay_visible(executed):
    assert "a warning" in executed.cells[1].outputs[0].text


@pytest.fixture(scope="module")
def page(graded):
    """Return the feedback to a student who fails a hidden test and writes HTML."""
    student = "forget-gate-transposed"
    graded.nbgrader("generate_feedback", NAME, "--student", student)
    return (graded.root / "feedback" / student / NAME / f"{NAME}.html").read_text()


def test_feedback_names_the_mistake_and_hides_the_test(page):
    assert "W_hf is transposed" in page
    assert "hidden_forget_gate" not in page
    assert "random_cases" in page  # the set-up cell is not a secret
    assert "seed" not in re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL)
    assert "test_forget_gate" in page


def test_feedback_holds_no_script_of_a_student(page):
    assert "my notes" in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "path",
    ["ada/lstm_cell.ipynb", "ada/lstm_cell/lstm_cell.ipynb", "ada/deep/down/lstm_cell.ipynb"],
)
def test_zip_collect_takes_the_student_from_the_archive(path):
    config = PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()
    pattern = config.FileNameCollectorPlugin.named_regexp
    match = re.match(pattern, f"/home/downloaded/lstm_cell/extracted/{path}")
    assert match
    assert match.groupdict() == {"student_id": "ada", "file_id": "lstm_cell"}


def test_export_holds_the_totals(graded, points):
    graded.nbgrader("export", "--to", "grades.csv")
    with (graded.root / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(points)
    for student, grades in points.items():
        assert float(rows[student]["score"]) == sum(given for given, _ in grades.values())
        assert float(rows[student]["max_score"]) == 20
