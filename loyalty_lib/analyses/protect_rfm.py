"""Hide small segments and small cells of the R x F grid, so that neither table gives the other away.

Where segments are unions of grid cells, a segment is the printed total of its cells: a cell hidden in the grid needs a
second in its segment, and the cells of a hidden segment are hidden with it.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small, went_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.analyses.rfm import RfmResult

REVENUE: Final = ("revenue", "share_of_revenue", "mean_revenue")


def protect_rfm(result: RfmResult, minimum: int, dominance: float) -> RfmResult:
    """Return ``result`` with small segments and cells hidden; ``protect`` says the rest."""
    groups = result.customers.groupby("segment")
    counts = np.asarray(groups.size().reindex(result.segments.index, fill_value=0), dtype=float)
    owner = _owners(result)
    index = pd.MultiIndex.from_frame(result.grid[["r", "f"]])
    cell_counts = np.asarray(result.customers.groupby(["r", "f"]).size().reindex(index, fill_value=0), dtype=float)
    hidden, cell_hidden = _choose(counts, cell_counts, owner, minimum)
    moved = result.customers["revenue"].abs().groupby([result.customers["r"], result.customers["f"]])
    heavy = np.asarray((moved.max() / moved.sum()).reindex(index), dtype=float) > dominance
    money = hide_money(hidden, result.largest_share.to_numpy(dtype=float) > dominance, counts)
    cell_money = _choose_money(money, cell_hidden, heavy, cell_counts, owner)
    segments = result.segments.astype(float)
    segments.loc[hidden] = MISSING
    segments.loc[money, list(REVENUE)] = MISSING
    grid = result.grid.astype({"customers": float, "revenue": float})
    grid.loc[cell_hidden, "customers"] = MISSING
    grid.loc[cell_money, "revenue"] = MISSING
    inactive = None if small(result.inactive or 0, minimum) else result.inactive
    count = went_missing(segments, result.segments) + went_missing(grid, result.grid)
    count += inactive is not result.inactive
    return dataclasses.replace(
        result, segments=segments, grid=grid, inactive=inactive, suppressed=result.suppressed + count
    )


def _owners(result: RfmResult) -> NDArray[np.int64]:
    """Say which segment each grid cell belongs to, by its position; -1 where the scheme divides cells by M."""
    return np.asarray(result.segments.index.get_indexer(pd.Index(result.grid["segment"])), dtype=np.int64)


def _choose(
    counts: NDArray[np.float64], cell_counts: NDArray[np.float64], owner: NDArray[np.int64], minimum: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose segments and cells; a segment whose cells cannot be hidden from its total is hidden itself."""
    forced = np.zeros(len(counts), dtype=bool)
    while True:
        hidden, _safe = hide(counts, minimum, also=forced)
        cell_hidden = np.zeros(len(cell_counts), dtype=bool)
        for segment in np.unique(owner):
            own = owner == segment
            if segment >= 0 and hidden[segment]:
                cell_hidden[own] = cell_counts[own] > 0
                continue
            cell_hidden[own], safe = hide(cell_counts[own], minimum)
            if segment >= 0 and not safe:
                forced[segment] = True
        if (forced <= hidden).all():
            return hidden, cell_hidden


def _choose_money(
    money: NDArray[np.bool_],
    cell_hidden: NDArray[np.bool_],
    heavy: NDArray[np.bool_],
    cell_counts: NDArray[np.float64],
    owner: NDArray[np.int64],
) -> NDArray[np.bool_]:
    """Choose the cells whose revenue to hide: those of a segment whose revenue is hidden all of them."""
    chosen = np.zeros(len(cell_counts), dtype=bool)
    for segment in np.unique(owner):
        own = owner == segment
        if segment >= 0 and money[segment]:
            chosen[own] = cell_counts[own] > 0
        else:
            chosen[own] = hide_money(cell_hidden[own], heavy[own], cell_counts[own])
    return chosen
