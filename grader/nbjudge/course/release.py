"""What the gradebook knows about a released notebook, and whether the source still agrees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked


@dataclass(frozen=True)
class Released:
    """The gradebook's record of an instructor's notebook.

    Attributes
    ----------
    id : str
        The notebook's id in the gradebook.
    points : dict
        The points of the cells that are graded automatically, by the cell's name.
    locked : dict
        The source of the cells that students cannot change, hidden tests included.
    checksums : dict
        The checksum of every cell with a name.
    graded, commented : dict
        The ids of the cells that get a grade, and of those that get a comment, by name.
    """

    id: str
    points: dict[str, float]
    locked: dict[str, str]
    checksums: dict[str, str]
    graded: dict[str, str]
    commented: dict[str, str]

    @classmethod
    def of(cls, notebook: Any) -> Released:
        """Return the record of a row of the gradebook's table of notebooks."""
        by_hand = notebook.task_cells
        return cls(
            id=notebook.id,
            points={cell.name: cell.max_score for cell in notebook.grade_cells},
            locked={cell.name: cell.source for cell in notebook.source_cells if cell.locked},
            checksums={cell.name: cell.checksum for cell in notebook.source_cells},
            graded={cell.name: cell.id for cell in [*notebook.grade_cells, *by_hand]},
            commented={cell.name: cell.id for cell in [*notebook.solution_cells, *by_hand]},
        )

    def difference(self, source: bytes) -> str | None:
        """Return what has changed in the instructor's notebook since the release, if anything."""
        cells = [c for c in nbformat.reads(source, 4).cells if "nbgrader" in c.metadata]
        points = {cell_id(c): float(c.metadata.nbgrader["points"]) for c in cells if is_grade(c)}
        if points != self.points:
            return "its questions or their points"
        if {cell_id(c): c.source for c in cells if is_locked(c)} != self.locked:
            return "its tests or set-up cells"
        return None


def cell_id(cell: NotebookNode) -> str:
    """Return the name of a cell that nbgrader knows."""
    return str(cell.metadata.nbgrader["grade_id"])
