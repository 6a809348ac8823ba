"""How long customers under contract stay: Kaplan-Meier by month and by plan.

Takes ``Contracts``.  A life is a customer's first spell, from the start of the first contract to the day the customer
left, censored at ``as_of``.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.subscriptions_contracts import Contracts, day_number, months_between
from loyalty_lib.analyses.survival import SMALLEST_SHARE, follow_up, kaplan_meier, log_rank, survival_at

YEAR: Final = 12  # months
LEVEL: Final = 0.95


def lives(contracts: Contracts, as_of: dt.date) -> pd.DataFrame:
    """Return one row a customer: the first spell.

    Returns
    -------
    DataFrame
        Index ``customer``; ``start`` (days), ``months`` observed, ``left`` (by ``as_of``), ``plan`` of the first
        contract, the dearest where several start together.
    """
    day = day_number(as_of)
    first = contracts.spells.drop_duplicates("customer").set_index("customer")
    left = first["end"].to_numpy() <= day
    start = first["start"].to_numpy()
    dearest = contracts.rows.sort_values(["customer", "start", "amount", "plan"], ascending=[True, True, False, True])
    plan = dearest.drop_duplicates("customer").set_index("customer")["plan"]
    months = months_between(start, np.where(left, first["end"].to_numpy(), day))
    return pd.DataFrame(
        {"start": start, "months": months, "left": left, "plan": plan.reindex(first.index)}, index=first.index
    )


def survival_by_month(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share still under contract after each whole month.

    Parameters
    ----------
    table
        Of ``lives``.

    Returns
    -------
    DataFrame
        ``months`` from 0, ``share``, ``low``, ``high``, ``at_risk``, ``lost`` since the row before; as far as 5 % of
        customers were observed.
    """
    if table.empty:
        return pd.DataFrame(columns=["months", "share", "low", "high", "at_risk", "lost"], dtype=float)
    curve = _curve(table)
    last = follow_up(curve, at_least=SMALLEST_SHARE * len(table))
    months = np.arange(int(last) + 1, dtype=float)
    found = survival_at(curve, months)
    lost_by = np.append(0, curve["events"].cumsum())[np.searchsorted(curve.index.to_numpy(), months, side="right")]
    certain = found["survival"].to_numpy() == 1  # before the first loss the interval has no width to speak of
    return pd.DataFrame(
        {
            "months": months.astype(np.int64),
            "share": found["survival"].to_numpy(),
            "low": np.where(certain, 1.0, found["low"]),
            "high": np.where(certain, 1.0, found["high"]),
            "at_risk": found["at_risk"].to_numpy(),
            "lost": np.diff(lost_by, prepend=0),
        }
    )


def by_plan(table: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Compare the plans customers began with.

    Returns
    -------
    plans : DataFrame
        ``plan``, ``customers``, ``lost`` so far, ``at_risk``, ``lost_in_year``, ``kept``, ``low``, ``high`` (share
        still under contract after a year); the largest first.
    p_value : float
        Of the log-rank test of all plans staying alike; NaN with fewer than two.
    """
    rows = [_plan_row(str(plan), group) for plan, group in table.groupby("plan", sort=True)]
    columns = ["plan", "customers", "lost", "at_risk", "lost_in_year", "kept", "low", "high"]
    plans = pd.DataFrame(rows, columns=columns).sort_values(["customers", "plan"], ascending=[False, True])
    if len(plans) < 2:  # noqa: PLR2004 - two to compare
        return plans.reset_index(drop=True), float("nan")
    counts = (
        table.assign(events=table["left"].astype(int), censored=1 - table["left"].astype(int))
        .groupby(["plan", "months"], as_index=False)[["events", "censored"]]
        .sum()
    )
    return plans.reset_index(drop=True), log_rank(counts.rename(columns={"plan": "group", "months": "time"})).p_value


def _plan_row(plan: str, group: pd.DataFrame) -> tuple[object, ...]:
    at = survival_at(_curve(group), [YEAR]).iloc[0]
    in_year = int((group["left"] & (group["months"] <= YEAR)).sum())
    return (
        plan,
        len(group),
        int(group["left"].sum()),
        int(at["at_risk"]),
        in_year,
        at["survival"],
        at["low"],
        at["high"],
    )


def _curve(table: pd.DataFrame) -> pd.DataFrame:
    """Estimate survival from counts by duration."""
    counts = table.groupby("months")["left"].agg(["sum", "size"])
    return kaplan_meier(counts.index.to_numpy(), counts["sum"].to_numpy(), (counts["size"] - counts["sum"]).to_numpy())
