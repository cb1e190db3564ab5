"""The reader's own copies of the chapters, and the page on which JupyterLab opens."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from pathlib import Path

import nbformat

from tools.book import facts, kept, notebooks
from tools.book.portable.book import Book
from tools.book.portable.convert import file_name, portable

FOLDER = "my_notebooks"
START = "start_here.ipynb"
#: Digests of what was written, so that a copy that the reader changed is never overwritten.
WRITTEN = ".written.json"
WORDS = """\
# The LSTM course

**Read**: the chapters below are notebooks with all their outputs.
They are your own copies, in the folder `{folder}`: run them, change them, write into them.
`make lab` brings those up to date that you have not changed; delete one to get it anew.

**Do**: an assignment opens from the last column.
Write the functions that it asks for and press *Validate*.

{note}
| Chapter | What it is about | Assignment |
| --- | --- | --- |
{rows}
"""
WITHOUT = "The outputs are missing until `make book` has run the chapters.\n"


def row(fact: facts.Facts, root: Path, folder: Path) -> str:
    """Return the line of a chapter in the table of the first page."""
    place = target(folder, fact.page).relative_to(folder).as_posix()
    exercise = ""
    if fact.assignment:
        file = root / "exercises" / fact.assignment / f"{fact.assignment}.ipynb"
        exercise = f"[{fact.assignment}]({Path(os.path.relpath(file, folder)).as_posix()})"
    return f"| [{fact.title}]({place}) | {fact.line} | {exercise} |"


def start_page(root: Path, folder: Path, *, ran: bool) -> str:
    """Return the page on which JupyterLab opens, a notebook, as text."""
    rows = "\n".join(row(fact, root, folder) for fact in facts.chapters(root))
    text = WORDS.format(folder=folder.name, rows=rows, note="" if ran else WITHOUT)
    cell = nbformat.v4.new_markdown_cell(text, id="start")
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    page = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": spec})
    return str(nbformat.writes(page))


def target(folder: Path, page: str) -> Path:
    """Return the place of a chapter's copy."""
    return folder / Path(page).parent.name / file_name(page)


def contents(root: Path, folder: Path) -> dict[Path, str]:
    """Return the texts of all copies, with outputs where the chapter was run."""
    book, made, ran = Book(root), {}, True
    for page in (fact.page for fact in facts.chapters(root)):
        executed = kept.executed_path(root, page)
        there = executed.exists()
        ran &= there
        read = nbformat.read(executed, as_version=4) if there else notebooks.read(root, page)
        made[target(folder, page)] = nbformat.writes(portable(read, page, book))
    return {folder / START: start_page(root, folder, ran=ran), **made}


def write(root: Path, folder: Path) -> list[Path]:
    """Write the copies of the chapters; return those that the reader changed, which stay.

    Parameters
    ----------
    root
        The folder of the course.
    folder
        Where the copies stand.
    """
    record = folder / WRITTEN
    known = json.loads(record.read_text(encoding="utf8")) if record.exists() else {}
    changed = []
    for path, text in contents(root, folder).items():
        name = path.relative_to(folder).as_posix()
        if path.exists() and digest(path.read_text(encoding="utf8")) != known.get(name):
            changed.append(path)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf8")
        known[name] = digest(text)
    record.write_text(json.dumps(known, indent=1), encoding="utf8")
    return changed


def digest(text: str) -> str:
    """Return a digest of what a notebook says and computes; outputs make no difference."""
    with contextlib.suppress(ValueError, KeyError, TypeError):  # perhaps no notebook any more
        text = json.dumps([cell["source"] for cell in json.loads(text)["cells"]])
    return hashlib.sha256(text.encode()).hexdigest()
