"""Who grades which submission when: on the cores of this machine or on a Dask cluster.

Grading a task changes nothing anywhere, so a task may be tried again on any machine.  Only a
few tasks are in memory at any time, however many there are to grade.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from nbjudge.engine.job import TIMED_OUT, Report, Task
from nbjudge.engine.worker import Crew, Grader, SetupError, not_graded

JOIN_SECONDS = 30.0  # how long to wait for a cluster to answer

Job = TypeVar("Job", bound=Hashable)


@dataclass(frozen=True)
class Pool:
    """Where tasks go.

    Attributes
    ----------
    submit : callable
        Takes a task, returns the future of its report.
    size : int
        How many tasks are given out at a time.
    """

    submit: Callable[[Task], Future[Report]]
    size: int


def run(
    jobs: Iterable[Job], load: Callable[[Job], Task], pool: Pool
) -> Iterator[tuple[Job, Task, Report]]:
    """Grade every job; yield each with its task and its report as they come.

    A submission that timed out while it got little processor time is graded once more at the
    end, alone; only that second report counts.

    Parameters
    ----------
    jobs : iterable
        What to grade; small things that name a submission.
    load : callable
        Makes the task of a job; called when its turn comes.
    pool : Pool
        Where to grade.

    Raises
    ------
    SetupError
        If a worker refuses to start.
    """
    waiting = iter(jobs)
    running: dict[Future[Report], tuple[Job, Task]] = {}
    starved: list[Job] = []
    while True:
        for job in islice(waiting, pool.size - len(running)):
            task = load(job)
            running[pool.submit(task)] = job, task
        if not running:
            break
        finished = next(iter(wait(running, return_when=FIRST_COMPLETED).done))
        job, task = running.pop(finished)
        report = _report(finished, task)
        if report.status == TIMED_OUT and report.starved:
            starved.append(job)
        else:
            yield job, task, report
    for job in starved:
        task = load(job)
        yield job, task, _report(pool.submit(task), task)


def _report(future: Future[Report], task: Task) -> Report:
    """Return the report of a future; whatever went wrong is the problem of this task only."""
    try:
        return future.result()
    except SetupError:
        raise
    except Exception as error:
        return not_graded(task, f"the scheduler gave it up: {error!r}")


@contextmanager
def local_pool(grader: Grader, workers: int) -> Iterator[Pool]:
    """Lend a pool of worker processes on this machine."""
    crew = Crew(grader)
    executor = ThreadPoolExecutor(workers)
    try:
        # Two more than there are workers: none waits while a report is being written.
        yield Pool(lambda task: executor.submit(crew.grade, task), workers + 2)
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
        If there is no such cluster, no worker in it, or one with another version of the course.
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
            yield Pool(lambda task: executor.submit(_grade_there, task, grader), 2 * threads)
        finally:
            executor.shutdown(wait=False)  # forgets what is not done
            client.run(_stop_there, on_error="ignore")


def _join(client: Any, address: str) -> int:
    """Check the cluster's workers; return how many tasks they grade at a time."""
    from importlib.metadata import version

    try:
        client.wait_for_workers(1, timeout=JOIN_SECONDS)
    except TimeoutError as error:
        raise SetupError(
            f"the Dask cluster at {address} has no worker: start some with `dask worker {address}`"
        ) from error
    here = version("lstm-course")
    for name, there in client.run(version, "lstm-course", on_error="return").items():
        if there != here:
            raise SetupError(
                f"the Dask worker {name} has lstm-course {there}, this machine has {here}: "
                "install the same version on all machines"
            )
    return sum(client.nthreads().values())


_crews: dict[Grader, Crew] = {}  # on a Dask worker: what outlives single tasks


def _grade_there(task: Task, grader: Grader) -> Report:
    """Grade a task on a Dask worker."""
    return _crews.setdefault(grader, Crew(grader)).grade(task)


def _stop_there() -> None:
    """End the worker processes of a Dask worker."""
    while _crews:
        _crews.popitem()[1].stop()
