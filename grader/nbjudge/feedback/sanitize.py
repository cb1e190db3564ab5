"""HTML that does nothing: text, tables, links, and pictures that are part of the page.

``nbgrader_config.py`` makes `markdown` the filter of all pages that nbgrader renders, among
them those in which an instructor reads answers: nbgrader itself lets every script pass there.
"""

from __future__ import annotations

import functools
import html
import re
from typing import Any

import bleach  # type: ignore[import-untyped]
from jinja2 import pass_context
from nbconvert.exporters import HTMLExporter

PICTURE = re.compile(r"data:image/(?:png|jpeg|gif);base64,[A-Za-z0-9+/=\s]+")
_TAGS = """
a b blockquote br code dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img li ol p pre s span strong
sub sup table tbody td th thead tr ul
"""
_PROTOCOLS = ("http", "https", "mailto", "data")  # `data` for pictures only, see below
_LINK = re.compile(r"(?:https?://|mailto:)\S*", re.IGNORECASE)
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
    clean: str = bleach.clean(text, _TAGS.split(), _may_stay, protocols=_PROTOCOLS, strip=True)
    depth = deepest = 0
    for end in re.findall(r"<(/?)(?!img|br|hr)\w", clean):
        depth += -1 if end else 1
        deepest = max(depth, deepest)
    if deepest > _DEEPEST:
        raise ValueError(f"{deepest} elements inside each other")
    return clean


def _may_stay(tag: str, name: str, value: str) -> bool:
    """Return whether an attribute may stay."""
    if (tag, name) == ("img", "src"):
        return PICTURE.fullmatch(value) is not None
    if (tag, name) == ("a", "href"):
        return _LINK.fullmatch(value) is not None
    if name == "class":
        return tag in ("div", "span") and _HIGHLIGHT.fullmatch(value) is not None
    return (tag, name) == ("img", "alt")
