"""The page that a student would get back for a graded notebook, without a gradebook."""

from __future__ import annotations

from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import determine_grade, is_grade
from nbjudge.feedback.page import FeedbackExporter, MaskHiddenTests, Summary
from traitlets.config import Config

Resources = dict[str, Any]


class Grades(NbGraderPreprocessor):
    """In place of nbgrader's `GetGrades`, which asks a gradebook."""

    display_data_priority = MaskHiddenTests.display_data_priority

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Write the points of each cell into its metadata."""
        graded = [cell for cell in nb.cells if is_grade(cell)]
        for cell in graded:
            cell.metadata.nbgrader.score = determine_grade(cell)[0] or 0.0
        total = sum(cell.metadata.nbgrader.score for cell in graded)
        most = sum(cell.metadata.nbgrader.points for cell in graded)
        resources["nbgrader"] |= {"score": total, "max_score": most, "late_penalty": 0.0}
        return nb, resources


def page(graded: dict[str, Any], name: str, student: str = "ada") -> str:
    """Return the page of a graded notebook, given as JSON."""
    config = Config()
    config.Exporter.default_preprocessors = []
    exporter = FeedbackExporter(config=config)
    for preprocessor in (MaskHiddenTests, Grades, Summary):
        exporter.register_preprocessor(preprocessor, enabled=True)
    exporter.register_preprocessor("nbconvert.preprocessors.CSSHTMLHeaderPreprocessor", True)
    resources = {"nbgrader": {"notebook": name, "assignment": name, "student": student}}
    notebook = nbformat.from_dict(graded)
    made: str = exporter.from_notebook_node(notebook, resources=resources)[0]
    return made
