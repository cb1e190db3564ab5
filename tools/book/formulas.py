"""Set the formulas of the book when it is built, so that no page has to run MathJax.

MathJax itself does it, in an engine for JavaScript that comes as a Python package: what a page
gets is the HTML that MathJax would make in the browser, with MathML for screen readers.
"""

from __future__ import annotations

import html
import importlib.util
import json
import re
import shutil
from collections.abc import Iterator
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from docutils import nodes
from py_mini_racer import MiniRacer
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from tools.book.terms import term_definitions, term_mark
from tools.book.weight import cut_font
from tools.book.written import page_texts

#: The parts of MathJax, in the order in which they need each other.
PARTS = (
    "startup",
    "core",
    "adaptors/liteDOM",
    "input/tex",
    "output/chtml",
    "output/chtml/fonts/tex",
    "a11y/assistive-mml",
)
SETTINGS = "var global = globalThis, MathJax = {loader: {ready() {}}, startup: {typeset: false}}; 0"
START = """
const adaptor = MathJax._.adaptors.liteAdaptor.liteAdaptor();
const handler = MathJax._.handlers.html_ts.RegisterHTMLHandler(adaptor);
MathJax._.a11y["assistive-mml"].AssistiveMmlHandler(handler);
const input = new MathJax._.input.tex_ts.TeX({packages: ["base", "ams", "textmacros"]});
const font = new MathJax._.output.chtml.fonts.tex_ts.TeXFont({fontURL: "formulas"});
const output = new MathJax._.output.chtml_ts.CHTML(
  {font, adaptiveCSS: false, matchFontHeight: false});
const page = MathJax._.mathjax.mathjax.document("", {InputJax: input, OutputJax: output});
const typeset = (tex, display) => adaptor.outerHTML(page.convert(tex, {display}));
const styles = () => adaptor.textContent(output.styleSheet(page));
0
"""
FONTS = "output/chtml/fonts/woff-v2"
#: As high as the letters around it; 0.442 is the height of an x in MathJax's font.
SIZE = "\nmjx-container {\n  font-size: calc(1ex / 0.442);\n}\n"
GLYPH = re.compile(r"mjx-c[0-9A-F]+")
RULE = re.compile(r'([^{}]+)\{(?:"[^"]*"|[^{}"])*\}')

#: What belongs to the formula after it, and to the one before it.
AFTER = re.compile(r"^[,.;:!?%)\]'\u2019\u201d\u2026-]+(?:s\b)?")
BEFORE = re.compile(r"[(\[\u2018\u201c]+$")

CONTENT = re.compile(r'content: "((?:[^"\\]|\\.)*)"')
CODE = re.compile(r"\\([0-9A-Fa-f]{1,6}) ?")

logger = logging.getLogger(__name__)


def mathjax_folder() -> Path:
    """Return the folder of the MathJax that the package sphinx-mathjax-offline brings."""
    found = importlib.util.find_spec("sphinx-mathjax-offline")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "static/mathjax"


class Typesetter:
    """MathJax, started when the first formula comes, and the formulas it has set."""

    def __init__(self) -> None:
        self._set: dict[tuple[str, bool], str] = {}

    @cached_property
    def _engine(self) -> MiniRacer:
        engine = MiniRacer()
        engine.eval(SETTINGS)
        for part in PARTS:
            engine.eval((mathjax_folder() / f"{part}.js").read_text(encoding="utf8") + ";0")
        engine.eval(START)
        return engine

    def html(self, tex: str, *, display: bool) -> str:
        """Return the HTML of a formula in TeX; ``ValueError`` for one that is not TeX."""
        if (tex, display) not in self._set:
            done = str(self._engine.eval(f"typeset({json.dumps(tex)}, {json.dumps(display)})"))
            if "mjx-merror" in done or "mjx-utext" in done:
                raise ValueError(f"MathJax cannot set this formula: {tex}")
            self._set[tex, display] = done
        return self._set[tex, display]

    def styles(self) -> str:
        """Return the style sheet for everything that may stand in a formula."""
        return str(self._engine.eval("styles()"))

    def close(self) -> None:
        """End the engine, whose thread would keep Python from ending."""
        if "_engine" in self.__dict__:
            self._engine.close()
            del self._engine


@cache
def typesetter() -> Typesetter:
    """Return the one typesetter of a build."""
    return Typesetter()


