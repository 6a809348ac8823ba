"""The table of the cost of keeping customers.  A RetentionCostResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, say_many
from loyalty_lib.tables.table import Column, Quantity, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.retention_cost import RetentionCostResult


def retention_cost(result: RetentionCostResult) -> Table:
    """Tabulate cost, customers kept, cost per customer kept and lifetime value; no rows without a cost."""
    columns = (
        Column(name="figure", label=gettext("Key figure"), kind="text"),
        Column(name="value", label=gettext("Value"), kind="mixed"),
    )
    rows = [
        (gettext("Cost of keeping customers"), Quantity(result.cost, "money")),
        (gettext("Returning customers"), Quantity(result.retained_customers, "number")),
        (gettext("Cost per retained customer"), Quantity(result.cost_per_retained, "money")),
    ]
    notes = [
        gettext("Returning customers bought in the previous period and in this one; the cost is the client’s own.")
    ]
    if result.horizon_months > 0:
        rows += [
            (
                say_many(
                    "Customer lifetime value, mean, {count:number} month",
                    "Customer lifetime value, mean, {count:number} months",
                    result.horizon_months,
                ),
                Quantity(result.mean_clv, "money"),
            ),
            (gettext("Lifetime value over cost per retained customer"), Quantity(result.clv_to_cost, "number.1")),
        ]
        notes.append(
            gettext(
                "Lifetime value: mean over all customers, lapsed ones included, from the end of the period on; the "
                "cost is that of the period alone."
            )
        )
    return Table(
        name="retention_cost",
        title=gettext("Cost of keeping customers, beside what they are expected to bring"),
        columns=columns,
        rows=tuple(rows) if result.available else (),
        notes=tuple(notes),
    )
