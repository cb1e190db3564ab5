"""Ordinary asserts hold against answers that would fool them in one process."""

from __future__ import annotations

import json

import nbformat
import pytest
from attacks.forms import FORMS
from nbgrader.utils import determine_grade
from nbjudge.engine.job import NOT_GRADED, Job
from nbjudge.limits import Limits


def notebook(form, answer):
    """Return a notebook of one question as bytes."""
    cells = [("setup", "import numpy as np"), ("q", answer), ("q_test", form.test)]
    made = nbformat.v4.new_notebook()
    for grade_id, source in cells:
        data = {"grade_id": grade_id, "schema_version": 3, "task": False, "points": 1}
        data |= {"grade": grade_id == "q_test", "solution": grade_id == "q"}
        data["locked"] = not data["solution"]
        cell = nbformat.v4.new_code_cell(source, id=grade_id.replace("_", "-"))
        cell.metadata = nbformat.from_dict({"nbgrader": data})
        made.cells.append(cell)
    return nbformat.writes(made).encode()


@pytest.mark.parametrize("form", FORMS, ids=[form.name for form in FORMS])
def test_only_the_solution_gets_the_point(form, engine):
    for answer, points in ((form.solution, 1.0), (form.answer, 0.0)):
        source, handed_in = notebook(form, form.solution), notebook(form, answer)
        job = Job("c", "q", "q", "s", source, handed_in, key=b"k", limits=Limits(cell_seconds=10))
        report = engine.grade(job)
        assert report.status != NOT_GRADED, report.problems
        (test,) = [c for c in report.graded["cells"] if c["metadata"]["nbgrader"]["grade"]]
        assert determine_grade(nbformat.from_dict(test))[0] == points, json.dumps(test["outputs"])
