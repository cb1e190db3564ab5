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


def text_of(root: Path, page: str) -> str:
    """Return the expected outputs of a chapter, an empty text where no cell is tagged."""
    blocks = expected.blocks_of(nbformat.read(executed_path(root, page), as_version=4))
    try:
        return expected.dump(page, blocks) if blocks else ""
    except expected.ExpectedError as error:
        raise expected.ExpectedError(f"{page}: {error}") from error


def write(path: Path, text: str) -> None:
    """Write a file of expected outputs; delete that of a chapter without tagged cells."""
    path.unlink(missing_ok=True)
    if text:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf8")


def main() -> int:
    root = Path.cwd()
    faults = faults_of_log("nbval", *run_chapters(root))
    try:
        texts = {page: text_of(root, page) for page in toc.notebooks(root) if not faults}
    except expected.ExpectedError as error:
        texts, faults = {}, [str(error)]
    for fault in faults:
        print(fault)
    for page, text in texts.items():
        write(expected.path_of(root, page), text)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
