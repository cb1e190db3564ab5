"""A plugin of pytest: nbval runs the chapters, and what they put out is kept for the book.

    python -m pytest -p tools.book.nbval_chapters --nbval-lax _build/notebooks

nbval has the rules: which cell may raise, which outputs are compared, how long a cell may take.
The plugin gives each notebook a kernel from ``kernel.py``, stops a chapter at the first cell that
fails, keeps what a whole run put out, and says how far the chapters are.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbval.plugin import IPyNbCell, IPyNbFile

from tools.book.kept import Record, code_cells, forget, keep, record_of, with_outputs
from tools.book.kernel import PATIENCE_SECONDS, RecordedKernel, RecordingKernel

SLOW_CELL_SECONDS = 5.0
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
DIFFERS = "Cell outputs differ"


def shorten_tracebacks(outputs: list[NotebookNode]) -> None:
    """Leave of each error on a page the line of the cell and the message.

    What lies between are files of the libraries, with the folders of the machine that built
    the book.
    """
    for output in outputs:
        if output.output_type == "error":
            parts = output.traceback
            output.traceback = [p for p in parts if not COLOURS.sub("", p).startswith("File ")]


class Chapter(IPyNbFile):  # type: ignore[misc]  # nbval has no type hints
    """A notebook that `prepare` wrote: it runs, or the run that is kept is played back."""

    broken = False

    def setup(self) -> None:
        """Give the notebook its kernel."""
        note = self.nb.metadata["execution"]
        self.executed, self.key = Path(note["executed"]), note["key"]
        record = record_of(self.executed)
        if record is not None and record.key == self.key:
            ran = nbformat.read(self.executed, as_version=4)
            self.kernel = RecordedKernel([cell.outputs for cell in code_cells(ran)])
        else:
            forget(self.executed)
            self.began = time.perf_counter()
            self.kernel = RecordingKernel(self.nb.metadata["kernelspec"]["name"], note["folder"])
        self.setup_sanitize_files()

    def teardown(self) -> None:
        """Keep what a whole run put out, and end the kernel."""
        if isinstance(self.kernel, RecordingKernel) and not self.broken:
            outputs = self.kernel.outputs
            if len(outputs) == len(code_cells(self.nb)):
                for found in outputs:
                    shorten_tracebacks(found)
                seconds = time.perf_counter() - self.began
                notebook = with_outputs(self.nb, outputs, self.kernel.language_info)
                keep(notebook, self.executed, Record(self.key, seconds))
        super().teardown()

    def fault(self, item: IPyNbCell, error: BaseException) -> str:
        """Say in which cell something went wrong, and what."""
        source = item.cell.source.strip().partition("\n")[0]
        ran = self.kernel.outputs[item.cell_num :][:1] if self.kernel else []
        raised = [f"{o.ename}: {o.evalue}" for found in ran for o in found if "ename" in o]
        reason = (raised or [str(error)])[0]
        return f"code cell {item.cell_num + 1} ({source!r}): {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[Any], list[Any]]:
    """Put our collector in the place of nbval's."""
    found = yield
    return [
        Chapter.from_parent(parent, path=file_path) if isinstance(one, IPyNbFile) else one
        for one in found
    ]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let nbval wait for the messages of a cell longer than its five seconds."""
    if isinstance(item, IPyNbCell):
        item.output_timeout = PATIENCE_SECONDS


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip the cells after one that failed."""
    if isinstance(item.parent, Chapter) and item.parent.broken:
        pytest.skip("a cell before this one failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note what went wrong in a cell where the process that reports can read it."""
    report = yield
    if report.failed and call.excinfo and isinstance(item.parent, Chapter):
        error = call.excinfo.value
        item.parent.broken |= str(error) != DIFFERS
        report.user_properties.append(("fault", item.parent.fault(item, error)))
    return report


class Progress:
    """Says which chapters run, which cells are slow, and where one failed."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.cells: dict[str, int] = {}
        for path in sorted(p for name in config.args for p in self.files(Path(name))):
            notebook = json.loads(path.read_text(encoding="utf8"))
            record = record_of(Path(notebook["metadata"]["execution"]["executed"]))
            if record is None or record.key != notebook["metadata"]["execution"]["key"]:
                self.cells[self.page(str(path))] = len(code_cells(nbformat.from_dict(notebook)))
        self.left, self.seconds = dict(self.cells), dict.fromkeys(self.cells, 0.0)
        self.numbers: dict[str, str] = {}
        self.failed: set[str] = set()

    def line(self, text: str) -> None:
        self.config.get_terminal_writer().line(text)

    @staticmethod
    def files(path: Path) -> list[Path]:
        return list(path.glob("**/*.ipynb")) if path.is_dir() else [path]

    @staticmethod
    def page(nodeid: str) -> str:
        """Return the page to which a notebook or one of its cells belongs."""
        return nodeid.partition("notebooks/")[2].partition(".ipynb")[0]

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Say that a chapter begins."""
        page = self.page(nodeid)
        if page in self.cells and page not in self.numbers:
            self.numbers[page] = f"[{len(self.numbers) + 1}/{len(self.cells)}]"
            self.line(f"{self.numbers[page]} executing {page} ({self.cells[page]} code cells)")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say what was slow, what failed, and that a chapter is done."""
        page = self.page(report.nodeid)
        fault = dict(report.user_properties).get("fault")
        if fault:
            self.failed.add(page)
            self.line(f"{self.numbers.get(page, '')} FAILED {page}, {fault}".strip())
        if page not in self.cells:
            return
        self.seconds[page] += report.duration
        if report.when == "call" and report.duration > SLOW_CELL_SECONDS:
            number = int(report.nodeid.rpartition(" ")[2]) + 1
            where = f"{page}, code cell {number} of {self.cells[page]}"
            self.line(f"      cell: {where}: {report.duration:.1f} s")
        self.left[page] -= report.when == "teardown"
        if report.when == "teardown" and not self.left[page] and page not in self.failed:
            self.line(f"{self.numbers[page]} {page} done in {self.seconds[page]:.1f} s")


def pytest_configure(config: pytest.Config) -> None:
    """Report from the one process that hears of all tests."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Progress(config))


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str]:
    """Print no letter for a cell: the lines of `Progress` say more."""
    if report.failed:
        return "failed" if report.when == "call" else "error", "", ""
    return report.outcome if report.skipped or report.when == "call" else "", "", ""
