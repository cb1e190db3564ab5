"""What a bank is made of: answers to the questions of a notebook, wrong ones and right ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Wrong(NamedTuple):
    """A submission with a mistake."""

    name: str
    answers: dict[str, str]  # source of the solution cell of each question named
    breaks: dict[str, float]  # the points that each question must lose; all others keep theirs
    says: str  # what the message of the failed test must contain


class Right(NamedTuple):
    """A correct submission in another style."""

    name: str
    answers: dict[str, str]
    extra: str = ""  # source of a cell of the student's own, at the top


@dataclass(frozen=True)
class Bank:
    """The answers by which the tests of a notebook are judged.

    Attributes
    ----------
    wrong, right : sequences of entries
    equivalent : mapping
        Question -> change -> why no test can tell this mutant of the solution from it.

    Raises
    ------
    ValueError
        If two entries have the same name.
    """

    wrong: Sequence[Wrong] = ()
    right: Sequence[Right] = ()
    equivalent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names that are used twice."""
        names = Counter(entry.name for bank in (self.wrong, self.right) for entry in bank)
        if twice := [name for name, number in names.items() if number > 1]:
            raise ValueError(f"two entries of the bank are called {', '.join(twice)}: rename one")


def changed(source: str, *changes: tuple[str, str]) -> str:
    """Return ``source`` with each old text replaced by the new one.

    Raises
    ------
    ValueError
        If an old text does not occur exactly once.
    """
    for old, new in changes:
        if source.count(old) != 1:
            raise ValueError(f"{old!r} occurs {source.count(old)} times, not once, in:\n{source}")
        source = source.replace(old, new)
    return source


def wrong(
    question: str, name: str, points: float, says: str, source: str, *changes: tuple[str, str]
) -> Wrong:
    """Return an entry that breaks one question: ``source`` with ``changes`` made to it."""
    return Wrong(name, {question: changed(source, *changes)}, {question: points}, says)
