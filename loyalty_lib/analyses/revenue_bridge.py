"""Why net sales moved: what drove them, and which customers brought or took them.

Takes transactions and a ``Period``, returns a ``RevenueBridgeResult`` against the previous period and the same period
last year; a period whose previous one is that of last year is compared once.  Customers are classed as in the key
figures.  A comparison period that begins before the first day of the data was not wholly observed: its figures are NaN.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

# Net sales are the product of these three.
DRIVERS: Final = {
    "active_customers": mark("Active customers"),
    "orders_per_customer": mark("Orders per customer"),
    "average_order_value": mark("Average order value"),
}
# The change in net sales is the sum of these.
FLOWS: Final = {
    "new": mark("New customers"),
    "reactivated": mark("Reactivated customers"),
    "kept_more": mark("Spent more than then"),
    "kept_less": mark("Spent the same or less"),
    "lapsed": mark("Lapsed customers"),
    "other": mark("Refunds and other"),
}
AGAINST: Final = ("previous", "year_ago")
PREFERRED: Final = ("year_ago", "previous")  # a season is best compared with its like
UNSPLIT: Final = {
    "previous": mark(
        "Net sales against the previous period cannot be split into customers, orders and order value: in one of the "
        "two they were not above zero."
    ),
    "year_ago": mark(
        "Net sales against the same period last year cannot be split into customers, orders and order value: in one of "
        "the two they were not above zero."
    ),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class RevenueBridgeResult:
    """The change in net sales, split two ways.

    Attributes
    ----------
    totals
        Index: the comparisons, "previous" and "year_ago".  ``start`` and ``end`` of the period compared with, whether
        it was ``observed``, ``sales_then``, ``sales_now``, ``change`` (NaN where not observed), and, for ``protect``,
        ``customers_then``, ``customers_now`` and whether one customer's weight in the money of either period is too
        large: ``largest_share``; ``moving`` is the smaller number of customers with sales or refunds.
    drivers
        One row a comparison and driver, columns ``against`` and ``driver`` (keys of ``DRIVERS``): its value ``then``
        and ``now``, and its ``part`` of the change in net sales; parts are NaN where there is no split.
    flow
        One row a comparison and flow, columns ``against`` and ``flow`` (keys of ``FLOWS``): ``customers``, ``amount``,
        and, for ``protect``, ``largest_share``, the weight of one customer in the amount.
    period
        The reporting period.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    totals: pd.DataFrame
    drivers: pd.DataFrame
    flow: pd.DataFrame
    period: Period
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def bridge(self) -> pd.DataFrame:
        """The drivers of the comparison shown: with last year where it can be, else with the previous period."""
        return _shown(self.drivers, "part")

    @property
    def flows(self) -> pd.DataFrame:
        """The flow of the comparison shown; no rows where there is none."""
        wanted = self.bridge["against"].unique()
        flow = self.flow[["against", "flow", "customers", "amount"]]
        return _shown(flow[flow["against"].isin(wanted)] if len(wanted) else flow, "amount")


def revenue_bridge(transactions: Transactions, period: Period) -> RevenueBridgeResult:
    """Split the change in net sales between two periods, by driver and by customer.

    Parameters
    ----------
    transactions
        The client's transactions.
    period
        The reporting period.

    Returns
    -------
    RevenueBridgeResult
        Sales R are customers C times orders per customer F times average order value A.  The part of a driver x is
        L(R1, R0) ln(x1 / x0), with the logarithmic mean L(a, b) = (a - b) / ln(a / b); the parts add up to R1 - R0.

    References
    ----------
    Ang (2005), The LMDI approach to decomposition analysis: a practical guide, Energy Policy 33(7), 867-871: the
    additive form.
    """
    against = {"year_ago": period.year_ago, "previous": period.previous}
    compared = {name: against[name] for name in AGAINST}
    if period.previous == period.year_ago:
        del compared["previous"]
    periods = [period, *compared.values()]
    counts = transactions.engine.frame(
        "kpis",
        starts=[one.start for one in periods],
        ends=[one.end for one in periods],
        previous=[0] * len(periods),
    )
    begin = transactions.engine.frame("data_begin")["data_begin"].iloc[0]
    observed = [not pd.isna(begin) and one.start >= begin.date() for one in compared.values()]
    totals = _totals(counts, compared, np.array(observed, dtype=bool))
    drivers = _drivers(counts, totals)
    return RevenueBridgeResult(
        totals=totals,
        drivers=drivers,
        flow=_flow(transactions, period, compared, totals["observed"]),
        period=period,
        caveats=_caveats(totals, drivers),
    )


