"""Pieces of work for workers, of which each keeps to one piece until it is done.

A worker that grades one assignment after the other starts the libraries of each only once;
two that take turns at one assignment both start them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from nbjudge.engine.job import Job, Report
from nbjudge.engine.pool import Pool, local_pool, run
from nbjudge.engine.worker import Grader

WORKERS = max(2, len(os.sched_getaffinity(0)))
#: Grades jobs in a worker; yields them with their reports as they come.
Grade = Callable[[Sequence[Job]], Iterator[tuple[Job, Report]]]

Done = TypeVar("Done")


def work(pieces: Iterable[Callable[[Grade], Done]], workers: int = WORKERS) -> list[Done]:
    """Do all pieces of work; return what came of them, in no particular order.

    Parameters
    ----------
    pieces : iterable of functions
        Each is given a function that grades, and may call it more than once.  Put the longest
        first.
    workers : int
        How many worker processes grade at a time.

    Raises
    ------
    RuntimeError
        If a submission could not be graded.
    SetupError
        If a worker refuses to start.
    """
    waiting = iter(list(pieces))
    with ThreadPoolExecutor(workers) as executor:
        serving = [executor.submit(_serve, waiting) for _ in range(workers)]
        return [done for server in serving for done in server.result()]


def _serve(waiting: Iterator[Callable[[Grade], Done]]) -> list[Done]:
    """Do one piece of work after the other, in one worker."""
    with local_pool(Grader(), 1) as pool:
        return [piece(partial(_grade, pool)) for piece in waiting]


def _grade(pool: Pool, jobs: Sequence[Job]) -> Iterator[tuple[Job, Report]]:
    for _, job, report in run(range(len(jobs)), jobs.__getitem__, pool):
        if report.graded is None:
            raise RuntimeError(f"{job.student} was not graded: {report.problems}")
        yield job, report
