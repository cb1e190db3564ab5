"""Make of an executed chapter a notebook that reads well wherever it is opened."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tools.book.portable import pictures
from tools.book.portable.blocks import Prose
from tools.book.portable.book import Book
from tools.book.portable.syntax import MystError, blocks, directive, roles
from tools.book.portable.text import keys_of
from tools.environment import KERNEL_ENVIRONMENT

#: The tags of MyST-NB that fold a cell, and what of it.
FOLDS = {
    "hide-input": ("source_hidden",),
    "hide-output": ("outputs_hidden",),
    "hide-cell": ("source_hidden", "outputs_hidden"),
    "remove-input": ("source_hidden",),
}
#: With this tag a notebook goes on after a cell that is meant to fail.
KEPT_TAGS = {"raises-exception"}
SETUP = """\
# The environment in which the book ran this chapter: one thread, the rounding of every
# processor, no start-up notices of TensorFlow.
import os

for name, value in {environment}.items():
    os.environ.setdefault(name, value)"""


def file_name(page: str) -> str:
    """Return the name of a chapter's notebook, which no assignment has."""
    return f"chapter_{Path(page).name}.ipynb"


def cited_by(texts: Iterable[str]) -> list[str]:
    """Return the keys of the sources that texts in MyST cite, in boxes and outside."""
    keys = []
    for text in texts:
        lines, at = text.split("\n"), 0
        for token, begin, end in [*blocks(text), (None, len(lines), len(lines))]:
            found = [role for role in roles("\n".join(lines[at:begin])) if "cite" in role[1]]
            keys += [key for role in found for key in keys_of(role[3])]
            box = directive(token) if token else None
            keys += cited_by([box.argument, box.body]) if box else []
            at = end
    return keys


def plain_output(output: NotebookNode) -> NotebookNode | None:
    """Return an output as every viewer shows it; None for one that holds a script alone."""
    html = output.get("data", {}).get("text/html", "")
    if html.lstrip().startswith("<script"):
        return None
    if html:
        data = {**output.data, "text/html": pictures.with_images(html)}
        return NotebookNode({**output, "data": NotebookNode(data)})
    return output


def code_cell(cell: NotebookNode) -> NotebookNode:
    """Return a code cell, folded where the page folds it, without the tags of the book."""
    tags = set(cell.metadata.get("tags", ()))
    hidden = {part: True for tag in sorted(tags) for part in FOLDS.get(tag, ())}
    outputs = [plain for one in cell.outputs if (plain := plain_output(one)) is not None]
    if not outputs:
        hidden.pop("outputs_hidden", None)
    metadata: dict[str, object] = {}
    if hidden:
        metadata["jupyter"] = hidden
    if "source_hidden" in hidden:
        metadata["cellView"] = "form"  # what Colab calls it
    if kept := sorted(tags & KEPT_TAGS):
        metadata["tags"] = kept
    changed = {"metadata": nbformat.from_dict(metadata), "outputs": outputs}
    made: NotebookNode = nbformat.from_dict({**cell, **changed})
    return made


def setup_cell() -> NotebookNode:
    """Return a folded cell that makes the environment of the book."""
    shown = {k: v for k, v in KERNEL_ENVIRONMENT.items() if k != "PYTHONHASHSEED"}
    lines = "".join(f'    "{name}": "{value}",\n' for name, value in shown.items())
    source = SETUP.format(environment=f"{{\n{lines}}}")
    metadata = {"jupyter": {"source_hidden": True}, "cellView": "form"}
    cell: NotebookNode = nbformat.v4.new_code_cell(source, id="environment", metadata=metadata)
    return cell


def portable(notebook: NotebookNode, page: str, book: Book) -> NotebookNode:
    """Return an executed chapter as a notebook in plain Markdown, whose pictures show untrusted.

    Parameters
    ----------
    notebook
        The chapter with its outputs; it is not changed.
    page
        Its name in the table of contents.
    book
        All pages.

    Raises
    ------
    MystError
        If something on the page has no form in a notebook; the message names both.
    """
    texts = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    prose, cells = Prose(book, page, cited_by(texts)), []
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cells.append(code_cell(cell))
            continue
        try:
            text = prose.markdown(cell.source)
        except MystError as fault:
            raise MystError(f"{page}: {fault}") from fault
        if text:
            cells.append(nbformat.v4.new_markdown_cell(text, id=cell.id))
    cells.insert(1, setup_cell())
    wanted = ("kernelspec", "language_info")
    kept = {key: notebook.metadata[key] for key in wanted if key in notebook.metadata}
    return NotebookNode({**notebook, "cells": cells, "metadata": NotebookNode(kept)})
