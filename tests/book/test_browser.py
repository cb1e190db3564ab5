"""The book in Chromium with the network cut: it loads, reads well everywhere, and works."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from icon import STATIC, render_icon  # noqa: E402

PHONE = {"width": 390, "height": 844}


def pixels(png):
    import matplotlib.image

    return matplotlib.image.imread(io.BytesIO(png))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_loads_without_network_and_without_errors(visit, page, scheme):
    seen = visit(page, scheme=scheme)
    assert seen.problems == []
    assert seen.page.evaluate("document.documentElement.dataset.theme") == scheme


def test_all_mathematics_is_rendered(visit, page):
    seen = visit(page).page
    seen.wait_for_function("() => !document.querySelector('.math') || window.MathJax.startup")
    seen.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise }")
    bare = seen.evaluate(
        "[...document.querySelectorAll('article .math')]"
        ".filter(e => !e.querySelector('mjx-container')).map(e => e.textContent)"
    )
    assert bare == []
    assert seen.locator("mjx-merror, [data-mjx-error]").count() == 0


def test_phone_page_does_not_scroll_sideways(visit, page):
    seen = visit(page, **PHONE).page
    seen.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise }")
    widths = seen.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


def test_one_search(visit, page):
    wide = visit(page).page
    assert wide.locator(".search-button-field:visible, .search-button:visible").count() == 1
    narrow = visit(page, **PHONE).page
    assert narrow.locator(".search-button-field:visible, .search-button:visible").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, page, scheme):
    seen = visit(page, scheme=scheme).page
    seen.evaluate("async () => { if (window.MathJax) await MathJax.startup.promise }")
    violations = [
        (v["id"], v["help"], [node["html"][:150] for node in v["nodes"]][:4])
        for v in Axe().run(seen).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert violations == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_stand_on_the_page_itself(visit, page, scheme):
    # A figure without a box: its corner has the colour of the page around it.
    seen = visit(page, scheme=scheme).page
    for figure in seen.locator("article svg.course-figure").all():
        if not figure.is_visible():
            continue
        corner = pixels(figure.screenshot())[2, 2, :3]
        paper = seen.evaluate("getComputedStyle(document.body).backgroundColor")
        paper = np.array([int(n) for n in paper[4:-1].split(",")[:3]]) / 255
        np.testing.assert_allclose(corner, paper, atol=0.02)


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
    seen.wait_for_selector("#search-results li", timeout=10_000)
    assert seen.locator("#search-results a[href*=lstm_cell]").count() >= 1


def test_hidden_code_opens_and_answers_too(visit):
    seen = visit("chapters/foundations/lstm_cell").page
    for selector in ("details.hide", "details.sd-dropdown"):
        details = seen.locator(selector).first
        details.locator("summary").press("Enter")
        assert details.evaluate("e => e.open")


def test_icon_is_that_of_the_drawing(browser):
    difference = np.abs(pixels(render_icon(browser)) - pixels((STATIC / "icon.png").read_bytes()))
    assert difference.mean() < 0.01, "favicon.svg changed: run `make icon`"
