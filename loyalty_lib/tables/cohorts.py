"""The table of cohorts.  A CohortResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.cohorts import CohortResult

LANDSCAPE_COLUMNS: Final = 27  # a cohort, its size and months 0 to 24 fit a landscape page
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
