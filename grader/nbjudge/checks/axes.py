"""The letters of the axes of arrays, as the docstring of a question gives them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nbjudge.checks.seen import Case, Seen, as_array, is_numeric

Axes = dict[str, tuple[str, ...]]

#: What a letter counts, in words.
MEANT = {
    "N": "the batch",
    "T": "time",
    "S": "the source",
    "D": "the features",
    "H": "the units",
    "M": "the tags",
    "V": "the symbols",
    "R": "the rows",
    "C": "the columns",
}
_GROUP = re.compile(r"\(([^()]*)\)")
_LETTER = re.compile(r"\d*\s?[A-Z]'?( [-+] 1)?")


def axes_of(docstring: str, gives: Sequence[str]) -> Axes:
    """Return the letters of the axes of each argument and result that the docstring names.

    Parameters
    ----------
    docstring : str
        With lines such as ``x_t, h_prev : arrays (N, D), (N, H)``.
    gives : sequence of str
        The results; a single one need not be named.
    """
    found: Axes = {}
    returns = False
    for line in docstring.splitlines():
        returns = returns or line.strip() == "Returns"
        groups = [tuple(p.strip() for p in g.split(",") if p.strip()) for g in _GROUP.findall(line)]
        groups = [g for g in groups if g and all(_LETTER.fullmatch(part) for part in g)]
        match = re.match(r"^\s*([\w, ]+?) : ", line)
        if match and groups:
            names = [name.strip() for name in match[1].split(",")]
        elif groups and returns and re.match(r"^\s*(array|tensor)", line) and len(gives) == 1:
            names = [gives[0]]
        else:
            continue
        for k, name in enumerate(names):
            found[name] = groups[k] if len(groups) == len(names) else groups[0]
    return found


def sizes_of(case: Case, right: Seen, axes: Axes) -> dict[str, int]:
    """Return the size that each letter has in a case."""
    sizes: dict[str, int] = {}
    given = {} if callable(case.given) else case.given
    for name, value in {**given, **right.results}.items():
        letters = axes.get(name, ())
        if not is_numeric(value) or len(letters) != (array := as_array(value)).ndim:
            continue
        for letter, size in zip(letters, array.shape, strict=True):
            if len(letter) == 1:
                sizes.setdefault(letter, size)
    return sizes


def called(axis: int, letters: Sequence[str], ndim: int) -> str:
    """Return an axis in words."""
    letter = letters[axis] if len(letters) == ndim else ""
    return f"{letter} ({MEANT[letter]})" if letter in MEANT else letter or f"axis {axis}"
