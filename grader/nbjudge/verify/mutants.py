"""Mutants of the instructor's solutions: one small mistake each, which the tests must notice.

The tools for mutation testing (mutmut, cosmic-ray) change files and run a test suite again;
they know neither the cells of a notebook nor its solution regions, and few of the mistakes
that count here: a lost transpose, a forgotten ``detach``, results in the wrong order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from nbjudge.verify.mutations import (
    CONFUSED_ATTRIBUTES,
    bounds,
    exchanges,
    expressions,
    statements,
)


class Mutant(NamedTuple):
    """A changed cell; ``change`` is the changed statement before and after, and unique."""

    change: str
    source: str


class _Place(NamedTuple):
    """Where a node hangs in the tree, and the innermost statement around it."""

    parent: ast.AST
    field: str
    position: int | None  # in the field, where that is a list
    node: ast.AST
    statement: ast.stmt


def mutants(source: str, confused: Iterable[tuple[str, str]] = ()) -> list[Mutant]:
    """Return all mutants of a cell; only lines inside a solution region are changed.

    Parameters
    ----------
    source : str
        Source of a solution cell with ``### BEGIN SOLUTION`` and ``### END SOLUTION``.
    confused : iterable of (str, str)
        Pairs of attributes that students of the course confuse, besides those known here.

    Raises
    ------
    ValueError
        If the cell has no solution region.
    """
    lines = _solution_lines(source)
    if not lines:
        raise ValueError(f"no ### BEGIN SOLUTION in the cell {source.splitlines()[0]!r}")
    tree = ast.parse(source)
    made: dict[str, str] = {ast.unparse(tree): ""}  # source -> change
    changes = {""}
    other_attributes = exchanges([*CONFUSED_ATTRIBUTES, *confused])
    for place in _places(tree):
        if getattr(place.node, "lineno", 0) not in lines:
            continue
        before = _header(place.statement)
        for new in _replacements(place, other_attributes):
            with _replaced(place, new):
                after = _header(place.statement) if isinstance(new, ast.expr) else _brief(new)
                text = ast.unparse(tree)
            if text not in made:
                made[text] = _unique(f"{before} -> {after}", changes)
    return [Mutant(change, text) for text, change in made.items() if change]


def _solution_lines(source: str) -> set[int]:
    inside, lines = False, set()
    for number, line in enumerate(source.splitlines(), 1):
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside:
            lines.add(number)
    return lines


def _places(node: ast.AST, statement: ast.stmt | None = None) -> Iterator[_Place]:
    for field, value in ast.iter_fields(node):
        is_list = isinstance(value, list)
        for position, child in enumerate(value if is_list else [value]):
            if not isinstance(child, ast.AST):
                continue
            own = child if isinstance(child, ast.stmt) else statement
            if own is not None:
                yield _Place(node, field, position if is_list else None, child, own)
            yield from _places(child, own)


@contextmanager
def _replaced(place: _Place, new: ast.expr | list[ast.stmt]) -> Iterator[None]:
    """Put ``new`` in the place of the node for the time of the block."""
    old = getattr(place.parent, place.field)
    value: object = new
    if place.position is not None:
        fresh = new if isinstance(new, list) else [new]
        value = [*old[: place.position], *fresh, *old[place.position + 1 :]]
        if not value and place.field == "body":
            value = [ast.Pass()]
    setattr(place.parent, place.field, value)
    try:
        yield
    finally:
        setattr(place.parent, place.field, old)


def _header(statement: ast.stmt) -> str:
    """Return a statement on one line; of one with a body, only what stands before the body."""
    text = ast.unparse(ast.fix_missing_locations(statement))
    if isinstance(statement, ast.For) and isinstance(statement.body[-1], ast.Break):
        return f"{text.splitlines()[0]} (once)"
    return text.splitlines()[0] if hasattr(statement, "body") else " ".join(text.split())


def _brief(statements: list[ast.stmt]) -> str:
    return "; ".join(_header(one) for one in statements) or "(removed)"


def _unique(change: str, taken: set[str]) -> str:
    number, text = 1, change
    while text in taken:
        number += 1
        text = f"{change} (no. {number})"
    taken.add(text)
    return text


def _replacements(
    place: _Place, other_attributes: Mapping[str, str]
) -> Iterable[ast.expr | list[ast.stmt]]:
    node = place.node
    if isinstance(node, ast.stmt):
        return statements(node)
    if isinstance(node, ast.expr):
        used = not isinstance(place.parent, ast.Expr)
        is_index = isinstance(place.parent, ast.Subscript) and place.field == "slice"
        made = expressions(node, used, other_attributes)
        return [*made, *(bounds(node) if is_index else ())]
    return ()
