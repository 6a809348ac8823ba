"""The tables of the forecast: value by segment, and earlier forecasts against the actual outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.backtest import BacktestResult


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
