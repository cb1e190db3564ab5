"""Marked terms in Chromium: they say what they mean when pointed at, focused and tapped."""

from __future__ import annotations

import pytest

PAGE = "chapters/variants/peephole_lstm"
SHOWN = ".course-about:visible"


@pytest.fixture(scope="module")
def chapter(open_page):
    seen = open_page(PAGE)
    yield seen.page
    problems = seen.problems
    seen.context.close()
    assert problems == []


@pytest.fixture
def mark(chapter):
    """A marked term in view, with nothing shown."""
    chapter.keyboard.press("Escape")
    chapter.mouse.move(0, 0)
    found = chapter.locator("a.course-term", has_text="cell state")
    found.scroll_into_view_if_needed()
    return found


def test_pointing_shows_the_meaning_and_leaving_hides_it(chapter, mark):
    assert chapter.locator(SHOWN).count() == 0
    mark.hover()
    chapter.wait_for_selector(SHOWN)
    about = chapter.locator(SHOWN)
    assert about.get_attribute("id") == mark.get_attribute("aria-describedby")
    assert about.inner_text().startswith("cell state: ")
    assert "Introduced in chapter 4, The LSTM cell" in about.inner_text()
    about.hover()  # what is shown can be pointed at, and its link followed
    assert about.locator("a").get_attribute("href").endswith("foundations/lstm_cell.html")
    chapter.mouse.move(0, 0)
    chapter.wait_for_selector(SHOWN, state="detached")


def test_focus_shows_the_meaning_and_escape_hides_it(chapter, mark):
    mark.focus()
    chapter.wait_for_selector(SHOWN)
    chapter.keyboard.press("Escape")
    assert chapter.locator(SHOWN).count() == 0
    assert mark.evaluate("e => e === document.activeElement")


def test_a_tap_shows_the_meaning_and_does_not_leave_the_page(chapter, mark):
    address = chapter.url
    for shown in (1, 0):
        mark.dispatch_event("pointerdown", {"pointerType": "touch"})
        mark.dispatch_event("click")
        assert chapter.locator(SHOWN).count() == shown
    assert chapter.url == address


def test_what_is_shown_stays_on_a_phone(chapter):
    chapter.set_viewport_size({"width": 390, "height": 844})
    chapter.evaluate("document.activeElement.blur()")
    for mark in chapter.locator("a.course-term").all()[:12]:
        mark.focus()
        box = chapter.locator(SHOWN).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
