"""How long it takes until customers buy a second time, and a third: Kaplan-Meier curves of the days between.

Takes transactions and the as-of date, returns a ``SecondPurchaseResult``.  Time runs from purchase day to purchase day,
so that orders of one day are one purchase.  Customers who have not bought again by the as-of date are still waiting:
they count for as long as they have been observed, and never as lost.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.survival import LEVEL, follow_up, kaplan_meier, median, time_of_share
from loyalty_lib.analyses.time_to_second_purchase_groups import (
    FOUR_OF_FIVE,
    LARGEST,
    SMALLEST,
    compare,
    grain_of,
    shares_at,
)
from loyalty_lib.errors import UsageError
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

STEPS: Final = {"second": 2, "third": 3}
DAYS: Final = (30, 90, 180, 365)
GROUP_DAYS: Final = (90, 30)  # at which groups are compared: the first of these that has been observed
CHART: Final = 365  # days a chart shows, unless what it must show lies later
CHART_MARGIN: Final = 1.1  # of that later day
POINTS: Final = 120  # of a curve: no screen shows more
GROUPED_BY: Final = ("category", "channel", "country")
CAUSES: Final = {
    "category": mark("A difference between groups is an association; it does not say that the category is its cause."),
    "channel": mark("A difference between groups is an association; it does not say that the channel is its cause."),
    "country": mark("A difference between groups is an association; it does not say that the country is its cause."),
}
WITHOUT: Final = {
    "category": mark("{share:percent} of customers have no category on their first order; they are among the others."),
    "channel": mark("{share:percent} of customers have no channel on their first order; they are among the others."),
    "country": mark("{share:percent} of customers have no country on their first order; they are among the others."),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class SecondPurchaseResult:
    """Time to the second and third purchase.

    Attributes
    ----------
    curve
        ``step`` ("second", "third"), ``time`` (days since the purchase before), ``returned`` (customers, as far as
        observed; evidence, never printed), ``share`` (1 - Kaplan-Meier survival), ``low``, ``high``; from (0, 0), as
        many points as a chart shows, those of ``at_days`` among them.
    at_days
        ``step``, ``day`` (30, 90, 180, 365), ``returned`` (evidence), ``share``, ``low``, ``high``; NaN where that long
        has not been observed.
    steps
        Index ``step``: ``customers`` who made the purchase before, ``returned`` of them so far, ``median`` (days until
        half of all have; NaN where they have not), ``day50`` and ``day80`` (days until half, and four of five, of those
        who buy again within the follow-up), ``follow_up`` (days for which at least 30 customers and 5 % are observed).
    groups
        ``by`` ("cohort", and ``by``), ``group`` (first day of the cohort as ISO text, or the data's own name; "other"
        last), ``start``, ``end`` (of a cohort), ``customers``, ``returned`` (by ``day``; evidence), ``share`` (by
        ``day``), ``low``, ``high``, ``day80`` (NaN where the group has not been followed as long as all).
    tests
        Index ``by``: log-rank ``statistic``, ``degrees``, ``p_value``, ``adjusted`` for there being two, ``differ``.
    waiting, late
        One-time customers no more than ``day80`` days after their purchase, and later; ``None`` without that day or
        where hidden.
    day
        At which groups are compared; ``None`` where no such day has been observed.
    by
        "category", "channel" or "country" of the first order; ``None`` where the data have none.
    grain
        Of the cohorts: "month", "quarter" or "year".
    level
        Of the intervals.
    as_of
        The last day observed.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    curve: pd.DataFrame
    at_days: pd.DataFrame
    steps: pd.DataFrame
    groups: pd.DataFrame
    tests: pd.DataFrame
    waiting: int | None
    late: int | None
    day: int | None
    by: str | None
    grain: str
    level: float
    as_of: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def curve_shown(self) -> pd.DataFrame:
        """The curves without what is never printed."""
        return self.curve.drop(columns="returned")

    @property
    def groups_shown(self) -> pd.DataFrame:
        """The groups without what is never printed."""
        return self.groups.drop(columns="returned")


