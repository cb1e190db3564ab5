"""On paper: nothing cut, light colours even from dark ones, nothing that only a screen can use."""

from __future__ import annotations

import pytest

#: The width of A4 between the margins, in pixels of CSS.
PAPER = {"width": 673, "height": 970}
PAGES = [
    "chapters/foundations/lstm_cell",
    "chapters/variants/the_family",
    "chapters/applications/stock_forecasting",
    "chapters/grading",
    "chapters/notation",
]

CUT = """() => [...document.querySelectorAll(".bd-article *")]
    .filter((e) => e.offsetParent && !e.closest("mjx-assistive-mml, svg, .visually-hidden"))
    .filter((e) => e.getBoundingClientRect().right > innerWidth + 1
        || (e.clientWidth && getComputedStyle(e).overflowX !== "visible"
            && e.scrollWidth > e.clientWidth + 2))
    .map((e) => `${e.tagName}.${e.className}: ${e.textContent.slice(0, 40)}`)"""

LIGHT = """() => [...document.querySelectorAll(".bd-article :is(h1, h2, p, li, td, pre)")]
    .filter((e) => e.offsetParent && e.textContent.trim())
    .map((e) => getComputedStyle(e).color.match(/[\\d.]+/g).slice(0, 3).map(Number))
    .filter((rgb) => Math.max(...rgb) > 150 && Math.min(...rgb) > 100).length"""


@pytest.fixture
def printed(visit):
    """Return a function that opens a page in dark colours and prepares it for paper."""

    def _printed(name):
        page = visit(name, scheme="dark").page
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        return page

    return _printed


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_cut_or_pale(printed, name):
    page = printed(name)
    assert page.evaluate("document.documentElement.dataset.theme") == "light"
    assert page.evaluate(CUT) == []
    assert page.evaluate(LIGHT) == 0
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)")


def test_answers_are_open_and_screen_things_gone(printed):
    page = printed("chapters/foundations/lstm_cell")
    assert page.locator("details.sd-dropdown:not([open])").count() == 0
    for gone in ("button.copybtn", "details.hide", ".bd-sidebar-primary", "#pst-back-to-top"):
        assert page.locator(f"{gone}:visible").count() == 0, gone
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.locator("details.sd-dropdown[open]").count() == 0


def test_chromium_prints(printed):
    assert printed("intro").pdf(format="A4").startswith(b"%PDF")
