"""Prose in plain Markdown: what the directives of MyST become."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

from markdown_it.token import Token

from tools.book.portable import pictures, quiz
from tools.book.portable.book import Book
from tools.book.portable.syntax import Directive, MystError, blocks, directive
from tools.book.portable.text import Words

BOXES = ("attention", "caution", "danger", "error", "hint", "important", "note", "tip", "warning")
DROPPED = {"myst_target", "myst_line_comment", "myst_block_break", "front_matter"}
ENVIRONMENT = re.compile(r"\\begin\{(\w+\*?)\}.*?\\end\{\1\}", re.DOTALL)


def display(tex: str, tag: str = "") -> str:
    """Return an equation on a line of its own; lines that TeX would refuse alone are aligned."""
    tex = re.sub(r"\n\s*\n", "\n", tex.strip())
    bare = ENVIRONMENT.sub("", tex)
    if "\\\\" in bare or re.search(r"(?<!\\)&", bare):
        tex = f"\\begin{{aligned}}\n{tex}\n\\end{{aligned}}"
    number = f" \\tag{{{tag}}}" if tag else ""
    return f"$$\n{tex}{number}\n$$"


def quoted(text: str) -> str:
    """Return a text as a quotation; its equations stand on one line, where no mark gets in."""
    text = re.sub(
        r"^\$\$\n(.*?)\n\$\$$",
        lambda found: f"$$ {' '.join(found[1].split())} $$",
        text,
        flags=re.DOTALL | re.MULTILINE,
    )
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def folded(summary: str, text: str) -> str:
    """Return a text that is closed until the reader opens it."""
    summary = re.sub(r"(`+)(.+?)\1", r"<code>\2</code>", summary)
    return f"<details>\n<summary><b>{summary}</b></summary>\n\n{text}\n\n</details>"


class Prose:
    """Puts the prose of one page into plain Markdown.

    Parameters
    ----------
    book
        All pages.
    page
        The page, as in the table of contents.
    cited
        The keys of the sources that it cites.
    """

    def __init__(self, book: Book, page: str, cited: list[str]) -> None:
        self.book, self.page, self.cited = book, page, cited
        self.words = Words(book, page, cited)
        self.directives: dict[str, Callable[[Directive], str]] = {
            **dict.fromkeys(BOXES, self._box),
            "admonition": self._box,
            "bibliography": self._bibliography,
            "code-block": self._code,
            "dropdown": self._dropdown,
            "figure": self._figure,
            "image": self._figure,
            "literalinclude": self._source,
            "math": self._math,
            "quiz": self._quiz,
            "raw": self._raw,
            "toctree": lambda found: "",
        }

    def markdown(self, text: str) -> str:
        """Return a text in MyST as plain Markdown.

        Raises
        ------
        MystError
            If a directive or a role has no form in a notebook; the message names it.
        """
        lines, written, at = text.split("\n"), "", 0
        for token, begin, end in blocks(text):
            written += self._running(lines[at:begin]) + self._block(token, lines[begin:end])
            at = end
        written += self._running(lines[at:])
        return re.sub(r"\n{3,}", "\n\n", written).strip("\n")

    def _running(self, lines: list[str]) -> str:
        return self.words.running("\n".join(lines)) + "\n" if lines else ""

    def _block(self, token: Token, lines: list[str]) -> str:
        """Return a block with what stands before it in the line: spaces, marks of a quotation."""
        if token.type in DROPPED:
            return ""
        found, label = directive(token), token.info if token.type == "math_block_label" else ""
        if found is None and not label:
            return "".join(f"{line}\n" for line in lines)
        text = display(token.content, self._number(label)) if label else ""
        if found:
            text = self._directive(found)
        before = re.match(r"[\s>]*", lines[0])
        margin = before[0] if before else ""
        return "".join(f"{margin}{line}".rstrip() + "\n" for line in text.split("\n"))

    def _directive(self, found: Directive) -> str:
        if found.name not in self.directives:
            raise MystError(f"the directive {{{found.name}}} has no form in a notebook")
        return self.directives[found.name](found)

    def _number(self, label: str) -> str:
        return self.book.equations[label].text if label else ""

    def _math(self, found: Directive) -> str:
        tex = "\n".join(filter(None, (found.argument, found.body)))
        return display(tex, self._number(found.options.get("label", "")))

    def _box(self, found: Directive) -> str:
        named = found.name == "admonition"
        title = self.words.running(found.argument) if named else found.name.capitalize()
        body = found.body if named else "\n".join(filter(None, (found.argument, found.body)))
        return quoted(f"**{title}**\n\n{self.markdown(body)}")

    def _dropdown(self, found: Directive) -> str:
        return folded(self.words.running(found.argument), self.markdown(found.body))

    def _code(self, found: Directive) -> str:
        return f"```{found.argument}\n{found.body}\n```"

    def _path(self, name: str) -> Path:
        return self.book.root / Path(self.page).parent / name

    def _source(self, found: Directive) -> str:
        """Return one object of a Python file, or all of the file."""
        source = self._path(found.argument).read_text(encoding="utf8")
        wanted = found.options.get("pyobject")
        if set(found.options) - {"pyobject", "language"}:
            raise MystError(f"a notebook cannot show a part of {found.argument} by such options")
        if wanted:
            named = [n for n in ast.parse(source).body if getattr(n, "name", "") == wanted]
            source = ast.get_source_segment(source, named[0]) or ""
        return f"```python\n{source.strip()}\n```"

    def _figure(self, found: Directive) -> str:
        image = pictures.image_file(self._path(found.argument), found.options.get("alt", ""))
        return "\n\n".join(filter(None, (image, self.markdown(found.body))))

    def _raw(self, found: Directive) -> str:
        """Return a picture in a file; for anything else a sentence that leads to the page."""
        if found.argument != "html":
            return ""
        file = found.options.get("file", "")
        if file.endswith(".svg"):
            return pictures.image_file(self._path(file), f"Picture: {Path(file).stem}")
        link = self.book.link(self.page, self.book.titles[self.page])
        return f"*The page {link} of the book has something to play with here.*"

    def _bibliography(self, found: Directive) -> str:
        listed = self.book.bibliography.references(self.cited)
        return f"**References**\n\n{listed}" if listed else ""

    def _quiz(self, found: Directive) -> str:
        """Return a question, its choices, and its answers folded away."""
        asked = quiz.read(found.body)
        parts = [self.markdown(asked.text)]
        if asked.choices and "number" not in found.options:
            parts.append("\n".join(f"- {self.words.running(c.text)}" for c in asked.choices))
        answer = "\n".join(map(self._reply, asked.choices)) or self.markdown(asked.answer)
        return "\n\n".join([*parts, folded("Answer", answer)])

    def _reply(self, choice: quiz.Choice) -> str:
        mark = "Right" if choice.right else "Wrong"
        head = f"- **{mark}:** {self.words.running(choice.text)}"
        lines = self.markdown(choice.reply).split("\n") if choice.reply else []
        return "\n".join([head, "", *(f"  {line}".rstrip() for line in lines), ""])
