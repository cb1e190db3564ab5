"""Make the folder that the Colab and Binder buttons open (used by publish.yml).

    python -m tools.book.publish FOLDER https://github.com/OWNER/NAME

FOLDER gets the executed notebooks of the built book, what they import and read, and a
requirements file for Binder.  Each notebook gets a first cell that fetches and installs all
this on Colab, where nothing is installed; elsewhere that cell does nothing.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import nbformat
import yaml

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


def with_setup(notebook: nbformat.NotebookNode, url: str, branch: str) -> nbformat.NotebookNode:
    """Return a copy of an executed notebook with the set-up cell in front."""
    cell = nbformat.v4.new_code_cell(SETUP.format(url=url, branch=branch), id="course-setup")
    copy: nbformat.NotebookNode = nbformat.from_dict({**notebook, "cells": [cell, *notebook.cells]})
    return copy


def publish(folder: Path, url: str) -> list[Path]:
    """Fill ``folder``; return the notebooks in it.  Raises SystemExit if the book is not built."""
    branch = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["branch"]
    executed = ROOT / "_build/executed"
    sources = sorted(executed.glob("**/*.ipynb"))
    if not sources:
        raise SystemExit(f"no executed notebooks in {executed}: run `make book` first")
    written = []
    for source in sources:
        target = folder / source.relative_to(executed)
        target.parent.mkdir(parents=True, exist_ok=True)
        notebook = nbformat.read(source, as_version=4)
        nbformat.write(with_setup(notebook, url, branch), target)
        written.append(target)
    for name in NEEDED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    lines = (ROOT / "requirements.lock").read_text().splitlines()
    kept = [line for line in lines if line and not line.startswith(("#", *ONLY_TO_BUILD))]
    (folder / "requirements.txt").write_text("\n".join([*kept, ".", "./grader", ""]))
    return written


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    for path in publish(Path(sys.argv[1]), sys.argv[2]):
        print(path)
