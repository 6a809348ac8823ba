"""The unique purchase histories of a summary: what a model needs of a million customers.

A *history* is (frequency x, recency t_x, age T); customers who share one share likelihood and scores.  Takes a summary
(one row a customer), returns the distinct histories with their counts, in an order that does not depend on the rows'.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from loyalty_lib.errors import ModelError

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]

DAYS_PER_UNIT = {"D": 1.0, "W": 7.0}
DAYS_PER_YEAR = 365.2425  # the mean Gregorian year
UNIT_NAMES = {"D": "days", "W": "weeks"}
DAY_ROUNDING = 1e-6  # days; times this close to a whole day are that day, whatever arithmetic they went through
COLUMNS = ("frequency", "recency", "T")


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
    days = times * DAYS_PER_UNIT[unit]
    nearest = np.round(days)
    return np.asarray(np.where(np.abs(days - nearest) < DAY_ROUNDING, nearest, days) / DAYS_PER_UNIT[unit])


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
    times, time_codes = _dense(np.concatenate([tx, age]))
    counts_of, x_codes = _dense(x)
    tx_codes, age_codes = time_codes[: len(x)], time_codes[len(x) :]
    key = (age_codes * len(times) + tx_codes) * len(counts_of) + x_codes
    keys, row = _dense(key)
    rest, x_code = np.divmod(keys, len(counts_of))
    age_code, tx_code = np.divmod(rest, len(times))
    return Histories(
        x=np.asarray(counts_of[x_code], dtype=np.int64),
        tx=np.asarray(times[tx_code], dtype=float),
        T=np.asarray(times[age_code], dtype=float),
        counts=np.bincount(row, minlength=len(keys)).astype(np.int64),
        row=row,
    )


def _dense(values: Floats | Codes) -> tuple[NDArray[np.float64 | np.int64], Codes]:
    """Sorted distinct values and each value's position among them."""
    codes, distinct = pd.factorize(values, sort=True)
    return np.asarray(distinct), np.asarray(codes, dtype=np.int64)


def _checked(summary: pd.DataFrame, unit: str) -> tuple[Codes, Floats, Floats]:
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
    tx, age = whole_days(tx, unit), whole_days(age, unit)
    wrong = {
        "a value that is missing or infinite": ~(np.isfinite(x) & np.isfinite(tx) & np.isfinite(age)),
        "a negative value": (x < 0) | (tx < 0) | (age < 0),
        "a frequency that is not a whole number": np.isfinite(x) & (x != np.round(x)),
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
    return x.astype(np.int64), tx, age


def _customers(summary: pd.DataFrame, rows: NDArray[np.bool_]) -> str:
    """How many customers; no identities, for messages end up in logs."""
    count = int(rows.sum())
    return f"{count} of {len(summary)} customers"
