"""The bibliography: labels as the text cites, with their accents, and a link for every work."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pybtex.database import parse_file

from tools.book.citations import label

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
ENTRIES = parse_file(ROOT / "references.bib").entries
#: Works without a DOI, an arXiv number or another address that lasts.
WITHOUT_LINK: set[str] = set()


def soup(page):
    return BeautifulSoup((HTML / f"{page}.html").read_text(encoding="utf8"), "html.parser")


def test_every_work_has_a_link():
    linked = {"doi", "url", "eprint"}
    without = {
        key
        for key, entry in ENTRIES.items()
        if not linked & set(entry.fields) and "url{" not in str(entry.fields.get("howpublished"))
    }
    assert without == WITHOUT_LINK


def test_every_listed_work_shows_its_link():
    listed = soup("chapters/bibliography").select("div.citation")
    assert len(listed) > 100
    bare = [one.get_text() for one in listed if not one.select("p a[href^=https]")]
    assert bare == []


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        ("gers2000", "Gers et al. (2000)"),
        ("kunsch1989", "Künsch (1989)"),
        ("hochreiter1997", "Hochreiter and Schmidhuber (1997)"),
        ("ordonez2016", "Ordóñez and Roggen (2016)"),
        ("cho2014", "Cho et al. (2014b)"),
    ],
)
def test_labels(key, wanted):
    assert label(ENTRIES[key]) == wanted


def test_labels_are_one_for_each_work():
    labels = [label(entry) for entry in ENTRIES.values()]
    assert sorted(labels) == sorted(set(labels))
    assert not [one for one in labels if set(one) & set("{}\\[]+")]


@pytest.mark.parametrize(
    "name", ["foundations/lstm_cell", "variants/gated_recurrent_unit", "variants/lstm_crf"]
)
def test_text_and_list_call_a_work_the_same(name):
    html = soup(f"chapters/{name}")
    labels = {
        one["id"]: one.select_one(".label").get_text().strip("[]")
        for one in html.select("div.citation")
    }
    text = html.find("article").get_text()
    for link in html.select("article a[href^='#id']"):
        if link["href"][1:] in labels and not link.find_parent(class_="citation"):
            year = labels[link["href"][1:]].rsplit("(", 1)[1].rstrip(")")
            assert year in link.get_text()
    assert "et al. [" not in text
