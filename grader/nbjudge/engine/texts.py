"""The texts that may be shown when a hidden test fails, known before a student's code runs."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from nbjudge.engine.rebuild import TEST, Cell
from nbjudge.engine.run import Result
from nbjudge.errors import SourceError


def shown_texts(
    notebook: str, cells: Sequence[Cell], results: Sequence[Result]
) -> dict[str, set[str]]:
    """Return the texts of every test: strings in its cell, and what it handed to the checks.

    Parameters
    ----------
    notebook : str
        Its name, for the message of an error.
    cells, results
        Of the instructor's own solution, graded.

    Raises
    ------
    SourceError
        Unless all tests were passed.
    """
    texts = {}
    for cell, result in zip(cells, results, strict=True):
        if cell.kind != TEST:
            continue
        verdict = result.verdict or {}
        points = float(cell.node.metadata.nbgrader.get("points", 0))
        if not verdict.get("reached") or verdict.get("score", points) != points:
            reason = verdict.get("message") or verdict.get("parts") or result.gone
            raise SourceError(
                f"{notebook}: the instructor's own solution does not pass {cell.grade_id}: "
                f"{reason} {verdict.get('where', '')}"
            )
        literals = {
            node.value
            for node in ast.walk(ast.parse(cell.node.source))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        texts[cell.grade_id] = literals | set(verdict["texts"])
    return texts
