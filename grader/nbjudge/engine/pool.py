"""Who grades which submission when: on the cores of this machine or on a Dask cluster.

Grading a job changes nothing anywhere, so a job may be tried again on any machine.  Only a
few jobs are in memory at any time, however many there are to grade.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from nbjudge.engine.job import Job, Report
from nbjudge.engine.version import digest
from nbjudge.engine.worker import Crew, Grader, not_graded
from nbjudge.errors import SetupError

JOIN_SECONDS = 30.0  # how long to wait for a cluster to answer

Item = TypeVar("Item", bound=Hashable)


@dataclass(frozen=True)
class Pool:
    """Where jobs go.

    Attributes
    ----------
    submit : callable
        Takes a job, returns the future of its report.
    size : int
        How many jobs are given out at a time.
    """

    submit: Callable[[Job], Future[Report]]
    size: int


def run(
    items: Iterable[Item], load: Callable[[Item], Job], pool: Pool
) -> Iterator[tuple[Item, Job, Report]]:
    """Grade every item; yield each with its job and its report as they come.

    A submission that got too little of a busy machine is graded once more at the end, alone;
    only that second report counts.

    Parameters
    ----------
    items : iterable
        What to grade; small things that name a submission.
    load : callable
        Makes the job of an item; called when its turn comes.
    pool : Pool
        Where to grade.

    Raises
    ------
    SetupError
        If a worker refuses to start.
    """
    waiting = iter(items)
    running: dict[Future[Report], tuple[Item, Job]] = {}
    starved: list[Item] = []
    while True:
        for item in islice(waiting, pool.size - len(running)):
            job = load(item)
            running[pool.submit(job)] = item, job
        if not running:
            break
        finished = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
        item, job = running.pop(finished)
        report = _report(finished, job)
        if report.starved:
            starved.append(item)
        else:
            yield item, job, report
    for item in starved:
        job = load(item)
        yield item, job, _report(pool.submit(job), job)


def _report(future: Future[Report], job: Job) -> Report:
    """Return the report of a future; whatever went wrong is the problem of this job only."""
    try:
        return future.result()
    except SetupError:
        raise
    except Exception as error:
        return not_graded(job, f"the scheduler gave it up: {error!r}")


@contextmanager
def local_pool(grader: Grader, workers: int) -> Iterator[Pool]:
    """Lend a pool of worker processes on this machine."""
    crew = Crew(grader)
    executor = ThreadPoolExecutor(workers)
    try:
        # Two more than there are workers: none waits while a report is being written.
        yield Pool(lambda job: executor.submit(crew.grade, job), workers + 2)
        crew.stop()
    except BaseException:
        crew.stop(at_once=True)
        raise
    finally:
        executor.shutdown(cancel_futures=True)


@contextmanager
def cluster_pool(grader: Grader, address: str) -> Iterator[Pool]:
    """Lend a pool that grades on an existing Dask cluster.

    Each thread of each Dask worker keeps a worker process of its own.  Tasks hold the hidden
    tests: use an address that begins with ``tls://`` where others can read the network.

    Raises
    ------
    SetupError
        If there is no such cluster, no worker in it, or one with another grader.
    """
    import distributed

    connect: Any = distributed.Client
    try:
        client = connect(address, timeout=JOIN_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SetupError(
            f"no Dask scheduler answers at {address} ({error}): start one with `dask scheduler` "
            "and `dask worker ADDRESS`, or leave --scheduler out to grade on this machine"
        ) from error
    with client:
        threads = _join(client, address)
        executor: Executor = client.get_executor(pure=False, retries=2)
        try:
            yield Pool(lambda job: executor.submit(_grade_there, job, grader), 2 * threads)
        finally:
            executor.shutdown(wait=False)  # forgets what is not done
            client.run(_stop_there, on_error="ignore")


def _join(client: Any, address: str) -> int:
    """Check the cluster's workers; return how many jobs they grade at a time."""
    try:
        client.wait_for_workers(1, timeout=JOIN_SECONDS)
    except TimeoutError as error:
        raise SetupError(
            f"the Dask cluster at {address} has no worker: start some with `dask worker {address}`"
        ) from error
    for name, there in client.run(digest, on_error="return").items():
        if there != digest():
            raise SetupError(
                f"the Dask worker {name} has another nbjudge than this machine: "
                "install the same version on all machines"
            )
    return sum(client.nthreads().values())


_crews: dict[Grader, Crew] = {}  # on a Dask worker: what outlives single jobs


def _grade_there(job: Job, grader: Grader) -> Report:
    """Grade a job on a Dask worker."""
    return _crews.setdefault(grader, Crew(grader)).grade(job)


def _stop_there() -> None:
    """End the worker processes of a Dask worker."""
    while _crews:
        _crews.popitem()[1].stop()
