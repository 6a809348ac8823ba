"""The table of groups of customers by their first order; takes the appendix's Groups and computes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark
from loyalty_lib.i18n.words import group_name
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.appendix import Groups

HEADINGS: Final = {
    "channel": mark("Channel of the first order"),
    "category": mark("Category of the first order"),
    "country": mark("Country of the first order"),
    "": mark("Group"),
}
LEAVING: Final = {
    "probability_of_leaving": (mark("Probability of leaving after a purchase"), "percent.1"),
    "median_lifetime": (mark("Median time until leaving, years"), "number.1"),
}


def groups(found: Groups) -> Table:
    """Tabulate how the groups buy, with intervals."""
    leaving = [
        Column(name=name, label=gettext(label), kind=kind)
        for name, (label, kind) in LEAVING.items()
        if name in found.table.columns
    ]
    columns = (
        Column(name="group", label=gettext(HEADINGS[found.by]), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="purchases_per_year", label=gettext("Purchases a year while active"), kind="number.1"),
        *leaving,
        Column(name="expected_purchases", label=gettext("Expected of a new customer in a year"), kind="number.2"),
        Column(name="expected_purchases_low", label=gettext("Low"), kind="number.2"),
        Column(name="expected_purchases_high", label=gettext("High"), kind="number.2"),
    )
    table = found.table.reindex(columns=[column.name for column in columns[1:]])
    return Table(
        name="groups",
        title=gettext("Groups of customers by their first order, in one model of purchases"),
        columns=columns,
        rows=tuple((group_name(str(name)), *values) for name, *values in table.itertuples(name=None)),
        notes=(gettext("Low and high: 95% interval of the purchases expected of a new customer."),),
    )
