"""Known mistakes of a question: each a sentence, and a small change of the answer.

The table stands in the bank of an assignment and is written into a module beside the answers.
A test makes functions of it only where a student's function is not right.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

#: Pairs of an old text and a new one, which are one mistake together; or a whole other cell.
Way = Sequence[tuple[str, str]] | str
#: What a student should read, and the ways in which the mistake is made.
Mistakes = Sequence[tuple[str, Sequence[Way]]]


def edited(source: str, way: Way) -> str:
    """Return an answer with a mistake in it.

    Parameters
    ----------
    source : str
        The answer.
    way : sequence of (str, str), or str
        Old and new texts, or another answer as a whole.

    Raises
    ------
    ValueError
        If an old text does not occur exactly once.
    """
    if isinstance(way, str):
        return way.strip("\n") + "\n"
    for old, new in way:
        if source.count(old) != 1:
            raise ValueError(f"{old!r} occurs {source.count(old)} times, not once, in:\n{source}")
        source = source.replace(old, new)
    return source


def versions(
    answers: Sequence[Callable[..., Any]], mistakes: Mistakes
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield every mistaken version of an answer: its sentence, and the functions as they are then.

    Parameters
    ----------
    answers : sequence of functions or classes
        All that the answer's cell defines and a test calls, of one module.
    mistakes : sequence of (sentence, ways)
    """
    module = sys.modules[answers[0].__module__]
    names = [answer.__name__ for answer in answers]
    source = source_of(inspect.getsource(module), names)
    for sentence, ways in mistakes:
        for way in ways:
            space = dict(vars(module))
            code = compile(edited(source, way), f"<{names[0]}: {sentence}>", "exec")
            exec(code, space)
            yield sentence, tuple(space[name] for name in names)


def source_of(module: str, names: Sequence[str]) -> str:
    """Return the statements of a module's source that define ``names``, comments included."""
    lines = module.splitlines(keepends=True)
    pieces = []
    for node in ast.parse(module).body:
        if getattr(node, "name", None) in names:
            first = min([node.lineno, *(one.lineno for one in getattr(node, "decorator_list", ()))])
            pieces.append("".join(lines[first - 1 : node.end_lineno]))
    return "\n\n".join(pieces)
