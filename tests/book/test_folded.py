"""Bars of folded code: each says what it hides."""

from __future__ import annotations

from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from tools.book.folded import name_of

HTML = Path(__file__).resolve().parents[2] / "_build/html"


@pytest.mark.parametrize(
    ("source", "figure", "name"),
    [
        ("# Three curves.\nplot(a)", "", "Three curves"),
        ("fig = draw()", "Figure 4.2", "Figure 4.2"),
        ("A = 1\n\ndef f(x):\n    return x\n\nclass G:\n    pass", "", "f, G"),
        ("a = 1\nb, (_, c) = 2, (3, 4)\na += 1\nd: int = 5\ne.x = 6", "", "a, b, c, …"),
        ("report(3)", "", "report(3)"),
        ("print('a text of many words that goes on and on and on')", "",
         "print('a text of many words that goes on and on…"),
        ("%magic", "", "%magic"),
    ],
)  # fmt: skip
def test_a_name_is_made_of_what_a_cell_does(source, figure, name):
    assert name_of(source, figure) == name


def bars(page):
    """Return the words on the closed and on the open bars of a page."""
    soup = BeautifulSoup((HTML / f"{page}.html").read_text(encoding="utf8"), "html.parser")
    summaries = soup.select("details.hide > summary")
    assert not any(one.has_attr("aria-label") for one in summaries), "all would be read out alike"
    return [tuple(p.get_text() for p in one.find_all("p")) for one in summaries]


def test_no_two_bars_of_a_page_are_alike(page):
    closed = [words[0] for words in bars(page)]
    assert len(set(closed)) == len(closed)


def test_bars_say_what_they_hide():
    found = bars("chapters/foundations/lstm_cell")
    assert (
        "Show code cell source: wire, box, node",
        "Hide code cell source: wire, box, node",
    ) in found
    assert "Show code cell source: Figure 4.1" in [words[0] for words in found]
