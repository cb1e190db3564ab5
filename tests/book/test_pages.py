"""The written pages: nothing from outside, descriptions, downloads, previews."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup

from tools.book.portable.convert import file_name
from tools.book.toc import is_notebook, pages

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
PAGES = pages(ROOT)


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
            assert len(description_of(article, svg)) >= 30, svg.attrs


def description_of(article, svg):
    """Return what names a picture: its caption, or a label where it has none."""
    if not svg.has_attr("aria-labelledby"):
        return svg.get("aria-label", "")
    caption = article.find(id=svg["aria-labelledby"])
    return caption.get_text().removeprefix(caption.select_one(".caption-number").get_text())


def test_every_figure_is_numbered_and_has_a_caption(page):
    article = soup(page).find("article")
    pictures = article.select("svg.course-figure[role=img]")
    title = article.find("h1")
    chapter = title.select_one(".section-number")
    before = chapter.get_text(strip=True) if chapter else ""
    for number, svg in enumerate(pictures, start=1):
        caption = svg.find_parent("figure").find("figcaption")
        assert svg["aria-labelledby"] == caption["id"]
        assert not svg.has_attr("aria-label"), "it would be read out twice"
        said = caption.select_one(".caption-number").get_text()
        assert said == f"Figure {before}{number}."


def test_chapters_and_equations_are_numbered(page):
    article = soup(page).find("article")
    chapter = article.find("h1").select_one(".section-number")
    assert (chapter is not None) == (page.count("/") == 2)
    numbers = [one.get_text().strip("()#") for one in article.select(".eqno")]
    if chapter:
        before = chapter.get_text(strip=True)
        assert numbers == [f"{before}{k}" for k in range(1, len(numbers) + 1)]


def test_terms_lead_to_their_rows_and_say_what_they_mean(page):
    rows = {row["id"] for row in soup("chapters/notation").select("tr[id]")}
    marks = soup(page).select("a.course-term")
    assert bool(marks) == (page.count("/") == 2)
    for mark in marks:
        target, key = mark["href"].split("#")
        assert target.endswith("notation.html")
        assert key in rows
        assert len(soup(page).find(id=mark["aria-describedby"]).get_text()) > 10
        assert mark.find_parent(["h1", "h2", "h3", "pre", "code", "figure", "form", "nav"]) is None
        assert mark.find_parent("a") is None
        assert mark.find(class_="math") is None or mark["aria-label"]
    keys = [mark["href"] for mark in marks]
    assert len(set(keys)) == len(keys), "a term is marked at its first use only"


def test_every_term_is_used_and_has_a_chapter():
    marked = {
        mark["href"].split("#")[1] for page in PAGES for mark in soup(page).select(".course-term")
    }
    rows = soup("chapters/notation").select("tr[id^=term-]")
    assert len(rows) >= 40
    for row in rows:
        term, meaning, chapter = row.find_all("td")
        assert row["id"] in marked or term.find("em"), f"{term.get_text()} is used on no page"
        assert chapter.get_text().isdigit(), term.get_text()
        assert not meaning.get_text().rstrip().endswith("."), "a meaning ends without a full stop"


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
        title = soup(path.relative_to(ROOT).with_suffix("")).find("h1")
        words = title.find(string=True, recursive=False)
        assert listed[words].isdigit(), words
    files = (path.relative_to(ROOT) for path in ROOT.glob("chapters/**/*.md"))
    pages = [str(path.with_suffix("")) for path in files if ".ipynb_checkpoints" not in path.parts]
    assert len(listed) == sum(is_notebook(ROOT, page) for page in pages)
