"""What the front matter of the chapters says, for everything that is made from it.

A chapter states its facts once, under ``course:`` in its front matter:

    title       a short name, with which its heading begins (titles.py), for the map and all links
    line        what the page is about, in a few words, for the map
    part        the part of the table of contents that it stands in
    colour      of its stretch of the line on the map: what the chapter is about (THEMES)
    minutes     to read it
    routes      the reading routes that it lies on (may be left out)

and one of

    assignment  the graded assignment that leaves from it
    part_of     the graded assignment of a neighbour that has a question on it
    on_page     minutes for the exercises on the page itself
    exercise    anything else, in words

With ``assignment`` and ``part_of`` goes ``exercise_minutes``, the time for that work.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
#: The colours of the line, and what the chapters of one colour are about.
THEMES = {
    "red": "why a network needs a memory",
    "blue": "the cell, and cells like it",
    "purple": "the frameworks",
    "gold": "training in practice",
    "green": "models built of cells",
    "orange": "comparisons and applications",
}
#: What the front matter ends with.
END = "\n---\n"
REQUIRED = {"title": str, "line": str, "part": str, "colour": str, "minutes": int}
EXERCISES = {"assignment": str, "part_of": str, "on_page": int, "exercise": str}
#: The routes by the time that a reader has; the third is the whole line.
PACES = {"evening": "An evening", "week": "A week"}
#: The routes by what a reader wants.
PURPOSES = {
    "cell": "To understand the cell to the last multiplication",
    "work": "To get a model to train and judge it honestly",
    "language": "To label, translate or summarise sequences of words",
    "signals": "To work with sensors, films and alarms",
    "research": "To know what may be changed in the cell, and what it buys",
}
ROUTES = {**PACES, **PURPOSES}


class FactsError(ValueError):
    """The front matter of a chapter is incomplete; the text says what is missing."""


class Facts(NamedTuple):
    """The facts of one chapter."""

    page: str  # as in the table of contents
    title: str
    line: str
    part: str
    colour: str
    minutes: int
    exercise_minutes: int  # for what there is to do, on the page or off it
    exercise: str  # what there is to do, in words
    assignment: str | None  # that leaves from this chapter
    routes: tuple[str, ...]

    @property
    def label(self) -> str:
        """Return the label by which pages refer to the chapter."""
        return f"ch-{Path(self.page).name.replace('_', '-')}"

    @property
    def address(self) -> str:
        """Return the address of its page, seen from the first one."""
        return f"{self.page}.html"


def front_matter(path: Path) -> dict[str, Any]:
    """Return the front matter of a page, empty where it has none.

    Raises
    ------
    FactsError
        If the page is missing or is not UTF-8, or its front matter has no end or is no mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FactsError(f"{path.name} cannot be read: {error}") from error
    if not text.startswith("---\n"):
        return {}
    if END not in text[3:]:
        raise FactsError(f"{path.name}: the front matter has no end, a line of three dashes")
    return mapping(path, text[4 : text.index(END, 3) + 1])


def mapping(path: Path, text: str) -> dict[str, Any]:
    """Return what a text in YAML says; raise FactsError unless it is a mapping."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        said = " ".join(str(error).split())
        raise FactsError(f"{path.name}: this is no YAML: {said}") from error
    if not isinstance(found, dict):
        raise FactsError(f"{path.name}: a mapping belongs here, got {found!r}")
    return found


def facts_of(page: str, part: str, given: Any) -> Facts:
    """Return the facts that a chapter states under ``course:``.

    Raises
    ------
    FactsError
        If one is missing, unknown or of the wrong kind.
    """
    where = f"{page}.md: the front matter"
    if not isinstance(given, dict):
        raise FactsError(f"{where} needs a block `course:`, described in tools/book/facts.py")
    if unknown := set(given) - {*REQUIRED, *EXERCISES, "exercise_minutes", "routes"}:
        raise FactsError(f"{where} has unknown facts: {', '.join(sorted(unknown))}")
    for name, kind in {**REQUIRED, **EXERCISES}.items():
        if name in REQUIRED and name not in given:
            raise FactsError(f"{where} lacks course.{name}")
        if name in given and type(given[name]) is not kind:
            raise FactsError(f"{where}: course.{name} must be {kind.__name__}: {given[name]!r}")
    if len(chosen := set(given) & set(EXERCISES)) != 1:
        raise FactsError(
            f"{where} needs exactly one of {', '.join(EXERCISES)}, not {sorted(chosen)}"
        )
    if given["part"] != part:
        raise FactsError(f"{where} says part {given['part']!r}, the table of contents {part!r}")
    if given["colour"] not in THEMES:
        raise FactsError(f"{where}: course.colour must be one of {', '.join(THEMES)}")
    if given["minutes"] < 1:
        raise FactsError(f"{where}: course.minutes must be at least 1: {given['minutes']}")
    routes = given.get("routes", [])
    if not isinstance(routes, list) or not all(isinstance(route, str) for route in routes):
        raise FactsError(f"{where}: course.routes must be a list of names: {routes!r}")
    if unknown := set(routes) - set(ROUTES):
        raise FactsError(f"{where}: no such route: {', '.join(sorted(unknown))}")
    said = (given["title"], given["line"], part, given["colour"], given["minutes"])
    work = (_exercise_minutes(where, given), _exercise(given), given.get("assignment"))
    return Facts(page, *said, *work, tuple(routes))


def _exercise_minutes(where: str, given: dict[str, Any]) -> int:
    if "exercise_minutes" not in given and not {"assignment", "part_of"} & set(given):
        return int(given.get("on_page", 0))
    minutes = given.get("exercise_minutes")
    if type(minutes) is not int or minutes < 1 or {"on_page", "exercise"} & set(given):
        raise FactsError(
            f"{where}: course.exercise_minutes goes with assignment and part_of, and must be "
            f"a number: {minutes!r}"
        )
    return minutes


def _exercise(given: dict[str, Any]) -> str:
    if "assignment" in given:
        return f"`{given['assignment']}`, graded"
    if "part_of" in given:
        return f"its part of `{given['part_of']}`, graded"
    if "on_page" in given:
        return "on the page"
    return str(given["exercise"])


def chapters(root: Path = ROOT) -> list[Facts]:
    """Return the facts of all chapters of the line, in the order of the table of contents.

    A page without a folder of its own, like the notation, is not on the line.

    Raises
    ------
    FactsError
        If a page of the table of contents cannot be read, or lacks facts.
    """
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    return [
        facts_of(page, part["caption"], front_matter(root / f"{page}.md").get("course"))
        for part in toc["parts"]
        for page in (entry["file"] for entry in part["chapters"])
        if page.count("/") == 2
    ]
