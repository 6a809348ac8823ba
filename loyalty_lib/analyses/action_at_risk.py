"""Value at risk: what the customers who are more likely gone than not would be worth if they were active.

Takes the report's forecast, the probabilities of being active at the previous report, and segments; returns one row a
segment.  A lifetime value holds the probability of being active as a factor; divided by it, it is the value of the same
customer known to be active.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

MONEY: Final = ("clv", "clv_if_active", "at_risk")
COLUMNS: Final = (
    "segment",
    "customers",
    *MONEY,
    "new_customers",
    "new_at_risk",
    "others",
    "counted",
    "new_counted",
    "largest_share",
)


def value_at_risk(
    values: pd.DataFrame, before: pd.Series[float], segments: pd.Series, order: Sequence[str], threshold: float
) -> pd.DataFrame:
    """Add up the value at risk by segment.

    Parameters
    ----------
    values
        Index customer_id: ``probability_alive`` (NaN where the model cannot tell: these are left out) and ``clv``.
    before
        Probability of being active at the previous report, by customer; missing for those who came later.
    segments
        Segment of every customer of ``values``.
    order
        All segments, in the order of the table.
    threshold
        Probability below which a customer counts as at risk.

    Returns
    -------
    DataFrame
        Segments with a customer at risk: ``segment``; ``customers`` below the threshold; their ``clv``, their
        ``clv_if_active`` = clv / P(active), and the difference ``at_risk``; ``new_customers``, those of them who were
        not below it at the previous report, and their ``new_at_risk``.  For ``protect``: ``others``, customers of the
        segment that are not at risk; ``counted`` and ``new_counted``, the two counts again; and ``largest_share``, one
        customer's share of the money, the largest of all columns.
    """
    table = _by_group(values, before, segments.reindex(values.index), order, threshold)
    return table[table["customers"] > 0].reset_index()[list(COLUMNS)]


def total_at_risk(values: pd.DataFrame, before: pd.Series[float], threshold: float) -> pd.Series[float]:
    """Add up the value at risk of all customers; the same figures over all segments, ``segment`` left out."""
    everybody = pd.Series("", index=values.index)
    return _by_group(values, before, everybody, [""], threshold).iloc[0].astype(float)


def _by_group(
    values: pd.DataFrame, before: pd.Series[float], groups: pd.Series, order: Sequence[str], threshold: float
) -> pd.DataFrame:
    table = pd.DataFrame({"segment": pd.Categorical(groups, categories=list(order))}, index=values.index)
    alive = values["probability_alive"]
    below = (alive < threshold) & (alive > 0)
    table["clv"] = values["clv"]
    table["clv_if_active"] = values["clv"] / alive
    table["at_risk"] = table["clv_if_active"] - table["clv"]
    table["new"] = before.reindex(values.index) >= threshold
    all_of_them = table[below].groupby("segment", observed=False)
    fresh = table[below & table["new"]].groupby("segment", observed=False)
    found = all_of_them[list(MONEY)].sum()
    found.insert(0, "customers", all_of_them.size())
    found["new_customers"], found["new_at_risk"] = fresh.size(), fresh["at_risk"].sum()
    found["counted"], found["new_counted"] = found["customers"], found["new_customers"]
    found["others"] = table.groupby("segment", observed=False).size() - found["customers"]
    shares = [all_of_them[name].max() / all_of_them[name].sum() for name in MONEY]
    shares.append(fresh["at_risk"].max() / fresh["at_risk"].sum())
    found["largest_share"] = pd.concat(shares, axis=1).max(axis=1)
    found.index = pd.Index(list(order), name="segment")
    return found
