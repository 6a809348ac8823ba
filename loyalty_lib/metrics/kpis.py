"""What ``metrics.json`` holds of the key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from loyalty_lib.analyses.gaps import USUAL
from loyalty_lib.analyses.kpi_change import AGAINST, ORDERS_PER_CUSTOMER
from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.engagement import EngagementResult
    from loyalty_lib.analyses.kpis import KpiResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics


def section(result: KpiResult, _inputs: Inputs) -> Metrics:
    """Return every key figure with its changes and their intervals, the last periods, the usual gap, and the recipe."""
    figures = result.figures.join(_changes(result.changes))
    gaps = result.gaps
    return {
        "figures": keyed(figures),
        "orders_per_customer": _changes(result.changes).loc[ORDERS_PER_CUSTOMER].to_dict(),
        "trend": rows(result.trend.assign(kind=result.period.kind)),
        "gaps": {"share": USUAL, "p80": gaps.p80, "median": gaps.median, "gaps": gaps.gaps, "ended": gaps.ended},
        "engagement": None if result.engagement is None else _recipe(result.engagement),
    }


def _recipe(engagement: EngagementResult) -> Metrics:
    components = engagement.components[["weight", "low", "high"]].rename_axis("name").reset_index()
    return {"window_months": engagement.window_months, "components": rows(components)}


def _changes(changes: pd.DataFrame) -> pd.DataFrame:
    """Lay the changes out by key: ``change_previous``, its bounds, ``clear_previous``, and those of ``year_ago``."""
    wide = {}
    for against in AGAINST:
        rows = changes.xs(against, level="against")
        wide[f"change_{against}"] = rows["change"]
        wide[f"change_{against}_low"] = rows["low"]
        wide[f"change_{against}_high"] = rows["high"]
        wide[f"clear_{against}"] = rows["clear"].astype(object).where(rows["clear"].notna(), None)
    return pd.DataFrame(wide)