def time_to_second_purchase(
    transactions: Transactions, as_of: dt.date, *, by: str | None = None
) -> SecondPurchaseResult:
    """Measure how soon customers buy a second and a third time.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    by
        What groups of customers are also compared by: "category", "channel" or "country" of the first order; the
        first of category and channel that the data have by default.

    Returns
    -------
    SecondPurchaseResult
        Days throughout; intervals are 95 % log-log intervals of Kaplan-Meier curves.

    Raises
    ------
    UsageError
        If ``by`` is none of the three.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481.
    Mantel (1966), Cancer Chemotherapy Reports 50, 163-170.
    """
    if by is not None and by not in GROUPED_BY:
        message = f"Customers cannot be grouped by {by!r}; expected one of: {', '.join(GROUPED_BY)}."
        raise UsageError(message)
    facts, by, grain, counts = _counted(transactions, as_of, by)
    second = counts[counts["step"] == STEPS["second"]]
    curves = {step: _curve(counts[counts["step"] == number]) for step, number in STEPS.items()}
    at_days = pd.concat([shares_at(curve, list(DAYS)).assign(step=step) for step, curve in curves.items()])
    at_days = at_days.reset_index()[["step", "day", "returned", "share", "low", "high"]]
    observed = at_days.loc[(at_days["step"] == "second") & at_days["share"].notna(), "day"].tolist()
    day = next((day for day in GROUP_DAYS if day in observed), None)
    found = {step: _step(curve) for step, curve in curves.items()}
    groups, tests = compare(second, grain, by, day, found["second"]["follow_up"])
    day80 = found["second"]["day80"]
    shown = [_shown(curve, day80).assign(step=step) for step, curve in curves.items()]
    until = second["days"] <= day80
    has_day = bool(np.isfinite(day80))
    return SecondPurchaseResult(
        curve=pd.concat(shown)[["step", "time", "returned", "share", "low", "high"]].reset_index(drop=True),
        at_days=at_days,
        steps=pd.DataFrame(list(found.values()), index=pd.Index(list(found), name="step")),
        groups=groups,
        tests=tests,
        waiting=int(second.loc[until, "censored"].sum()) if has_day else None,
        late=int(second.loc[~until, "censored"].sum()) if has_day else None,
        day=day,
        by=by if by in set(groups["by"]) else None,
        grain=grain,
        level=LEVEL,
        as_of=as_of,
        caveats=_caveats(facts["earliest"], second, tests, by),
    )


def _counted(
    transactions: Transactions, as_of: dt.date, by: str | None
) -> tuple[pd.Series, str | None, str, pd.DataFrame]:
    """Count customers by step, cohort, group and days; say what they are grouped by."""
    engine = transactions.engine
    engine.create("purchase_days_as_of", "purchase_days", as_of=as_of)
    try:
        facts = engine.frame("second_purchase_facts", as_of=as_of).iloc[0]
        by = by or next((name for name in ("category", "channel") if facts[name]), None)
        earliest, latest = (as_of if pd.isna(facts[name]) else facts[name] for name in ("earliest", "latest"))
        grain = grain_of(earliest, latest)
        engine.create("first_orders", "first_order", as_of=as_of, by=by or "category")
        counts = engine.frame("second_purchase", as_of=as_of, grain=grain, smallest=SMALLEST, largest=LARGEST)
    finally:
        engine.connection.execute("DROP TABLE IF EXISTS first_orders; DROP TABLE purchase_days_as_of")
    return facts, by, grain, counts


def _curve(counts: pd.DataFrame) -> pd.DataFrame:
    return kaplan_meier(counts["days"], counts["events"], counts["censored"])


def _step(curve: pd.DataFrame) -> dict[str, float]:
    return {
        "customers": int(curve["at_risk"].max()) if len(curve) else 0,
        "returned": int(curve["events"].sum()),
        "median": median(curve),
        "day50": time_of_share(curve, 0.5),
        "day80": time_of_share(curve, FOUR_OF_FIVE),
        "follow_up": follow_up(curve),
    }


def _shown(curve: pd.DataFrame, day80: float) -> pd.DataFrame:
    """Thin a curve to what a chart shows: the first year, longer where the day to be shown lies later."""
    if curve.empty:
        return shares_at(curve, []).reset_index(names="time")
    end = max(CHART, int(CHART_MARGIN * day80)) if np.isfinite(day80) else CHART
    end = min(end, int(curve.index[-1]))
    days = curve.index[(curve["events"] > 0) & (curve.index <= end)].to_numpy(dtype=np.int64)
    if len(days) > POINTS:
        days = days[np.unique(np.linspace(0, len(days) - 1, POINTS).round().astype(np.int64))]
    kept = {0, end, *days.tolist(), *(day for day in DAYS if day <= end)}
    read = shares_at(curve, sorted(kept)).reset_index(names="time")
    return read[read["share"].notna()]


def _caveats(begin: pd.Timestamp, second: pd.DataFrame, tests: pd.DataFrame, by: str | None) -> tuple[str, ...]:
    customers = int(second[["events", "censored"]].to_numpy().sum())
    if not customers:
        return ()
    text = mark(
        "A first purchase is the first in the data, which begin on {begin:date}: customers who had bought before that "
        "day are taken for new."
    )
    caveats = [Message(text, begin=begin.date())]
    if customers < SMALLEST:
        text = mark("There are fewer than {minimum:number} customers: shares vary by chance.")
        caveats.append(Message(text, minimum=SMALLEST))
    if tests["differ"].get("cohort", False):
        text = mark(
            "Customers who came at different times differ in how soon they buy again; the later days of the curve rest "
            "on those who came early."
        )
        caveats.append(Message(text))
    if by is not None and by in tests.index:
        caveats.extend(_of_groups(by, second, customers))
    if len(tests):
        text = mark(
            "Groups are said to differ only where chance would make so large a difference less than once in a hundred "
            "times; all comparisons are judged together."
        )
        caveats.append(Message(text))
    return tuple(caveats)


def _of_groups(by: str, second: pd.DataFrame, customers: int) -> list[Message]:
    caveats = [Message(CAUSES[by])]
    without = int(second.loc[second["value"].isna(), ["events", "censored"]].to_numpy().sum())
    if without >= SMALLEST:
        caveats.append(Message(WITHOUT[by], share=without / customers))
    return caveats
