"""The written pages: nothing from outside, descriptions, downloads, previews."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from tools.book.portable.convert import file_name
from tools.book.toc import is_notebook

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"


@lru_cache
def soup(page):
    return BeautifulSoup((HTML / f"{page}.html").read_text(encoding="utf8"), "html.parser")


def test_nothing_is_loaded_from_elsewhere(page):
    for tag in soup(page).find_all(["script", "img", "iframe", "source"]):
        assert not (tag.get("src") or "").startswith(("http", "//")), tag
    for tag in soup(page).find_all("link"):
        if {"stylesheet", "preload", "icon"} & set(tag.get("rel", [])):
            assert not tag["href"].startswith(("http", "//")), tag


def test_every_picture_is_described(page):
    article = soup(page).find("article")
    for image in article.find_all("img"):
        assert len(image.get("alt", "")) >= 10, image
    for svg in article.find_all("svg"):
        if "course-figure" in svg.get("class", []):
            assert svg.get("role") == ("group" if svg.find("a") else "img")
            assert len(svg.get("aria-label", "")) >= 30, svg.get("aria-label")


def test_executed_notebook_is_offered(page):
    if not is_notebook(ROOT, page):
        return
    link = soup(page).find("a", href=re.compile(rf"_sources/.*/{file_name(page)}$"))
    assert link is not None
    assert "This chapter as a notebook" in link.get_text()
    notebook = nbformat.read((HTML / f"{page}.html").parent / link["href"], as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) > 1
    assert [cell.id for cell in cells if not cell.execution_count] == ["environment"]
    assert any(cell.outputs for cell in cells)


def test_no_launch_buttons_without_an_address(page):
    text = str(soup(page).find("div", class_="header-article-items") or "")
    assert "colab" not in text.lower()
    assert "binder" not in text.lower()


def test_social_preview_and_icon(page):
    html = soup(page)
    image = html.find("meta", property="og:image")["content"]
    assert (HTML / image).is_file(), image
    assert html.find("meta", property="og:title")["content"]
    icon = html.find("link", rel="icon") or html.find("link", rel="shortcut icon")
    assert icon["href"].endswith("favicon.svg")


def test_running_times_lists_every_chapter():
    table = soup("chapters/runtimes").find("article").find("table")
    rows = [
        [cell.get_text(strip=True) for cell in row.find_all("td")] for row in table.find_all("tr")
    ]
    listed = {row[0]: row[1] for row in rows if row}
    for path in ROOT.glob("chapters/*/*.md"):
        title = soup(path.relative_to(ROOT).with_suffix("")).find("h1").find(string=True)
        assert listed[title].isdigit(), title
    pages = [str(p.relative_to(ROOT).with_suffix("")) for p in ROOT.glob("chapters/**/*.md")]
    assert len(listed) == sum(is_notebook(ROOT, page) for page in pages)
