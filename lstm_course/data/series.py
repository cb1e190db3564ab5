"""Series of months and of half hours: passengers, jobs, electricity."""

from __future__ import annotations

import ast
import csv
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstm_course.data.packages import folder

Times = NDArray[np.datetime64]

# Thousands of passengers, a line for each year from 1949.
_PASSENGERS = """
112 118 132 129 121 135 148 148 136 119 104 118
115 126 141 135 125 149 170 170 158 133 114 140
145 150 178 163 172 178 199 199 184 162 146 166
171 180 193 181 183 218 230 242 209 191 172 194
196 196 236 235 229 243 264 272 237 211 180 201
204 188 235 227 234 264 302 293 259 229 203 229
242 233 267 269 270 315 364 347 312 274 237 278
284 277 317 313 318 374 413 405 355 306 271 306
315 301 356 348 355 422 465 467 404 347 305 336
340 318 362 348 363 435 491 505 404 359 310 337
360 342 406 396 420 472 548 559 463 407 362 405
417 391 419 461 472 535 622 606 508 461 390 432
"""


class Series(NamedTuple):
    """Values and their times."""

    values: NDArray[np.float64]  # (T,)
    time: Times  # (T,)


class Panel(NamedTuple):
    """Several series over the same months."""

    values: NDArray[np.float64]  # (series, T)
    names: tuple[str, ...]
    time: Times  # (T,)


def load_air_passengers() -> Series:
    """Return the monthly passengers of international airlines, in thousands, 1949 to 1960.

    144 numbers, typed in here; nothing can be missing.

    Source: Box and Jenkins (1970), series G; facts.
    """
    values = np.array(_PASSENGERS.split(), np.float64)
    return Series(values, np.arange("1949-01", "1961-01", dtype="datetime64[M]"))


def load_employment() -> Panel:
    """Return the jobs in 22 sectors of the United States, in thousands, 2006 to 2015.

    120 months.  Sectors contain one another (``private`` holds ``construction``, and so on), and
    the numbers are seasonally adjusted: a yearly pattern was taken out by those who published
    them.  ``ModuleNotFoundError`` if vega-datasets is missing.

    Source: the package vega-datasets (MIT) ships them; U.S. Bureau of Labor Statistics, Current
    Employment Statistics, public domain.
    """
    rows = table("us-employment.csv")
    names = tuple(name for name in rows[0] if name not in ("month", "nonfarm_change"))
    values = np.array([[float(row[name]) for row in rows] for name in names])
    return Panel(values, names, np.array([row["month"][:7] for row in rows], "datetime64[M]"))


def load_demand() -> Series:
    """Return the demand for electricity in England and Wales, in MW, each half hour of 12 weeks.

    4,032 values from Monday, 5 June 2000.  The file holds no times: they are laid on from the
    day on which it begins, and no half hour is missing.  It is one summer without a public
    holiday: it tells nothing of winters and holidays.  The file is read without importing the
    package; ``ModuleNotFoundError`` if pmdarima is missing.

    Source: the package pmdarima (MIT) ships them; Taylor (2003).
    """
    path = folder("pmdarima") / "datasets" / "taylor.py"
    values = _longest_list(ast.parse(path.read_text(encoding="utf-8")))
    start = np.datetime64("2000-06-05T00:00")
    return Series(values, start + np.arange(len(values)) * np.timedelta64(30, "m"))


def _longest_list(tree: ast.Module) -> NDArray[np.float64]:
    found: list[Any] = [node for node in ast.walk(tree) if isinstance(node, (ast.List, ast.Tuple))]
    longest = max(found, key=lambda node: len(node.elts))
    return np.array(ast.literal_eval(longest), np.float64)


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that vega-datasets ships, without importing the package."""
    with (folder("vega-datasets") / "_data" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
