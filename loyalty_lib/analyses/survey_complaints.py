"""Complaints: how many an order, who complained again, and who bought again after complaining.

The engine holds the complaints as in the file (``complaints_file``).  The comparison is with customers who had not
complained by then, made like those who had by direct standardisation: the shares of the strata (calendar month,
purchase days so far, days since the last) are weighted by the complaining customers in each.  Nobody drew lots who
complains: the difference is no effect of the complaint.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.survey_intervals import share_interval

if TYPE_CHECKING:
    from loyalty_lib.engine import Engine

PER: Final = 1000.0  # orders a complaint rate is written for
GROUPS: Final = ("complained", "others")


def rates_table(engine: Engine, windows: Sequence[tuple[dt.date, dt.date]], names: Sequence[str]) -> pd.DataFrame:
    """Count complaints and orders.

    Parameters
    ----------
    engine
        With ``survey_complaints``.
    windows
        First and last day of each.
    names
        What the windows are called.

    Returns
    -------
    DataFrame
        Index: ``names``.  ``start``, ``end``, ``complaints``, ``unknown`` (nameless, or of who never bought),
        ``customers`` (known, who complained), ``repeated`` (on two days or more), ``orders``, ``rate`` (complaints per
        1,000 orders; NaN where the orders do not cover the window).
    """
    starts, ends = [start for start, _ in windows], [end for _, end in windows]
    table = engine.frame("survey_complaint_rates", starts=starts, ends=ends)
    begin = table.pop("data_begin")
    table.index = pd.Index(names, name="span")
    table.insert(0, "start", pd.to_datetime(starts))
    table.insert(1, "end", pd.to_datetime(ends))
    covered = (table["start"] >= begin.to_numpy()) & (table["orders"] > 0)
    return table.assign(rate=(PER * table["complaints"] / table["orders"].where(table["orders"] > 0)).where(covered))


def after_table(engine: Engine, start: dt.date, last: dt.date, days: int) -> tuple[pd.DataFrame, int]:
    """Compare customers who complained with others like them.

    Parameters
    ----------
    engine
        With ``survey_complaints``.
    start, last
        First and last day of the complaints.
    days
        How many days after the complaint a purchase counts.

    Returns
    -------
    table : DataFrame
        Index "complained", "others".  ``customers``, ``returned`` (of "others": NaN, the share is weighted), ``share``,
        ``low``, ``high``.  The interval of "others" is Wilson's at Kish's effective size, at most the people in it.
    unmatched : int
        Customers who complained and have nobody like them; outside the table.

    References
    ----------
    Others at risk on the same days: Prentice and Breslow (1978), Biometrika 65, p. 153.  Direct standardisation:
    Breslow and Day (1987), Statistical Methods in Cancer Research II, section 2.3.
    """
    strata = engine.frame("survey_complaint_return", start=start, last=last, days=days)
    matched = strata[strata["others"] > 0]
    complained, returned = float(matched["complainers"].sum()), float(matched["complainers_returned"].sum())
    people = float(matched["other_people"].max()) if len(matched) else 0.0
    share = others = float("nan")
    size = 0.0
    if complained:
        share = returned / complained
        weights = matched["complainers"] / complained
        others = float((weights * matched["others_returned"] / matched["others"]).sum())
        size = min(1 / float((weights**2 / matched["others"]).sum()), people)
    index = pd.Index(GROUPS, name="group")
    low, high = share_interval(pd.Series([share, others], index=index), pd.Series([complained, size], index=index))
    table = pd.DataFrame(
        {
            "customers": [int(complained), int(people)],
            "returned": [returned, float("nan")],
            "share": [share, others],
            "low": low,
            "high": high,
        },
        index=index,
    )
    return table, int(strata["complainers"].sum() - complained)
