"""What went wrong first: the cell of the student's for want of which a test fails.

A function whose cell did not run is unknown to the test, which then complains of a name.  The
cell itself says more: it cannot be read, it stopped, or it never came to its end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from nbjudge.engine.rebuild import FREE, SOLUTION, Cell
from nbjudge.engine.run import Result

_UNKNOWN = re.compile(r"(?:NameError: )?name '(\w+)' is not defined")
_PLACE = re.compile(r"(.*) \([^()]*\bline (\d+)\)", re.DOTALL)
_UNREADABLE = ("SyntaxError", "IndentationError", "TabError")


@dataclass
class Causes:
    """The student's cells that failed so far, each with a sentence about it."""

    _failed: list[tuple[Cell, str]] = field(default_factory=list)

    def note(self, cell: Cell, result: Result) -> None:
        """Remember a cell if it failed; only what a student may see is read of the result."""
        if cell.kind not in (SOLUTION, FREE) or cell.node.cell_type != "code":
            return
        if said := _what_happened(result):
            whose = "your answer's cell" if cell.kind == SOLUTION else "a cell of your own"
            self._failed.append((cell, f"{whose} {said}"))

    def of(self, message: str) -> str:
        """Return the sentence about the cell that should have bound an unknown name.

        Parameters
        ----------
        message : str
            Why a test fails.

        Returns
        -------
        str
            Empty where the message is about something else, or no such cell failed.
        """
        unknown = _UNKNOWN.match(message)
        if unknown is None:
            return ""
        found = [said for cell, said in self._failed if _binds(cell, unknown[1])]
        return found[-1] if found else ""


def _what_happened(result: Result) -> str:
    """Return the end of a sentence about a cell, empty if it came to its end."""
    if result.gone:
        return f"did not come to its end: {result.gone}"
    errors = [output for output in result.outputs if output["output_type"] == "error"]
    if not errors:
        return ""
    kind, message = errors[-1]["ename"], errors[-1]["evalue"]
    article = "an" if kind[:1] in "AEIOU" else "a"
    place = _PLACE.fullmatch(message)
    if kind in _UNREADABLE and place is not None:
        return f"has {article} {kind} in line {place[2]}: {place[1]}"
    return f"stops with {article} {kind}: {message}"


def _binds(cell: Cell, name: str) -> bool:
    """Return whether a cell is there to bind a name; one that is no Python is read as text."""
    form = rf"\b(?:def|class|as)\s+{name}\b|\bimport\b.*\b{name}\b|^\s*{name}\s*(?:[:,]|=(?!=))"
    return name in cell.names or re.search(form, cell.node.source, re.MULTILINE) is not None
