"""Daily share prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lstm_course.data.packages import require

if TYPE_CHECKING:
    import pandas as pd


def load_ibm_prices() -> pd.DataFrame:
    """Return IBM's daily share prices, 2000-03-01 to 2013-03-01, 3,270 trading days.

    The table is indexed by ``date`` (DatetimeIndex, increasing) and has the columns ``open, high,
    low, close`` (USD, not adjusted for dividends), ``volume`` (shares) and ``adj_close`` (USD,
    adjusted for dividends and splits).  ``ModuleNotFoundError`` if bokeh-sampledata or pandas is
    missing.

    Source: the package bokeh-sampledata (BSD-3); daily prices are facts in the public domain.
    """
    pd = require("pandas", "pandas")
    prices = pd.DataFrame(require("bokeh_sampledata.stocks", "bokeh-sampledata").IBM)
    prices["date"] = pd.to_datetime(prices["date"])
    return prices.set_index("date").sort_index()
