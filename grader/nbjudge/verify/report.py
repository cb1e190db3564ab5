"""A report that says whether everything is graded that must be graded, and as it must be.

Of every assignment it grades

- the bank of wrong answers: each must lose exactly the points of what it breaks, and be told why;
- the bank of right answers in other styles: each must get full marks;
- all of them under several keys, which give other hidden inputs: points and words must be the
  same (answers to different questions are handed in together, see `nbjudge.verify.probes`);
- every tenth of them alone, as often as there are keys, with one key: again the same;
- known mistakes and mutants in the visible tests alone (`nbjudge.verify.messages`): each known
  mistake must be named there;
- mutants of the instructor's answers (`nbjudge.verify.mutants`): each must lose points, in its
  own question only, unless it is listed as equivalent with a reason.

The report is a dict with

- ``assignments``, a row each: the ``digest`` of all that decides its grades, how many ``wrong``
  and ``right`` answers and ``mutants_made`` there are, how many ``mutants`` were graded;
  ``wrong_as_stated``, ``right_full_marks`` and ``mutants_noticed`` of them as it should be in
  every grading, ``mutants_equivalent`` listed with a reason; the number of ``keys`` of the wrong
  answers and of the right ones (``right_keys``), and all
  ``gradings`` of the entries of the banks;
- ``questions``, a row each: the ``points``, how many ``wrong`` answers break it, how many
  ``right`` answers write it in another style, and its mutants; of the known ``mistakes`` how many
  the visible test has ``named``, and in which words it told of mutants;
- ``failures``: a sentence for everything that is not as it should be.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nbjudge.verify.assignment import KEY, Assignment
from nbjudge.verify.messages import measure
from nbjudge.verify.mutants import Mutant
from nbjudge.verify.probes import (
    MUTANT_LIMITS,
    Probe,
    grade_probes,
    of_mutant,
    of_right,
    of_wrong,
)
from nbjudge.verify.workers import Grade

REPEATED = 10  # one entry of so many is graded often with the same key

Row = dict[str, Any]


class Pace(NamedTuple):
    """How much of an assignment is graded."""

    keys: int = 20  # that wrong answers are graded with
    right_keys: int = 20  # that right answers are graded with
    one_in: int = 1  # so many mutants
    known_one_in: int = 1  # so many known mistakes that a quick look grades; a report has all


class Study(NamedTuple):
    """What the report says of one assignment."""

    row: Row
    questions: list[Row]
    failures: list[str]


def study(assignment: Assignment, pace: Pace, grade: Grade, entries: int | None = None) -> Study:
    """Grade banks and mutants of an assignment.

    Parameters
    ----------
    assignment : Assignment
    pace : Pace
    grade : callable
        Grades jobs, see `nbjudge.verify.workers`.
    entries : int, optional
        How many entries of each bank, and mutants of each question, are graded at most.
    """
    began = time.monotonic()
    wrong = [of_wrong(entry) for entry in assignment.wrong[:entries]]
    right = [of_right(entry) for entry in assignment.bank.right[:entries]]
    tried = {q: made[:entries] for q, made in chosen(assignment, pace.one_in).items()}
    faults = grade_often(assignment, wrong, pace.keys, grade)
    faults |= grade_often(assignment, right, pace.right_keys, grade)
    mutants = grade_mutants(assignment, tried, grade)
    told = measure(assignment, pace.one_in)
    questions = [
        _question(assignment, question, tried, mutants) | told.questions[question]
        for question in assignment.points
    ]
    row: Row = {
        "assignment": assignment.name,
        "digest": assignment.digest(),
        "points": sum(assignment.points.values()),
        "wrong": len(wrong),
        "wrong_as_stated": sum(not any(faults[probe.name]) for probe in wrong),
        "right": len(right),
        "right_full_marks": sum(not any(faults[probe.name]) for probe in right),
        "keys": pace.keys,
        "right_keys": pace.right_keys,
        "gradings": sum(map(len, faults.values())),
        "mutants_made": sum(map(len, assignment.mutants.values())),
    }
    for key in ("mutants", "mutants_noticed", "mutants_equivalent"):
        row[key] = sum(question[key] for question in questions)
    row["seconds"] = round(time.monotonic() - began)
    failures = [
        f"{assignment.name}, {name}: {max(found)} ({sum(map(bool, found))} of {len(found)} times)"
        for name, found in faults.items()
        if any(found)
    ]
    failures += [f"{assignment.name}, {name}: {text}" for name, text in mutants.items() if text]
    failures += told.failures
    return Study(row, questions, failures)


def chosen(assignment: Assignment, one_in: int) -> dict[str, list[Mutant]]:
    """Return one in so many mutants of each question, three at least, and all listed ones."""
    found = {}
    for question, made in assignment.mutants.items():
        step = min(one_in, max(1, len(made) // 3))
        listed = assignment.bank.equivalent.get(question, {})
        pairs = enumerate(made)
        found[question] = [m for n, m in pairs if n % step == 0 or m.change in listed]
    return found


def grade_often(
    assignment: Assignment, probes: Sequence[Probe], keys: int, grade: Grade
) -> dict[str, list[str]]:
    """Return, for each probe, what was wrong with each of its gradings.

    All are graded under every key; under the first with the words that students see.
    """
    faults: dict[str, list[str]] = {probe.name: [] for probe in probes}
    for number in range(keys):
        key = KEY + str(number).encode()
        for name, (_, fault) in grade_probes(
            assignment, probes, grade, key=key, points_only=number > 0
        ).items():
            faults[name].append(fault)
    for probe in probes[::REPEATED]:
        for _ in range(keys):
            ((_, fault),) = grade_probes(assignment, [probe], grade).values()
            faults[probe.name].append(fault)
    return faults


def grade_mutants(
    assignment: Assignment, tried: Mapping[str, Sequence[Mutant]], grade: Grade
) -> dict[str, str]:
    """Return, for each mutant by name, what is wrong with how it was graded."""
    probes = [
        of_mutant(question, one, one.change in assignment.bank.equivalent.get(question, {}))
        for question, mutants in tried.items()
        for one in mutants
    ]
    found = grade_probes(assignment, probes, grade, limits=MUTANT_LIMITS, apart=True)
    return {f"mutant of {name}": fault for name, (_, fault) in found.items()}


def _question(
    assignment: Assignment,
    question: str,
    tried: Mapping[str, Sequence[Mutant]],
    faults: Mapping[str, str],
) -> Row:
    listed = assignment.bank.equivalent.get(question, {})
    mutants = tried[question]
    noticed = [
        one
        for one in mutants
        if one.change not in listed and not faults[f"mutant of {question} | {one.change}"]
    ]
    return {
        "assignment": assignment.name,
        "question": question,
        "points": assignment.points[question],
        "wrong": sum(question in entry.breaks for entry in assignment.wrong),
        "right": sum(question in entry.answers for entry in assignment.bank.right),
        "mutants": len(mutants),
        "mutants_noticed": len(noticed),
        "mutants_equivalent": sum(one.change in listed for one in mutants),
    }
