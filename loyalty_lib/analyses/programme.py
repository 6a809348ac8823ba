"""The loyalty programme: what its tiers hold and cost, and how members compare with other customers.

Takes transactions, the as-of date, the programme's settings and the list of members, returns a ``ProgrammeResult`` over
the 12 months to the as-of date.  Customers stand in the tier their net spend in the window reaches, members or not.
Who joins is not drawn by lot: a difference between members and others is not the programme's effect.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.refunds_alone import RefundsAlone, refunds_alone
from loyalty_lib.analyses.window import DAY, window_start
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.config.analyses import Programme
    from loyalty_lib.engine import Engine
    from loyalty_lib.validate import Transactions

MONTHS: Final = 12
JOINING_DAYS: Final = 180  # before the day of joining, and after it
SIDES: Final = {"members": mark("Members"), "others": mark("Other customers")}
NO_TIER: Final = mark("No tier")
TIERS: Final = (
    *("tier", "threshold", "reward", "customers", "share_of_customers", "sales", "share_of_sales", "cost"),
    *("near_customers", "near_missing", "near_cost"),
)
SELECTION: Final = mark(
    "Who joins a programme often bought more to begin with: the difference between members and other customers is not "
    "the programme’s effect."
)
BEFORE_AFTER: Final = mark(
    "Customers often join when they are buying much anyway: sales before and after joining do not show the programme’s "
    "effect either."
)


@dataclass(frozen=True, eq=False, kw_only=True)
class ProgrammeResult:
    """A loyalty programme.

    Attributes
    ----------
    tiers
        One row a tier, lowest first, the row without a tier (``tier`` is empty text) before them; no rows without
        settings or customers.  ``threshold`` (spend it begins at), ``reward`` (share of spend given back),
        ``customers``, ``share_of_customers``, ``sales``, ``share_of_sales``, ``cost`` (reward times sales); of the
        customers just below the threshold ``near_customers``, ``near_missing`` (what they would have to spend more) and
        ``near_cost`` (by how much the cost would grow if they did); NaN in the row without a tier.  For ``protect``:
        ``largest_share`` and ``near_largest_share``, the weight of one customer in sales and in what is missing.
    members
        Index "members" and "others"; no rows without a list of members.  ``customers`` and ``share_of_customers`` (of
        those who bought in the window), ``orders_per_customer``, ``average_order_value``, ``sales_per_customer``,
        ``retention_rate`` (of those who bought in the 12 months before; NaN where the data are shorter).  For
        ``protect``: ``before_customers``, ``again``, ``largest_share``.
    joining
        Index "before" and "after": ``customers``, ``sales``, ``sales_per_customer`` in the 180 days to either side of
        the day of joining, of members observed all that time who had bought by the first of these days; no rows where
        there are none.  For ``protect``: ``largest_share``.
    customers, sales
        Who bought in the window, and their net sales.
    cost, cost_share
        Of all tiers, and over ``sales``.
    listed
        Members on the list by the as-of date; ``None`` without a list, and where hidden.
    near
        Customers are just below a threshold with this share of it still to spend, at most.
    refunds_alone
        Who had refunds in the window and bought nothing in it; what ``protect`` judges by.
    start, as_of
        First and last day of the window.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    tiers: pd.DataFrame
    members: pd.DataFrame = field(default_factory=pd.DataFrame)
    joining: pd.DataFrame = field(default_factory=pd.DataFrame)
    customers: int | None = 0
    sales: float = 0.0
    cost: float = 0.0
    cost_share: float = float("nan")
    listed: int | None = None
    near: float = 0.0
    refunds_alone: RefundsAlone = field(default_factory=RefundsAlone)
    start: dt.date
    as_of: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def shares(self) -> pd.DataFrame:
        """Each tier's share of customers and of sales: what the chart shows."""
        return self.tiers[["tier", "threshold", "share_of_customers", "share_of_sales"]]


def programme(
    transactions: Transactions, as_of: dt.date, settings: Programme | None, members: pd.DataFrame | None
) -> ProgrammeResult:
    """Place customers in the programme's tiers, and compare members with others.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day of the window of 12 months.
    settings
        The tiers; ``None`` where there is no programme.
    members
        ``customer_id`` and ``since`` (NaT where unknown); ``None`` without a list.  Who joins later is no member yet.

    Returns
    -------
    ProgrammeResult
        Population: customers with a purchase in the window.
    """
    start = window_start(as_of, MONTHS)
    tiers = _tiers(transactions.engine, settings, start, as_of)
    if settings is None or tiers.empty:
        return ProgrammeResult(tiers=tiers, start=start, as_of=as_of)
    begin = transactions.engine.frame("data_begin")["data_begin"].iloc[0].date()
    sales, cost = float(tiers["sales"].sum()), float(tiers["cost"].sum())
    compared, joining, listed = _members(transactions.engine, members, start, as_of, begin)
    return ProgrammeResult(
        tiers=tiers,
        members=compared,
        joining=joining,
        customers=int(tiers["customers"].sum()),
        sales=sales,
        cost=cost,
        cost_share=cost / sales if sales > 0 else float("nan"),
        listed=listed,
        near=settings.near,
        refunds_alone=refunds_alone(transactions.engine, start, as_of),
        start=start,
        as_of=as_of,
        caveats=_caveats(begin, start, compared, joining),
    )


