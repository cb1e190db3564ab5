"""Grade everything that must be graded right, and say whether it is (`make grading-report`).

    python -m tools.grading_report               all assignments, into lstm_course/results/
    python -m tools.grading_report lstm_cell     one assignment; the rows of the others stay
    python -m tools.grading_report --quick       a few submissions, into a temporary folder

The file is written each time that an assignment is done: what is finished stays when the rest is
interrupted.

What is graded, and what the rows say, stands in `nbjudge.verify.report`; how much of it, in
``solutions/NAME/equivalent.toml``.  ``lstm_course/results/grading_report.json`` has
``command``, ``date``, ``versions`` and ``hardware`` besides.  The exit status is 1 if there are
failures.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from nbjudge.verify.assignment import Assignment
from nbjudge.verify.report import Pace, Row, Study, study
from nbjudge.verify.workers import Grade, work

from tools import assignments, exercises, records

COMMAND = "python -m tools.grading_report"
FILE = "grading_report.json"
QUICK, QUICK_ENTRIES = Pace(keys=2, right_keys=2), 3


def table(rows: Sequence[Row]) -> str:
    """Return rows as text, one line each, under the names of their columns."""
    cells = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)) for line in cells
    ]
    return "\n".join(line.rstrip() for line in lines)


def keep_others(report: Row, before: Row) -> None:
    """Add what an earlier report says of assignments that were not graded now."""
    new = {row["assignment"] for row in report["assignments"]}
    for part in ("assignments", "questions"):
        report[part] += [row for row in before[part] if row["assignment"] not in new]
    of_others = [text for text in before["failures"] if text.partition(",")[0] not in new]
    report["failures"] += of_others


def work_of(assignment: Assignment, pace: Pace) -> int:
    """Return about how many answers are graded, for the order of the work."""
    return pace.keys * (len(assignment.wrong) + len(assignment.bank.right))


def report_of(studies: Sequence[Study]) -> Row:
    """Return the report of studies."""
    report: Row = {
        "schema": 1,
        "command": COMMAND,
        "date": records.today(),
        "versions": records.versions() | {"nbgrader": version("nbgrader")},
        "hardware": records.hardware(),
        "assignments": [one.row | {"date": records.today()} for one in studies],
        "questions": [row for one in studies for row in one.questions],
        "failures": [text for one in studies for text in one.failures],
    }
    return report


def make(names: Sequence[str], quick: bool, done: Callable[[Study], None]) -> None:
    """Grade assignments; hand over what is to be said of each as soon as it is known."""
    tasks = [
        (one, QUICK if quick else assignments.pace(one.name))
        for one in assignments.assignments(names)
    ]
    tasks.sort(key=lambda task: work_of(*task), reverse=True)  # no worker ends long after another
    writing = Lock()

    def piece(assignment: Assignment, pace: Pace, grade: Grade) -> None:
        found = study(assignment, pace, grade, QUICK_ENTRIES if quick else None)
        with writing:
            done(found)

    work([partial(piece, *task) for task in tasks])


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the report; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("assignment", nargs="*", help="(default: all)")
    parser.add_argument("--quick", action="store_true", help="a few submissions: tests the code")
    parser.add_argument("--output", type=Path, help="folder to write to (default: the package's)")
    options = parser.parse_args(arguments)
    if unknown := set(options.assignment) - set(known := exercises.names()):
        parser.error(f"no assignment {', '.join(sorted(unknown))}, only {', '.join(known)}")
    default = Path(tempfile.mkdtemp()) if options.quick else records.ROOT / "lstm_course/results"
    target = (options.output or default) / FILE
    before = json.loads(target.read_text(encoding="utf-8")) if target.exists() else None
    studies: list[Study] = []

    def write(before: Row | None) -> Row:
        report = report_of(studies)
        if before is not None:
            keep_others(report, before)
        for part in ("assignments", "questions"):
            report[part].sort(key=lambda row: str(row["assignment"]))
        records.write(target, report)
        return report

    def done(found: Study) -> None:
        studies.append(found)
        write(before)

    make(options.assignment, options.quick, done)
    # Where all are graded, the rows of others are of assignments that are gone.
    report = write(before if options.assignment else None)
    for part in ("assignments", "questions"):
        print(table(report[part]), end="\n\n")
    print("\n".join(report["failures"]) or "everything is graded as it should be")
    print(f"wrote {target}")
    return 1 if report["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
