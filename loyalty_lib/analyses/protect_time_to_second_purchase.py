"""Thin the curves of second and third purchases until no two points are a few customers apart.

How many customers bought again between two days is the difference of two points of a curve, printed shares included.
Groups add up to all customers, and what they bought by one day to a point of the curve.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.suppression import MISSING, hide, small, went_missing
from loyalty_lib.analyses.time_to_second_purchase_groups import ordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult

SHARES: Final = ["share", "low", "high"]
TIMES: Final = ["median", "day50", "day80"]
LATE_PART: Final = 0.2  # of those who return, after day80: the smallest part that a printed day cuts off


def protect_time_to_second_purchase(
    result: SecondPurchaseResult, minimum: int, _dominance: float
) -> SecondPurchaseResult:
    """Keep points ``minimum`` customers apart, and groups whose customers, buyers and others are as many."""
    if result.curve["returned"].isna().all():
        return result
    steps = _steps(result.steps.astype(float), minimum)
    curves, at_days = [], []
    for step, known in result.steps.iterrows():
        curve = result.curve[result.curve["step"] == step]
        days = result.at_days[result.at_days["step"] == step]
        kept = _kept(curve, days, known, minimum)
        if step == "third" and steps["returned"].isna()["second"]:
            kept = set()  # its customers are those whose number is hidden
        curves.append(curve[curve["returned"].isin(kept)])
        at_days.append(days.assign(**{name: days[name].where(days["returned"].isin(kept)) for name in SHARES}))
    waiting, late = _two_parts(result, steps, minimum)
    protected = dataclasses.replace(
        result,
        curve=pd.concat(curves).assign(returned=MISSING).reset_index(drop=True),
        at_days=pd.concat(at_days).assign(returned=MISSING),
        steps=steps,
        groups=_groups(result.groups, minimum),
        waiting=waiting,
        late=late,
    )
    count = went_missing(protected.at_days["share"], result.at_days["share"])
    count += went_missing(steps, result.steps)
    columns = ["customers", "share", "day80"]
    count += int(protected.groups[columns].isna().sum().sum() - result.groups[columns].isna().sum().sum())
    count += sum(before is not None and after is None for before, after in _pairs(result, protected))
    return dataclasses.replace(protected, suppressed=result.suppressed + count)


def _pairs(
    before: SecondPurchaseResult, after: SecondPurchaseResult
) -> tuple[tuple[int | None, int | None], tuple[int | None, int | None]]:
    return (before.waiting, after.waiting), (before.late, after.late)


def _steps(steps: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Hide counts of a few; the customers of the third purchase are those who returned for the second."""
    for step in steps.index:
        customers, returned = steps.loc[step, ["customers", "returned"]].astype(float)
        if small(customers, minimum):
            steps.loc[step] = MISSING
        elif small(returned, minimum) or small(customers - returned, minimum):
            steps.loc[step, "returned"] = MISSING
        if returned * LATE_PART < minimum:
            steps.loc[step, TIMES] = MISSING
    if steps["returned"].isna()["second"]:
        steps.loc["third"] = MISSING
    return steps


def _kept(curve: pd.DataFrame, days: pd.DataFrame, known: pd.Series[float], minimum: int) -> set[float]:
    """Choose the points by how many have returned: those printed first, each as many as ``minimum`` from the others."""
    customers = float(known["customers"])
    if small(customers, minimum):
        return set()
    fixed = {0.0, float(known["returned"]), customers}  # those of the table
    taken = np.array(sorted(fixed))
    for point in [*days["returned"].astype(float), *curve["returned"].astype(float)]:
        if np.abs(taken - point).min() >= minimum:
            taken = np.append(taken, point)
    if small(known["returned"], minimum) or small(customers - known["returned"], minimum):
        taken = taken[taken != known["returned"]]
    return set(taken.tolist())


def _two_parts(result: SecondPurchaseResult, steps: pd.DataFrame, minimum: int) -> tuple[int | None, int | None]:
    """Return the one-time customers still in time and those later, both or neither."""
    if result.waiting is None or result.late is None or steps.loc["second", ["returned", "day80"]].isna().any():
        return None, None
    hidden, _safe = hide([result.waiting, result.late], minimum)
    return (None, None) if hidden.any() else (result.waiting, result.late)


def _groups(groups: pd.DataFrame, minimum: int) -> pd.DataFrame:
    parts = [_part(part, minimum) for _, part in groups.groupby("by", sort=False)]
    return ordered(pd.concat(parts)) if parts else groups


def _part(groups: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Hide groups of one kind; together they are all customers, and those who returned a point of the curve."""
    customers, returned = (groups[name].to_numpy(dtype=float) for name in ("customers", "returned"))
    few, _safe = hide(customers, minimum)
    shares = _few_shares(customers, returned, few, minimum)
    shown = groups.assign(returned=MISSING, customers=groups["customers"].astype(float).mask(few))
    shown[SHARES] = shown[SHARES].astype(float).mask(np.column_stack([shares] * len(SHARES)))
    shown["day80"] = shown["day80"].astype(float).mask(shares | (returned * LATE_PART < minimum))
    return shown


def _few_shares(
    customers: NDArray[np.float64], returned: NDArray[np.float64], few: NDArray[np.bool_], minimum: int
) -> NDArray[np.bool_]:
    """Choose the shares to hide: of few who returned, and of few who did not."""
    hidden, safe = hide(returned, minimum, also=few | small(customers - returned, minimum))
    others, others_safe = hide(customers - returned, minimum, also=few | hidden)
    if not (safe and others_safe):
        return np.ones(len(returned), dtype=bool)
    return np.asarray(hidden | others | few, dtype=bool)