def _tiers(engine: Engine, settings: Programme | None, start: dt.date, as_of: dt.date) -> pd.DataFrame:
    """Count customers and money by tier."""
    if settings is None:
        return pd.DataFrame(columns=list(TIERS))
    thresholds = [Decimal(repr(tier.spend)) for tier in settings.tiers]
    floors = [spend * (1 - Decimal(repr(settings.near))) for spend in thresholds]
    found = engine.frame(
        "programme",
        start=start,
        as_of=as_of,
        thresholds=[f"{spend:.6f}" for spend in thresholds],
        floors=[f"{spend:.6f}" for spend in floors],
    ).set_index("tier")
    if found.empty:
        return pd.DataFrame(columns=list(TIERS))
    counted = found.reindex(range(len(thresholds) + 1)).astype(float).fillna(0.0)
    table = pd.DataFrame(
        {
            "tier": ["", *(tier.name for tier in settings.tiers)],
            "threshold": [float("nan"), *(tier.spend for tier in settings.tiers)],
            "reward": [0.0, *(tier.reward for tier in settings.tiers)],
            "customers": counted["customers"],
            "share_of_customers": counted["customers"] / counted["customers"].sum(),
            "sales": counted["sales"],
            "share_of_sales": counted["sales"] / _positive(counted["sales"].sum()),
        }
    )
    table["cost"] = table["reward"] * table["sales"]
    below = counted.shift()  # customers just below a tier stand in the one before it
    table["near_customers"] = below["near_customers"]
    table["near_missing"] = below["near_missing"]
    lifted = table["reward"] * (below["near_sales"] + below["near_missing"])
    table["near_cost"] = lifted - table["reward"].shift() * below["near_sales"]
    table["largest_share"] = counted["largest_customer"] / counted["all_customers"].map(_positive)
    table["near_largest_share"] = below["largest_near"] / below["near_missing"].map(_positive)
    return table.reset_index(drop=True)


def _members(
    engine: Engine, members: pd.DataFrame | None, start: dt.date, as_of: dt.date, begin: dt.date
) -> tuple[pd.DataFrame, pd.DataFrame, int | None]:
    """Compare members with others, and with themselves before they joined."""
    if members is None:
        return pd.DataFrame(), pd.DataFrame(), None
    before = window_start(start - DAY, MONTHS)
    # A copy: DuckDB reads no frame whose rows stand in memory backwards.
    engine.connection.register("programme_list", members[["customer_id", "since"]].copy())
    try:
        sides = engine.frame("programme_members", start=start, as_of=as_of, before=before)
        joined = engine.frame("programme_joining", begin=begin, as_of=as_of, days=JOINING_DAYS).iloc[0]
    finally:
        engine.connection.unregister("programme_list")
    table = sides.drop(columns=["is_member", "listed"]).astype(float).set_axis(pd.Index(list(SIDES), name="side"))
    buyers, orders = table["customers"].map(_positive), table["orders"].map(_positive)
    earlier = table["before_customers"].map(_positive) if begin <= before else float("nan")
    compared = pd.DataFrame(
        {
            "customers": table["customers"],
            "share_of_customers": table["customers"] / _positive(table["customers"].sum()),
            "orders_per_customer": table["orders"] / buyers,
            "average_order_value": table["sales"] / orders,
            "sales_per_customer": table["sales"] / buyers,
            "retention_rate": table["again"] / earlier,
            "before_customers": table["before_customers"],
            "again": table["again"],
            "largest_share": table["largest_customer"] / table["all_customers"].map(_positive),
        }
    )
    return compared, _joining(joined), int(sides["listed"].iloc[0])


def _joining(joined: pd.Series[float]) -> pd.DataFrame:
    """Lay out what members spent to either side of the day they joined."""
    if not joined["customers"]:
        return pd.DataFrame()
    when = pd.Index(["before", "after"], name="when")
    sales = joined[["sales_before", "sales_after"]].to_numpy(dtype=float)
    largest = joined[["largest_before", "largest_after"]].to_numpy(dtype=float)
    moved = joined[["all_before", "all_after"]].map(_positive).to_numpy(dtype=float)
    return pd.DataFrame(
        {
            "customers": float(joined["customers"]),
            "sales": sales,
            "sales_per_customer": sales / joined["customers"],
            "largest_share": largest / moved,
        },
        index=when,
    )


def _positive(value: float) -> float:
    """Keep what can be divided by; the rest becomes NaN."""
    return value if value > 0 else float("nan")


def _caveats(begin: dt.date, start: dt.date, members: pd.DataFrame, joining: pd.DataFrame) -> tuple[str, ...]:
    caveats = []
    if begin > start:
        text = mark(
            "The data begin on {begin:date}, inside the 12 months: over a whole year more customers reach a tier."
        )
        caveats.append(Message(text, begin=begin))
    if len(members):
        caveats.append(Message(SELECTION))
    if len(joining):
        caveats.append(Message(BEFORE_AFTER))
    return tuple(caveats)
