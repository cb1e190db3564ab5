"""Take out of the theme's pages what this book does not need, and mend what reads badly aloud."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

#: Live cells, the search of pages and the marks of Sphinx: the book has its own, or none.
UNUSED = ("thebe", "doctools", "sphinx_highlight", "searchtools", "language_data")
VIEWPORT = re.compile(r'<meta name="viewport"[^>]*>\s*')
EMPTY_HEAD = re.compile(r"<th\b([^>]*)>\s*(?:<p>\s*</p>)?\s*</th>")
CITED = re.compile(r' role="doc-(?:biblioentry|biblioref|backlink)"')


def leave_scripts_out(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Drop scripts and styles that no page of this book uses; Jupyter Book always adds them."""
    for kind in ("script_files", "css_files"):
        context[kind] = [
            file
            for file in context[kind]
            if not any(
                name in f"{file.filename}{file.attributes.get('body', '')}".lower()
                for name in UNUSED
            )
        ]


def mend_head(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Leave one viewport of the three, and no download of a page's source in MyST."""
    context["metatags"] = VIEWPORT.sub("", context.get("metatags", ""))
    for group in context.get("header_buttons", []):
        if group.get("label") == "download-buttons":
            group["buttons"] = [one for one in group["buttons"] if one.get("text") != ".md"]


def mend_body(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Make empty heads of tables plain cells, and drop roles that are no longer to be used."""
    body = EMPTY_HEAD.sub(r"<td\1></td>", context.get("body", ""))
    context["body"] = CITED.sub("", body)


def leave_index_out(app: Sphinx) -> None:
    """Make no index of pages: search_index.py makes one of sections."""
    app.builder.search = False  # type: ignore[attr-defined]  # of the builder for HTML


def setup(app: Sphinx) -> None:
    """Use the book's own templates, and mend what the theme writes."""
    app.connect(
        "config-inited",
        lambda _, config: config.templates_path.append(str(Path(__file__).parent / "templates")),
    )
    app.config.html_additional_pages = {"search": "search.html", "404": "404.html"}
    app.connect("builder-inited", leave_index_out)
    app.connect("html-page-context", mend_head, priority=900)
    app.connect("html-page-context", mend_body, priority=600)
    app.connect("html-page-context", leave_scripts_out, priority=950)
