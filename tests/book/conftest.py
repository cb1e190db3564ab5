"""The built book, and a browser that has no network."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from tools.book.look import CHROMIUM_FLAGS, find_chromium
from tools.book.toc import pages

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
EXPLORER = "chapters/foundations/cell_explorer"


def pytest_generate_tests(metafunc):
    if "page" in metafunc.fixturenames:
        metafunc.parametrize("page", pages(ROOT))


@pytest.fixture(scope="session", autouse=True)
def _built():
    if not (HTML / "index.html").exists():
        pytest.fail("the book is not built: run `make book` first")


@pytest.fixture(scope="session")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield chromium
        chromium.close()


#: Fonts are there, and what looks at sizes has seen two frames drawn with them.
SETTLED = """document.fonts.ready.then(() => new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done(null)));
}))"""


class Visit:
    """An open page and everything that went wrong while it loaded."""

    def __init__(self, browser, name, width=1280, height=900, scheme="light"):
        self.problems = []
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme
        )
        self.context.route("**/*", self._only_local)
        self.page = self.context.new_page()
        self.page.on("requestfailed", lambda r: self.problems.append(f"request failed: {r.url}"))
        self.page.on("pageerror", lambda e: self.problems.append(f"script error: {e}"))
        self.page.on("console", self._console)
        self.page.goto((HTML / f"{name}.html").as_uri(), wait_until="load")
        self.page.evaluate(SETTLED)

    def _only_local(self, route):
        if route.request.url.startswith(("file:", "data:", "blob:")):
            route.continue_()
        else:
            self.problems.append(f"asked for {route.request.url}")
            route.abort()

    def _console(self, message):
        if message.type == "error":
            self.problems.append(f"console: {message.text}")


@pytest.fixture(scope="session")
def open_page(browser):
    """Return a function that opens a page with the network cut; close its context after use."""
    return partial(Visit, browser)


@pytest.fixture
def visit(open_page):
    """Return a function that opens a page of the book; all are closed at the end of the test."""
    opened = []

    def _visit(name, **options):
        opened.append(open_page(name, **options))
        return opened[-1]

    yield _visit
    for one in opened:
        one.context.close()


@pytest.fixture
def explorer(visit):
    """Return a function that opens the explorer; at the end nothing may have gone wrong."""
    opened = []

    def _open(**options):
        seen = visit(EXPLORER, **options)
        seen.page.wait_for_selector("#cell-explorer[data-ready]")
        opened.append(seen)
        return seen.page

    yield _open
    for seen in opened:
        assert seen.problems == []
