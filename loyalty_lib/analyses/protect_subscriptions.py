"""Hide small groups of customers under contract, and what could be worked out of them from the accounts.

Customers at start and end of a period show, so that end - start = new + back - lost is known; likewise in money.  Each
period is judged by itself: its end is the next one's start and judged by the same evidence.
"""

from __future__ import annotations

import dataclasses
from typing import Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.protect_table import protect_table
from loyalty_lib.analyses.subscriptions import SubscriptionsResult
from loyalty_lib.analyses.subscriptions_flows import MONEY, RATES
from loyalty_lib.analyses.subscriptions_renewals import Value
from loyalty_lib.analyses.suppression import MISSING, hide, small, went_missing
from loyalty_lib.i18n import Message

CAME: Final = ["new_customers", "back_customers"]
MOVES: Final = [*CAME, "lost_customers"]
COUNTED: Final = [*MOVES, "joined_and_left_customers", "expanding_customers", "contracting_customers"]
ENDS: Final = {"customers_at_start": "revenue_at_start", "customers_at_end": "revenue_at_end"}
KEPT_REVENUE: Final = {
    "gross_revenue_retention": ["contraction", "churned_revenue"],
    "net_revenue_retention": ["expansion", "contraction", "churned_revenue"],
}


def protect_subscriptions(result: SubscriptionsResult, minimum: int, dominance: float) -> SubscriptionsResult:
    """Hide what would tell of a few customers.

    Parameters
    ----------
    result
        Raw, or protected already.
    minimum
        Smallest group that may show.
    dominance
        Largest share of a money cell that one customer may hold.

    Returns
    -------
    SubscriptionsResult
        ``due``, a list of single customers, stays for further analysis.
    """
    if result.customers is None:
        return result
    if small(result.customers, minimum):
        return _nothing(result)
    flows = _flows(result.flows, minimum, dominance)
    survival = _thinned(result.survival, minimum)
    plans = _plans(result.plans, minimum)
    renewals, hidden = _renewals(result.renewals, minimum, dominance)
    count = went_missing(flows, result.flows) + went_missing(plans, result.plans) + hidden
    notice, going_on = result.given_notice, result.going_on
    if small([notice or 0, going_on or 0], minimum).any():
        notice = going_on = None  # their sum is the customers at the end
    value = _value(result.value, going_on, dominance)
    count += 2 * ((going_on is None) - (result.going_on is None)) + _shows(result.value) - _shows(value)
    few = bool(small(result.going_on or 0, minimum))
    return dataclasses.replace(
        result,
        flows=flows,
        survival=survival,
        plans=plans,
        renewals=renewals,
        given_notice=notice,
        going_on=going_on,
        value=value,
        ahead=result.ahead.iloc[:0] if few else result.ahead,
        caveats=tuple(caveat for caveat in result.caveats if _tells_of_many(caveat, minimum)),
        suppressed=result.suppressed + count,
    )


def _nothing(result: SubscriptionsResult) -> SubscriptionsResult:
    """Hide a population that is itself a small group."""
    return dataclasses.replace(
        result,
        flows=result.flows.iloc[:0],
        survival=result.survival.iloc[:0],
        plans=result.plans.iloc[:0],
        plans_p_value=MISSING,
        tally=result.tally.iloc[:0],
        fit=None,
        projection=result.projection.iloc[:0],
        ahead=result.ahead.iloc[:0],
        value=None,
        renewals=result.renewals.iloc[:0],
        customers=None,
        given_notice=None,
        going_on=None,
        caveats=(),
        suppressed=result.suppressed + 1,
    )


def _flows(table: pd.DataFrame, minimum: int, dominance: float) -> pd.DataFrame:
    rows = [_period(row.copy(), minimum, dominance) for _, row in table.iterrows()]
    return pd.DataFrame(rows, index=table.index, columns=table.columns) if rows else table


def _period(row: pd.Series, minimum: int, dominance: float) -> pd.Series:
    """Hide what one period would tell; a period that hides something already is left alone."""
    money_hidden = row[list(MONEY)].isna()
    if row[[*COUNTED, *ENDS]].isna().any() or (money_hidden.any() and not money_hidden.all()):
        return row  # counts are never missing otherwise, and money only as a whole
    counts = row[[*COUNTED, *ENDS]].astype(float)
    stayed = counts["customers_at_start"] - counts["lost_customers"]
    few_either_way = bool(small([stayed, *counts[list(ENDS)]], minimum).any())
    _hide_money(row, counts, minimum, dominance, all_parts=few_either_way)
    few = dict(zip(MOVES, small(counts[MOVES], minimum), strict=True))
    if any(few.values()) or few_either_way:
        # A few who came back can hide among many new customers; otherwise the account gives one away by the others.
        only_back = few == {**dict.fromkeys(MOVES, False), "back_customers": True} and not few_either_way
        among_many = counts["new_customers"] > 0 and counts[CAME].sum() > minimum
        row[CAME if only_back and among_many else [*MOVES, *RATES]] = MISSING
    hidden = [name for name in counts.index if small(counts[name], minimum)]
    row[hidden] = MISSING
    return row


