"""Hide small segments, small cells of the R x F grid and small flows, so that no table gives another away.

Segments and cells that share customers make a block: one segment and its cells, or several segments where the scheme
divides cells by M.  Both tables print a block's total: a cell hidden in the grid needs a second in its block, and so
does a segment; where all segments of a block are hidden, so are its cells.  No other sum of segments is a sum of cells.

The number of all customers is known from other pages: few inactive ones are hidden with a segment, and with the shares
that would tell how many are in the window.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np
import pandas as pd

from loyalty_lib.analyses.protect_migration import Margins, protect_flows
from loyalty_lib.analyses.rfm_migration import no_evidence, no_migration, without_caveats
from loyalty_lib.analyses.suppression import MISSING, hide, hide_money, small, went_missing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.analyses.rfm import RfmResult

Blocks: TypeAlias = "tuple[NDArray[np.int64], NDArray[np.int64]]"  # of the segments, of the cells
REVENUE: Final = ("revenue", "share_of_revenue", "mean_revenue")


def protect_rfm(result: RfmResult, minimum: int, dominance: float) -> RfmResult:
    """Return ``result`` with small segments, cells and flows hidden; ``protect`` says the rest."""
    groups = result.customers.groupby("segment")
    counts = np.asarray(groups.size().reindex(result.segments.index, fill_value=0), dtype=float)
    index = pd.MultiIndex.from_frame(result.grid[["r", "f"]])
    cell_counts = np.asarray(result.customers.groupby(["r", "f"]).size().reindex(index, fill_value=0), dtype=float)
    blocks = _blocks(result, index)
    few = small(result.known - len(result.customers), minimum)  # the inactive
    others = np.array([result.known - len(result.customers)] if few else [], dtype=float)
    hidden, cell_hidden = _choose(counts, others, cell_counts, blocks, minimum)
    moved = result.customers["revenue"].abs().groupby([result.customers["r"], result.customers["f"]])
    heavy = np.asarray((moved.max() / moved.sum()).reindex(index), dtype=float) > dominance
    dominated = result.largest_share.to_numpy(dtype=float) > dominance
    # Sales of all segments would give the money of the few who bought nothing in the window.
    bare = result.refunds_alone.would_show(minimum, dominance)
    if bare and (counts > 0).any():
        dominated |= counts == counts[counts > 0].min()
    money, cell_money = _choose_money((hidden, cell_hidden), (dominated, heavy), (counts, cell_counts), blocks)
    segments = result.segments.astype(float)
    segments.loc[hidden] = MISSING
    segments.loc[money, list(REVENUE)] = MISSING
    segments.loc[_orders_would_tell(result.grid["f"].to_numpy(), cell_hidden, blocks), "mean_orders"] = MISSING
    grid = result.grid.astype({"customers": float, "revenue": float})
    grid.loc[cell_hidden, "customers"] = MISSING
    grid.loc[cell_money, "revenue"] = MISSING
    if few:
        segments["share_of_customers"] = MISSING
    if bare:
        segments["share_of_revenue"] = MISSING
    count = went_missing(segments, result.segments) + went_missing(grid, result.grid)
    count += bool(few) and result.inactive is not None
    shown = dataclasses.replace(
        result,
        segments=segments,
        grid=grid,
        inactive=None if few else result.inactive,
        suppressed=result.suppressed + count,
    )
    if result.migration.empty:
        return shown
    margins = Margins(
        rows=np.zeros(0, dtype=bool),
        columns=np.append(hidden, few),
        groups=_groups(blocks, (cell_counts > 0) & ~cell_hidden),
        least=_least(blocks, cell_counts),
    )
    return _with_flows(shown, margins, np.append(money, few), (minimum, dominance))


def _with_flows(result: RfmResult, margins: Margins, money: NDArray[np.bool_], rules: tuple[int, float]) -> RfmResult:
    """Protect the flows; leave out those that cannot be shown."""
    flows = protect_flows(result.migration, result.evidence, margins, money, rules)
    if flows is None:
        return dataclasses.replace(
            result,
            previous=None,
            migration=no_migration(),
            evidence=no_evidence(),
            suppressed=result.suppressed + int((result.evidence["customers"] > 0).sum()),
            caveats=without_caveats(result.caveats),
        )
    count = result.suppressed + went_missing(flows, result.migration)
    return dataclasses.replace(result, migration=flows, suppressed=count)


def _blocks(result: RfmResult, index: pd.MultiIndex) -> Blocks:
    """Give every block a number: each has the number of its first segment; empty cells are in none, which is -1."""
    pairs = result.customers[["r", "f", "segment"]].drop_duplicates()
    cells = index.get_indexer(pd.MultiIndex.from_frame(pairs[["r", "f"]]))
    segments = result.segments.index.get_indexer(pd.Index(pairs["segment"]))
    of_segments = np.arange(len(result.segments))
    while True:
        of_cells = np.full(len(index), len(of_segments))
        np.minimum.at(of_cells, cells, of_segments[segments])
        joined = of_segments.copy()
        np.minimum.at(joined, segments, of_cells[cells])
        if (joined == of_segments).all():
            return of_segments, np.where(of_cells < len(of_segments), of_cells, -1)
        of_segments = joined


def _groups(blocks: Blocks, shown: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Give segments one number if the sum of the hidden ones is known: those of a block whose cells show, and the rest.

    The inactive come last, with the rest.
    """
    of_segments, of_cells = blocks
    known = np.isin(of_segments, of_cells[shown])
    return np.append(np.where(known, of_segments + 1, 0), 0)


