"""Contracts made ready to count: cleaned, in a fixed order, and joined to the spells for which a customer stayed.

Takes the client's contracts, returns ``Contracts``.  Days are counted from 1 January 1970; an end is the first day
without the contract, ``OPEN`` while it runs.  Contracts that overlap, or follow each other within ``GAP`` days, make
one spell: an upgrade is no loss.  What a contract brought is counted up to the next one over such a gap, so that
customers and revenue tell the same story.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Days = NDArray[np.int64]

GAP: Final = 31  # days without a contract up to which a customer has not left: a late renewal
OPEN: Final = np.iinfo(np.int64).max // 4
PLANS: Final = 8  # shown by name; where there are more, the rest together
OTHER: Final = "other"
REASONS: Final = {
    "customer": (
        mark("{count:number} contract without a customer was left out."),
        mark("{count:number} contracts without a customer were left out."),
    ),
    "start": (
        mark("{count:number} contract without a start was left out."),
        mark("{count:number} contracts without a start were left out."),
    ),
    "end": (
        mark("{count:number} contract that ends on or before its first day was left out."),
        mark("{count:number} contracts that end on or before their first day were left out."),
    ),
    "amount": (
        mark("{count:number} contract with an amount below zero was left out."),
        mark("{count:number} contracts with an amount below zero were left out."),
    ),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class Contracts:
    """Contracts in a fixed order.

    Attributes
    ----------
    rows
        ``customer`` (position in ``names``), ``start``, ``end`` (days), ``until`` (end, or the start of the next
        contract where that follows within ``GAP`` days), ``plan``, ``amount`` (a month; 0 where missing).
    spells
        ``customer``, ``start``, ``end``; one row an unbroken stay, in order of customer and start.
    names
        The customers' ids.
    priced
        Whether the contracts have amounts.
    left_out
        Contracts left out, by reason: ``customer``, ``start``, ``end``, ``amount``.
    caveats
        Sentences on what was left out.
    """

    rows: pd.DataFrame
    spells: pd.DataFrame
    names: pd.Index[str]
    priced: bool
    left_out: dict[str, int]
    caveats: tuple[str, ...]


def prepare(contracts: pd.DataFrame, as_of: dt.date) -> Contracts:
    """Clean contracts and join them to spells.

    Parameters
    ----------
    contracts
        ``customer_id``, ``start``, ``end``, ``plan``, ``amount``.
    as_of
        Contracts that start later are not known yet.

    Returns
    -------
    Contracts
        The same whatever the order of the rows.
    """
    starts, ends = (day_numbers(contracts[name], missing=OPEN) for name in ("start", "end"))
    amounts = contracts["amount"].to_numpy(dtype=float)
    wrong = {
        "customer": contracts["customer_id"].isna().to_numpy(),
        "start": contracts["start"].isna().to_numpy(),
        "end": ends <= starts,
        "amount": amounts < 0,
    }
    kept = np.ones(len(contracts), dtype=bool)
    left_out = {}
    for reason, flags in wrong.items():
        left_out[reason] = int((kept & flags).sum())
        kept &= ~flags
    kept &= starts <= day_number(as_of)
    codes, names = pd.factorize(contracts.loc[kept, "customer_id"].astype(str), sort=True)
    rows = pd.DataFrame(
        {
            "customer": codes,
            "start": starts[kept],
            "end": ends[kept],
            "plan": _plans(contracts.loc[kept, "plan"], codes),
            "amount": np.nan_to_num(amounts[kept]),
        }
    ).sort_values(["customer", "start", "end", "plan", "amount"], ignore_index=True)
    unpriced = int(np.isnan(amounts[kept]).sum())
    until, spells = _joined(rows)
    rows["until"] = until
    return Contracts(
        rows=rows,
        spells=spells,
        names=pd.Index(names),
        priced=unpriced < len(rows),
        left_out=left_out,
        caveats=_caveats(left_out, unpriced if unpriced < len(rows) else 0),
    )


def _plans(plans: pd.Series, customers: NDArray[np.intp]) -> NDArray[np.object_]:
    """Name the plans of most customers, and call the rest ``OTHER``."""
    named = plans.astype(object).where(plans.notna(), "").to_numpy()
    pairs = pd.DataFrame({"plan": named, "customer": customers}).drop_duplicates()
    sizes = pairs["plan"].value_counts().rename_axis("plan").reset_index(name="customers")
    largest = sizes.sort_values(["customers", "plan"], ascending=[False, True])["plan"]
    if len(largest) <= PLANS:
        return named
    return np.where(np.isin(named, largest.head(PLANS - 1).to_list()), named, OTHER)


def _joined(rows: pd.DataFrame) -> tuple[Days, pd.DataFrame]:
    """Join contracts to spells.

    Parameters
    ----------
    rows
        Contracts in order of customer and start.

    Returns
    -------
    until : ndarray of int, shape (len(rows),)
        The end of each contract, or the start of the next spell's contract where the gap between is short.
    spells : DataFrame
        ``customer``, ``start``, ``end``.
    """
    last = rows.groupby("customer")["end"].cummax()
    before = last.groupby(rows["customer"]).shift().fillna(-OPEN).to_numpy(dtype=np.int64)
    starts = rows["start"].to_numpy()
    gap = starts - before
    spells = (
        rows.groupby(np.cumsum(gap > GAP), sort=False)
        .agg(customer=("customer", "first"), start=("start", "min"), end=("end", "max"))
        .reset_index(drop=True)
    )
    short = (gap > 0) & (gap <= GAP)
    # Everything before the gap ended by then, so a customer and this end belong to no other gap.
    bridges = pd.DataFrame({"customer": rows["customer"][short], "end": before[short], "until": starts[short]})
    until = rows[["customer", "end"]].merge(bridges, how="left", on=["customer", "end"], validate="many_to_one")[
        "until"
    ]
    return until.fillna(rows["end"]).to_numpy(dtype=np.int64), spells


def _caveats(left_out: dict[str, int], unpriced: int) -> tuple[str, ...]:
    caveats = [Message(REASONS[reason][count != 1], count=count) for reason, count in left_out.items() if count]
    if unpriced:
        text = (
            mark("{count:number} contract has no amount and counts as bringing nothing.")
            if unpriced == 1
            else mark("{count:number} contracts have no amount and count as bringing nothing.")
        )
        caveats.append(Message(text, count=unpriced))
    return tuple(caveats)


def day_number(day: dt.date) -> int:
    """Return a day as days since 1 January 1970."""
    return (day - dt.date(1970, 1, 1)).days


def day_numbers(days: pd.Series, *, missing: int) -> Days:
    """Return dates as days since 1 January 1970, and ``missing`` where there is none."""
    found = pd.to_datetime(days).to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(found), missing, found.astype(np.int64))


def add_months(days: Days, months: Days) -> Days:
    """Shift days by calendar months; a day that does not exist (31 June) becomes the month's last."""
    month = _month(days)
    begin = _month_start(month + months)
    length = _month_start(month + months + 1) - begin
    return np.asarray(begin + np.minimum(days - _month_start(month), length - 1))


def months_between(start: Days, end: Days) -> NDArray[np.float64]:
    """Return calendar months from ``start`` to ``end``: whole ones, and the share of the next that has passed.

    Whole from a day of a month to the same day of another, whatever the months' lengths, so that a contract of a year
    lasts 12 months and a step of survival falls where contracts end.
    """
    whole = _month(end) - _month(start)
    whole -= add_months(start, whole) > end
    reached = add_months(start, whole)
    return np.asarray(whole + (end - reached) / (add_months(start, whole + 1) - reached), dtype=float)


def _month(days: Days) -> Days:
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _month_start(months: Days) -> Days:
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
