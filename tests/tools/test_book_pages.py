"""The sentence before the commands of the first page, with and without a public address."""

from __future__ import annotations

from types import SimpleNamespace

from tools.book.pages import say_where_the_course_is


def sentence(url):
    """Return what the first page says for an address of the repository."""
    config = SimpleNamespace(html_theme_options={"repository_url": url}, myst_substitutions={})
    say_where_the_course_is(None, config)
    return config.myst_substitutions["get_the_course"]


def test_a_public_course_is_cloned_from_its_address():
    assert "[repository](https://example.org/course)" in sentence("https://example.org/course")


def test_without_an_address_nobody_is_sent_to_one():
    assert "http" not in sentence("")
    assert "your copy of the course" in sentence("")
    assert "Makefile" in sentence("")
