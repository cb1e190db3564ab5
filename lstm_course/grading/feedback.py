"""Keep hidden tests out of the feedback that students read."""

from __future__ import annotations

import re
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade
from traitlets import List

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS.*?END HIDDEN TESTS[^\n]*$", re.DOTALL | re.MULTILINE
)


class MaskHiddenTests(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no type hints
    """Replace hidden tests by one line, and a failed test's traceback by its message."""

    display_data_priority: Any = List().tag(config=True)  # nbconvert's HTML exporter sets it

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the cell as the student may see it."""
        if cell.cell_type == "code" and is_grade(cell):
            cell.source, hidden = _HIDDEN.subn("# (hidden tests)", cell.source)
            for output in cell.outputs:
                if hidden and output.output_type == "error":
                    output.traceback = [f"{output.ename}: {output.evalue}"]
        return cell, resources
