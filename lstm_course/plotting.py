"""One look for every figure: colour-blind safe, theme-aware, with alternative text.

:func:`show` turns a matplotlib figure into inline SVG whose inks are CSS variables.  In the
book they follow the light or dark theme; where no style sheet defines them (JupyterLab, say)
the light values written beside them hold.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Palette after Okabe and Ito (2008), a little darkened: each tells from each for every kind
#: of colour vision, and from white.  The book's style sheet gives dark-theme counterparts.
COLOURS = {
    "blue": "#0072b2",
    "orange": "#d55e00",
    "green": "#00805c",
    "purple": "#a8518a",
    "gold": "#9a6a00",
    "sky": "#2f87b7",
    "red": "#b3262e",
    "grey": "#6b7075",
}

#: What each part of the cell is drawn in, on every page.
GATE_COLOURS = {
    "forget": COLOURS["red"],
    "input": COLOURS["green"],
    "candidate": COLOURS["gold"],
    "output": COLOURS["purple"],
    "cell": COLOURS["blue"],
    "hidden": COLOURS["grey"],
}

INK, FAINT, PAPER = "#1d2125", "#c9ccd0", "#fefefd"
_VARIABLES = {**COLOURS, "ink": INK, "faint": FAINT, "paper": PAPER}

STYLE: dict[str, Any] = {
    "figure.figsize": (5.8, 3.1),
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "figure.constrained_layout.use": True,
    "axes.facecolor": "none",
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "font.size": 11.5,
    "svg.fonttype": "path",
}


@contextmanager
def course_style() -> Iterator[None]:
    """Draw with the course's style inside a ``with`` block, and leave the rest as it was."""
    import matplotlib as mpl
    from cycler import cycler

    cycle = cycler(color=[COLOURS[n] for n in ("blue", "orange", "green", "purple", "gold", "sky")])
    settings: Any = {**STYLE, "axes.prop_cycle": cycle}
    with mpl.rc_context(settings):
        yield


class ThemedFigure:
    """A finished figure: inline SVG that follows the page's theme, with alternative text."""

    def __init__(self, svg: str, alt: str) -> None:
        self.svg, self.alt = svg, alt

    def _repr_html_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"


def show(figure: Figure, alt: str) -> ThemedFigure:
    """Return ``figure`` ready to stand at the end of a notebook cell, and close it.

    ``figure`` is drawn under :func:`course_style`; ``alt`` says what it shows, for those who
    cannot see it: the axes and the finding, in one or two sentences.  ``ValueError`` if ``alt``
    is shorter than 30 characters: that describes no figure.
    """
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    if len(alt.strip()) < 30:
        raise ValueError(f"alt must say what the figure shows in a sentence, got {alt!r}")
    buffer = io.StringIO()
    # The salt makes the ids of the SVG the same in every run and different in every figure.
    with mpl.rc_context({"svg.hashsalt": alt, "svg.fonttype": "path"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    plt.close(figure)
    return ThemedFigure(_themed(buffer.getvalue(), alt), alt)


def _themed(svg: str, alt: str) -> str:
    """Replace the fixed inks of matplotlib's SVG by CSS variables, and name the picture."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for name, value in _VARIABLES.items():
        svg = re.sub(re.escape(value), f"var(--course-{name}, {value})", svg, flags=re.IGNORECASE)
    width = re.search(r'width="([\d.]+)pt"', svg)
    size = (
        f"max-width:100%;width:{float(width.group(1)) * 4 / 3:.0f}px;height:auto" if width else ""
    )
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    # Inline SVG shares the page with every other figure: keep its styles and ids to itself.
    svg = svg.replace("*{stroke-linejoin", ".course-figure *{stroke-linejoin")
    mark = f"f{zlib.crc32(alt.encode()):08x}-"
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{mark}", svg)
    label = escape(alt, quote=True)
    return svg.replace(
        "<svg", f'<svg role="img" aria-label="{label}" class="course-figure" style="{size}"', 1
    )
