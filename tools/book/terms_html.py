"""How marked terms are written as HTML; `terms.py` finds them, `terms.js` shows what they mean."""

from __future__ import annotations

import hashlib
from html import escape
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from tools.book.terms import NOTATION, mark_page, term_definitions, term_mark


def visit_mark(writer: Any, node: term_mark) -> None:
    """Open the link to the row of the notation page."""
    name = f' aria-label="{escape(node["spoken"])}"' if "spoken" in node else ""
    about = f'aria-describedby="about-{node["key"]}"'
    writer.body.append(f'<a class="course-term" href="{node["refuri"]}" {about}{name}>')


def depart_mark(writer: Any, node: term_mark) -> None:
    """Close the link."""
    writer.body.append("</a>")


def visit_definitions(writer: Any, node: term_definitions) -> None:
    """Write what the marks of the page mean, hidden until one is pointed at."""
    writer.body.append('<div class="course-definitions">\n')
    for key, paragraph in node["about"].items():
        writer.body.append(f'<div class="course-about" id="about-{key}" role="tooltip" hidden>')
        paragraph.walkabout(writer)
        writer.body.append("</div>\n")
    writer.body.append("</div>\n")


def depart_definitions(writer: Any, node: term_definitions) -> None:
    """Do nothing: all is written."""


def load(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the script on pages with marks."""
    if doctree is not None and next(iter(doctree.findall(term_mark)), None):
        app.add_js_file("terms.js", loading_method="defer")


def setup(app: Sphinx) -> None:
    """Have the terms marked; a change of the notation page writes all pages again."""
    source = Path(app.srcdir) / f"{NOTATION}.md"
    digest = hashlib.sha256(source.read_bytes()).hexdigest() if source.exists() else ""
    app.add_config_value("book_notation_digest", digest, "html")
    app.add_node(term_mark, html=(visit_mark, depart_mark))
    app.add_node(term_definitions, html=(visit_definitions, depart_definitions))
    app.connect("doctree-resolved", mark_page, priority=600)
    app.connect("html-page-context", load)
