"""Make the answers to an assignment, a module, from its solution: the cells without the tests.

    solutions/NAME/NAME.py  -> lstm_course/answers/NAME.py        what notebooks call `reference`
    solutions/NAME/cases.py -> lstm_course/answers/NAME_cases.py  inputs of tests
    solutions/NAME/bank.py  -> lstm_course/answers/NAME_mistakes.py  what tests call `known`

Both are imported from the installed package, in a student's notebook as in the judge.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode
from nbjudge.checks.mistakes import Way
from nbjudge.verify.bank import Mistake, wrong_of

MADE = "Made from solutions/{name}/{file} by `make exercises`: edit that file, not this one."
ANSWERS = '''"""The answers to ``{name}``, as later questions and hidden tests use them.

{made}
"""

'''
MISTAKES = '''"""What is known to go wrong in ``{name}``: sentences, and changes of the answer.

{made}
"""

'''
MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


@dataclass(frozen=True)
class Piece:
    """A part of the module: a whole solution cell, or one statement of a locked cell."""

    source: str
    bound: frozenset[str]
    used: frozenset[str]
    is_import: bool = False
    is_solution: bool = False


def answers(name: str, notebook: NotebookNode) -> str:
    """Return the module of the answers: all solution cells, and what of the locked ones they use.

    Parameters
    ----------
    name : str
        The assignment.
    notebook : NotebookNode
        The teacher's notebook.
    """
    pieces = list(_pieces(notebook))
    needed = _needed(pieces)
    imports = [_narrowed(p.source, needed) for p in pieces if p.is_import and p.bound & needed]
    kept = [p for p in pieces if not p.is_import and (p.is_solution or p.bound & needed)]
    head = ANSWERS.format(name=name, made=MADE.format(name=name, file=f"{name}.py"))
    return head + "\n".join(imports) + "".join(f"\n\n\n{piece.source}" for piece in kept) + "\n"


def cases(name: str, source: str) -> str:
    """Return the module of the cases: ``source``, under a line that says where it comes from."""
    return f"# {MADE.format(name=name, file='cases.py')}\n{source}"


def mistakes(name: str, known: Mapping[str, Sequence[Mistake]]) -> str:
    """Return the module of the known mistakes: a list for each question, by its name."""
    lines = [MISTAKES.format(name=name, made=MADE.format(name=name, file="bank.py")).rstrip("\n")]
    for question, every in known.items():
        lines += ["", f"{question} = ["]
        lines += [f"    ({one.sentence!r}, {[*map(_plain_way, one.ways)]!r})," for one in every]
        lines += ["]"]
    return "\n".join([*lines, ""])


def check_mistakes(
    name: str, notebook: NotebookNode, known: Mapping[str, Sequence[Mistake]]
) -> None:
    """Raise ValueError unless each mistake is a change of the answer to a question there is."""
    cells = {
        str(cell.metadata.nbgrader.grade_id).removeprefix(f"{name}_"): cell.source
        for cell in notebook.cells
        if cell.metadata.get("nbgrader", {}).get("solution")
    }
    for question, every in known.items():
        if question not in cells:
            raise ValueError(f"there is no question {question}, only {', '.join(cells)}")
        sentences = [one.sentence for one in every]
        if twice := [text for text in sentences if sentences.count(text) > 1]:
            raise ValueError(f"{question}: the sentence {twice[0]!r} stands twice")
        for one in every:
            for entry in wrong_of(question, cells[question], one):
                compile(entry.answers[question], entry.name, "exec")


def _plain_way(way: Way) -> Way:
    return way if isinstance(way, str) else [(old, new) for old, new in way]


def top_level_names(source: str) -> tuple[set[str], set[str]]:
    """Return the names that a cell binds, and those that it reads from the notebook."""
    bound: set[str] = set()
    used: set[str] = set()
    top = symtable.symtable(source, "cell", "exec")
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if table is top and (symbol.is_assigned() or symbol.is_imported()):
                bound.add(symbol.get_name())
            elif symbol.is_referenced() and (table is top or symbol.is_global()):
                used.add(symbol.get_name())
    return bound, used


def _pieces(notebook: NotebookNode) -> Iterator[Piece]:
    """Yield the parts that the module may need, in the order of the notebook."""
    students = {name for cell in notebook.cells for name in _answered(cell)}
    for cell in notebook.cells:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or about.get("grade"):
            continue
        if about.get("solution"):
            lines = [line for line in cell.source.splitlines() if line.strip() not in MARKS]
            yield _piece("\n".join(lines), is_solution=True)
        elif about.get("locked"):
            for statement in ast.parse(cell.source).body:
                is_import = isinstance(statement, ast.Import | ast.ImportFrom)
                piece = _piece(_source(cell.source, statement), is_import=is_import)
                if not piece.bound & students:  # else it hands out an answer
                    yield piece


def _piece(source: str, *, is_import: bool = False, is_solution: bool = False) -> Piece:
    bound, used = (frozenset(names) for names in top_level_names(source))
    return Piece(source, bound, used - set(dir(builtins)), is_import, is_solution)


def _source(cell: str, statement: ast.stmt) -> str:
    """Return the lines of a statement, decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(node.lineno for node in decorators)])
    return "\n".join(cell.splitlines()[first - 1 : statement.end_lineno])


def _answered(cell: NotebookNode) -> set[str]:
    """Return the names that a cell binds where it is one that a student fills in."""
    is_solution = cell.metadata.get("nbgrader", {}).get("solution")
    return top_level_names(cell.source)[0] if is_solution else set()


def _needed(pieces: list[Piece]) -> set[str]:
    """Return the names that the solutions read, directly or through what they read."""
    needed = {name for piece in pieces if piece.is_solution for name in piece.used}
    while True:
        more = {n for p in pieces if not p.is_import and p.bound & needed for n in p.used} - needed
        if not more:
            return needed
        needed |= more


def _narrowed(source: str, needed: set[str]) -> str:
    """Return an import without the names that nobody reads."""
    (statement,) = ast.parse(source).body
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    kept = [a for a in statement.names if (a.asname or a.name).partition(".")[0] in needed]
    statement.names = kept
    return ast.unparse(statement)
