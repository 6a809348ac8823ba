"""The tables of customers under contract.  A SubscriptionsResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.i18n.words import group_name
from loyalty_lib.tables.table import Cell, Column, Quantity, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.subscriptions import SubscriptionsResult
    from loyalty_lib.periods import Period

SIGNIFICANT: Final = 0.01  # of the log-rank test
ROWS: Final = {
    "customers_at_start": (mark("Customers under contract at the start"), "number"),
    "new_customers": (mark("New customers"), "number"),
    "back_customers": (mark("Customers who came back"), "number"),
    "lost_customers": (mark("Customers lost"), "number"),
    "customers_at_end": (mark("Customers under contract at the end"), "number"),
    "joined_and_left_customers": (mark("Joined and left within the period"), "number"),
    "retention_rate": (mark("Retention rate"), "percent.1"),
    "churn_rate": (mark("Churn rate"), "percent.1"),
    "revenue_at_start": (mark("Recurring revenue a month at the start"), "money"),
    "new_revenue": (mark("New: from new customers"), "money"),
    "reactivated_revenue": (mark("New: from customers who came back"), "money"),
    "expansion": (mark("More: from customers who now pay more"), "money"),
    "contraction": (mark("Less: from customers who now pay less"), "money"),
    "churned_revenue": (mark("Lost: with customers lost"), "money"),
    "revenue_at_end": (mark("Recurring revenue a month at the end"), "money"),
    "gross_revenue_retention": (mark("Gross revenue retention"), "percent.1"),
    "net_revenue_retention": (mark("Net revenue retention"), "percent.1"),
    "revenue_per_customer": (mark("Recurring revenue a month per customer"), "money"),
}


def subscriptions(result: SubscriptionsResult) -> Table:
    """Tabulate customers and recurring revenue, beside the previous period and the same period last year."""
    period = result.period
    compared = {"value": period, "previous": period.previous, "year_ago": period.year_ago}
    table = result.flows
    shown = [name for name in ROWS if period.label in table.index and table[name].notna().any()]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (gettext(ROWS[name][0]), *(Quantity(_at(result, one, name), ROWS[name][1]) for one in compared.values()))
        for name in shown
    )
    return Table(
        name="subscriptions",
        title=gettext("Customers under contract and recurring revenue"),
        columns=(
            Column(name="figure", label=gettext("Key figure"), kind="text"),
            *(
                Column(name=name, label=period_name(one.kind, one.start, one.end), kind="mixed")
                for name, one in compared.items()
            ),
        ),
        rows=rows,
        notes=(
            gettext("Churn rate: customers lost by customers at the start; who joined within the period is not in it."),
        ),
    )


def subscription_plans(result: SubscriptionsResult) -> Table:
    """Tabulate how long customers stay by the plan they began with."""
    columns = (
        Column(name="plan", label=gettext("First plan"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="lost", label=gettext("Lost so far")),
        Column(name="kept", label=gettext("Still there after 12 months"), kind="percent"),
        Column(name="low", label=gettext("Interval, low"), kind="percent"),
        Column(name="high", label=gettext("Interval, high"), kind="percent"),
    )
    plans = result.plans.assign(plan=[_plan(name) for name in result.plans["plan"]])
    return Table(
        name="subscription_plans",
        title=say("How long customers stay, by first plan, up to {day:date}", day=result.period.end),
        columns=columns,
        rows=tuple(plans[[column.name for column in columns]].itertuples(index=False, name=None)),
        notes=_difference(result) if plans["kept"].notna().sum() > 1 else (),
    )


def _difference(result: SubscriptionsResult) -> tuple[str, ...]:
    """Say whether customers stay differently long on different plans, as far as chance lets one tell."""
    if result.plans_p_value < SIGNIFICANT:
        return (gettext("Customers stay differently long on different plans: chance alone would rarely do this."),)
    return (gettext("Chance alone often makes differences between plans as large as these."),)


def subscription_renewals(result: SubscriptionsResult) -> Table:
    """Tabulate the contracts that renew next, by month and plan."""
    columns = (
        Column(name="plan", label=gettext("Plan"), kind="text"),
        Column(name="month", label=gettext("Month of renewal"), kind="month"),
        Column(name="contracts", label=gettext("Contracts")),
        Column(name="customers", label=gettext("Customers")),
        Column(name="amount", label=gettext("Recurring revenue a month"), kind="money"),
    )
    renewals = result.renewals.assign(plan=[_plan(name) for name in result.renewals["plan"]])
    return Table(
        name="subscription_renewals",
        title=say(
            "Contracts that renew in the {days:number} days after {day:date}", days=result.days, day=result.period.end
        ),
        columns=columns,
        rows=tuple(renewals[[column.name for column in columns]].itertuples(index=False, name=None)),
    )


def _at(result: SubscriptionsResult, period: Period, name: str) -> float | None:
    found = result.flows.loc[result.flows.index == period.label, name].to_numpy(dtype=float)
    return float(found[0]) if len(found) else None


def _plan(name: str) -> str:
    return group_name(name) if name else gettext("Without a plan")
