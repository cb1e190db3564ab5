"""A course folder with one assignment: settings, the instructor's notebook, submissions."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import neutral
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbjudge import cli

CONFIG = f"""\
c = get_config()
c.CourseDirectory.course_id = "sample"
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.release_directory = "exercises"
c.Exchange.root = "exchange"
c.ClearSolutions.code_stub = {{"python": {neutral.STUB!r}}}
c.Autograde.exporter_class = "nbjudge.course.keeping.KeepingExporter"
c.Autograde.sanitize_preprocessors = [
    "nbjudge.course.plugins.RebuildSubmission",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "nbjudge.course.plugins.RunSubmission",
    "nbgrader.preprocessors.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.RunSubmission.course_packages = {list(neutral.WITHHELD.packages)!r}
c.RunSubmission.open_modules = {list(neutral.WITHHELD.open)!r}
c.GenerateFeedback.exporter_class = "nbjudge.feedback.page.FeedbackExporter"
c.GenerateFeedback.preprocessors = [
    "nbjudge.feedback.page.MaskHiddenTests",
    "nbgrader.preprocessors.GetGrades",
    "nbjudge.feedback.about.About",
    "nbjudge.feedback.page.Summary",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
"""


class CourseFolder:
    """The folder, and the environment in which its commands run."""

    def __init__(self, folder: Path, source: NotebookNode, name: str = neutral.NAME) -> None:
        self.root, self.home, self.name = folder / "course", folder / "home", name
        self.home.mkdir()
        place = self.root / "build" / "source" / name
        place.mkdir(parents=True)
        nbformat.write(source, place / f"{name}.ipynb")
        (self.root / "nbgrader_config.py").write_text(CONFIG)
        kept = ("LANG", "LC_ALL", "TMPDIR")
        self.environment = {key: os.environ[key] for key in kept if key in os.environ} | {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": str(neutral.HERE),
            "HOME": str(self.home),
            "JUPYTER_CONFIG_DIR": str(self.home / "config"),
            "JUPYTER_DATA_DIR": str(self.home / "data"),
            "IPYTHONDIR": str(self.home / "ipython"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "PYTHONWARNINGS": "ignore",
        }

    @property
    def book(self) -> Path:
        """Return the file of the gradebook."""
        return self.root / "gradebook.db"

    def submit(self, student: str, content: bytes) -> Path:
        """Put a submission into the folder; return its file."""
        path = self.root / "submitted" / student / self.name / f"{self.name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
        return path

    @contextlib.contextmanager
    def surroundings(self) -> Iterator[None]:
        """Run the block in the course folder, with its environment."""
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(self.root)
            patch.setattr(sys, "path", [*sys.path])  # nbgrader adds the course folder
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield

    def command(self, *arguments: str) -> str:
        """Run one of the course's commands; return what it printed."""
        output = io.StringIO()
        with (
            self.surroundings(),
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            cli.main(arguments)
        return output.getvalue()

    def points(self) -> dict[str, dict[str, float | None]]:
        """Return student -> cell -> points, all that the gradebook holds."""
        with self.surroundings(), Gradebook(f"sqlite:///{self.book}", "sample") as book:
            return {
                submission.student.id: {
                    grade.cell.name: grade.auto_score
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in book.find_assignment(self.name).submissions
            }
