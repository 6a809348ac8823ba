"""The table of key figures.  A KpiResult goes in; nothing is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.analyses.kpi_change import AGAINST
from loyalty_lib.i18n import gettext, say_many
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.i18n.terms import engagement_recipe, kpi_name
from loyalty_lib.tables.table import Cell, Column, Quantity, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.periods import Period

_KPI_KINDS: Final = {
    "customers": "number",
    "orders": "number",
    "ratio": "percent.1",
    "money": "money",
    "number": "number",
}

_KPI_DECIMALS: Final = {"purchase_frequency": ".2", "one_to_several": ".2", "engagement_index": ".1"}


# The figures of the page that no card shows; all of them stand in the detailed table.
MAIN: Final = (
    "reactivated_customers",
    "lapsed_customers",
    "silent_rate",
    "net_revenue_retention",
    "upsell_ratio",
    "engagement_index",
)


def kpis_main(result: KpiResult) -> Table:
    """Tabulate the figures of the page that no card shows."""
    keys = [key for key in MAIN if key in result.figures.index]
    title = gettext("More key figures against the previous period and the same period last year")
    return _table("more_key_figures", title, result, keys, whole=False)


def kpis(result: KpiResult) -> Table:
    """Tabulate every key figure given, its changes on the previous period and on a year ago, and their intervals."""
    title = gettext("Key figures against the previous period and the same period last year")
    return _table("key_figures", title, result, list(result.figures.index), whole=True)


def _table(name: str, title: str, result: KpiResult, keys: list[str], *, whole: bool) -> Table:
    """Lay the figures out; the whole table is there to look things up in, and gives the intervals of the changes."""

    def named(period: Period) -> str:
        return period_name(period.kind, period.start, period.end)

    columns = [
        Column(name="figure", label=gettext("Key figure"), kind="text"),
        Column(name="value", label=named(result.period), kind="mixed"),
    ]
    for against, period in (("previous", result.period.previous), ("year_ago", result.period.year_ago)):
        columns.append(Column(name=against, label=named(period), kind="mixed"))
        columns.append(Column(name=f"change_{against}", label=gettext("Change"), kind="mixed"))
        if whole:
            columns.append(Column(name=f"change_{against}_low", label=gettext("Interval from"), kind="percent.1"))
            columns.append(Column(name=f"change_{against}_high", label=gettext("Interval to"), kind="percent.1"))
    notes = [gettext("pp: percentage points.")]
    if whole:
        notes.append(gettext("Interval: of the change, 95%. Where it holds zero, there is no clear change."))
    return Table(
        name=name,
        title=title,
        columns=tuple(columns),
        rows=tuple(_row(result, key, whole=whole) for key in keys),
        notes=(*notes, *(_recipe(result) if whole else _notes(result))),
        lookup=whole,
    )


def _notes(result: KpiResult) -> tuple[str, ...]:
    """Say what the figures are that depend on the shop's own data or settings."""
    notes = []
    if "silent_rate" in result.figures.index:
        notes.append(
            say_many(
                "Silent customers: no purchase for more than {count:number} day, of all customers so far.",
                "Silent customers: no purchase for more than {count:number} days, of all customers so far.",
                result.gaps.p80,
            )
        )
    if "upsell_ratio" in result.figures.index:
        notes.append(
            gettext("Upsell ratio: customers who bought from two categories or more, of those whose category is known.")
        )
    return tuple(notes)


def _recipe(result: KpiResult) -> tuple[str, ...]:
    """Say what the engagement index is made of, where there is one."""
    if "engagement_index" not in result.figures.index or result.engagement is None:
        return ()
    recipe = result.engagement.components.rename_axis("name").reset_index().to_dict("records")
    return (engagement_recipe(recipe, result.engagement.window_months),)


def _row(result: KpiResult, key: str, *, whole: bool) -> tuple[Cell, ...]:
    figure: Any = result.figures.loc[key]
    unit = str(figure["unit"])
    kind = _KPI_KINDS[unit] + _KPI_DECIMALS.get(key, "")
    change = "points" if unit == "ratio" else "signed_percent.1"
    cells: list[Cell] = [kpi_name(key), Quantity(figure["value"], kind)]
    for against in AGAINST:
        found: Any = result.changes.loc[(key, against)]
        cells += [Quantity(figure[against], kind), Quantity(found["change"], change)]
        if whole:
            cells += [found["low"], found["high"]]
    return tuple(cells)
