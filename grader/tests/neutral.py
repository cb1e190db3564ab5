"""A course that has nothing to do with any other: its notebooks, and a folder to grade in.

``samplecourse/`` is its package; ``notebooks/NAME.py`` are the instructor's notebooks.  There
each cell begins with a line ``# %% KIND ID POINTS``; KIND is text, locked, solution or test.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from nbjudge.engine.job import Job, Report
from nbjudge.engine.rebuild import without_hidden
from nbjudge.processes.withheld import Withheld

HERE = Path(__file__).parent
NAME = "statistics"
WITHHELD = Withheld(("samplecourse",), ("samplecourse.plots",))
STUB = 'raise NotImplementedError("write this function, run its cell, then its test")'


def cell(kind: str, name: str, source: str, points: float = 1) -> NotebookNode:
    """Return a cell of the instructor's; ``kind`` is locked, solution, test, text or free."""
    make = nbformat.v4.new_markdown_cell if kind == "text" else nbformat.v4.new_code_cell
    node = make(source.strip("\n"))
    if kind in ("locked", "solution", "test"):
        flags = {"grade": kind == "test", "solution": kind == "solution", "task": False}
        flags |= {"locked": kind != "solution"}
        node.metadata["nbgrader"] = {"schema_version": 3, "grade_id": name, **flags}
        if kind == "test":
            node.metadata.nbgrader["points"] = points
    return node


@functools.cache
def _text(name: str) -> str:
    return (HERE / "notebooks" / f"{name}.py").read_text(encoding="utf-8")


def source(name: str = NAME) -> NotebookNode:
    """Return an instructor's notebook, with solutions and hidden tests."""
    notebook = nbformat.v4.new_notebook(metadata={"kernelspec": KERNEL})
    for number, part in enumerate(_text(name).split("# %% ")[1:]):
        head, _, body = part.partition("\n")
        kind, *words = head.split()
        if kind == "text":
            body = "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.split("\n"))
        grade_id = "_".join([name, *words[:1]]) + ("_test" if kind == "test" else "")
        made = cell(kind, grade_id, body.strip(), float(words[1]) if kind == "test" else 0)
        made.id = f"{name}-{number:03d}"
        notebook.cells.append(made)
    return notebook


KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def release(name: str = NAME) -> NotebookNode:
    """Return the notebook as students get it: stubs for solutions, no hidden tests."""
    notebook = source(name)
    for node in notebook.cells:
        kind = node.metadata.get("nbgrader", {})
        if kind.get("solution"):
            before, _, rest = node.source.partition("    ### BEGIN SOLUTION")
            node.source = f"{before}    {STUB}{rest.partition('### END SOLUTION')[2]}".strip()
        elif kind.get("grade"):
            node.source = without_hidden(node.source)
    return notebook


def solutions(name: str = NAME) -> dict[str, str]:
    """Return the instructor's answer to each question."""
    return {
        question(node, name): node.source
        for node in source(name).cells
        if node.metadata.get("nbgrader", {}).get("solution")
    }


def question(node: Mapping[str, Any], name: str = NAME) -> str:
    """Return the question that a cell belongs to, or an empty string."""
    grade_id = str(node["metadata"].get("nbgrader", {}).get("grade_id", ""))
    return grade_id.removeprefix(f"{name}_").removesuffix("_test")


def filled(answers: Mapping[str, str], name: str = NAME) -> dict[str, Any]:
    """Return the released notebook with these answers, as JSON; the others stay stubs."""
    notebook: dict[str, Any] = json.loads(json.dumps(release(name)))
    for node in notebook["cells"]:
        if node["metadata"].get("nbgrader", {}).get("solution"):
            node["source"] = answers.get(question(node, name), node["source"])
    return notebook


def job(submission: bytes | None, student: str = "ada", name: str = NAME, **settings: Any) -> Job:
    """Return the job to grade a submission."""
    return Job(
        course="sample",
        assignment=name,
        notebook=name,
        student=student,
        source=nbformat.writes(source(name)).encode(),
        submission=submission,
        **{"key": b"a key", "withheld": WITHHELD, **settings},
    )


def points(graded: Mapping[str, Any]) -> dict[str, float]:
    """Return what a gradebook would read from a graded notebook, by the id of the cell."""
    return {
        node.metadata.nbgrader["grade_id"]: determine_grade(node)[0]
        for node in nbformat.from_dict(graded).cells
        if node.metadata.get("nbgrader", {}).get("grade")
    }


def texts(graded: Mapping[str, Any]) -> str:
    """Return all that a student would read below the tests."""
    return "\n".join(
        ": ".join(output.get(key, "") for key in ("ename", "evalue", "text"))
        for node in nbformat.from_dict(graded).cells
        if node.metadata.get("nbgrader", {}).get("grade")
        for output in node.outputs
    )


def points_and_texts(report: Report) -> tuple[dict[str, float], str]:
    """Return both for a report."""
    assert report.graded is not None, report.problems
    return points(report.graded), texts(report.graded)
