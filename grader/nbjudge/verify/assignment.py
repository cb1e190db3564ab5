"""A notebook with its bank: what is handed in, and what decides the grades that it gets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import nbformat
from nbformat import NotebookNode

from nbjudge.engine.deciding import deciding, digest_of
from nbjudge.engine.job import Job
from nbjudge.engine.rebuild import without_hidden
from nbjudge.limits import Limits
from nbjudge.processes.withheld import Withheld
from nbjudge.verify.bank import Bank, Wrong, wrong_of
from nbjudge.verify.mutants import Mutant, mutants

KEY = b"the key of these measurements"
LIMITS = Limits(cell_seconds=20.0, total_seconds=120.0)


@dataclass(frozen=True)
class Assignment:
    """An instructor's notebook and the answers by which its tests are judged.

    Attributes
    ----------
    name : str
        The name of the assignment and of its only notebook.
    source : notebook
        With solutions and hidden tests.
    bank : Bank
    withheld : Withheld
        What of the course's code students' processes must not read.
    files : mapping of str to bytes
        The files beside the notebook.
    confused : sequence of (str, str)
        Pairs of attributes that students of the course confuse.
    """

    name: str
    source: NotebookNode
    bank: Bank = field(default_factory=Bank)
    withheld: Withheld = field(default_factory=Withheld)
    files: Mapping[str, bytes] = field(default_factory=dict)
    confused: Sequence[tuple[str, str]] = ()

    def question(self, cell: NotebookNode) -> str:
        """Return the question that a cell belongs to, or an empty string."""
        grade_id = str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
        return grade_id.removeprefix(f"{self.name}_").removesuffix("_test")

    @cached_property
    def answers(self) -> dict[str, str]:
        """The instructor's own answer to each question."""
        return {
            self.question(cell): cell.source
            for cell in self.source.cells
            if cell.metadata.get("nbgrader", {}).get("solution")
        }

    @cached_property
    def wrong(self) -> list[Wrong]:
        """All wrong answers: those of the bank, and one for each way of each known mistake."""
        return [*self.bank.wrong, *(entry for ways in self._known for entry in ways)]

    @property
    def wrong_once(self) -> list[Wrong]:
        """The wrong answers of the bank, and one for each known mistake."""
        return [*self.bank.wrong, *(ways[0] for ways in self._known)]

    @cached_property
    def _known(self) -> list[list[Wrong]]:
        return [
            wrong_of(question, self.answers[question], mistake)
            for question, mistakes in self.bank.mistakes.items()
            for mistake in mistakes
        ]

    @cached_property
    def points(self) -> dict[str, float]:
        """The points of each question, in the order of the notebook."""
        return {
            self.question(cell): float(cell.metadata.nbgrader.points)
            for cell in self.source.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }

    @cached_property
    def mutants(self) -> dict[str, list[Mutant]]:
        """The mutants of the instructor's answer to each question."""
        return {q: mutants(source, self.confused) for q, source in self.answers.items()}

    def sampled(self, number: int) -> dict[str, list[Mutant]]:
        """Return ``number`` mutants of each question, evenly spread, and one that is listed."""
        found = {}
        for question, made in self.mutants.items():
            listed = self.bank.equivalent.get(question, {})
            known = [mutant for mutant in made if mutant.change in listed]
            others = [mutant for mutant in made if mutant.change not in listed]
            found[question] = others[:: max(1, len(others) // number)][:number] + known[:1]
        return found

    def hand_in(self, answers: Mapping[str, str], extra: str = "") -> bytes:
        """Return a submission: the given answers, and the instructor's to all other questions.

        Parameters
        ----------
        answers : mapping
            Question -> source of its cell.
        extra : str
            Source of a cell of the student's own, at the top.

        Raises
        ------
        ValueError
            If there is no such question.
        """
        if unknown := set(answers) - set(self.answers):
            raise ValueError(f"{self.name} has no question {', '.join(sorted(unknown))}")
        notebook = nbformat.from_dict(self.source)
        for cell in notebook.cells:
            about = cell.metadata.get("nbgrader", {})
            if about.get("solution"):
                question = self.question(cell)
                cell.source = answers.get(question, self.answers[question]).strip()
            elif about.get("grade"):
                cell.source = without_hidden(cell.source)
        if extra:
            notebook.cells.insert(2, nbformat.v4.new_code_cell(extra.strip()))
        return str(nbformat.writes(notebook)).encode()

    def job(
        self,
        student: str,
        submission: bytes | None,
        key: bytes = KEY,
        limits: Limits = LIMITS,
        points_only: bool = True,
    ) -> Job:
        """Return the job of grading a submission, by default for its points alone."""
        return Job(
            course="measured",
            assignment=self.name,
            notebook=self.name,
            student=student,
            source=nbformat.writes(self.source).encode(),
            submission=submission,
            key=key,
            files=self.files,
            limits=limits,
            withheld=self.withheld,
            points_only=points_only,
        )

    def digest(self) -> str:
        """Return a digest of all that decides what becomes of the bank and of the mutants."""
        made = {question: [one.source for one in every] for question, every in self.mutants.items()}
        entries = [[list(entry) for entry in bank] for bank in (self.wrong, self.bank.right)]
        bank = json.dumps([entries, self.bank.equivalent, made], sort_keys=True)
        return digest_of(deciding(self.job("", None)).encode(), bank.encode())
