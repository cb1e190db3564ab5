"""Formulas where a teacher grades by hand: set without a network, and harmless."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from urllib.parse import urlparse

import pytest
from nbconvert.exporters import HTMLExporter
from nbformat.v4 import new_notebook
from nbgrader.server_extensions.formgrader import handlers
from nbjudge.feedback import formulas
from traitlets.config import Config

PLACE = "http://grader.invalid"
WHY = r"""Since $a^2 + b^2 = c^2$ and

$$\sum_{t=1}^{T} h_t = 0,$$

it holds. But `$code$` is code, and \$5 is money."""
HOSTILE = [
    r"$\href{javascript:alert(1)}{x}$",
    r"$\mmlToken{mi}[href='javascript:alert(1)']{x}$",
    r"$\require{html}\style{background:url(http://tracker.invalid/a)}{y}$",
    r"$\style{background:url(http://tracker.invalid/b)}{y}$",
    r"$\bbox[background:url(http://tracker.invalid/c)]{y}$",
    r"$\mmlToken{mi}[style='background:url(http://tracker.invalid/d)']{x}$",
    r"$\class{navbar}{z} \cssId{notebook}{z} \unicode{x41}$",
    r"$\def\x{\x\x}\x$",
]


@pytest.fixture
def page(graded):
    """Return a function that makes the page as nbgrader's formgrader does."""
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [
        str(files("nbjudge") / "feedback"),
        handlers.template_path,
    ]
    config.HTMLExporter.filters = {
        "markdown2html": "nbjudge.feedback.sanitize.markdown",
        "mathjax": "nbjudge.feedback.formulas.mathjax",
    }

    def _page(why):
        about = {"index": 0, "total": 1, "base_url": "", "student": "ada", "submission_id": "1"}
        return HTMLExporter(config=config).from_notebook_node(graded({"why": why}), about)[0]

    return _page


@pytest.fixture
def opened(browser):
    """Return a function that opens a page where only the formgrader's own files are served."""
    context = browser.new_context()
    said = []

    def serve(route):
        path = urlparse(route.request.url).path
        file = Path(handlers.static_path, path.removeprefix("/formgrader/static/"))
        if route.request.url == f"{PLACE}/submission/":
            route.fulfill(body=opened_page[0], content_type="text/html")
        elif route.request.url.startswith(f"{PLACE}/formgrader/api/"):
            route.fulfill(json=[])
        elif route.request.url.startswith(f"{PLACE}/formgrader/static/") and file.is_file():
            route.fulfill(path=file)
        else:
            said.append(f"asked for {route.request.url}")
            route.abort()

    opened_page = []

    def _opened(text):
        opened_page[:] = [text]
        context.route("**/*", serve)
        seen = context.new_page()
        seen.on("pageerror", lambda error: said.append(str(error)))
        seen.on("dialog", lambda dialog: (said.append(dialog.message), dialog.dismiss()))
        seen.goto(f"{PLACE}/submission/", wait_until="networkidle")
        seen.wait_for_function("MathJax.loaded")  # the formgrader's own mark
        return seen, said

    yield _opened
    context.close()


def test_formulas_are_set_and_nothing_is_asked_for(page, opened):
    seen, said = opened(page(WHY))
    assert seen.locator("mjx-container svg").count() == 3  # one is in the instructor's text
    assert seen.locator("mjx-container[display='true']").count() == 1
    assert "$code$" in seen.locator("code").all_inner_texts()
    assert said == []


def test_formulas_are_harmless(page, opened):
    seen, said = opened(page("\n\n".join(HOSTILE)))
    assert seen.locator("mjx-container").count() >= len(HOSTILE)
    assert seen.locator("mjx-container a").count() == 0
    made = seen.locator("mjx-container").evaluate_all("all => all.map(one => one.outerHTML)")
    assert not [text for text in made if "javascript:" in text.split("data-mjx-error")[0]]
    assert not [text for text in made if "url(" in text]
    assert seen.locator("mjx-container .navbar, mjx-container #notebook").count() == 0
    assert said == []


def test_without_the_package_the_page_works_and_formulas_stay_text(page, opened, monkeypatch):
    monkeypatch.setattr(formulas, "_PACKAGE", "a-package-that-nobody-has")
    seen, said = opened(page(WHY))
    assert "$a^2 + b^2 = c^2$" in seen.locator("body").inner_text()
    assert said == []


def test_what_nbgrader_ships_does_ask(page):
    # Were this to change, the files for it could go.
    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    about = {"index": 0, "total": 1}
    text = HTMLExporter(config=config).from_notebook_node(new_notebook(), about)[0]
    assert "cdnjs" in text
    assert "cdnjs" not in page("")
