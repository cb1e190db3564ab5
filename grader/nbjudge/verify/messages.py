"""Do the visible tests of a notebook name the mistake?  Known mistakes and mutants say so.

For each question every known mistake of the bank must be named, and none may pass in silence;
of the mutants, of the instructor's answer and of right answers in other styles, hardly any may
pass in silence.  How the others are told is counted, and says which sentence to write next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import MARKS, wrong_of
from nbjudge.verify.mutants import Mutant, mutants
from nbjudge.verify.visible import ERROR, KIND, NAMED, SHAPE, SILENT, VALUES, Visible

LISTED = 10  # mistakes of a question, at least
SHARE_NAMED = 0.95  # of the listed ones, at least
SHARE_SILENT = 0.01  # of all mutants, at most

HOWS = (NAMED, KIND, ERROR, SHAPE, VALUES, SILENT)


class Messages(NamedTuple):
    """What the visible tests of an assignment say.

    Attributes
    ----------
    questions : dict
        Question -> a row: how many mistakes are listed, in how many ``ways``, how many of these
        are named, and of the mutants how many are told how.
    failures : list of str
        A sentence for everything that is not as it should be.
    """

    questions: dict[str, dict[str, Any]]
    failures: list[str]


def measure(assignment: Assignment, one_in: int = 1, known_one_in: int = 1) -> Messages:
    """Run the visible tests on known mistakes and on mutants.

    Parameters
    ----------
    assignment : Assignment
    one_in : int
        So many mutants; with 0 none are tried.
    known_one_in : int
        So many known mistakes.
    """
    visible = Visible(assignment)
    rows: dict[str, dict[str, Any]] = {}
    failures: list[str] = []
    silent: list[str] = []
    for question in assignment.points:
        row, faults = listed(assignment, visible, question, known_one_in)
        rows[question] = row
        failures += faults
        told: Counter[str] = Counter()
        for name, mutant in chosen(assignment, question, one_in):
            how = visible.told(question, mutant.source).how
            told[how] += 1
            if how == SILENT:
                silent.append(f"{assignment.name}, {question}: {name} passes the visible test")
        row |= {f"mutants_{how}": told[how] for how in HOWS}
    tried = sum(row[f"mutants_{how}"] for row in rows.values() for how in HOWS)
    if len(silent) > SHARE_SILENT * tried:
        failures += silent
    return Messages(rows, failures)


def listed(
    assignment: Assignment, visible: Visible, question: str, one_in: int = 1
) -> tuple[dict[str, Any], list[str]]:
    """Return what the visible test says of known mistakes of a question, and the faults."""
    known = assignment.bank.mistakes.get(question, ())
    where = f"{assignment.name}, {question}"
    faults, unnamed, ways = [], [], 0
    for mistake in known[::one_in]:
        for entry in wrong_of(question, assignment.answers[question], mistake):
            ways += 1
            told = visible.told(question, entry.answers[question])
            if told.how == SILENT:
                faults.append(f"{where}: {entry.name!r} passes the visible test")
            elif mistake.sentence not in told.message:
                unnamed.append(f"{where}: {entry.name!r} is told: {told.message}")
    if len(known) < LISTED:
        faults.append(f"{where}: {len(known)} mistakes are listed, and {LISTED} are asked for")
    if len(unnamed) > (1 - SHARE_NAMED) * ways:
        faults += unnamed
    row = {"mistakes": len(known), "ways": ways, "named": ways - len(unnamed)}
    return row, faults


def chosen(assignment: Assignment, question: str, one_in: int) -> Iterator[tuple[str, Mutant]]:
    """Yield one in so many mutants of the answer and of right answers, each with a name."""
    if not one_in:
        return
    equivalent = assignment.bank.equivalent.get(question, {})
    made = [m for m in assignment.mutants[question] if m.change not in equivalent]
    yield from ((mutant.change, mutant) for mutant in made[::one_in])
    for entry in assignment.bank.right:
        if question in entry.answers and not entry.extra:
            begin, end = MARKS
            source = f"{begin}\n{entry.answers[question].strip()}\n{end}\n"
            others = mutants(source, assignment.confused)[:: one_in * len(assignment.bank.right)]
            yield from ((f"{entry.name}: {mutant.change}", mutant) for mutant in others)
