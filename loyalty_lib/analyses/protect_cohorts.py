"""Hide small cohorts, small cells, and revenue that few customers or one made.

The average of each k gives the sum of its column away, so a hidden cell there needs a second.  The revenue of a period
is the difference of two cells, so a cell is hidden where few customers moved money since the last one shown.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import pandas as pd

from loyalty_lib.analyses.cohorts import EVIDENCE, CohortResult, average_table, wide
from loyalty_lib.analyses.suppression import MISSING, hide, small, went_missing

TABLES: Final = ("sizes", "active", "retention", "cumulative_revenue", "returning_revenue", "average")


def protect_cohorts(result: CohortResult, minimum: int, dominance: float) -> CohortResult:
    """Leave small cohorts out altogether, averages included; then judge the cells of the others."""
    if result.cells["movers"].isna().all():
        return result
    cells = result.cells.astype(float)
    tiny = small(cells["customers"], minimum) | cells["customers"].isna().to_numpy()
    average = average_table(result.cells[~tiny]).astype(float).reindex(result.average.index)
    hidden = pd.Series(tiny, index=cells.index)
    for k, column in cells[~tiny].groupby(level="k"):
        chosen, safe = hide(column["buyers"], minimum)
        hidden.loc[column.index] = chosen
        if not safe:
            average.loc[k, ["retention", "low", "high"]] = MISSING
    money = _few_movers(cells["movers"], minimum) | _few_movers(cells["repeat_movers"], minimum)
    for revenue, largest in (("cumulative_revenue", "largest"), ("returning_revenue", "largest_repeat")):
        # Net of refunds a total can be zero or less while one customer's is above it: dominated too.
        money |= cells[largest] > (dominance * cells[revenue] * cells["customers"]).clip(lower=0)
    shown = cells.copy()
    shown.loc[tiny, "customers"] = MISSING
    shown.loc[hidden, ["buyers", "retention"]] = MISSING
    shown.loc[money | tiny, ["cumulative_revenue", "returning_revenue"]] = MISSING
    shown[list(EVIDENCE)] = MISSING  # by which a second call sees that there is nothing left to do
    sizes = result.sizes.astype(float).mask(small(result.sizes, minimum))
    protected = dataclasses.replace(
        result,
        sizes=sizes,
        active=wide(shown, "buyers"),
        retention=wide(shown, "retention"),
        cumulative_revenue=wide(shown, "cumulative_revenue"),
        returning_revenue=wide(shown, "returning_revenue"),
        average=average,
        cells=shown,
    )
    count = sum(went_missing(getattr(protected, name), getattr(result, name)) for name in TABLES)
    return dataclasses.replace(protected, suppressed=result.suppressed + count)


def _few_movers(movers: pd.Series, minimum: int) -> pd.Series:
    """Find the cells where fewer than ``minimum`` customers moved money since the last cell shown, but not none."""
    few = pd.Series(small(movers, minimum), index=movers.index).astype(float)
    return few.where(movers > 0).groupby(level="cohort").ffill().fillna(0.0) > 0
