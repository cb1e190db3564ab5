"""The pages of the book, as the table of contents lists them."""

from __future__ import annotations

from pathlib import Path

import yaml


def pages(root: Path) -> list[str]:
    """Return the pages of the table of contents, without suffix."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf8"))
    parts = toc.get("parts", [toc])
    return [toc["root"], *(entry["file"] for part in parts for entry in part["chapters"])]


def is_notebook(root: Path, page: str) -> bool:
    path = root / f"{page}.md"
    return path.exists() and "\nkernelspec:" in path.read_text(encoding="utf8")


def notebooks(root: Path) -> list[str]:
    """Return the pages that are notebooks."""
    return [page for page in pages(root) if is_notebook(root, page)]
