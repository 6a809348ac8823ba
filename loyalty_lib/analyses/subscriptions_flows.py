"""Customers and recurring revenue under contract, period by period: who stayed, came and left, and what it meant.

Takes ``Contracts``, returns one row a period.  Customers are sets: those under contract on the last day before the
period and on its last day.  Both accounts close exactly: end = start + new + back - lost, and in money end = start +
new + reactivated + expansion - contraction - churned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.subscriptions_contracts import Contracts, day_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.periods import Period

    Flags = NDArray[np.bool_]
    Floats = NDArray[np.float64]

# Part of the account of recurring revenue to the customers behind it.
MONEY: Final = {
    "new_revenue": "new_customers",
    "reactivated_revenue": "back_customers",
    "expansion": "expanding_customers",
    "contraction": "contracting_customers",
    "churned_revenue": "lost_customers",
}
COUNTS: Final = (
    "customers_at_start", "new_customers", "back_customers", "lost_customers", "customers_at_end",
    "joined_and_left_customers", "expanding_customers", "contracting_customers",
)  # fmt: skip
RATES: Final = ("retention_rate", "churn_rate")
REVENUE: Final = (
    "revenue_at_start", "new_revenue", "reactivated_revenue", "expansion", "contraction", "churned_revenue",
    "revenue_at_end", "gross_revenue_retention", "net_revenue_retention", "revenue_per_customer",
)  # fmt: skip
LARGEST: Final = ("revenue_at_start", "revenue_at_end", *MONEY)  # with the largest customer's share as evidence


@dataclass(frozen=True, eq=False)
class _State:
    """Who is under contract on a day, and what each brings a month; shape (customers,)."""

    there: Flags
    amount: Floats


def flows(contracts: Contracts, periods: Sequence[Period]) -> pd.DataFrame:
    """Follow customers and recurring revenue through periods.

    Parameters
    ----------
    contracts
        Cleaned.
    periods
        Any, each once.

    Returns
    -------
    DataFrame
        Index ``label``; ``kind``, ``start``, ``end``, ``COUNTS``, ``RATES``, ``REVENUE`` (a month; NaN without amounts)
        and ``largest_<part>``, the share of the largest customer in each part.  Periods that end before the first
        contract starts are left out.
    """
    begin = int(contracts.rows["start"].min()) if len(contracts.rows) else None
    rows = [_row(contracts, period) for period in periods if begin is not None and day_number(period.end) >= begin]
    largest = [f"largest_{name}" for name in LARGEST]
    columns = ["label", "kind", "start", "end", *COUNTS, *RATES, *REVENUE, *largest]
    return pd.DataFrame(rows, columns=columns).set_index("label")


def _row(contracts: Contracts, period: Period) -> dict[str, object]:
    first, last = day_number(period.start), day_number(period.end)
    before, after = _state(contracts, first - 1), _state(contracts, last)
    known = np.zeros(len(contracts.names), dtype=bool)
    joining = np.zeros(len(contracts.names), dtype=bool)
    spells = contracts.spells
    starts = spells["start"].to_numpy()
    known[spells["customer"].to_numpy()[starts < first]] = True
    joining[spells["customer"].to_numpy()[(starts >= first) & (starts <= last)]] = True
    stayed = before.there & after.there
    lost = before.there & ~after.there
    new, back = (after.there & ~before.there & flags for flags in (~known, known))
    change = np.where(stayed, after.amount - before.amount, 0.0)
    parts = {
        "revenue_at_start": before.amount,
        "revenue_at_end": after.amount,
        "new_revenue": np.where(new, after.amount, 0.0),
        "reactivated_revenue": np.where(back, after.amount, 0.0),
        "expansion": np.maximum(change, 0.0),
        "contraction": np.maximum(-change, 0.0),
        "churned_revenue": np.where(lost, before.amount, 0.0),
    }
    at_start, at_end = int(before.there.sum()), int(after.there.sum())
    counts = {
        "customers_at_start": at_start,
        "new_customers": int(new.sum()),
        "back_customers": int(back.sum()),
        "lost_customers": int(lost.sum()),
        "customers_at_end": at_end,
        "joined_and_left_customers": int((joining & ~before.there & ~after.there).sum()),
        "expanding_customers": int((change > 0).sum()),
        "contracting_customers": int((change < 0).sum()),
    }
    churn = _ratio(counts["lost_customers"], at_start)
    row: dict[str, object] = {
        "label": period.label,
        "kind": period.kind,
        "start": period.start,
        "end": period.end,
        **counts,
        "retention_rate": 1 - churn,
        "churn_rate": churn,
    }
    return {**row, **_revenue(parts, at_end, priced=contracts.priced)}


def _state(contracts: Contracts, day: int) -> _State:
    size = len(contracts.names)
    spells, rows = contracts.spells, contracts.rows
    there = np.zeros(size, dtype=bool)
    there[spells["customer"].to_numpy()[_runs(spells["start"], spells["end"], day)]] = True
    running = _runs(rows["start"], rows["until"], day)
    amount = np.bincount(
        rows["customer"].to_numpy()[running], weights=rows["amount"].to_numpy()[running], minlength=size
    )
    return _State(there, amount.astype(float))


def _runs(start: pd.Series, end: pd.Series, day: int) -> Flags:
    return np.asarray((start.to_numpy() <= day) & (day < end.to_numpy()))


def _revenue(parts: dict[str, Floats], at_end: int, *, priced: bool) -> dict[str, float]:
    names = [*REVENUE, *(f"largest_{name}" for name in LARGEST)]
    if not priced:
        return dict.fromkeys(names, float("nan"))
    sums = {name: float(values.sum()) for name, values in parts.items()}
    before = sums["revenue_at_start"]
    kept = before - sums["churned_revenue"] - sums["contraction"]
    return {
        **sums,
        "gross_revenue_retention": _ratio(kept, before),
        "net_revenue_retention": _ratio(kept + sums["expansion"], before),
        "revenue_per_customer": _ratio(sums["revenue_at_end"], at_end),
        **{f"largest_{name}": _ratio(float(parts[name].max(initial=0.0)), sums[name]) for name in LARGEST},
    }


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else float("nan")
