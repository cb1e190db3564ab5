"""Pictures that show without trust: an image with its data inside, in the colors of the day."""

from __future__ import annotations

import base64
import re
from html import escape, unescape
from pathlib import Path

from lstm_course.plotting import COLOURS, FAINT, INK, PAPER

SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
VARIABLE = re.compile(r"var\(--course-(\w+)(?:,[^()]*)?\)")
LIGHT = {**COLOURS, "ink": INK, "faint": FAINT, "paper": PAPER}
TYPES = {".png": "image/png", ".jpg": "image/jpeg", ".gif": "image/gif"}


def data_image(kind: str, content: bytes, alt: str, width: str = "") -> str:
    """Return an HTML image that holds its data."""
    data = base64.b64encode(content).decode()
    size = f' width="{width}"' if width else ""
    return f'<img alt="{escape(alt, quote=True)}"{size} src="data:{kind};base64,{data}">'


def image_of(svg: str, alt: str = "") -> str:
    """Return inline SVG as an image: light inks on a light ground, on whatever page it stands.

    Parameters
    ----------
    svg
        An ``<svg>`` element.
    alt
        What it shows; its ``aria-label`` if that is there.
    """
    head = svg[: svg.index(">") + 1]
    label = re.search(r'aria-label="([^"]*)"', head)
    width = re.search(r"[;\"]\s*width:\s*([\d.]+)px", head) or re.search(r'\bwidth="([\d.]+)', head)
    rest = VARIABLE.sub(lambda found: LIGHT[found[1]], svg[len(head) :])
    head = re.sub(r'\s(?:style|class|role|aria-label|width|height)="[^"]*"', "", head)
    if "xmlns=" not in head:
        head = head.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    ground = f'<rect {box_of(head)} fill="{PAPER}"/>'
    content = f"{head}{ground}{rest}".encode()
    return data_image(
        "image/svg+xml", content, unescape(label[1]) if label else alt, width[1] if width else ""
    )


def box_of(head: str) -> str:
    """Return the place and the size of all that an ``<svg>`` shows, as attributes."""
    box = re.search(r'viewBox="([-\d.]+)[ ,]+([-\d.]+)[ ,]+([\d.]+)[ ,]+([\d.]+)"', head)
    if box is None:
        return 'width="100%" height="100%"'
    x, y, width, height = box.groups()
    return f'x="{x}" y="{y}" width="{width}" height="{height}"'


def with_images(html: str) -> str:
    """Return HTML in which each inline SVG is an image."""
    return SVG.sub(lambda found: image_of(found[0]), html)


def image_file(path: Path, alt: str) -> str:
    """Return a picture in a file as an image; raise KeyError for a kind that is not known."""
    if path.suffix == ".svg":
        text = path.read_text(encoding="utf8")
        found = SVG.search(text)
        assert found is not None, f"{path.name} holds no picture"
        return image_of(found[0], alt)
    return data_image(TYPES[path.suffix], path.read_bytes(), alt)
