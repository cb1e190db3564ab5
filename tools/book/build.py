"""Build the book and judge the result, not the exit code alone (`make book`).

Jupyter Book can print a warning, or leave a page out, and still report success.  The build
here counts as good only when Sphinx printed no warning, every page of the table of contents
was written, and every chapter has an executed notebook without an error or a message on
stderr.  The whole log is kept in _build/build.log.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import yaml

from tools.environment import KERNEL_ENVIRONMENT

FAULT = re.compile(r"\b(WARNING|ERROR|CRITICAL): |^\[\d+/\d+\] FAILED ")
SHOWN = re.compile(rf"^\[\d+/\d+\]|^      cell: |{FAULT.pattern}")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def pages(root: Path) -> list[str]:
    """Return the pages of the table of contents, without suffix."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf8"))
    parts = toc.get("parts", [toc])
    return [toc["root"], *(entry["file"] for part in parts for entry in part["chapters"])]


def is_notebook(root: Path, page: str) -> bool:
    path = root / f"{page}.md"
    return path.exists() and "\nkernelspec:" in path.read_text(encoding="utf8")


def run_sphinx(root: Path) -> tuple[int, str]:
    """Run Jupyter Book, showing progress and faults; return its exit code and whole output."""
    jupyter_book = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command = [*jupyter_book, "build", "-W", "-n", "--keep-going", "."]
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


def faults_of_notebook(path: Path) -> list[str]:
    """Return what is wrong with an executed notebook: cells not run, errors, stderr."""
    if not path.exists():
        return [f"{path} is missing"]
    found = []
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, start=1):
        if cell.cell_type != "code":
            continue
        tags = cell.metadata.get("tags", [])
        where = f"{path.stem}, cell {number}"
        if cell.execution_count is None:
            found.append(f"{where}: not executed")
        for output in cell.outputs:
            if output.output_type == "error" and "raises-exception" not in tags:
                found.append(f"{where}: {output.ename}: {output.evalue}")
            if output.output_type == "stream" and output.name == "stderr":
                found.append(f"{where}: printed on stderr: {output.text.strip()[:200]}")
    return found


def build(root: Path) -> list[str]:
    """Build the book in ``root``; return the faults found, none for a good build."""
    code, log = run_sphinx(root)
    out = root / "_build"
    out.mkdir(exist_ok=True)
    (out / "build.log").write_text(log, encoding="utf8")
    faults = [line for line in log.splitlines() if FAULT.search(line)]
    if code != 0 and not faults:
        faults = [f"Jupyter Book ended with exit code {code}; its last lines:"]
        faults += log.splitlines()[-8:]
    for page in pages(root):
        if code == 0 and not (out / "html" / f"{page}.html").exists():
            faults.append(f"{page}: no page was written")
        if is_notebook(root, page):
            faults += faults_of_notebook(out / "executed" / f"{page}.ipynb")
    return faults


def main() -> int:
    root, started = Path.cwd(), time.perf_counter()
    faults = build(root)
    seconds = time.perf_counter() - started
    if faults:
        print(f"\nthe book did not build ({seconds:.0f} s); the whole log: _build/build.log")
        print("\n".join(f"  {fault}" for fault in faults))
        return 1
    address = (root / "_build/html/index.html").as_uri()
    print(f"the book is built in {seconds:.0f} s; open {address}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
