"""Say what the visible tests of an assignment say of mistakes (`make messages ASSIGNMENT=name`).

    python -m tools.messages gru              what is not as it should be, and the counts
    python -m tools.messages gru --say        every message
    python -m tools.messages --quick          of some of them, where a test trains models
    python -m tools.messages gru --mutants 4  one in 4 mutants too, with what they are told

A part of the grading report, for authors: it takes seconds, and needs no sandbox.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence

from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import wrong_of
from nbjudge.verify.messages import chosen, measure
from nbjudge.verify.visible import Visible

from tools import assignments, exercises


def spoken(assignment: Assignment, one_in: int) -> Iterator[str]:
    """Yield a line for each known mistake, or for each mutant where ``one_in`` is not 0."""
    visible = Visible(assignment)
    for question in assignment.points:
        tried: list[tuple[str, str]] = []
        if one_in:
            tried = [(name, m.source) for name, m in chosen(assignment, question, one_in)]
        else:
            for mistake in assignment.bank.mistakes.get(question, ()):
                entries = wrong_of(question, assignment.answers[question], mistake)
                tried += [(entry.name, entry.answers[question]) for entry in entries]
        for name, source in tried:
            told = visible.told(question, source)
            yield f"{question} [{told.how}] {name}\n    {told.message}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what the visible tests say; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("assignment", nargs="*", help="(default: all)")
    parser.add_argument("--say", action="store_true", help="print every message")
    parser.add_argument("--quick", action="store_true", help="fewer mistakes where tests train")
    parser.add_argument("--mutants", type=int, default=0, help="try one in so many mutants")
    options = parser.parse_args(arguments)
    if unknown := set(options.assignment) - set(known := exercises.names()):
        parser.error(f"no assignment {', '.join(sorted(unknown))}, only {', '.join(known)}")
    failures = []
    for assignment in assignments.assignments(options.assignment):
        if options.say or options.mutants:
            print("\n".join(spoken(assignment, options.mutants)))
        known_one_in = assignments.pace(assignment.name).known_one_in if options.quick else 1
        messages = measure(assignment, options.mutants, known_one_in)
        failures += messages.failures
        for question, row in messages.questions.items():
            counts = ", ".join(f"{name} {number}" for name, number in row.items() if number)
            print(f"{assignment.name}, {question}: {counts}")
    print("\n".join(failures) or "every mistake is named as it should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
