"""What ``metrics.json`` holds of the key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.analyses.gaps import USUAL
from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.engagement import EngagementResult
    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: KpiResult, _inputs: Inputs) -> Metrics:
    """Return every key figure with its changes, the last periods, the usual gap and the recipe of the index."""
    figures = result.figures.assign(
        change_previous=_change(result.figures, "previous"), change_year_ago=_change(result.figures, "year_ago")
    )
    gaps = result.gaps
    return {
        "figures": keyed(figures),
        "trend": rows(result.trend.assign(kind=result.period.kind)),
        "gaps": {"share": USUAL, "p80": gaps.p80, "median": gaps.median, "gaps": gaps.gaps, "ended": gaps.ended},
        "engagement": None if result.engagement is None else _recipe(result.engagement),
    }


def _recipe(engagement: EngagementResult) -> Metrics:
    components = engagement.components[["weight", "low", "high"]].rename_axis("name").reset_index()
    return {"window_months": engagement.window_months, "components": rows(components)}


def _change(figures: pd.DataFrame, against: str) -> pd.Series:
    """Relative change of counts and money; difference in percentage points (as a ratio) of ratios."""
    difference = figures["value"] - figures[against]
    base = figures[against].abs()
    return difference.where(figures["unit"] == "ratio", difference / base.where(base > 0))
