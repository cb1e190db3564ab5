"""The engine as preprocessors of nbgrader, so that ``nbgrader autograde`` grades with it too.

``nbgrader_config.py`` names `RebuildSubmission` where nbgrader would overwrite cells, and
`RunSubmission` where it would execute the notebook.  Everything else of nbgrader stays.
"""

from __future__ import annotations

import atexit
import functools
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Int, List, Unicode

from nbjudge.course.key import read_key
from nbjudge.course.students import show_ids
from nbjudge.course.submissions import Loader, Submission, blank_job
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import NOT_GRADED, Job
from nbjudge.engine.rebuild import rebuild
from nbjudge.limits import MEANINGS, Limits
from nbjudge.processes.withheld import Withheld

Resources = dict[str, Any]


class NotGraded(Exception):
    """There is no grade; an earlier one stays as it is."""


class RebuildSubmission(NbGraderPreprocessor):  # type: ignore[misc]  # nbgrader has no type hints
    """Replace the submitted notebook by the instructor's with the student's answers in it."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the notebook that is going to run."""
        source = nbformat.reads(_source(self.config, resources).decode(), as_version=4)
        cells, problems = rebuild(source, nb)
        for problem in problems:
            self.log.warning(problem)
        nb.metadata = source.metadata
        nb.cells = [cell.node for cell in cells]
        return nb, resources


def _settings() -> dict[str, Any]:
    """Return a setting of nbgrader's for each limit."""
    kinds = {int: Int, float: Float}
    settings = {}
    for limit in fields(Limits):
        setting = kinds[type(limit.default)](limit.default, help=MEANINGS[limit.name])
        settings[limit.name] = setting.tag(config=True)
    return settings


_Limited: Any = type(NbGraderPreprocessor)("_Limited", (NbGraderPreprocessor,), _settings())


class RunSubmission(_Limited):  # type: ignore[misc]
    """Run a rebuilt notebook in the sandbox, so that its outputs carry the points."""

    course_packages = List(
        Unicode(), help="packages of the course: students' processes have them in name only"
    ).tag(config=True)
    open_modules = List(
        Unicode(), help="modules in them that students' code may import and read nevertheless"
    ).tag(config=True)
    run_student_code_without_sandbox = Bool(
        False, help="run submissions with all your rights; only for code that you trust"
    ).tag(config=True)

    def withheld(self) -> Withheld:
        """Return what of the course students' processes have in name only."""
        return Withheld(tuple(self.course_packages), tuple(self.open_modules))

    def limits(self) -> Limits:
        """Return what a submission may use."""
        return Limits(**{name: getattr(self, name) for name in MEANINGS})

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the graded notebook; raises `NotGraded` if the judge fails twice."""
        about = resources["nbgrader"]
        job = replace(self._job(about), submission=nbformat.writes(nb).encode())
        report = _engine(not self.run_student_code_without_sandbox).grade(job)
        for problem in report.problems:
            self.log.warning("%s, %s: %s", about["student"], about["notebook"], problem)
        if report.status == NOT_GRADED or report.graded is None:
            raise NotGraded("; ".join(report.problems))
        graded = nbformat.from_dict(report.graded)
        _set_checksums(graded, about)
        return graded, resources

    def _job(self, about: dict[str, str]) -> Job:
        """Return the job as our own command makes it."""
        settings, name = CourseDirectory(config=self.config), about["assignment"]
        rules = read_key(Path(settings.root)), self.limits(), self.withheld()
        autograde = Autograde(coursedir=settings, config=self.config)
        loader = Loader(
            blank={about["notebook"]: blank_job(settings, name, about["notebook"], *rules)},
            students_own=tuple(autograde.exclude_overwriting.get(name, ())),
            base=Path(settings.root, settings.submitted_directory),
        )
        folder = settings.format_path(settings.submitted_directory, about["student"], name)
        submission = Submission(about["student"], about["notebook"], Path(folder))
        job = loader(submission)
        for problem in loader.problems.get(submission, []):
            self.log.warning("%s, %s: %s", about["student"], about["notebook"], problem)
        return job


def _set_checksums(nb: NotebookNode, about: dict[str, str]) -> None:
    """Note how each cell was released; by that nbgrader knows an empty answer.

    nbgrader has just entered the student, without a name.
    """
    with Gradebook(about["db_url"]) as gradebook:
        show_ids(gradebook.db)
        for cell in nb.cells:
            if "nbgrader" in cell.metadata:
                data = cell.metadata.nbgrader
                place = (data.grade_id, about["notebook"], about["assignment"])
                data.checksum = gradebook.find_source_cell(*place).checksum


@functools.cache
def _engine(sandbox: bool) -> Engine:
    """Return the engine of this process; the libraries are imported once for all submissions."""
    engine = Engine(sandbox=sandbox)
    atexit.register(engine.close)
    return engine


def _source(config: Any, resources: Resources) -> bytes:
    settings = CourseDirectory(config=config)
    about = resources["nbgrader"]
    folder = settings.format_path(settings.source_directory, ".", about["assignment"])
    return Path(folder, f"{about['notebook']}.ipynb").read_bytes()
