"""The tables of the page of actions: the lists, what to offer next, and the budget.  An ActionListsResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.analyses.action_names import list_name
from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.action_lists import ActionListsResult


def action_lists(result: ActionListsResult) -> Table:
    """Tabulate the lists of customers to write to; those without a customer are left out."""
    columns = (
        Column(name="list", label=gettext("Target list"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="control", label=gettext("Control group")),
        Column(name="order_value", label=gettext("Average order value"), kind="money"),
        *(_valued() if result.lists["uplift"].notna().any() else _sized()),
        Column(name="smallest_effect", label=gettext("Smallest effect that would show"), kind="percent.1"),
    )
    lists = result.lists.loc[result.lists["customers"] != 0, [column.name for column in columns]]
    return Table(
        name="action_lists",
        title=say("Customers to write to, as of {day:date}", day=result.as_of),
        columns=columns,
        rows=tuple((list_name(str(key)), *values) for key, *values in lists.itertuples(index=False, name=None)),
        notes=_notes(result),
    )


def cross_sell(result: ActionListsResult) -> Table:
    """Tabulate which category to offer to the buyers of only one."""
    columns = (
        Column(name="category", label=gettext("Category bought"), kind="text"),
        Column(name="next", label=gettext("Offer next"), kind="text"),
        Column(name="customers", label=gettext("Customers on the list")),
        Column(name="lift", label=gettext("Lift"), kind="number.2"),
        Column(name="support", label=gettext("Customers who bought in both"), kind="percent.1"),
    )
    rows = result.cross_sell.loc[result.cross_sell["customers"] != 0, [column.name for column in columns]]
    return Table(
        name="cross_sell",
        title=gettext("What to offer next to repeat buyers of a single category"),
        columns=columns,
        rows=tuple(rows.itertuples(index=False, name=None)),
        notes=(
            gettext(
                "Lift: how much more often the buyers of the one category have bought in the other too, compared with "
                "all customers; 1.50 is half as often again."
            ),
        ),
    )


def budget(result: ActionListsResult) -> Table:
    """Tabulate how to divide the budget, in the order in which money is best spent."""
    columns = (
        Column(name="order", label=gettext("Order")),
        Column(name="list", label=gettext("Target list"), kind="text"),
        Column(name="segment", label=gettext("Customer segment"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="cost", label=gettext("Cost"), kind="money"),
        Column(name="expected_value", label=gettext("Expected value"), kind="money"),
        Column(name="share", label=gettext("Paid for by the budget"), kind="percent"),
    )
    cells = result.budget[[column.name for column in columns]]
    return Table(
        name="budget",
        lookup=True,
        title=say("How to divide a budget of {amount:money} over lists and segments", amount=result.amount),
        columns=columns,
        rows=tuple(
            (order, list_name(str(name)), segment_name(str(segment)), *values)
            for order, name, segment, *values in cells.itertuples(index=False, name=None)
        ),
        notes=(
            gettext(
                "Each customer is counted once, on the list that brings most. What brings most for its cost comes "
                "first; groups that cost more than they bring are left out."
            ),
        ),
    )


def _valued() -> tuple[Column, ...]:
    return (
        Column(name="uplift", label=gettext("Assumed effect"), kind="percent.1"),
        Column(name="expected_value", label=gettext("Expected value"), kind="money"),
        Column(name="break_even", label=gettext("Effect that pays"), kind="percent.1"),
    )


def _sized() -> tuple[Column, ...]:
    return (
        Column(name="one_order", label=gettext("One order from each"), kind="money"),
        Column(name="baseline", label=gettext("Buy unasked"), kind="percent.1"),
    )


def _notes(result: ActionListsResult) -> tuple[str, ...]:
    effect = say(
        "Effect: how many more of a hundred customers buy within {days:number} days when written to.", days=result.days
    )
    shows = gettext(
        "Smallest effect that would show: the difference from the control group that would be found four times out "
        "of five."
    )
    if not result.lists["uplift"].notna().any():
        return (effect, shows)
    value = gettext(
        "Expected value: contribution margin of the additional orders less rewards and costs; the control group is "
        "not written to. Without an assumption there is none."
    )
    return (effect, value, shows)
