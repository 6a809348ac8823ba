"""Customer lifetime value by segment: who holds the value of the customer base.

Takes a ``CLVResult`` and an ``RfmResult`` of the same as-of date.  Every customer with a forecast is in one row; those
who bought nothing in the RFM window are "inactive".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.rfm_scheme import INACTIVE
from loyalty_lib.errors import ModelError

if TYPE_CHECKING:
    from loyalty_lib.analyses.clv import CLVResult
    from loyalty_lib.analyses.rfm import RfmResult

COLUMNS: Final = (
    "customers",
    "mean_clv",
    "total_clv",
    "low_clv",
    "high_clv",
    "share_of_clv",
    "mean_probability_alive",
    "expected_purchases",
)
INTERVAL: Final = ("low_clv", "high_clv")
MONEY: Final = ("mean_clv", "total_clv", *INTERVAL, "share_of_clv")


def segment_of(clv: CLVResult, segments: RfmResult) -> pd.Series[str]:
    """Return the segment of every customer with a forecast, "inactive" of those who have none."""
    return segments.customers["segment"].reindex(clv.customers.index).fillna(INACTIVE).rename("segment")


def value_by_segment(
    clv: CLVResult, segments: RfmResult, intervals: pd.DataFrame | None = None, level: float | None = None
) -> pd.DataFrame:
    """Add up lifetime values by segment.

    Parameters
    ----------
    clv
        Lifetime value of every customer.
    segments
        Segments at the same as-of date; hidden ones are hidden here too by ``protect``.
    intervals
        Of the segments' totals: index segment, ``low_clv`` and ``high_clv``.
    level
        Of the intervals, such as 0.8.

    Returns
    -------
    DataFrame
        Index ``segment``: the scheme's in its order, then "inactive".  Columns ``customers``, ``mean_clv``,
        ``total_clv`` with its interval ``low_clv`` to ``high_clv`` (NaN where none is given), ``share_of_clv``,
        ``mean_probability_alive``, ``expected_purchases`` (the segment's total over the horizon).  The mean
        probability is of the customers for whom the model can tell.
        ``attrs`` hold what ``protect`` judges by: ``largest_share`` (one customer's share of the segment's value),
        ``money`` (the columns that gives away), ``hidden`` (segments whose size is hidden elsewhere) and ``behind``
        (how many customers a column's figure is of, where they are not all); ``one_time_buyers`` says whether the model
        can tell of those, ``level`` what the intervals hold.

    Raises
    ------
    ModelError
        If customers with a segment have no forecast: the two are not of the same data or as-of date.
    """
    missing = int((~segments.customers.index.isin(clv.customers.index)).sum())
    if missing:
        message = (
            f"{missing} of {len(segments.customers)} customers with a segment have no forecast; expected the segments "
            "and the forecast to be of the same transactions and as-of date. Compute both with the same as_of."
        )
        raise ModelError(message)
    order = [*segments.segments.index, INACTIVE]
    names = segment_of(clv, segments)
    keys = pd.Series(pd.Categorical(names, categories=order), index=clv.customers.index)
    groups = clv.customers.groupby(keys, observed=False)
    table = pd.DataFrame(
        {
            "customers": groups.size(),
            "mean_clv": groups["clv"].mean(),
            "total_clv": groups["clv"].sum(),
            "mean_probability_alive": groups["probability_alive"].mean(),
            "expected_purchases": groups["expected_purchases"].sum(),
        }
    )
    total = table["total_clv"].sum()
    table["share_of_clv"] = table["total_clv"] / (total if total > 0 else float("nan"))
    table.index = pd.Index(order, name="segment")
    table[[*INTERVAL]] = float("nan")
    if intervals is not None:
        # Nobody in a segment is worth nothing, without any doubt.
        known = intervals[[*INTERVAL]].reindex(table.index)
        table[[*INTERVAL]] = known.mask(table["customers"] == 0, 0.0)
    table = table[list(COLUMNS)]
    largest = groups["clv"].max().to_numpy(dtype=float) / table["total_clv"].where(table["total_clv"] > 0)
    hidden = segments.segments.index[segments.segments["customers"].isna()].to_list()
    table.attrs["largest_share"] = largest.to_dict()
    table.attrs["money"] = list(MONEY)
    table.attrs["behind"] = {"mean_probability_alive": groups["probability_alive"].count().tolist()}
    table.attrs["one_time_buyers"] = bool(clv.customers["probability_alive"].notna().all())
    table.attrs["level"] = level
    table.attrs["hidden"] = hidden if segments.inactive is not None else [*hidden, INACTIVE]
    return table
