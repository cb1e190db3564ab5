"""The teacher's notebook of an assignment, made from its py:percent source and checked."""

from __future__ import annotations

import builtins
from pathlib import Path

import jupytext
import nbformat
from nbformat import NotebookNode

from tools import frame
from tools.answers import top_level_names

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
SECRET = ("SOLUTION", "HIDDEN TESTS")  # the regions that nbgrader takes out


class ExerciseError(Exception):
    """An assignment that cannot be built; the message says what to change and where."""


def source_notebook(solution: Path) -> NotebookNode:
    """Return the teacher's notebook: fixed cell ids, one kernel, checked metadata."""
    name = solution.stem
    notebook: NotebookNode = jupytext.read(solution, fmt="py:percent")
    notebook.metadata = nbformat.from_dict(METADATA)
    try:
        frame.complete(name, notebook)
    except ValueError as error:
        raise ExerciseError(f"{solution}: {error}") from error
    for number, cell in enumerate(notebook.cells):
        cell.id = f"{name}-{number:03d}"
        cell.metadata.pop("lines_to_next_cell", None)
    check_metadata(solution, notebook)
    check_judgeable(solution, notebook)
    return notebook


def check_metadata(solution: Path, notebook: NotebookNode) -> None:
    """Raise ExerciseError unless every question is a solution cell followed by its test."""
    ids: set[str] = set()
    solutions: set[str] = set()
    tests: set[str] = set()
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None:
            if any(f"BEGIN {region}" in cell.source for region in SECRET):
                start = cell.source.splitlines()[0]
                raise ExerciseError(f"{solution}: no nbgrader metadata on the cell {start!r}")
            continue
        grade_id = str(meta.get("grade_id", ""))
        where = f"{solution}: cell {grade_id!r}"
        if meta.get("schema_version") != 3:
            raise ExerciseError(f'{where}: its metadata needs "schema_version": 3')
        if not grade_id.startswith(f"{solution.stem}_") or not grade_id.isidentifier():
            raise ExerciseError(
                f"{where}: a grade_id is {solution.stem}_<question>, of letters, digits and _"
            )
        if grade_id in ids:
            raise ExerciseError(f"{where}: this grade_id is used twice")
        ids.add(grade_id)
        if meta.get("grade"):
            tests.add(grade_id)
            if not meta.get("points", 0) > 0:
                raise ExerciseError(f'{where}: a graded cell needs "points"')
        elif meta.get("solution"):
            solutions.add(grade_id)
            if "BEGIN SOLUTION" not in cell.source:
                raise ExerciseError(f"{where}: the region ### BEGIN SOLUTION is missing")
    if not tests:
        raise ExerciseError(f"{solution}: there is no question in it")
    unpaired = {f"{grade_id}_test" for grade_id in solutions} ^ tests
    if unpaired:
        raise ExerciseError(
            f"{solution}: a question X needs a cell X to fill in and a graded cell X_test, "
            f"but one of the two is missing for {', '.join(sorted(unpaired))}"
        )


def check_judgeable(solution: Path, notebook: NotebookNode) -> None:
    """Raise ExerciseError if a locked cell cannot run apart from the student's code.

    Tests run in a process of their own.  What they use must come from a locked cell, a test or
    a solution cell above; a solution's names reach only the tests, not other locked cells.
    """
    own, students = set(dir(builtins)), set[str]()
    for cell in notebook.cells:
        meta = cell.metadata.get("nbgrader")
        if meta is None or cell.cell_type != "code":
            continue
        where = f"{solution}: cell {meta['grade_id']!r}"
        try:
            bound, used = top_level_names(cell.source)
        except SyntaxError as error:
            raise ExerciseError(
                f"{where}: plain Python is needed here, no magic: {error}"
            ) from error
        if meta.get("solution"):
            students |= bound
            own -= bound
            continue
        known = own | bound | (students if meta.get("grade") else set())
        if unknown := sorted(used - known):
            raise ExerciseError(
                f"{where} uses {', '.join(unknown)}, which no locked or solution cell above defines"
            )
        own |= bound
