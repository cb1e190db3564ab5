"""One name for a chapter, everywhere: the short title of its front matter.

The heading of a chapter begins with that title, and may go on, after a colon, with a promise.
On the page the promise stands below the title as a line of its own, so that the sidebar, the
map, links, search and the heading itself all say the same name.
"""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform

from tools.book.facts import FactsError, front_matter


def promise_of(heading: str, title: str) -> str:
    """Return what a heading says after the title and a colon, empty where it is the title.

    Raises
    ------
    FactsError
        If the heading does not begin with the title.
    """
    if heading == title:
        return ""
    promise = heading.removeprefix(f"{title}: ")
    if promise in ("", heading):
        raise FactsError(f"the heading {heading!r} must be {title!r}, or that, a colon and more")
    return promise[0].upper() + promise[1:]


class ShortTitle(SphinxTransform):
    """Split the heading of a chapter into its title and its promise."""

    default_priority = 400  # before titles are collected

    def apply(self, **kwargs: object) -> None:
        """Split the heading; raise ``ExtensionError`` where it does not begin with the title."""
        page = self.env.docname
        facts = front_matter(Path(self.env.srcdir) / f"{page}.md").get("course")
        heading = next(self.document.findall(nodes.title), None)
        if facts is None or heading is None:
            return
        try:
            promise = promise_of(heading.astext(), facts["title"])
        except FactsError as error:
            raise ExtensionError(f"{page}: {error}") from error
        if promise:
            heading[:] = [nodes.Text(facts["title"])]
            below = nodes.paragraph("", promise, classes=["course-promise"])
            heading.parent.insert(heading.parent.index(heading) + 1, below)
