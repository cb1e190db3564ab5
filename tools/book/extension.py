"""Sphinx extension of this book: what its pages have beyond what the theme and MyST offer."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from tools.book import (
    citations,
    execution,
    figures,
    folded,
    formulas,
    models,
    pages,
    progress,
    quiz_html,
    search_index,
    terms_html,
    tidy,
    titles,
    weight,
)


def make_static_folder(app: Sphinx) -> None:
    """Make ``_static`` first: when a build fails early, extensions copy a file to that name."""
    (Path(app.outdir) / "_static").mkdir(parents=True, exist_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    # A change of these files reads and writes all pages again.
    own = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.[ph]*")))
    app.add_config_value("book_extension_digest", hashlib.sha256(own).hexdigest(), "env")
    app.add_transform(titles.ShortTitle)
    app.add_css_file("titles.css")
    app.add_node(pages.running_times)
    app.add_directive("running-times", pages.RunningTimes)
    app.connect("config-inited", pages.say_where_the_course_is)
    app.connect("builder-inited", make_static_folder)
    app.connect("env-before-read-docs", execution.fill_cache)
    app.connect("source-read", execution.note_dependencies)
    app.connect("env-updated", pages.pages_with_times)
    app.connect("doctree-resolved", pages.fill_running_times)
    app.connect("html-page-context", pages.offer_notebook, priority=400)  # before the theme
    app.connect("html-page-context", pages.mend_citation_lists)
    app.connect("html-page-context", pages.offer_launch, priority=600)  # after the theme
    app.connect("html-page-context", pages.name_downloads, priority=600)
    app.connect("build-finished", models.write_models)
    for part in (figures, folded, progress, quiz_html, terms_html, citations, formulas):
        part.setup(app)
    for part in (search_index, tidy, weight):
        part.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
