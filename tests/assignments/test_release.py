"""From solutions/ to exercises/: reproducible, up to date, and without a solution inside."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tools import exercises
from tools.notebooks import ExerciseError

ROOT = Path(__file__).resolve().parents[2]
NAME = "lstm_cell"

STUDENT = """
import sys
import nbformat
from nbclient import NotebookClient

for name in sys.argv[1:]:
    notebook = nbformat.read(name, as_version=4)
    NotebookClient(notebook, timeout=60, allow_errors=True, kernel_name="python3").execute()
    nbformat.write(notebook, name)
"""


def regions(text, mark):
    """Return the lines between ### BEGIN mark and ### END mark, without indentation."""
    found = re.findall(rf"### BEGIN {mark}\n(.*?)### END {mark}", text, flags=re.DOTALL)
    return [line.strip() for region in found for line in region.splitlines() if line.strip()]


def test_committed_exercise_is_what_the_solution_gives(course):
    status, output = course.exercises("--check")
    assert status == 0, output


def test_two_builds_and_nbgrader_itself_agree_byte_for_byte(released, course):
    by_nbgrader = released.release.read_bytes()  # written by `nbgrader generate_assignment`
    assert course.exercises()[0] == 0
    once = course.release.read_bytes()
    assert course.exercises()[0] == 0
    assert course.release.read_bytes() == once == by_nbgrader
    assert once == (ROOT / "exercises" / NAME / f"{NAME}.ipynb").read_bytes()


def test_release_holds_no_solution_and_no_hidden_test(course):
    text = course.solution.read_text()
    secrets = regions(text, "SOLUTION") + regions(text, "HIDDEN TESTS")
    assert len(secrets) > 40
    cells = nbformat.read(course.release, as_version=4).cells
    lines = {line.strip() for cell in cells for line in cell.source.splitlines()}
    assert [secret for secret in secrets if secret in lines and len(secret) > 1] == []
    for mark in ("BEGIN SOLUTION", "END SOLUTION", "HIDDEN TESTS", "def hidden_"):
        assert all(mark not in cell.source for cell in cells)


def test_release_folder_holds_the_notebook_only():
    files = [p.name for p in (ROOT / "exercises" / NAME).iterdir() if p.suffix != ".ipynb"]
    assert [name for name in files if not name.startswith(".")] == []


def test_first_cell_announces_the_points(course):
    cells = nbformat.read(course.release, as_version=4).cells
    points = [cell.metadata.get("nbgrader", {}).get("points", 0) for cell in cells]
    assert f"**{sum(points)} points**" in cells[0].source
    headings = re.findall(
        r"## Question \d+: .*\((\d+) points?\)", "\n".join(c.source for c in cells)
    )
    assert [int(heading) for heading in headings] == [p for p in points if p]


def test_check_names_a_stale_exercise_and_the_command(course):
    edited = course.solution.read_text().replace("in a few seconds", "within seconds")
    course.solution.write_text(edited)
    stray = course.release.parent / "notes.txt"
    stray.write_text("left behind")
    before = course.release.read_bytes()
    status, output = course.exercises("--check")
    assert status == 1
    assert f"exercises/{NAME}/{NAME}.ipynb: differs" in output
    assert "notes.txt: not built from any solution" in output
    assert "make exercises" in output
    assert course.release.read_bytes() == before
    assert not course.source.exists()


PROBLEMS = {
    "leaked-hidden-test": (
        '"""Return the new cell state.',
        '"""Return the new cell state.\n\n    c_t = f * c_prev + i * g  # (N, H)\n',
        "the release gives away 'c_t = f * c_prev",
    ),
    "no-schema-version": ('"locked": false, "schema_version": 3, ', '"locked": false, ', "3"),
    "duplicate-id": ('"lstm_cell_forget_gate"', '"lstm_cell_sigmoid"', "is used twice"),
    "space-in-id": ('"lstm_cell_step"', '"lstm_cell_the step"', "letters, digits and _"),
    "no-points": ('"points": 2, ', "", "the heading before sigmoid_test must be"),
    "no-test": ('"lstm_cell_step_test"', '"lstm_cell_steps_test"', "is missing for lstm_cell_step"),
    "unknown-name": (
        "from nbjudge.checks.parts import Parts\n",
        "",
        "uses Parts, which no locked or solution cell",
    ),
    "magic": ("import numpy as np\n", "%matplotlib inline\nimport numpy as np\n", "no magic"),
    "no-region": ("    ### BEGIN SOLUTION\n", "", "BEGIN SOLUTION is missing"),
    "open-region": ("    ### END SOLUTION\n", "", "no end solution statement found"),
}


@pytest.mark.parametrize("problem", PROBLEMS)
def test_mistakes_of_the_author_are_named(course, problem):
    old, new, message = PROBLEMS[problem]
    text = course.solution.read_text()
    assert old in text
    course.solution.write_text(text.replace(old, new, 1))
    status, output = course.exercises("--check")
    assert status == 1
    assert output.startswith("error: ")
    assert message in output


def test_a_solution_without_a_question_is_refused(course):
    before = course.release.read_bytes()
    course.solution.write_text("")
    status, output = course.exercises()
    assert status == 1
    assert output.endswith("there is no question in it\n")
    assert course.release.read_bytes() == before


@pytest.mark.parametrize("content", [None, b"x = (", b"\xff", b"\0"])
def test_cases_that_are_no_python_are_refused(content, tmp_path):
    path = tmp_path / "cases.py"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ExerciseError, match=r"cases\.py: must be there, and be Python: "):
        exercises.cases_of("gru", path)


def test_student_needs_nothing_but_the_notebook_and_the_package(released, tmp_path):
    site, desk = tmp_path / "site", tmp_path / "desk"
    shutil.copytree(ROOT / "lstm_course", site / "lstm_course")
    desk.mkdir()
    origin = nbformat.v4.new_code_cell("import lstm_course\n\nlstm_course.__file__")
    untouched = nbformat.read(released.release, as_version=4)
    for student, notebook in (("untouched", untouched), ("reference", released.solved())):
        notebook.cells.append(origin)
        nbformat.write(notebook, desk / f"{student}.ipynb")
    subprocess.run(
        [sys.executable, "-c", STUDENT, "untouched.ipynb", "reference.ipynb"],
        cwd=desk,
        env=released.environment | {"PYTHONPATH": str(site)},
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert sorted(os.listdir(desk)) == ["reference.ipynb", "untouched.ipynb"]
    for student, unwritten in (("untouched", 11), ("reference", 0)):
        cells = nbformat.read(desk / f"{student}.ipynb", as_version=4).cells
        code = [cell for cell in cells if cell.cell_type == "code"]
        assert str(site) in code[-1].outputs[0].data["text/plain"]
        outputs = [output for cell in code for output in cell.outputs]
        assert [one for one in outputs if one.output_type == "error"] == []
        tests = [cell for cell in code if cell.source.startswith("# The test of question")]
        said = ["".join(o.get("text", "") for o in cell.outputs) for cell in tests]
        assert len(said) == 11
        assert sum("not written yet" in text for text in said) == unwritten
        assert all(cell.execution_count for cell in code)
