"""Nothing that a student wrote is active on a page, be it the student's or the instructor's."""

from __future__ import annotations

import re
import sys

import pytest
from feedback_pages import HOSTILE, PIXEL
from nbjudge.feedback.sanitize import harmless
from traitlets.config import Config


def test_hostile_page_holds_nothing_active(hostile):
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(hostile, "html5lib" if "html5lib" in sys.modules else "html.parser")
    names = {tag.name for tag in soup.find_all(True)}
    active = {"script", "iframe", "object", "embed", "form", "input", "button", "link", "base"}
    assert not names & (active | {"svg", "math", "noscript", "image", "video", "audio", "area"})
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            assert not name.startswith("on"), tag
            if name == "src":
                assert re.fullmatch(r"data:image/png;base64,[\w+/=]+", value), tag
            if name == "href":
                assert re.match(r"#|https?://", value), tag
            assert name not in ("srcset", "action", "style", "background"), tag
    assert len(soup.find_all("meta", attrs={"http-equiv": True})) == 1
    assert len(soup.find_all("style")) == 2
    assert PIXEL in hostile
    assert "alert(1)" in soup.get_text()  # shown as text
    assert "\x1b" not in hostile


def test_no_address_is_loaded(hostile):
    loading = re.findall(r"(?:src|srcset|data|poster)=\W*(?!data:)\w+:?//[^\"' ]*", hostile)
    styles = re.findall(r"<style>(.*?)</style>", hostile, flags=re.DOTALL)
    assert not loading
    assert not [style for style in styles if "url(" in style or "@import" in style]


def test_long_things_are_cut(hostile):
    assert "(the rest is not shown)" in hostile
    assert "z" * 100_001 not in hostile
    assert len(hostile) < 1_000_000


@pytest.mark.parametrize(
    ("given", "left"),
    [
        ('<a href="https://a.example/?b=1&amp;c" title="t" id="i">x</a>', "title id"),
        ("<a href='#top'>x</a>", "href"),
        ("<a href='mailto:a@b.example'>x</a>", ""),
        ("<span class='k'>x</span><span class='highlight k'>y</span>", "highlight"),
        ("<p class='highlight'>x</p>", "class"),
        ("<img src='data:image/svg+xml;base64,AAAA' alt='x'>", "src"),
        ("<b>x</b><!-- y --><script>z</script>", "script y"),
    ],
)
def test_only_what_is_listed_stays(given, left):
    clean = harmless(given)
    assert not [word for word in left.split() if word in clean]
    assert harmless(clean) == clean


def test_what_is_too_deep_is_refused():
    assert harmless("<div>" * 50 + "x").startswith("<div>")
    with pytest.raises(ValueError, match="300 elements inside each other"):
        harmless("<div>" * 300)


def test_page_for_the_instructor_holds_nothing_active_either(graded):
    # nbgrader's formgrader runs in the instructor's own JupyterLab.
    from nbconvert.exporters import HTMLExporter
    from nbgrader.server_extensions.formgrader.handlers import template_path

    config = Config()
    config.HTMLExporter.template_name = "formgrade"
    config.HTMLExporter.extra_template_basedirs = [template_path]
    config.HTMLExporter.filters = {"markdown2html": "nbjudge.feedback.sanitize.markdown"}
    notebook = graded({"why": "\n\n".join(HOSTILE[:25])})
    page = HTMLExporter(config=config).from_notebook_node(notebook, {"index": 0, "total": 1})[0]
    assert "tracker.invalid/a.png" not in page
    assert "<iframe" not in page
    assert not re.search(r"<[^>]*\balert\(1\)", page)
