"""Data that ships in packages: one function for each set, nothing is downloaded."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def require(module: str, package: str) -> ModuleType:
    """Import ``module``, or raise ``ModuleNotFoundError`` that names the package to install."""
    from importlib import import_module

    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"this data set ships in the package {package!r}, which is not installed; "
            "install it with: pip install 'lstm-course[data]'"
        ) from error


def load_ibm_prices() -> pd.DataFrame:
    """Return IBM's daily share prices, 2000-03-01 to 2013-03-01, 3,270 trading days.

    Returns
    -------
    DataFrame indexed by ``date`` (DatetimeIndex, increasing) with the columns ``open, high,
    low, close`` (USD, not adjusted for dividends), ``volume`` (shares) and ``adj_close``
    (USD, adjusted for dividends and splits).

    Raises
    ------
    ModuleNotFoundError
        If bokeh-sampledata or pandas is missing.

    Notes
    -----
    Source: the package bokeh-sampledata (BSD-3); daily prices are facts in the public domain.
    """
    pd = require("pandas", "pandas")
    prices = pd.DataFrame(require("bokeh_sampledata.stocks", "bokeh-sampledata").IBM)
    prices["date"] = pd.to_datetime(prices["date"])
    return prices.set_index("date").sort_index()


def load_results(name: str) -> dict[str, Any]:
    """Return the committed measurements ``results/<name>.json``.

    The folder is looked for from the working directory upwards, so that a chapter finds it
    from wherever in the course it runs.  Each file says in ``date``, ``hardware``,
    ``versions`` and ``command`` where its figures come from.

    Raises
    ------
    FileNotFoundError
        If no such file is found: it says which command makes it.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        path = folder / "results" / f"{name}.json"
        if path.is_file():
            results: dict[str, Any] = json.loads(path.read_text(encoding="utf8"))
            return results
    raise FileNotFoundError(
        f"results/{name}.json is neither in {here} nor in a folder above it; "
        "work inside a clone of the course, where `make long` makes it"
    )
