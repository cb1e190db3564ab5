"""Run every check of the course, one stage after the other (`make test`).

All stages run even when one fails, so that one run tells everything.  A stage passes when its
exit code is 0 and, where it runs pytest, when its report holds tests and no failure.  The
last lines are a table of the stages and the sum of all tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from tools.environment import KERNEL_ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
CODE = ["lstm_course", "grader", "studies", "tools", "tests"]
REPORTS = ROOT / "build/reports"
CHAPTER_RULES = "E,F,W,I,B,UP,NPY"  # for the code inside chapters and solutions
NOT_IN_NOTEBOOKS = "E402,E501,I001,B018,B905"  # a cell may end with an expression; zip stays short
#: Run notebooks again; compare the outputs of cells tagged nbval-check-output.
NBVAL = ["--nbval-lax", "--nbval-cell-timeout=300", "--durations=10", "--import-mode=prepend"]
#: Tests of grading that keep every core busy by themselves.
ATTACKS = "grader/tests/attacks"
BUSY = ["tests/grading/test_banks.py"]
BUSY += [f"tests/grading/{name}" for name in ("test_mutants.py", "test_release.py")]
GRADING = ["tests/assignments", "tests/grading"]
UNIT = ["tests/package", "tests/tools", "tests/chapters", "tests/gpu"]
#: Tests on every core; one file at a time where the tests of a file belong together.
PARALLEL = ["-n", str(min(4, os.cpu_count() or 1))]
FILES = [*PARALLEL, "--dist", "loadfile"]
#: Neighbouring tests, which look at one page, stay together.
NEIGHBOURS = [*PARALLEL, "--dist", "worksteal"]


@dataclass
class Stage:
    """A named group of commands; a pytest command gets a report of its own."""

    name: str
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass
class Outcome:
    """What a stage came to."""

    name: str
    passed: bool
    seconds: float
    tests: dict[str, int]


def tool(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def stages() -> list[Stage]:
    notebooks = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("chapters/*/*.md"))
    solutions = sorted(p.relative_to(ROOT) for p in ROOT.glob("solutions/*/*.py"))
    sources = [str(path) for path in solutions if path.stem == path.parent.name]
    beside = [str(path) for path in solutions if path.stem != path.parent.name]
    rules = ["--select", CHAPTER_RULES, "--ignore", NOT_IN_NOTEBOOKS, "--output-format", "concise"]
    check_cells = f"{sys.executable} -m ruff check {' '.join(rules)} -"
    lint = [
        tool("ruff", "check", "--quiet", *CODE, *beside),
        tool("ruff", "format", "--check", "--quiet", *CODE, *beside),
        tool("ruff", "check", *rules, *sources),
        tool("mypy", "--no-error-summary"),
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        tool("codespell_lib", "--toml", "pyproject.toml"),
        tool("jupytext", "--pipe-fmt", "py:percent", "--check", check_cells, *notebooks),
    ]
    return [
        Stage("lint", lint),
        Stage("unit", [tool("pytest", *FILES, *UNIT)]),
        Stage(
            "drift", [tool("tools.exercises", "--check"), tool("tools.book.course_map", "--check")]
        ),
        Stage(
            "grading",
            [
                tool("pytest", ATTACKS),
                tool("pytest", *FILES, f"--ignore={ATTACKS}", "grader/tests"),
                tool("pytest", *BUSY),
                tool("pytest", *FILES, *(f"--ignore={path}" for path in BUSY), *GRADING),
            ],
        ),
        Stage("book", [tool("tools.book.build")]),
        Stage(
            "nbval", [tool("pytest", "-q", *NBVAL, *FILES, "_build/executed")], KERNEL_ENVIRONMENT
        ),
        Stage("pages", [tool("pytest", *NEIGHBOURS, "tests/book")]),
    ]


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


def run(stage: Stage) -> Outcome:
    """Run all commands of a stage, whatever they return, and judge them."""
    print(f"\n=== {stage.name} ===", flush=True)
    started, passed = time.perf_counter(), True
    tests = {"passed": 0, "failed": 0, "skipped": 0}
    for command in stage.commands:
        report = REPORTS / f"{stage.name}.xml"
        is_pytest = command[1:3] == ["-m", "pytest"]
        if is_pytest:
            report.unlink(missing_ok=True)
            command = [*command, f"--junitxml={report}"]
        code = subprocess.run(command, cwd=ROOT, env={**os.environ, **stage.environment}).returncode
        if is_pytest:
            counts = count_tests(report)
            tests = {key: tests[key] + counts[key] for key in tests}
            if counts["passed"] == 0 or counts["failed"]:
                passed = False
        if code != 0:
            print(f"failed (exit code {code}): {' '.join(command)}", flush=True)
            passed = False
    return Outcome(stage.name, passed, time.perf_counter() - started, tests)


def main(names: list[str]) -> int:
    chosen = [stage for stage in stages() if not names or stage.name in names]
    unknown = set(names) - {stage.name for stage in chosen}
    if unknown:
        print(f"no such stage: {', '.join(unknown)}; there are {[s.name for s in stages()]}")
        return 2
    REPORTS.mkdir(parents=True, exist_ok=True)
    outcomes = [run(stage) for stage in chosen]
    print("\nstage      seconds  passed failed skipped  result")
    for outcome in outcomes:
        numbers = " ".join(f"{outcome.tests[key]:6d}" for key in ("passed", "failed", "skipped"))
        verdict = "ok" if outcome.passed else "FAILED"
        print(f"{outcome.name:9} {outcome.seconds:8.0f}  {numbers}  {verdict}")
    total = {key: sum(o.tests[key] for o in outcomes) for key in ("passed", "failed", "skipped")}
    broken = [outcome.name for outcome in outcomes if not outcome.passed]
    # A stage without tests of its own (lint, drift, book) counts as one test, passed or failed.
    for outcome in outcomes:
        if not any(outcome.tests.values()):
            total["passed" if outcome.passed else "failed"] += 1
    if broken:
        print(f"failed stages: {', '.join(broken)}")
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
