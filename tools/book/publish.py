"""Make the folder that the Colab and Binder buttons open (used by publish.yml).

    python -m tools.book.publish FOLDER https://github.com/OWNER/NAME

FOLDER gets the executed notebooks in plain Markdown, as the download button hands them out, what
they import and read, and a requirements file for Binder.  Below its title each notebook gets a
cell that fetches and installs all this on Colab, where nothing is installed; elsewhere that
cell does nothing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nbformat
import yaml
from nbformat import NotebookNode

from tools.book import kept, toc
from tools.book.portable.book import Book
from tools.book.portable.convert import file_name, portable

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("lstm_course", "grader", "pyproject.toml", "README.md", "LICENSE")
ONLY_TO_BUILD = (
    "jupyter-book",
    "nbgrader",
    "playwright",
    "axe-playwright",
    "pip==",
    "setuptools==",
)
SETUP = """# On Colab this fetches the course and installs its package; elsewhere it does nothing.
import sys

if "google.colab" in sys.modules:
    !git clone --quiet --depth 1 --branch {branch} {url} course
    %pip install --quiet "./course[data]" ./course/grader
    %cd course"""


def with_setup(notebook: NotebookNode, url: str, branch: str) -> NotebookNode:
    """Return a copy of a chapter with the set-up cell below its title."""
    cell = nbformat.v4.new_code_cell(SETUP.format(url=url, branch=branch), id="course-setup")
    title, *others = notebook.cells
    return NotebookNode({**notebook, "cells": [title, cell, *others]})


def write_notebooks(folder: Path, url: str, branch: str) -> list[Path]:
    """Write the chapters into ``folder``, each where its page stands in the book."""
    book, written = Book(ROOT, repository=url), []
    for page in toc.notebooks(ROOT):
        notebook = nbformat.read(kept.executed_path(ROOT, page), as_version=4)
        target = folder / Path(page).parent / file_name(page)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(with_setup(portable(notebook, page, book), url, branch), target)
        written.append(target)
    return written


def publish(folder: Path, url: str) -> list[Path]:
    """Fill ``folder``; return the notebooks in it.  Raises SystemExit if the book is not built."""
    branch = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["branch"]
    executed = [kept.executed_path(ROOT, page) for page in toc.notebooks(ROOT)]
    if missing := [path.stem for path in executed if not path.exists()]:
        raise SystemExit(f"not executed: {', '.join(missing)}: run `make book` first")
    written = write_notebooks(folder, url, branch)
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith(("#", *ONLY_TO_BUILD))]
    (folder / "requirements.txt").write_text("\n".join([*pinned, ".", "./grader", ""]))
    return written


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    for path in publish(Path(sys.argv[1]), sys.argv[2]):
        print(path)
