"""Make the notebook that is graded: the instructor's, with the student's answers in it.

Order, ids, points and tests are the instructor's.  From the submission come the sources of
solution cells (the first cell with the right id and type) and the student's own cells, each
after the instructor's cell that it followed.  Nothing else of a submission is looked at.
"""

from __future__ import annotations

import json
import re
import symtable
from dataclasses import dataclass, field
from typing import Any

import nbformat
from nbformat import NotebookNode

from nbjudge.errors import Unreadable

LOCKED, SOLUTION, TEST, FREE, TEXT = "locked", "solution", "test", "free", "text"
METADATA = "grading"  # key of the cell metadata that this package writes
_MAX_CELLS = 2000
_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*(?:\n|\Z)", re.DOTALL | re.MULTILINE
)
_PICTURES = ("image/png", "image/jpeg", "image/gif")


@dataclass
class Cell:
    """A cell of the graded notebook, with what the run has to know about it."""

    node: NotebookNode
    kind: str
    names: list[str] = field(default_factory=list)  # that the instructor's version binds
    open_source: str = ""  # of a test, as the student knows it: without hidden tests

    @property
    def grade_id(self) -> str:
        """Return nbgrader's id of the cell, or an empty string."""
        return str(self.node.metadata.get("nbgrader", {}).get("grade_id", ""))


def read_submission(data: bytes | None, limit_mb: int) -> NotebookNode:
    """Return the submitted notebook; raises `Unreadable` with a reason a student understands."""
    if data is None:
        raise Unreadable("no notebook of this name was handed in")
    if len(data) > limit_mb * 2**20:
        raise Unreadable(f"the file is larger than {limit_mb} MB: clear the outputs and try again")
    try:
        raw = json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"the file is not a notebook: {_short(error)}") from error
    if not isinstance(raw, dict) or raw.get("nbformat") != 4:
        raise Unreadable(
            "the file is not a notebook of format 4: open it in a current JupyterLab and save it"
        )
    try:
        notebook: NotebookNode = nbformat.from_dict(raw)
        cells = [cell for cell in notebook.cells if _is_cell(cell)]
    except Exception as error:
        raise Unreadable(f"the notebook is damaged: {_short(error)}") from error
    if len(notebook.cells) > _MAX_CELLS:
        raise Unreadable(f"the notebook has more than {_MAX_CELLS} cells")
    notebook.cells = cells
    return notebook


def _is_cell(cell: Any) -> bool:
    """Return whether ``cell`` is usable; the source may be a list of lines, as in a file."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in ("code", "markdown", "raw"):
        return False
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    cell["source"] = str(source).encode("utf-8", "replace").decode()
    if not isinstance(cell.get("metadata"), dict):
        cell["metadata"] = NotebookNode()
    return True


def _short(error: BaseException) -> str:
    return str(error).splitlines()[0][:200] if str(error) else type(error).__name__


def rebuild(source: NotebookNode, submission: NotebookNode | None) -> tuple[list[Cell], list[str]]:
    """Return the cells of the graded notebook, and a sentence for each thing that was missing.

    Parameters
    ----------
    source : the instructor's notebook, with solutions and hidden tests
    submission : the student's, or None: then every answer is empty
    """
    problems: list[str] = []
    given = list(submission.cells) if submission is not None else []
    ours = {_id(cell) for cell in source.cells if _id(cell)}
    answers: dict[str, NotebookNode] = {}
    own: dict[str, list[NotebookNode]] = {"": []}
    anchor = ""
    for cell in given:
        name = _id(cell)
        if name in ours:
            answers.setdefault(name, cell)
            anchor = name
            own.setdefault(name, [])
        else:
            own[anchor].append(cell)
    cells = [_free(cell) for cell in own[""]]
    for cell in source.cells:
        if not _id(cell):
            continue
        cells.append(_instructors(cell, answers.get(_id(cell)), problems, submission is None))
        cells += [_free(free) for free in own.get(_id(cell), [])]
    texts = {cell.source for cell in source.cells if cell.cell_type != "code" and not _id(cell)}
    for made in cells:
        if made.kind == TEXT and not made.grade_id and made.node.source in texts:
            made.node.metadata[METADATA] = {"instructions": True}
    return cells, problems


def _id(cell: NotebookNode) -> str:
    data = cell.metadata.get("nbgrader")
    found = data.get("grade_id") if isinstance(data, dict) else None
    return found if isinstance(found, str) else ""


def _instructors(
    cell: NotebookNode, answer: NotebookNode | None, problems: list[str], empty: bool
) -> Cell:
    """Return a cell of the instructor's with the student's source where it takes one."""
    node = _copy(cell)
    about = cell.metadata.nbgrader
    if about.get("solution") or about.get("task"):
        names = _bound_names(cell.source) if cell.cell_type == "code" else []
        if about.get("solution"):
            node.source = ""
            if answer is not None and answer.cell_type == cell.cell_type:
                node.source = answer.source
                _take_pictures(node, answer)
            elif not empty:
                problems.append(f"the cell {_id(cell)} is missing or of another type")
        kind = SOLUTION if cell.cell_type == "code" else TEXT
        return Cell(node, kind, names)
    if cell.cell_type != "code":
        return Cell(node, TEXT)
    kind = TEST if about.get("grade") else LOCKED
    return Cell(node, kind, _bound_names(cell.source), without_hidden(cell.source))


def _free(cell: NotebookNode) -> Cell:
    """Return a cell of the student's own; whatever its metadata claims is dropped."""
    if cell.cell_type == "code":
        node = nbformat.v4.new_code_cell(cell.source)
        return Cell(node, FREE)
    node = nbformat.v4.new_markdown_cell(cell.source)
    _take_pictures(node, cell)
    return Cell(node, TEXT)


def _take_pictures(node: NotebookNode, answer: NotebookNode) -> None:
    """Keep pictures that were pasted into a text cell."""
    given = answer.get("attachments")
    if node.cell_type != "markdown" or not isinstance(given, dict):
        return
    kept = {
        str(name): {kind: data for kind, data in forms.items() if kind in _PICTURES}
        for name, forms in given.items()
        if isinstance(forms, dict)
    }
    node.attachments = nbformat.from_dict(kept)


def _copy(cell: NotebookNode) -> NotebookNode:
    node: NotebookNode = nbformat.from_dict(json.loads(json.dumps(cell)))
    if node.cell_type == "code":
        node.outputs, node.execution_count = [], None
    return node


def without_hidden(source: str) -> str:
    """Return the source of a test without its hidden regions, as nbgrader releases it."""
    return _HIDDEN.sub("", source).strip()


def _bound_names(source: str) -> list[str]:
    """Return the names that a cell binds at its top level: functions, classes, values, imports."""
    table = symtable.symtable(source, "cell", "exec")
    return [s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()]
