"""Who is on which list: one rule a list, applied to what is known of every customer on a day.

Takes a ``State`` and the settings, returns one row a customer and list.  The same rules applied to an earlier day give
the customers who would have been on the lists then, which tells how many of such customers buy anyway.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.action_calendar import next_round
from loyalty_lib.analyses.survival import kaplan_meier, time_of_share

if TYPE_CHECKING:
    from loyalty_lib.analyses.action_state import State

STILL_THERE: Final = 0.05  # probability of being active under which nothing is left to win back
SILENT_GAPS: Final = 2  # a customer is silent for longer than usual after so many of their own mean gaps
TOP: Final = 0.1  # share of customers with the highest value whom one does not want to lose
HABIT_DAYS: Final = 3  # purchase days from which on a customer's own gap says when the next one is due
FIRST_SEEN: Final = np.timedelta64(30, "D")  # from the data's first purchase: who is first seen in it may be older
RETURNING: Final = 0.8  # share of those who come back by whose day the second purchase is asked for
MONTHS_PER_YEAR: Final = 12
REASONS: Final = ("next_category", "expected_day", "years", "renewal_day")


@dataclass(frozen=True, eq=False, kw_only=True)
class Rules:
    """What the rules need beside the customers themselves.

    Attributes
    ----------
    threshold
        Probability of being active below which a customer counts as at risk.
    days
        How far ahead of the day is looked.
    second_days
        Days from the first purchase within which the second one is asked for; NaN where it cannot be told.
    one_category
        Index customer_id: the category of those who have bought in exactly one.
    next_category
        By category: the one to offer next.
    contracts
        ``customer_id``, ``start``, ``end``; ``None`` where there is no such file.
    renewal_months
        How long a contract runs until it is renewed.
    """

    threshold: float
    days: int
    second_days: float
    one_category: pd.Series
    next_category: Mapping[str, str]
    contracts: pd.DataFrame | None
    renewal_months: int


def members(state: State, rules: Rules) -> pd.DataFrame:
    """Put customers on lists.

    Parameters
    ----------
    state
        Customers on a day.
    rules
        What is asked of them.

    Returns
    -------
    DataFrame
        One row a customer and list, sorted by list (in the order of ``RULES``) and customer: ``list``,
        ``customer_id``, and the reasons ``next_category``, ``expected_day``, ``years``, ``renewal_day``, missing where
        they are not those of the list.
    """
    found = {name: rule(state, rules) for name, rule in RULES.items()}
    tables = [table.assign(list=name).rename_axis("customer_id").reset_index() for name, table in found.items()]
    empty = pd.DataFrame(
        {
            "list": pd.Series(dtype="str"),
            "customer_id": pd.Series(dtype="str"),
            "next_category": pd.Series(dtype="str"),
            "expected_day": pd.Series(dtype="datetime64[us]"),
            "years": pd.Series(dtype=float),
            "renewal_day": pd.Series(dtype="datetime64[us]"),
        }
    )
    filled = [table for table in tables if len(table)]
    joined = pd.concat(filled, ignore_index=True) if filled else empty
    return joined.reindex(columns=empty.columns).astype(empty.dtypes.to_dict())


def second_purchase_days(customers: pd.DataFrame) -> float:
    """Return by which day four of five customers who come back have come back.

    Parameters
    ----------
    customers
        Of a ``State``.

    Returns
    -------
    float
        Days from the first purchase day; NaN where too few were followed for long enough.

    References
    ----------
    Kaplan & Meier (1958), Journal of the American Statistical Association 53, 457-481; those who have not come back are
    censored at the day they are described on.
    """
    once = customers["purchase_days"] == 1
    durations = customers["days_since"].where(once, customers["first_gap"]).to_numpy(dtype=float)
    if not len(durations):
        return float("nan")
    return time_of_share(kaplan_meier(durations, ~once, once), RETURNING)


def win_back(state: State, rules: Rules) -> pd.DataFrame:
    """Find repeat buyers who are more likely gone than not but not gone for good; silent ones without a forecast."""
    customers = state.customers
    if not state.modelled:
        return customers.loc[_silent(state), []]
    again = customers["purchase_days"] > 1
    unlikely = (customers["alive"] < rules.threshold) & (customers["alive"] >= STILL_THERE)
    return customers.loc[again & unlikely & (customers["worth"] > 0), []]


def second_purchase(state: State, rules: Rules) -> pd.DataFrame:
    """Find customers with one purchase day who are still within the time in which most come back."""
    customers = state.customers
    return customers.loc[(customers["purchase_days"] == 1) & (customers["days_since"] <= rules.second_days), []]


def do_not_lose(state: State, rules: Rules) -> pd.DataFrame:
    """Find the tenth of customers with the highest value, as far as they are still active; ties are all in."""
    customers = state.customers
    worth = customers["worth"] if state.modelled else customers["recent_sales"]
    active = customers["alive"] >= rules.threshold if state.modelled else ~_silent(state)
    counting = np.sort(worth[worth > 0].to_numpy())
    if not len(counting):
        return _nobody(state)
    least = counting[-int(np.ceil(TOP * len(counting)))]
    found: pd.DataFrame = customers.loc[active & (worth >= least), []]
    return found


def anniversary(state: State, rules: Rules) -> pd.DataFrame:
    """Find customers whose first purchase will be a whole number of years ago in the days ahead.

    Customers first seen in the data's first days may have bought before: their first purchase is not known.
    """
    first = state.customers["first_day"].to_numpy().astype("datetime64[D]")
    if not len(first):
        return _nobody(state)
    day, years = next_round(first, state.day, MONTHS_PER_YEAR)
    due = (day <= np.datetime64(state.day, "D") + rules.days) & (first >= first.min() + FIRST_SEEN)
    return pd.DataFrame({"years": years[due].astype(float)}, index=state.customers.index[due])


def renewal(state: State, rules: Rules) -> pd.DataFrame:
    """Find customers one of whose running contracts is renewed in the days ahead, and the first such day."""
    contracts = rules.contracts
    if contracts is None or contracts.empty:
        return _nobody(state)
    today = pd.Timestamp(state.day)
    contracts = contracts[(contracts["start"] <= today) & ~(contracts["end"] <= today)]
    day, _ = next_round(contracts["start"].to_numpy().astype("datetime64[D]"), state.day, rules.renewal_months)
    due = pd.Series(day.astype("datetime64[us]"), index=contracts["customer_id"].to_numpy(), name="renewal_day")
    first: pd.DataFrame = due.groupby(level=0).min().to_frame()
    return first[first["renewal_day"] <= today + pd.Timedelta(days=rules.days)]


def cross_sell(state: State, rules: Rules) -> pd.DataFrame:
    """Find repeat buyers of a single category to which another one is to be offered."""
    offered = rules.one_category.map(rules.next_category).dropna()
    again = state.customers["purchase_days"].reindex(offered.index) > 1
    return offered[again].to_frame("next_category")


def upcoming(state: State, rules: Rules) -> pd.DataFrame:
    """Find customers whose own gap says that they will buy in the days ahead."""
    customers = state.customers
    expected = customers["last_day"] + pd.to_timedelta(np.ceil(customers["median_gap"]), unit="D")
    today = pd.Timestamp(state.day)
    due = (expected > today) & (expected <= today + pd.Timedelta(days=rules.days))
    due &= customers["purchase_days"] >= HABIT_DAYS
    if state.modelled:
        due &= customers["alive"] >= rules.threshold
    found: pd.DataFrame = expected[due].to_frame("expected_day")
    return found


def _nobody(state: State) -> pd.DataFrame:
    return pd.DataFrame(index=state.customers.index[:0])


def _silent(state: State) -> pd.Series[bool]:
    """Say who has been away for longer than is usual for them, and than is usual at all."""
    away = state.customers["days_since"]
    return (away > SILENT_GAPS * state.customers["mean_gap"]) & (away > state.habit)


RULES: Final[dict[str, Callable[[State, Rules], pd.DataFrame]]] = {
    "win_back": win_back,
    "second_purchase": second_purchase,
    "do_not_lose": do_not_lose,
    "anniversary": anniversary,
    "renewal": renewal,
    "cross_sell": cross_sell,
    "upcoming": upcoming,
}
