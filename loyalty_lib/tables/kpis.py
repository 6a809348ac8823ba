"""The table of key figures.  A KpiResult goes in; nothing is computed but the change between two figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.i18n.terms import kpi_name
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

_KPI_DECIMALS: Final = {"purchase_frequency": ".2"}


def kpis(result: KpiResult) -> Table:
    """Tabulate every key figure, its change on the previous period and on the same period last year."""

    def named(period: Period) -> str:
        return period_name(period.kind, period.start, period.end)

    figures = result.figures
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
        name="key_figures",
        title=gettext("Key figures against the previous period and the same period last year"),
        columns=columns,
        rows=rows,
        notes=(gettext("pp: percentage points."),),
    )


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
