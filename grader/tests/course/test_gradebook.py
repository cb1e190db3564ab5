"""The writer: the same rows as nbgrader's own preprocessors, all of them or none."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import nbformat
import pytest
from nbgrader.preprocessors import AssignLatePenalties, SaveAutoGrades
from nbjudge.course.folder import Course
from nbjudge.course.gradebook import Writer
from nbjudge.errors import SetupError

DUE = datetime(2026, 3, 1, 12, 0, 0)


@pytest.fixture
def pair(new_course: Callable[[str], Any], monkeypatch: Any) -> Callable[..., Any]:
    """Return a function that grades a notebook with both writers and returns both results."""
    monkeypatch.setenv("PATH", os.environ["PATH"])  # the settings change it
    ours, theirs = new_course("ours"), new_course("theirs")

    def both(**how: Any) -> tuple[dict[Any, Any], dict[Any, Any]]:
        for small, write in ((ours, write_ours), (theirs, write_theirs)):
            monkeypatch.chdir(small.root)
            config = small.root / "nbgrader_config.py"
            if how.get("config") and how["config"] not in config.read_text():
                config.write_text(config.read_text() + how["config"])
            if how.get("before"):
                with small.gradebook() as gradebook:
                    how["before"](gradebook)
                    gradebook.db.commit()
            write(Course(), small, executed(small, how.get("cells", {})), how.get("timestamp"))
        return ours.rows(), theirs.rows()

    return both


def executed(small: Any, cells: dict[str, Any]) -> Any:
    """Return the released notebook as if it had been run, with other sources or outputs."""
    notebook = nbformat.reads(small.solved(), 4)
    for cell in notebook.cells:
        change = cells.get(cell.metadata.nbgrader.grade_id)
        if isinstance(change, str):
            cell.source = change
        elif change is not None:
            cell.outputs = [nbformat.from_dict(change)]
    return notebook


def write_ours(course: Course, small: Any, notebook: Any, timestamp: datetime | None) -> None:
    with closing(Writer(course, small.name)) as writer:
        writer.write("anna", small.name, notebook, timestamp)


def write_theirs(course: Course, small: Any, notebook: Any, timestamp: datetime | None) -> None:
    """Do what ``nbgrader autograde`` does with the gradebook."""
    with small.gradebook() as gradebook:
        gradebook.update_or_create_student("anna")
        times = {"timestamp": timestamp} if timestamp else {}
        gradebook.update_or_create_submission(small.name, "anna", **times)
    names = {"notebook": small.name, "assignment": small.name, "student": "anna"}
    resources = {"nbgrader": {**names, "db_url": course.settings.db_url}}
    for preprocessor in (SaveAutoGrades, AssignLatePenalties):
        preprocessor(parent=course.app).preprocess(notebook, resources)


ERROR = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
PART = {"output_type": "execute_result", "metadata": {}, "execution_count": 1}
PART = {**PART, "data": {"text/plain": "0.5"}}
LATE = "\nc.LateSubmissionPlugin.penalty_method = 'zero'\n"


def due(gradebook: Any) -> None:
    gradebook.find_assignment("sums").duedate = DUE


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"cells": {"double_test": ERROR, "half_test": PART}},
        {"cells": {"why": "Because."}},
        {"timestamp": DUE},
        {"timestamp": DUE + timedelta(hours=1), "before": due, "config": LATE},
        {"timestamp": DUE + timedelta(hours=1), "before": due},
        {"timestamp": DUE - timedelta(hours=1), "before": due, "config": LATE},
    ],
    ids=["right", "wrong and part", "by hand", "in time", "late", "late, allowed", "early"],
)
def test_the_rows_are_those_of_nbgrader(pair: Any, how: dict[str, Any]) -> None:
    ours, theirs = pair(**how)
    assert len(ours) == 8
    assert ours == theirs


def test_points_are_what_the_outputs_say(pair: Any) -> None:
    ours, _ = pair(cells={"double_test": ERROR, "half_test": PART, "why": "Because."})
    assert ours["anna", "grade", "double_test"] == (0.0, None, None, False)
    assert ours["anna", "grade", "half_test"] == (0.5, None, None, False)
    assert ours["anna", "grade", "why"] == (None, None, None, True)
    assert ours["anna", "comment", "why"] == (None, None)


def test_a_late_submission_is_worth_nothing_where_nbgrader_says_so(pair: Any) -> None:
    late = DUE + timedelta(hours=1)
    ours, _ = pair(timestamp=late, before=due, config=LATE)
    assert ours["anna", "sums"] == (4.0, 4.0)  # penalty, score
    ours, theirs = pair(timestamp=DUE, config=LATE)
    assert ours["anna", "sums"] == (None, 4.0)
    assert ours == theirs


def by_hand(gradebook: Any) -> None:
    due(gradebook)
    grade = gradebook.find_grade("half_test", "sums", "sums", "anna")
    grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 1.5, 0.25, False
    gradebook.find_grade("why", "sums", "sums", "anna").manual_score = 3.0
    gradebook.find_comment("why", "sums", "sums", "anna").manual_comment = "Well said."
    gradebook.find_submission("sums", "anna").extension = timedelta(days=1)


def test_what_was_entered_by_hand_survives_a_regrade(pair: Any) -> None:
    pair(cells={"why": "Because."}, timestamp=DUE)
    ours, theirs = pair(
        cells={"why": "Because.", "half_test": ERROR},
        before=by_hand,
        timestamp=DUE + timedelta(hours=2),
        config=LATE,
    )
    assert ours["anna", "grade", "half_test"] == (0.0, 1.5, 0.25, True)
    assert ours["anna", "grade", "why"] == (None, 3.0, None, True)
    assert ours["anna", "comment", "why"] == (None, "Well said.")
    assert ours == theirs


@pytest.fixture
def writer(small: Any, monkeypatch: Any) -> Iterator[Writer]:
    monkeypatch.setenv("PATH", small.environment["PATH"])
    monkeypatch.chdir(small.root)
    with closing(Writer(Course(), small.name)) as made:
        yield made


def test_a_missing_notebook_is_worth_nothing(writer: Writer, small: Any) -> None:
    writer.write("anna", "sums", executed(small, {}), DUE)
    writer.write("anna", "sums", None, None)
    rows = small.rows()
    grades = [row for key, row in rows.items() if key[1] == "grade"]
    assert grades == [(0.0, None, None, False)] * 3
    assert rows["anna", "submission"] == (DUE, None)


def test_a_failure_in_the_middle_changes_nothing(writer: Writer, small: Any) -> None:
    writer.write("anna", "sums", executed(small, {}), DUE)
    before = small.rows()
    too_many = {**PART, "data": {"text/plain": "99"}}
    spoiled = executed(small, {"double_test": ERROR, "half_test": too_many, "why": "x"})
    for student in ("anna", "new"):
        with pytest.raises(ValueError, match="partial credit"):
            writer.write(student, "sums", spoiled, DUE + timedelta(days=9))
    assert small.rows() == before
    with small.gradebook() as gradebook:
        assert [student.id for student in gradebook.students] == ["anna"]
    writer.write("new", "sums", executed(small, {}), None)
    assert len(small.rows()) == 2 * len(before)


def test_a_cell_that_the_gradebook_does_not_know_is_refused(writer: Writer, small: Any) -> None:
    notebook = executed(small, {})
    notebook.cells[1].metadata.nbgrader.grade_id = "another"
    with pytest.raises(ValueError, match="another"):
        writer.write("anna", "sums", notebook, None)
    assert small.rows() == {}


def test_an_extension_without_a_due_date_does_no_harm(writer: Writer, small: Any) -> None:
    writer.write("anna", "sums", executed(small, {}), DUE)
    with small.gradebook() as gradebook:
        gradebook.grant_extension("sums", "anna", days=1)
    assert writer.write("anna", "sums", executed(small, {}), DUE)["half_test"] == 2.0


def test_the_scores_returned_are_those_in_the_gradebook(writer: Writer, small: Any) -> None:
    scores = writer.write("anna", "sums", executed(small, {"why": "x", "half_test": PART}), None)
    assert scores == {"double_test": 2.0, "half_test": 0.5, "why": None}
    assert writer.scores() == {("anna", "sums"): scores}


def test_students_are_not_added_where_the_settings_forbid_it(small: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", small.environment["PATH"])
    monkeypatch.chdir(small.root)
    with open("nbgrader_config.py", "a") as file:
        file.write("\nc.Autograde.create_student = False\n")
    with closing(Writer(Course(), "sums")) as writer, pytest.raises(ValueError, match="student"):
        writer.write("anna", "sums", executed(small, {}), None)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"points": 2', '"points": 3', "points"),
        ("assert double(0) == 0", "assert double(0) == 1", "tests"),
        ('"grade_id": "half_test"', '"grade_id": "halves_test"', "questions"),
    ],
)
def test_a_source_that_differs_from_the_release_is_refused(
    writer: Writer, small: Any, old: str, new: str, named: str
) -> None:
    path = small.root / "build" / "source" / "sums" / "sums.ipynb"
    writer.check("sums", path.read_bytes())
    text = path.read_text()
    assert old in text
    with pytest.raises(SetupError, match=f"{named}.*nbjudge release sums"):
        writer.check("sums", text.replace(old, new).encode())


def test_an_assignment_that_was_never_released_is_refused(small: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", small.environment["PATH"])
    monkeypatch.chdir(small.root)
    shutil.copytree("build/source/sums", "build/source/other")
    with pytest.raises(SetupError, match="nbjudge release other"):
        Writer(Course(), "other")
