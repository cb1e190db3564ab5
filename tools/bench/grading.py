"""Time `lstm-course grade` against nbgrader as it comes (`make bench-grading`).

    python -m tools.bench.grading                     all assignments, into lstm_course/results/
    python -m tools.bench.grading lstm_cell           one assignment
    python -m tools.bench.grading --quick lstm_cell   4 submissions, into a temporary folder

First the same 20 submissions, wrong and right answers of the banks in turn, are graded by
``nbgrader autograde`` and by ``lstm-course grade`` with two workers, alternately.  Then
``lstm-course grade`` grades more and more of them.  Close everything else: processor time is
that of the whole machine, since processes in a sandbox have no one who counts theirs.

``lstm_course/results/grading_speed.json`` has ``command``, ``date``, ``versions``, ``hardware``,
``workers``, and

- ``comparison``, a row for each assignment: seconds and processor seconds for each submission,
  the medians over the ``rounds``; ``ratio``, the median of how many times longer nbgrader takes;
  how many questions got ``equal`` points and how many ``different`` ones;
- ``differences``, a row for each question with different points: ``expected`` are those of the
  bank, ``why`` is what nbgrader saw;
- ``phases``, a row for each assignment: seconds of a worker for each submission, in the parts
  of grading, and of the main process for the gradebook; ``first`` is what the first submission
  of a worker takes, imports included;
- ``growth``, a row for each number of submissions: seconds, and the peak memory (MB) of the
  main process, the largest worker, the largest server with the imported libraries, and the
  largest process of a submission, which shares most of its memory with the server.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import nbformat
from nbjudge.course.folder import Course
from nbjudge.course.gradebook import Writer
from nbjudge.engine.job import Report
from nbjudge.verify.assignment import Assignment
from nbjudge.verify.bank import Right, Wrong
from nbjudge.verify.workers import Grade, work

from tools import assignments, records
from tools.bench.course_folders import Ours, Stock
from tools.grading_report import table

COMMAND = "python -m tools.bench.grading"
FILE = "grading_speed.json"
COLORS = re.compile(r"\x1b\[[0-9;]*m")
WORKERS = 2
COMPARED = ("lstm_cell", "torch_training")  # one in NumPy, one in PyTorch
SUBMISSIONS, ROUNDS, GROWTH = 20, 1, (1, 20, 200, 1000)
MOST = {"torch_training": 200}  # submissions of an assignment whose tests train for long
QUICK_SUBMISSIONS, QUICK_ROUNDS, QUICK_GROWTH = 4, 1, (1, 6)

Row = dict[str, Any]


def chosen(assignment: Assignment, number: int) -> dict[str, bytes]:
    """Return submissions from the banks: wrong and right answers in turn."""
    wrong, right = assignment.wrong_once, assignment.bank.right
    pairs = zip(wrong, right[: number // 2], strict=False)
    mixed: list[Wrong | Right] = [entry for pair in pairs for entry in pair]
    mixed += wrong[number // 2 :]
    return {
        entry.name: assignment.hand_in(entry.answers, getattr(entry, "extra", ""))
        for entry in mixed[:number]
    }


def compare(stock: Stock, ours: Ours, submissions: dict[str, bytes], rounds: int) -> Row:
    """Grade in both ways, alternately; return the times."""
    spent: dict[Stock, list[Any]] = {stock: [], ours: []}
    for number in range(rounds):
        for course in (stock, ours) if number % 2 == 0 else (ours, stock):
            course.hand_in(submissions)
            spent[course].append(course.grade())
    pairs = zip(spent[stock], spent[ours], strict=True)
    row: Row = {"submissions": len(submissions), "rounds": rounds}
    for name, course in (("nbgrader", stock), ("lstm_course", ours)):
        for field in ("seconds", "cpu_seconds"):
            median = statistics.median(getattr(one, field) for one in spent[course])
            row[f"{name}_{field}"] = round(median / len(submissions), 3)
    row["ratio"] = round(statistics.median(a.seconds / b.seconds for a, b in pairs), 1)
    return row


def differences(assignment: Assignment, stock: Stock, ours: Ours) -> tuple[list[Row], int]:
    """Return a row for each question with different points, and how many have equal ones."""
    breaks = {entry.name: entry.breaks for entry in assignment.wrong}
    theirs, found, equal = stock.grades(), [], 0
    for student, grades in sorted(ours.grades().items()):
        for question, given in grades.items():
            other = theirs.get(student, {}).get(question)
            if other == given:
                equal += 1
                continue
            full = assignment.points[question]
            row: Row = {"assignment": assignment.name, "submission": student, "question": question}
            row["expected"] = full - breaks.get(student, {}).get(question, 0)
            row |= {"lstm_course": given, "nbgrader": other}
            found.append(row | {"why": why(assignment, stock, student, question)})
    return found, equal


def why(assignment: Assignment, stock: Stock, student: str, question: str) -> str:
    """Return what nbgrader saw below the test of a question."""
    notebook = stock.autograded(student)
    if notebook is None:
        return "nbgrader did not grade the submission"
    for cell in notebook.cells:
        data = cell.metadata.get("nbgrader", {})
        if data.get("grade") and assignment.question(cell) == question:
            for output in cell.outputs:
                if output.output_type == "error":
                    return f"{output.ename}: {output.evalue}"[:200]
            if any(output.get("name") == "stderr" for output in cell.outputs):
                return "text on stderr"
            printed = "".join(output.get("text", "") for output in cell.outputs)
            if lines := COLORS.sub("", printed).split("\n  failed: ")[1:]:
                return lines[0].strip()[:200]
    return "the test reported nothing"


def phases(assignment: Assignment, ours: Ours, submissions: dict[str, bytes]) -> Row:
    """Return the seconds that one submission takes in each part of grading."""
    jobs = [
        assignment.job(name, content, points_only=False) for name, content in submissions.items()
    ]

    def piece(grade: Grade) -> list[Report]:
        return [report for _, report in grade([jobs[0], *jobs])]

    ((first, *reports),) = work([piece], workers=1)
    parts = {name: _mean(report.phases[name] for report in reports) for name in first.phases}
    parts["rest"] = _mean(report.seconds for report in reports) - sum(parts.values())
    ours.hand_in({})
    with contextlib.chdir(ours.root), contextlib.closing(Writer(Course(), assignment.name)) as book:
        began = time.perf_counter()
        for report in reports:
            book.write(report.student, report.notebook, nbformat.from_dict(report.graded), None)
        parts["gradebook"] = (time.perf_counter() - began) / len(reports)
    row: Row = {"assignment": assignment.name, "first": round(first.seconds, 3)}
    return row | {name: round(seconds, 4) for name, seconds in parts.items()}


def _mean(values: Iterable[float]) -> float:
    return statistics.fmean(values)


def growth(assignment: Assignment, ours: Ours, submissions: dict[str, bytes], number: int) -> Row:
    """Grade ``number`` submissions, the given ones over and over; return time and memory."""
    contents = islice(cycle(submissions.values()), number)
    ours.hand_in({f"student{k:05d}": content for k, content in enumerate(contents)})
    spent = ours.grade(watch=True)
    row: Row = {"assignment": assignment.name, "submissions": number}
    row |= {"seconds": round(spent.seconds, 1), "each": round(spent.seconds / number, 3)}
    return row | {f"{kind}_mb": size for kind, size in spent.memory_mb.items()}


def measure(assignment: Assignment, quick: bool, report: Row) -> None:
    """Measure an assignment and add the rows to the report."""
    number, rounds = (QUICK_SUBMISSIONS, QUICK_ROUNDS) if quick else (SUBMISSIONS, ROUNDS)
    submissions = chosen(assignment, number)
    with tempfile.TemporaryDirectory() as folder:
        stock = Stock(Path(folder, "stock"), assignment)
        ours = Ours(Path(folder, "ours"), assignment, WORKERS)
        row: Row = {"assignment": assignment.name} | compare(stock, ours, submissions, rounds)
        found, row["equal"] = differences(assignment, stock, ours)
        row["different"] = len(found)
        report["comparison"].append(row)
        report["differences"] += found
        report["phases"].append(phases(assignment, ours, submissions))
        most = MOST.get(assignment.name, max(GROWTH))
        for size in QUICK_GROWTH if quick else [size for size in GROWTH if size <= most]:
            report["growth"].append(growth(assignment, ours, submissions, size))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("assignment", nargs="*", help=f"(default: {' '.join(COMPARED)})")
    parser.add_argument("--quick", action="store_true", help="4 submissions: tests the code")
    parser.add_argument("--output", type=Path, help="folder to write to (default: the package's)")
    options = parser.parse_args(arguments)
    default = Path(tempfile.mkdtemp()) if options.quick else records.ROOT / "lstm_course/results"
    target = (options.output or default) / FILE
    parts = ("comparison", "differences", "phases", "growth")
    report: Row = {
        "schema": 1,
        "command": COMMAND,
        "date": records.today(),
        "versions": records.versions() | {"nbgrader": version("nbgrader")},
        "hardware": records.hardware(),
        "workers": WORKERS,
    }
    report |= {part: [] for part in parts}
    for assignment in assignments.assignments(options.assignment or COMPARED):
        measure(assignment, options.quick, report)
    for part in parts:
        print(f"{part}\n{table(report[part])}\n" if report[part] else f"{part}: none\n")
    records.write(target, report)
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
