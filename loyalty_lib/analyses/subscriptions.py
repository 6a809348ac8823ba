"""Customers under contract: who stays, who leaves, what it means for recurring revenue, and what lies ahead.

Takes the client's contracts and the period, returns a ``SubscriptionsResult``.  Its as-of date is the period's last
day.  Retention and churn are contractual: customers lost by those under contract when the period began; who joined and
left inside it is counted apart.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.subscriptions_contracts import GAP, OPEN, Contracts, day_number, prepare
from loyalty_lib.analyses.subscriptions_flows import REVENUE, flows
from loyalty_lib.analyses.subscriptions_lifetime import LEVEL, YEAR, by_plan, lives, survival_by_month
from loyalty_lib.analyses.subscriptions_renewals import (
    SEED,
    Value,
    fit_renewals,
    next_renewals,
    renewal_tally,
    running,
    value_of,
)
from loyalty_lib.i18n import Message

if TYPE_CHECKING:
    from loyalty_lib.config.analyses import Subscriptions
    from loyalty_lib.models.shifted_beta_geometric import SBGFit
    from loyalty_lib.periods import Period

TREND: Final = 13  # periods: a year of months and the month a year ago
LEAST_AHEAD: Final = 3  # renewals projected, and never less than a year of them
KEPT: Final = ("months", "share", "low", "high", "at_risk", "lost")
RENEWALS: Final = ("plan", "month", "contracts", "customers", "amount", "largest_share")
PROJECTION: Final = ("renewal", "months", "share", "low", "high")


@dataclass(frozen=True, eq=False, kw_only=True)
class SubscriptionsResult:
    """What contracts tell.

    Attributes
    ----------
    period
        The period, whose last day is the as-of date.
    flows
        Index ``label``, one row a period, oldest first, the same period last year among them: customers and recurring
        revenue (``subscriptions_flows.flows``).
    survival
        ``months``, ``share`` still under contract, ``low``, ``high``, ``at_risk``, ``lost``: Kaplan-Meier.
    plans
        ``plan``, ``customers``, ``lost``, ``at_risk``, ``lost_in_year``, ``kept`` after a year, ``low``, ``high``.
    plans_p_value
        Of the log-rank test of customers staying alike on all plans.
    tally
        Index ``renewal``: customers who ``faced`` it and were ``lost`` at it; what the fit is of.
    fit
        Of the shifted-beta-geometric model; ``None`` for the ``reason``, which is then among the caveats.
    projection
        ``renewal``, ``months``, ``share`` of new customers still there, ``low``, ``high``.
    ahead
        The same for today's customers who have not given notice; renewal 0 is today.
    value
        Of the renewals to come; ``None`` without a fit, amounts or a discount rate.
    renewals
        ``plan``, ``month``, ``contracts``, ``customers``, ``amount`` a month, ``largest_share``: contracts that renew
        in the next ``days`` days.
    due
        These contracts one by one, for lists; never printed.
    days, renewal_months
        How far ahead renewals are listed; months from one renewal to the next.
    customers
        Ever under contract; ``None`` where hidden.
    given_notice
        Customers under contract with an end already known.
    going_on
        Customers under contract without one: whom ``ahead`` and ``value`` are of.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    period: Period
    flows: pd.DataFrame
    survival: pd.DataFrame
    plans: pd.DataFrame
    plans_p_value: float = float("nan")
    tally: pd.DataFrame
    fit: SBGFit | None = None
    reason: str = ""
    projection: pd.DataFrame
    ahead: pd.DataFrame
    value: Value | None = None
    renewals: pd.DataFrame
    due: pd.DataFrame
    days: int = 0
    renewal_months: int = YEAR
    customers: int | None = 0
    given_notice: int | None = 0
    going_on: int | None = 0
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def curve(self) -> pd.DataFrame:
        """What the chart of survival shows."""
        return self.survival[["months", "share", "low", "high"]]

    @property
    def bridge(self) -> pd.DataFrame:
        """The account of the period's recurring revenue: one row, none without contracts or amounts."""
        row = self.flows.loc[self.flows.index == self.period.label, list(REVENUE)]
        return row[row["revenue_at_end"].notna() | row["revenue_at_start"].notna()]


