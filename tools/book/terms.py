"""Terms and symbols that say what they mean, at their first use on a page.

The notation page is the one source.  A table whose first column is headed *Term* or *Symbol*
explains what stands there; a cell may hold several names.  On each chapter the first use of a
term, and of a symbol that is a formula of its own, becomes a link to its row with a description,
which `chapters/_static/terms.js` shows beside it.  Headings, links, code, figures and quizzes are
left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from tools.book import quiz

NOTATION = "chapters/notation"
LEFT_ALONE = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.literal_block,
    nodes.figure,
    nodes.citation,
    nodes.thead,
    nodes.math,
    nodes.math_block,
    quiz.quiz,
)
#: Symbols that mean too many things to be marked: a letter alone, but for the sizes, and primes.
LOOSE = re.compile(r"(?![NTDHVL]$)[A-Za-z]|\\(?!sigma|odot)[A-Za-z]+|.*'.*")
#: A comma between two symbols of one formula, not one inside parentheses.
COMMA = re.compile(r",\s*(?![^(]*\))")


class Entry(NamedTuple):
    """A row of the notation page."""

    key: str  # the id of the row
    names: tuple[str, ...]
    cells: dict[str, nodes.entry]  # by the heading of their column


class term_mark(nodes.General, nodes.Inline, nodes.TextElement):  # type: ignore[misc]  # no type hints
    """The first use of a term or symbol."""


class term_definitions(nodes.General, nodes.Element):  # type: ignore[misc]
    """What the marks of a page mean; kept from the search, which would find it everywhere."""


def symbols_in(cell: nodes.entry) -> tuple[str, ...]:
    """Return the symbols that a cell of the notation page explains, without spaces."""
    parts = (part for node in cell.findall(nodes.math) for part in COMMA.split(node.astext()))
    return tuple(re.sub(r"\s", "", part) for part in parts)


def terms_in(cell: nodes.entry) -> tuple[str, ...]:
    """Return the terms that a cell explains, but for those in italics, which stay unmarked."""
    texts = (t for t in cell.findall(nodes.Text) if not isinstance(t.parent, nodes.emphasis))
    return tuple(name for text in texts for name in text.split(", ") if name)


def entries_of(doctree: nodes.document) -> Iterator[tuple[nodes.row, Entry]]:
    """Yield the rows of the notation page that explain a term or symbols, with what they say."""
    number = count(1)
    for table in doctree.findall(nodes.table):
        head, *rows = table.findall(nodes.row)
        columns = [cell.astext() for cell in head]
        for row in rows:
            cells = dict(zip(columns, row, strict=True))
            if columns[0] == "Term":
                key = nodes.make_id(f"term-{row[0].astext().split(', ')[0]}")
                yield row, Entry(key, terms_in(row[0]), cells)
            elif columns[0] == "Symbol":
                names = tuple(s for s in symbols_in(row[0]) if not LOOSE.fullmatch(s))
                yield row, Entry(f"symbol-{next(number)}", names, cells)


def pattern_of(names: list[str]) -> re.Pattern[str]:
    """Return a pattern that finds each name, in singular and plural; capitals count if it has any.

    A name with capitals, like BPTT, is found as it is; another one also at the start of a sentence.
    """
    ways = []
    for name in sorted(names, key=len, reverse=True):
        way = f"{re.escape(name)}s?"
        ways.append(way if name != name.lower() else f"(?i:{way})")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(ways)})(?![\w-])")


def is_left_alone(node: nodes.Node) -> bool:
    """Say whether a node stands in something that is not marked."""
    while node is not None:
        if isinstance(node, LEFT_ALONE):
            return True
        node = node.parent
    return False


class Page:
    """Marks the first uses on one page."""

    def __init__(self, entries: list[Entry]) -> None:
        """Take the entries of the notation page."""
        self.terms = {n: e for e in entries if "Term" in e.cells for n in e.names}
        self.symbols = {n: e for e in reversed(entries) if "Symbol" in e.cells for n in e.names}
        self.pattern = pattern_of(list(self.terms))
        self.used: dict[str, Entry] = {}

    def term(self, said: str) -> Entry:
        """Return the entry of a term as the text has it."""
        ways = (said, said.removesuffix("s"), said.lower(), said.lower().removesuffix("s"))
        return next(self.terms[way] for way in ways if way in self.terms)

    def take(self, entry: Entry | None) -> bool:
        """Note an entry; say whether this is its first use."""
        if entry is None or entry.key in self.used:
            return False
        self.used[entry.key] = entry
        return True

    def in_text(self, text: nodes.Text) -> list[nodes.Node]:
        """Return a text with its new terms marked."""
        parts: list[nodes.Node] = []
        end = 0
        for match in self.pattern.finditer(text):
            entry = self.term(match[0])
            if self.take(entry):
                parts.append(nodes.Text(text[end : match.start()]))
                parts.append(term_mark("", match[0], key=entry.key))
                end = match.end()
        return [*parts, nodes.Text(text[end:])]

    def mark(self, doctree: nodes.document) -> None:
        """Mark the first use of every term and symbol."""
        for node in list(doctree.findall(lambda one: isinstance(one, nodes.Text | nodes.math))):
            if is_left_alone(node.parent):
                continue
            if isinstance(node, nodes.math):
                entry = self.symbols.get(re.sub(r"\s", "", node.astext()))
                if entry and self.take(entry):
                    mark = term_mark("", "", key=entry.key, spoken=spoken(node.astext()))
                    node.replace_self(mark)
                    mark += node
            elif len(parts := self.in_text(node)) > 1:
                node.parent.replace(node, parts)


def spoken(symbol: str) -> str:
    """Return the name of a symbol for a screen reader, which cannot look into its picture."""
    return re.sub(r"\\math[a-z]+|[\\{}]", "", symbol)


def said_of(cell: nodes.entry) -> list[nodes.Node]:
    """Return a copy of what a cell of the notation page says, its references as plain text."""
    copies = [child.deepcopy() for paragraph in cell for child in paragraph]
    return [
        nodes.Text(copy.astext()) if isinstance(copy, addnodes.pending_xref) else copy
        for copy in copies
    ]


def chapter_of(app: Sphinx, cell: nodes.entry, docname: str) -> list[nodes.Node]:
    """Return a link to the chapter that a cell refers to, unless it is the page itself."""
    labels = app.env.get_domain("std").data["labels"]
    targets = [one["reftarget"] for one in cell.findall(addnodes.pending_xref)]
    page = labels[targets[0]][0] if targets and targets[0] in labels else docname
    if page == docname:
        return []
    (number,) = app.env.toc_secnumbers.get(page, {}).get("") or ("",)
    words = f"Introduced in chapter {number}, {app.env.titles[page].astext()}"
    uri = app.builder.get_relative_uri(docname, page)
    link = nodes.reference("", words, internal=True, refuri=uri)
    return [nodes.Text(". "), link]


def meaning_of(app: Sphinx, entry: Entry, docname: str) -> nodes.paragraph:
    """Return what a page says of an entry, as a paragraph."""
    cells = entry.cells
    if "Term" in cells:
        name = nodes.strong("", entry.names[0])
        more = chapter_of(app, cells["Chapter"], docname)
        parts = [name, nodes.Text(": "), *said_of(cells["Meaning here"]), *more]
    else:
        parts = said_of(cells["Meaning"])
        code = said_of(cells["Code"]) if "Code" in cells and cells["Code"].astext() else []
        parts += [nodes.Text("; in the code "), *code] if code else []
    return nodes.paragraph("", "", *parts, nodes.Text("."))


def mark_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Mark the terms of a chapter; give the rows of the notation page the ids that links need."""
    if docname == NOTATION:
        for row, entry in entries_of(doctree):
            row["ids"].append(entry.key)
    elif docname.count("/") == 2 and NOTATION in app.env.found_docs:
        page = Page([entry for _, entry in entries_of(app.env.get_doctree(NOTATION))])
        page.mark(doctree)
        home = app.builder.get_relative_uri(docname, NOTATION)
        for mark in doctree.findall(term_mark):
            mark["refuri"] = f"{home}#{mark['key']}"
        about = {key: meaning_of(app, entry, docname) for key, entry in page.used.items()}
        doctree += term_definitions("", about=about)
