"""The name of the command line, for the messages that say what to run."""

from __future__ import annotations

import os
from pathlib import Path

_OURS = "nbjudge"
_VARIABLE = "NBJUDGE_PROGRAM"  # processes that the command starts find the name here


def program() -> str:
    """Return the name by which the command was called: its own, or that of an alias."""
    return os.environ.get(_VARIABLE, _OURS)


def note_program(path: str) -> None:
    """Note how the command was called; ``path`` is the first word of its command line."""
    name = Path(path).name
    os.environ[_VARIABLE] = _OURS if name.startswith("-") or name.endswith(".py") else name
