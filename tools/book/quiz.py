"""The directive ``quiz``: a question that answers.

A block holds a question and then a list of choices, each marked ``[x]`` (right) or ``[ ]``, with
the sentence for those who take it below, indented.  With the option ``:number:`` the reader
types a number, within ``:tolerance:`` of a choice; the last choice may be ``otherwise``.  In
place of the list a paragraph may stand that begins with ``Answer:``.  CONTRIBUTING.md shows it.

The page works without a script, with all answers folded; `chapters/_static/quiz.js` makes the
reader choose first.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

LOGGER = logging.getLogger(__name__)
ANSWER, OTHERWISE = "Answer:", "otherwise"
NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
NO_LIST = (
    "under the question belongs a list of choices, each begun with `- [x]` (right) or `- [ ]`; "
    "or a paragraph that begins with `Answer:`"
)


class QuizError(ValueError):
    """A quiz is not as it must be; the text says what to do."""


class Choice(NamedTuple):
    """One choice of a question."""

    right: bool
    label: list[nodes.Node]  # inline
    reply: list[nodes.Node]  # what a reader gets who takes it

    @property
    def text(self) -> str:
        """Return the label as plain text."""
        return "".join(node.astext() for node in self.label).strip()


class quiz(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils has no type hints
    """A question: its number, its kind, the tolerance of a number."""


class quiz_question(nodes.General, nodes.Element):  # type: ignore[misc]
    """The text of a question."""


class quiz_choice(nodes.General, nodes.Element):  # type: ignore[misc]
    """What a reader may choose."""


class quiz_answers(nodes.General, nodes.Element):  # type: ignore[misc]
    """What is folded away: the sentences for all choices, or the one answer."""


class quiz_reply(nodes.General, nodes.Element):  # type: ignore[misc]
    """The sentence for one choice, and whether that is right."""


def choice_of(item: nodes.list_item, place: int) -> Choice:
    """Return what an item of the list says; raise QuizError if a part is missing."""
    where = f"choice {place}"
    first = item[0] if len(item) else None
    if not isinstance(first, nodes.paragraph) or "task-list-item" not in first[0].astext():
        raise QuizError(
            f"{where}: begin it with [x] if it is right and with [ ] if it is not, then a blank "
            "and what the reader may choose"
        )
    choice = Choice("checked=" in first[0].astext(), first[1:], item[1:])
    if not choice.reply:
        raise QuizError(
            f"{where} ({choice.text!r}): below it, after an empty line and indented, belongs "
            "the sentence for a reader who takes it"
        )
    return choice


def number_of(text: str) -> float:
    """Return the number that an author wrote; raise QuizError unless it is one."""
    if not NUMBER.fullmatch(text.replace("\u2212", "-")):
        raise QuizError(
            "with :number: each choice is a plain number such as 33024 or -0.5, and the last "
            f"may be `{OTHERWISE}`; {text!r} is neither"
        )
    return float(text.replace("\u2212", "-"))


def values_of(choices: list[Choice]) -> list[str]:
    """Return the numbers that choices stand for, as a script reads them.

    Raises
    ------
    QuizError
        If one is no number, or ``otherwise`` is not the last or is right.
    """
    *_, last = choices
    if last.text == OTHERWISE and last.right:
        raise QuizError(f"`{OTHERWISE}` stands for all other numbers: it cannot be right")
    numbers = choices[:-1] if last.text == OTHERWISE else choices
    values = [repr(number_of(choice.text)) for choice in numbers]
    return values + [OTHERWISE] * (len(choices) - len(values))


def check(choices: list[Choice]) -> None:
    """Raise QuizError unless one choice is right and one is wrong."""
    if not any(choice.right for choice in choices):
        raise QuizError("no choice is right: mark one with [x]")
    if all(choice.right for choice in choices):
        raise QuizError("all choices are right: give at least one wrong one, marked [ ]")


def cut(content: list[nodes.Node]) -> tuple[list[nodes.Node], list[nodes.Node]]:
    """Return the question, and the list of choices or the paragraphs of the answer.

    Raises
    ------
    QuizError
        If there is no question, no answer, or something after the list.
    """
    for place, node in enumerate(content):
        is_list = isinstance(node, nodes.bullet_list)
        if is_list or (isinstance(node, nodes.paragraph) and node.astext().startswith(ANSWER)):
            if place == 0:
                raise QuizError("a question belongs first, before its answers")
            if is_list and content[place + 1 :]:
                raise QuizError("nothing may follow the list: indent what belongs to a choice")
            return content[:place], content[place:]
    raise QuizError(NO_LIST)


def without_word(answer: list[nodes.Node]) -> list[nodes.Node]:
    """Return an answer without the word that announces it; raise QuizError if none is left."""
    first = answer[0]
    first[0] = nodes.Text(first[0].astext().removeprefix(ANSWER).lstrip())
    while len(first) and not first[0].astext().strip():  # the word, and the end of its line
        del first[0]
    kept = answer if len(first) else answer[1:]
    if not kept:
        raise QuizError("after `Answer:` belongs the answer")
    return kept


def tolerance(argument: str) -> float:
    """Return the value of the option; raise ValueError unless it is a number above zero."""
    value = float(argument)
    if not 0 < value < math.inf:
        raise ValueError(f"tolerance: a number above 0 belongs here, not {argument}")
    return value


class Quiz(SphinxDirective):
    """The directive ``quiz``."""

    has_content = True
    option_spec = {"number": directives.flag, "tolerance": tolerance}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        content = nodes.container()
        self.state.nested_parse(self.content, self.content_offset, content)
        try:
            return [self.question(list(content))]
        except QuizError as fault:
            LOGGER.warning("quiz: %s", fault, location=self.get_location())
            return [content]

    def question(self, content: list[nodes.Node]) -> quiz:
        """Return the node of a question; raise QuizError that says what an author must mend."""
        asked, rest = cut(content)
        number = "number" in self.options
        if "tolerance" in self.options and not number:
            raise QuizError(":tolerance: belongs to :number:")
        place = self.env.new_serialno("quiz") + 1
        kind = "number" if number else "choice"
        node: quiz = quiz("", quiz_question("", *asked, place=place), place=place, kind=kind)
        node["tolerance"] = self.options.get("tolerance", 0.0)
        if isinstance(rest[0], nodes.bullet_list):
            node += self.answers(rest[0], place, number=number)
        elif number:
            raise QuizError(NO_LIST)
        else:
            node["kind"] = "open"
            node += quiz_answers("", *without_word(rest), kind="open")
        self.set_source_info(node)
        return node

    @staticmethod
    def answers(items: nodes.bullet_list, place: int, *, number: bool) -> list[nodes.Node]:
        """Return the choices of a question and the replies to them."""
        choices = [choice_of(item, one) for one, item in enumerate(items, start=1)]
        check(choices)
        if number:
            values, names = values_of(choices), [choice.text for choice in choices]
        else:
            values = [str(k) for k in range(len(choices))]
            names = [chr(ord("a") + k) for k in range(len(choices))]
        folded = quiz_answers("", kind="number" if number else "choice")
        shown: list[nodes.Node] = []
        for choice, value, name in zip(choices, values, names, strict=True):
            marks = {"value": value, "name": name}
            folded += quiz_reply("", *choice.reply, right=choice.right, **marks)
            if not number:
                shown.append(quiz_choice("", *choice.label, place=place, **marks))
        return [*shown, folded]
