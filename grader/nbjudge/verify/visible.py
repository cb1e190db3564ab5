"""What the visible tests of a notebook say of answers, without the judge and its processes.

The cells run one after the other in this process, as in a student's notebook.  The answers are
the instructor's own, with a known mistake or as mutants: nothing here must be kept apart.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import sys
import types
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from nbformat import NotebookNode

from nbjudge.checks.attempts import Attempt
from nbjudge.checks.parts import Score
from nbjudge.checks.seen import Seen
from nbjudge.engine.rebuild import without_hidden
from nbjudge.verify.assignment import Assignment

#: How a message is told: a sentence of the table, a kind that needs none, or less than that.
NAMED, KIND, ERROR, SHAPE, VALUES, SILENT = "named", "kind", "error", "shape", "values", "silent"
_ERROR = re.compile(r"your code raised|\w+(Error|Exception): ")
_SHAPE = re.compile(r"must (be|hold|have|return|keep|raise)\b|the message must")
_VALUES = re.compile(r"wrong values|is not right|contains nan|must be")


SeenBefore = dict[tuple[str, int, int], Seen]


class Told(NamedTuple):
    """What the visible test of a question said."""

    how: str
    message: str


class Visible:
    """The visible tests of an assignment, ready to be run on one answer after the other."""

    def __init__(self, assignment: Assignment) -> None:
        """Run the notebook once with the instructor's answers.

        Raises
        ------
        RuntimeError
            If a visible test does not give them full marks.
        """
        self._assignment = assignment
        self._spaces: dict[str, dict[str, Any]] = {}  # as they are before each question
        self._tests: dict[str, str] = {}
        self._seen: SeenBefore = {}  # visible tests have the same cases every time
        main = types.ModuleType("notebook")
        space = main.__dict__
        with _as_main(main), _quiet():
            for cell in assignment.source.cells:
                self._take(cell, space)

    def _take(self, cell: NotebookNode, space: dict[str, Any]) -> None:
        about = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or not about:
            return
        question, source = self._assignment.question(cell), str(cell.source)
        if about.get("solution"):
            self._spaces[question] = dict(space)
            exec(compile(source, f"<{question}>", "exec", dont_inherit=True), space)
        elif about.get("grade"):
            self._tests[question] = without_hidden(source)
            told = _test(self._tests[question], space, self._seen)
            if told.how != SILENT:
                raise RuntimeError(f"{question}: the right answer is told: {told.message}")
        else:
            exec(compile(source, "<locked cell>", "exec", dont_inherit=True), space)

    def told(self, question: str, answer: str, extra: str = "") -> Told:
        """Return what the visible test of a question says of an answer.

        Parameters
        ----------
        question : str
        answer : str
            The source of its cell.
        extra : str
            Source of a cell of the student's own.
        """
        main = types.ModuleType("notebook")
        space = main.__dict__
        space.update(self._spaces[question])
        with _as_main(main), _quiet():
            try:
                for source in (extra, answer):
                    exec(compile(source, f"<{question}>", "exec", dont_inherit=True), space)
            except Exception as error:
                return Told(ERROR, f"{type(error).__name__}: {error}")
            return _test(self._tests[question], space, self._seen)


def _test(source: str, space: dict[str, Any], seen: SeenBefore) -> Told:
    """Run a test cell; return what it says."""
    tree = ast.parse(source)
    last = tree.body.pop()
    kinds: list[str] = []
    try:
        with _noted(kinds, seen):
            exec(compile(tree, "<test>", "exec", dont_inherit=True), space)
            expression = last.value if isinstance(last, ast.Expr) else ast.Constant(None)
            value = eval(
                compile(ast.Expression(expression), "<test>", "eval", dont_inherit=True), space
            )
    except Exception as error:
        return _sorted(f"{type(error).__name__}: {error}", kinds)
    if not isinstance(value, Score):
        return Told(SILENT, "")
    failed = [part.result for part in value.parts if part.error is not None]
    return _sorted("\n".join(f"{one.name}: {one.message}" for one in failed), kinds)


@contextlib.contextmanager
def _noted(kinds: list[str], seen: SeenBefore) -> Iterator[None]:
    """Note which failures were explained, and how, and what mistaken versions have shown."""
    old = Attempt.noted, Attempt.seen
    Attempt.noted, Attempt.seen = staticmethod(kinds.append), seen
    try:
        yield
    finally:
        Attempt.noted, Attempt.seen = old


def _sorted(message: str, kinds: list[str]) -> Told:
    """Return a message with its class."""
    if not message:
        return Told(SILENT, "")
    for how in (NAMED, KIND):
        if how in kinds:
            return Told(how, message)
    if _ERROR.search(message):
        return Told(ERROR, message)
    if _VALUES.search(message) and not _SHAPE.search(message):
        return Told(VALUES, message)
    return Told(SHAPE, message) if _SHAPE.search(message) else Told(NAMED, message)


@contextlib.contextmanager
def _as_main(main: types.ModuleType) -> Iterator[None]:
    """Let ``main`` be what the checks take for the notebook."""
    old = sys.modules["__main__"]
    sys.modules["__main__"] = main
    main.__name__ = "__main__"
    try:
        yield
    finally:
        sys.modules["__main__"] = old


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what cells print and what libraries warn of to ourselves."""
    text = io.StringIO()
    with (
        contextlib.redirect_stdout(text),
        contextlib.redirect_stderr(text),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        yield
