"""Make what shows the whole course from the front matter of its chapters (`make map`).

These are the map, ``chapters/_static/map.html``, and in ``intro.md`` the start with its facts
and the two lists of routes, between the comments that name this command.

    python -m tools.book.course_map           write them
    python -m tools.book.course_map --check   change nothing, say what differs
"""

from __future__ import annotations

import itertools
import re
import sys
from html import escape
from pathlib import Path

from tools.book.facts import PACES, PURPOSES, ROOT, THEMES, Facts, FactsError, chapters

FILE = ROOT / "chapters/_static/map.html"
INTRO = ROOT / "intro.md"
#: Where the exercise stands on the page of every chapter (tests/chapters holds the heading).
EXERCISE = "#exercise"
START = """\
```{{raw}} html
<p class="course-actions">
  <a class="course-start" href="{address}">Start with chapter 1</a>
  <a class="course-continue" id="course-continue" href="{address}" hidden>Continue</a>
</p>
<ul class="course-facts">
  <li><b>{chapters} chapters</b>, {reading} hours of reading</li>
  <li><b>{assignments} graded assignments</b>; {exercises} hours of exercises in all</li>
  <li><b>Free</b>, text and code under open licences</li>
  <li><b>Offline</b>: nothing is loaded from elsewhere, no account, no tracking</li>
  <li><b>For you</b> if you write Python and know what a derivative is</li>
  <li><b>Needs</b> two ordinary processor cores, no graphics card</li>
</ul>
```"""


def hours(minutes: int) -> str:
    """Return minutes as hours: in halves up to ten, whole above."""
    halves = round(minutes / 30) / 2
    return f"{halves:g}" if halves < 10 else f"{minutes / 60:.0f}"


def station(chapter: Facts) -> list[str]:
    """Return a chapter as an item of the map: name, time, subject, exercise."""
    exercise = re.sub(r"`(\w+)`", r"<code>\1</code>", escape(chapter.exercise, quote=False))
    if chapter.exercise_minutes:
        exercise = f"{exercise}, {chapter.exercise_minutes} min"
    kind = " station-graded" if chapter.assignment else ""
    where = f'href="{chapter.address}{EXERCISE}"'
    return [
        f'      <li class="station{kind}" data-page="{chapter.page}" '
        f'style="--line: var(--course-{chapter.colour})">',
        f'        <a class="station-name" href="{chapter.address}">{escape(chapter.title)}</a>',
        f'        <span class="station-time">{chapter.minutes} min</span>',
        f'        <span class="station-subject">{escape(chapter.line, quote=False)}</span>',
        f'        <span class="station-exercise">Exercise: <a {where}>{exercise}</a></span>',
        "      </li>",
    ]


def draw(facts: list[Facts]) -> str:
    """Return the map: the meaning of the colours, then a line of stations for each part."""
    lines = ['<div class="course-map">']
    lines.append('  <ul class="map-themes" aria-label="Colours of the line">')
    used = {chapter.colour for chapter in facts}
    for colour, theme in THEMES.items():
        if colour in used:
            lines.append(f'    <li style="--line: var(--course-{colour})">{theme}</li>')
    lines += ["  </ul>", '  <div class="map-parts">']
    for part, group in itertools.groupby(facts, key=lambda chapter: chapter.part):
        stops = list(group)
        sums = f"{len(stops)} chapters" if len(stops) > 1 else "1 chapter"
        sums = f"{sums}, {hours(sum(chapter.minutes for chapter in stops))} h"
        lines.append('    <div class="map-part">')
        lines.append(f'      <p class="map-name">{escape(part)} <small>{sums}</small></p>')
        lines.append(f'      <ol aria-label="{escape(part)}">')
        lines += [line for chapter in stops for line in station(chapter)]
        lines += ["      </ol>", "    </div>"]
    return "\n".join([*lines, "  </div>", "</div>"]) + "\n"


def start(facts: list[Facts]) -> str:
    """Return the top of the first page: the way in, and the facts of the course."""
    return START.format(
        address=facts[0].address,
        chapters=len(facts),
        reading=hours(sum(chapter.minutes for chapter in facts)),
        assignments=sum(chapter.assignment is not None for chapter in facts),
        exercises=hours(sum(chapter.exercise_minutes for chapter in facts)),
    )


def route(name: str, stops: list[Facts], pages: str) -> str:
    """Return an item of a list: a route, how long it takes, and what to read."""
    reading = hours(sum(chapter.minutes for chapter in stops))
    exercises = hours(sum(chapter.exercise_minutes for chapter in stops))
    return f"- **{name}** ({reading} hours to read, {exercises} for the exercises): {pages}."


def links(stops: list[Facts]) -> str:
    """Return the chapters of a route, each a link."""
    return ", ".join(f"{{ref}}`{chapter.label}`" for chapter in stops)


def routes(facts: list[Facts], names: dict[str, str]) -> list[str]:
    """Return the routes of these names, each with the chapters that lie on it."""
    stops = {name: [c for c in facts if name in c.routes] for name in names}
    return [route(shown, stops[name], links(stops[name])) for name, shown in names.items()]


def paces(facts: list[Facts]) -> str:
    """Return the routes by time, of which the last is the whole line."""
    graded = sum(chapter.assignment is not None for chapter in facts)
    whole = f"every chapter in order, with all {graded} graded assignments"
    return "\n".join([*routes(facts, PACES), route("A semester", facts, whole)])


def purposes(facts: list[Facts]) -> str:
    """Return the routes by purpose."""
    return "\n".join(routes(facts, PURPOSES))


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
    blocks = {
        "start": start(facts),
        "times": paces(facts),
        "routes": purposes(facts),
    }
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
