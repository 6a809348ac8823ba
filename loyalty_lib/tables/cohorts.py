"""The tables of cohorts: retention one by one, averages over all, and groups.  A CohortResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.i18n.words import group_name
from loyalty_lib.tables.groups import HEADINGS
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.cohorts import CohortResult

LANDSCAPE_COLUMNS: Final = 27  # a cohort, its size and months 0 to 24 fit a landscape page
GROUP_PERIODS: Final = (1, 2, 3, 6, 12)  # of which a table of groups tells
_PERIODS: Final = {"week": mark("Week"), "month": mark("Month"), "quarter": mark("Quarter")}
_AFTER: Final = {
    "week": mark("Week {k:number}"),
    "month": mark("Month {k:number}"),
    "quarter": mark("Quarter {k:number}"),
}
_COHORT_TITLES: Final = {
    "week": mark("Share of each cohort that bought, by weeks since the first purchase (%)"),
    "month": mark("Share of each cohort that bought, by months since the first purchase (%)"),
    "quarter": mark("Share of each cohort that bought, by quarters since the first purchase (%)"),
}


def cohorts(result: CohortResult) -> Table:
    """Tabulate retention cohort by cohort; wide, so it goes on a landscape page."""
    retention = result.retention.iloc[:, : LANDSCAPE_COLUMNS - 2]
    columns = (
        Column(name="cohort", label=gettext("Cohort"), kind="month" if result.grain == "month" else "date"),
        Column(name="customers", label=gettext("Customers")),
        *(Column(name=f"period_{k}", label=str(k), kind="share") for k in retention.columns),
    )
    rows = tuple(
        (cohort, size, *shares)
        for (cohort, *shares), size in zip(retention.itertuples(name=None), result.sizes, strict=True)
    )
    return Table(
        name="cohort_retention",
        title=gettext(_COHORT_TITLES[result.grain]),
        columns=columns,
        rows=rows,
        notes=(gettext("–: not complete at the as-of date, or too few customers to show."),),
    )


def cohort_averages(result: CohortResult) -> Table:
    """Tabulate the averages over all cohorts by period since the first purchase."""
    columns = (
        Column(name="k", label=gettext(_PERIODS[result.grain])),
        Column(name="cohorts", label=gettext("Cohorts")),
        Column(name="customers", label=gettext("Customers")),
        Column(name="retention", label=gettext("Retention"), kind="percent.1"),
        Column(name="low", label=gettext("Low"), kind="percent.1"),
        Column(name="high", label=gettext("High"), kind="percent.1"),
        Column(name="order_value", label=gettext("Average order value"), kind="money"),
        Column(name="revenue_retention", label=gettext("Net revenue retention"), kind="percent.1"),
        Column(name="cumulative_revenue", label=gettext("Net sales so far per customer"), kind="money"),
    )
    return Table(
        name="cohort_averages",
        lookup=True,
        title=gettext("Averages over all cohorts by time since the first purchase"),
        columns=columns,
        rows=tuple(result.average[[column.name for column in columns[1:]]].itertuples(name=None)),
        notes=(
            gettext("Low and high: 95% interval of the retention."),
            gettext("Net revenue retention: net sales of the period by those of the period of the first purchase."),
        ),
    )


def cohort_groups(result: CohortResult) -> Table:
    """Tabulate retention by group of the first order at the first periods; no row where there are no groups."""
    first = result.groups[result.groups["k"] == 0].set_index("group")
    rates = result.groups.pivot(index="group", columns="k", values="retention")
    shown = [k for k in GROUP_PERIODS if k in rates.columns]
    table = first[["customers"]].join(rates[shown])
    heading = gettext(HEADINGS[result.by]) if result.by else ""
    columns = (
        Column(name="group", label=heading, kind="text"),
        Column(name="customers", label=gettext("Customers")),
        *(Column(name=f"period_{k}", label=say(_AFTER[result.grain], k=k), kind="percent.1") for k in shown),
    )
    return Table(
        name="cohort_groups",
        title=gettext("Share of customers that bought, by group of the first order and time since, all cohorts"),
        columns=columns,
        rows=tuple((group_name(str(name)), *cells) for name, *cells in table.itertuples(name=None)),
    )
