"""What all tests of the grader share: one engine, and small assignments of a few cells."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import nbformat
import neutral
import pytest
from nbformat import NotebookNode
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import Job, Report
from nbjudge.limits import Limits

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


class Small:
    """An assignment of a few cells, each (kind, id, source) and points for a test."""

    def __init__(self, engine: Engine, *cells: tuple[Any, ...], **settings: Any) -> None:
        self.engine = engine
        self.source = nbformat.v4.new_notebook(cells=[neutral.cell(*parts) for parts in cells])
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
        return neutral.points_and_texts(self.report(self.filled(answers, before)))


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Return an engine with the sandbox, shared by all tests of a worker."""
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
    return neutral.points_and_texts