def subscriptions(
    contracts: pd.DataFrame | None,
    period: Period,
    settings: Subscriptions | None,
    *,
    yearly_discount_rate: float | None = None,
    margin: float | None = None,
    days: int = 30,
) -> SubscriptionsResult:
    """Follow customers under contract.

    Parameters
    ----------
    contracts
        ``customer_id``, ``start``, ``end`` (first day without; NaT while running), ``plan``, ``amount`` (a month).
    period
        To report on; contracts that start after it are not known yet, an end after it is notice given.
    settings
        How long a contract runs until it renews; without settings the result is empty.
    yearly_discount_rate
        Of the value of the renewals to come; none without it.
    margin
        Share of the amounts that counts as value; all of them without it.
    days
        How far ahead renewals are listed.

    Returns
    -------
    SubscriptionsResult
        The same whatever the order of the rows.

    References
    ----------
    Retention and churn: Berry & Linoff (2004), Data Mining Techniques, ch. 12.  Survival: Kaplan & Meier (1958).
    Renewals: Fader & Hardie (2007, 2010), see ``models.shifted_beta_geometric``.
    """
    if contracts is None or settings is None:
        return _empty(period)
    ready = prepare(contracts, period.end)
    if not len(ready.rows):
        return _empty(period, ready.caveats)
    as_of, term = period.end, settings.renewal_months
    table = lives(ready, as_of)
    plans, p_value = by_plan(table) if (table["plan"] != "").any() else (_no_plans(), float("nan"))
    tally = renewal_tally(table, as_of, term)
    fit, reason, misfit = fit_renewals(tally)
    customers, noticed = running(ready, as_of, term)
    due = next_renewals(ready, as_of, term, days)
    ahead = max(LEAST_AHEAD, -(-YEAR // term))
    projection = base = _nothing_projected()
    value = None
    if fit is not None:
        projection = _months(fit.projected_survival(len(tally) + ahead, level=LEVEL, seed=SEED), term)
        if len(customers.passed):
            counts = Counter(customers.passed.tolist())
            base = _months(fit.projected_base(counts, ahead, level=LEVEL, seed=SEED), term)
        if yearly_discount_rate is not None:
            value = value_of(fit, customers, term, yearly_discount_rate, 1.0 if margin is None else margin)
    trend = period.back(TREND)
    periods = trend if period.year_ago in trend else (period.year_ago, *trend)
    return SubscriptionsResult(
        period=period,
        flows=flows(ready, periods),
        survival=survival_by_month(table),
        plans=plans,
        plans_p_value=p_value,
        tally=tally,
        fit=fit,
        reason=reason,
        projection=projection,
        ahead=base,
        value=value,
        renewals=_by_plan_and_month(due),
        due=due,
        days=days,
        renewal_months=term,
        customers=len(table),
        given_notice=noticed,
        going_on=len(customers.passed),
        caveats=(*ready.caveats, *_caveats(ready, as_of, noticed), *misfit, *filter(None, [reason])),
    )


def _empty(period: Period, caveats: tuple[str, ...] = ()) -> SubscriptionsResult:
    none = pd.DataFrame({"customer": [], "start": [], "end": []}, dtype="int64")
    nobody = Contracts(
        rows=none, spells=none, names=pd.Index([], dtype=str), priced=False, left_out={}, caveats=caveats
    )
    return SubscriptionsResult(
        period=period,
        flows=flows(nobody, []),
        survival=pd.DataFrame(columns=list(KEPT), dtype=float),
        plans=_no_plans(),
        tally=pd.DataFrame({"faced": [], "lost": []}, dtype="int64"),
        projection=_nothing_projected(),
        ahead=_nothing_projected(),
        renewals=pd.DataFrame(columns=list(RENEWALS)),
        due=pd.DataFrame(columns=["customer_id", "plan", "amount", "renews_on", "renewal"]),
        caveats=caveats,
    )


def _nothing_projected() -> pd.DataFrame:
    return pd.DataFrame(columns=list(PROJECTION), dtype=float)


def _no_plans() -> pd.DataFrame:
    return pd.DataFrame(columns=["plan", "customers", "lost", "at_risk", "lost_in_year", "kept", "low", "high"])


def _months(projected: pd.DataFrame, term: int) -> pd.DataFrame:
    return projected.assign(months=projected["renewal"] * term)[list(PROJECTION)]


def _by_plan_and_month(due: pd.DataFrame) -> pd.DataFrame:
    """Count contracts that renew by plan and month."""
    month = due["renews_on"].dt.to_period("M").dt.to_timestamp()
    groups = due.assign(month=month).groupby(["month", "plan"], sort=True)
    table = groups.agg(contracts=("plan", "size"), customers=("customer_id", "nunique"), amount=("amount", "sum"))
    single = due.assign(month=month).groupby(["month", "plan", "customer_id"])["amount"].sum()
    largest = single.groupby(["month", "plan"]).max() / table["amount"].where(table["amount"] > 0)
    return table.assign(largest_share=largest).reset_index()[list(RENEWALS)]


def _caveats(contracts: Contracts, as_of: dt.date, noticed: int) -> list[str]:
    caveats: list[str] = []
    rows, spells, day = contracts.rows, contracts.spells, day_number(as_of)
    if (rows["end"] >= OPEN).all():
        caveats.append(
            Message(
                "No contract in the file has ended. Unless no customer ever left, ended contracts are missing from it, "
                "and customers seem to stay longer than they do."
            )
        )
    last = spells.drop_duplicates("customer", keep="last")["end"].to_numpy()
    if recent := int(((last <= day) & (last > day - GAP)).sum()):
        caveats.append(
            Message.many(
                "{count:number} customer whose contract ended in the last {days:number} days counts as lost for now.",
                "{count:number} customers whose contracts ended in the last {days:number} days count as lost for now.",
                recent,
                days=GAP,
            )
        )
    if noticed:
        caveats.append(
            Message.many(
                "{count:number} customer is still under contract but has given notice: no renewal is expected.",
                "{count:number} customers are still under contract but have given notice: no renewal is expected.",
                noticed,
            )
        )
    return caveats
