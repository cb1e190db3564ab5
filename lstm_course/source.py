"""Show the code of the package on a page, so that it stands in one place only."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


class Listing:
    """Python source that a notebook and the book show with colours."""

    def __init__(self, source: str) -> None:
        self.source = source

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.source}\n```"

    def __repr__(self) -> str:
        return self.source


def _docstring_lines(tree: ast.AST) -> set[int]:
    """Return the numbers of the lines that docstrings of functions and classes take up."""
    lines: set[int] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.ClassDef) or len(node.body) < 2:
            continue
        first = node.body[0]
        if ast.get_docstring(node) is not None and first.end_lineno is not None:
            following = node.body[1]
            decorators = getattr(following, "decorator_list", [])
            begin = decorators[0].lineno if decorators else following.lineno
            lines |= set(range(first.lineno, max(first.end_lineno + 1, begin)))
    return lines


def show_source(*objects: Callable[..., Any] | type) -> Listing:
    """Return the source of functions and classes as a listing, without their docstrings.

    ``TypeError`` if an object has no Python source.
    """
    parts = []
    for item in objects:
        source = textwrap.dedent(inspect.getsource(item))
        hidden = _docstring_lines(ast.parse(source))
        lines = enumerate(source.splitlines(), start=1)
        parts.append("\n".join(line for number, line in lines if number not in hidden).strip())
    return Listing("\n\n\n".join(parts))
