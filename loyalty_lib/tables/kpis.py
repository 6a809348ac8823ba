"""The table of key figures.  A KpiResult goes in; nothing is computed but the change between two figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    return _table("more_key_figures", title, result, keys, lookup=False)


def kpis(result: KpiResult) -> Table:
    """Tabulate every key figure given, its change on the previous period and on the same period last year."""
    title = gettext("Key figures against the previous period and the same period last year")
    return _table("key_figures", title, result, list(result.figures.index), lookup=True)


def _table(name: str, title: str, result: KpiResult, keys: list[str], *, lookup: bool) -> Table:
    def named(period: Period) -> str:
        return period_name(period.kind, period.start, period.end)

    figures = result.figures.loc[keys]
    columns = (
        Column(name="figure", label=gettext("Key figure"), kind="text"),
        Column(name="value", label=named(result.period), kind="mixed"),
        Column(name="previous", label=named(result.period.previous), kind="mixed"),
        Column(name="change_previous", label=gettext("Change"), kind="mixed"),
        Column(name="year_ago", label=named(result.period.year_ago), kind="mixed"),
        Column(name="change_year_ago", label=gettext("Change"), kind="mixed"),
    )
    rows = tuple(
        _kpi_row(str(key), *values)
        for key, *values in figures[["unit", "value", "previous", "year_ago"]].itertuples(name=None)
    )
    return Table(
        name=name,
        title=title,
        columns=columns,
        rows=rows,
        notes=(gettext("pp: percentage points."), *([] if lookup else _notes(result))),
        lookup=lookup,
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
    if "engagement_index" in result.figures.index and result.engagement is not None:
        recipe = result.engagement.components.rename_axis("name").reset_index().to_dict("records")
        notes.append(engagement_recipe(recipe, result.engagement.window_months))
    return tuple(notes)


def _kpi_row(key: str, unit: str, now: float, before: float, year_ago: float) -> tuple[Cell, ...]:
    kind = _KPI_KINDS[unit] + _KPI_DECIMALS.get(key, "")
    return (
        kpi_name(key),
        Quantity(now, kind),
        Quantity(before, kind),
        _change(now, before, unit),
        Quantity(year_ago, kind),
        _change(now, year_ago, unit),
    )


def _change(now: float, before: float, unit: str) -> Quantity:
    if unit == "ratio":
        return Quantity(now - before, "points")
    return Quantity((now - before) / abs(before) if before else None, "signed_percent.1")
