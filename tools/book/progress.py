"""What a page says about itself, so that a script can keep what a reader has read.

Each chapter gets a line below its title: how long it takes and how many sections it has, from
its front matter and its headings.  `chapters/_static/progress.js` keeps in the browser what was
read, and says there what is left; nothing leaves the browser.  Elements with an attribute
``data-page`` that names a chapter, as the stations of the map, are marked by it, and the element
with the id ``course-continue``, a link, leads to where the reader was.
"""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from tools.book import facts

KEPT = (
    "This browser remembers which sections you have read and which questions you have answered, "
    "in its own storage, on this device only. Nothing is sent anywhere."
)


class reading(nodes.General, nodes.Element):  # type: ignore[misc]  # docutils has no type hints
    """The line below the title of a chapter."""


def minutes_of(app: Sphinx, docname: str) -> int:
    """Return the minutes that a page takes by its front matter, 0 where it does not say."""
    course = facts.front_matter(Path(app.env.doc2path(docname))).get("course") or {}
    return int(course.get("minutes", 0))


def add_line(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put the line below the title, and its promise, of a page that says how long it takes."""
    title = next(iter(doctree.findall(nodes.title)), None)
    minutes = minutes_of(app, docname)
    if title is None or not minutes:
        return
    sections = len(list(title.parent.findall(nodes.section))) - 1
    promise = "course-promise" in title.parent[1].get("classes", ())
    title.parent.insert(2 if promise else 1, reading("", minutes=minutes, sections=sections))


def visit_reading(writer: Any, node: reading) -> None:
    """Write the line, and below it, folded, what is kept and the button that forgets it."""
    writer.body.append(
        f'<details class="course-reading" data-minutes="{node["minutes"]}">'
        f'<summary><span class="course-left">{node["minutes"]} min, {node["sections"]} sections'
        f"</span></summary>\n<p>{escape(KEPT)} "
        '<button type="button" class="course-forget" hidden>Forget all of it</button></p>\n'
        "</details>\n"
    )


def depart_reading(writer: Any, node: reading) -> None:
    """Do nothing: all is written."""


def name_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Tell the script which page this is."""
    if doctree is not None:
        attributes: dict[str, Any] = {"data-page": pagename}
        app.add_js_file("progress.js", loading_method="defer", **attributes)


def setup(app: Sphinx) -> None:
    """Add the line to the chapters, and the script to all pages."""
    app.add_node(reading, html=(visit_reading, depart_reading))
    app.connect("doctree-resolved", add_line, priority=700)
    app.connect("html-page-context", name_page)
