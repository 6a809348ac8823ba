"""How far the changes of the key figures may be chance: 95 % intervals by linearisation.

Takes transactions, a period and its key figures, returns a table of changes with low and high end.  The customers of a
period are taken as a draw of those who could have bought: each did so independently of the others, and what one did in
both periods goes together.  A change whose interval holds "none" is no clear change.

References
----------
Binder (1983), On the variances of asymptotically normal estimators from complex surveys, International Statistical
Review 51; Deville (1999), Variance estimation for complex statistics and estimators: linearization and residual
techniques, Survey Methodology 25; Särndal, Swensson and Wretman (1992), Model Assisted Survey Sampling, chapter 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import ndtri

if TYPE_CHECKING:
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

LEVEL: Final = 0.95
AGAINST: Final = ("previous", "year_ago")
# A driver of the revenue bridge that is no key figure of its own.
ORDERS_PER_CUSTOMER: Final = "orders_per_customer"
# 100 % less another rate: its change is that one's with the other sign, and has the same variance.
OPPOSITES: Final = {"churn_rate": "retention_rate", "revenue_churn": "gross_revenue_retention"}
# The report prints no finer bound; from a finer one it could be worked out how many customers did what.
DECIMALS: Final = 4


def figure_changes(
    transactions: Transactions, by_period: pd.DataFrame, figures: pd.DataFrame, period: Period
) -> tuple[pd.DataFrame, pd.Series]:
    """Compute the changes of the key figures, and between what bounds they lie.

    Parameters
    ----------
    transactions
        The client's transactions.
    by_period
        Key figures by label of the period, the two compared with among them.
    figures
        ``value``, ``previous``, ``year_ago`` and ``unit`` by key.
    period
        The reporting period.

    Returns
    -------
    changes : DataFrame
        Index: ``key`` (those of ``figures`` and ``ORDERS_PER_CUSTOMER``), ``against`` (``AGAINST``).  Columns
        ``change`` (relative for counts, money and numbers; a difference for ratios), ``low`` and ``high`` of its 95 %
        interval, ``clear`` (whether the interval leaves out "no change").  A change of figures of which one is missing
        or nothing is missing; a figure of which no variance is known has neither interval nor ``clear``.
    both : Series
        Customers active in the period and in the one compared with, by ``AGAINST``; missing where that one was not
        wholly observed.

    Notes
    -----
    Intervals of relative changes are symmetric on the logarithmic scale.  Influences add up to zero over the customers,
    so it does not matter whether their number is fixed or itself a matter of chance.
    """
    variance = _variances(transactions, period)
    whole = pd.concat([figures, _orders_per_customer(by_period, period).to_frame().T])
    changes = pd.concat(
        {against: _compared(whole, against, variance[against]) for against in AGAINST}, names=["against"]
    )
    both = pd.Series(
        {name: variance[name]["active_in_both"] for name in AGAINST if pd.notna(figures[name]["active_customers"])},
        index=list(AGAINST),
        dtype=float,
    )
    ordered = (
        changes.swaplevel()
        .rename_axis(["key", "against"])
        .reindex(pd.MultiIndex.from_product([whole.index, AGAINST], names=["key", "against"]))
    )
    return ordered, both


def relative_change(now: pd.Series, then: pd.Series, unit: pd.Series) -> pd.Series:
    """Return the change relative to its base, or of ratios the difference; missing where there is nothing to relate to.

    Parameters
    ----------
    now, then, unit
        Figures by key, and their units.
    """
    difference = now - then
    base = then.abs()
    return difference.where(unit == "ratio", difference / base.where(base > 0))


def _variances(transactions: Transactions, period: Period) -> pd.DataFrame:
    """Return the variance of each figure's change, one column a comparison."""
    asked = (period, period.previous, period.previous.previous, period.year_ago, period.year_ago.previous)
    starts, ends = [one.start for one in asked], [one.end for one in asked]
    found = transactions.engine.frame("kpi_change", starts=starts, ends=ends)
    return found.set_index("comparison").astype(float).reindex(list(AGAINST)).T


def _orders_per_customer(by_period: pd.DataFrame, period: Period) -> pd.Series:
    periods: Mapping[str, Period] = {
        "value": period,
        "previous": period.previous,
        "year_ago": period.year_ago,
    }
    found = by_period.loc[[one.label for one in periods.values()], ["orders", "active_customers"]].astype(float)
    ratio = found["orders"] / found["active_customers"].where(found["active_customers"] > 0)
    return pd.Series([*ratio, "number"], index=[*periods, "unit"], name=ORDERS_PER_CUSTOMER)


def _compared(figures: pd.DataFrame, against: str, variance: pd.Series) -> pd.DataFrame:
    """Lay out change, bounds and verdict of every figure against one period."""
    now, then = figures["value"].astype(float), figures[against].astype(float)
    change = relative_change(now, then, figures["unit"])
    source = pd.Series(figures.index, index=figures.index).replace(OPPOSITES)
    margin = ndtri((1 + LEVEL) / 2) * np.sqrt(variance.reindex(source).to_numpy())
    margin = pd.Series(margin, index=figures.index).where(change.notna())
    is_ratio = figures["unit"] == "ratio"
    low = (change - margin).where(is_ratio, (1 + change) * np.exp(-margin) - 1)
    high = (change + margin).where(is_ratio, (1 + change) * np.exp(margin) - 1)
    clear = ((low > 0) | (high < 0)).astype("boolean").where(margin.notna())
    return pd.DataFrame({"change": change, "low": low.round(DECIMALS), "high": high.round(DECIMALS), "clear": clear})
