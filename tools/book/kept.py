"""What nbval ran: the executed notebooks, and beside each what it was made from.

They stand in ``_build/executed``; the book is built from them and its download button offers
them.  A *key* is a hash of everything that the outputs of a chapter come from
(``notebooks.py``); as long as it stays the same, what is kept is up to date.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import nbformat
from nbformat import NotebookNode

EXECUTED = "_build/executed"


class Record(NamedTuple):
    """What is kept of a run beside the executed notebook."""

    key: str
    seconds: float


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def executed_path(root: Path, page: str) -> Path:
    return root / EXECUTED / f"{page}.ipynb"


def record_of(executed: Path) -> Record | None:
    """Return the record beside an executed notebook, None where either is missing."""
    path = executed.with_suffix(".json")
    if not (executed.exists() and path.exists()):
        return None
    return Record(**json.loads(path.read_text(encoding="utf8")))


def forget(executed: Path) -> None:
    """Delete an executed notebook and its record."""
    executed.unlink(missing_ok=True)
    executed.with_suffix(".json").unlink(missing_ok=True)


def keep(notebook: NotebookNode, executed: Path, record: Record) -> None:
    """Write an executed notebook, then its record."""
    executed.parent.mkdir(parents=True, exist_ok=True)
    executed.write_text(nbformat.writes(notebook), encoding="utf8")
    executed.with_suffix(".json").write_text(json.dumps(record._asdict()), encoding="utf8")


def with_outputs(
    notebook: NotebookNode, outputs: list[list[NotebookNode]], language: NotebookNode
) -> NotebookNode:
    """Return a copy of a notebook as if executed: outputs, counts, the kernel's language."""
    copy: NotebookNode = nbformat.from_dict(notebook)
    copy.metadata.pop("execution", None)
    copy.metadata["language_info"] = language
    for number, (cell, found) in enumerate(zip(code_cells(copy), outputs, strict=True), start=1):
        cell.execution_count, cell.outputs = number, found
    return copy
