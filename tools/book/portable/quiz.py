"""The questions of a quiz, read from the block ``quiz``.

A question is followed by a list of choices, each marked ``[x]`` (right) or ``[ ]``, with the
sentence that a reader gets for it below; or by a line ``Answer:`` and an answer in words.
"""

from __future__ import annotations

import re
import textwrap
from typing import NamedTuple

from tools.book.portable.syntax import MystError, parser

CHOICE = re.compile(r"\[([ xX])\]\s+(.*)", re.DOTALL)
ANSWER = re.compile(r"^Answer:[ \t]*\n?", re.MULTILINE)


class Choice(NamedTuple):
    """One choice and the sentence that a reader gets for it."""

    right: bool
    text: str
    reply: str


class Question(NamedTuple):
    """A question with its choices, or with an answer in words."""

    text: str
    choices: list[Choice]
    answer: str = ""


def read(body: str) -> Question:
    """Return the question that the body of a block ``quiz`` asks.

    Raises
    ------
    MystError
        If it has neither choices nor an answer, or a choice without a mark.
    """
    lines = body.split("\n")
    tokens = parser().parse(body)
    lists = [t.map for t in tokens if t.type == "bullet_list_open" and t.level == 0 and t.map]
    if not lists:
        parts = ANSWER.split(body)
        if len(parts) != 2:
            raise MystError("a question needs choices, or one answer after a line `Answer:`")
        return Question(parts[0].strip(), [], parts[1].strip())
    begin, end = lists[-1]
    items = [t.map for t in tokens if t.type == "list_item_open" and t.level == 1 and t.map]
    inside = [(a, b) for a, b in items if begin <= a < end]
    return Question("\n".join(lines[:begin]).strip(), [choice(lines[a:b]) for a, b in inside])


def choice(lines: list[str]) -> Choice:
    """Return the choice that an item of the list is."""
    text = textwrap.dedent("\n".join(["  " + lines[0].lstrip()[2:], *lines[1:]])).strip()
    head, _, reply = text.partition("\n\n")
    found = CHOICE.fullmatch(head)
    if found is None:
        raise MystError(f"a choice begins with [x] or [ ]: {head!r}")
    return Choice(found[1] != " ", found[2].strip(), reply.strip())
