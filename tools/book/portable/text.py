"""Running text in plain Markdown: what roles say, in words and links."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

from tools.book.portable.book import Book
from tools.book.portable.syntax import ROLE, MystError

TITLED = re.compile(r"(.*?)\s*<([^<>]+)>", re.DOTALL)
#: After a noun the number is enough: "the bound (3)".
AFTER_A_NOUN = re.compile(r"\b(?:the|equations?) (?:\w+ )?$", re.IGNORECASE)


class Words:
    """Puts the roles of one page into words.

    Attributes
    ----------
    cited
        The keys of the sources that the page cites.
    """

    def __init__(self, book: Book, page: str, cited: list[str]) -> None:
        self.book, self.page, self.cited = book, page, cited
        self.roles: dict[str, Callable[[str, str], str]] = {
            "ref": self._reference,
            "numref": self._reference,
            "doc": self._document,
            "eq": self._equation,
            "download": self._download,
            "cite:t": self._cite_in_text,
            "cite": self._cite,
            "cite:p": self._cite,
            "math": lambda content, before: f"${content}$",
        }

    def running(self, text: str) -> str:
        """Return running text without roles; what stands between backticks stays."""
        return ROLE.sub(self._role, text)

    def _role(self, found: re.Match[str]) -> str:
        name, content = found[1], found[3]
        if name is None:
            return found[0]
        if name not in self.roles:
            raise MystError(f"the role {{{name}}} has no words for a notebook")
        begin = found.string.rfind("\n", 0, found.start()) + 1
        try:
            return self.roles[name](content, found.string[begin : found.start()])
        except KeyError as missing:
            raise MystError(f"{{{name}}}`{content}` leads nowhere: {missing}") from missing

    def _reference(self, content: str, before: str) -> str:
        titled = TITLED.fullmatch(content)
        label = titled[2] if titled else content
        if figure := self.book.figures.get(label):  # it has a number in the book alone
            section = f"**{figure.text}**"
            if figure.page != self.page:
                section = self.book.link(figure.page, figure.text, label)
            return f"the figure in {section}"
        place = self.book.headings[label]
        text = titled[1] if titled else place.text
        if place.page == self.page:
            return f"**{text}**"
        return self.book.link(place.page, text, "" if label.startswith("ch-") else label)

    def _document(self, content: str, before: str) -> str:
        titled = TITLED.fullmatch(content)
        path = titled[2] if titled else content
        page = os.path.normpath(Path(self.page).parent / path)
        title = self.book.titles[page]
        return self.book.link(page, titled[1] if titled else title)

    def _equation(self, content: str, before: str) -> str:
        place = self.book.equations[content]
        if place.page != self.page:
            title = self.book.titles[place.page]
            return f"equation {place.text} of {self.book.link(place.page, title, content)}"
        if AFTER_A_NOUN.search(before):
            return f"({place.text})"
        return f"{'equation' if before.strip() else 'Equation'} {place.text}"

    def _download(self, content: str, before: str) -> str:
        titled = TITLED.fullmatch(content)
        path = titled[2] if titled else content
        file = self.book.root / Path(self.page).parent / path
        return self.book.file(file, titled[1] if titled else file.name)

    def _cite(self, content: str, before: str) -> str:
        return self.book.bibliography.cite(keys_of(content), self.cited, inside=True)

    def _cite_in_text(self, content: str, before: str) -> str:
        return self.book.bibliography.cite(keys_of(content), self.cited, inside=False)


def keys_of(content: str) -> list[str]:
    """Return the keys that a role of citation names."""
    return [key.strip() for key in content.split(",")]
