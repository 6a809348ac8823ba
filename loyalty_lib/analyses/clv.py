"""Customer lifetime value: what today's customers are expected to bring from the as-of date on.

Takes a fitted purchase model, a fitted spend model and the summary, returns a CLVResult.  Sums, over the time units
(days or weeks) of the horizon, expected purchases x expected spend x margin, discounted at a yearly rate.  Purchases of
a unit count at its end; the last unit may be a part of one and then counts at the end of the horizon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError, UsageError
from loyalty_lib.i18n import Message
from loyalty_lib.models.estimate import DRAWS, Interval, interval_of, records
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.future_sales import simulate_sales
from loyalty_lib.models.gamma_gamma import GammaGammaFit, expected_spend
from loyalty_lib.models.histories import DAYS_PER_UNIT, DAYS_PER_YEAR, Floats
from loyalty_lib.models.sample import Sample

MONTHS_PER_YEAR = 12
LEVEL = 0.8
SEED = 20
SIMULATED_OF_GROUP = 500  # customers a draw; beyond, an even sample of the group stands for all of it
DRAWS_OF_GROUP = 400  # the first of DRAWS: a group's interval is not worth the time of all
PART_OF_UNIT = 1e-9  # a last part of a unit shorter than this is rounding
TIMINGS = {
    "D": Message("Purchases of a day count at the end of that day."),
    "W": Message("Purchases of a week count at the end of that week."),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class CLVResult:
    """Value of the customer base over a horizon.

    Attributes
    ----------
    customers
        Indexed by customer_id: ``probability_alive``, NaN for one-time buyers where the model cannot tell (BG/NBD);
        ``expected_purchases`` in the horizon; ``expected_spend`` per
        purchase day; ``clv``, discounted, after margin; money in the data's currency.
    customer_equity
        Sum of ``clv``.
    equity_interval
        Low and high of the customer equity.  Holds the uncertainty of the parameters of both models and chance in the
        purchases and their amounts; not the models being wrong, which the backtest measures.
    expected_purchases_total, purchases_interval
        Of all customers together in the horizon, undiscounted.
    level
        Of both intervals.
    horizon_months, horizon
        The horizon in months and in ``unit``.
    yearly_discount_rate, margin
        As given.
    unit, timing
        "D" or "W", and when a purchase counts, for the method page.
    caveats
        Those of both models.
    """

    customers: pd.DataFrame
    customer_equity: float
    equity_interval: Interval
    expected_purchases_total: float
    purchases_interval: Interval
    level: float
    horizon_months: float
    horizon: float
    yearly_discount_rate: float
    margin: float
    unit: str
    timing: str
    caveats: tuple[str, ...]


def units_in(months: float, unit: str) -> float:
    """Return how many days or weeks there are in ``months``, twelve of which make a year of 365.2425 days."""
    return months / MONTHS_PER_YEAR * DAYS_PER_YEAR / DAYS_PER_UNIT[unit]


def customer_lifetime_value(
    fit: PurchaseFit,
    spend_fit: GammaGammaFit,
    summary: pd.DataFrame,
    *,
    horizon_months: float,
    yearly_discount_rate: float,
    margin: float,
    level: float = LEVEL,
    seed: int = SEED,
) -> CLVResult:
    """Value every customer from the as-of date to the end of the horizon.

    Parameters
    ----------
    fit
        Model of purchases, fitted in the summary's unit.
    spend_fit
        Model of spend per purchase day.
    summary
        Indexed by customer_id (columns.SUMMARY).
    horizon_months
        Above 0; 12 months are 365.2425 days, 52.1775 weeks.
    yearly_discount_rate
        0.1 for 10 % a year, compounded.
    margin
        Share of net sales that is contribution, above 0, at most 1.
    level
        Of the intervals.
    seed
        Of the intervals' simulation.

    Returns
    -------
    CLVResult
        Money in the data's currency.

    Raises
    ------
    UsageError
        Where horizon, rate or margin make no sense.
    ModelError
        Where the spend model has no mean for one-time buyers, so that their value does not exist.

    References
    ----------
    Fader, Hardie & Lee (2005), "RFM and CLV", Journal of Marketing Research 42(4), in discrete time.
    """
    _check(horizon_months, yearly_discount_rate, margin)
    horizon = units_in(horizon_months, fit.unit)
    times = _unit_ends(horizon)
    factors = (1 + yearly_discount_rate) ** (-times / units_in(MONTHS_PER_YEAR, fit.unit))
    expected = fit.expected_purchases(summary, horizon)
    discounted = fit.discounted_purchases(summary, times, factors)
    spend = spend_fit.expected_mean_spend(summary)
    if spend.isna().any():
        msg = (
            "Spend per purchase differs so much between customers that the Gamma-Gamma model has no mean for one-time "
            f"buyers (q = {spend_fit.params['q']:.3g}, expected above 1); there is no lifetime value for this data. "
            "Check the orders for a few extreme amounts."
        )
        raise ModelError(msg)
    clv = discounted * spend * margin
    purchases, equities = _simulated(fit, spend_fit, summary, horizon, expected, clv, seed)
    return CLVResult(
        customers=pd.DataFrame(
            {
                "probability_alive": _identified(fit, summary),
                "expected_purchases": expected,
                "expected_spend": spend,
                "clv": clv,
            }
        ),
        customer_equity=math.fsum(clv),
        equity_interval=interval_of(equities, level),
        expected_purchases_total=math.fsum(expected),
        purchases_interval=interval_of(purchases, level),
        level=level,
        horizon_months=horizon_months,
        horizon=horizon,
        yearly_discount_rate=yearly_discount_rate,
        margin=margin,
        unit=fit.unit,
        timing=TIMINGS[fit.unit],
        caveats=(*fit.caveats, *spend_fit.caveats),
    )


def group_intervals(
    fit: PurchaseFit,
    spend_fit: GammaGammaFit,
    summary: pd.DataFrame,
    value: CLVResult,
    groups: pd.Series[str],
    *,
    seed: int = SEED,
) -> pd.DataFrame:
    """Simulate what the customers of each group will be worth, under the draws of parameters behind the total.

    Parameters
    ----------
    fit, spend_fit, summary
        As the value was computed from.
    value
        Of every customer.
    groups
        Index customer_id, every customer of the summary in one group.
    seed
        That of the value.

    Returns
    -------
    DataFrame
        Indexed by group, in the order of their names: ``low_clv``, ``high_clv`` of the group's total value at the
        value's level, money in the data's currency.  Like ``equity_interval``, of the parameters' uncertainty and
        chance: the fewer customers, the wider in proportion.

    Notes
    -----
    The parameters are the first ``DRAWS_OF_GROUP`` of the draws behind the total.  Of a group larger than
    ``SIMULATED_OF_GROUP`` an even sample stands for all (``Sample``).
    """
    expected, clv = value.customers["expected_purchases"], value.customers["clv"]
    rows = {}
    for group, members in groups.reindex(summary.index).groupby(groups):
        own = members.index
        _, values = _simulated(
            fit,
            spend_fit,
            summary.loc[own],
            value.horizon,
            expected.loc[own],
            clv.loc[own],
            seed,
            size=DRAWS_OF_GROUP,
            most=SIMULATED_OF_GROUP,
        )
        rows[group] = interval_of(values, value.level)
    index = pd.Index([*rows], name=groups.name)
    return pd.DataFrame([*rows.values()], columns=["low_clv", "high_clv"], index=index, dtype=float)


def _identified(fit: PurchaseFit, summary: pd.DataFrame) -> pd.Series[float]:
    alive = fit.probability_alive(summary)
    return alive if fit.identifies_one_time_buyers else alive.where(summary["frequency"] > 0)


def _check(horizon_months: float, yearly_discount_rate: float, margin: float) -> None:
    wrong = []
    if not (math.isfinite(horizon_months) and horizon_months > 0):
        wrong.append(f"The horizon is {horizon_months} months; expected a number above 0, such as 12.")
    if not (math.isfinite(yearly_discount_rate) and yearly_discount_rate >= 0):
        wrong.append(f"The yearly discount rate is {yearly_discount_rate}; expected 0 or more, such as 0.1 for 10 %.")
    if not 0 < margin <= 1:
        wrong.append(f"The margin is {margin}; expected a share above 0 and at most 1, such as 0.4.")
    if wrong:
        raise UsageError("\n".join(wrong))


def _unit_ends(horizon: float) -> Floats:
    """Return the ends of the whole units in the horizon, and of the part of a unit that may be left."""
    whole = np.arange(1.0, math.floor(horizon + PART_OF_UNIT) + 1)
    if horizon - len(whole) > PART_OF_UNIT:
        return np.append(whole, horizon)
    return whole


def _simulated(
    fit: PurchaseFit,
    spend_fit: GammaGammaFit,
    summary: pd.DataFrame,
    horizon: float,
    expected: pd.Series[float],
    clv: pd.Series[float],
    seed: int,
    size: int = DRAWS,
    most: int | None = None,
) -> tuple[Floats, Floats]:
    """Simulate totals of purchases and of discounted contribution, shape (size,) each.

    Simulated sales are worth the customer's discounted contribution per unit of expected sales at the estimates: within
    the horizon the timing moves little.
    """
    sample = Sample.of(summary, fit.unit, most)
    x = sample.customers["frequency"].to_numpy(dtype=float)
    m = np.where(x > 0, sample.customers["monetary_value"].to_numpy(dtype=float), 0.0)
    known_purchases, known_values = expected.to_numpy(dtype=float), clv.to_numpy(dtype=float)
    spend = expected_spend(spend_fit.params, x, m)
    bought = known_purchases[sample.positions]
    rate = np.divide(known_values[sample.positions], bought * spend, out=np.zeros_like(bought), where=bought > 0)
    purchases, equities = np.empty(size), np.empty(size)
    generator = np.random.default_rng([seed, 2])
    spend_draws = records(spend_fit.draw(size, seed + 1))
    outcomes = fit.simulated_purchases(sample, horizon, size=size, seed=seed)
    for draw, ((outcome, mean), spend_params) in enumerate(zip(outcomes, spend_draws, strict=True)):
        purchases[draw] = sample.total(outcome, mean, known_purchases)
        worth = rate * expected_spend(spend_params, x, m)
        brought = rate * simulate_sales(spend_params, x, m, outcome, generator)
        value = sample.total(brought, None if mean is None else mean * worth, known_values)
        # Without a finite mean spend under this draw the equity has no upper bound, and the interval must show it.
        equities[draw] = math.inf if np.isnan(worth).any() else value
    return purchases, equities
