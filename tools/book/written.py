"""The pages as they were written: what the whole of them needs is found there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sphinx.application import Sphinx


def page_texts(app: Sphinx) -> Iterator[str]:
    """Yield the HTML of every page of the book and of those that Sphinx adds."""
    folder = Path(app.outdir)
    names = [*sorted(app.env.found_docs), "search", "404", "genindex", "index"]
    for path in (folder / f"{name}.html" for name in names):
        if path.exists():
            yield path.read_text(encoding="utf8")
