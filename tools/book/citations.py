"""Citations that can be matched by eye: "Gers et al. (2000)" in the text and in the list.

Two plugins: one gives the entries of a bibliography that label, one makes the text cite so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import sphinxcontrib.bibtex.plugin
from pybtex.database import Entry, Person
from pybtex.plugin import register_plugin
from pybtex.richtext import Text
from pybtex.style.formatting.unsrt import Style as PlainStyle
from pybtex.style.labels import BaseLabelStyle
from sphinx.application import Sphinx
from sphinxcontrib.bibtex.style.referencing import BracketStyle
from sphinxcontrib.bibtex.style.referencing.author_year import AuthorYearReferenceStyle

NAME = "course"


def _round() -> BracketStyle:
    """Return round brackets."""
    return BracketStyle(left="(", right=")")


@dataclass
class RoundAuthorYear(AuthorYearReferenceStyle):
    """Cite by author and year, the year in round brackets."""

    bracket_textual: BracketStyle = field(default_factory=_round)
    bracket_parenthetical: BracketStyle = field(default_factory=_round)


def last_name(person: Person) -> str:
    """Return a family name with its accents, and with what stands before it ("van")."""
    parts = [*person.prelast_names, *person.last_names]
    return " ".join(str(Text.from_latex(part)) for part in parts)


def label(entry: Entry) -> str:
    """Return the label of an entry, which is how the text cites it."""
    names = [last_name(person) for person in entry.persons["author"]]
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who} ({entry.fields['year']})"


class AuthorYearLabels(BaseLabelStyle):  # type: ignore[misc]  # pybtex has no type hints
    """Labels of a bibliography."""

    def format_labels(self, sorted_entries: Iterable[Entry]) -> Iterator[str]:
        """Yield the label of each entry."""
        yield from map(label, sorted_entries)


class CourseStyle(PlainStyle):  # type: ignore[misc]  # pybtex has no type hints
    """Entries in the order of their authors."""

    default_sorting_style = "author_year_title"
    default_label_style = NAME


def setup(app: Sphinx) -> None:
    """Make both known, under the name that _config.yml gives."""
    register_plugin("pybtex.style.labels", NAME, AuthorYearLabels)
    register_plugin("pybtex.style.formatting", NAME, CourseStyle)
    sphinxcontrib.bibtex.plugin.register_plugin(
        "sphinxcontrib.bibtex.style.referencing", NAME, RoundAuthorYear
    )
