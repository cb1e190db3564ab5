"""Formulas on the pages of nbgrader's formgrader, without a network and without trust.

Its page for grading by hand asks a server for MathJax 2.  ``formgrade/mathjax.html.j2`` stands
before nbconvert's file of that name (``HTMLExporter.extra_template_basedirs``) and puts into
the page, with the filter `mathjax`, the MathJax 3 of the package sphinx-mathjax-offline.
What a student writes between dollars can make no link, no style and no request.
"""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = "sphinx-mathjax-offline"
_SCRIPTS = ("tex-svg-full.js", "ui/safe.js")

#: Before the scripts: what they may do.  They begin only when all of them are there.
_SETTINGS = r"""
window.MathJax = {
  tex: {
    inlineMath: [["$", "$"], ["\\(", "\\)"]],
    processEscapes: true,
    tags: "ams",
    packages: {"[-]": ["autoload", "html", "require"]},
  },
  options: {
    enableMenu: false,
    safeOptions: {allow: {URLs: "none", classes: "none", cssIDs: "none", styles: "none"}},
  },
  startup: {ready() {}},
};"""

#: After them: begin, and answer the one question that the formgrader has for MathJax 2.
_BEGIN = """
MathJax.startup.defaultReady();
MathJax.Hub = {
  Startup: {signal: {Interest: (tell) => MathJax.startup.promise.then(() => tell("End"))}},
};"""

#: Where the package is missing: formulas stay as they were written, and the page works.
_WITHOUT = """
window.MathJax = {Hub: {Startup: {signal: {Interest: (tell) => $(() => tell("End"))}}}};"""


def mathjax(_: object = "") -> str:
    """Return the elements that set the formulas of a page; a filter for templates."""
    return _elements(_folder())


def _folder() -> Path | None:
    """Return where MathJax lies, None if the package is missing."""
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        return None
    return Path(found.origin).parent / "static" / "mathjax"


@functools.cache
def _elements(folder: Path | None) -> str:
    if folder is None:
        scripts = [_WITHOUT]
    else:
        texts = [(folder / name).read_text(encoding="utf-8") for name in _SCRIPTS]
        scripts = [_SETTINGS, *texts, _BEGIN]
    return "\n".join(f"<script>{script}</script>" for script in scripts)
