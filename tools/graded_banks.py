"""What the tools that measure grading share: assignments with their banks, and a way to grade.

The banks, ``solutions/NAME/bank.py``, hold wrong and right answers; the survivors,
``solutions/NAME/equivalent.toml``, the mutants that no test can tell from the solution.
"""

from __future__ import annotations

import hashlib
import json
import os
import runpy
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.utils import determine_grade
from nbjudge.engine.job import Job, Report
from nbjudge.engine.pool import local_pool, run
from nbjudge.engine.worker import Grader
from nbjudge.limits import Limits
from nbjudge.processes.withheld import Withheld
from nbjudge.verify.mutants import Mutant, mutants
from traitlets.config.loader import PyFileConfigLoader

from tools import exercises

ROOT = Path(__file__).resolve().parents[1]
KEY = b"the key of these measurements"
LIMITS = Limits(cell_seconds=20.0, total_seconds=120.0)
#: A mutant that runs for ever is found out sooner; no right answer takes a second.
MUTANT_LIMITS = Limits(cell_seconds=5.0, total_seconds=60.0)
WORKERS = max(2, len(os.sched_getaffinity(0)))


@dataclass(frozen=True)
class Assignment:
    """An assignment as the instructor has it; its banks are read when they are asked for.

    Attributes
    ----------
    name : str
        Its name.
    source, release : notebooks
        With solutions and hidden tests, and as handed out.
    """

    name: str
    source: NotebookNode
    release: NotebookNode

    def question(self, cell: NotebookNode) -> str:
        """Return the question that a cell belongs to, or an empty string."""
        grade_id = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        return grade_id.removeprefix(f"{self.name}_").removesuffix("_test")

    @cached_property
    def banks(self) -> tuple[list[Any], list[Any]]:
        """The wrong entries and the right ones."""
        bank = runpy.run_path(str(ROOT / "solutions" / self.name / "bank.py"))
        return bank["WRONG"], bank["RIGHT"]

    @cached_property
    def answers(self) -> dict[str, str]:
        """The instructor's own answer to each question."""
        return {
            self.question(cell): cell.source
            for cell in self.source.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }

    def hand_in(self, answers: Mapping[str, str], extra: str = "") -> bytes:
        """Return a submission: the given answers, and the instructor's to all other questions.

        Raises
        ------
        ValueError
            If there is no such question.
        """
        if unknown := set(answers) - set(self.answers):
            raise ValueError(f"{self.name} has no question {', '.join(sorted(unknown))}")
        notebook = nbformat.from_dict(self.release)
        for cell in notebook.cells:
            if cell.metadata.get("nbgrader", {}).get("solution"):
                question = self.question(cell)
                cell.source = answers.get(question, self.answers[question]).strip()
        if extra:
            notebook.cells.insert(2, nbformat.v4.new_code_cell(extra.strip()))
        return str(nbformat.writes(notebook)).encode()

    def task(
        self,
        student: str,
        submission: bytes,
        key: bytes = KEY,
        limits: Limits = LIMITS,
        points_only: bool = True,
    ) -> Job:
        """Return the task to grade a submission, by default for its points alone."""
        return Job(
            course="measured",
            assignment=self.name,
            notebook=self.name,
            student=student,
            source=nbformat.writes(self.source).encode(),
            submission=submission,
            key=key,
            limits=limits,
            withheld=withheld(),
            points_only=points_only,
        )

    def submissions(self) -> dict[str, bytes]:
        """Return the submissions of both banks by name, the wrong ones first."""
        wrong, right = self.banks
        found = {entry.name: self.hand_in(entry.answers) for entry in wrong}
        found |= {entry.name: self.hand_in(entry.answers, entry.extra) for entry in right}
        if len(found) != len(wrong) + len(right):
            raise ValueError(f"two entries of the banks of {self.name} have the same name")
        return found

    def mutants(self) -> dict[str, list[Mutant]]:
        """Return the mutants of the instructor's answer to each question."""
        return {question: mutants(source) for question, source in self.answers.items()}

    def tried(self, every: int) -> dict[str, list[Mutant]]:
        """Return one in ``every`` mutants of each question, three at least, and all listed ones."""
        chosen, listed = {}, self.survivors()
        for question, made in self.mutants().items():
            step = min(every, max(1, len(made) // 3))
            known = listed.get(question, {})
            pairs = enumerate(made)
            chosen[question] = [m for n, m in pairs if n % step == 0 or m.change in known]
        return chosen

    def sampled(self, number: int) -> dict[str, list[Mutant]]:
        """Return ``number`` mutants of each question, evenly spread, and one that is listed."""
        chosen, listed = {}, self.survivors()
        for question, made in self.mutants().items():
            known = [mutant for mutant in made if mutant.change in listed.get(question, {})]
            others = [mutant for mutant in made if mutant not in known]
            chosen[question] = others[:: max(1, len(others) // number)][:number] + known[:1]
        return chosen

    def digest(self) -> str:
        """Return a hash of the code of the notebook, of the banks and of the listed mutants."""
        code = [cell.source for cell in self.source.cells if cell.cell_type == "code"]
        entries = [[tuple(entry) for entry in bank] for bank in self.banks]
        whole = json.dumps([code, entries, self.survivors()], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()

    def survivors(self) -> dict[str, dict[str, str]]:
        """Return question -> change -> why no test can notice it, as listed by hand."""
        path = ROOT / "solutions" / self.name / "equivalent.toml"
        return tomllib.loads(path.read_text(encoding="utf-8"))


def assignments(names: Sequence[str] = ()) -> list[Assignment]:
    """Build assignments from ``solutions/``, by default all.

    Raises
    ------
    ValueError
        If there is no assignment of a given name.
    """
    known = exercises.names()
    if unknown := set(names) - set(known):
        raise ValueError(f"there is no assignment {', '.join(unknown)}, only {', '.join(known)}")
    return [_assignment(name) for name in names or known]


def _assignment(name: str) -> Assignment:
    source = exercises.source_notebook(ROOT / "solutions" / name / f"{name}.py")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "build/source", name, f"{name}.ipynb")
        place.parent.mkdir(parents=True)
        nbformat.write(source, place)
        exercises.generate(name, Path(folder), _config())
        release = nbformat.read(Path(folder, "exercises", name, f"{name}.ipynb"), as_version=4)
    return Assignment(name, source, release)


def _config() -> Any:
    return PyFileConfigLoader("nbgrader_config.py", path=str(ROOT)).load_config()


def withheld() -> Withheld:
    """Return what students' processes must not read, as the course has set it."""
    settings = _config().RunSubmission
    return Withheld(tuple(settings.course_packages), tuple(settings.open_modules))


def grade_all(tasks: Sequence[Job], workers: int = WORKERS) -> Iterator[tuple[Job, Report]]:
    """Grade tasks in worker processes; yield them with their reports as they come.

    Raises
    ------
    RuntimeError
        If a task could not be graded.
    """
    with local_pool(Grader(), workers) as pool:
        for _, task, report in run(range(len(tasks)), tasks.__getitem__, pool):
            if report.graded is None:
                raise RuntimeError(f"{task.student} was not graded: {report.problems}")
            yield task, report


def lost(assignment: Assignment, report: Report) -> dict[str, float]:
    """Return the points that each question lost; those with full marks are left out."""
    found = {}
    for cell in nbformat.from_dict(report.graded).cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            given, full = determine_grade(cell)
            if given != full:
                found[assignment.question(cell)] = full - given
    return found
