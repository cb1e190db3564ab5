"""Worker processes: each keeps one engine, takes jobs and gives reports back.

The grading process only hands out work; whatever goes wrong while a submission is graded
happens in a worker.  A worker that dies is replaced and its job tried again.  A worker never
outlives the process that started it, however that one ends.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from nbjudge.engine.clock import PATIENCE
from nbjudge.engine.job import NOT_GRADED, Job, Report
from nbjudge.errors import SandboxError, SetupError, SourceError
from nbjudge.limits import Limits

ATTEMPTS = 3  # how often a job is tried when its worker dies
START_SECONDS = 600.0  # how long a worker may take to start, on a busy machine
IDLE_SECONDS = 900.0  # a worker without work for so long ends itself
_PR_SET_PDEATHSIG = 1


class WorkerDied(Exception):
    """The worker ended, or gave no answer in time, while it graded a job."""


@dataclass(frozen=True)
class Grader:
    """What grades a job: a class by its dotted name, so that any process can make its own."""

    engine: str = "nbjudge.engine.engine.Engine"
    sandbox: bool = True
    secrets: tuple[str, ...] = ()  # paths that no student's process may see

    def open(self) -> Any:
        """Return a new engine, a context manager with ``grade(job)``."""
        module, _, name = self.engine.rpartition(".")
        engine = getattr(importlib.import_module(module), name)
        return engine(sandbox=self.sandbox, secrets=[Path(path) for path in self.secrets])


class Worker:
    """A process of its own with an engine inside, as seen from the process that started it."""

    def __init__(self, grader: Grader) -> None:
        self._killing = threading.Lock()
        self._connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(theirs.fileno()), str(os.getpid())],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # the keyboard interrupts the grading process only
        )
        theirs.close()
        self._ask(grader, START_SECONDS)

    def grade(self, job: Job) -> Report:
        """Return the report of ``job``; raises `WorkerDied` or `SetupError`."""
        report: Report = self._ask(job, _patience(job.limits))
        return report

    def close(self) -> None:
        """Let the worker end in its own way, or kill it if that takes too long."""
        self._connection.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the worker and all it has started in its session, at once."""
        with self._killing:
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()

    def _ask(self, question: Grader | Job, seconds: float) -> Any:
        """Return the worker's answer; a text says that it refuses to work."""
        try:
            self._connection.send(question)
            if not self._connection.poll(seconds):
                raise EOFError
            answer = self._connection.recv()
        except (EOFError, OSError) as error:
            self.kill()
            reason = f"exit code {self._process.returncode}"
            raise WorkerDied(f"it gave no answer ({reason})") from error
        if isinstance(answer, str):
            self.close()
            raise SetupError(answer)
        return answer


class Crew:
    """The workers of this process: one for each thread that grades."""

    def __init__(self, grader: Grader) -> None:
        self._grader = grader
        self._mine = threading.local()
        self._all: list[Worker] = []
        self._stopped = False
        self._proved = False  # whether these workers can grade at all

    def grade(self, job: Job) -> Report:
        """Grade ``job`` in this thread's worker; a worker that dies is replaced.

        Raises
        ------
        SetupError
            If the engine refuses to work, for instance because there is no sandbox.
        """
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                worker = self._worker()
                if self._stopped:
                    worker.kill()
                    break
                report = worker.grade(job)
                self._proved = True
                return report
            except WorkerDied as death:
                reason = f"the worker process died: {death}"
            except SetupError as refusal:
                if not self._proved:  # else it is this submission's fault
                    raise
                reason = str(refusal)
            self._mine.worker = None
        return not_graded(job, f"it was tried {ATTEMPTS} times: {reason}")

    def stop(self, *, at_once: bool = False) -> None:
        """End all workers; with ``at_once`` also those that are grading."""
        self._stopped = True
        for worker in list(self._all):
            worker.kill() if at_once else worker.close()

    def _worker(self) -> Worker:
        worker: Worker | None = getattr(self._mine, "worker", None)
        if worker is None:
            worker = self._mine.worker = Worker(self._grader)
            self._all.append(worker)
        return worker


def not_graded(job: Job, problem: str) -> Report:
    """Return the report of a job for which no grade could be made."""
    return Report(job.assignment, job.notebook, job.student, NOT_GRADED, None, [problem])


def _patience(limits: Limits) -> float:
    """Return after how many seconds a worker that grades must be stuck itself."""
    return 3 * PATIENCE * limits.total_seconds + START_SECONDS


def _serve(connection: Connection[Any, Any]) -> None:
    """Grade what comes in until there is no one left to grade for."""
    grader: Grader = connection.recv()
    try:
        opened = grader.open()
    except Exception as error:
        connection.send(f"the engine does not start: {error}")
        return
    with opened as engine:
        connection.send(None)
        while connection.poll(IDLE_SECONDS):
            job = connection.recv()
            try:
                connection.send(engine.grade(job))
            except (SourceError, SandboxError) as error:
                connection.send(str(error))
                return
            except Exception as error:  # an engine in an unknown state is not used again
                connection.send(not_graded(job, f"the engine failed: {error!r}"))
                return


def main(arguments: Sequence[str]) -> None:
    """Be a worker; started by `Worker` and by no one else."""
    descriptor, parent = (int(argument) for argument in arguments)
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        return  # the grading process was gone before the line above
    os.set_inheritable(descriptor, False)  # student processes must not hold it
    with contextlib.suppress(EOFError, BrokenPipeError):  # the grading process is done
        _serve(Connection(descriptor))


if __name__ == "__main__":
    main(sys.argv[1:])
