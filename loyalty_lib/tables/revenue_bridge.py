"""The table of the bridge of net sales.  A RevenueBridgeResult goes in; nothing is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.analyses.revenue_bridge import DRIVERS, FLOWS
from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.tables.table import Cell, Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.revenue_bridge import RevenueBridgeResult


def revenue_bridge(result: RevenueBridgeResult) -> Table:
    """Tabulate what the change in net sales is made of, both comparisons side by side."""
    shown = result.totals[result.totals["observed"]]
    columns = [Column(name="part", label=gettext("Part of the change in net sales"), kind="text")]
    for against, start, end in shown[["start", "end"]].itertuples(name=None):
        name = period_name(result.period.kind, start.date(), end.date())
        columns += [
            Column(name=f"amount_{against}", label=say("Against {period:text}", period=name), kind="money"),
            Column(name=f"customers_{against}", label=gettext("Customers")),
        ]
    names = [str(against) for against in shown.index]
    drivers = result.drivers.set_index(["against", "driver"])
    flow = result.flow.set_index(["against", "flow"])
    rows: list[tuple[Cell, ...]] = []
    if names:
        rows += [(gettext(label), *_cells(drivers, names, key, "part")) for key, label in DRIVERS.items()]
        rows += [(gettext(label), *_cells(flow, names, key, "amount")) for key, label in FLOWS.items()]
        changes = [cell for change in shown["change"].to_list() for cell in (change, None)]
        rows.append((gettext("Change in net sales"), *changes))
    return Table(
        name="revenue_bridge",
        title=gettext("What the change in net sales is made of: by driver, and by customer"),
        columns=tuple(columns),
        rows=tuple(rows),
        apart=frozenset(range(len(rows))),  # they are sums from top to bottom
        notes=(
            gettext(
                "The first three rows add up to the change in net sales, and so do the six after them. Reactivated: "
                "bought before, but not in the period compared with, though perhaps since. Lapsed: bought in the "
                "period compared with, not in this one."
            ),
        ),
    )


def _cells(table: pd.DataFrame, names: list[str], key: str, amount: str) -> list[Cell]:
    """Return amount and customers of one row in every comparison; drivers have no customers of their own."""
    cells: list[Cell] = []
    for row in table.loc[[(against, key) for against in names]].to_dict("records"):
        cells += [row[amount], row.get("customers")]
    return cells
