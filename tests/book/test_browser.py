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
    """Return a page of the book, opened with the network cut."""
    name, view = request.param
    visit = open_page(name, **VIEWS[view])
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
def test_axe_finds_nothing(opened, request):
    page = request.node.callspec.params["opened"][0]
    context = None if page.endswith(CODE) else WITHOUT_CODE
    axe = Axe().run(opened.page, context=context, options=ONLY_VIOLATIONS)
    violations = [
        (v["id"], v["help"], [node["html"][:150] for node in v["nodes"]][:4])
        for v in axe.response["violations"]
    ]
    assert violations == []


#: On a phone other things scroll: these pages have every kind of thing that may.
PHONE_SAMPLE = ("notation", "lstm_in_keras", "stock_forecasting", "bibliography", "intro")
NOT_COLOURS = {"rules": {"color-contrast": {"enabled": False}}}  # the same as at other widths


@opened_as("phone")
def test_axe_finds_nothing_on_a_phone(opened, request):
    page = request.node.callspec.params["opened"][0]
    if not page.endswith(PHONE_SAMPLE):
        return
    axe = Axe().run(opened.page, context=WITHOUT_CODE, options=ONLY_VIOLATIONS | NOT_COLOURS)
    found = axe.response["violations"]
    assert [(v["id"], [node["html"][:150] for node in v["nodes"]][:4]) for v in found] == []


@opened_as("phone")
def test_what_scrolls_on_a_phone_says_so_and_is_reached_by_keyboard(opened):
    silent = opened.page.evaluate(
        """() => [...document.querySelectorAll(
            ".bd-article pre, .bd-article table, .bd-article div.math")]
        .filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 2)
        .filter((e) => e.tabIndex !== 0 || !e.classList.contains("course-more-right"))
        .map((e) => e.textContent.slice(0, 60))"""
    )
    assert silent == []


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


def test_hidden_code_opens(visit):
    details = visit("chapters/foundations/lstm_cell").page.locator("details.hide").first
    details.locator("summary").press("Enter")
    assert details.evaluate("e => e.open")


def test_icon_is_that_of_the_drawing(browser):
    difference = np.abs(pixels(render_icon(browser)) - pixels((STATIC / "icon.png").read_bytes()))
    assert difference.mean() < 0.01, "favicon.svg changed: run `make icon`"


def test_contents_follow_the_reader(visit):
    page = visit("chapters/foundations/lstm_cell").page
    page.evaluate("document.querySelector('#further-reading').scrollIntoView()")
    page.wait_for_function(
        """() => {
            const active = [...document.querySelectorAll(".bd-sidebar-secondary .active")].at(-1);
            const {top, bottom} = active?.getBoundingClientRect() ?? {};
            return active?.hash === "#further-reading" && top > 0 && bottom < innerHeight;
        }"""
    )


def test_the_list_of_chapters_opens_at_the_current_one_on_a_phone(visit):
    page = visit("chapters/applications/stock_forecasting", **PHONE).page
    page.locator(".primary-toggle:visible").first.click()
    page.wait_for_function(
        """() => {
            const current = document.querySelector("dialog[open] li.current > a");
            const {top, bottom} = current?.getBoundingClientRect() ?? {};
            return top > 0 && bottom < innerHeight;
        }"""
    )


def test_lines_are_not_too_long(visit):
    page = visit("chapters/foundations/lstm_cell", width=1920).page
    length = page.evaluate(
        """() => {
            const text = [...document.querySelectorAll(".bd-article section > p")]
                .filter((p) => p.textContent.length > 300)[0];
            const style = getComputedStyle(text);
            return text.textContent.length / (text.clientHeight / parseFloat(style.lineHeight));
        }"""
    )
    assert 50 <= length <= 78


def test_errors_wrap(visit):
    page = visit("chapters/foundations/lstm_in_keras").page
    cut = page.evaluate(
        """[...document.querySelectorAll("div.highlight-ipythontb pre")]
            .map((e) => e.scrollWidth - e.clientWidth)"""
    )
    assert cut
    assert max(cut) <= 1


def test_a_formula_is_copied_as_its_source(visit):
    page = visit("chapters/foundations/lstm_cell").page
    copied = page.evaluate(
        """() => {
            const formula = document.querySelector(".bd-article span.math");
            getSelection().selectAllChildren(formula.parentElement);
            const event = new ClipboardEvent("copy", {clipboardData: new DataTransfer()});
            document.dispatchEvent(event);
            return [event.clipboardData.getData("text/plain"), formula.dataset.tex];
        }"""
    )
    assert f"${copied[1]}$" in copied[0]


def test_a_copy_button_has_a_name_and_a_cell_is_one_stop(visit):
    page = visit("chapters/foundations/lstm_cell").page
    page.wait_for_selector("button.copybtn[aria-label]", state="attached")
    stops = page.evaluate(
        """[...document.querySelectorAll("div.highlight")].filter((e) => e.checkVisibility())
            .map((e) => [...e.querySelectorAll("pre, button")])
            .map((stops) => stops.filter((e) => e.tabIndex === 0).length)"""
    )
    assert set(stops) == {1}
    assert page.locator("button.copybtn:not([aria-label])").count() == 0
    page = visit("chapters/foundations/lstm_cell", **PHONE).page  # there code scrolls
    button = page.locator("button.copybtn[tabindex='-1']:visible").first
    button.locator("xpath=..").locator("pre").focus()
    assert page.locator("pre:focus ~ button.copybtn").get_attribute("tabindex") == "0"
