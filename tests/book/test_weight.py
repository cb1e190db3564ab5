"""The weight of a page: what it loads, compressed as a server sends it."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path

from bs4 import BeautifulSoup, SoupStrainer
from fontTools.ttLib import TTFont

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
MOST = 600_000
URL = re.compile(r"url\(['\"]?([^)'\"]+)")


@lru_cache
def weight(path):
    """Return the compressed size of a file; fonts and pictures are compressed already."""
    data = path.read_bytes()
    text = path.suffix in (".html", ".css", ".js", ".svg")
    return len(gzip.compress(data)) if text else len(data)


@lru_cache
def fonts(style):
    """Return the fonts of a style sheet that a page of this book may load."""
    urls = URL.findall(style.read_text(encoding="utf8"))
    found = {(style.parent / url.split("?")[0]).resolve() for url in urls if "data:" not in url}
    return {path for path in found if path.suffix == ".woff" and path.exists()}


@lru_cache
def loaded(page):
    """Return all files that a page loads when it opens, each once."""
    path = HTML / f"{page}.html"
    tags = SoupStrainer(["link", "script", "img"])
    soup = BeautifulSoup(path.read_text(encoding="utf8"), "html.parser", parse_only=tags)
    names = [tag["href"] for tag in soup.find_all("link", rel=["stylesheet", "icon"])]
    names += [tag["src"] for tag in soup.find_all(["script", "img"], src=True)]
    files = {(path.parent / name.split("?")[0]).resolve() for name in names if "data:" not in name}
    return {path} | files | {font for one in files if one.suffix == ".css" for font in fonts(one)}


def test_a_page_weighs_no_more_than_it_should(page):
    sizes = {path.name: weight(path) for path in loaded(page)}
    assert len(sizes) > 10
    assert sum(sizes.values()) <= MOST, sorted(sizes.items(), key=lambda item: -item[1])[:6]


def test_a_page_loads_no_index_no_mathjax_and_no_icon_that_it_does_not_show(page):
    names = " ".join(path.name.lower() for path in loaded(page))
    for heavy in ("searchindex", "search_index", "searchtools", "mathjax.js", "tex-chtml"):
        assert heavy not in names
    assert "fontawesome" not in names
    assert "thebe" not in names


def test_formulas_are_loaded_where_there_are_some(page):
    html = (HTML / f"{page}.html").read_text(encoding="utf8")
    assert ("formulas.css" in html) == ("<mjx-container" in html)


def test_every_icon_is_in_the_small_font(page):
    styles = (HTML / "_static/styles/pydata-sphinx-theme.css").read_text(encoding="utf8")
    html = (HTML / f"{page}.html").read_text(encoding="utf8")
    sizes = {"fa-solid", "fa-regular", "fa-brands", "fa-lg"}
    classes = " ".join(re.findall(r'<i class="([^"]*)"', html)).split()
    for name in {one for one in classes if one.startswith("fa-")} - sizes:
        assert f".{name}:before" in styles
    assert styles.count(':before{content:"\\f') < 60


def test_the_icons_of_boxes_are_in_the_small_font():
    static = HTML / "_static"
    font = TTFont(static / "vendor/fontawesome/webfonts/icons.woff").getBestCmap()
    styles = (static / "styles/pydata-sphinx-theme.css").read_text(encoding="utf8")
    named = dict(re.findall(r'--pst-icon-([a-z-]+):"(.)"', styles))
    assert {"info-circle", "lightbulb"} <= set(named)
    missing = {name for name, character in named.items() if ord(character) not in font}
    assert missing <= {"github", "gitlab"}, "marks of companies have a font of their own"
