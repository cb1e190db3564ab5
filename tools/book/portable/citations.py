"""Citations by author and year, and the list of references that goes with them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from pybtex.database import Entry, Person, parse_file
from pybtex.plugin import find_plugin
from pybtex.richtext import Text


def family_name(person: Person) -> str:
    """Return a family name as it is written in running text."""
    names = " ".join([*person.prelast_names, *person.last_names])
    return str(Text.from_latex(names))


def names_of(entry: Entry) -> str:
    """Return the authors as a citation names them: one, two, or the first and others."""
    people = [family_name(person) for person in entry.persons.get("author", [])]
    if not people:
        return str(Text.from_latex(entry.fields["title"]))
    if len(people) > 2 or people[-1] == "others":
        return f"{people[0]} et al."
    return " and ".join(people)


class Bibliography:
    """The sources of the book, as BibTeX files have them."""

    def __init__(self, files: Iterable[Path]) -> None:
        self.entries: dict[str, Entry] = {}
        for path in files:
            self.entries.update(parse_file(path).entries)
        for entry in self.entries.values():
            how = entry.fields.get("howpublished", "")
            entry.fields["howpublished"] = re.sub(r"\\url\{(.*?)\}", r"\1", how)
        self.style = find_plugin("pybtex.style.formatting", "plain")()
        self.backend = find_plugin("pybtex.backends", "markdown")()

    def years(self, cited: Sequence[str]) -> dict[str, str]:
        """Return the year of each source that a notebook cites, with a letter where it must."""
        keys = sorted(set(cited))
        whole = {key: (names_of(e), e.fields["year"]) for key in keys for e in [self.entries[key]]}
        times, seen, years = Counter(whole.values()), Counter[tuple[str, str]](), {}
        for key, pair in whole.items():
            years[key] = pair[1] + ("abcdefgh"[seen[pair]] if times[pair] > 1 else "")
            seen[pair] += 1
        return years

    def cite(self, keys: Sequence[str], cited: Sequence[str], *, inside: bool) -> str:
        """Return a citation.

        Parameters
        ----------
        keys
            The sources cited here; ``KeyError`` if one of them is in no file.
        cited
            All sources that the notebook cites.
        inside
            Whether all of it stands in parentheses, or the year alone.
        """
        years = self.years(cited)
        pairs = [(names_of(self.entries[key]), years[key]) for key in keys]
        if inside:
            return "(" + "; ".join(f"{names}, {year}" for names, year in pairs) + ")"
        return ", ".join(f"{names} ({year})" for names, year in pairs)

    def references(self, cited: Sequence[str]) -> str:
        """Return the list of the sources that a notebook cites, in Markdown."""
        years = self.years(cited)
        order = sorted(years, key=lambda key: (names_of(self.entries[key]).lower(), years[key]))
        return "\n".join(
            f"- {names_of(self.entries[key])} ({years[key]}): {self._formatted(key)}"
            for key in order
        )

    def _formatted(self, key: str) -> str:
        entry = self.style.format_entry(key, self.entries[key])
        text: str = entry.text.render(self.backend)
        return re.sub(r"\\([^\w\s*`\\])", r"\1", text.replace("\n", " "))
