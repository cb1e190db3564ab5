"""Write the expected outputs anew, from what the chapters put out now (`make expected`).

Chapters that changed are run first.  Look at the difference before you commit it: the prose leans
on these numbers.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat

from tools.book import expected, toc
from tools.book.build import faults_of_log, run_chapters
from tools.book.kept import executed_path


def write(root: Path, page: str) -> None:
    """Write the expected outputs of a chapter; delete the file of one without tagged cells."""
    blocks = expected.blocks_of(nbformat.read(executed_path(root, page), as_version=4))
    path = expected.path_of(root, page)
    path.unlink(missing_ok=True)
    if blocks:
        path.parent.mkdir(exist_ok=True)
        path.write_text(expected.dump(page, blocks), encoding="utf8")


def main() -> int:
    root = Path.cwd()
    faults = faults_of_log("nbval", *run_chapters(root))
    for fault in faults:
        print(fault)
    for page in toc.notebooks(root) if not faults else ():
        write(root, page)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
