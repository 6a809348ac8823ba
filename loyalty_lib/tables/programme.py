"""The tables of the loyalty programme.  A ProgrammeResult goes in; nothing is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.analyses.programme import NO_TIER, SIDES
from loyalty_lib.i18n import gettext, say
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.programme import ProgrammeResult


def programme(result: ProgrammeResult) -> Table:
    """Tabulate the tiers: who is in them, what they buy for, what they cost, who is just below."""
    columns = (
        Column(name="tier", label=gettext("Tier"), kind="text"),
        Column(name="threshold", label=gettext("From spend of"), kind="money"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="sales", label=gettext("Net sales"), kind="money"),
        Column(name="share_of_sales", label=gettext("Share of net sales"), kind="percent.1"),
        Column(name="cost", label=gettext("Cost of rewards"), kind="money"),
        Column(name="near_customers", label=gettext("Customers just below")),
        Column(name="near_missing", label=gettext("They still miss"), kind="money"),
    )
    shown = result.tiers.assign(tier=result.tiers["tier"].mask(result.tiers["tier"] == "", gettext(NO_TIER)))
    return Table(
        name="programme",
        title=say(
            "Customers by the tier their net spend reaches, {start:date} to {end:date}",
            start=result.start,
            end=result.as_of,
        ),
        columns=columns,
        rows=_rows(shown, columns),
        notes=(
            say(
                "Every customer counts, member or not, and the reward is on all of a customer’s net spend in these 12 "
                "months. Just below: at most {near:percent} of the threshold still to spend.",
                near=result.near,
            ),
        ),
    )


def programme_members(result: ProgrammeResult) -> Table:
    """Tabulate members beside other customers."""
    columns = (
        Column(name="side", label=gettext("Customers who bought"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share_of_customers", label=gettext("Share of customers"), kind="percent.1"),
        Column(name="orders_per_customer", label=gettext("Orders per customer"), kind="number.2"),
        Column(name="average_order_value", label=gettext("Average order value"), kind="money"),
        Column(name="sales_per_customer", label=gettext("Sales per customer"), kind="money"),
        Column(name="retention_rate", label=gettext("Retention rate"), kind="percent.1"),
    )
    shown = result.members.assign(side=[gettext(SIDES[side]) for side in result.members.index])
    return Table(
        name="programme_members",
        title=say(
            "Members of the programme and other customers, {start:date} to {end:date}",
            start=result.start,
            end=result.as_of,
        ),
        columns=columns,
        rows=_rows(shown, columns) if len(shown) else (),
        notes=(gettext("Retention rate: of those who bought in the 12 months before, the share who bought again."),),
    )


def _rows(table: pd.DataFrame, columns: tuple[Column, ...]) -> tuple[tuple[str | float, ...], ...]:
    return tuple(table[[column.name for column in columns]].itertuples(index=False, name=None))
