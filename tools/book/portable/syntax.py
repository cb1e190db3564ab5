"""Read MyST: the directives, targets and roles in a text, found by the parser of the book."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import yaml
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

ROOT = Path(__file__).resolve().parents[3]
FENCES = {"fence", "colon_fence"}
#: Blocks that are no running text: roles in them are none.
BLOCKS = {
    *FENCES,
    "amsmath",
    "code_block",
    "front_matter",
    "html_block",
    "math_block",
    "math_block_label",
    "myst_block_break",
    "myst_line_comment",
    "myst_target",
}
OPTION = re.compile(r":([\w-]+):[ \t]*(.*)")
INFO = re.compile(r"\{([^}\s]+)\}\s*(.*)", re.DOTALL)
#: A role, or code between backticks, in which nothing is a role.
ROLE = re.compile(
    r"\{([A-Za-z][\w:.-]*)\}(`+)(.+?)(?<!`)\2(?!`)|(`+)(?!`).+?(?<!`)\4(?!`)", re.DOTALL
)


class MystError(ValueError):
    """A text that cannot be put into plain Markdown; the message says where it stands and why."""


class Directive(NamedTuple):
    """A fenced block in MyST."""

    name: str
    argument: str
    options: dict[str, str]
    body: str


@lru_cache
def parser() -> MarkdownIt:
    """Return the parser of the book, with the extensions that ``_config.yml`` turns on."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf8"))
    extensions = set(settings["parse"]["myst_enable_extensions"])
    return create_md_parser(MdParserConfig(enable_extensions=extensions), RendererHTML)


@lru_cache(maxsize=512)
def tokens(text: str) -> list[Token]:
    """Return the tokens of a text, which several readers look at one after the other."""
    return parser().parse(text)


def blocks(text: str) -> Iterator[tuple[Token, int, int]]:
    """Yield the blocks of a text that are no running text, each with its first and last line."""
    end = 0
    for token in tokens(text):
        if token.type in BLOCKS and token.map and token.map[0] >= end:
            begin, end = token.map
            yield token, begin, end


def directive(token: Token) -> Directive | None:
    """Return the directive that a block is, or None if it is none."""
    found = INFO.fullmatch(token.info.strip()) if token.type in FENCES else None
    if found is None:
        return None
    lines, options = token.content.split("\n"), {}
    while lines and (option := OPTION.fullmatch(lines[0])):
        options[option[1]] = option[2].strip()
        lines.pop(0)
    return Directive(found[1], found[2].strip(), options, "\n".join(lines).strip("\n"))


def labels(text: str) -> Iterator[tuple[str, str]]:
    """Yield (label, heading) of the headings that have a label; a heading is text in MyST."""
    waiting: list[str] = []
    for token, following in pairwise([*tokens(text), None]):
        if token is None or following is None:
            continue
        if token.type == "myst_target":
            waiting.append(token.content)
        elif token.type == "heading_open":
            yield from ((label, following.content) for label in waiting)
            waiting = []


def figures(text: str) -> Iterator[tuple[str, str]]:
    """Yield (label, heading of the section) of the figures that have a label."""
    heading, waiting = "", ""
    for token, following in pairwise([*tokens(text), None]):
        if token is None:
            continue
        if token.type == "heading_open" and following is not None:
            heading, waiting = following.content, ""
        elif token.type == "myst_target":
            waiting = token.content
        elif token.type in BLOCKS:
            found = directive(token)
            label = (found.options.get("label", "") if found else "") or waiting
            waiting = ""
            if label.startswith("fig-"):
                yield label, heading


def equations(text: str) -> Iterator[str]:
    """Yield the labels of the equations of a text in their order, those inside boxes too."""
    for token, _, _ in blocks(text):
        found = directive(token)
        if token.type == "math_block_label":
            yield token.info
        elif found and found.name == "math":
            if "label" in found.options:
                yield found.options["label"]
        elif found:
            yield from equations(found.body)


def roles(text: str) -> Iterator[re.Match[str]]:
    """Yield the roles of running text: group 1 is the name, group 3 the content."""
    return (found for found in ROLE.finditer(text) if found[1])
