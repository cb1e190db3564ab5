"""The engine as preprocessors of nbgrader, so that ``nbgrader autograde`` grades with it too.

``nbgrader_config.py`` names `RebuildSubmission` where nbgrader would overwrite cells, and
`RunSubmission` where it would execute the notebook.  Everything else of nbgrader stays.
"""

from __future__ import annotations

import atexit
import functools
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Float, Int, List, Unicode

from nbjudge.course.key import read_key
from nbjudge.engine.engine import Engine
from nbjudge.engine.job import NOT_GRADED, Job
from nbjudge.engine.rebuild import rebuild
from nbjudge.limits import Limits
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


class RunSubmission(NbGraderPreprocessor):  # type: ignore[misc]
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
    cell_seconds = Float(Limits.cell_seconds, help="wall time of one cell").tag(config=True)
    total_seconds = Float(Limits.total_seconds, help="wall time of a run").tag(config=True)
    memory_mb = Int(Limits.memory_mb, help="memory of a submission").tag(config=True)

    def withheld(self) -> Withheld:
        """Return what of the course students' processes have in name only."""
        return Withheld(tuple(self.course_packages), tuple(self.open_modules))

    def limits(self) -> Limits:
        """Return what a submission may use."""
        return Limits(
            cell_seconds=self.cell_seconds,
            total_seconds=self.total_seconds,
            memory_mb=self.memory_mb,
        )

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Return the graded notebook; raises `NotGraded` if the judge fails twice."""
        about = resources["nbgrader"]
        settings = CourseDirectory(config=self.config)
        job = Job(
            course=settings.course_id,
            assignment=about["assignment"],
            notebook=about["notebook"],
            student=about["student"],
            source=_source(self.config, resources),
            submission=nbformat.writes(nb).encode(),
            key=read_key(Path(settings.root)),
            files=_companions(settings, about["assignment"]),
            limits=self.limits(),
            withheld=self.withheld(),
        )
        report = _engine(not self.run_student_code_without_sandbox).grade(job)
        for problem in report.problems:
            self.log.warning("%s, %s: %s", about["student"], about["notebook"], problem)
        if report.status == NOT_GRADED or report.graded is None:
            raise NotGraded("; ".join(report.problems))
        graded = nbformat.from_dict(report.graded)
        _set_checksums(graded, about)
        return graded, resources


def _set_checksums(nb: NotebookNode, about: dict[str, str]) -> None:
    """Note how each cell was released; by that nbgrader knows an empty answer."""
    with Gradebook(about["db_url"]) as gradebook:
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


def _companions(settings: Any, assignment: str) -> dict[str, bytes]:
    """Return the data files that lie next to the instructor's notebooks."""
    folder = Path(settings.format_path(settings.source_directory, ".", assignment))
    solutions = {f"{path.stem}.py" for path in folder.glob("*.ipynb")}
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".ipynb" and path.name not in solutions
    }