def _least(blocks: Blocks, cell_counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many customers a hidden segment is known to hold: one for each cell of its own.  The inactive last."""
    of_segments, of_cells = blocks
    own = np.bincount(of_segments, minlength=len(of_segments)) == 1
    cells = np.bincount(of_cells[cell_counts > 0], minlength=len(of_segments))
    return np.append(np.where(own, np.maximum(cells, 1), 1), 1)


def _orders_would_tell(
    frequency: NDArray[np.int64], cell_hidden: NDArray[np.bool_], blocks: Blocks
) -> NDArray[np.bool_]:
    """Find the segments whose mean orders would tell how their hidden customers are divided over the F scores."""
    of_segments, of_cells = blocks
    told = np.zeros(len(of_segments), dtype=bool)
    for block in np.unique(of_segments):
        own, scores = of_segments == block, np.unique(frequency[cell_hidden & (of_cells == block)])
        told[own] = len(scores) > 1 or (len(scores) > 0 and own.sum() > 1)
    return told


def _choose(
    counts: NDArray[np.float64],
    others: NDArray[np.float64],
    cell_counts: NDArray[np.float64],
    blocks: Blocks,
    minimum: int,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose segments and cells; the segments of a block whose cells its total would give away are hidden themselves.

    ``others`` are groups outside the segments, hidden with them from a total of all.
    """
    of_segments, of_cells = blocks
    forced = np.zeros(len(counts), dtype=bool)
    dark = np.zeros(len(counts), dtype=bool)  # blocks whose segments and cells are all hidden, by their number
    everybody = np.append(counts, others)
    totals = np.append(np.bincount(of_segments, counts, minlength=len(counts)), others)
    while True:
        hidden, _safe = hide(everybody, minimum, also=np.append(forced, others > 0))
        hidden = hidden[: len(counts)]
        cell_hidden = np.zeros(len(cell_counts), dtype=bool)
        for block in np.unique(of_segments):
            own, cells = of_segments == block, of_cells == block
            forced[own], safe = hide(counts[own], minimum, also=hidden[own] | dark[block])
            dark[block] |= not safe
            if dark[block]:
                cell_hidden |= cells
                continue
            cell_hidden[cells], safe = hide(cell_counts[cells], minimum)
            if not safe:
                forced[own] = counts[own] > 0
        # All that shows, less all customers, is the sum of the dark blocks.
        more, _safe = hide(totals, minimum, also=np.append(dark, others > 0))
        if (forced <= hidden).all() and (more[: len(dark)] <= dark).all():
            return hidden, cell_hidden
        dark |= more[: len(dark)]


def _choose_money(
    hidden: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    heavy: tuple[NDArray[np.bool_], NDArray[np.bool_]],
    counts: tuple[NDArray[np.float64], NDArray[np.float64]],
    blocks: Blocks,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Choose the segments and the cells whose revenue to hide; of a block without any shown, all cells."""
    money = hide_money(hidden[0], heavy[0], counts[0])
    cell_money = np.zeros(len(counts[1]), dtype=bool)
    for block in np.unique(blocks[0]):
        own, cells = blocks[0] == block, blocks[1] == block
        money[own] = hide_money(money[own], heavy[0][own], counts[0][own])
        if money[own][counts[0][own] > 0].all():
            cell_money |= cells
        else:
            cell_money[cells] = hide_money(hidden[1][cells], heavy[1][cells], counts[1][cells])
    return money, cell_money
