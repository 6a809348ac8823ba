"""The parts of concentration that are tables: the curve, tenths of the customers, the few largest.

All take ``shares``, the share of sales of the k largest customers at position k, from 0 at k = 0 to 1 at k = n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

TENTHS: Final = 10
LARGEST: Final = (1, 5, 10)  # customers whose leaving is looked at
PLACES: Final = 6  # decimals that amounts have; what lies beyond is floating point's
CURVE_POINTS: Final = 201  # steps of half a percent: no screen shows more


def bounds(n: int) -> list[int]:
    """Return how many customers the first 0, 1, ... 10 tenths hold: ceil(k n / 10), as the top shares count."""
    return [-(-tenth * n // TENTHS) for tenth in range(TENTHS + 1)]


def curve_points(n: int, always: Iterable[int]) -> NDArray[np.int64]:
    """Thin the numbers of customers to what a screen shows, keeping those that are printed."""
    kept = sorted({0, n, *always})
    if n < CURVE_POINTS:
        return np.arange(n + 1)
    even = np.linspace(0, n, CURVE_POINTS - len(kept)).round().astype(np.int64)
    return np.unique(np.concatenate([even, np.array(kept, dtype=np.int64)]))


def decile_table(spend: NDArray[np.float64], shares: NDArray[np.float64], sales: float) -> pd.DataFrame:
    """Divide customers into tenths, largest first.

    Parameters
    ----------
    spend
        Per customer, largest first, shape (n,).
    shares
        Shape (n + 1,).
    sales
        Their sum.

    Returns
    -------
    DataFrame
        ``decile`` (1 the largest), ``customers``, ``sales``, ``share_of_sales``, ``mean_sales``, ``smallest_spend``;
        the last two are missing where fewer than ten customers leave a tenth empty.
    """
    ends = np.array(bounds(len(spend)))
    customers = np.diff(ends)
    filled = customers > 0
    share = np.diff(shares[ends])
    money = np.round(share * sales, PLACES) if sales > 0 else np.zeros(TENTHS)
    smallest = np.full(TENTHS, np.nan)
    smallest[filled] = spend[ends[1:][filled] - 1]
    return pd.DataFrame(
        {
            "decile": np.arange(1, TENTHS + 1),
            "customers": customers,
            "sales": money,
            "share_of_sales": share,
            "mean_sales": np.divide(money, customers, out=np.full(TENTHS, np.nan), where=filled),
            "smallest_spend": smallest,
        }
    )


def dependence_table(shares: NDArray[np.float64], sales: float) -> pd.DataFrame:
    """Return what the largest 1, 5 and 10 customers hold: ``largest``, ``share_of_sales``, ``sales_left`` without them.

    A row where there are more customers than that; the sales left are those of all others as they were.
    """
    counts = [count for count in LARGEST if count < len(shares) - 1]
    share = shares[counts]
    return pd.DataFrame(
        {"largest": counts, "share_of_sales": share, "sales_left": np.round(sales * (1 - share), PLACES)}
    )