def _hide_money(row: pd.Series, counts: pd.Series, minimum: int, dominance: float, *, all_parts: bool) -> None:
    """Hide parts of the account of recurring revenue, or all of them; and a total that few or one customer make."""
    dominated = row[[f"largest_{name}" for name in MONEY]].astype(float) > dominance
    hidden, safe = hide(counts[list(MONEY.values())], minimum, also=dominated)
    safe = safe and not all_parts
    for customers, revenue in ENDS.items():
        if small(counts[customers], minimum) or row[f"largest_{revenue}"] > dominance:
            row[revenue] = MISSING
            safe = False  # the other end and the parts would give this one away
    row[[name for name, gone in zip(MONEY, hidden, strict=True) if gone or not safe]] = MISSING
    if pd.isna(row["revenue_at_end"]):
        row["revenue_per_customer"] = MISSING
    for rate, parts in KEPT_REVENUE.items():
        if row[parts].isna().any():
            row[rate] = MISSING


def _thinned(survival: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Keep the months between which nobody was lost, or at least ``minimum`` were, while as many are observed."""
    kept: list[int] = []
    lost: list[int] = []
    waiting = 0
    for month, (count, at_risk) in enumerate(zip(survival["lost"], survival["at_risk"], strict=True)):
        waiting += int(count)
        if at_risk >= minimum and not small(waiting, minimum):
            kept.append(month)
            lost.append(waiting)
            waiting = 0
    return survival.iloc[kept].assign(lost=lost).reset_index(drop=True)


def _plans(plans: pd.DataFrame, minimum: int) -> pd.DataFrame:
    """Hide small plans; the customers of all are known, and so are those lost of all of them."""
    if plans.empty:
        return plans
    numbers = ["customers", "lost", "at_risk", "lost_in_year", "kept", "low", "high"]
    counts = plans["customers"].to_numpy(dtype=float)
    known = ~np.isnan(counts)
    hidden, safe = hide(np.where(known, counts, 0), minimum)
    table = plans.astype(dict.fromkeys(numbers, float))
    table.loc[hidden if safe else known, numbers] = MISSING
    # The curve of all customers tells how many left: what one plan hides must not be the rest of the others.
    remaining = small(table["customers"] - table["lost"], minimum)
    for count, also, columns in (
        ("lost", remaining, ["lost"]),
        ("lost_in_year", False, ["lost_in_year", "kept", "low", "high"]),
    ):
        few, certain = hide(table[count], minimum, also)
        table.loc[few if certain else table[count].notna(), columns] = MISSING
    table.loc[~(table["at_risk"] >= minimum), ["kept", "low", "high"]] = MISSING
    return table


def _renewals(table: pd.DataFrame, minimum: int, dominance: float) -> tuple[pd.DataFrame, int]:
    """Hide small groups of contracts that renew; the sum over plans and months is known."""
    if table.empty or table["customers"].isna().any():
        return table, 0
    raw = table.copy()
    raw.attrs = {"money": ["amount"], "largest_share": raw["largest_share"].to_dict()}
    protected = protect_table(raw, minimum, dominance)
    hidden = int(protected.attrs["suppressed"])
    protected.attrs = {}
    return protected, hidden


def _value(value: Value | None, going_on: int | None, dominance: float) -> Value | None:
    """Hide a value that is one customer's; its mean tells how many customers it is of."""
    if value is None or value.largest_share > dominance:
        return None
    if going_on is not None or np.isnan(value.per_customer):
        return value
    return dataclasses.replace(value, per_customer=MISSING)


def _shows(value: Value | None) -> int:
    return 0 if value is None else 1 + (value.per_customer == value.per_customer)


def _tells_of_many(caveat: str, minimum: int) -> bool:
    """Whether a caveat that counts customers counts enough of them."""
    if not isinstance(caveat, Message):
        return True
    named = caveat.values  # noqa: PD011 - a Message, not a pandas object
    return not small(named["count"] if caveat.plural else named.get("customers", 0), minimum)
