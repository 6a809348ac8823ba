"""The unique purchase histories of a summary: what a model needs of a million customers.

A *history* is (frequency x, recency t_x, age T); customers who share one share likelihood and scores.  Takes a summary
(one row a customer), returns the distinct histories with their counts, in an order that does not depend on the rows'.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from loyalty_lib.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]

DAYS_PER_UNIT = {"D": 1.0, "W": 7.0}
DAYS_PER_YEAR = 365.2425  # the mean Gregorian year
UNIT_NAMES = {"D": "days", "W": "weeks"}
DAY_ROUNDING = 1e-6  # days; times this close to a whole day are that day, whatever arithmetic they went through
COLUMNS = ("frequency", "recency", "T")
KEY_BITS = 63  # of a signed 64-bit integer
BLOCK = 8_192  # values that several arrays of fit into a processor's cache, and too few for BLAS to start threads


@dataclass(frozen=True, eq=False, kw_only=True)
class Histories:
    """Distinct (x, t_x, T), sorted, with counts and the way back to customers.

    Attributes
    ----------
    x, tx, T
        Shape (h,); times in the summary's unit.
    counts
        Shape (h,); customers with that history.
    row
        Shape (n,); which history each customer has, in the summary's order.
    """

    x: Codes
    tx: Floats
    T: Floats
    counts: Codes
    row: Codes

    @property
    def customers(self) -> int:
        """Number of customers."""
        return int(self.counts.sum())

    def states(self) -> tuple[Codes, Codes]:
        """Find the distinct (x, T), which are all that counts of a customer known to be active.

        Returns
        -------
        positions, state
            Shapes (s,) and (h,): a history with each of them, and which of them each history has.
        """
        return distinct(np.cumsum(where_changed(self.T), dtype=np.int64), self.x)


def unit_of(summary: pd.DataFrame, unit: str | None = None) -> str:
    """Return the time unit of a summary, "D" or "W".

    Parameters
    ----------
    summary
        Its ``attrs["unit"]`` says the unit.
    unit
        What the caller believes it to be; ``None`` to trust the summary.

    Raises
    ------
    ModelError
        Where neither says, where they disagree, or where the unit is unknown.
    """
    stated = summary.attrs.get("unit")
    if unit is not None and stated is not None and unit != stated:
        msg = (
            f"The summary counts time in {stated!r}, the model in {unit!r}; expected the same unit. "
            f"Summarise the transactions with unit={unit!r}."
        )
        raise ModelError(msg)
    found = unit if unit is not None else stated
    if found not in DAYS_PER_UNIT:
        msg = (
            f"The summary's time unit is {found!r}; expected one of {', '.join(map(repr, DAYS_PER_UNIT))}. "
            "Set summary.attrs['unit'], or pass unit=."
        )
        raise ModelError(msg)
    return str(found)


def whole_days(times: Floats, unit: str) -> Floats:
    """Return ``times`` with those next to a whole day moved onto it, so that equal days compare equal."""
    return _in_days(times, unit) / DAYS_PER_UNIT[unit]


def _in_days(times: Floats, unit: str) -> Floats:
    days = times * DAYS_PER_UNIT[unit]
    nearest = np.rint(days)
    with np.errstate(invalid="ignore"):  # infinite times are named later, with all else that is wrong
        apart = np.abs(days - nearest) >= DAY_ROUNDING
    if apart.any():
        np.copyto(nearest, days, where=apart)
    return nearest


def compress(summary: pd.DataFrame, unit: str) -> Histories:
    """Find the distinct histories of a summary.

    Parameters
    ----------
    summary
        Columns ``frequency``, ``recency``, ``T``; n rows.
    unit
        "D" or "W".

    Returns
    -------
    Histories
        Sorted by T, t_x, x.

    Raises
    ------
    ModelError
        Where a column is missing or a row cannot be a purchase history; all kinds of problems at once.
    """
    x, tx, age = _checked(summary, unit)
    first, row = distinct(age, tx, x)
    return Histories(
        x=x[first].astype(np.int64),
        tx=tx[first] / DAYS_PER_UNIT[unit],
        T=age[first] / DAYS_PER_UNIT[unit],
        counts=np.bincount(row, minlength=len(first)),
        row=row,
    )


def distinct(*columns: Floats | Codes) -> tuple[Codes, Codes]:
    """Find the distinct rows of a table of non-negative numbers.

    Parameters
    ----------
    columns
        Shape (n,) each; the first is the most significant.

    Returns
    -------
    positions, code
        Shapes (d,) and (n,): a row of each kind, in ascending order, and which of them each row is like.

    Notes
    -----
    Whole numbers (days, counts) are packed into one integer with the row's position in its lowest bits.  Sorting those
    numbers by value is several times as fast as sorting positions, or hashing.
    """
    order, new = _packed_order(columns) or _general_order(columns)
    code = np.empty(len(order), dtype=np.int64)
    code[order] = np.cumsum(new) - 1
    return order[new], code


def where_changed(values: Floats | Codes) -> NDArray[np.bool_]:
    """Flag the first of ``values``, shape (n,), n > 0, and every one that differs from the one before."""
    changed = np.empty(len(values), dtype=np.bool_)
    changed[0] = True
    np.not_equal(values[1:], values[:-1], out=changed[1:])
    return changed


def blocks(size: int) -> list[slice]:
    """Cut ``size`` rows into slices on which long sums are fast: each in the cache, on one core."""
    return [slice(start, start + BLOCK) for start in range(0, size, BLOCK)]


def _packed_order(columns: tuple[Floats | Codes, ...]) -> tuple[Codes, NDArray[np.bool_]] | None:
    """Positions in ascending order, and where another row begins; ``None`` where the numbers do not pack."""
    size = len(columns[0])
    spans = [int(column.max()) + 1 for column in columns]
    bits = size.bit_length()
    if math.prod(spans) >= 1 << (KEY_BITS - bits):
        return None
    key = np.zeros(size, dtype=np.int64)
    for column, span in zip(columns, spans, strict=True):
        whole = column.astype(np.int64, copy=False)
        if whole is not column and not np.array_equal(whole, column):
            return None
        key *= span
        key += whole
    key <<= bits
    key |= np.arange(size)
    key.sort()
    order = key & ((1 << bits) - 1)
    key >>= bits
    return order, where_changed(key)


def _general_order(columns: tuple[Floats | Codes, ...]) -> tuple[Codes, NDArray[np.bool_]]:
    order = np.lexsort(columns[::-1])
    return order, np.logical_or.reduce([where_changed(column[order]) for column in columns])


def _checked(summary: pd.DataFrame, unit: str) -> tuple[Floats, Floats, Floats]:
    """Frequency, and recency and T in days, of rows that are purchase histories."""
    missing = [name for name in COLUMNS if name not in summary.columns]
    if missing:
        msg = (
            f"The summary lacks {', '.join(map(repr, missing))}; expected the columns {', '.join(COLUMNS)}. "
            "Make it with summarise(transactions, as_of)."
        )
        raise ModelError(msg)
    if summary.empty:
        msg = "The summary holds no customers; expected at least one. Choose an as-of date after the first order."
        raise ModelError(msg)
    x, tx, age = (summary[name].to_numpy(dtype=float) for name in COLUMNS)
    tx, age = _in_days(tx, unit), _in_days(age, unit)
    wrong = {
        "a value that is missing or infinite": ~(np.isfinite(x) & np.isfinite(tx) & np.isfinite(age)),
        "a negative value": (x < 0) | (tx < 0) | (age < 0),
        "a frequency that is not a whole number": np.isfinite(x) & (x != np.rint(x)),
        "a recency beyond T": tx > age,
        "repeat purchases at recency 0": (x > 0) & (tx == 0),
        "a recency without repeat purchases": (x == 0) & (tx > 0),
    }
    found = [f"  {_customers(summary, rows)}: {what}." for what, rows in wrong.items() if rows.any()]
    if found:
        rule = (
            "The summary holds rows that are no purchase history; expected 0 <= recency <= T, and recency above 0 "
            "exactly for customers with repeat purchases."
        )
        remedy = "Make it with summarise(transactions, as_of), which merges purchases of one day."
        raise ModelError("\n".join([rule, *found, remedy]))
    return x, tx, age


def _customers(summary: pd.DataFrame, rows: NDArray[np.bool_]) -> str:
    """How many customers; no identities, for messages end up in logs."""
    count = int(rows.sum())
    return f"{count} of {len(summary)} customers"
