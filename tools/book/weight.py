"""Keep the pages light: of the theme's icons only those that stand on a page are shipped.

The theme brings all icons of Font Awesome, as a script and as a font with a rule for each.
The font alone is enough, cut down to the icons that the pages, scripts and styles name.
"""

from __future__ import annotations

import re
from pathlib import Path

import pydata_sphinx_theme
from fontTools import subset
from fontTools.ttLib import TTFont
from sphinx.application import Sphinx

from tools.book.written import page_texts

THEME = Path(pydata_sphinx_theme.__file__).parent / "theme/pydata_sphinx_theme/static"
FONTS = "vendor/fontawesome/webfonts"
STYLES = "styles/pydata-sphinx-theme.css"
NAME = re.compile(r"\bfa-[a-z0-9-]+")
GLYPH_RULE = re.compile(r'((?:\.fa-[a-z0-9-]+:before,?)+)\{content:"\\([0-9a-f]+)"\}')
CODE = re.compile(r'"\\([ef][0-9a-f]{3})"|"([\ue000-\uf8ff])"')  # escaped, or as it is
SOURCES = re.compile(r"url\([^)]*fa-solid-900\.woff2\)[^}]*")


def icon_names(app: Sphinx) -> set[str]:
    """Return the names of icons on the pages and in the scripts that may put one there."""
    static = Path(app.outdir) / "_static"
    scripts = [*static.glob("*.js"), *static.glob("scripts/*.js")]
    texts = [path.read_text(encoding="utf8") for path in scripts if path.stem != "fontawesome"]
    return {name for text in (*texts, *page_texts(app)) for name in NAME.findall(text)}


def lighten(styles: str, names: set[str]) -> str:
    """Return the theme's style sheet with rules for these icons only, and their own font."""

    def kept(rule: re.Match[str]) -> str:
        selectors = [one for one in rule[1].split(",") if NAME.findall(one)[0] in names]
        return f'{",".join(selectors)}{{content:"\\{rule[2]}"}}' if selectors else ""

    return SOURCES.sub(
        'url(../vendor/fontawesome/webfonts/icons.woff) format("woff")',
        GLYPH_RULE.sub(kept, styles),
    )


def cut_font(source: Path, codes: set[int], target: Path) -> None:
    """Write a font with these characters and no other."""
    font = TTFont(source)
    options = subset.Options(hinting=False, layout_features=[])
    options.drop_tables += ["FFTM", "GPOS", "GSUB"]  # its maker's date; kerning, unused here
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=codes)
    cutter.subset(font)
    font.flavor = "woff"
    font.save(target)


def ship_used_icons(app: Sphinx, error: Exception | None) -> None:
    """Replace the theme's style sheet and font of icons by what this book uses of them."""
    if error is not None:
        return
    static = Path(app.outdir) / "_static"
    light = lighten((THEME / STYLES).read_text(encoding="utf8"), icon_names(app))
    (static / STYLES).write_text(light, encoding="utf8")
    texts = [path.read_text(encoding="utf8") for path in static.rglob("*.css")]
    found = [pair for text in texts for pair in CODE.findall(text)]
    codes = {int(code, 16) if code else ord(character) for code, character in found}
    cut_font(THEME / FONTS / "fa-solid-900.ttf", codes, static / FONTS / "icons.woff")
    for unused in (*static.glob("scripts/fontawesome*"), *(static / FONTS).glob("fa-solid-*")):
        unused.unlink()


def setup(app: Sphinx) -> None:
    """Do this after everything was written."""
    app.connect("build-finished", ship_used_icons, priority=900)
