"""What ``metrics.json`` holds of the key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: KpiResult, _inputs: Inputs) -> Metrics:
    """Return every key figure with its changes, and the last periods."""
    figures = result.figures.assign(
        change_previous=_change(result.figures, "previous"), change_year_ago=_change(result.figures, "year_ago")
    )
    return {"figures": keyed(figures), "trend": rows(result.trend.assign(kind=result.period.kind))}


def _change(figures: pd.DataFrame, against: str) -> pd.Series:
    """Relative change of counts and money; difference in percentage points (as a ratio) of ratios."""
    difference = figures["value"] - figures[against]
    base = figures[against].abs()
    return difference.where(figures["unit"] == "ratio", difference / base.where(base > 0))
