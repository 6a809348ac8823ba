"""Tables of the report, one function an analysis: a Result goes in, a ``Table`` comes out.

Nothing is computed here but the change between two figures that stand side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.i18n.terms import kpi_name
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.data_quality import (
    quality_files,
    quality_gaps,
    quality_giants,
    quality_left_out,
    quality_merged,
    quality_pages,
    quality_problems,
    quality_rows,
)
from loyalty_lib.tables.groups import groups
from loyalty_lib.tables.model_check import models, origins, parameters
from loyalty_lib.tables.table import Cell, Column, Quantity, Table, frame_csv, write_csv

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.backtest import BacktestResult
    from loyalty_lib.analyses.cohorts import CohortResult
    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.analyses.pareto import ParetoResult
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import DataQuality

__all__ = [
    "Column", "Quantity", "Table",
    "backtest", "clv", "cohorts", "frame_csv", "groups", "kpis", "models", "origins", "parameters", "pareto", "quality",
    "quality_files", "quality_gaps", "quality_giants", "quality_left_out", "quality_merged", "quality_pages",
    "quality_problems", "quality_rows", "rfm", "write_csv",
]  # fmt: skip

LANDSCAPE_COLUMNS: Final = 27  # a cohort, its size and months 0 to 24 fit a landscape page
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


def rfm(result: RfmResult) -> Table:
    """Tabulate the segments, and the customers who bought earlier but not in the window."""
    columns = (
        Column(name="segment", label=gettext("Customer segment"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share_of_customers", label=gettext("Share of customers"), kind="percent.1"),
        Column(name="revenue", label=gettext("Net sales"), kind="money"),
        Column(name="share_of_revenue", label=gettext("Share of net sales"), kind="percent.1"),
        Column(name="mean_days_since_last_order", label=gettext("Days since last purchase, mean")),
        Column(name="mean_orders", label=gettext("Orders, mean"), kind="number.1"),
        Column(name="mean_revenue", label=gettext("Net sales per customer"), kind="money"),
    )
    segments = result.segments[[column.name for column in columns[1:]]]
    rows = tuple((segment_name(str(key)), *values) for key, *values in segments.itertuples(name=None))
    inactive = (segment_name("inactive"), result.inactive, *[None] * (len(columns) - 2))
    return Table(
        name="segments",
        title=say("Customers and net sales by segment, last {months:number} months", months=result.window_months),
        columns=columns,
        rows=(*rows, inactive),
        notes=(
            say(
                "{segment:text}: bought earlier, but not in the last {months:number} months; outside the shares.",
                segment=segment_name("inactive"),
                months=result.window_months,
            ),
        ),
    )


def pareto(result: ParetoResult) -> Table:
    """Tabulate how much of sales the largest customers bring."""
    columns = (
        Column(name="top", label=gettext("Largest customers"), kind="percent"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share_of_sales", label=gettext("Share of net sales"), kind="percent.1"),
    )
    return Table(
        name="top_shares",
        title=say(
            "Share of net sales by the largest customers, {start:date} to {end:date}",
            start=result.start,
            end=result.as_of,
        ),
        columns=columns,
        rows=tuple(result.top_shares[[column.name for column in columns]].itertuples(index=False, name=None)),
    )


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


def clv(value_by_segment: pd.DataFrame) -> Table:
    """Tabulate what the customers of each segment are expected to be worth."""
    everybody = value_by_segment.attrs.get("one_time_buyers", False)  # whether the model tells of them too
    alive = (
        gettext("Probability of being active") if everybody else gettext("Probability of being active, repeat buyers")
    )
    columns = (
        Column(name="segment", label=gettext("Customer segment"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="mean_probability_alive", label=alive, kind="percent"),
        Column(name="expected_purchases", label=gettext("Expected purchases")),
        Column(name="mean_clv", label=gettext("Lifetime value per customer"), kind="money"),
        Column(name="total_clv", label=gettext("Lifetime value"), kind="money"),
        Column(name="share_of_clv", label=gettext("Share of lifetime value"), kind="percent.1"),
    )
    segments = value_by_segment[[column.name for column in columns[1:]]]
    return Table(
        name="value_by_segment",
        title=gettext("Customer lifetime value by segment"),
        columns=columns,
        rows=tuple((segment_name(str(key)), *values) for key, *values in segments.itertuples(name=None)),
    )


def backtest(result: BacktestResult) -> Table:
    """Tabulate earlier forecasts against what customers then did."""
    columns = (
        Column(name="cutoff", label=gettext("Forecast made on"), kind="date"),
        Column(name="predicted", label=gettext("Purchases forecast")),
        Column(name="low", label=gettext("Low")),
        Column(name="high", label=gettext("High")),
        Column(name="actual", label=gettext("Actual purchases")),
        Column(name="relative_error", label=gettext("Forecast error"), kind="percent.1"),
    )
    origins = result.origins[[column.name for column in columns]]
    return Table(
        name="backtest",
        title=gettext("Check against actual outcome: forecasts made earlier from the data of that day"),
        columns=columns,
        rows=tuple(origins.itertuples(index=False, name=None)),
        notes=(
            gettext(
                "Low and high: the interval the model alone would give; the forecast’s own interval adds the errors "
                "seen here. Error: forecast less outcome, of the outcome."
            ),
        ),
    )


def quality(found: DataQuality) -> Table:
    """Tabulate what was read, and what was left out or merged."""
    rows: tuple[tuple[Cell, ...], ...] = (
        (gettext("Rows read"), Quantity(found.rows_read, "number")),
        (gettext("Rows used"), Quantity(found.rows_used, "number")),
        (gettext("Customers"), Quantity(found.customers, "number")),
        (gettext("Orders"), Quantity(found.orders, "number")),
        (gettext("Purchase days"), Quantity(found.purchase_days, "number")),
        (gettext("First day"), Quantity(found.first_day, "date")),
        (gettext("Last day"), Quantity(found.last_day, "date")),
        (gettext("Rows without a customer"), Quantity(found.rows_without_customer, "number")),
        (gettext("Net sales without a customer"), Quantity(found.amount_without_customer, "money")),
        (gettext("Rows that are refunds"), Quantity(found.refund_rows, "number")),
        (gettext("Amount refunded"), Quantity(found.refund_amount, "money")),
        (gettext("Orders with an amount of zero"), Quantity(found.zero_rows, "number")),
        (gettext("Orders merged with another on the same day"), Quantity(found.same_day_merged, "number")),
        (gettext("Rows of customers on the drop-list"), Quantity(found.dropped_rows, "number")),
    )
    return Table(
        name="data_quality",
        title=gettext("What was read, left out and merged"),
        columns=(
            Column(name="item", label=gettext("Data quality"), kind="text"),
            Column(name="value", label=gettext("Count or amount"), kind="mixed"),
        ),
        rows=rows,
    )
