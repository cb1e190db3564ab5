"""What a notebook has to know of the other pages: titles, labels, addresses, references."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tools.book import toc
from tools.book.portable.citations import Bibliography
from tools.book.portable.syntax import equations, figures, labels


class Place(NamedTuple):
    """What a label stands for: a heading, or an equation with its number, on a page."""

    page: str
    text: str


def site_of(settings: dict[str, Any]) -> str:
    """Return the address of the published site by ``_config.yml``, "" if there is none."""
    named = settings.get("sphinx", {}).get("config", {}).get("ogp_site_url") or ""
    owner, _, name = (settings["repository"]["url"] or "").rstrip("/").rpartition("/")
    if not named and owner.startswith("https://github.com/"):
        named = f"https://{owner.rpartition('/')[2].lower()}.github.io/{name}"
    return named.rstrip("/")


class Book:
    """All pages, read from their sources.

    Parameters
    ----------
    root
        The folder with ``_config.yml`` and ``_toc.yml``.
    repository
        The public address of the repository; that of ``_config.yml`` if it is not given.
    """

    def __init__(self, root: Path, repository: str | None = None) -> None:
        settings = yaml.safe_load((root / "_config.yml").read_text(encoding="utf8"))
        if repository is not None:
            settings["repository"]["url"] = repository
        self.root = root
        self.repository: str = (settings["repository"]["url"] or "").rstrip("/")
        self.site = site_of(settings)
        files = [root / name for name in settings["bibtex_bibfiles"]]
        self.bibliography = Bibliography(files)
        self.titles: dict[str, str] = {}
        self.headings: dict[str, Place] = {}
        self.equations: dict[str, Place] = {}
        self.figures: dict[str, Place] = {}  # with the heading of the section that has it
        for page in toc.pages(root):
            self._read(page, (root / f"{page}.md").read_text(encoding="utf8"))

    def _read(self, page: str, text: str) -> None:
        """Note what other pages may refer to."""
        found = [(label, Place(page, heading)) for label, heading in labels(text)]
        self.headings.update(found)
        self.titles[page] = found[0][1].text if found else Path(page).name
        self.figures.update((label, Place(page, heading)) for label, heading in figures(text))
        for number, label in enumerate(equations(text), start=1):
            self.equations[label] = Place(page, str(number))

    def link(self, page: str, text: str, label: str = "") -> str:
        """Return words that lead to a page where its address is known, bold words elsewhere."""
        if not self.site:
            return f"**{text}**"
        return f"[{text}]({self.site}/{page}.html{'#' if label else ''}{label})"

    def file(self, path: Path, text: str) -> str:
        """Return words that lead to a file of the repository."""
        where = path.resolve().relative_to(self.root.resolve()).as_posix()
        if self.repository:
            return f"[{text}]({self.repository}/raw/HEAD/{where})"
        return f"**{text}** (in a clone of the course `{where}`)"