def log_mean(one: float, other: float) -> float:
    """Return the logarithmic mean of two positive numbers, (a - b) / ln(a / b); a where they are equal."""
    return one if one == other else (one - other) / math.log1p((one - other) / other)


def _totals(counts: pd.DataFrame, compared: dict[str, Period], observed: NDArray[np.bool_]) -> pd.DataFrame:
    """Lay out net sales of both periods, and what ``protect`` judges by; NaN where not observed."""
    now, then = counts.iloc[0], counts.iloc[1:].set_axis(list(compared))
    share = counts["largest_customer"] / counts["all_customers"].where(counts["all_customers"] > 0)
    figures = pd.DataFrame(
        {
            "sales_then": then["net_sales"],
            "sales_now": now["net_sales"],
            "change": now["net_sales"] - then["net_sales"],
            "customers_then": then["active_customers"],
            "customers_now": now["active_customers"],
            "largest_share": np.fmax(share.iloc[0], share.iloc[1:].to_numpy()),
            "moving": np.minimum(now["moving_customers"], then["moving_customers"]),
        }
    ).astype(float)
    figures[~observed] = np.nan
    table = pd.DataFrame(
        {
            "start": pd.to_datetime([one.start for one in compared.values()]),
            "end": pd.to_datetime([one.end for one in compared.values()]),
            "observed": observed,
        },
        index=figures.index,
    )
    return table.join(figures).rename_axis("against")


def _drivers(counts: pd.DataFrame, totals: pd.DataFrame) -> pd.DataFrame:
    """Give each driver its part of the change."""
    customers, orders = (counts[name].astype(float) for name in ("active_customers", "orders"))
    values = pd.DataFrame(
        {
            "active_customers": customers,
            "orders_per_customer": orders / customers.where(customers > 0),
            "average_order_value": counts["net_sales"] / orders.where(orders > 0),
        }
    ).to_numpy()
    pieces = []
    for place, against in enumerate(totals.index, start=1):
        now, then = values[0], values[place]
        part = np.full(len(DRIVERS), np.nan)
        if (now > 0).all() and (then > 0).all():
            part = log_mean(counts["net_sales"].iloc[0], counts["net_sales"].iloc[place]) * np.log(now / then)
        piece = pd.DataFrame({"against": against, "driver": list(DRIVERS), "then": then, "now": now, "part": part})
        if not totals.loc[against, "observed"]:
            piece[["then", "now", "part"]] = np.nan
        pieces.append(piece)
    return pd.concat(pieces, ignore_index=True)


def _flow(
    transactions: Transactions, period: Period, compared: dict[str, Period], observed: pd.Series[bool]
) -> pd.DataFrame:
    """Lay out the flow of every comparison; a flow without customers is zero, one not observed NaN."""
    found = transactions.engine.frame(
        "revenue_bridge",
        start=period.start,
        end=period.end,
        starts=[one.start for one in compared.values()],
        ends=[one.end for one in compared.values()],
    )
    found["against"] = [list(compared)[number - 1] for number in found["comparison"]]
    found["largest_share"] = found["largest_customer"] / found["all_customers"].where(found["all_customers"] > 0)
    every = pd.MultiIndex.from_product([list(compared), list(FLOWS)], names=["against", "flow"])
    table = found.set_index(["against", "flow"])[["customers", "amount", "largest_share"]].reindex(every).astype(float)
    table[["customers", "amount"]] = table[["customers", "amount"]].fillna(0.0)
    table.loc[every.get_level_values("against").isin(observed.index[~observed])] = np.nan
    return table.reset_index()


def _shown(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows of the first comparison, last year before the previous period, that has figures to show."""
    for against in PREFERRED:
        rows = table[table["against"] == against]
        if rows[column].notna().any():
            return rows.reset_index(drop=True)
    return table.iloc[:0]


def _caveats(totals: pd.DataFrame, drivers: pd.DataFrame) -> tuple[str, ...]:
    unsplit = set(drivers.loc[drivers["part"].isna(), "against"])
    return tuple(Message(UNSPLIT[against]) for against in totals.index[totals["observed"]] if against in unsplit)
