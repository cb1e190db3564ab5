"""HTML that does nothing: text, tables, links, and pictures that are part of the page.

``nbgrader_config.py`` makes `markdown` the filter of all pages that nbgrader renders, among
them those in which an instructor reads answers: nbgrader itself lets every script pass there.
"""

from __future__ import annotations

import functools
import html
import re
from typing import Any

import nh3
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter

PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
_TAGS = """
a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong
sub sup table tbody td th thead tr ul
"""
_ATTRIBUTES = {
    "*": set(),  # nh3 would add some for all tags
    "a": {"href"},
    "div": {"class"},
    "img": {"alt", "src"},
    "span": {"class"},
}
_SCHEMES = {"http", "https", "mailto", "data"}  # `data` for pictures only, see below
_LINK = re.compile(r"(?:https?://|mailto:)\S*", re.IGNORECASE)
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_HIGHLIGHT = re.compile("highlight|[a-z][a-z0-9]{0,2}")  # the classes of highlighted code
_DEEPEST = 100  # elements inside each other


@pass_context
def markdown(context: Any, source: str) -> str:
    """Return Markdown as HTML in which nothing is active and nothing is loaded."""
    try:
        return harmless(_converter().markdown2html(context, source))
    except Exception:  # a student's text may be anything; as it stands it is readable, too
        return f"<pre>{html.escape(source)}</pre>"


@functools.cache
def _converter() -> HTMLExporter:
    return HTMLExporter(exclude_anchor_links=True)  # type: ignore[no-untyped-call]


def harmless(text: str) -> str:
    """Return HTML reduced to what can neither act nor load anything.

    Raises
    ------
    ValueError
        If elements are nested deeper than any text needs.
    """
    clean = nh3.clean(
        _INVISIBLE.sub("?", text),
        tags=set(_TAGS.split()),
        clean_content_tags=set(),  # what stands between forbidden tags stays, as text
        attributes=_ATTRIBUTES,
        attribute_filter=_kept,
        url_schemes=_SCHEMES,
        link_rel=None,
    )
    depth = deepest = 0
    for end in re.findall(r"<(/?)(?!img|br|hr)\w", clean):
        depth += -1 if end else 1
        deepest = max(depth, deepest)
    if deepest > _DEEPEST:
        raise ValueError(f"{deepest} elements inside each other")
    return clean


def _kept(tag: str, name: str, value: str) -> str | None:
    """Return the value of an attribute, or None if it must go."""
    pattern = {"src": PICTURE, "href": _LINK, "class": _HIGHLIGHT}.get(name)
    return value if pattern is None or pattern.fullmatch(value) else None
