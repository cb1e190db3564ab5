"""Figures with a number and a caption.

`lstm_course.plotting.show` hands over a picture whose description is in the SVG itself.  Here
each such picture, and each drawing that a page includes, becomes a figure: its description is
the caption, Sphinx counts it, and the picture is named by the caption, so that it is not read
out twice.  A cell with the option ``:label: fig-NAME`` can be referred to with ``{numref}``; for
a drawing the label stands before it, as ``(fig-NAME)=``.
"""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

#: The opening tag of a picture that is described, and its description.
PICTURE = re.compile(r'<svg(?=[^>]*class="course-figure")(?=[^>]*role="img")[^>]*>')
DESCRIPTION = re.compile(r'aria-label="([^"]*)"')
#: A symbol of one letter with an index, as in ``h_{t-1}`` and ``W_x``.
INDEXED = re.compile(r"(?<![\w\\])([A-Za-z])_(?:\{([^{}]+)\}|([A-Za-z0-9]+))")


class numbered_caption(nodes.caption):  # type: ignore[misc]  # docutils has no type hints
    """The caption of a figure, written as ``Figure 4.2.`` and a text."""


def words(text: str) -> list[nodes.Node]:
    """Return a description as nodes, with the indices of symbols set lower."""
    found: list[nodes.Node] = []
    end = 0
    for match in INDEXED.finditer(text):
        found.append(nodes.Text(text[end : match.start()] + match[1]))
        found.append(nodes.subscript("", (match[2] or match[3]).replace("-", "\u2212")))
        end = match.end()
    return [*found, nodes.Text(text[end:])]


def label_of(picture: nodes.raw) -> str | None:
    """Return the label of the cell that a picture comes from, None where it has none."""
    node = picture.parent
    while node is not None and node.get("nb_element") != "cell_code":
        node = node.parent
    label = node["cell_metadata"].get("label") if node is not None else None
    return None if label is None else str(label)


class Figures(SphinxTransform):
    """Make a figure of every picture of a page that is described."""

    default_priority = 500  # labels are known, and Sphinx has not yet collected them

    def apply(self, **kwargs: Any) -> None:
        labelled: set[str] = set()
        for picture in list(self.document.findall(nodes.raw)):
            tag = PICTURE.search(picture.astext())
            if picture.get("format") == "html" and tag and DESCRIPTION.search(tag[0]):
                label = label_of(picture)
                self.wrap(picture, tag[0], None if label in labelled else label)
                labelled.add(label or "")

    def wrap(self, picture: nodes.raw, tag: str, label: str | None) -> None:
        """Put a figure in the place of a picture, or of the bundle of formats that holds it."""
        figure = nodes.figure()
        self.name(figure, picture, label)
        mark = f"caption-{figure['ids'][0]}"
        description = DESCRIPTION.search(tag)
        assert description
        named = tag.replace(description[0], f'aria-labelledby="{mark}"')
        picture[:] = [nodes.Text(picture.astext().replace(tag, named, 1))]
        content = self.bundle_of(picture)
        content.replace_self(figure)
        figure += [content, numbered_caption("", "", *words(unescape(description[1])), ids=[mark])]

    def name(self, figure: nodes.figure, picture: nodes.raw, label: str | None) -> None:
        """Give a figure its label, or else an id of its own."""
        if picture["ids"]:
            figure["ids"], figure["names"] = picture["ids"], picture["names"]
            picture["ids"], picture["names"] = [], []
            for one in figure["ids"]:
                self.document.ids[one] = figure
        elif label is None:
            count = self.env.new_serialno("figure") + 1
            figure["ids"] = [f"figure-{count}"]
        else:
            figure["names"] = [nodes.fully_normalize_name(label)]
            self.document.note_explicit_target(figure, figure)

    @staticmethod
    def bundle_of(picture: nodes.raw) -> nodes.Element:
        """Return the node that holds a picture in all its formats, or the picture itself."""
        bundle = picture.parent.parent
        return bundle if bundle.get("nb_element") == "mime_bundle" else picture


def visit_caption(writer: Any, node: numbered_caption) -> None:
    """Open a caption and write the number."""
    numbers = writer.builder.fignumbers["figure"][node.parent["ids"][0]]
    number = ".".join(str(part) for part in numbers)
    writer.body.append(writer.starttag(node, "figcaption", ""))
    writer.body.append(f'<span class="caption-number">Figure {number}.</span> ')


def depart_caption(writer: Any, node: numbered_caption) -> None:
    """Offer a link to the figure; the figure itself closes the caption."""
    writer.add_permalink_ref(node.parent, "Link to this figure")


def setup(app: Sphinx) -> None:
    """Have Sphinx make the figures, and say "Figure 4.2" where a page refers to one."""
    app.add_node(numbered_caption, html=(visit_caption, depart_caption))
    app.add_transform(Figures)
    app.config.numfig_format = {"figure": "Figure %s"}
