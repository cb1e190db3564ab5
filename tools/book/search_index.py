"""The index that the search of the book reads: every section with its title, text and code words.

It is a script and no JSON file, because a page opened from a disk may load scripts only.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from docutils import nodes
from sphinx.application import Sphinx

from tools.book import toc

#: What holds no words of its own, or words that are said elsewhere.
SILENT = (nodes.math_block, nodes.raw, nodes.comment, nodes.target, nodes.title)
#: What readers call what a page teaches.
WORDS = Path(__file__).with_name("search_words.toml")
WORD = re.compile(r"[^\W\d]\w*(?:\.\w+)*")


class Section(NamedTuple):
    """One section of a page as the search knows it, without the sections inside it."""

    anchor: str
    title: str
    part: str
    terms: str
    text: str
    code: str


def _parts(node: nodes.Node, own_list: bool) -> Iterator[tuple[str, str]]:
    """Yield what stands in a node, each piece with its kind: text, code or term."""
    for child in node.children:
        hidden = isinstance(child, nodes.Element) and "tag_hide-input" in child["classes"]
        if isinstance(child, nodes.Text):
            yield "text", child.astext()
        elif isinstance(child, nodes.math):
            tex = child.astext()
            yield "text", "…" if "\\" in tex else re.sub(r"[{}]", "", tex)
        elif isinstance(child, nodes.literal_block):
            yield "code", child.astext()
        elif isinstance(child, nodes.strong):
            yield from (("text", child.astext()), ("term", child.astext()))
        elif isinstance(child, (nodes.section, *SILENT)) or hidden:
            continue
        elif own_list or not isinstance(child, nodes.citation):
            yield from _parts(child, own_list)
            if not isinstance(child, nodes.Inline):
                yield "text", " "


def _title(node: nodes.Node) -> str:
    """Return the title of a section inside another one; that of a page says itself."""
    if not isinstance(node, nodes.section):
        return ""
    return str(next(node.findall(nodes.title)).astext())


def sections_of(doctree: nodes.document, *, bibliography: bool = False) -> Iterator[Section]:
    """Yield the sections of a page in order; works cited only for the page of them all."""
    for section in doctree.findall(nodes.section):
        pieces = list(_parts(section, bibliography))
        text = "".join(piece for kind, piece in pieces if kind == "text")
        code = WORD.findall("\n".join(piece for kind, piece in pieces if kind == "code"))
        title, part = _title(section), _title(section.parent)
        terms = ", ".join(piece for kind, piece in pieces if kind == "term")
        words = " ".join(text.split()), " ".join(dict.fromkeys(code))
        yield Section(section["ids"][0], title, part, terms, *words)


def _kept(app: Sphinx, page: str) -> Path:
    """Return where the sections of a page are kept between builds that write only some pages."""
    return Path(app.doctreedir) / "search" / f"{page}.json"


def keep_sections(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Note the sections of a page that is about to be written."""
    path = _kept(app, docname)
    path.parent.mkdir(parents=True, exist_ok=True)
    found = list(sections_of(doctree, bibliography=docname.endswith("bibliography")))
    path.write_text(json.dumps(found), encoding="utf8")


def write_index(app: Sphinx, error: Exception | None) -> None:
    """Write the script with the sections of all pages."""
    if error is not None:
        return
    also = tomllib.loads(WORDS.read_text(encoding="utf8"))
    pages: list[Any] = []
    for page in toc.pages(Path(app.srcdir)):
        pages.append(
            {
                "url": app.builder.get_target_uri(page),
                "title": app.env.titles[page].astext(),
                "also": also.get(page, ""),
                "teaches": page == app.config.root_doc or page.count("/") > 1,
                "sections": json.loads(_kept(app, page).read_text(encoding="utf8")),
            }
        )
    text = json.dumps(pages, ensure_ascii=False, separators=(",", ":"))
    target = Path(app.outdir) / "_static/search_index.js"
    target.write_text(f"CourseSearch.read({text});\n", encoding="utf8")


def setup(app: Sphinx) -> None:
    """Replace Sphinx's own index, which knows pages and no sections."""
    app.connect("doctree-resolved", keep_sections, priority=900)
    app.connect("build-finished", write_index)
