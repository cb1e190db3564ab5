"""The submitted notebooks: find them, read them without trusting them, make jobs of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

from nbjudge.engine.deciding import deciding, digest_of
from nbjudge.engine.job import Job
from nbjudge.errors import SetupError, Unreadable
from nbjudge.files import companions, read_safely
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
    blank : mapping of str to Job
        For each notebook of the assignment the job of `blank_job`.
    students_own : tuple of str
        The files beside the notebooks that students may change and hand in.
    base : Path
        The folder with all submissions; links inside it are not followed.
    problems : dict
        What was wrong with the files of a submission; filled while loading.
    """

    blank: Mapping[str, Job]
    students_own: tuple[str, ...]
    base: Path
    problems: dict[Submission, list[str]] = field(default_factory=dict)

    def __call__(self, submission: Submission) -> Job:
        """Read the student's files and return the job; what cannot be read is left out."""
        self.problems.pop(submission, None)
        blank, own = self.blank[submission.notebook], self._own(submission)
        return replace(
            blank,
            student=submission.student,
            submission=self._read(submission, f"{submission.notebook}.ipynb"),
            files={**blank.files, **own},
        )

    def fingerprint(self, job: Job, timestamp: str) -> str:
        """Return a text that changes when the grade of a job may change."""
        handed_in = b"missing" if job.submission is None else b"there" + job.submission
        own = [name for name in self.students_own if name in job.files]
        files = (part for name in own for part in (name.encode(), job.files[name]))
        decides = self._deciding[job.notebook]
        return digest_of(decides.encode(), handed_in, timestamp.encode(), *files)

    @cached_property
    def _deciding(self) -> dict[str, str]:
        """What decides the grades of each notebook; worked out once, not for each student."""
        return {name: deciding(job) for name, job in self.blank.items()}

    def _own(self, submission: Submission) -> dict[str, bytes]:
        read = {name: self._read(submission, name) for name in self.students_own}
        return {name: content for name, content in read.items() if content is not None}

    def _read(self, submission: Submission, name: str) -> bytes | None:
        try:
            limit = self.blank[submission.notebook].limits.submission_mb
            return read_safely(self.base, submission.folder / name, limit)
        except FileNotFoundError:
            if name.endswith(".ipynb"):
                self._note(submission, f"{name} was not handed in")
        except (Unreadable, OSError) as error:
            self._note(submission, f"{name} cannot be read: {error}")
        return None

    def _note(self, submission: Submission, problem: str) -> None:
        self.problems.setdefault(submission, []).append(problem)


def blank_job(
    settings: Any, assignment: str, notebook: str, key: bytes, limits: Limits, withheld: Withheld
) -> Job:
    """Return the job of a notebook of which nobody handed in anything yet.

    ``nbgrader autograde`` and our own command start from it, so that both see the same.

    Parameters
    ----------
    settings : CourseDirectory
        nbgrader's settings of the course's folders.
    assignment, notebook : str
        Which one.
    key : bytes
        The secret of the course.
    limits : Limits
        What a submission may use.
    withheld : Withheld
        The course's code that students' processes must not read.

    Raises
    ------
    SetupError
        If the instructor's notebook is missing.
    """
    folder = Path(settings.format_path(settings.source_directory, ".", assignment))
    path = folder / f"{notebook}.ipynb"
    if not path.exists():
        raise SetupError(f"the instructor's notebook {path} is missing: make it")
    return Job(
        course=settings.course_id,
        assignment=assignment,
        notebook=notebook,
        student="",
        source=path.read_bytes(),
        submission=None,
        key=key,
        files=companions(folder, settings.ignore),
        limits=limits,
        withheld=withheld,
    )


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
