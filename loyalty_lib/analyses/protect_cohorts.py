"""Hide small cohorts, small cells, and revenue that few customers or one made.

The average of each k gives the sum of its column away, so a hidden cell there needs a second.  The revenue of a period
is the difference of two cells, so a cell is hidden where few customers moved money since the last one shown, or one
most of it; and what is told of the period itself shows only where both cells do.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import pandas as pd

from loyalty_lib.analyses.cohorts import EVIDENCE, CohortResult
from loyalty_lib.analyses.cohorts_groups import LEFT_OUT
from loyalty_lib.analyses.cohorts_tables import average_table, wide
from loyalty_lib.analyses.protect_cohorts_groups import protect_groups, without_is_small
from loyalty_lib.analyses.suppression import MISSING, hide, small, went_missing
from loyalty_lib.i18n import Message

RATES: Final = ["retention", "low", "high"]
SO_FAR: Final = ["cumulative_revenue", "returning_revenue"]
OF_PERIOD: Final = ["order_value", "revenue_retention"]
LONGER: Final = {"week": (), "month": (3, 6, 12), "quarter": (6, 12)}  # months of the periods that cohorts add up to
TABLES: Final = ("sizes", "active", "retention", *SO_FAR, *OF_PERIOD, "average")


def protect_cohorts(result: CohortResult, minimum: int, dominance: float) -> CohortResult:
    """Leave small cohorts out altogether, averages and groups included; then judge the cells of the others."""
    if result.cells["movers"].isna().all():
        return result
    cells = result.cells.astype(float)
    few = _few(result.sizes, result.grain, minimum)
    tiny = pd.Series(few.reindex(cells.index.get_level_values("cohort")).to_numpy(), index=cells.index)
    tiny |= cells["customers"].isna()
    average = average_table(result.cells[~tiny]).astype(float).reindex(result.average.index)
    hidden = tiny.copy()
    so_far = tiny | _unsafe(cells, minimum, dominance)
    before = so_far.groupby(level="cohort").shift(fill_value=False)
    of_period = so_far | before
    groups, gives_away = protect_groups(result.group_cells, ~tiny.groupby(level="cohort").any(), minimum)
    for k, column in cells[~tiny].groupby(level="k"):
        chosen, safe = hide(column["buyers"], minimum)
        hidden.loc[column.index] = chosen
        if not safe or k in gives_away:
            average.loc[k, RATES] = MISSING
        if not _sum_is_safe(column, so_far[column.index], "largest", minimum, dominance):
            average.loc[k, "cumulative_revenue"] = MISSING
        if not _sum_is_safe(column, of_period[column.index], "largest_now", minimum, dominance):
            average.loc[k, OF_PERIOD] = MISSING
    shown = cells.copy()
    shown.loc[tiny, "customers"] = MISSING
    shown.loc[hidden, ["buyers", "retention"]] = MISSING
    shown.loc[so_far, SO_FAR] = MISSING
    shown.loc[of_period | hidden, OF_PERIOD] = MISSING
    shown[list(EVIDENCE)] = MISSING  # by which a second call sees that there is nothing left to do
    protected = dataclasses.replace(
        result,
        sizes=result.sizes.astype(float).mask(few),
        active=wide(shown, "buyers"),
        retention=wide(shown, "retention"),
        cumulative_revenue=wide(shown, "cumulative_revenue"),
        returning_revenue=wide(shown, "returning_revenue"),
        order_value=wide(shown, "order_value"),
        revenue_retention=wide(shown, "revenue_retention"),
        average=average,
        groups=groups,
        group_cells=result.group_cells.iloc[:0],
        cells=shown,
        caveats=_caveats(result, minimum),
    )
    count = sum(went_missing(getattr(protected, name), getattr(result, name)) for name in TABLES)
    # Without the small cohorts a group can have fewer rows: those that went are hidden too.
    count += int(result.groups.notna().sum().sum() - groups.notna().sum().sum())
    return dataclasses.replace(protected, suppressed=result.suppressed + count)


def _few(sizes: pd.Series, grain: str, minimum: int) -> pd.Series:
    """Find the cohorts to leave out: small ones, and what would give them away.

    The key figures print how many new customers a quarter, half-year or year had: the sum of its cohorts.
    """
    few = pd.Series(small(sizes, minimum), index=sizes.index)
    days = pd.DatetimeIndex(sizes.index)
    before = -1.0
    while few.sum() != before:  # what one sum takes may stand alone in another
        before = float(few.sum())
        for months in LONGER[grain]:
            for _, own in sizes.groupby([days.year, (days.month - 1) // months]):
                few[own.index] = hide(own, minimum, also=few[own.index])[0]
    return few


def _unsafe(cells: pd.DataFrame, minimum: int, dominance: float) -> pd.Series:
    """Find the cells of revenue so far that must not show.

    Where fewer than ``minimum`` customers moved money since the last cell shown, but not none, or one of them most of
    it; and where one customer has most of all so far.  Net of refunds a total can be zero or less while one
    customer's is above it: dominated too.
    """
    unsafe = cells["largest_now"] > (dominance * cells["sales"]).clip(lower=0)
    for movers in ("movers", "repeat_movers"):
        unsafe |= small(cells[movers], minimum)
    carried = unsafe.astype(float).where(cells["movers"] > 0).groupby(level="cohort").ffill().fillna(0.0) > 0
    for revenue, largest in (("cumulative_revenue", "largest"), ("returning_revenue", "largest_repeat")):
        carried |= cells[largest] > (dominance * cells[revenue] * cells["customers"]).clip(lower=0)
    return carried


def _sum_is_safe(column: pd.DataFrame, hidden: pd.Series, largest: str, minimum: int, dominance: float) -> bool:
    """Judge whether the hidden cells of one k may be known in sum, as an average and the cells shown tell it."""
    chosen, safe = hide(column["movers"], minimum, also=hidden)
    unsafe_counts = not safe or bool((chosen & ~hidden.to_numpy()).any())
    together = column["sales" if largest == "largest_now" else "cumulative_revenue"]
    if largest == "largest":
        together = together * column["customers"]
    one = column.loc[hidden, largest].max() if hidden.any() else 0.0
    return not unsafe_counts and not one > max(dominance * together[hidden].sum(), 0.0)


def _caveats(result: CohortResult, minimum: int) -> tuple[str, ...]:
    """Leave out the share of those without a group where they are few."""
    if not without_is_small(result.group_cells, minimum):
        return result.caveats
    return tuple(text for text in result.caveats if not (isinstance(text, Message) and text.msgid in LEFT_OUT.values()))
