"""Value at risk, the lists of customers to write to, and how to divide a budget over them.

Takes transactions, the period, segments, the forecast and the client's settings, returns an ``ActionListsResult``.  A
list has a size always; a value only where the client's settings say how many more of a hundred customers buy when
written to.  Part of every list, drawn at random, is left alone, to see what the letter does.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from loyalty_lib.analyses.action_at_risk import COLUMNS as AT_RISK
from loyalty_lib.analyses.action_at_risk import total_at_risk, value_at_risk
from loyalty_lib.analyses.action_budget import divide_budget
from loyalty_lib.analyses.action_cross_sell import next_categories, one_category, with_customers
from loyalty_lib.analyses.action_rules import RULES, Rules, members, second_purchase_days
from loyalty_lib.analyses.action_state import alive_on, state_on
from loyalty_lib.analyses.action_worth import bought_since, customer_table, draw_control, list_table
from loyalty_lib.analyses.rfm_scheme import INACTIVE
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.config.analyses import Action, Actions, Assumption
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

NAN = float("nan")


@dataclass(frozen=True, eq=False, kw_only=True)
class ActionListsResult:
    """Whom to write to, and what it may bring.

    Attributes
    ----------
    lists
        One row a list that the data allow, in a fixed order: ``list``; ``customers``, of whom ``treated`` are written
        to and ``control`` left alone; ``order_value`` (mean); ``one_order`` (an order of each: customers x order
        value); ``uplift``, ``cost``, ``reward`` (the assumption; NaN where the settings have none); ``extra_sales`` =
        treated x uplift x order value; ``expected_value`` = treated x (uplift x (order value x margin - reward) -
        cost); ``break_even`` (the uplift that pays for the letter; NaN where none does); ``baseline`` (share who buy
        within ``days`` unasked) and ``smallest_effect`` (uplift that the control group would show).  For ``protect``:
        ``largest_share``, one customer's share of the order value, and ``earlier``, the customers behind ``baseline``.
    value_at_risk
        As ``action_at_risk.value_at_risk``; no rows without a forecast.
    total_at_risk
        Its columns of customers and money over all segments, and ``largest_share``; empty without a forecast.
    cross_sell
        As ``action_cross_sell.with_customers``: what to offer next to the buyers of a single category.
    budget
        As ``action_budget.divide_budget``; no rows without a budget or an assumption.
    customers
        One row a customer and list, sorted by list and customer: ``list``, ``customer_id``, ``segment``,
        ``next_category``, ``expected_day``, ``years``, ``renewal_day`` (reasons, missing where not the list's),
        ``control``, ``value`` (lifetime value; sales of twelve months without a forecast), ``order_value``, ``cost``,
        ``gain`` (expected value of writing to this customer) and ``first`` (whether this is the customer's best list).
        Never printed.
    listed, several
        Customers on a list, and on more than one; ``None`` where hidden.
    paying, expected_value
        Customers it pays to write to, each on their best list only, and what that brings; ``None`` and NaN where hidden
        or without an assumption.
    unknown
        Customers of whom the model cannot tell whether they are active; left out of the value at risk.
    reason
        Why there is no value at risk; empty where there is one.
    threshold, share_of_control, days, amount, margin
        The settings: probability, share, days ahead, budget (``None`` for none), share of sales that is contribution
        (``None`` for none).
    second_days
        Days from the first purchase within which the second is asked for; NaN where it cannot be told.
    hidden_segments
        Segments whose size is hidden elsewhere in the report.
    as_of, previous
        Last day observed, and last day of the previous period.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    lists: pd.DataFrame
    value_at_risk: pd.DataFrame
    total_at_risk: pd.Series[float]
    cross_sell: pd.DataFrame
    budget: pd.DataFrame
    customers: pd.DataFrame
    listed: int | None
    several: int | None
    paying: int | None
    expected_value: float
    unknown: int | None
    reason: str
    threshold: float
    share_of_control: float
    days: int
    amount: float | None
    margin: float | None
    second_days: float
    hidden_segments: tuple[str, ...]
    as_of: dt.date
    previous: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def bars(self) -> pd.DataFrame:
        """What the chart of the lists shows: ``list``, ``customers``, ``expected_value``; without empty lists."""
        return self.lists.loc[self.lists["customers"] != 0, ["list", "customers", "expected_value"]]

    @property
    def risk_bars(self) -> pd.DataFrame:
        """What the chart of the value at risk shows: ``segment``, ``customers``, ``at_risk``, ``new_at_risk``."""
        return self.value_at_risk[["segment", "customers", "at_risk", "new_at_risk"]]

    @property
    def paid_for(self) -> pd.Series[float]:
        """Customers, cost and expected value of what the budget pays for, as far as the table shows it."""
        columns = ["customers", "cost", "expected_value"]
        return self.budget[columns].astype(float).mul(self.budget["share"].astype(float), axis=0).dropna().sum()


def action_lists(
    transactions: Transactions,
    period: Period,
    segments: RfmResult,
    value: LifetimeResult,
    settings: Actions,
    margin: float | None,
    *,
    subscriptions: pd.DataFrame | None = None,
    renewal_months: int = 12,
    horizon_days: int | None = None,
) -> ActionListsResult:
    """Draw up the lists of customers to write to.

    Parameters
    ----------
    transactions
        The client's transactions.
    period
        The reporting period; its end is the as-of date.
    segments, value
        Of the same customers at the period's end.
    settings
        Threshold, control group, days ahead, budget and assumptions.
    margin
        Share of net sales that is contribution; ``None`` where the client gives none.
    subscriptions
        ``customer_id``, ``start``, ``end`` of contracts; ``None`` where there are none.
    renewal_months
        How long a contract runs until it is renewed.
    horizon_days
        How far ahead to look; the settings' days by default.

    Returns
    -------
    ActionListsResult
        Lists may overlap.  Rules and sources are in ``action_rules`` and ``action_effects``.
    """
    as_of, forecast, days = period.end, value.forecast, horizon_days or settings.days
    before = as_of - dt.timedelta(days=days)
    now = state_on(transactions, as_of, forecast, now=True)
    pairs = next_categories(transactions, as_of)
    rules = Rules(
        threshold=settings.threshold,
        days=days,
        second_days=second_purchase_days(now.customers),
        one_category=one_category(transactions, as_of),
        next_category=dict(zip(pairs["category"], pairs["next"], strict=True)),
        contracts=subscriptions,
        renewal_months=renewal_months,
    )
    then = dataclasses.replace(rules, one_category=one_category(transactions, before))
    would_have_been = members(state_on(transactions, before, forecast, now=False), then)
    listed = members(now, rules)
    control = draw_control(transactions.engine, listed, period.label, settings.control)
    segment = segments.customers["segment"].reindex(now.customers.index).fillna(INACTIVE)
    customers = customer_table(listed, control, now, segment, settings, margin)
    lists = list_table(customers, bought_since(would_have_been, now, before), settings, margin, _possible(rules))
    written = customers[customers["first"] & ~customers["control"]].dropna(subset="gain")
    pays = written["gain"] > 0
    valued = bool(lists["expected_value"].notna().any())
    at_risk, total, unknown = _at_risk(transactions, period, value, segments, segment, settings.threshold)
    offered = rules.one_category.reindex(customers.loc[customers["list"] == "cross_sell", "customer_id"])
    return ActionListsResult(
        lists=lists,
        value_at_risk=at_risk,
        total_at_risk=total,
        cross_sell=with_customers(pairs, offered),
        budget=divide_budget(written, settings.budget, list(RULES)),
        customers=customers,
        listed=customers["customer_id"].nunique(),
        several=int((customers["customer_id"].value_counts() > 1).sum()),
        paying=int(pays.sum()) if valued else None,
        expected_value=float(written.loc[pays, "gain"].sum()) if valued else NAN,
        unknown=unknown,
        reason=value.reason,
        threshold=settings.threshold,
        share_of_control=settings.control,
        days=days,
        amount=settings.budget,
        margin=margin,
        second_days=rules.second_days,
        hidden_segments=_hidden(segments),
        as_of=as_of,
        previous=period.previous.end,
        caveats=_caveats(settings.assumptions),
    )


def _possible(rules: Rules) -> list[str]:
    """Return the lists that the data allow: renewals need contracts, cross-selling categories that go together."""
    needs = {
        "second_purchase": math.isfinite(rules.second_days),
        "renewal": rules.contracts is not None,
        "cross_sell": bool(rules.next_category),
    }
    return [name for name in RULES if needs.get(name, True)]


def _at_risk(
    transactions: Transactions,
    period: Period,
    value: LifetimeResult,
    segments: RfmResult,
    segment: pd.Series,
    threshold: float,
) -> tuple[pd.DataFrame, pd.Series[float], int | None]:
    """Return the value at risk by segment and in total, and of how many customers the model cannot tell."""
    if value.forecast is None:
        return pd.DataFrame(columns=list(AT_RISK)), pd.Series(dtype=float), None
    values = value.forecast.value.customers
    before = alive_on(transactions, period.previous.end, value.forecast)
    table = value_at_risk(values, before, segment, [*segments.segments.index, INACTIVE], threshold)
    total = total_at_risk(values, before, threshold)
    return table, total, int(values["probability_alive"].isna().sum())


def _hidden(segments: RfmResult) -> tuple[str, ...]:
    """Return the segments whose size the report hides elsewhere."""
    hidden = segments.segments.index[segments.segments["customers"].isna()].to_list()
    return tuple(hidden if segments.inactive is not None else [*hidden, INACTIVE])


def _caveats(assumptions: Mapping[Action, Assumption]) -> tuple[str, ...]:
    if any(assumed.reward > 0 for assumed in assumptions.values()):
        text = mark(
            "A reward is counted for the customers who buy because of the letter; those who would have bought anyway "
            "and are given it too cost more."
        )
        return (Message(text),)
    return ()
