"""Make what shows the whole course from the front matter of its chapters (`make map`).

These are the map, ``chapters/_static/map.svg``, and in ``intro.md`` the table of the chapters
and the reading routes, between the comments that name this command.

    python -m tools.book.course_map           write them
    python -m tools.book.course_map --check   change nothing, say what differs
"""

from __future__ import annotations

import itertools
import re
import sys
from html import escape
from pathlib import Path
from typing import NamedTuple

from tools.book.facts import ROOT, ROUTES, Facts, FactsError, chapters

FILE = ROOT / "chapters/_static/map.svg"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
#: Height of a station, of one from which an assignment branches off, and of a part's name.
ROW, BRANCHED, PART = 60, 94, 56
INTRO = ROOT / "intro.md"


class Station(NamedTuple):
    """A chapter on the map, ``y`` pixels from the top."""

    y: int
    page: str
    name: str
    says: str
    colour: str
    assignment: str | None


def stations(facts: list[Facts]) -> tuple[list[Station], dict[str, int], int]:
    """Return the stations, where the name of each part stands, and the height of the map."""
    found: list[Station] = []
    names: dict[str, int] = {}
    y = 0
    for chapter in facts:
        if chapter.part not in names:
            names[chapter.part] = y + 24
            y += PART
        shown = (chapter.title, chapter.line, chapter.colour, chapter.assignment)
        found.append(Station(y, chapter.page, *shown))
        y += BRANCHED if chapter.assignment else ROW
    return found, names, y


def draw(facts: list[Facts]) -> str:
    """Return the map as SVG."""
    found, names, height = stations(facts)
    graded = [station for station in found if station.assignment]
    label = (
        f"Map of the course: a line of {len(found)} chapters in {len(names)} parts, "
        f"{', '.join(names)}; from {len(graded)} of them a graded assignment branches off."
    )
    lines = [
        f'<svg class="course-figure" role="group" aria-label="{label}" '
        f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 420 {height}" '
        f'style="max-width:100%;width:520px;height:auto" font-family="{FONTS}">',
        '  <g fill="none" stroke-width="7" stroke-linecap="round">',
    ]
    for a, b in itertools.pairwise(found):
        lines.append(f'    <path d="M38 {a.y}V{b.y}" stroke="var(--course-{a.colour})"/>')
    for s in graded:
        curve = f"M38 {s.y}V{s.y + 26}C38 {s.y + 42} 46 {s.y + 48} 64 {s.y + 48}"
        lines.append(
            f'    <path d="{curve}" stroke="var(--course-green)" stroke-dasharray="1 11"/>'
        )
    lines += [
        "  </g>",
        '  <g fill="var(--pst-color-background, #fff)" stroke="var(--course-ink)" '
        'stroke-width="3.5">',
    ]
    for s in found:
        branch = f'<circle cx="74" cy="{s.y + 48}" r="7"/>' if s.assignment else ""
        lines.append(f'    <circle cx="38" cy="{s.y}" r="10"/>{branch}')
    lines += ["  </g>", '  <g fill="var(--course-ink)" font-size="14" letter-spacing="1.5">']
    for name, y in names.items():
        lines.append(f'    <text x="66" y="{y}">{name.upper()}</text>')
    lines += ["  </g>", '  <g fill="var(--course-ink)" font-size="17" font-weight="600">']
    for s in found:
        text = f'<text x="66" y="{s.y - 2}">{escape(s.name)}</text>'
        lines.append(f'    <a href="{s.page}.html">{text}</a>')
    lines += ["  </g>", '  <g fill="var(--course-ink)" font-size="13.5">']
    for s in found:
        lines.append(f'    <text x="66" y="{s.y + 18}">{escape(s.says, quote=False)}</text>')
        if s.assignment:
            lines.append(
                f'    <text x="92" y="{s.y + 53}">Assignment: {escape(s.assignment)}</text>'
            )
    return "\n".join([*lines, "  </g>", "</svg>"]) + "\n"


def chapter_table(facts: list[Facts]) -> str:
    """Return the table of the chapters: how long each takes, and what there is to do."""
    rows = [f"| {{ref}}`{c.label}` | {c.minutes}&nbsp;min | {c.exercise} |" for c in facts]
    return "\n".join(["| Chapter | Read | Exercise |", "|---|---|---|", *rows])


def route_table(facts: list[Facts]) -> str:
    """Return the reading routes: for whom, through which pages, how many hours of reading."""
    lines = ["| To | read, in this order | Reading time |", "|---|---|---|"]
    for route, purpose in ROUTES.items():
        stops = [chapter for chapter in facts if route in chapter.routes]
        pages = ", ".join(f"{{ref}}`{chapter.title} <{chapter.label}>`" for chapter in stops)
        hours = sum(chapter.minutes for chapter in stops) / 60
        lines.append(f"| {purpose} | {pages} | {hours:.1f}&nbsp;hours |")
    return "\n".join(lines)


def filled(intro: str, blocks: dict[str, str]) -> str:
    """Return the first page with what stands between the comments of each block replaced.

    Raises
    ------
    FactsError
        If the comments of a block are missing.
    """
    for name, content in blocks.items():
        begin, end = (f"% make map: {edge} of the {name}\n" for edge in ("begin", "end"))
        parts = re.fullmatch(f"(.*{begin})(.*)({end}.*)", intro, re.DOTALL)
        if parts is None:
            raise FactsError(f"intro.md needs the lines {begin!r} and {end!r}")
        intro = f"{parts[1]}\n{content}\n\n{parts[3]}"
    return intro


def made() -> dict[Path, str]:
    """Return what each file should hold."""
    facts = chapters()
    blocks = {"chapters": chapter_table(facts), "routes": route_table(facts)}
    return {FILE: draw(facts), INTRO: filled(INTRO.read_text(encoding="utf-8"), blocks)}


def held(path: Path) -> str | None:
    """Return what a file holds, None where there is none."""
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: list[str]) -> int:
    """Write or check; return the exit status."""
    if unknown := set(arguments) - {"--check"}:
        sys.stderr.write(f"error: there is no {' or '.join(sorted(unknown))}, only --check\n")
        return 2
    try:
        files = made()
    except FactsError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    stale = [path for path, text in files.items() if held(path) != text]
    for path in stale:
        name = path.relative_to(ROOT)
        if "--check" in arguments:
            sys.stderr.write(f"{name} is not what the front matter says: run `make map`\n")
        else:
            path.write_text(files[path], encoding="utf-8")
            sys.stdout.write(f"wrote {name}\n")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
