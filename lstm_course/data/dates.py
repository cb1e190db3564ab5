"""Calendar dates in two languages."""

from __future__ import annotations

import datetime

import numpy as np

from lstm_course.data.packages import require


def load_date_pairs(
    number: int, seed: int = 0, *, first: int = 1950, last: int = 2049
) -> list[tuple[str, str]]:
    """Return different dates, drawn at random, written out in English and in French.

    There are ``number`` of them from the years ``first`` to ``last``, each a pair such as
    ``("Friday, May 1, 2026", "vendredi 1 mai 2026")``; ``seed`` says which ones, and in which
    order.  ``ModuleNotFoundError`` if Babel is missing, ``ValueError`` if there are fewer than
    ``number`` days in these years.

    Source: the package Babel (BSD-3), which ships the locale data of the Unicode CLDR project
    (Unicode licence).
    """
    format_date = require("babel.dates", "Babel").format_date
    begin, end = datetime.date(first, 1, 1).toordinal(), datetime.date(last, 12, 31).toordinal()
    if number > end - begin + 1:
        raise ValueError(f"there are {end - begin + 1} days in {first}-{last}, not {number}")
    chosen = np.random.default_rng(seed).choice(np.arange(begin, end + 1), number, replace=False)
    days = [datetime.date.fromordinal(int(ordinal)) for ordinal in chosen]
    return [
        (format_date(day, "full", locale="en_US"), format_date(day, "full", locale="fr_FR"))
        for day in days
    ]
