"""What is known of every customer on a day: what they have done, and what the fitted model makes of it.

Takes transactions, a day and the report's forecast, returns a ``State``.  The report's own day uses the forecast as it
stands; an earlier day is scored by the same fitted models from what was known then.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from loyalty_lib.analyses.window import window_start
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.analyses.lifetime import Forecast
    from loyalty_lib.validate import Transactions

RECENT_MONTHS = 12


@dataclass(frozen=True, eq=False, kw_only=True)
class State:
    """Customers on a day.

    Attributes
    ----------
    day
        Last day seen.
    customers
        Index customer_id, sorted: ``purchase_days``, ``first_day``, ``last_day``, ``days_since`` (the last purchase
        day), ``first_gap``, ``median_gap``, ``mean_gap`` (days; NaN for one-time buyers), ``recent_sales`` (of twelve
        months), ``order_value`` (expected spend of a purchase day under the forecast; mean net sales of the purchase
        days without), ``alive`` (probability of being active; NaN where the model cannot tell) and ``worth`` (what
        their future purchases are worth; NaN without a forecast).
    habit
        Median gap of all customers, in days; NaN where nobody came back.
    modelled
        Whether there is a forecast.
    """

    day: dt.date
    customers: pd.DataFrame
    habit: float
    modelled: bool


def state_on(transactions: Transactions, day: dt.date, forecast: Forecast | None, *, now: bool) -> State:
    """Describe every customer who had bought by ``day``.

    Parameters
    ----------
    transactions
        The client's transactions.
    day
        Last day seen.
    forecast
        The report's; ``None`` without one.
    now
        Whether ``day`` is the forecast's own as-of date.
    """
    engine = transactions.engine
    engine.create("purchase_days_as_of", "purchase_days", as_of=day)
    try:
        known = engine.frame("action_customers", start=window_start(day, RECENT_MONTHS)).set_index("customer_id")
        habit = engine.frame("action_gap")["gap"].iloc[0]
    finally:
        engine.connection.execute("DROP TABLE purchase_days_as_of")
    returned = known["purchase_days"] - 1
    known["days_since"] = (pd.Timestamp(day) - known["last_day"]).dt.days
    known["mean_gap"] = (known["last_day"] - known["first_day"]).dt.days / returned.where(returned > 0)
    known["order_value"] = known["sales"] / known["purchase_days"]
    known["alive"] = known["worth"] = np.nan
    if forecast is not None and len(known):
        scores = _forecast_now(forecast) if now else _scored(transactions, day, forecast)
        known[["alive", "worth", "order_value"]] = scores.reindex(known.index)
    return State(
        day=day,
        customers=known.drop(columns="sales"),
        habit=float("nan") if pd.isna(habit) else float(habit),
        modelled=forecast is not None,
    )


def alive_on(transactions: Transactions, day: dt.date, forecast: Forecast) -> pd.Series[float]:
    """Return the probability of being active that the fitted model gives on an earlier day; NaN where it cannot tell.

    Parameters
    ----------
    transactions
        The client's transactions.
    day
        Before the forecast's as-of date.
    forecast
        The report's.
    """
    summary = summarise(transactions, day, forecast.fit.unit)
    return _alive(forecast, summary)


def _forecast_now(forecast: Forecast) -> pd.DataFrame:
    values = forecast.value.customers
    return values[["probability_alive", "clv", "expected_spend"]].set_axis(["alive", "worth", "order_value"], axis=1)


def _scored(transactions: Transactions, day: dt.date, forecast: Forecast) -> pd.DataFrame:
    """Score an earlier day; undiscounted sales stand for the value, for only its order counts."""
    summary = summarise(transactions, day, forecast.fit.unit)
    spend = forecast.spend_fit.expected_mean_spend(summary)
    purchases = forecast.fit.expected_purchases(summary, forecast.value.horizon)
    return pd.DataFrame({"alive": _alive(forecast, summary), "worth": purchases * spend, "order_value": spend})


def _alive(forecast: Forecast, summary: pd.DataFrame) -> pd.Series[float]:
    if summary.empty:
        return pd.Series(dtype=float, index=summary.index)
    alive = forecast.fit.probability_alive(summary)
    return alive if forecast.fit.identifies_one_time_buyers else alive.where(summary["frequency"] > 0)
