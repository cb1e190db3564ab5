"""A grader for tests of everything around the engine: quick, without a sandbox, obedient.

Worker processes find it through PYTHONPATH.  A line ``#! word`` in a submission asks it to
misbehave.  What it was asked to grade goes into the file named by FAKE_ENGINE_LOG.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path
from typing import Any

import nbformat
from nbjudge.engine.job import CRASHED, GRADED, TIMED_OUT, UNREADABLE, Job, Report


class FakeEngine:
    """Runs solutions and tests with exec, in its own process."""

    def __init__(self, sandbox: bool, secrets: list[Path]) -> None:
        if not sandbox:
            raise RuntimeError("the fake engine wants a sandbox")

    def __enter__(self) -> FakeEngine:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def grade(self, job: Job) -> Report:
        """Return the report of a job, after what the submission asked for."""
        note(f"{job.student} {os.getpid()}")
        text = (job.submission or b"").decode("utf-8", "replace")
        orders = set(re.findall(r"#! (\w+)", text))
        time.sleep(float(os.environ.get("FAKE_ENGINE_SECONDS", "0")))
        while (path := os.environ.get("FAKE_ENGINE_WAITS_FOR")) and not os.path.exists(path):
            time.sleep(0.01)
        if "die" in orders or ("die_once" in orders and first(job)):
            os._exit(7)
        if "fail" in orders:
            raise ValueError("a bug of the engine")
        if "starve" in orders and first(job):
            return Report(job.assignment, job.notebook, job.student, TIMED_OUT, None, starved=True)
        status = CRASHED if "crash" in orders else GRADED
        graded, status = run(job, status)
        return Report(job.assignment, job.notebook, job.student, status, graded)


class Refusing(FakeEngine):
    """An engine without its sandbox."""

    def __init__(self, sandbox: bool, secrets: list[Path]) -> None:
        raise RuntimeError("bubblewrap is missing: apt install bubblewrap")


def run(job: Job, status: str) -> tuple[dict[str, Any], str]:
    """Return the executed notebook and the status."""
    notebook = nbformat.reads(job.source.decode(), 4)
    try:
        answers = {
            cell.metadata.nbgrader.grade_id: cell.source
            for cell in nbformat.reads((job.submission or b"").decode(), 4).cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }
    except Exception:
        answers, status = {}, UNREADABLE
    names: dict[str, Any] = {}
    for cell in notebook.cells:
        known = cell.metadata.get("nbgrader", {})
        if known.get("solution"):
            cell.source = answers.get(known.grade_id, "raise NotImplementedError")
        if cell.cell_type != "code":
            continue
        try:
            exec(cell.source, names)
        except Exception as error:
            cell.outputs = [
                nbformat.v4.new_output(
                    "error", ename=type(error).__name__, evalue=str(error), traceback=[str(error)]
                )
            ]
        if "part" in names and known.get("grade") and not cell.outputs:
            data = {"text/plain": str(names["part"])}
            cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=1)]
    return notebook, status


def note(line: str) -> None:
    with open(os.environ["FAKE_ENGINE_LOG"], "a") as file:
        file.write(line + "\n")


def first(job: Job) -> bool:
    """Return whether this is the first time that this student is graded."""
    with open(os.environ["FAKE_ENGINE_LOG"]) as file:
        return sum(line.split()[0] == job.student for line in file) == 1
