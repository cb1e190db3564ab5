"""Small notebooks for the engine: a few cells, graded in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import Job, Report
from nbjudge.limits import Limits


def cell(kind: str, name: str, source: str, points: float = 1) -> NotebookNode:
    """Return a cell of the instructor's; ``kind`` is locked, solution, test, text or free."""
    make = nbformat.v4.new_markdown_cell if kind == "text" else nbformat.v4.new_code_cell
    node = make(source.strip("\n"))
    if kind in ("locked", "solution", "test"):
        node.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": name,
            "grade": kind == "test",
            "solution": kind == "solution",
            "locked": kind != "solution",
            "task": False,
        } | ({"points": points} if kind == "test" else {})
    return node


class Small:
    """An assignment of a few cells."""

    def __init__(self, engine: Engine, *cells: tuple[Any, ...], **settings: Any) -> None:
        self.engine = engine
        self.source = nbformat.v4.new_notebook(cells=[cell(*parts) for parts in cells])
        self.limits = settings.pop("limits", Limits(cell_seconds=20))
        self.settings = settings

    def filled(self, answers: dict[str, str], before: str = "") -> NotebookNode:
        """Return a submission: the instructor's notebook with other answers."""
        notebook = nbformat.from_dict(json.loads(json.dumps(self.source)))
        for node in notebook.cells:
            name = node.metadata.get("nbgrader", {}).get("grade_id")
            node.source = answers.get(name, node.source)
        if before:
            notebook.cells.insert(0, nbformat.v4.new_code_cell(before))
        return notebook

    def report(self, submission: NotebookNode | bytes | None) -> Report:
        """Grade a submission."""
        if isinstance(submission, NotebookNode):
            submission = nbformat.writes(submission).encode()
        return self.engine.grade(
            Job(
                course="small",
                assignment="small",
                notebook="small",
                student="ada",
                source=nbformat.writes(self.source).encode(),
                submission=submission,
                key=b"a key",
                limits=self.limits,
                **self.settings,
            )
        )

    def graded(self, answers: dict[str, str], before: str = "") -> tuple[dict[str, float], str]:
        """Return the points of every test, and all texts below the tests."""
        return points_and_texts(self.report(self.filled(answers, before)))


def points_and_texts(report: Report) -> tuple[dict[str, float], str]:
    """Return what the gradebook would read from a report, and what the student would."""
    points, texts = {}, []
    assert report.graded is not None, report.problems
    for node in nbformat.from_dict(report.graded).cells:
        data = node.metadata.get("nbgrader", {})
        if data.get("grade"):
            points[data["grade_id"]] = determine_grade(node)[0]
            for output in node.outputs:
                texts.append(": ".join(output.get(key, "") for key in ("ename", "evalue", "text")))
    return points, "\n".join(texts)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return an engine with the sandbox, shared by all tests."""
    with Engine() as engine:
        yield engine


@pytest.fixture
def small(engine: Engine) -> Any:
    """Return a function that makes a small assignment of cells."""

    def make(*cells: tuple[Any, ...], **settings: Any) -> Small:
        return Small(engine, *cells, **settings)

    return make


@pytest.fixture
def read() -> Any:
    """Return the function that reads points and texts from a report."""
    return points_and_texts
