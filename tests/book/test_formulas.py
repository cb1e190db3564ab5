"""Formulas: all of them set when the book is built, readable aloud, numbered and linked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from tools.book.formulas import Typesetter, join, letters, tex_of_block, used_rules

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build/html"
MATH = re.compile(r'class="math notranslate nohighlight"')


@pytest.fixture(scope="module")
def typesetter():
    one = Typesetter()
    yield one
    one.close()


def test_every_formula_is_set_and_can_be_read_aloud(page):
    text = (HTML / f"{page}.html").read_text(encoding="utf8")
    formulas = len(MATH.findall(text))
    assert text.count("<mjx-container") == text.count("data-tex=") == formulas
    assert text.count("<math ") == formulas
    assert "mjx-merror" not in text
    assert r">\(" not in text


def test_numbers_of_equations_are_linked():
    page = HTML / "chapters/foundations/lstm_cell.html"
    soup = BeautifulSoup(page.read_text(encoding="utf8"), "html.parser")
    numbered = [one for one in soup.select("div.math") if one.select_one(".eqno")]
    assert len(numbered) > 5
    for one in numbered:
        link = one.select_one(".eqno a.headerlink")
        assert link["href"] == f"#{one['id']}"


#: Of each formula that is followed by punctuation: its source if that stands on another line,
#: and what is wider than the text.
PARTED = """() => [...document.querySelectorAll(".bd-article span.math")].map((one) => {
    const inner = one.closest("a.course-term") ?? one;
    const next = inner.nextSibling ?? inner.parentElement.nextSibling;
    if (!one.offsetParent || next?.nodeType !== 3 || !/^[,.;:!?)]/.test(next.data)) return null;
    const range = document.createRange();
    range.setStart(next, 0);
    range.setEnd(next, 1);
    const [formula, mark] = [one.firstElementChild, range].map((o) => o.getBoundingClientRect());
    return mark.left < formula.left || mark.top > formula.bottom ? one.dataset.tex : "";
}).filter((found) => found !== null)"""


@pytest.mark.parametrize(
    "name", ["foundations/lstm_cell", "variants/peephole_lstm", "variants/after_2017"]
)
def test_punctuation_stays_with_its_formula_on_a_phone(visit, name):
    for width in (390, 360):
        page = visit(f"chapters/{name}", width=width, height=844).page
        found = page.evaluate(PARTED)
        assert len(found) > 10
        assert [tex for tex in found if tex] == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_what_is_kept_beside_a_formula():
    parts = ["See (", nodes.math("", "a"), "), ", nodes.math("", "b"), "'s x, "]
    parts += [nodes.math("", "c"), " and so on"]
    page = nodes.paragraph("", "", *(nodes.Text(p) if isinstance(p, str) else p for p in parts))
    join(page)
    joined = [one.astext() for one in page.findall(nodes.inline)]
    assert joined == ["(a),", "b's"]
    assert page.astext() == "See (a), b's x, c and so on"


@pytest.mark.parametrize(
    ("tex", "part"),
    [
        (r"\frac{a}{b} \odot c", "<mfrac>"),
        (r"\begin{aligned} a &= b \\ c &= d \end{aligned}", "<mtable"),
        (r"\begin{cases} 1 & x > 0 \\ 0 \end{cases}", "<mtable"),
        (r"\underbrace{a + b}_{\text{sum}}", "<munder>"),
        (r"\begin{bmatrix} 1 & 2 \end{bmatrix}", "<mtable"),
        (r"\overleftarrow{h}_t", "<mover>"),
    ],
)
def test_what_mathjax_sets(typesetter, tex, part):
    assert part in typesetter.html(tex, display=True)


def test_a_slip_in_a_formula_is_told(typesetter):
    with pytest.raises(ValueError, match="cannot set this formula"):
        typesetter.html(r"\frac{a", display=False)


def test_lines_of_a_block():
    assert tex_of_block("a", nowrap=False) == "a"
    assert tex_of_block(r"a \\ b", nowrap=False) == r"\begin{split}a \\ b\end{split}"
    both = tex_of_block("a\n\nb", nowrap=False)
    assert both == r"\begin{align}\begin{aligned}a\\b\end{aligned}\end{align}"


def test_only_used_letters_are_kept():
    styles = (
        'mjx-x {a: b} mjx-c.mjx-c7B::before {content: "{"} mjx-c.mjx-c41::before {content: "A"}'
    )
    kept = "".join(used_rules(styles, {"mjx-c7B"}))
    assert "mjx-x" in kept
    assert "c7B" in kept
    assert "c41" not in kept
    assert letters(kept) == {ord("{")}


def test_every_letter_has_its_rule(page):
    styles = (HTML / "_static/formulas.css").read_text(encoding="utf8")
    text = (HTML / f"{page}.html").read_text(encoding="utf8")
    for name in set(re.findall(r'"(mjx-c[0-9A-F]+)', text)):
        assert f".{name}" in styles
