"""Check against actual outcome: forecasts made from the data of an earlier day, against what customers then did.

Takes transactions and the as-of date, returns a BacktestResult.  The main forecast is made one hold-out before the
as-of date, earlier ones one, two and three hold-outs before that, as far as the data reach; hold-outs do not overlap.
A day belongs to one side: the cutoff day is known to the forecast, the day after is not.  Money is that of purchase
days on both sides.  Every forecast is made by models fitted anew to what was known on its cutoff.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from loyalty_lib.analyses.model_error import error_to_expect, trust_in, widen
from loyalty_lib.analyses.totals import MEASURES, predict_totals
from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.estimate import Interval
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.models.histories import DAYS_PER_UNIT, Floats
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

LEVEL = 0.8
SEED = 30
EARLIER = 3  # forecasts before the main one
DAYS_PER_WEEK = 7
LONGEST_WEEKS = 52  # of a hold-out nobody chose
FREQUENT = 7  # repeat purchases from which customers are one class
DEFAULT = "bgnbd"  # a name in MODELS


@dataclass(frozen=True, eq=False, kw_only=True)
class BacktestResult:
    """Forecasts against outcomes.

    Attributes
    ----------
    origins
        One row a forecast, the main one last: ``cutoff`` and ``until`` (days), ``customers``, purchases ``predicted``
        with ``low`` and ``high``, ``actual``, ``relative_error`` ((predicted - actual) / actual),
        ``predicted_sales`` with ``low_sales`` and ``high_sales``, ``actual_sales`` (NaN where spend could not be
        modelled), ``predicted_active`` with ``low_active`` and ``high_active``, ``actual_active`` (customers with a
        purchase).  The intervals are those of the models, parameters and chance, not widened.
    by_frequency
        Of the main forecast: ``frequency`` (repeat purchases until the cutoff, "0" to "7+"), ``customers``, mean
        purchases per customer ``actual`` and ``predicted`` (NaN in an empty class).
    predicted, actual, relative_error
        Purchases of the main forecast.
    errors
        Of "purchases", "sales" and "active" customers: root mean square of log(actual / predicted) over the origins;
        NaN where sales could not be modelled.
    trust
        "good" where neither the main forecast nor the forecasts together (``model_error``) were more than 10 % off,
        "fair" up to 25 %, "poor" beyond.
    level
        Of the intervals.
    holdout_days
        Length of every hold-out.
    fit
        The purchase model of the main forecast.
    caveats
        Which checks are left out or weak; those of the models are in the fits.
    """

    origins: pd.DataFrame
    by_frequency: pd.DataFrame
    predicted: float
    actual: int
    relative_error: float
    errors: Mapping[str, float]
    trust: str
    level: float
    holdout_days: int
    fit: PurchaseFit
    caveats: tuple[str, ...]

    @property
    def model_error(self) -> float:
        """Root mean square of log(actual / predicted) purchases over the origins: the error the forecasts had."""
        return self.errors["purchases"]

    def widen(self, interval: Interval, measure: str, level: float) -> Interval:
        """Widen the interval of a new forecast by the error that the forecasts of the past leave to expect.

        Parameters
        ----------
        interval
            Of a total, low and high, holding the uncertainty of the parameters and chance.
        measure
            "purchases", "sales" (any money) or "active".
        level
            The interval's.

        Returns
        -------
        Interval
            Wider, round the same middle on the logarithmic scale.

        Notes
        -----
        Sales that were never predicted have the error of the purchases.
        """
        errors = _log_errors(self.origins, measure)
        if not errors.size:
            errors = _log_errors(self.origins, "purchases")
        return widen(interval, *error_to_expect(errors), level=level)


def backtest(
    transactions: Transactions,
    as_of: dt.date,
    *,
    holdout_days: int | None = None,
    unit: str = "W",
    level: float = LEVEL,
    seed: int = SEED,
    model: str = DEFAULT,
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
    model
        Of purchases, a name in ``models.choose.MODELS``.

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
    days = holdout_length(holdout_days, first_day, as_of)
    forecasts: list[_Forecast] = []
    caveats: list[str] = []
    for cutoff in cutoffs(first_day, as_of, days):
        try:
            forecasts.append(_forecast(transactions, cutoff, days, model=model, unit=unit, level=level, seed=seed))
        except ModelError:
            if not forecasts:
                raise
            caveats.append(left_out(cutoff))
    undetermined = sum(forecast.fit.at_boundary for forecast in forecasts)
    if undetermined:
        caveats.append(
            Message(
                "Checks in which the orders known by then did not show how much customers differ: "
                "{undetermined:number} of {checks:number}. Those forecasts were less certain.",
                undetermined=undetermined,
                checks=len(forecasts),
            )
        )
    main = forecasts[0]
    table = pd.DataFrame([forecast.row for forecast in forecasts[::-1]])
    errors = {measure: _root_mean_square(_log_errors(table, measure)) for measure in MEASURES}
    relative_error: float = main.row["relative_error"]
    return BacktestResult(
        origins=table,
        by_frequency=main.by_frequency,
        predicted=main.row["predicted"],
        actual=main.row["actual"],
        relative_error=relative_error,
        errors=errors,
        trust=trust_in(max(abs(relative_error), errors["purchases"])),
        level=level,
        holdout_days=days,
        fit=main.fit,
        caveats=tuple(caveats),
    )


def cutoffs(first_day: dt.date, as_of: dt.date, days: int) -> list[dt.date]:
    """Return the last days known to the forecasts, the main one first.

    Parameters
    ----------
    first_day, as_of
        The first and the last day observed.
    days
        Length of a hold-out, as ``holdout_length`` gives it.

    Returns
    -------
    list of date
        One hold-out apart, at most four, each with as much history as the hold-out is long.
    """
    holdout = dt.timedelta(days=days)
    found = [as_of - back * holdout for back in range(1, 2 + EARLIER)]
    return [cutoff for cutoff in found if cutoff - first_day + dt.timedelta(days=1) >= holdout]


def left_out(cutoff: dt.date) -> Message:
    """Say that an earlier forecast could not be made."""
    return Message(
        "No forecast could be made from the data up to {cutoff:date}; that check is left out.",
        cutoff=cutoff,
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class _Forecast:
    """One origin: its row of the table, its classes, its model."""

    row: dict[str, Any]
    by_frequency: pd.DataFrame
    fit: PurchaseFit


def _forecast(
    transactions: Transactions, cutoff: dt.date, days: int, *, model: str, unit: str, level: float, seed: int
) -> _Forecast:
    until = cutoff + dt.timedelta(days=days)
    summary = summarise(transactions, cutoff, unit)
    fit = MODELS[model](summary)
    outcome = outcome_of(transactions, cutoff, until).reindex(summary.index, fill_value=0)
    actual = {
        "purchases": int(outcome["purchases"].sum()),
        "sales": float(outcome["sales"].sum()),
        "active": int((outcome["purchases"] > 0).sum()),
    }
    if not actual["purchases"]:
        msg = (
            f"No customer of {cutoff} bought again until {until}; expected purchases to compare the forecast with. "
            "Choose a longer hold-out, or an as-of date the data reach."
        )
        raise ModelError(msg)
    totals = predict_totals(fit, _spend_fit(summary), summary, days / DAYS_PER_UNIT[unit], seed=seed)
    row: dict[str, Any] = {"cutoff": cutoff, "until": until, "customers": len(summary)}
    for measure in MEASURES:
        predicted = totals.expected(measure)
        low, high = totals.interval(measure, level)
        found = {"predicted": predicted, "low": low, "high": high, "actual": actual[measure]}
        row |= {_column(name, measure): value for name, value in found.items()}
        if measure == "purchases":
            row["relative_error"] = (predicted - actual[measure]) / actual[measure]
    by_frequency = _by_frequency(summary["frequency"], outcome["purchases"], totals.customers["purchases"])
    return _Forecast(row=row, by_frequency=by_frequency, fit=fit)


def _column(name: str, measure: str) -> str:
    """Return the column of ``origins``; purchases, the main measure, go without a suffix."""
    return name if measure == "purchases" else f"{name}_{measure}"


def _log_errors(origins: pd.DataFrame, measure: str) -> Floats:
    """Return log(actual / predicted) of the origins that have one: refunds can leave sales at nothing."""
    actual, predicted = (origins[_column(name, measure)].to_numpy(dtype=float) for name in ("actual", "predicted"))
    comparable = (actual > 0) & (predicted > 0)
    return np.asarray(np.log(actual[comparable] / predicted[comparable]))


def _root_mean_square(errors: Floats) -> float:
    return math.sqrt(math.fsum(errors**2) / len(errors)) if errors.size else math.nan


def outcome_of(transactions: Transactions, cutoff: dt.date, until: dt.date) -> pd.DataFrame:
    """Return what customers did after ``cutoff``, as it stood on ``until``.

    Parameters
    ----------
    transactions
        Of all customers.
    cutoff, until
        The last day before, and the last day.

    Returns
    -------
    DataFrame
        Indexed by customer_id, those with a purchase alone: ``purchases`` (purchase days) and their net ``sales``.
    """
    engine = transactions.engine
    engine.create("purchase_days_as_of", "purchase_days", as_of=until)
    outcome = engine.frame("holdout", cutoff=cutoff).set_index("customer_id")
    engine.connection.execute("DROP TABLE purchase_days_as_of")
    return outcome


def holdout_length(asked: int | None, first_day: dt.date, as_of: dt.date) -> int:
    """Return the length of a hold-out in days.

    Parameters
    ----------
    asked
        What the caller wants; ``None`` for half of the days observed in whole weeks, at most 52 weeks.
    first_day, as_of
        The first and the last day observed.

    Returns
    -------
    int
        Days.

    Raises
    ------
    ModelError
        Where the data are too short for one hold-out and as much history before it.
    """
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


def _spend_fit(summary: pd.DataFrame) -> GammaGammaFit | None:
    """Fit the spend; ``None`` where too few repeat buyers have a positive spend to model it."""
    repeaters = (summary["frequency"] > 0) & (summary["monetary_value"] > 0)
    return fit_gamma_gamma(summary) if repeaters.sum() > 1 else None


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
