"""The heading of a chapter begins with the name that it has everywhere else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.book.facts import FactsError, chapters
from tools.book.titles import promise_of

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.page)
def test_every_heading_begins_with_the_title_of_the_front_matter(chapter):
    text = (ROOT / f"{chapter.page}.md").read_text(encoding="utf-8")
    promise_of(re.search(r"^# (.*)$", text, re.M)[1], chapter.title)


def test_what_follows_the_title_is_the_promise():
    assert promise_of("GRU: two gates, one state", "GRU") == "Two gates, one state"
    assert promise_of("A: b: c", "A: b") == "C"
    assert promise_of("GRU", "GRU") == ""


@pytest.mark.parametrize("heading", ["The GRU", "GRU, with two gates", "GRU: ", "Two gates: GRU"])
def test_another_name_is_refused(heading):
    with pytest.raises(FactsError, match="must be 'GRU'"):
        promise_of(heading, "GRU")
