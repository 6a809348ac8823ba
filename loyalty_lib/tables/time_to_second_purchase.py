"""The tables of second and third purchases.  A SecondPurchaseResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.analyses.time_to_second_purchase_words import COHORT, group_label
from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult

STEPS: Final = {
    "second": mark("Second purchase, after the first"),
    "third": mark("Third purchase, after the second"),
}
BY: Final = {
    COHORT: mark("First purchase"),
    "category": mark("Category of the first order"),
    "channel": mark("Channel of the first order"),
    "country": mark("Country of the first order"),
}


def time_to_second_purchase(result: SecondPurchaseResult) -> Table:
    """Tabulate the share of customers who had bought again by 30, 90, 180 and 365 days."""
    columns = (
        Column(name="step", label=gettext("Purchase"), kind="text"),
        Column(name="day", label=gettext("Days")),
        Column(name="share", label=gettext("Share who bought"), kind="percent.1"),
        Column(name="low", label=gettext("Interval from"), kind="percent.1"),
        Column(name="high", label=gettext("Interval to"), kind="percent.1"),
    )
    at_days = result.at_days if result.at_days["share"].notna().any() else result.at_days.iloc[:0]
    rows = tuple(
        (gettext(STEPS[step]), *values)
        for step, *values in at_days[["step", "day", "share", "low", "high"]].itertuples(index=False, name=None)
    )
    return Table(
        name="time_to_second_purchase",
        title=say(
            "Share of customers who bought again within so many days, all customers up to {day:date}, with "
            "{level:percent} interval",
            day=result.as_of,
            level=result.level,
        ),
        columns=columns,
        rows=rows,
        notes=(gettext("–: not observed for so long, or too few customers to show."),),
    )


def time_to_second_purchase_groups(result: SecondPurchaseResult) -> Table:
    """Tabulate the share of each group who had bought again by the day at which groups are compared."""
    columns = (
        Column(name="group", label=gettext("Customers by"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share", label=gettext("Share who bought"), kind="percent.1"),
        Column(name="low", label=gettext("Interval from"), kind="percent.1"),
        Column(name="high", label=gettext("Interval to"), kind="percent.1"),
        Column(name="day80", label=gettext("Four of five by day")),
    )
    names = ["by", "group", "start", "end", "customers", "share", "low", "high", "day80"]
    rows = tuple(
        (f"{gettext(BY[by])}: {group_label(by, group, result.grain, start, end)}", *values)
        for by, group, start, end, *values in result.groups[names].itertuples(index=False, name=None)
    )
    return Table(
        name="time_to_second_purchase_groups",
        lookup=True,
        title=say(
            "Share of customers with a second purchase within {day:number} days of the first, by group, with "
            "{level:percent} interval",
            day=result.day or 0,
            level=result.level,
        ),
        columns=columns,
        rows=rows,
        notes=(
            gettext(
                "Four of five by day: by then four of five of those who buy again have done so, where the group has "
                "been followed as long as all customers. –: not observed for so long, or too few customers to show."
            ),
        ),
    )
