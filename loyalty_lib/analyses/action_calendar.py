"""Days that come round again: anniversaries and renewals.  Arrays of days in, arrays out."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Days = NDArray[np.datetime64]
    Counts = NDArray[np.int64]


def next_round(starts: Days, after: dt.date, every_months: int) -> tuple[Days, Counts]:
    """Find the first day after ``after`` that lies a whole number of steps, one at least, behind each start.

    Parameters
    ----------
    starts
        Shape (n,), days.
    after
        The day before the first that counts.
    every_months
        Length of a step in calendar months; a day that a month does not have (29 February) becomes its last.

    Returns
    -------
    days : ndarray of datetime64[D], shape (n,)
        The days found.
    steps : ndarray of int, shape (n,)
        How many steps each is from its start.
    """
    starts = starts.astype("datetime64[D]")
    passed = (np.datetime64(after, "M") - starts.astype("datetime64[M]")).astype(np.int64)
    steps = np.maximum(passed // every_months, 1)
    early = _shifted(starts, steps * every_months) <= np.datetime64(after, "D")
    steps = steps + early
    return _shifted(starts, steps * every_months), steps


def _shifted(days: Days, months: Counts) -> Days:
    month = days.astype("datetime64[M]")
    of_month = (days - month.astype("datetime64[D]")).astype(np.int64)
    target = month + months.astype("timedelta64[M]")
    length = ((target + np.timedelta64(1, "M")).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(
        np.int64
    )
    shifted: Days = target.astype("datetime64[D]") + np.minimum(of_month, length - 1).astype("timedelta64[D]")
    return shifted
