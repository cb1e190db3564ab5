"""The submitted notebooks: find them, read them without trusting them, make tasks of them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import BinaryIO

from nbjudge.engine.job import Limits, Task


class Unreadable(Exception):
    """A submitted file cannot be used; the text says why."""


@dataclass(frozen=True)
class Submission:
    """One notebook that a student should have handed in; the file may be missing."""

    student: str
    notebook: str
    folder: Path  # the student's folder for this assignment


@dataclass
class Loader:
    """Makes tasks of submissions.

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
    withheld : tuple of str
        Modules whose code students' processes must not read.
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
    withheld: tuple[str, ...] = ()
    problems: dict[Submission, list[str]] = field(default_factory=dict)

    def __call__(self, submission: Submission) -> Task:
        """Read the student's files and return the task; what cannot be read is left out."""
        self.problems.pop(submission, None)
        own = {
            name: content
            for name in self.students_own
            if (content := self._read(submission, name)) is not None
        }
        return Task(
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


def read_safely(base: Path, path: Path, limit_mb: float) -> bytes:
    """Return what is in ``path``, below ``base``, if it is a plain file of a sane size.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    Unreadable
        If it is a link, lies in a linked folder, is no plain file, or is too large.
    """
    relative = path.relative_to(base)
    for parent in [base / part for part in reversed(relative.parents[:-1])] + [path]:
        if parent.is_symlink():
            raise Unreadable(f"{parent.name} is a link to another place; hand in the file itself")
    with open_plain(path) as file:
        content = file.read(int(limit_mb * 1e6) + 1)
    if len(content) > limit_mb * 1e6:
        raise Unreadable(f"it is larger than the {limit_mb:g} MB allowed")
    return content


def open_plain(path: Path | str, folder: int | None = None) -> BinaryIO:
    """Open a plain file: a pipe must not block us, a link not lead elsewhere.

    Parameters
    ----------
    path : path
        The file.
    folder : int, optional
        The descriptor of the folder that ``path`` is relative to.

    Raises
    ------
    OSError
        If it cannot be opened, or is a link.
    Unreadable
        If it is something else than a file.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
    descriptor = os.open(path, flags, dir_fd=folder)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Unreadable(f"{os.path.basename(path)} is not a file")
    return os.fdopen(descriptor, "rb")


def fingerprint(task: Task, timestamp: str, version: str) -> str:
    """Return a text that changes when the grade of a task may change."""
    digest = hashlib.sha256()
    files = [part for name in sorted(task.files) for part in (name.encode(), task.files[name])]
    handed_in = b"missing" if task.submission is None else b"there" + task.submission
    for part in [handed_in, task.source, timestamp.encode(), version.encode(), *files]:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()
