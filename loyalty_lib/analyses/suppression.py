"""Which cells of a table to hide so that no small group shows, not even by subtraction.

A cell of 1 to minimum - 1 customers is hidden.  Where the total of the cells is known, that is not enough: the total
less the cells shown is the sum of those hidden.  So more cells are hidden, the smallest first, until that sum is
neither a small group itself nor leaves a hidden cell only one possible count.

Equal counts are treated alike and the order of the cells plays no part, so that knowing this rule helps nobody: two
hidden cells of different counts could always be the other way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

MISSING: Final = float("nan")


def small(counts: ArrayLike, minimum: int) -> NDArray[np.bool_]:
    """Find the groups of at least one customer and fewer than ``minimum``; missing counts are none."""
    values = np.asarray(counts, dtype=float)
    return (values > 0) & (values < minimum)


def hide(counts: ArrayLike, minimum: int, also: ArrayLike = 0) -> tuple[NDArray[np.bool_], bool]:
    """Choose the cells to hide where the total of all cells is known.

    Parameters
    ----------
    counts
        Customers by cell, shape (n,).
    minimum
        Smallest count that may show.
    also
        Cells that must be hidden for another reason, shape (n,) or one for all.

    Returns
    -------
    hidden : ndarray of bool, shape (n,)
        Empty cells are shown, for they hide nobody.
    safe : bool
        Whether the total may show too; if not, nothing is left to hide and the total must go.
    """
    values = np.asarray(counts, dtype=float)
    hidden = (small(values, minimum) | np.asarray(also, dtype=bool)) & (values > 0)
    while hidden.any() and not _safe(values[hidden], minimum):
        shown = (values > 0) & ~hidden
        if not shown.any():
            return hidden, False
        hidden |= shown & (values == values[shown].min())
    return hidden, True


def _safe(hidden: NDArray[np.float64], minimum: int) -> bool:
    """Judge whether the sum of the hidden cells tells nothing of any one of them."""
    cells, total = len(hidden), hidden.sum()
    if cells == 1 or total < max(minimum, cells + 1):
        return False
    # All of them small, and the sum the largest that small cells can have: each would be known to be minimum - 1.
    return bool(hidden.max() >= minimum or total < cells * (minimum - 1))


def hide_money(
    hidden: NDArray[np.bool_], dominated: NDArray[np.bool_], counts: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Choose the money cells to hide where their total is known.

    Parameters
    ----------
    hidden
        Cells whose customers are hidden, shape (n,); their money is too.
    dominated
        Cells in whose money one customer weighs too much.
    counts
        Customers by cell.

    Returns
    -------
    ndarray of bool, shape (n,)
        Never exactly one cell with customers, unless it is the only one.
    """
    money = hidden | dominated
    shown = (counts > 0) & ~money
    if money.sum() == 1 and shown.any():
        money |= shown & (counts == counts[shown].min())
    return money


def went_missing(after: pd.DataFrame | pd.Series, before: pd.DataFrame | pd.Series) -> int:
    """Count the cells hidden between two states of a table."""
    return int((after.isna().to_numpy() & before.notna().to_numpy()).sum())
