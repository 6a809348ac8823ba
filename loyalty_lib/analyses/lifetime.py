"""Customer lifetime value for a report: fit, value, check against the actual outcome, and value by segment, in one.

Takes transactions and the client's settings, returns a LifetimeResult.  Where the data cannot carry a forecast the
result says why in a sentence and its tables are empty: a report prints the sentence, never a made-up figure.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from loyalty_lib.analyses.backtest import BacktestResult, backtest
from loyalty_lib.analyses.clv import CLVResult, customer_lifetime_value, group_intervals
from loyalty_lib.analyses.goodness import frequency_misfit
from loyalty_lib.analyses.model_choice import compare_models
from loyalty_lib.analyses.value import segment_of, value_by_segment
from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.estimate import Interval
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.config.analyses import Clv
    from loyalty_lib.models.fit import PurchaseFit
    from loyalty_lib.validate import Transactions

MIN_BUYERS = 500  # below this, parameters are too uncertain to plan with
MIN_DAYS = 180  # below this, too few customers have had time to come back
DAYS_PER_WEEK = 7
BY_SEGMENT = (
    "customers",
    "mean_clv",
    "total_clv",
    "low_clv",
    "high_clv",
    "share_of_clv",
    "mean_probability_alive",
    "expected_purchases",
)
BY_FREQUENCY = ("frequency", "customers", "actual", "predicted")
ORIGINS = ("cutoff", "predicted", "low", "high", "actual", "relative_error")


@dataclass(frozen=True, eq=False, kw_only=True)
class Forecast:
    """What a forecast consists of.

    Attributes
    ----------
    fit, spend_fit
        The models, fitted to all purchase days up to the as-of date.
    value
        Lifetime value of every customer, and in total.
    check
        Earlier forecasts against the actual outcome.
    equity_interval, purchases_interval
        Of the totals, widened by the error the earlier forecasts had.
    """

    fit: PurchaseFit
    spend_fit: GammaGammaFit
    value: CLVResult
    check: BacktestResult
    equity_interval: Interval
    purchases_interval: Interval


@dataclass(frozen=True, eq=False, kw_only=True)
class LifetimeResult:
    """Customer lifetime value, or why there is none.

    Attributes
    ----------
    forecast
        ``None`` where the data cannot carry one.
    reason
        Why there is no forecast; empty where there is one.
    detail
        What the model said, for the analyst; in English, and in no report.
    by_segment
        ``value_by_segment`` of the forecast, the intervals of its totals widened like that of the whole; no rows
        without one.
    by_frequency, origins
        Tables of the check (``BacktestResult``); no rows without a forecast.
    caveats
        For the report.
    """

    forecast: Forecast | None
    reason: str
    detail: str = ""
    by_segment: pd.DataFrame
    by_frequency: pd.DataFrame
    origins: pd.DataFrame
    caveats: tuple[str, ...] = ()


def lifetime(
    transactions: Transactions, as_of: dt.date, segments: RfmResult, settings: Clv | None, unit: str = "W"
) -> LifetimeResult:
    """Forecast what today's customers are worth, and check such forecasts against what happened.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    segments
        Of the same customers at the same day.
    settings
        Discount rate, margin, horizon, hold-out and model; ``None`` where the client's file gives none.
    unit
        Of time in the models, "D" or "W".

    Returns
    -------
    LifetimeResult
        Without a forecast where there are fewer than 500 buyers or 180 days, or a model does not fit.
    """
    if settings is None:
        return _none(Message("No margin and discount rate are set for this client, so no value is forecast."))
    summary = summarise(transactions, as_of, unit)
    days = (as_of - transactions.quality.first_day).days + 1
    if len(summary) < MIN_BUYERS or days < MIN_DAYS:
        return _none(
            Message(
                "A forecast needs at least {min_buyers:number} customers and {min_days:number} days of "
                "purchases; here are "
                "{buyers:number} customers and {days:number} days.",
                min_buyers=MIN_BUYERS,
                min_days=MIN_DAYS,
                buyers=len(summary),
                days=days,
            )
        )
    try:
        holdout = settings.holdout_weeks * DAYS_PER_WEEK if settings.holdout_weeks else None
        model, why = _model(transactions, as_of, settings.model, holdout, unit)
        fit, spend_fit = MODELS[model](summary), fit_gamma_gamma(summary)
        value = customer_lifetime_value(
            fit,
            spend_fit,
            summary,
            horizon_months=settings.horizon_months,
            yearly_discount_rate=settings.yearly_discount_rate,
            margin=settings.margin,
        )
        check = backtest(transactions, as_of, holdout_days=holdout, unit=unit, model=model)
    except ModelError as error:
        return _none(Message("The models do not fit these data, so no value is forecast."), detail=str(error))
    if not math.isfinite(value.equity_interval.high):
        return _none(
            Message("Spend differs so much between customers that their value has no upper limit; none is forecast.")
        )
    of_segments = group_intervals(fit, spend_fit, summary, value, segment_of(value, segments))
    forecast = Forecast(
        fit=fit,
        spend_fit=spend_fit,
        value=value,
        check=check,
        equity_interval=check.widen(value.equity_interval, "sales", value.level),
        purchases_interval=check.widen(value.purchases_interval, "purchases", value.level),
    )
    return LifetimeResult(
        forecast=forecast,
        reason="",
        by_segment=value_by_segment(value, segments, _widened(of_segments, check, value.level), value.level),
        by_frequency=check.by_frequency,
        origins=check.origins,
        caveats=tuple(dict.fromkeys((*why, *value.caveats, *frequency_misfit(fit, summary).caveats, *check.caveats))),
    )


def _widened(intervals: pd.DataFrame, check: BacktestResult, level: float) -> pd.DataFrame:
    """Widen the intervals of the segments by the error that earlier forecasts of the total had."""
    wider = [check.widen(Interval(*row), "sales", level) for row in intervals.itertuples(index=False, name=None)]
    return pd.DataFrame(wider, columns=list(intervals.columns), index=intervals.index, dtype=float)


def _model(
    transactions: Transactions, as_of: dt.date, asked: str, holdout_days: int | None, unit: str
) -> tuple[str, tuple[str, ...]]:
    """Return the model to use, and, where it had to be found out, why that one."""
    if asked != "auto":
        return asked, ()
    found = compare_models(transactions, as_of, holdout_days=holdout_days, unit=unit)
    return found.chosen, (found.reason,)


def _none(reason: Message, detail: str = "") -> LifetimeResult:
    return LifetimeResult(
        forecast=None,
        reason=reason,
        detail=detail,
        by_segment=pd.DataFrame(columns=list(BY_SEGMENT)),
        by_frequency=pd.DataFrame(columns=list(BY_FREQUENCY)),
        origins=pd.DataFrame(columns=list(ORIGINS)),
    )
