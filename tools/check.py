"""Run every check of the course, one stage after the other (`make test`).

All stages run even when one fails, so that one run tells everything; only the pages are not
looked at where the book was not built.  A stage passes when its exit code is 0 and, where it runs
pytest, when its report holds tests and no failure.  The last lines are the tests that took
longest, a table of the stages and the sum of all tests.

``--fast`` runs what a change needs, for daily work (`make test FAST=1`); CI runs everything.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from tools.stages import ROOT, Stage, changed_files, fast_stages, stages

REPORTS = ROOT / "build/reports"
LONGEST = 5
COUNTS = ("passed", "failed", "skipped")


@dataclass
class Outcome:
    """What a stage came to."""

    name: str
    passed: bool
    seconds: float
    tests: dict[str, int]


def count_tests(report: Path) -> dict[str, int]:
    """Return how many tests of a junit report passed, failed and were skipped."""
    if not report.exists():
        return {"passed": 0, "failed": 1, "skipped": 0}
    suites = ElementTree.parse(report).getroot().iter("testsuite")
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        for key in total:
            total[key] += int(suite.get(key, 0))
    failed = total["failures"] + total["errors"]
    passed = total["tests"] - failed - total["skipped"]
    return {"passed": passed, "failed": failed, "skipped": total["skipped"]}


def longest(reports: list[Path]) -> list[str]:
    """Return a line for each of the tests that took longest, the longest first."""
    cases = [case for path in reports for case in ElementTree.parse(path).iter("testcase")]
    cases.sort(key=lambda case: float(case.get("time", 0)), reverse=True)
    return [
        f"{float(case.get('time', 0)):8.1f}  {case.get('classname')} {case.get('name')}"
        for case in cases[:LONGEST]
    ]


def run_pytest(command: list[str], report: Path, environment: dict[str, str]) -> dict[str, int]:
    """Run a command of pytest; return the counts of its report, a failure where it lies."""
    report.unlink(missing_ok=True)
    code = run_command([*command, f"--junitxml={report}"], environment)
    tests = count_tests(report)
    if not tests["failed"] and (code != 0 or tests["passed"] == 0):
        tests["failed"] = 1
    return tests


def run_command(command: list[str], environment: dict[str, str]) -> int:
    code = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode
    if code != 0:
        print(f"failed (exit code {code}): {' '.join(command)}", flush=True)
    return code


def run(stage: Stage) -> Outcome:
    """Run all commands of a stage, whatever they return, and judge them."""
    print(f"\n=== {stage.name} ===", flush=True)
    started, passed = time.perf_counter(), True
    tests = dict.fromkeys(COUNTS, 0)
    for number, command in enumerate(stage.commands):
        if command[1:3] == ["-m", "pytest"]:
            report = REPORTS / f"{stage.name}-{number}.xml"
            found = run_pytest(command, report, stage.environment)
            tests = {key: tests[key] + found[key] for key in COUNTS}
            passed = passed and not found["failed"]
        else:
            passed = run_command(command, stage.environment) == 0 and passed
    return Outcome(stage.name, passed, time.perf_counter() - started, tests)


def run_all(chosen: list[Stage]) -> list[Outcome]:
    """Run stages one after the other, but none whose need has failed."""
    outcomes: dict[str, Outcome] = {}
    for stage in chosen:
        if stage.needs in outcomes and not outcomes[stage.needs].passed:
            print(f"\n=== {stage.name} ===\nnot run: it needs the stage {stage.needs}")
            outcomes[stage.name] = Outcome(stage.name, False, 0.0, dict.fromkeys(COUNTS, 0))
        else:
            outcomes[stage.name] = run(stage)
    return list(outcomes.values())


def summary(outcomes: list[Outcome]) -> str:
    """Return the longest tests, the table of the stages, and the sum of all tests."""
    lines = ["", " seconds  the tests that took longest"]
    lines += longest(sorted(REPORTS.glob("*.xml")))
    lines += ["", "stage      seconds  passed failed skipped  result"]
    total = dict.fromkeys(COUNTS, 0)
    for outcome in outcomes:
        numbers = " ".join(f"{outcome.tests[key]:6d}" for key in COUNTS)
        verdict = "ok" if outcome.passed else "FAILED"
        lines.append(f"{outcome.name:9} {outcome.seconds:8.0f}  {numbers}  {verdict}")
        total = {key: total[key] + outcome.tests[key] for key in COUNTS}
        # A stage without tests of its own (lint, drift, book) counts as one, passed or failed.
        if not any(outcome.tests.values()):
            total["passed" if outcome.passed else "failed"] += 1
    if broken := [outcome.name for outcome in outcomes if not outcome.passed]:
        lines.append(f"failed stages: {', '.join(broken)}")
    return "\n".join([*lines, ", ".join(f"{total[key]} {key}" for key in COUNTS)])


def main(arguments: list[str]) -> int:
    fast, names = "--fast" in arguments, [name for name in arguments if name != "--fast"]
    if fast and os.environ.get("CI"):
        print("CI runs every check: `make test` without FAST")
        return 2
    known = fast_stages(changed_files()) if fast else stages()
    if unknown := set(names) - {stage.name for stage in known}:
        print(f"no such stage: {', '.join(unknown)}; there are {[s.name for s in known]}")
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    for path in REPORTS.glob("*.xml"):
        path.unlink()
    outcomes = run_all([stage for stage in known if not names or stage.name in names])
    print(summary(outcomes))
    return 0 if all(outcome.passed for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
