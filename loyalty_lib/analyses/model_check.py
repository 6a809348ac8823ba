"""The models against the customers: what the technical appendix shows of their fit and of their forecasts.

Takes transactions and the lifetime value of the same as-of date, returns a ModelCheck of tidy tables.  The parameters
and the spend are those of the models fitted to all days up to the as-of date; everything else is of the model fitted up
to the main cutoff, one hold-out earlier, against the customers known then.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.goodness import (
    DAYS_PER_WEEK,
    REACH,
    alive_table,
    calibration_table,
    frequency_misfit,
    frequency_table,
)
from loyalty_lib.analyses.goodness_spend import spend_by_frequency_table, spend_table
from loyalty_lib.i18n import Message
from loyalty_lib.models.histories import DAYS_PER_UNIT
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.models.estimate import Estimate
    from loyalty_lib.models.fit import PurchaseFit
    from loyalty_lib.validate import Transactions

PARAMETERS: Final = ("model", "parameter", "estimate", "standard_error", "low", "high")
FREQUENCIES: Final = ("frequency", "customers", "expected")
TRACKING: Final = (
    *("week", "until", "customers", "purchases", "expected"),
    *("cumulative", "cumulative_expected", "known"),
)
CALIBRATION: Final = ("group", "customers", "expected", "actual", "low", "high")
ALIVE: Final = ("frequency", "silent", "customers", "probability_alive", "came_back")
SPEND: Final = ("low", "high", "customers", "expected")
SPEND_BY_FREQUENCY: Final = ("frequency", "customers", "mean_spend", "low", "high")


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelCheck:
    """Models and customers side by side; without a forecast tables have no rows and figures are NaN.

    Attributes
    ----------
    parameters
        Of the fits at ``as_of``: ``model``, ``parameter``, ``estimate``, ``standard_error``, and ``low`` to ``high``,
        the 95 % interval (of the logarithm, taken back); NaN where the data leave a parameter undetermined.
    frequencies
        Customers at ``cutoff`` by repeat purchases: ``goodness.frequency_table``.
    tracking
        Repeat purchases of the customers known at ``cutoff``, by whole weeks from the first day of the data: ``week``
        (1, 2, ...), ``until`` (its last day), ``customers`` who bought in it, ``purchases``, ``expected``, both added
        up from week 1 in ``cumulative`` and ``cumulative_expected``, and ``known`` (the fit had seen the whole week).
    calibration
        The hold-out by groups of expected purchases: ``goodness.calibration_table``.
    alive
        The hold-out by past purchases and silence: ``goodness.alive_table``.
    spend, spend_by_frequency
        Repeat buyers with a positive mean spend at ``as_of``: ``goodness_spend.spend_table`` and
        ``goodness_spend.spend_by_frequency_table``.
    chi_squared, degrees, p_value, misplaced
        Of the model and the customers at ``cutoff``: ``goodness.Misfit``.  Beyond ten repeat purchases its classes are
        finer than those of ``frequencies``.
    spearman, pearson, eta_squared
        Association of frequency and mean spend: ``GammaGammaFit``.
    cutoff, as_of
        Last day the main forecast knew, and last day of its hold-out; the same day without a forecast.
    holdout_days
        Between them.
    caveats
        Of the model fitted at ``cutoff``, as far as the lifetime value does not carry them already.
    """

    parameters: pd.DataFrame
    frequencies: pd.DataFrame
    tracking: pd.DataFrame
    calibration: pd.DataFrame
    alive: pd.DataFrame
    spend: pd.DataFrame
    spend_by_frequency: pd.DataFrame
    chi_squared: float
    degrees: int
    p_value: float
    misplaced: float
    spearman: float
    pearson: float
    eta_squared: float
    cutoff: dt.date
    as_of: dt.date
    holdout_days: int
    caveats: tuple[str, ...]


def model_check(transactions: Transactions, as_of: dt.date, value: LifetimeResult) -> ModelCheck:
    """Hold the models behind a lifetime value against the customers they describe.

    Parameters
    ----------
    transactions
        Of all customers, as ``value`` was made of.
    as_of
        The last day observed, the same as ``value``'s.
    value
        With the models at ``as_of`` and the check of the earlier forecasts.

    Returns
    -------
    ModelCheck
        Without rows where ``value`` holds no forecast.
    """
    forecast = value.forecast
    if forecast is None:
        return _none(as_of)
    fit, spend_fit = forecast.check.fit, forecast.spend_fit
    spends = spend_fit.spends
    assert spends is not None, "only a fit read from JSON lacks the customers it was fitted to"
    holdout_days = forecast.check.holdout_days
    cutoff = as_of - dt.timedelta(days=holdout_days)
    summary = summarise(transactions, cutoff, fit.unit)
    weeks, outcome = _outcome(transactions, cutoff, as_of)
    actual = outcome.reindex(summary.index, fill_value=0)
    expected = fit.expected_purchases(summary, holdout_days / DAYS_PER_UNIT[fit.unit])
    misfit = frequency_misfit(fit, summary)
    return ModelCheck(
        parameters=pd.concat([_parameters(forecast.fit), _parameters(spend_fit)], ignore_index=True),
        frequencies=frequency_table(fit, summary),
        tracking=_tracking(fit, summary, weeks, transactions.quality.first_day, cutoff, as_of),
        calibration=calibration_table(expected, actual),
        alive=alive_table(fit, summary, actual),
        spend=spend_table(spend_fit, spends),
        spend_by_frequency=spend_by_frequency_table(spends),
        chi_squared=misfit.chi_squared,
        degrees=misfit.degrees,
        p_value=misfit.p_value,
        misplaced=misfit.misplaced,
        spearman=spend_fit.spearman,
        pearson=spend_fit.pearson,
        eta_squared=spend_fit.eta_squared,
        cutoff=cutoff,
        as_of=as_of,
        holdout_days=holdout_days,
        caveats=_unsaid((*fit.caveats, *misfit.caveats), value.caveats),
    )


def _outcome(transactions: Transactions, cutoff: dt.date, as_of: dt.date) -> tuple[pd.DataFrame, pd.Series[int]]:
    """Return weeks with repeat purchases, and purchases after ``cutoff`` by customer."""
    engine = transactions.engine
    engine.create("known_days", "purchase_days", as_of=cutoff)
    engine.create("purchase_days_as_of", "purchase_days", as_of=as_of)
    weeks = engine.frame("tracking", first_day=transactions.quality.first_day, cutoff=cutoff).set_index("week")
    purchases = engine.frame("holdout", cutoff=cutoff).set_index("customer_id")["purchases"]
    engine.connection.execute("DROP TABLE known_days; DROP TABLE purchase_days_as_of")
    return weeks, purchases


def _tracking(
    fit: PurchaseFit,
    summary: pd.DataFrame,
    weeks: pd.DataFrame,
    first_day: dt.date,
    cutoff: dt.date,
    as_of: dt.date,
) -> pd.DataFrame:
    """Lay actual and expected purchases side by side, week by week.

    Customers' ages count from the first purchase day to the cutoff, so that the end of a week whose last day is the
    cutoff lies at 0, and a week that ends d days later at d.
    """
    whole = ((as_of - first_day).days + 1) // DAYS_PER_WEEK
    numbers = np.arange(1, whole + 1)
    since_first = numbers * DAYS_PER_WEEK - 1
    days = since_first - (cutoff - first_day).days
    cumulative_expected = fit.expected_cumulative(summary, days / DAYS_PER_UNIT[fit.unit])
    seen = weeks.reindex(numbers, fill_value=0)
    return pd.DataFrame(
        {
            "week": numbers,
            "until": [first_day + dt.timedelta(days=day) for day in since_first.tolist()],
            "customers": seen["customers"].to_numpy(),
            "purchases": seen["purchases"].to_numpy(),
            "expected": np.diff(cumulative_expected, prepend=0.0),
            "cumulative": seen["purchases"].cumsum().to_numpy(),
            "cumulative_expected": cumulative_expected,
            "known": days <= 0,
        }
    )


def _parameters(fit: Estimate) -> pd.DataFrame:
    estimates = np.fromiter(fit.params.values(), dtype=float)
    open_ones = [name in fit.undetermined for name in fit.params]
    reach = np.where(open_ones, math.nan, REACH * np.sqrt(np.diag(fit.log_covariance)))
    return pd.DataFrame(
        {
            "model": fit.model,
            "parameter": list(fit.params),
            "estimate": estimates,
            "standard_error": list(fit.standard_errors.values()),
            "low": estimates * np.exp(-reach),
            "high": estimates * np.exp(reach),
        }
    )


def _unsaid(caveats: Iterable[str], said: Iterable[str]) -> tuple[str, ...]:
    """Leave out what is said already, be it of another day and with other figures."""
    sentences = {_sentence(caveat) for caveat in said}
    return tuple(caveat for caveat in caveats if _sentence(caveat) not in sentences)


def _sentence(caveat: str) -> str:
    return caveat.msgid if isinstance(caveat, Message) else caveat


def _none(as_of: dt.date) -> ModelCheck:
    def empty(columns: tuple[str, ...]) -> pd.DataFrame:
        return pd.DataFrame(columns=list(columns))

    return ModelCheck(
        parameters=empty(PARAMETERS),
        frequencies=empty(FREQUENCIES),
        tracking=empty(TRACKING),
        calibration=empty(CALIBRATION),
        alive=empty(ALIVE),
        spend=empty(SPEND),
        spend_by_frequency=empty(SPEND_BY_FREQUENCY),
        chi_squared=math.nan,
        degrees=0,
        p_value=math.nan,
        misplaced=math.nan,
        spearman=math.nan,
        pearson=math.nan,
        eta_squared=math.nan,
        cutoff=as_of,
        as_of=as_of,
        holdout_days=0,
        caveats=(),
    )
