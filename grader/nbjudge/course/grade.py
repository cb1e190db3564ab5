"""Grade an assignment: every submission that is not up to date, whatever the others do.

The grades go into the gradebook first, then the executed notebook into ``autograded/``, with
a note of what was graded.  So a run may be killed at any moment: the next one grades what has
no such note, or whose note does not fit the submission or the gradebook.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import nbformat
from sqlalchemy.exc import OperationalError

from nbjudge.course import timestamps
from nbjudge.course.folder import Course
from nbjudge.course.gradebook import Scores, Writer
from nbjudge.course.progress import UP_TO_DATE, Progress, Summary
from nbjudge.course.submissions import Submission, find
from nbjudge.engine.job import GRADED, NOT_GRADED, UNREADABLE, Job, Report
from nbjudge.engine.pool import cluster_pool, local_pool, run
from nbjudge.engine.worker import Grader
from nbjudge.errors import SetupError, Unreadable
from nbjudge.files import read_safely
from nbjudge.limits import Limits
from nbjudge.program import program

ATTEMPTS = 5  # how often a grade is written when the gradebook is busy
RECEIPT = "submission_secret.txt"  # nbgrader's name for it
NOTE = "grading"  # where the note stands in the metadata of an autograded notebook


@dataclass(frozen=True)
class Options:
    """How to grade.

    Attributes
    ----------
    students : tuple of str
        Only those whose name matches one of these patterns.
    workers : int
        Processes that grade, on this machine.
    scheduler : str, optional
        The address of a Dask scheduler whose cluster grades instead.
    again : bool
        Whether to grade also what is up to date.
    limits : Limits
        What a submission may use.
    grader : Grader
        What grades.
    """

    students: tuple[str, ...] = ("*",)
    workers: int = os.cpu_count() or 1
    scheduler: str | None = None
    again: bool = False
    limits: Limits = field(default_factory=Limits)
    grader: Grader = field(default_factory=Grader)


def grade(course: Course, assignment: str, options: Options, output: TextIO) -> Summary:
    """Grade an assignment and say what came of it.

    Raises
    ------
    SetupError
        If grading cannot start, or the gradebook cannot be reached any more.
    """
    started = time.monotonic()
    with course.alone() as key, closing(Writer(course, assignment)) as writer:
        grading = _Grading(course, assignment, options, writer, key)
        waiting = grading.plan()
        progress = Progress(len(waiting), output)
        if options.scheduler and waiting:
            lent = cluster_pool(options.grader, options.scheduler)
        else:
            lent = local_pool(options.grader, max(1, min(options.workers, len(waiting))))
        with lent as pool:
            for submission, job, report in run(waiting, grading.loader, pool):
                report = grading.save(submission, job, report)
                progress.step(failing=report.needs_a_look)
        progress.close()
    print(grading.summary.text(time.monotonic() - started), file=output)
    return grading.summary


class _Grading:
    """One run: what is there, what is to be done, what came of it."""

    def __init__(
        self, course: Course, assignment: str, options: Options, writer: Writer, key: bytes
    ) -> None:
        self.loader = course.loader(assignment, writer.notebooks, key, options.limits)
        for name, job in self.loader.blank.items():
            writer.check(name, job.source)
        self.course, self.options, self.writer = course, options, writer
        self.assignment = assignment
        self.summary = Summary()
        self.base = course.base("submitted")
        self._unfinished = course.base("autograded") / ".unfinished"
        shutil.rmtree(self._unfinished, ignore_errors=True)

    def plan(self) -> list[Submission]:
        """Return what is to be graded; count what is up to date."""
        folders = list(self.course.student_folders("submitted", self.assignment))
        if not folders:
            raise SetupError(
                f"there is no submission of {self.assignment} in {self.base}: "
                f"run `{program()} collect {self.assignment}`"
            )
        found = list(find(folders, self.writer.notebooks, self.options.students))
        if not found:
            raise SetupError(f"no student matches {', '.join(self.options.students)}")
        graded = {} if self.options.again else self.writer.scores()
        return [one for one in found if not self._is_up_to_date(one, graded)]

    def _is_up_to_date(self, submission: Submission, graded: dict[tuple[str, str], Scores]) -> bool:
        scores = graded.get((submission.student, submission.notebook))
        if scores is None:
            return False
        try:
            content = json.loads(self._target(submission).read_bytes())
            note = content["metadata"][NOTE]
            at = str(self._time(submission)[0])
            current = self.loader.fingerprint(self.loader(submission), at)
            if (note["fingerprint"], note["scores"]) != (current, scores):
                return False
        except (OSError, ValueError, KeyError, TypeError):
            return False
        self.summary.counts[UP_TO_DATE] += 1
        if note["status"] != GRADED or note["problems"]:
            name = submission.student, submission.notebook
            self.summary.look(*name, note["status"], note["problems"])
        return True

    def save(self, submission: Submission, job: Job, report: Report) -> Report:
        """Write a report into the gradebook and the folder of graded notebooks.

        Returns
        -------
        Report
            The report with all that is wrong; one that could not be saved is not graded.
        """
        at, complaint = self._time(submission)
        unread = self.loader.problems.get(submission, [])
        told = [] if unread and report.status == UNREADABLE else report.problems
        report.problems = [*([complaint] if complaint else []), *unread, *told]
        if report.status != NOT_GRADED:
            graded = None if report.graded is None else nbformat.from_dict(report.graded)
            try:
                # As in nbgrader: what was not handed in is worth nothing, by hand neither.
                counted = None if report.status == UNREADABLE else graded
                scores = self._write_grades(job, counted, at)
                self._write_notebook(submission, job, report, graded, scores, at)
            except SetupError:
                raise
            except Exception as error:  # the others must still be graded
                report.status = NOT_GRADED
                report.problems.append(f"the grade could not be saved: {error}")
        self.summary.add(report)
        return report

    def _write_grades(self, job: Job, graded: Any, at: datetime | None) -> Scores:
        """Write into the gradebook; wait a little where someone else is writing."""
        for attempt in range(ATTEMPTS):
            try:
                return self.writer.write(job.student, job.notebook, graded, at)
            except OperationalError as error:
                reason = str(error.orig)
                time.sleep(attempt)
        raise SetupError(
            f"the gradebook cannot be reached any more ({reason}): "
            "start again later, to grade what is left"
        )

    def _write_notebook(
        self,
        submission: Submission,
        job: Job,
        report: Report,
        graded: Any,
        scores: Scores,
        at: datetime | None,
    ) -> None:
        """Put the executed notebook, and what belongs to it, in its place; never half of it."""
        target = self._target(submission)
        if graded is None:
            target.unlink(missing_ok=True)
            return
        graded.metadata[NOTE] = {
            "fingerprint": self.loader.fingerprint(job, str(at)),
            "scores": scores,
            "status": report.status,
            "problems": report.problems,
        }
        stamp = {} if at is None else {timestamps.FILE: f"{at} UTC".encode()}
        for name, content in {**job.files, **stamp, **self._receipt(submission)}.items():
            self._put(target.parent / name, content)
        text = json.dumps(graded, indent=1, sort_keys=True, ensure_ascii=False)
        self._put(target, text.encode("utf-8", "replace"))

    def _receipt(self, submission: Submission) -> dict[str, bytes]:
        """Return the file by which the exchange knows whose feedback is whose, if it is there."""
        try:
            return {RECEIPT: read_safely(self.base, submission.folder / RECEIPT, limit_mb=0.001)}
        except (OSError, Unreadable):
            return {}

    def _put(self, target: Path, content: bytes) -> None:
        self._unfinished.mkdir(parents=True, exist_ok=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = self._unfinished / "part"
        part.write_bytes(content)
        part.chmod(int(str(self.course.autograde.permissions), 8))
        os.replace(part, target)

    def _target(self, submission: Submission) -> Path:
        folder = self.course.folder("autograded", submission.student, self.assignment)
        return folder / f"{submission.notebook}.ipynb"

    def _time(self, submission: Submission) -> tuple[datetime | None, str | None]:
        place = self.base, self.assignment, submission.student, submission.folder
        return timestamps.of_submission(*place)
