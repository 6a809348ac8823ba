"""RFM: recency, frequency and money scores of 1 to 5, and the segments they make.

Takes transactions and the as-of date, returns an ``RfmResult``.  The population is the customers with a purchase day
in the window; revenue is their net sales in it.  R and M are quintiles by value, F fixed counts of purchase days.
Scores depend on values only: equal values get equal scores, whatever the order of the rows.  With an earlier date the
customers are scored as known then, too, and counted by where they were and where they are (``rfm_migration``).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.refunds_alone import RefundsAlone, refunds_alone
from loyalty_lib.analyses.rfm_migration import caveats_of, migration, no_evidence, no_migration
from loyalty_lib.analyses.rfm_scheme import INACTIVE, SCORES, Cell, Scheme, cells_of, named_scheme
from loyalty_lib.analyses.window import window_start
from loyalty_lib.errors import UsageError
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.engine import Engine
    from loyalty_lib.validate import Transactions

FREQUENCY_CUTS: Final = (1, 2, 3, 5, 8)
FEW_CUSTOMERS: Final = 50  # ten a quintile
OVERLAPS: Final = {"cells": 30, "all": 45, "unused": 4}  # of putler_11: R x mean of F and M; see ``rfm_scheme``
OWN_SCHEME: Final = "own"  # the name of a scheme passed as a mapping


@dataclass(frozen=True, eq=False, kw_only=True)
class RfmResult:
    """Scores and segments.

    Attributes
    ----------
    customers
        Index customer_id, sorted.  Columns ``days_since_last_order`` (days), ``orders`` (purchase days in the window),
        ``revenue`` (net sales in the window), scores ``r``, ``f``, ``m``, and ``segment``.  Never printed.
    segments
        Index: the scheme's segments in its order.  Columns ``customers``, ``share_of_customers``, ``revenue``,
        ``share_of_revenue``, ``mean_days_since_last_order``, ``mean_orders``, ``mean_revenue``.
    grid
        25 rows: ``r``, ``f``, ``customers``, ``revenue``, ``segment`` (missing where the scheme divides the cell by M).
    largest_share
        By segment: share of its money moved by one customer, refunds by their size; what ``protect`` judges by.
    inactive
        Customers who bought before the window and not in it; ``None`` where hidden.
    known
        Customers who have bought by ``as_of``, in the window or before.  Never printed.
    refunds_alone
        Who had refunds in the window and bought nothing in it; what ``protect`` judges by.
    previous
        The earlier date; ``None`` where there is none to compare with.
    migration
        Flows of customers between their segments at ``previous`` and now (``rfm_migration``); no rows without them.
    evidence
        What ``protect`` judges the flows by.
    scheme
        Its name; "own" for one passed as a mapping.
    window_months, start, as_of
        Length, first and last day of the window.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    customers: pd.DataFrame
    segments: pd.DataFrame
    grid: pd.DataFrame
    largest_share: pd.Series
    inactive: int | None
    known: int
    refunds_alone: RefundsAlone = field(default_factory=RefundsAlone)
    scheme: str
    window_months: int
    start: dt.date
    as_of: dt.date
    previous: dt.date | None = None
    migration: pd.DataFrame = field(default_factory=no_migration)
    evidence: pd.DataFrame = field(default_factory=no_evidence)
    suppressed: int = 0
    caveats: tuple[str, ...] = ()


def rfm(
    transactions: Transactions,
    as_of: dt.date,
    *,
    previous: dt.date | None = None,
    scheme: str | Scheme = "rf_grid_10",
    window_months: int = 12,
    frequency_cuts: Sequence[int] = FREQUENCY_CUTS,
) -> RfmResult:
    """Score every customer of the window and put them in segments.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day of the window.
    previous
        Last day of the earlier window, for the migration; left out where the data begin after it.
    scheme
        Name of a published scheme ("rf_grid_10", "codes_125", "putler_11"), or boxes by segment (``rfm_scheme``).
    window_months
        Length of the windows in calendar months.
    frequency_cuts
        Purchase days from which on the F score is 1, 2, 3, 4, 5; the first is 1.

    Returns
    -------
    RfmResult
        A score of R or M is 1 + floor(5 s), s the share of the population with a strictly worse value: a group of equal
        values takes the score of its worst-placed member.

    Raises
    ------
    UsageError
        If the scheme is unknown or does not cover every cell once, or the cuts are not five ascending counts from 1.
    """
    boxes = named_scheme(scheme) if isinstance(scheme, str) else scheme
    cells, order = cells_of(boxes), list(boxes)
    cuts = _checked(frequency_cuts)
    everybody = _scored(transactions.engine, as_of, window_months, cuts)
    customers = everybody[everybody["orders"] > 0].copy()
    customers["segment"] = _segments_of(customers, cells, order)
    moved = customers["revenue"].abs().groupby(customers["segment"], observed=False)
    result = RfmResult(
        customers=customers.astype({"segment": "str"}),
        segments=_segment_table(customers),
        grid=_grid(customers, cells),
        largest_share=_named(moved.max() / moved.sum(), order),
        inactive=len(everybody) - len(customers),
        known=len(everybody),
        refunds_alone=refunds_alone(transactions.engine, window_start(as_of, window_months), as_of),
        scheme=scheme if isinstance(scheme, str) else OWN_SCHEME,
        window_months=window_months,
        start=window_start(as_of, window_months),
        as_of=as_of,
        caveats=_caveats(len(customers), scheme),
    )
    begin = None if previous is None else transactions.engine.frame("data_begin")["data_begin"].iloc[0]
    if previous is None or pd.isna(begin) or begin > pd.Timestamp(previous):
        return result
    earlier = _scored(transactions.engine, previous, window_months, cuts)
    then, now = (_with_inactive(frame, cells, order) for frame in (earlier, everybody))
    flows, evidence = migration(then["segment"], now, order)
    caveats = (*result.caveats, *caveats_of(begin.date(), previous, window_months))
    return dataclasses.replace(result, previous=previous, migration=flows, evidence=evidence, caveats=caveats)


