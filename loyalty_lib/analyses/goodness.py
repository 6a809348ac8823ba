"""Goodness of fit of purchases: whether a model reproduces the customers it was fitted to, and forecasts what they do.

Takes a fit with the customers it is to be held against, returns tidy tables, model beside customers.  Groups are formed
by value alone: customers with equal histories are always in one group, and the order of the rows plays no part.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from loyalty_lib.i18n import Message
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.histories import DAYS_PER_UNIT, Codes, Floats, unit_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

OPEN_CLASS: Final = 10  # repeat purchases from which customers are one bar of the chart
TAIL: Final = (10, 15, 20, 30, 50, 100)  # where the classes of the test begin beyond it
LEAST_EXPECTED: Final = 5.0  # customers in a class of the test, the usual rule for the chi-squared distribution
REJECTED: Final = 0.01  # probability of so large a deviation by chance
MATERIAL: Final = 0.05  # share of customers in the wrong class from which a manager should know
GROUPS: Final = 10
LEVEL: Final = 0.95
REACH: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)  # standard errors to either side
REPEATS: Final = {"0": 0, "1": 1, "2": 2, "3-4": 3, "5-7": 5, "8+": 8}  # where each class of repeat purchases begins
WEEKS: Final = {"0-4": 0, "5-8": 5, "9-13": 9, "14-26": 14, "27-39": 27, "40+": 40}  # and of whole weeks of silence
DAYS_PER_WEEK: Final = 7


@dataclass(frozen=True, eq=False, kw_only=True)
class Misfit:
    """How far a model is from reproducing how often customers have bought.

    Attributes
    ----------
    chi_squared, degrees, p_value
        Pearson's test of customers by class of frequency.  NaN p-value without degrees of freedom.
    misplaced
        Share of customers who would have to be in another class for the model to be right: half the sum of
        |actual - expected| over all customers.
    caveats
        For the report: one where the deviation is neither chance nor small, else none.
    """

    chi_squared: float
    degrees: int
    p_value: float
    misplaced: float
    caveats: tuple[str, ...]


def frequency_misfit(fit: PurchaseFit, summary: pd.DataFrame) -> Misfit:
    """Test whether customers have bought as often as the model says.

    Parameters
    ----------
    fit
        Fitted to the same customers.
    summary
        n customers, in the fit's unit.

    Returns
    -------
    Misfit
        Of the classes 0, 1, ..., 9, 10-14, 15-19, 20-29, 30-49, 50-99 and 100+ repeat purchases as far as they occur,
        neighbours pooled until each expects five customers.

    Notes
    -----
    Degrees of freedom are classes less one less parameters.  The parameters come from the whole histories, not from
    the classes, so the true distribution lies between that one and the one without the loss for parameters (Chernoff &
    Lehmann 1954) and p-values are a little too small: of customer bases simulated by the model itself, 2 % fall below
    0.01.  A hundred thousand customers reject any model; hence the share misplaced beside the test.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", figure 1; Chernoff & Lehmann (1954), "The Use
    of Maximum Likelihood Estimates in Chi-Squared Tests for Goodness of Fit", Annals of Mathematical Statistics 25.
    """
    frequency = summary["frequency"].to_numpy(dtype=np.int64)
    highest = max(OPEN_CLASS, int(frequency.max()))
    starts = np.array([*range(OPEN_CLASS), *(start for start in TAIL if start <= highest)])
    actual = counts_of(class_of(frequency, starts), len(starts))
    expected = np.add.reduceat(fit.frequency_distribution(summary, int(starts[-1])), starts)
    pools = _pools(expected)
    actual, expected = np.bincount(pools, weights=actual), np.bincount(pools, weights=expected)
    chi_squared = float(((actual - expected) ** 2 / expected).sum())
    degrees = max(len(expected) - 1 - len(fit.params), 0)
    p_value = float(chdtrc(degrees, chi_squared)) if degrees else math.nan
    misplaced = float(np.abs(actual - expected).sum()) / 2 / len(summary)
    caveats: list[str] = []
    if p_value < REJECTED and misplaced > MATERIAL:
        caveats.append(
            Message(
                "The model does not reproduce how often customers have bought so far: {share:percent} of them would "
                "have to have bought more or less often than they did. Read its forecast with care.",
                share=misplaced,
            )
        )
    return Misfit(
        chi_squared=chi_squared, degrees=degrees, p_value=p_value, misplaced=misplaced, caveats=tuple(caveats)
    )


def frequency_table(fit: PurchaseFit, summary: pd.DataFrame) -> pd.DataFrame:
    """Return ``frequency`` ("0" to "9", "10+" repeat purchases), ``customers`` and ``expected`` customers."""
    frequency = summary["frequency"].to_numpy(dtype=np.int64)
    return pd.DataFrame(
        {
            "frequency": [*map(str, range(OPEN_CLASS)), f"{OPEN_CLASS}+"],
            "customers": counts_of(np.minimum(frequency, OPEN_CLASS), OPEN_CLASS + 1),
            "expected": fit.frequency_distribution(summary, OPEN_CLASS),
        }
    )


def calibration_table(expected: pd.Series[float], actual: pd.Series[int]) -> pd.DataFrame:
    """Compare forecast and outcome in groups of customers by how much was forecast for them.

    Parameters
    ----------
    expected, actual
        Purchases of n customers in the hold-out, on the same index.

    Returns
    -------
    DataFrame
        ``group`` (1 to 10, lowest forecasts first; fewer where equal forecasts, which stay together, fill several),
        ``customers``, means ``expected`` and ``actual``, and the 95 % interval ``low`` to ``high`` of the latter (NaN
        for a single customer).
    """
    forecast = expected.to_numpy(dtype=float)
    below = np.searchsorted(np.sort(forecast), forecast)  # customers with a strictly lower forecast
    _, group = np.unique(below * GROUPS // len(forecast), return_inverse=True)
    means = means_of(group, np.asarray(actual, dtype=float), int(group.max()) + 1)
    return pd.DataFrame(
        {
            "group": np.arange(1, len(means) + 1),
            "customers": means["customers"],
            "expected": np.bincount(group, weights=forecast) / means["customers"],
            "actual": means["mean"],
            "low": means["low"],
            "high": means["high"],
        }
    )


def alive_table(fit: PurchaseFit, summary: pd.DataFrame, actual: pd.Series[int]) -> pd.DataFrame:
    """Compare the probability of being active with the share who came back.

    Parameters
    ----------
    fit
        Fitted at the cutoff.
    summary
        At the cutoff, in the fit's unit.
    actual
        Purchases in the hold-out, on the summary's index.

    Returns
    -------
    DataFrame
        Every pair of ``frequency`` ("1", "2", "3-4", "5-7", "8+" repeat purchases; "0" too where the model tells of
        one-time buyers) and ``silent`` ("0-4", "5-8", "9-13", "14-26", "27-39", "40+" whole weeks since the last
        purchase, up to the longest there is), with ``customers``, mean ``probability_alive`` and ``came_back`` (share
        with a purchase in the hold-out); both NaN where there are no customers.  Who is active need not come back
        within the hold-out, so that ``came_back`` should be the smaller, and the order the same.
    """
    frequency = summary["frequency"].to_numpy(dtype=np.int64)
    told = frequency >= (0 if fit.identifies_one_time_buyers else 1)
    days = (summary["T"] - summary["recency"]).to_numpy(dtype=float) * DAYS_PER_UNIT[unit_of(summary, fit.unit)]
    weeks = np.round(days).astype(np.int64) // DAYS_PER_WEEK
    repeats = list(REPEATS) if fit.identifies_one_time_buyers else list(REPEATS)[1:]
    row = class_of(frequency[told], np.array([REPEATS[name] for name in repeats]))
    column = class_of(weeks[told], np.array(list(WEEKS.values())))
    silences = list(WEEKS)[: int(column.max(initial=-1)) + 1]
    cell, size = row * len(silences) + column, len(repeats) * len(silences)
    customers = counts_of(cell, size)
    among = np.where(customers > 0, customers, np.nan)
    probability = fit.probability_alive(summary).to_numpy(dtype=float)[told]
    came_back = actual.to_numpy()[told] > 0
    return pd.DataFrame(
        {
            "frequency": np.repeat(repeats, len(silences)),
            "silent": np.tile(silences, len(repeats)),
            "customers": customers,
            "probability_alive": np.bincount(cell, weights=probability, minlength=size) / among,
            "came_back": np.bincount(cell, weights=came_back, minlength=size) / among,
        }
    )


def class_of(values: ArrayLike, starts: ArrayLike) -> Codes:
    """Return the class each value is in, given where the classes begin."""
    return np.searchsorted(np.asarray(starts), np.asarray(values), side="right").astype(np.int64) - 1


def counts_of(classes: Codes, size: int) -> Codes:
    """Return how many there are of each class, shape (size,)."""
    return np.bincount(classes, minlength=size).astype(np.int64)


def _pools(expected: Floats) -> Codes:
    """Give classes new numbers, neighbours sharing one until each number expects enough customers."""
    pools = np.zeros(len(expected), dtype=np.int64)
    pool, within = 0, 0.0
    for position, customers in enumerate(expected.tolist()):
        pools[position] = pool
        within += customers
        if within >= LEAST_EXPECTED:
            pool, within = pool + 1, 0.0
    return np.minimum(pools, max(pool - 1, 0))  # what is left over at the end joins the last


def means_of(group: Codes, values: Floats, size: int) -> pd.DataFrame:
    """Count, mean and 95 % interval of the mean of non-negative ``values`` by group."""
    customers = counts_of(group, size)
    with_any = np.where(customers > 0, customers, np.nan)
    mean = np.bincount(group, weights=values, minlength=size) / with_any
    squares = np.bincount(group, weights=(values - mean[group]) ** 2, minlength=size)
    half = REACH * np.sqrt(squares / np.where(customers > 1, customers - 1, np.nan) / with_any)
    return pd.DataFrame(
        {"customers": customers, "mean": mean, "low": np.maximum(mean - half, 0.0), "high": mean + half}
    )
