"""The book in Chromium with the network cut: it loads, reads well everywhere, and works."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from bs4 import BeautifulSoup

from tools.book.icon import STATIC, render_icon
from tools.book.toc import pages

ROOT = Path(__file__).resolve().parents[2]


PHONE = {"width": 390, "height": 844}


def pixels(png):
    import matplotlib.image

    return matplotlib.image.imread(io.BytesIO(png))


#: How a page is opened: once for each, for all the tests that look at it that way.
VIEWS = {"light": {"scheme": "light"}, "dark": {"scheme": "dark"}, "phone": PHONE}


@pytest.fixture(scope="module")
def opened(open_page, request):
    """Return a page of the book, opened with the network cut, its mathematics set."""
    name, view = request.param
    visit = open_page(name, **VIEWS[view])
    visit.page.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise }")
    visit.at_load = list(visit.problems)  # before axe and others do things to the page
    yield visit
    visit.context.close()


def opened_as(*views):
    """Run a test on every page, opened in each of the views."""
    params = [(page, view) for page in pages(ROOT) for view in views]
    names = [f"{view}-{page}" for page, view in params]
    return pytest.mark.parametrize("opened", params, ids=names, indirect=True, scope="module")


@opened_as("light", "dark")
def test_loads_without_network_and_without_errors(opened, request):
    assert opened.at_load == []
    scheme = opened.page.evaluate("document.documentElement.dataset.theme")
    assert scheme == request.node.callspec.params["opened"][1]


@opened_as("light")
def test_all_mathematics_is_rendered(opened):
    bare = opened.page.evaluate(
        "[...document.querySelectorAll('article .math')]"
        ".filter(e => !e.querySelector('mjx-container')).map(e => e.textContent)"
    )
    assert bare == []
    assert opened.page.locator("mjx-merror, [data-mjx-error]").count() == 0


@opened_as("phone")
def test_phone_page_does_not_scroll_sideways(opened):
    widths = opened.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


@opened_as("light", "phone")
def test_one_search(opened):
    shown = opened.page.locator(".search-button-field:visible, .search-button:visible")
    assert shown.count() == 1


#: What passed need not be written down: that halves the time.
ONLY_VIOLATIONS = {"resultTypes": ["violations"]}


#: One style sheet colours the code of all pages, so its thousands of words are judged on these.
CODE = ("lstm_in_pytorch", "the_family", "three_frameworks", "troubleshooting")
WITHOUT_CODE = {"exclude": [[".cell_input div.highlight"]]}


def kinds_of_words(page):
    """Return the classes that the style sheet colours in the code of a page."""
    html = (ROOT / "_build/html" / f"{page}.html").read_text(encoding="utf8")
    words = BeautifulSoup(html, "html.parser").select(".cell_input div.highlight span[class]")
    return {kind for word in words for kind in word["class"]}


def test_the_pages_whose_code_is_judged_show_every_kind_of_word():
    kinds = {page: kinds_of_words(page) for page in pages(ROOT)}
    judged = set().union(*(kinds[page] for page in kinds if page.endswith(CODE)))
    assert judged
    assert {page: found - judged for page, found in kinds.items() if found - judged} == {}


@opened_as("light", "dark")
def test_axe_finds_nothing_serious(opened, request):
    page = request.node.callspec.params["opened"][0]
    context = None if page.endswith(CODE) else WITHOUT_CODE
    axe = Axe().run(opened.page, context=context, options=ONLY_VIOLATIONS)
    violations = [
        (v["id"], v["help"], [node["html"][:150] for node in v["nodes"]][:4])
        for v in axe.response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert violations == []


@opened_as("light", "dark")
def test_figures_stand_on_the_page_itself(opened):
    # A figure without a box: its corner has the colour of the page around it.
    paper = opened.page.evaluate("getComputedStyle(document.body).backgroundColor")
    paper = np.array([int(n) for n in paper[4:-1].split(",")[:3]]) / 255
    for figure in opened.page.locator("article svg.course-figure").all():
        if figure.is_visible():
            corner = pixels(figure.screenshot())[2, 2, :3]
            np.testing.assert_allclose(corner, paper, rtol=0, atol=0.02)


def test_keyboard_reaches_content_search_and_theme(visit):
    seen = visit("intro").page
    seen.keyboard.press("Tab")
    assert "Skip to main content" in seen.evaluate("document.activeElement.textContent")
    seen.keyboard.press("Control+k")
    seen.wait_for_selector("input[type=search]:visible")
    seen.keyboard.press("Escape")
    button = seen.locator(".theme-switch-button:visible").first
    before = seen.evaluate("document.documentElement.dataset.mode")
    button.focus()
    seen.keyboard.press("Enter")
    assert seen.evaluate("document.documentElement.dataset.mode") != before


def test_search_finds_a_gate(visit):
    seen = visit("search").page
    seen.fill("main input[type=search], #search-input-main, input[name=q] >> nth=-1", "forget gate")
    seen.keyboard.press("Enter")
    # Results are written one after the other.
    seen.wait_for_selector("#search-results a[href*=lstm_cell]", timeout=30_000, state="attached")


def test_hidden_code_opens(visit):
    details = visit("chapters/foundations/lstm_cell").page.locator("details.hide").first
    details.locator("summary").press("Enter")
    assert details.evaluate("e => e.open")


def test_icon_is_that_of_the_drawing(browser):
    difference = np.abs(pixels(render_icon(browser)) - pixels((STATIC / "icon.png").read_bytes()))
    assert difference.mean() < 0.01, "favicon.svg changed: run `make icon`"
