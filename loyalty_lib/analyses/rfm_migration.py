"""Segment migration: where the customers of each segment at an earlier date are now.

Takes the segments of the same customers at two dates, each as known on its date, returns the flows between them.  The
rows of the flows are those who have bought by now, each in exactly one: from their segment then ("inactive" if they had
bought before its window only, "not yet" if they first bought later) to their segment now (or "inactive").  A customer
whose only orders have been refunded in full since is in neither.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.rfm_scheme import INACTIVE, NOT_YET
from loyalty_lib.analyses.window import window_start
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray

RANKED: Final = mark(
    "Segments rank customers against each other: a customer can change segment because others bought more or less."
)
SHORT: Final = mark(
    "The data begin on {begin:date}, so that the segments of {previous:date} rest on less than the {months:number} "
    "months from {start:date} on: part of the moves between segments comes of that."
)
KEYS: Final = ("segment_then", "segment_now")
FLOWS: Final = ("customers", "customers_then", "share_of_then", "revenue")


def no_migration() -> pd.DataFrame:
    """Return flows without rows."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in KEYS} | dict.fromkeys(FLOWS, pd.Series(dtype=float)))


def no_evidence() -> pd.DataFrame:
    """Return evidence without rows."""
    return pd.DataFrame({"customers": pd.Series(dtype="int64"), "largest_share": pd.Series(dtype=float)})


def rows_of(order: Sequence[str]) -> list[str]:
    """Return where customers can come from, in the order of the rows."""
    return [*order, INACTIVE, NOT_YET]


def columns_of(order: Sequence[str]) -> list[str]:
    """Return where customers can go to, in the order of the columns."""
    return [*order, INACTIVE]


def migration(then: pd.Series, now: pd.DataFrame, order: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count the flows between segments.

    Parameters
    ----------
    then
        Segment at the earlier date by customer_id, "inactive" included.
    now
        Index customer_id, sorted.  Columns ``segment``, "inactive" included, and ``revenue`` (net sales in the window
        that ends now).
    order
        The segments of the scheme.

    Returns
    -------
    flows : DataFrame
        One row a pair of ``rows_of`` and ``columns_of``, those without customers included: ``segment_then``,
        ``segment_now``, ``customers``, ``customers_then`` (all of ``segment_then``), ``share_of_then`` (the
        flow's share of them; NaN where there are none) and ``revenue``.
    evidence : DataFrame
        The same rows: ``customers``, and ``largest_share``, one customer's share of the money moved, refunds by their
        size.  What ``protect`` judges by; never printed.
    """
    froms, tos = pd.Index(rows_of(order)), pd.Index(columns_of(order))
    came = np.append(_places(froms, then), len(froms) - 1)
    known = _places(then.index, now.index)  # -1, the last of ``came``: not yet
    flow = came[known] * len(tos) + _places(tos, now["segment"])
    size = len(froms) * len(tos)
    revenue = now["revenue"].to_numpy(dtype=float)
    moved = np.abs(revenue)
    largest = np.zeros(size)
    np.maximum.at(largest, flow, moved)
    total = np.bincount(flow, moved, minlength=size)
    customers = np.bincount(flow, minlength=size)
    of_then = np.repeat(customers.reshape(len(froms), -1).sum(axis=1), len(tos))
    flows = pd.DataFrame(list(product(froms, tos)), columns=list(KEYS)).astype("str")
    flows["customers"] = customers
    flows["customers_then"] = of_then
    flows["share_of_then"] = customers / np.where(of_then > 0, of_then, np.nan)
    flows["revenue"] = np.bincount(flow, revenue, minlength=size)
    shares = largest / np.where(total > 0, total, np.nan)
    return flows, pd.DataFrame({"customers": customers, "largest_share": shares})


def caveats_of(begin: dt.date, previous: dt.date, months: int) -> tuple[str, ...]:
    """Return what to bear in mind of the moves since ``previous``, in data that begin on ``begin``."""
    start = window_start(previous, months)
    if begin <= start:
        return (Message(RANKED),)
    return Message(RANKED), Message(SHORT, begin=begin, previous=previous, months=months, start=start)


def without_caveats(caveats: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``caveats`` less those of a migration."""
    return tuple(text for text in caveats if getattr(text, "msgid", text) not in (RANKED, SHORT))


def _places(where: pd.Index, keys: pd.Index | pd.Series) -> NDArray[np.int64]:
    """Return the position of every key, -1 where there is none."""
    return np.asarray(where.get_indexer(pd.Index(keys)), dtype=np.int64)
