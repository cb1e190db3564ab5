"""The submitted notebooks: find them, read them without trusting them, make jobs of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from nbjudge.engine.job import Job
from nbjudge.errors import Unreadable
from nbjudge.files import read_safely
from nbjudge.limits import Limits
from nbjudge.processes.withheld import Withheld


@dataclass(frozen=True)
class Submission:
    """One notebook that a student should have handed in; the file may be missing."""

    student: str
    notebook: str
    folder: Path  # the student's folder for this assignment


@dataclass
class Loader:
    """Makes jobs of submissions.

    Attributes
    ----------
    course, assignment : str
        Names.
    sources : mapping of str to bytes
        The instructor's notebooks, by name.
    files : mapping of str to bytes
        The instructor's other files, by their path relative to the notebooks.
    students_own : tuple of str
        The files among them that students may change and hand in.
    base : Path
        The folder with all submissions; links inside it are not followed.
    key : bytes
        The secret of the course.
    limits : Limits
        What a submission may use.
    withheld : Withheld
        The course's code that students' processes must not read.
    problems : dict
        What was wrong with the files of a submission; filled while loading.
    """

    course: str
    assignment: str
    sources: Mapping[str, bytes]
    files: Mapping[str, bytes]
    students_own: tuple[str, ...]
    base: Path
    key: bytes
    limits: Limits
    withheld: Withheld = field(default_factory=Withheld)
    problems: dict[Submission, list[str]] = field(default_factory=dict)

    def __call__(self, submission: Submission) -> Job:
        """Read the student's files and return the job; what cannot be read is left out."""
        self.problems.pop(submission, None)
        own = {
            name: content
            for name in self.students_own
            if (content := self._read(submission, name)) is not None
        }
        return Job(
            course=self.course,
            assignment=self.assignment,
            notebook=submission.notebook,
            student=submission.student,
            source=self.sources[submission.notebook],
            submission=self._read(submission, f"{submission.notebook}.ipynb"),
            key=self.key,
            files={**self.files, **own},
            limits=self.limits,
            withheld=self.withheld,
        )

    def _read(self, submission: Submission, name: str) -> bytes | None:
        try:
            return read_safely(self.base, submission.folder / name, self.limits.submission_mb)
        except FileNotFoundError:
            if name.endswith(".ipynb"):
                self._note(submission, f"{name} was not handed in")
        except (Unreadable, OSError) as error:
            self._note(submission, f"{name} cannot be read: {error}")
        return None

    def _note(self, submission: Submission, problem: str) -> None:
        self.problems.setdefault(submission, []).append(problem)


def find(
    folders: Iterable[tuple[str, Path]], notebooks: Iterable[str], students: Iterable[str]
) -> Iterator[Submission]:
    """Yield what is to be graded: every notebook of the assignment for every student.

    Parameters
    ----------
    folders : iterable of (student, folder)
        Every folder with a submission.
    notebooks : iterable of str
        The notebooks of the assignment.
    students : iterable of str
        Only students whose name matches one of these patterns.
    """
    patterns, names = list(students), list(notebooks)
    for student, folder in sorted(folders):
        if any(fnmatch(student, pattern) for pattern in patterns):
            for notebook in names:
                yield Submission(student, notebook, folder)


def fingerprint(job: Job, timestamp: str, version: str) -> str:
    """Return a text that changes when the grade of a job may change."""
    digest = hashlib.sha256()
    files = [part for name in sorted(job.files) for part in (name.encode(), job.files[name])]
    handed_in = b"missing" if job.submission is None else b"there" + job.submission
    for part in [handed_in, job.source, timestamp.encode(), version.encode(), *files]:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