def tex_of_block(text: str, *, nowrap: bool) -> str:
    """Return what MathJax is to set of a displayed formula, which may hold several lines."""
    if nowrap:
        return text
    parts = [part for part in text.split("\n\n") if part.strip()]
    lines = [rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part for part in parts]
    if len(lines) == 1:
        return lines[0]
    return r"\begin{align}\begin{aligned}" + r"\\".join(lines) + r"\end{aligned}\end{align}"


def _write(writer: Any, node: nodes.Element, tag: str, tex: str, number: str = "") -> None:
    """Write a formula with its source, which is what a reader who copies it wants."""
    try:
        done = typesetter().html(tex, display=tag == "div")
    except ValueError as error:
        logger.warning(str(error), location=node)
        done = html.escape(tex)
    kind = "math notranslate nohighlight"
    writer.body.append(writer.starttag(node, tag, "", CLASS=kind, **{"data-tex": tex}))
    writer.body.append(f"{number}{done}</{tag}>")


def visit_inline(writer: Any, node: nodes.math) -> None:
    """Write a formula that stands in a line of text."""
    _write(writer, node, "span", node.astext())
    raise nodes.SkipNode


def visit_block(writer: Any, node: nodes.math_block) -> None:
    """Write a displayed formula, with its number and the link to it."""
    number = ""
    if node["number"]:
        start = len(writer.body)
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
        number = "".join(writer.body[start:])
        del writer.body[start:]
    _write(writer, node, "div", tex_of_block(node.astext(), nowrap=node["nowrap"]), number)
    raise nodes.SkipNode


def _take(text: nodes.Node | None, pattern: re.Pattern[str]) -> str:
    """Take what a pattern finds out of a text beside a formula, and return it."""
    found = pattern.search(text) if isinstance(text, nodes.Text) else None
    if found is None or text is None:
        return ""
    text.parent.replace(text, nodes.Text(text[: found.start()] + text[found.end() :]))
    return found[0]


def join(element: nodes.Element) -> None:
    """Keep the punctuation beside each formula of an element on the line of the formula.

    A browser may break the line on both sides of a formula, be there a space or not.
    """
    for formula in list(element.findall(nodes.math)):
        inner = formula.parent if isinstance(formula.parent, term_mark) else formula
        before = _take(inner.previous_sibling(), BEFORE)
        after = _take(inner.next_node(descend=False, siblings=True), AFTER)
        if before or after:
            joined = nodes.inline(classes=["course-joined"])
            inner.replace_self(joined)
            joined += [nodes.Text(before), inner, nodes.Text(after)]


def join_page(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep the punctuation of a page, and of what its marked terms say, beside its formulas."""
    join(doctree)
    for definitions in doctree.findall(term_definitions):
        for paragraph in definitions["about"].values():
            join(paragraph)


def used_rules(styles: str, used: set[str]) -> Iterator[str]:
    """Yield the rules of MathJax's style sheet, of those on letters only the used ones."""
    for rule in RULE.finditer(styles):
        letters = set(GLYPH.findall(rule[1]))
        if not letters or letters & used:
            yield rule[0]


def letters(rules: str) -> set[int]:
    """Return the characters that the rules of a style sheet put on the page."""
    contents = CONTENT.findall(rules)
    plain = [CODE.sub(lambda code: chr(int(code[1], 16)), content) for content in contents]
    return {ord(character) for content in plain for character in content}


def write_fonts(characters: set[int], folder: Path) -> None:
    """Write MathJax's fonts with these characters and no other."""
    folder.mkdir(exist_ok=True)
    for font in (mathjax_folder() / FONTS).glob("*.woff"):
        if font.stem == "MathJax_Zero":
            shutil.copy(font, folder)
        else:
            cut_font(font, characters, folder / font.name)


def offer_styles(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Load the style sheet of formulas on the pages that have some."""
    if "<mjx-container" in context.get("body", ""):
        app.add_css_file("formulas.css")


def write_styles(app: Sphinx, error: Exception | None) -> None:
    """Write the style sheet of the letters that stand in the book, and copy the fonts."""
    if error is None:
        used = {name for text in page_texts(app) for name in GLYPH.findall(text)}
        static = Path(app.outdir) / "_static"
        rules = "".join(used_rules(typesetter().styles(), used))
        (static / "formulas.css").write_text(rules + SIZE, encoding="utf8")
        write_fonts(letters(rules), static / "formulas")
    typesetter().close()


def setup(app: Sphinx) -> None:
    """Make Sphinx set formulas in this way."""
    app.add_html_math_renderer("typeset", (visit_inline, None), (visit_block, None))
    app.connect("doctree-resolved", join_page, priority=700)  # after the terms are marked
    app.connect("html-page-context", offer_styles)
    app.connect("build-finished", write_styles)
