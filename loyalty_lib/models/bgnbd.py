"""The BG/NBD model of repeat purchases.

Takes a summary (columns.SUMMARY), returns a frozen ``BGNBDFit``.  A customer buys at a rate that is Gamma(r, alpha)
across customers and, after each repeat purchase, leaves for good with a probability that is Beta(a, b) across
customers.  The model lets nobody leave before the first repeat purchase: P(alive) of one-time buyers is 1 by
construction, which is no finding.

References
----------
Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24(2), 275-284.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd
from scipy.special import expit

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models import beta_geometric
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.histories import DAYS_PER_UNIT, Codes, Floats, Histories, compress, unit_of
from loyalty_lib.models.optimise import Optimum, Spread, Vector, maximise, spread_of

if TYPE_CHECKING:
    from lifetimes import BetaGeoFitter
    from numpy.typing import NDArray

NAMES = ("r", "alpha", "a", "b")
LIMIT = math.log(1e6)  # of every log-parameter, alpha in units of the longest T; past it customers do not differ
LEAST_INFORMATION = 0.25  # of a direction in log-parameters: a standard error of a factor of seven
SHAPES = ((0.5, 1.0, 2.5), (2.0, 0.5, 5.0))  # r, a, b to start from; alpha follows from the mean purchase rate


@dataclass(frozen=True, eq=False, kw_only=True)
class BGNBDFit(PurchaseFit):
    """A fitted BG/NBD model; parameters ``r``, ``alpha`` (in ``unit``), ``a``, ``b``."""

    model: ClassVar[str] = "BG/NBD"
    identifies_one_time_buyers: ClassVar[bool] = False

    def _alive(self, params: Mapping[str, float], x: Codes, tx: Floats, age: Floats) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        repeated = x > 0
        odds = np.log(a) - np.log(b + np.maximum(x, 1) - 1) + (r + x) * np.log((alpha + age) / (alpha + tx))
        return np.where(repeated, expit(-odds), 1.0)

    def _expected_if_alive(self, params: Mapping[str, float], x: Codes, age: Floats, horizon: Floats) -> Floats:
        r, alpha, a, b = (params[name] for name in NAMES)
        return beta_geometric.expected_purchases(r + x, alpha + age, a, b + x, horizon)

    def _simulated_if_alive(
        self, params: Mapping[str, float], x: Codes, age: Floats, horizon: float, generator: np.random.Generator
    ) -> Codes:
        r, alpha, a, b = (params[name] for name in NAMES)
        rate, past, stay = np.asarray(r + x), np.asarray(alpha + age), np.asarray(b + x)
        return beta_geometric.simulate(rate, past, a, stay, horizon, generator)[0]

    def expected_purchases_new(self, horizon: float) -> float:
        """Return expected repeat purchases of a new customer in ``horizon`` units after the first purchase.

        References
        ----------
        Fader, Hardie & Lee (2005), equation 9.
        """
        self._check_horizon(horizon)
        nobody = np.zeros(1, dtype=np.int64)
        return float(self._expected_if_alive(self.params, nobody, np.zeros(1), np.array([horizon]))[0])

    def probability_of_purchases(
        self, n: int, horizon: float, summary: pd.DataFrame | None = None
    ) -> float | pd.Series[float]:
        """Return the probability of exactly ``n`` purchases in the next ``horizon`` units.

        Parameters
        ----------
        n
            Whole and non-negative.
        horizon
            In the fit's unit.
        summary
            Customers with a history; ``None`` for a new customer after the first purchase.

        Returns
        -------
        float or Series
            One number for the new customer; for a summary a Series on its index.

        References
        ----------
        Fader, Hardie & Lee (2005), equation 8; for a customer with a history the same equation with the parameters of
        the posterior given alive, and no purchase for certain otherwise.
        """
        self._check_horizon(horizon)
        if n < 0 or n != int(n):
            msg = f"The number of purchases is {n}; expected a whole number, zero or more."
            raise ModelError(msg)
        r, alpha, a, b = (self.params[name] for name in NAMES)
        if summary is None:
            return float(beta_geometric.probability_of(n, r, alpha, a, b, horizon))
        found = compress(summary, unit_of(summary, self.unit))
        alive = self._alive(self.params, found.x, found.tx, found.T)
        if_alive = beta_geometric.probability_of(n, r + found.x, alpha + found.T, a, b + found.x, horizon)
        probability = alive * if_alive + (1 - alive) * (n == 0)
        return pd.Series(probability[found.row], index=summary.index, name="probability")

    def to_lifetimes(self) -> BetaGeoFitter:
        """Return the fit as the ``lifetimes`` library's ``BetaGeoFitter``, ready for its predictions and plots.

        Raises
        ------
        MissingToolError
            Where ``lifetimes`` is not installed.
        """
        from loyalty_lib.models.lifetimes_bridge import beta_geo_fitter

        return beta_geo_fitter(self)


def fit_bgnbd(summary: pd.DataFrame, *, unit: str | None = None) -> BGNBDFit:
    """Fit the BG/NBD model by maximum likelihood.

    Parameters
    ----------
    summary
        Indexed by customer_id: ``frequency``, ``recency``, ``T``; times in ``summary.attrs["unit"]``.
    unit
        "D" or "W"; needed where the summary does not say.

    Returns
    -------
    BGNBDFit
        Parameters in the summary's unit, with the log-likelihood of the data as given.  ``at_boundary`` where the
        data do not determine all parameters.

    Raises
    ------
    ModelError
        Where the summary holds no purchase histories the model could be fitted to, or where no maximum was found.

    Notes
    -----
    Newton's method in log-parameters with analytic gradient and Hessian, on distinct histories; time is scaled by the
    longest T inside and scaled back.

    References
    ----------
    Fader, Hardie & Lee (2005), equation 6.
    """
    counted_in = unit_of(summary, unit)
    histories = compress(summary, counted_in)
    _refuse_hopeless(histories)
    scale = float(histories.T.max())
    likelihood = Likelihood(histories, scale)
    optimum = _best(likelihood)
    purchases = int((histories.counts * histories.x).sum())
    log_likelihood = optimum.value - purchases * math.log(scale)
    _refuse_failure(optimum, log_likelihood - purchases * math.log(DAYS_PER_UNIT[counted_in]))
    spread = spread_of(optimum, LEAST_INFORMATION)
    r, alpha, a, b = np.exp(optimum.point).tolist()
    return BGNBDFit(
        params={"r": r, "alpha": alpha * scale, "a": a, "b": b},
        log_covariance=spread.covariance,
        log_likelihood=log_likelihood,
        unit=counted_in,
        n_customers=histories.customers,
        converged=optimum.converged,
        diagnosis=optimum.diagnosis,
        at_boundary=bool(spread.undetermined.any()),
        caveats=_caveats(histories, spread),
        histories=pd.DataFrame(
            {"frequency": histories.x, "recency": histories.tx, "T": histories.T, "weights": histories.counts}
        ),
    )


class Likelihood:
    """The BG/NBD log-likelihood of distinct histories as a function of log-parameters.

    Parameters
    ----------
    histories
        As compressed.
    scale
        Times are divided by it; the log-likelihood is that of the scaled times.

    Notes
    -----
    With u the log-probability weight of being alive and w that of having left, a customer's term is
    log(e^u + e^w) = u + log(1 + e^d), d = w - u.  Frequencies are whole numbers, so the gamma functions of the
    likelihood are sums of log(z + j): they need the number of customers with more than j repeat purchases, and
    neither cancel nor overflow.  Only d is needed history by history, and only for customers with repeat purchases.
    """

    def __init__(self, histories: Histories, scale: float) -> None:
        counts = histories.counts.astype(float)
        by_frequency = np.bincount(histories.x, weights=counts)
        self.beyond = (counts.sum() - np.cumsum(by_frequency))[:-1]
        self.j = np.arange(len(self.beyond), dtype=float)
        ages, age_codes = np.unique(histories.T, return_inverse=True)
        self.ages = ages / scale
        self.of_age = np.bincount(age_codes, weights=counts)
        self.bought_at_age = np.bincount(age_codes, weights=counts * histories.x)
        repeat = histories.x > 0
        self.x = histories.x[repeat].astype(float)
        self.weights = counts[repeat]
        self.age_codes = age_codes[repeat]
        last, self.last_codes = np.unique(histories.tx[repeat], return_inverse=True)
        self.last = last / scale

    def __call__(self, log_params: Vector) -> tuple[float, Vector, NDArray[np.float64]]:
        """Value, gradient (4,) and Hessian (4, 4) in log r, log alpha, log a, log b."""
        params = np.exp(log_params)
        value, gradient, hessian = self._natural(*params.tolist())
        slope = params * gradient
        return value, slope, np.outer(params, params) * hessian + np.diag(slope)

    def _natural(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Vector, NDArray[np.float64]]:
        value, gradient, hessian = self._without_leaving(r, alpha, a, b)
        age, last = _Elapsed(self.ages, alpha), _Elapsed(self.last, alpha)
        log_gap = age.log[self.age_codes] - last.log[self.last_codes]
        gap = last.inverse[self.last_codes] - age.inverse[self.age_codes]
        gap_of_squares = last.square[self.last_codes] - age.square[self.age_codes]
        bought, stayed = r + self.x, b + self.x - 1
        d = math.log(a) - np.log(stayed) + bought * log_gap
        slopes = np.stack([log_gap, bought * gap, np.full_like(d, 1 / a), -1 / stayed])
        left = expit(d)
        weight = self.weights * left
        value += float(self.weights @ np.logaddexp(0, d))
        gradient += slopes @ weight
        hessian += (slopes * (weight * (1 - left))) @ slopes.T
        hessian[0, 1] += weight @ gap
        hessian[1, 0] = hessian[0, 1]
        hessian[1, 1] -= weight @ (bought * gap_of_squares)
        hessian[2, 2] -= weight.sum() / a**2
        hessian[3, 3] += weight @ (1 / stayed**2)
        return value, gradient, hessian

    def _without_leaving(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Vector, NDArray[np.float64]]:
        """Everything but log(1 + e^d)."""
        beyond, j = self.beyond, self.j
        age, past, bought = _Elapsed(self.ages, alpha), alpha + self.ages, self.bought_at_age
        value = beyond @ (np.log(r + j) + np.log(b + j) - np.log(a + b + j))
        value -= r * (self.of_age @ age.log) + bought @ np.log(past)
        apart, together = beyond @ (1 / (b + j)), beyond @ (1 / (a + b + j))
        gradient = np.array(
            [
                beyond @ (1 / (r + j)) - self.of_age @ age.log,
                r * (self.of_age @ age.inverse) - bought @ (1 / past),
                -together,
                apart - together,
            ]
        )
        together_squared = beyond @ (1 / (a + b + j) ** 2)
        hessian = np.zeros((4, 4))
        hessian[0, 0] = -(beyond @ (1 / (r + j) ** 2))
        hessian[0, 1] = hessian[1, 0] = self.of_age @ age.inverse
        hessian[1, 1] = bought @ (1 / past**2) - r * (self.of_age @ age.square)
        hessian[2:, 2:] = together_squared
        hessian[3, 3] -= beyond @ (1 / (b + j) ** 2)
        return float(value), gradient, hessian


class _Elapsed:
    """Differences between alpha and alpha + t, shape of t, that keep their digits when alpha is huge.

    ``log`` is log(1 + t / alpha), ``inverse`` 1 / alpha - 1 / (alpha + t), ``square`` the same of the squares.
    """

    def __init__(self, t: Floats, alpha: float) -> None:
        self.log = np.log1p(t / alpha)
        self.inverse = t / (alpha * (alpha + t))
        self.square = self.inverse * (1 / alpha + 1 / (alpha + t))


def _best(likelihood: Likelihood) -> Optimum:
    """Climb from the first start; from the others too where that one ended in doubt."""
    exposure = float(likelihood.of_age @ likelihood.ages)
    purchases = float(likelihood.bought_at_age.sum())
    found: list[Optimum] = []
    for r, a, b in SHAPES:
        found.append(maximise(likelihood, np.log([r, r * exposure / purchases, a, b]), LIMIT))
        if found[-1].converged and not found[-1].on_wall.any():
            break
    return max(found, key=lambda optimum: (optimum.converged, optimum.value))


def _refuse_hopeless(histories: Histories) -> None:
    if histories.customers == 1:
        msg = "The summary holds one customer; the BG/NBD model describes how customers differ. Use a longer history."
        raise ModelError(msg)
    if float(histories.T.max()) == 0:
        msg = (
            "Every customer's first purchase is on the as-of date (T = 0), so nobody can have come back yet. "
            "Choose a later as-of date."
        )
        raise ModelError(msg)
    if int(histories.x.max()) == 0:
        msg = (
            f"None of the {histories.customers} customers bought on a second day; the BG/NBD model learns from repeat "
            "purchases. Use a longer history, or check that orders of one customer share their customer_id."
        )
        raise ModelError(msg)


def _refuse_failure(optimum: Optimum, log_likelihood_in_days: float) -> None:
    """Stop where the search failed: a wrong forecast is worse than none.

    Purchase days are at most one a day, so in days a log-likelihood above zero cannot come from a calendar: either the
    arithmetic broke down or the summary counts purchases within a day.
    """
    if not optimum.converged:
        msg = (
            f"The BG/NBD model found no maximum ({optimum.diagnosis}); there is no forecast for this data. "
            "Use a longer history, and check the summary for customers with impossible histories."
        )
        raise ModelError(msg)
    if log_likelihood_in_days > 0:
        msg = (
            f"The BG/NBD model has a log-likelihood of {log_likelihood_in_days:.4g} in days; expected one below zero, "
            "as every history of at most one purchase a day has. Check the summary's unit, and make it with "
            "summarise(transactions, as_of), which merges purchases of one day."
        )
        raise ModelError(msg)


def _caveats(histories: Histories, spread: Spread) -> tuple[str, ...]:
    caveats: list[str] = []
    once = int(histories.counts[histories.x == 0].sum())
    if once:
        caveats.append(
            Message(
                "For the {share:percent} of customers who bought only once, the probability of being active cannot be "
                "identified: the model counts every one of them as active.",
                share=once / histories.customers,
            )
        )
    if spread.undetermined[:2].any():
        caveats.append(
            Message(
                "The orders do not show how much customers differ in how often they buy; the forecast is uncertain."
            )
        )
    if spread.undetermined[2:].any():
        caveats.append(
            Message(
                "The orders do not show how much customers differ in when they stop buying; the forecast is uncertain."
            )
        )
    return tuple(caveats)
