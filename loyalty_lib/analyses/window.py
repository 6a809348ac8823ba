"""The window of whole calendar months that ends on the as-of date, for analyses that look a fixed time back."""

from __future__ import annotations

import datetime as dt

import pandas as pd

DAY = dt.timedelta(days=1)


def window_start(as_of: dt.date, months: int) -> dt.date:
    """Return the first day of the ``months`` months that end on ``as_of``: 1 July for twelve months to 30 June.

    Counted from the day after ``as_of``, so that the window of a month's last day starts on a month's first.
    """
    return (pd.Timestamp(as_of + DAY) - pd.DateOffset(months=months)).date()
