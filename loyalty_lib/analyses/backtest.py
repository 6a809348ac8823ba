"""Check against actual outcome: forecasts made from the data of an earlier day, against what customers then did.

Takes transactions and the as-of date, returns a BacktestResult.  The main forecast is made one hold-out before the
as-of date, earlier ones one, two and three hold-outs before that, as far as the data reach; hold-outs do not overlap.
A day belongs to one side: the cutoff day is known to the forecast, the day after is not.  Money is that of purchase
days on both sides.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.estimate import Interval
from loyalty_lib.models.gamma_gamma import fit_gamma_gamma
from loyalty_lib.models.histories import DAYS_PER_UNIT
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

LEVEL = 0.8
SEED = 30
EARLIER = 3  # forecasts before the main one
DAYS_PER_WEEK = 7
LONGEST_WEEKS = 52  # of a hold-out nobody chose
GOOD = 0.10  # largest relative error of a forecast that can be trusted
FAIR = 0.25  # and of one that can be used with care
FREQUENT = 7  # repeat purchases from which customers are one class


@dataclass(frozen=True, eq=False, kw_only=True)
class BacktestResult:
    """Forecasts against outcomes.

    Attributes
    ----------
    origins
        One row a forecast, the main one last: ``cutoff`` and ``until`` (days), ``customers``, purchases ``predicted``
        with ``low`` and ``high``, ``actual``, ``relative_error`` ((predicted - actual) / actual),
        ``predicted_sales``, ``actual_sales`` (NaN where spend could not be modelled), ``predicted_active``,
        ``actual_active`` (customers with a purchase).
    by_frequency
        Of the main forecast: ``frequency`` (repeat purchases until the cutoff, "0" to "7+"), ``customers``, mean
        purchases per customer ``actual`` and ``predicted`` (NaN in an empty class).
    predicted, actual, relative_error
        Purchases of the main forecast.
    model_error
        Root mean square of log(actual / predicted) over the origins: the error to expect of the next forecast.
    trust
        "good" where neither the main forecast nor the forecasts together (``model_error``) were more than 10 % off,
        "fair" up to 25 %, "poor" beyond.
    level
        Of ``low`` to ``high``.
    holdout_days
        Length of every hold-out.
    fit
        The purchase model of the main forecast.
    caveats
        Which checks are left out; those of the model are in ``fit.caveats``.
    """

    origins: pd.DataFrame
    by_frequency: pd.DataFrame
    predicted: float
    actual: int
    relative_error: float
    model_error: float
    trust: str
    level: float
    holdout_days: int
    fit: BGNBDFit
    caveats: tuple[str, ...]


def backtest(
    transactions: Transactions,
    as_of: dt.date,
    *,
    holdout_days: int | None = None,
    unit: str = "W",
    level: float = LEVEL,
    seed: int = SEED,
) -> BacktestResult:
    """Forecast the hold-outs from what was known before them, and compare.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    holdout_days
        Length of a hold-out; ``None`` for half of the days observed in whole weeks, at most 52 weeks.
    unit
        Of time in the models, "D" or "W".
    level
        Of the forecasts' intervals.
    seed
        Of their simulation.

    Returns
    -------
    BacktestResult
        With at least the main forecast.

    Raises
    ------
    ModelError
        Where the data are too short for one hold-out and as much history before it, where the model cannot be fitted
        to that history, or where nobody bought in the hold-out.
    """
    first_day = transactions.quality.first_day
    holdout = dt.timedelta(days=_holdout_days(holdout_days, first_day, as_of))
    main = _forecast(transactions, as_of - holdout, holdout, unit=unit, level=level, seed=seed)
    origins: list[dict[str, Any]] = [main.row]
    caveats: list[str] = []
    for back in range(2, 2 + EARLIER):
        cutoff = as_of - back * holdout
        if cutoff - first_day + dt.timedelta(days=1) < holdout:
            break
        try:
            origins.append(_forecast(transactions, cutoff, holdout, unit=unit, level=level, seed=seed).row)
        except ModelError:
            caveats.append(
                Message(
                    "No forecast could be made from the data up to {cutoff:date}; that check is left out.",
                    cutoff=cutoff,
                )
            )
    table = pd.DataFrame(origins[::-1])
    relative_error: float = main.row["relative_error"]
    model_error = float(np.sqrt(np.mean(np.log(table["actual"] / table["predicted"]) ** 2)))
    return BacktestResult(
        origins=table,
        by_frequency=main.by_frequency,
        predicted=main.row["predicted"],
        actual=main.row["actual"],
        relative_error=relative_error,
        model_error=model_error,
        trust=trust_in(max(abs(relative_error), model_error)),
        level=level,
        holdout_days=holdout.days,
        fit=main.fit,
        caveats=tuple(caveats),
    )


def trust_in(relative_error: float) -> str:
    """Return "good", "fair" or "poor" for forecasts that were ``relative_error`` off."""
    if abs(relative_error) <= GOOD:
        return "good"
    return "fair" if abs(relative_error) <= FAIR else "poor"


def widen(interval: Interval, model_error: float, level: float = LEVEL) -> Interval:
    """Widen the interval of a total by the model error that earlier forecasts had.

    Parameters
    ----------
    interval
        Low and high, holding parameter uncertainty and chance.
    model_error
        Standard deviation of log(actual / predicted), from a ``BacktestResult``.
    level
        The interval's.

    Returns
    -------
    Interval
        Round the same middle on the logarithmic scale, the two errors added as independent ones are.  An interval
        that starts at zero or has no upper end is stretched by the model error alone.
    """
    reach = NormalDist().inv_cdf((1 + level) / 2) * model_error
    low, high = interval
    if low <= 0 or not math.isfinite(high):
        return Interval(low * math.exp(-reach), high * math.exp(reach))
    middle, half = math.log(low * high) / 2, math.log(high / low) / 2
    wider = math.hypot(half, reach)
    return Interval(math.exp(middle - wider), math.exp(middle + wider))


@dataclass(frozen=True, eq=False, kw_only=True)
class _Forecast:
    """One origin: its row of the table, its classes, its model."""

    row: dict[str, Any]
    by_frequency: pd.DataFrame
    fit: BGNBDFit


def _forecast(
    transactions: Transactions, cutoff: dt.date, holdout: dt.timedelta, *, unit: str, level: float, seed: int
) -> _Forecast:
    until = cutoff + holdout
    summary = summarise(transactions, cutoff, unit)
    fit = fit_bgnbd(summary)
    horizon = holdout.days / DAYS_PER_UNIT[unit]
    outcome = _outcome(transactions, cutoff, until).reindex(summary.index, fill_value=0)
    expected = fit.expected_purchases(summary, horizon)
    predicted, actual = math.fsum(expected), int(outcome["purchases"].sum())
    if not actual:
        msg = (
            f"No customer of {cutoff} bought again until {until}; expected purchases to compare the forecast with. "
            "Choose a longer hold-out, or an as-of date the data reach."
        )
        raise ModelError(msg)
    low, high = fit.total_interval(summary, horizon, level, seed=seed)
    none = fit.probability_of_purchases(0, horizon, summary)
    row: dict[str, Any] = {
        "cutoff": cutoff,
        "until": until,
        "customers": len(summary),
        "predicted": predicted,
        "low": low,
        "high": high,
        "actual": actual,
        "relative_error": (predicted - actual) / actual,
        "predicted_sales": _predicted_sales(summary, expected),
        "actual_sales": float(outcome["sales"].sum()),
        "predicted_active": len(summary) - float(np.sum(none)),
        "actual_active": int((outcome["purchases"] > 0).sum()),
    }
    return _Forecast(row=row, by_frequency=_by_frequency(summary["frequency"], outcome["purchases"], expected), fit=fit)


def _outcome(transactions: Transactions, cutoff: dt.date, until: dt.date) -> pd.DataFrame:
    """Return purchase days and their net sales after ``cutoff``, as they stood on ``until``, by customer."""
    engine = transactions.engine
    engine.create("purchase_days_as_of", "purchase_days", as_of=until)
    outcome = engine.frame("holdout", cutoff=cutoff).set_index("customer_id")
    engine.connection.execute("DROP TABLE purchase_days_as_of")
    return outcome


def _holdout_days(asked: int | None, first_day: dt.date, as_of: dt.date) -> int:
    observed = (as_of - first_day).days + 1
    days = asked if asked is not None else min(LONGEST_WEEKS, observed // (2 * DAYS_PER_WEEK)) * DAYS_PER_WEEK
    if days < 1 or observed < 2 * days:
        msg = (
            f"The data span {observed} days up to {as_of}; expected at least {max(2 * days, 2 * DAYS_PER_WEEK)}, a "
            "hold-out and as much history before it, to check the forecast against the actual outcome. "
            "Choose a shorter hold-out or a longer history."
        )
        raise ModelError(msg)
    return days


def _predicted_sales(summary: pd.DataFrame, expected: pd.Series[float]) -> float:
    """Predict net sales; NaN where too few repeat buyers have a positive spend to model it."""
    repeaters = (summary["frequency"] > 0) & (summary["monetary_value"] > 0)
    if repeaters.sum() < 2:  # noqa: PLR2004 - the smallest number that can differ
        return math.nan
    spend = fit_gamma_gamma(summary).expected_mean_spend(summary)
    return math.fsum(expected * spend)


def _by_frequency(frequency: pd.Series[int], actual: pd.Series[int], predicted: pd.Series[float]) -> pd.DataFrame:
    classes = np.minimum(frequency.to_numpy(), FREQUENT)
    size = FREQUENT + 1
    customers = np.bincount(classes, minlength=size)
    seen = np.where(customers > 0, customers, np.nan)
    return pd.DataFrame(
        {
            "frequency": [str(x) for x in range(FREQUENT)] + [f"{FREQUENT}+"],
            "customers": customers,
            "actual": np.bincount(classes, weights=actual, minlength=size) / seen,
            "predicted": np.bincount(classes, weights=predicted, minlength=size) / seen,
        }
    )
