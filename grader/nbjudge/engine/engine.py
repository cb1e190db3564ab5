"""Grade one submission: rebuild the notebook, run it twice, put together what came out.

The first run is open: it is the notebook as released, and what it prints and says may be
shown to the student.  The second is graded: it has the hidden tests, gives the points, and
nothing that a student's process says in it is shown.
"""

from __future__ import annotations

import ast
import hashlib
import hmac
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from nbjudge.engine.job import (
    CRASHED,
    GRADED,
    NOT_GRADED,
    TIMED_OUT,
    UNREADABLE,
    Job,
    Report,
)
from nbjudge.engine.outputs import Verdicts, write_outputs
from nbjudge.engine.rebuild import Cell, read_submission, rebuild
from nbjudge.engine.run import JudgeLost, Run, Starved
from nbjudge.engine.texts import shown_texts
from nbjudge.errors import SourceError, Unreadable
from nbjudge.limits import Limits
from nbjudge.processes.server import ForkServer
from nbjudge.sandbox.bubblewrap import refuse_secrets, visible_paths

_ALWAYS = ("numpy",)


class Engine:
    """Grade submissions one after the other; the libraries are imported once.

    Use it as a context manager, or call `close`.
    """

    def __init__(self, *, sandbox: bool = True, secrets: Iterable[Path] = ()) -> None:
        """Make an engine; nothing is started before the first submission.

        Parameters
        ----------
        sandbox : whether submissions run in a jail; without one, student's code can do
            anything that the person who grades can do
        secrets : files and folders that no jail may show
        """
        self._sandbox = sandbox
        self._secrets = tuple(secrets)
        self._servers: dict[tuple[Any, ...], ForkServer] = {}
        self._texts: dict[str, dict[str, set[str]]] = {}

    def __enter__(self) -> Engine:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes."""
        self.close()

    def close(self) -> None:
        """End all processes."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()

    def grade(self, job: Job) -> Report:
        """Return the report on one submission.  Nothing that a student does raises.

        Raises
        ------
        SourceError
            If the instructor's own solution does not get full marks.
        SandboxError
            If no jail can be made.
        """
        began = time.monotonic()
        report = Report(job.assignment, job.notebook, job.student, GRADED, None)
        source = nbformat.reads(job.source.decode(), as_version=4)
        texts = self._shown_texts(job, source)
        try:
            submission = read_submission(job.submission, job.limits.submission_mb)
        except Unreadable as error:
            cells, _ = rebuild(source, None)
            report.status = UNREADABLE
            report.problems.append(str(error))
            write_outputs(cells, [Verdicts(reason=str(error)) for _ in cells], texts)
            report.graded = _notebook(source, cells)
        else:
            self._run(job, source, submission, texts, report)
        report.seconds = time.monotonic() - began
        return report

    def _run(
        self,
        job: Job,
        source: NotebookNode,
        submission: NotebookNode,
        texts: dict[str, set[str]],
        report: Report,
    ) -> None:
        """Run a submission, a second time where the judge was lost, and fill in the report."""
        for attempt in (1, 2):
            cells, missing = rebuild(source, submission)
            try:
                verdicts, runs = self._both_runs(job, cells, report.phases)
            except JudgeLost as error:
                report.starved = isinstance(error, Starved)
                if attempt == 2 or report.starved:
                    report.status, report.graded = NOT_GRADED, None
                    report.problems.append(f"{error}; an earlier grade stays as it is")
                    return
                continue
            report.problems += missing
            if any(run.timed_out for run in runs):
                report.status = TIMED_OUT
            elif any(result.gone for run in runs for result in run.results):
                report.status = CRASHED
            gone = [result.gone for run in runs for result in run.results if result.gone]
            report.problems += sorted(set(gone))
            write_outputs(cells, verdicts, texts)
            report.graded = _notebook(source, cells)
            return

    def _both_runs(
        self, job: Job, cells: Sequence[Cell], phases: dict[str, float]
    ) -> tuple[list[Verdicts], list[Run]]:
        server = self._server(job, cells)
        began = time.monotonic()
        judge = server.fork("judge", job.limits)
        phases["start"] = time.monotonic() - began
        runs = []
        plan = [("open run", False), ("graded run", True)]
        try:
            for name, graded in plan[job.points_only :]:
                began = time.monotonic()
                run = self._one_run(job, cells, server, judge, graded)
                phases[name] = time.monotonic() - began
                runs.append(run)
        finally:
            judge.close()
        pairs = zip(runs[0].results, runs[-1].results, strict=True)
        return [Verdicts(open, graded) for open, graded in pairs], runs

    def _one_run(
        self,
        job: Job,
        cells: Sequence[Cell],
        server: ForkServer,
        judge: Any,
        graded: bool,
        record: bool = False,
    ) -> Run:
        run = Run(
            cells=cells,
            start_student=lambda: server.fork("student", job.limits),
            judge=judge,
            limits=job.limits,
            seed=lambda cell: _seed(job, cell),
            files=job.files,
            graded=graded,
            record=record,
        )
        key = hmac.new(job.key, b"questions", "sha256").hexdigest()
        run.go({"key": key, "context": job.assignment, "withheld": asdict(job.withheld)})
        return run

    def _shown_texts(self, job: Job, source: NotebookNode) -> dict[str, set[str]]:
        """Return, for each test, the texts that may be shown when it fails.

        These are the texts which the test hands to the checks when the instructor's own
        solution is graded, so that they cannot depend on what a student's code does.
        """
        digest = hashlib.sha256(job.source + job.key).hexdigest()
        if digest not in self._texts:
            cells, _ = rebuild(source, source)
            server = self._server(job, cells)
            judge = server.fork("judge", Limits())
            try:
                run = self._one_run(job, cells, server, judge, graded=True, record=True)
            except JudgeLost as error:
                raise SourceError(f"{job.notebook}: {error}") from error
            finally:
                judge.close()
            self._texts[digest] = shown_texts(job.notebook, cells, run.results)
        return self._texts[digest]

    def _server(self, job: Job, cells: Sequence[Cell]) -> ForkServer:
        """Return the fork server for a notebook, started if need be."""
        imports = _imports(json.loads(job.source)["cells"])
        key = (imports, job.withheld)
        if key not in self._servers:
            shown = None
            if self._sandbox:
                packages = {name.partition(".")[0] for name in (__name__, *imports)}
                shown = {
                    "student": visible_paths(packages, job.withheld.packages, job.withheld.open),
                    "judge": visible_paths(packages),
                }
                refuse_secrets(shown["student"] + shown["judge"], self._secrets)
            self._servers[key] = ForkServer(imports, job.withheld, shown)
        return self._servers[key]


def _seed(job: Job, cell: Cell) -> int:
    """Return the seed of all generators for one test, the same at any time and in any order."""
    message = f"{job.assignment}/{cell.grade_id}".encode()
    return int.from_bytes(hmac.new(job.key, message, "sha256").digest()[:4], "big")


def _imports(cells: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Return the modules that the instructor's notebook imports, of which none is ours."""
    names = set(_ALWAYS)
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
    return tuple(sorted(names))


def _notebook(source: NotebookNode, cells: Sequence[Cell]) -> dict[str, Any]:
    """Return the graded notebook as JSON."""
    notebook = nbformat.v4.new_notebook(metadata=source.metadata)
    notebook.nbformat_minor = 5
    for number, cell in enumerate(cells):
        cell.node.id = f"graded-{number:04d}"
        if cell.kind != "text":
            cell.node.execution_count = number + 1
        notebook.cells.append(cell.node)
    plain: dict[str, Any] = json.loads(json.dumps(notebook))
    return plain
