"""Probes: answers of which it is known what must become of them, handed in together.

Mistakes in different questions do not touch one another, because each question starts from the
reference of the earlier ones.  So one submission holds several probes, each in questions of
its own.  Where something is not as it must be, every probe of that submission is graded once
more, alone, and only that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import nbformat
from nbgrader.utils import determine_grade

from nbjudge.engine.job import Job, Report
from nbjudge.limits import Limits
from nbjudge.verify.assignment import KEY, LIMITS, Assignment
from nbjudge.verify.bank import Right, Wrong
from nbjudge.verify.mutants import Mutant
from nbjudge.verify.workers import Grade

#: A mutant that runs for ever is found out sooner; no right answer takes a second.
MUTANT_LIMITS = Limits(cell_seconds=5.0, total_seconds=60.0)


class Graded(NamedTuple):
    """What became of a submission, or of some questions of it."""

    lost: dict[str, float]  # the points that each question lost; those with full marks left out
    words: dict[str, str]  # what stands below the test of each question

    def of(self, questions: Iterable[str]) -> Graded:
        """Return what became of these questions."""
        kept = set(questions)
        lost, words = ({q: v for q, v in part.items() if q in kept} for part in self)
        return Graded(lost, words)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Probe:
    """Answers, and how to see whether they were graded as they must be.

    Attributes
    ----------
    name : str
    answers : mapping
        Question -> source of its cell.
    fault : callable
        Takes a `Graded`, returns what is wrong with it, or an empty string.
    extra : str
        Source of a cell of the student's own, at the top.
    """

    name: str
    answers: Mapping[str, str]
    fault: Callable[[Graded], str]
    extra: str = ""


def of_wrong(entry: Wrong) -> Probe:
    """Return the probe of a wrong answer: it loses what it must, and is told why."""

    def fault(graded: Graded) -> str:
        if graded.lost != entry.breaks:
            return f"must lose {entry.breaks}, but lost {graded.lost}"
        words = "\n".join(graded.words.get(question, "") for question in entry.breaks)
        return "" if entry.says in words else f"must say {entry.says!r}, but says {words!r}"

    return Probe(entry.name, entry.answers, fault)


def of_right(entry: Right) -> Probe:
    """Return the probe of a right answer: it loses nothing."""
    return Probe(entry.name, entry.answers, _must_lose_nothing, entry.extra)


def of_mutant(question: str, mutant: Mutant, is_equivalent: bool) -> Probe:
    """Return the probe of a mutant: it loses points, unless no test can notice it."""

    def fault(graded: Graded) -> str:
        if set(graded.lost) == {question}:
            return ""
        return f"must lose points in {question} alone, but lost {graded.lost}"

    name = f"{question} | {mutant.change}"
    return Probe(name, {question: mutant.source}, _must_lose_nothing if is_equivalent else fault)


def _must_lose_nothing(graded: Graded) -> str:
    return f"must lose nothing, but lost {graded.lost}: {graded.words}" if graded.lost else ""


def grade_probes(
    assignment: Assignment,
    probes: Sequence[Probe],
    grade: Grade,
    *,
    key: bytes = KEY,
    limits: Limits = LIMITS,
    points_only: bool = True,
    apart: bool = False,
) -> dict[str, tuple[Graded, str]]:
    """Grade probes together, and those of submissions with a fault once more, alone.

    Parameters
    ----------
    assignment, grade
        What to hand the probes in to, and what grades.
    probes : sequence of Probe
        Their names must differ.
    key : bytes
        From which the hidden inputs are made.
    limits : Limits
    points_only : bool
        Whether the words may be those that only instructors see.
    apart : bool
        Whether the questions beside that of a probe must be answered by the instructor.

    Returns
    -------
    dict
        Name -> what became of the probe, and what is wrong with that, or an empty string.
    """

    def jobs(groups: Sequence[Sequence[Probe]]) -> list[Job]:
        return [
            assignment.job(str(number), _hand_in(assignment, group), key, limits, points_only)
            for number, group in enumerate(groups)
        ]

    found: dict[str, tuple[Graded, str]] = {}
    alone: list[list[Probe]] = []
    groups = together(probes, list(assignment.answers) if apart else ())
    for job, report in grade(jobs(groups)):
        group = groups[int(job.student)]
        judged = _judged(group, graded(assignment, report))
        if len(group) > 1 and any(fault for _, fault in judged.values()):
            alone += [[probe] for probe in group]
        else:
            found |= judged
    for job, report in grade(jobs(alone)):
        found |= _judged(alone[int(job.student)], graded(assignment, report))
    return {probe.name: found[probe.name] for probe in probes}


def _hand_in(assignment: Assignment, group: Sequence[Probe]) -> bytes:
    answers = {question: text for probe in group for question, text in probe.answers.items()}
    extra = "\n\n".join(probe.extra for probe in group if probe.extra)
    return assignment.hand_in(answers, extra)


def _judged(group: Sequence[Probe], whole: Graded) -> dict[str, tuple[Graded, str]]:
    """Return what became of each probe, what others of the group have lost apart."""
    answered = {question for probe in group for question in probe.answers}
    judged = {}
    for probe in group:
        others = answered - set(probe.answers)
        own = whole.of({*whole.lost, *whole.words} - others)
        judged[probe.name] = own, probe.fault(own)
    return judged


def together(probes: Sequence[Probe], questions: Sequence[str] = ()) -> list[list[Probe]]:
    """Return groups of probes such that no two of a group answer the same question.

    Where ``questions``, in the order of the notebook, are given, none answers a question beside
    that of another one either.
    """
    places = {question: place for place, question in enumerate(questions)}
    beside = {q: {r for r in questions if abs(places[r] - places[q]) <= 1} for q in questions}
    groups: list[list[Probe]] = []
    taken: list[set[str]] = []  # by each group
    for probe in probes:
        free = (n for n, questions in enumerate(taken) if not questions & set(probe.answers))
        number = next(free, len(groups))
        if number == len(groups):
            groups.append([])
            taken.append(set())
        groups[number].append(probe)
        taken[number] |= {near for q in probe.answers for near in beside.get(q, {q})}
    return groups


def graded(assignment: Assignment, report: Report) -> Graded:
    """Return what became of a submission."""
    lost, words = {}, {}
    for cell in nbformat.from_dict(report.graded).cells:
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            continue
        question = assignment.question(cell)
        given, full = determine_grade(cell)
        if given != full:
            lost[question] = full - given
        words[question] = "\n".join(_text(output) for output in cell.outputs)
    return Graded(lost, words)


def _text(output: Mapping[str, str]) -> str:
    return f"{output.get('ename', '')}: {output.get('evalue', '')}{output.get('text', '')}"
