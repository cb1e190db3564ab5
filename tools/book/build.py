"""Build the book and judge the result, not the exit code alone (`make book`).

First nbval runs the chapters that changed, then Jupyter Book makes the pages of what came out.
Both can print a warning, or leave something out, and still report success.  The build here
counts as good only when no cell failed, Sphinx printed no warning, every page of the table of
contents was written, and every chapter has an executed notebook without a message on stderr.
The whole log is kept in _build/build.log.

With ``--ran`` no chapter is run: a run of nbval before this one has done that.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat

from tools.book import kept, notebooks, toc
from tools.environment import KERNEL_ENVIRONMENT

FAULT = re.compile(r"\b(WARNING|ERROR|CRITICAL): |^\[\d+/\d+\] FAILED ")
SHOWN = re.compile(rf"^\[\d+/\d+\]|^      cell: |{FAULT.pattern}")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def watch(command: list[str], root: Path) -> tuple[int, str]:
    """Run a command, showing progress and faults; return its exit code and whole output."""
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, **KERNEL_ENVIRONMENT, "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            line = COLOURS.sub("", raw.rstrip())
            lines.append(line)
            if SHOWN.search(line):
                print(line, flush=True)
    return process.returncode, "\n".join(lines)


def run_chapters(root: Path) -> tuple[int, str]:
    """Have nbval run the chapters that changed, one on every core."""
    stale = notebooks.prepare(root, compare=False).stale
    if not stale:
        return 0, "no chapter has changed"
    paths = [f"{notebooks.NOTEBOOKS}/{page}.ipynb" for page in stale]
    workers = ["-n", str(min(len(stale), os.cpu_count() or 1)), "--dist", "loadfile"]
    return watch([sys.executable, "-m", "pytest", "-q", *notebooks.NBVAL, *workers, *paths], root)


def run_sphinx(root: Path) -> tuple[int, str]:
    """Have Jupyter Book make the pages."""
    start = "import tools; from jupyter_book.cli.main import main; main()"
    jupyter_book = [sys.executable, "-c", start]
    return watch([*jupyter_book, "build", "-W", "-n", "--keep-going", "."], root)


def faults_of_log(name: str, code: int, log: str) -> list[str]:
    """Return the lines of a log that tell of faults; the last lines where a failure has none."""
    faults = [line for line in log.splitlines() if FAULT.search(line)]
    if code != 0 and not faults:
        faults = [f"{name} ended with exit code {code}; its last lines:", *log.splitlines()[-8:]]
    return faults


def faults_of_notebook(root: Path, page: str) -> list[str]:
    """Return what is wrong with an executed notebook: it is missing, or printed on stderr."""
    path = kept.executed_path(root, page)
    if not path.exists():
        return [f"{page} was not executed"]
    return [
        f"{page}, code cell {number}: printed on stderr: {output.text.strip()[:200]}"
        for number, cell in enumerate(kept.code_cells(nbformat.read(path, as_version=4)), start=1)
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr"
    ]


def build(root: Path, *, ran: bool = False) -> list[str]:
    """Build the book in ``root``; return the faults found, none for a good build.

    Parameters
    ----------
    root
        The folder with ``_config.yml`` and ``_toc.yml``.
    ran
        Whether nbval has run the chapters already.
    """
    code, log = (0, "") if ran else run_chapters(root)
    faults = faults_of_log("nbval", code, log)
    faults += [fault for page in toc.notebooks(root) for fault in faults_of_notebook(root, page)]
    if not faults:
        code, more = run_sphinx(root)
        log += more
        faults = faults_of_log("Jupyter Book", code, more)
        html = root / "_build/html"
        lost = [page for page in toc.pages(root) if not (html / f"{page}.html").exists()]
        faults += [f"{page}: no page was written" for page in lost if code == 0]
    (root / "_build/build.log").write_text(log, encoding="utf8")
    return faults


def main(arguments: list[str]) -> int:
    root, started = Path.cwd(), time.perf_counter()
    faults = build(root, ran="--ran" in arguments)
    seconds = time.perf_counter() - started
    if faults:
        print(f"\nthe book did not build ({seconds:.0f} s); the whole log: _build/build.log")
        print("\n".join(f"  {fault}" for fault in faults))
        return 1
    address = (root / "_build/html/index.html").as_uri()
    print(f"the book is built in {seconds:.0f} s; open {address}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
