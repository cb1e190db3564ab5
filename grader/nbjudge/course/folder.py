"""The course folder: its settings as nbgrader knows them, its files, its secret and its lock."""

from __future__ import annotations

import fcntl
import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.apps.api import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.auth import Authenticator
from nbgrader.converters import Autograde
from nbgrader.exchange import ExchangeFactory
from sqlalchemy import make_url

from nbjudge.course.key import KEY_FILE, read_key
from nbjudge.course.plugins import RunSubmission
from nbjudge.course.submissions import Loader, blank_job
from nbjudge.errors import SetupError
from nbjudge.limits import Limits


class Course:
    """The course in the folder where the command was started.

    Parameters
    ----------
    db_url : str, optional
        The gradebook; by default the one of ``nbgrader_config.py``.
    application : class, optional
        The nbgrader application to load the settings for.
    arguments : sequence of str
        The arguments of that application.

    Raises
    ------
    SetupError
        If there is no ``nbgrader_config.py`` here.
    """

    def __init__(
        self,
        db_url: str | None = None,
        application: type[Any] = NbGrader,
        arguments: Sequence[str] = (),
    ) -> None:
        if not Path("nbgrader_config.py").exists():
            raise SetupError(
                f"there is no nbgrader_config.py in {Path.cwd()}: "
                "start the command in the course folder"
            )
        self.app = application()
        database = [f"--CourseDirectory.db_url={db_url}"] if db_url else []
        self.app.initialize([*arguments, *database])
        self.app.log.handlers.clear()  # what matters is shown by the commands themselves
        self.app.log.propagate = False
        self.app.authenticator = Authenticator(parent=self.app)
        self.app.exchange = ExchangeFactory(parent=self.app)
        self.settings = self.app.coursedir
        self.autograde = Autograde(coursedir=self.settings, parent=self.app)
        self.run = RunSubmission(parent=self.app)  # for its settings only
        self.root = Path(self.settings.root)

    def api(self) -> Any:
        """Return nbgrader's own API for this course."""
        return NbGraderAPI(
            coursedir=self.settings,
            authenticator=self.app.authenticator,
            exchange=self.app.exchange,
            parent=self.app,
        )

    def folder(self, step: str, student: str, assignment: str) -> Path:
        """Return the folder of a step, ``"source"`` or ``"autograded"`` for instance."""
        directory = getattr(self.settings, f"{step}_directory")
        return Path(str(self.settings.format_path(directory, student, assignment)))

    def base(self, step: str) -> Path:
        """Return the folder that holds all folders of a step."""
        return Path(self.root, getattr(self.settings, f"{step}_directory"))

    def secrets(self) -> tuple[str, ...]:
        """Return the files and folders that no student's process may see."""
        steps = ("source", "submitted", "autograded", "feedback")
        database = make_url(self.settings.db_url).database or ""
        found = [*map(self.base, steps), self.root / KEY_FILE, self.root / database]
        return tuple(str(path) for path in found)

    def student_folders(self, step: str, assignment: str) -> Iterator[tuple[str, Path]]:
        """Yield the students who have a folder for the assignment, and the folder."""
        directory = getattr(self.settings, f"{step}_directory")
        named = "(?P<student>.*)"
        form = self.settings.format_path(directory, named, assignment, escape=True)
        pattern = re.compile(form, re.DOTALL)
        excluded = self.settings.student_id_exclude.split(",")
        for path in sorted(glob.glob(self.settings.format_path(directory, "*", assignment))):
            match = pattern.fullmatch(path)
            if match and match["student"] not in excluded:
                yield match["student"], Path(path)

    def loader(
        self, assignment: str, notebooks: Iterable[str], key: bytes, limits: Limits
    ) -> Loader:
        """Return what makes jobs of the submissions of an assignment."""
        rules = key, limits, self.run.withheld()
        return Loader(
            blank={name: blank_job(self.settings, assignment, name, *rules) for name in notebooks},
            students_own=tuple(self.autograde.exclude_overwriting.get(assignment, ())),
            base=self.base("submitted"),
        )

    @contextmanager
    def alone(self) -> Iterator[bytes]:
        """Hold the lock of the course folder; lend its secret, made on first use.

        Raises
        ------
        SetupError
            If another process holds the lock, or the secret is damaged.
        """
        try:
            key = read_key(self.root)
        except ValueError as error:
            raise SetupError(str(error)) from error
        with open(self.root / KEY_FILE) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise SetupError(
                    f"submissions in {self.root} are being graded already: "
                    "wait until that is done, or stop it"
                ) from error
            yield key
