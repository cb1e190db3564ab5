"""Bars of folded code that say what they hide.

The theme writes the same words on every bar.  Here the source of the cell, and the figure that it
draws, give each bar a name: a comment in the first line, or else the figure, the functions and
classes that the cell defines, the variables that it fills, or the code of its first line.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

#: So many names stand on a bar, and so many letters of a line of code.
NAMES, LETTERS = 3, 48
SAME = '<summary aria-label="Toggle hidden content">'


def defined(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the functions and classes that a cell defines."""
    for one in statements:
        if isinstance(one, ast.FunctionDef | ast.ClassDef):
            yield one.name


def filled(statements: list[ast.stmt]) -> Iterator[str]:
    """Yield the variables that a cell fills, each once."""
    targets: list[ast.expr] = []
    for one in statements:
        targets += one.targets if isinstance(one, ast.Assign) else []
        targets += [one.target] if isinstance(one, ast.AugAssign | ast.AnnAssign) else []
    parts = (node for target in targets for node in ast.walk(target))
    names = [one for one in parts if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    yield from dict.fromkeys(one.id for one in names if one.id != "_")


def listed(names: list[str]) -> str:
    """Return the first few names, and a sign that there are more."""
    return ", ".join(names[:NAMES]) + (", …" if len(names) > NAMES else "")


def name_of(source: str, figure: str = "") -> str:
    """Return a name for the code of a cell.

    Parameters
    ----------
    source
        The code.
    figure
        How the text calls the figure that the cell draws, empty where it draws none.
    """
    first = next((line for line in source.splitlines() if line.strip()), "").strip()
    if first.startswith("#"):
        return first.lstrip("# ").rstrip(".")
    if figure:
        return figure
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        statements = []
    names = [*defined(statements)] or [*filled(statements)]
    short = first if len(first) <= LETTERS else f"{first[:LETTERS].rstrip()}…"
    return listed(names) or short


class NameBars(SphinxPostTransform):
    """Give the bar of every folded cell its name, before MyST-NB makes the bars."""

    default_priority = 190
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        for cell in self.document.findall(nodes.container):
            code = next(iter(cell.findall(nodes.literal_block)), None)
            if cell.get("nb_element") == "cell_code" and cell.get("hide_mode") and code:
                name = name_of(code.astext(), self.figure_in(cell))
                for prompt in ("prompt_show", "prompt_hide"):
                    cell[prompt] = f"{cell[prompt]}: {name}"

    def figure_in(self, cell: nodes.container) -> str:
        """Return what the text calls the figure of a cell, empty where it has none."""
        numbers = self.env.toc_fignumbers.get(self.env.docname, {}).get("figure", {})
        for figure in cell.findall(nodes.figure):
            if found := numbers.get(figure["ids"][0] if figure["ids"] else ""):
                return f"Figure {'.'.join(str(part) for part in found)}"
        return ""


def say_names(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Drop the one name that all bars have for screen readers, so that they read the words."""
    context["body"] = context.get("body", "").replace(SAME, "<summary>")


def setup(app: Sphinx) -> None:
    """Name the bars of all pages."""
    app.add_post_transform(NameBars)
    app.connect("html-page-context", say_names, priority=600)
