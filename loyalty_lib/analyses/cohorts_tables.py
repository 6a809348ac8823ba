"""How the cells of the cohorts become tables: laid out cohort by period, and averaged over cohorts."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final

import numpy as np
import pandas as pd

LEVEL: Final = 0.95


def wide(cells: pd.DataFrame, column: str) -> pd.DataFrame:
    """Lay one column of the cells out as cohort x k."""
    table = cells[column].astype(float).unstack("k")  # noqa: PD010 - levels of an index, not columns
    table.columns = pd.RangeIndex(table.shape[1], name="k")
    return table


def average_table(cells: pd.DataFrame) -> pd.DataFrame:
    """Average each k over the cohorts observed there.

    Parameters
    ----------
    cells
        One row a cohort and complete k: ``customers``, ``buyers``, ``orders``, ``sales``, ``cumulative_revenue``.

    Returns
    -------
    DataFrame
        Index k.  ``retention`` weighted by size, with Wilson's interval ``low``, ``high``; ``cohorts`` and
        ``customers`` observed; ``order_value`` weighted by orders, ``revenue_retention`` by the net sales of period 0
        and ``cumulative_revenue`` by size.
    """
    added = cells[["buyers", "customers", "orders", "sales"]].assign(
        first_sales=cells["sales"].groupby(level="cohort").transform("first"),
        so_far=cells["cumulative_revenue"] * cells["customers"],
        cohorts=1,
    )
    sums = added.groupby(level="k").sum()
    low, high = wilson(sums["buyers"], sums["customers"])
    rate = sums["buyers"] / sums["customers"]
    table = pd.DataFrame({"retention": rate, "low": low, "high": high})
    return table.join(sums[["cohorts", "customers"]]).assign(
        order_value=ratio(sums["sales"], sums["orders"]),
        revenue_retention=ratio(sums["sales"], sums["first_sales"]),
        cumulative_revenue=sums["so_far"] / sums["customers"],
    )


def ratio(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return ``part`` per ``whole``; missing where there is nothing to divide by, or money below zero."""
    return part / whole.where(whole > 0).astype(float)


def wilson(successes: pd.Series, trials: pd.Series, level: float = LEVEL) -> tuple[pd.Series, pd.Series]:
    """Return Wilson's score interval for a share; (1927), p. 209.

    Parameters
    ----------
    successes, trials
        Counts; trials above zero.
    level
        Confidence level.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = successes / trials
    centre = (share + z**2 / (2 * trials)) / (1 + z**2 / trials)
    half = z / (1 + z**2 / trials) * np.sqrt(share * (1 - share) / trials + z**2 / (4 * trials**2))
    # The bounds of 0 and of 1 are exact; floating point misses them by a hair.
    return (centre - half).where(successes > 0, 0.0), (centre + half).where(successes < trials, 1.0)
