"""The stages of `make test`, and those that a change needs in daily work (`make test FAST=1`)."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tools.book.notebooks import NBVAL, NOTEBOOKS
from tools.book.toc import notebooks
from tools.environment import KERNEL_ENVIRONMENT

ROOT = Path(__file__).resolve().parents[1]
CODE = ["lstm_course", "grader", "studies", "tools", "tests"]
CHAPTER_RULES = "E,F,W,I,B,UP,NPY"  # for the code inside chapters and solutions
NOT_IN_NOTEBOOKS = "E402,E501,I001,B018,B905"  # a cell may end with an expression; zip stays short
#: Tests of grading that keep every core busy by themselves.
ATTACKS = "grader/tests/attacks"
BUSY = ["tests/assignments/test_banks.py", "tests/assignments/test_mutants.py"]
GRADING = ["tests/assignments"]
#: The unit tests, and what each folder of them looks at: for daily work.
UNIT = {
    "tests/package": ("lstm_course", "tests/package"),
    "tests/tools": ("tools", "studies", "lstm_course/results", "grader", "tests/tools", "Makefile"),
    "tests/chapters": ("",),
    "tests/gpu": ("tests/gpu",),
}
#: Tests on every core; one file at a time where the tests of a file belong together.
PARALLEL = ["-n", str(min(4, os.cpu_count() or 1))]
FILES = [*PARALLEL, "--dist", "loadfile"]
#: Neighbouring tests, which look at one page, stay together.
NEIGHBOURS = [*PARALLEL, "--dist", "worksteal"]


@dataclass
class Stage:
    """A named group of commands; each pytest command gets a report of its own."""

    name: str
    commands: list[list[str]]
    environment: dict[str, str] = field(default_factory=dict)
    needs: str = ""  # a stage without which this one would only repeat its failure


def tool(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def pytest(*arguments: str) -> list[str]:
    """Return a command of pytest.  `-p tools` comes first: see ``tools/__init__.py``."""
    return tool("pytest", "-p", "tools", *arguments)


def lint() -> Stage:
    chapters = sorted(str(p.relative_to(ROOT)) for p in ROOT.glob("chapters/*/*.md"))
    solutions = sorted(p.relative_to(ROOT) for p in ROOT.glob("solutions/*/*.py"))
    sources = [str(path) for path in solutions if path.stem == path.parent.name]
    beside = [str(path) for path in solutions if path.stem != path.parent.name]
    rules = ["--select", CHAPTER_RULES, "--ignore", NOT_IN_NOTEBOOKS, "--output-format", "concise"]
    check_cells = f"{sys.executable} -m ruff check {' '.join(rules)} -"
    commands = [
        tool("ruff", "check", "--quiet", *CODE, *beside),
        tool("ruff", "format", "--check", "--quiet", *CODE, *beside),
        tool("ruff", "check", *rules, *sources),
        tool("mypy", "--no-error-summary"),
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"],
        tool("codespell_lib", "--toml", "pyproject.toml"),
        tool("jupytext", "--pipe-fmt", "py:percent", "--check", check_cells, *chapters),
    ]
    return Stage("lint", commands)


def drift() -> Stage:
    return Stage(
        "drift", [tool("tools.exercises", "--check"), tool("tools.book.course_map", "--check")]
    )


def nbval(*pages: str) -> Stage:
    """Return the stage that runs the chapters, all of them or those named."""
    commands = [
        tool("tools.book.notebooks", *pages),
        pytest("-q", "--durations=10", *NBVAL, *FILES, NOTEBOOKS),
    ]
    return Stage("nbval", commands, KERNEL_ENVIRONMENT)


def grading() -> Stage:
    """Return the stage of the grader and of all assignments; what keeps both cores busy first."""
    commands = [
        pytest(ATTACKS),
        pytest(*FILES, f"--ignore={ATTACKS}", "grader/tests"),
        pytest(*BUSY),
        pytest(*FILES, *(f"--ignore={path}" for path in BUSY), *GRADING),
    ]
    return Stage("grading", commands)


def stages() -> list[Stage]:
    """Return every stage, in the order in which CI runs them."""
    return [
        lint(),
        drift(),
        Stage("unit", [pytest(*FILES, *UNIT)]),
        grading(),
        nbval(),
        Stage("book", [tool("tools.book.build", "--ran")]),
        Stage("pages", [pytest(*NEIGHBOURS, "tests/book")], needs="book"),
    ]


def git(*arguments: str) -> list[str]:
    """Return the lines that git prints, none where it fails."""
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines()


def changed_files() -> list[str]:
    """Return the files that differ from where this branch left main, or from the last commit."""
    bases = (git("merge-base", "HEAD", branch) for branch in ("origin/main", "main"))
    base = next((found for found in bases if found), ["HEAD"])
    new = git("ls-files", "--others", "--exclude-standard")
    here = {*git("diff", "--name-only", *base), *new}
    return sorted(here) or git("diff", "--name-only", "HEAD~1")


def fast_stages(changed: list[str]) -> list[Stage]:
    """Return the stages that a change needs; the built pages are left to `make book`."""
    looked_at = UNIT.items()
    folders = [name for name, starts in looked_at if any(p.startswith(starts) for p in changed)]
    found = [lint(), drift(), Stage("unit", [pytest(*FILES, *folders)])]
    if names := sorted({p.split("/")[1] for p in changed if p.startswith("solutions/")}):
        chosen = ["-k", " or ".join(["every_function", "committed_report", *names])]
        files = [f"tests/assignments/test_{part}.py" for part in ("answers", "banks")]
        files.append("tests/tools/test_grading_tools.py")
        found.append(Stage("grading", [pytest(*files, *chosen)]))
    if chapters := [page for page in notebooks(ROOT) if f"{page}.md" in changed]:
        found.append(nbval(*chapters))
    return found