def _scored(engine: Engine, as_of: dt.date, months: int, cuts: tuple[int, ...]) -> pd.DataFrame:
    """Score all customers as known on ``as_of``; scores are 0 for those without a purchase day in the window."""
    engine.create("purchase_days_as_of", "purchase_days", as_of=as_of)
    window = {"start": window_start(as_of, months), "as_of": as_of}
    frame = engine.frame("rfm", **window, **{f"cut{score}": cuts[score - 1] for score in SCORES[1:]})
    engine.connection.execute("DROP TABLE purchase_days_as_of")
    return frame.set_index("customer_id")


def _with_inactive(everybody: pd.DataFrame, cells: dict[Cell, str], order: list[str]) -> pd.DataFrame:
    """Return segment and revenue of all customers."""
    bought = everybody["orders"] > 0
    segment = pd.Series(INACTIVE, index=everybody.index, dtype="str")
    segment[bought] = _segments_of(everybody[bought], cells, order).astype("str")
    return pd.DataFrame({"segment": segment, "revenue": everybody["revenue"]})


def _checked(cuts: Sequence[int]) -> tuple[int, ...]:
    if len(cuts) != len(SCORES) or cuts[0] != 1 or list(cuts) != sorted(set(cuts)):
        message = (
            f"frequency_cuts is {list(cuts)}; expected five ascending counts of purchase days that begin with 1. "
            f"Write them as {list(FREQUENCY_CUTS)}."
        )
        raise UsageError(message)
    return tuple(cuts)


def _segments_of(customers: pd.DataFrame, cells: dict[Cell, str], order: list[str]) -> pd.Categorical:
    """Look up every customer's cell."""
    scores = len(next(iter(cells)))
    lookup = np.zeros((len(SCORES),) * scores, dtype=np.int64)
    for cell, segment in cells.items():
        lookup[tuple(score - 1 for score in cell)] = order.index(segment)
    codes = lookup[tuple(customers[name].to_numpy() - 1 for name in "rfm"[:scores])]
    return pd.Categorical.from_codes(codes, categories=pd.Index(order, dtype="str"))


def _segment_table(customers: pd.DataFrame) -> pd.DataFrame:
    groups = customers.groupby("segment", observed=False)
    table = pd.DataFrame({"customers": groups.size(), "revenue": groups["revenue"].sum()})
    total = table["revenue"].sum()
    table["share_of_customers"] = table["customers"] / max(len(customers), 1)
    table["share_of_revenue"] = table["revenue"] / (total if total > 0 else float("nan"))
    table["mean_days_since_last_order"] = groups["days_since_last_order"].mean()
    table["mean_orders"] = groups["orders"].mean()
    table["mean_revenue"] = groups["revenue"].mean()
    table.index = pd.Index(table.index.astype("str"), name="segment")
    columns = ["customers", "share_of_customers", "revenue", "share_of_revenue"]
    return table[[*columns, "mean_days_since_last_order", "mean_orders", "mean_revenue"]]


def _grid(customers: pd.DataFrame, cells: dict[Cell, str]) -> pd.DataFrame:
    """Count the 25 cells of R and F."""
    index = pd.MultiIndex.from_tuples(list(product(SCORES, SCORES)), names=["r", "f"])
    groups = customers.groupby(["r", "f"])
    counted = pd.DataFrame({"customers": groups.size(), "revenue": groups["revenue"].sum()})
    grid = counted.reindex(index).fillna({"customers": 0, "revenue": 0.0}).astype({"customers": "int64"}).reset_index()
    grid["segment"] = pd.Series([cells.get((r, f)) for r, f in index], dtype="str")
    return grid


def _named(by_segment: pd.Series, order: list[str]) -> pd.Series:
    return pd.Series(by_segment.to_numpy(dtype=float), index=pd.Index(order, name="segment"), name="largest_share")


def _caveats(population: int, scheme: str | Scheme) -> tuple[str, ...]:
    caveats: list[str] = []
    if population < FEW_CUSTOMERS:
        few = Message.many(
            "Only {count:number} customer bought in the window: quintiles of so few say little.",
            "Only {count:number} customers bought in the window: quintiles of so few say little.",
            population,
        )
        caveats.append(few)
    if scheme == "putler_11":
        text = mark(
            "The published ranges of these segments overlap in {cells:number} of {all:number} combinations of scores. "
            "The first in the published order counts, which leaves {unused:number} of its eleven segments without "
            "customers; they are not shown."
        )
        caveats.append(Message(text, **OVERLAPS))
    return tuple(caveats)
