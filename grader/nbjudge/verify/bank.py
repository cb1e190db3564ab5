"""What a bank is made of: answers to the questions of a notebook, wrong ones and right ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nbjudge.checks.mistakes import Way, edited

MARKS = ("### BEGIN SOLUTION", "### END SOLUTION")


class Wrong(NamedTuple):
    """A submission with a mistake."""

    name: str
    answers: dict[str, str]  # source of the solution cell of each question named
    breaks: dict[str, float]  # the points that each question must lose; all others keep theirs
    says: str  # what the message of the failed test must contain


class Mistake(NamedTuple):
    """A known mistake of one question, written as a small change of its answer."""

    sentence: str  # what a student should read, in visible and in hidden tests
    loses: float  # points
    ways: tuple[Way, ...]  # of making it; most have one


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
        Of ``wrong`` only what is no mistake of one question.
    mistakes : mapping
        Question -> its known mistakes.
    equivalent : mapping
        Question -> change -> why no test can tell this mutant of the solution from it.

    Raises
    ------
    ValueError
        If two entries have the same name.
    """

    wrong: Sequence[Wrong] = ()
    right: Sequence[Right] = ()
    mistakes: Mapping[str, Sequence[Mistake]] = field(default_factory=dict)
    equivalent: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse names that are used twice."""
        names = Counter(entry.name for bank in (self.wrong, self.right) for entry in bank)
        if twice := [name for name, number in names.items() if number > 1]:
            raise ValueError(f"two entries of the bank are called {', '.join(twice)}: rename one")


def slip(
    sentence: str, loses: float, *changes: tuple[str, str] | str, ways: Sequence[Way] = ()
) -> Mistake:
    """Return a known mistake.

    Parameters
    ----------
    sentence : str
        What a student should read.
    loses : float
        The points that the question loses.
    *changes : (str, str), or one str
        Old texts of the answer, each of which occurs once, and new ones, which are one mistake
        together; or the whole cell as it is then.
    ways : sequence
        Other ways of making the same mistake, each given like ``changes``, as a list or a str.
    """
    if len(changes) == 1 and isinstance(changes[0], str):
        return Mistake(sentence, loses, (changes[0], *ways))
    pairs = tuple(change for change in changes if not isinstance(change, str))
    return Mistake(sentence, loses, (*([pairs] if pairs else []), *ways))


def wrong_of(question: str, answer: str, mistake: Mistake) -> list[Wrong]:
    """Return the submissions with a known mistake, one for each way of making it.

    Parameters
    ----------
    question : str
    answer : str
        The source of the instructor's cell, with or without the marks of its solution.
    mistake : Mistake

    Raises
    ------
    ValueError
        If a changed text does not occur exactly once, or the mistake changes nothing.
    """
    lines = [line for line in answer.splitlines() if line.strip() not in MARKS]
    source = "\n".join(lines) + "\n"
    made = []
    for number, way in enumerate(mistake.ways, 1):
        more = f" ({number})" if number > 1 else ""
        text = edited(source, way)
        if text == source:
            raise ValueError(f"{question}: {mistake.sentence!r} changes nothing")
        name = f"{question}: {mistake.sentence}{more}"
        made.append(Wrong(name, {question: text}, {question: mistake.loses}, mistake.sentence))
    return made


def changed(source: str, *changes: tuple[str, str]) -> str:
    """Return ``source`` with each old text, which occurs once, replaced by the new one."""
    return edited(source, changes)


def wrong(
    question: str, name: str, points: float, says: str, source: str, *changes: tuple[str, str]
) -> Wrong:
    """Return an entry that breaks one question: ``source`` with ``changes`` made to it."""
    return Wrong(name, {question: changed(source, *changes)}, {question: points}, says)
