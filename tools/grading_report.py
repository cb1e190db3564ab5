"""Grade everything that must be graded right, and say whether it is (`make grading-report`).

    python -m tools.grading_report                  all assignments, into results/
    python -m tools.grading_report lstm_cell        one assignment; the rows of the others stay
    python -m tools.grading_report --quick          a few submissions, into a temporary folder

Of every assignment it grades

- the bank of wrong answers: each must lose exactly the points of what it breaks;
- the bank of right answers in other styles: each must get full marks;
- every tenth of them 20 times with one key, shuffled: all grades must be the same;
- all of them with 20 keys, which give other hidden tests: again the grades must be the same
  (answers to different questions are then handed in together, to save time);
- every mutant of the instructor's solutions (`mutants`): it must lose points, in its own
  question only, unless it is listed as equivalent with a reason.

Where one submission takes seconds there are fewer keys, and one in so many mutants (`PACES`).

``results/grading_report.json`` has ``command``, ``date``, ``versions``, ``hardware``, and

- ``assignments``, a row each: its ``date``, the ``digest`` of its code and banks, how many
  ``wrong`` and ``right`` answers and ``mutants_made`` there are, how many ``mutants`` were
  graded; ``wrong_as_stated``, ``right_full_marks`` and ``mutants_noticed`` of them as it should
  be in every grading, ``mutants_equivalent`` listed with a reason; ``repeats`` with one key,
  ``keys``, and all ``gradings`` of the banks;
- ``questions``, a row each: the ``points``, how many ``wrong`` answers break it, how many
  ``right`` answers write it in another style, and its mutants;
- ``failures``: a sentence for everything that is not as it should be.

The exit status is 1 if there are failures.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from nbjudge.verify.mutants import Mutant

from tools import graded_banks, records
from tools.graded_banks import KEY, MUTANT_LIMITS, Assignment

COMMAND = "python -m tools.grading_report"
FILE = "grading_report.json"
REPEATED = 10  # one entry of so many is graded often with the same key
QUICK_ENTRIES = 3


class Pace(NamedTuple):
    """How much of an assignment is graded."""

    times: int = 20  # gradings with one key, and keys
    every: int = 1  # one mutant in so many


QUICK = Pace(times=2)
PACES = {
    "gpu_execution": Pace(times=5, every=5),
    "keras_training": Pace(times=3, every=13),
    "torch_training": Pace(every=7),
} | {
    name: Pace(times=10, every=4)
    for name in (
        "bidirectional_stacked",
        "conv_lstm",
        "crf",
        "gru",
        "parallel_scan",
        "peephole_ablation",
        "seq2seq_attention",
    )
}


def pace_of(name: str) -> Pace:
    """Return the pace of an assignment."""
    return PACES.get(name, Pace())


Lost = dict[str, float]
Row = dict[str, Any]


def study(assignment: Assignment, quick: bool) -> tuple[Row, list[Row], list[str]]:
    """Return the row of an assignment, the rows of its questions, and what is wrong."""
    wrong, right = assignment.banks
    pace, entries = (QUICK, QUICK_ENTRIES) if quick else (pace_of(assignment.name), None)
    times = pace.times
    wrong, right = wrong[:entries], right[:entries]
    expected: dict[str, Lost] = {entry.name: entry.breaks for entry in wrong}
    expected |= {entry.name: {} for entry in right}
    graded = grade_often(assignment, list(expected), times)
    bad = {name: odd(graded[name], lost) for name, lost in expected.items()}
    failures = [f"{assignment.name}, {name}: {text}" for name, text in bad.items() if text]
    row: Row = {
        "assignment": assignment.name,
        "date": records.today(),
        "digest": assignment.digest(),
        "points": sum(points(assignment).values()),
        "wrong": len(wrong),
        "wrong_as_stated": sum(not bad[entry.name] for entry in wrong),
        "right": len(right),
        "right_full_marks": sum(not bad[entry.name] for entry in right),
        "repeats": times,
        "keys": times,
        "gradings": sum(map(len, graded.values())),
    }
    questions = [
        {
            "assignment": assignment.name,
            "question": question,
            "points": full,
            "wrong": sum(question in entry.breaks for entry in wrong),
            "right": sum(question in entry.answers for entry in right),
        }
        for question, full in points(assignment).items()
    ]
    row["mutants_made"] = sum(map(len, assignment.mutants().values()))
    tried = {q: made[:entries] for q, made in assignment.tried(pace.every).items()}
    failures += mutants_into(assignment, questions, tried)
    for key in ("mutants", "mutants_noticed", "mutants_equivalent"):
        row[key] = sum(question[key] for question in questions)
    return row, questions, failures


def points(assignment: Assignment) -> dict[str, float]:
    """Return the points of each question, in the order of the notebook."""
    return {
        assignment.question(cell): float(cell.metadata.nbgrader.points)
        for cell in assignment.source.cells
        if cell.metadata.get("nbgrader", {}).get("grade")
    }


def grade_often(assignment: Assignment, names: Sequence[str], times: int) -> dict[str, list[Lost]]:
    """Grade entries of the banks many times; return the points lost in each grading.

    Every entry is graded alone with the first key, some of them ``times`` times, and with
    ``times - 1`` other keys together with entries that answer other questions.
    """
    submissions = assignment.submissions()
    wrong, right = assignment.banks
    answers = {e.name: dict(e.answers) for e in [*wrong, *right] if e.name in names}
    extras = {e.name: e.extra for e in right if e.extra}  # cells of the student's own
    tasks = [
        assignment.task(name, submissions[name], KEY)
        for number, name in enumerate(names)
        for _ in range(times if number % REPEATED == 0 else 1)
    ]
    groups = {str(number): group for number, group in enumerate(together(answers))}
    for number in range(1, times):
        for label, group in groups.items():
            joint = {question: text for name in group for question, text in answers[name].items()}
            key = KEY + str(number).encode()
            extra = "\n\n".join(extras[name] for name in group if name in extras)
            tasks.append(assignment.task(label, assignment.hand_in(joint, extra), key))
    random.Random(0).shuffle(tasks)
    graded: dict[str, list[Lost]] = {name: [] for name in names}
    for task, report in graded_banks.grade_all(tasks):
        lost = graded_banks.lost(assignment, report)
        for name in groups.get(task.student, [task.student]):
            own = answers[name] if task.student in groups else lost
            graded[name].append({question: n for question, n in lost.items() if question in own})
    return graded


def together(answers: dict[str, dict[str, str]]) -> list[list[str]]:
    """Return groups of entries such that no two entries of a group answer the same question."""
    groups: list[list[str]] = []
    for name, own in answers.items():
        for group in groups:
            if not any(set(own) & set(answers[other]) for other in group):
                group.append(name)
                break
        else:
            groups.append([name])
    return groups


def odd(graded: Sequence[Lost], expected: Lost) -> str:
    """Return what is wrong with the gradings of one entry, or nothing."""
    others = [lost for lost in graded if lost != expected]
    if not others:
        return ""
    return f"must lose {expected}, but lost {others[0]} ({len(others)} of {len(graded)} times)"


def mutants_into(
    assignment: Assignment, questions: Sequence[Row], tried: dict[str, list[Mutant]]
) -> list[str]:
    """Grade mutants, add their numbers to the rows of the questions; return failures."""
    mutants = {
        f"{question} | {mutant.change}": (question, mutant)
        for question, made in tried.items()
        for mutant in made
    }
    tasks = [
        assignment.task(name, assignment.hand_in({question: mutant.source}), limits=MUTANT_LIMITS)
        for name, (question, mutant) in mutants.items()
    ]
    rows = {row["question"]: row for row in questions}
    for row in questions:
        row.update(mutants=0, mutants_noticed=0, mutants_equivalent=0)
    listed, failures = assignment.survivors(), []
    for task, report in graded_banks.grade_all(tasks):
        question, mutant = mutants[task.student]
        lost = graded_banks.lost(assignment, report)
        is_listed = mutant.change in listed.get(question, {})
        rows[question]["mutants"] += 1
        rows[question]["mutants_noticed"] += bool(lost)
        rows[question]["mutants_equivalent"] += is_listed
        if set(lost) != (set() if is_listed else {question}):
            failures.append(f"{assignment.name}, mutant of {task.student}: lost {lost}")
    return failures


def table(rows: Sequence[Row]) -> str:
    """Return rows as text, one line each, under the names of their columns."""
    cells = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)) for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def keep_others(report: Row, before: Row) -> None:
    """Add what an earlier report says of assignments that were not graded now, by name."""
    new = {row["assignment"] for row in report["assignments"]}
    for part in ("assignments", "questions"):
        report[part] += [row for row in before[part] if row["assignment"] not in new]
        report[part].sort(key=lambda row: str(row["assignment"]))
    of_others = [text for text in before["failures"] if text.partition(",")[0] not in new]
    report["failures"] += of_others


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the report; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("assignment", nargs="*", help="(default: all)")
    parser.add_argument("--quick", action="store_true", help="a few submissions: tests the code")
    parser.add_argument("--output", type=Path, help="folder to write to (default: results/)")
    options = parser.parse_args(arguments)
    default = Path(tempfile.mkdtemp()) if options.quick else records.ROOT / "results"
    target = (options.output or default) / FILE
    report: Row = {
        "schema": 1,
        "command": COMMAND,
        "date": records.today(),
        "versions": records.versions() | {"nbgrader": version("nbgrader")},
        "hardware": records.hardware(),
        "assignments": [],
        "questions": [],
        "failures": [],
    }
    for assignment in graded_banks.assignments(options.assignment):
        began = time.monotonic()
        row, questions, failures = study(assignment, options.quick)
        row["seconds"] = round(time.monotonic() - began)
        report["assignments"].append(row)
        report["questions"] += questions
        report["failures"] += failures
    if options.assignment and target.exists():
        keep_others(report, json.loads(target.read_text(encoding="utf-8")))
    for part in ("assignments", "questions"):
        print(table(report[part]), end="\n\n")
    print("\n".join(report["failures"]) or "everything is graded as it should be")
    records.write(target, report)
    print(f"wrote {target}")
    return 1 if report["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
