"""The one place that executes a submission.

``nbgrader autograde`` runs :class:`RunSubmission` where it would run its own ``Execute``
(``nbgrader_config.py`` names the class).  At present the student's code and the tests share
one kernel, that of nbgrader, without a sandbox: grade only code of people you trust.  A
stronger way to run a submission replaces the body of ``preprocess`` here and nothing else.

What differs from ``Execute``, which gives full marks unless a cell shows an error:

* a test earns its points only if the kernel reports that its last statement was reached;
  where the kernel died, or the cell never ran, the test fails;
* stderr never costs points: a warning is shown and does not count;
* the value of the last line of a test never counts as points.
"""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbgrader.preprocessors import Execute
from nbgrader.utils import is_grade
from traitlets import default


class RunSubmission(Execute):  # type: ignore[misc]  # nbgrader has no type hints
    """Execute a notebook from top to bottom, so that each test fails unless it succeeded."""

    @default("timeout")
    def _one_minute_a_cell(self) -> int:
        return 60

    @default("shutdown_kernel")
    def _nothing_to_wait_for(self) -> str:
        return "immediate"

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the executed notebook; ``resources`` as nbgrader passes them.

        A kernel that dies or hangs ends the run, not the grading: what succeeded before keeps
        its points, and every later test fails.
        """
        self._succeeded: set[int] = set()
        reason = "the run ended before this test"
        try:
            nb, resources = super().preprocess(nb, resources, km)
        except (DeadKernelError, CellTimeoutError) as error:
            reason = "the kernel died or hung in this cell or in one before it"
            self.log.warning("%s: %s", type(error).__name__, reason)
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code" and is_grade(cell):
                cell.outputs = _fair(cell.outputs)
                if index not in self._succeeded and not _has_error(cell):
                    cell.outputs.append(_not_run(reason))
        return nb, resources

    def on_cell_executed(self, **details: Any) -> None:
        """Note the cells that the kernel reports as done; called by nbclient after each cell."""
        super().on_cell_executed(**details)
        if details["execute_reply"]["content"]["status"] == "ok":
            self._succeeded.add(details["cell_index"])


def _fair(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Show stderr as stdout and values as displays, because nbgrader would count them."""
    for output in outputs:
        if output.output_type == "stream":
            output.name = "stdout"
        elif output.output_type == "execute_result":
            output.output_type = "display_data"
            output.pop("execution_count", None)
    return outputs


def _has_error(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _not_run(reason: str) -> NotebookNode:
    traceback = [f"NotRun: {reason}"]
    return NotebookNode(output_type="error", ename="NotRun", evalue=reason, traceback=traceback)
