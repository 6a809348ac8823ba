"""The Gamma-Gamma model of spend per purchase day.

Takes a summary (columns.SUMMARY), returns a frozen ``GammaGammaFit``.  A customer's purchases scatter round a personal
mean as a gamma distribution of shape p does; the means differ as an inverse gamma (q, v) does.  The model holds spend
and frequency to be unrelated, so their association is measured on the same customers and carried along.

References
----------
Fader, Hardie & Lee (2005), "RFM and CLV: Using Iso-Value Curves for Customer Base Analysis", Journal of Marketing
Research 42(4); Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value".
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.estimate import Estimate
from loyalty_lib.models.gamma_gamma_likelihood import Likelihood
from loyalty_lib.models.histories import Floats
from loyalty_lib.models.optimise import Optimum, Spread, maximise, spread_of
from loyalty_lib.models.spends import Spends

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lifetimes import GammaGammaFitter

NAMES = ("p", "q", "v")
LIMIT = math.log(1e6)  # of every log-parameter, v in units of the typical spend; past it customers do not differ
LEAST_INFORMATION = 0.25  # of a direction in log-parameters: a standard error of a factor of seven
STARTS = ((5.0, 3.0), (1.0, 10.0), (50.0, 1.5))  # p, q; v follows from the mean
STRONG = 0.3  # |rank correlation| of spend and frequency past which the model's independence is plainly violated
MILD = 0.15


@dataclass(frozen=True, eq=False, kw_only=True)
class GammaGammaFit(Estimate):
    """A fitted Gamma-Gamma model; parameters ``p``, ``q``, ``v`` (in the data's currency).

    Attributes
    ----------
    excluded
        Customers with repeat purchases whose mean spend is zero or negative, left out of the fit.
    spearman, pearson
        Correlations of frequency and mean spend among the customers fitted; NaN where either does not vary.
    eta_squared
        Share of the variance of mean spend that frequency explains, in whatever shape; NaN likewise.
    spends
        Frequency and mean spend of the customers fitted; ``None`` in a fit read from JSON.
    """

    model: ClassVar[str] = "Gamma-Gamma"

    excluded: int
    spearman: float
    pearson: float
    eta_squared: float
    spends: pd.DataFrame | None = field(default=None, repr=False)

    @property
    def mean(self) -> float | None:
        """Mean spend of the population, p v / (q - 1); ``None`` where q <= 1 and the model has no mean."""
        return _population_mean(self.params)

    def expected_mean_spend(self, summary: pd.DataFrame) -> pd.Series[float]:
        """Each customer's expected spend per future purchase day.

        Parameters
        ----------
        summary
            Indexed by customer_id: ``frequency``, ``monetary_value``.

        Returns
        -------
        Series
            On the summary's index, in the data's currency.  One-time buyers get the population's mean, NaN where it
            has none; a mean spend below zero enters as zero.

        Raises
        ------
        ModelError
            Where a customer with repeat purchases has no ``monetary_value``.

        References
        ----------
        Fader & Hardie (2013), equation 5: p (v + x m) / (p x + q - 1).
        """
        x, m = _spends(summary)
        return pd.Series(expected_spend(self.params, x, m), index=summary.index, name="expected_spend")

    def to_json(self) -> dict[str, object]:
        """Return the fit as plain values that ``from_json`` takes back; no customer is in it."""
        return super().to_json() | {
            "excluded": self.excluded,
            "spearman": self.spearman,
            "pearson": self.pearson,
            "eta_squared": self.eta_squared,
        }

    def to_lifetimes(self) -> GammaGammaFitter:
        """Return the fit as the ``lifetimes`` library's ``GammaGammaFitter``.

        Raises
        ------
        MissingToolError
            Where ``lifetimes`` is not installed.
        """
        from loyalty_lib.models.lifetimes_bridge import gamma_gamma_fitter

        return gamma_gamma_fitter(self)


def expected_spend(params: Mapping[str, float], x: Floats, m: Floats) -> Floats:
    """Return expected spend per future purchase day of customers with ``x`` repeat purchases of mean ``m``.

    Parameters
    ----------
    params
        ``p``, ``q``, ``v``.
    x, m
        Shape (n,); ``m`` is 0 where ``x`` is 0.

    Returns
    -------
    ndarray
        Shape (n,); NaN where p x + q <= 1, for the expectation does not exist there.
    """
    p, q, v = (params[name] for name in NAMES)
    denominator = p * x + q - 1
    denominator[denominator <= 0] = np.nan
    return np.asarray(p * (v + x * np.maximum(m, 0)) / denominator)


def fit_gamma_gamma(summary: pd.DataFrame) -> GammaGammaFit:
    """Fit the Gamma-Gamma model by maximum likelihood.

    Parameters
    ----------
    summary
        Indexed by customer_id: ``frequency``, ``monetary_value``.  Customers with repeat purchases and a positive
        mean spend are fitted.

    Returns
    -------
    GammaGammaFit
        With the log-likelihood of the mean spends as given.

    Raises
    ------
    ModelError
        Where fewer than two customers can be fitted, where a mean spend is missing, or where no maximum was found.

    Notes
    -----
    Newton's method in log-parameters with analytic gradient and Hessian; money is scaled by the median inside and
    scaled back.

    References
    ----------
    Fader & Hardie (2013), equation 1a.
    """
    x, m = _spends(summary)
    repeated = x > 0
    fitted = repeated & (m > 0)
    excluded = int(repeated.sum() - fitted.sum())
    x, m = x[fitted], m[fitted]
    if len(x) < 2:  # noqa: PLR2004 - the smallest number that can differ
        msg = (
            f"{len(x)} customers have repeat purchases with a positive mean spend; the Gamma-Gamma model describes how "
            "such customers differ. Use a longer history."
        )
        raise ModelError(msg)
    spends = Spends.of(x, m)
    scale = float(np.median(m))
    optimum = _best(Likelihood(spends.x, spends.m / scale))
    if not optimum.converged:
        msg = (
            f"The Gamma-Gamma model found no maximum ({optimum.diagnosis}); there is no forecast of spend for this "
            "data. Check the summary for customers with impossible amounts."
        )
        raise ModelError(msg)
    spread = spread_of(optimum, LEAST_INFORMATION)
    p, q, v = np.exp(optimum.point).tolist()
    params = {"p": p, "q": q, "v": v * scale}
    spearman = spends.spearman()
    return GammaGammaFit(
        params=params,
        log_covariance=spread.covariance,
        log_likelihood=optimum.value - len(x) * math.log(scale),
        n_customers=len(x),
        converged=optimum.converged,
        diagnosis=optimum.diagnosis,
        undetermined=NAMES if spread.undetermined.any() else (),
        caveats=_caveats(params, spread, spearman, excluded),
        excluded=excluded,
        spearman=spearman,
        pearson=spends.pearson(),
        eta_squared=spends.eta_squared(),
        spends=pd.DataFrame({"frequency": spends.x.astype(np.int64), "monetary_value": spends.m}),
    )


def _best(likelihood: Likelihood) -> Optimum:
    """Climb from the first start; from the others too where that one ended in doubt."""
    mean = float(likelihood.total.sum() / likelihood.x.sum())
    found: list[Optimum] = []
    for p, q in STARTS:
        found.append(maximise(likelihood, np.log([p, q, mean * (q - 1) / p]), LIMIT))
        if found[-1].converged and not found[-1].on_wall.any():
            break
    return max(found, key=lambda optimum: (optimum.converged, optimum.value))


def _spends(summary: pd.DataFrame) -> tuple[Floats, Floats]:
    """Frequencies, and mean spends with 0 for one-time buyers."""
    missing = [name for name in ("frequency", "monetary_value") if name not in summary.columns]
    if missing:
        msg = (
            f"The summary lacks {', '.join(map(repr, missing))}; expected the columns frequency, monetary_value. "
            "Make it with summarise(transactions, as_of)."
        )
        raise ModelError(msg)
    x = summary["frequency"].to_numpy(dtype=float)
    m = summary["monetary_value"].to_numpy(dtype=float)
    unusable = int((~np.isfinite(x) | (x < 0) | ((x > 0) & ~np.isfinite(m))).sum())
    if unusable:
        msg = (
            f"{unusable} of {len(x)} customers have a frequency that is no count, or repeat purchases without a mean "
            "spend; expected monetary_value wherever frequency is above 0. Make the summary with "
            "summarise(transactions, as_of)."
        )
        raise ModelError(msg)
    return x, np.where(x > 0, m, 0.0)


def _population_mean(params: Mapping[str, float]) -> float | None:
    return params["p"] * params["v"] / (params["q"] - 1) if params["q"] > 1 else None


def _caveats(params: Mapping[str, float], spread: Spread, spearman: float, excluded: int) -> tuple[str, ...]:
    caveats: list[str] = []
    if _population_mean(params) is None:
        caveats.append(
            Message(
                "Spend per purchase differs so much between customers that the model has no mean for one-time "
                "customers."
            )
        )
    if spread.undetermined.any():
        caveats.append(
            Message("The orders do not show how much customers differ in spend; the forecast of spend is uncertain.")
        )
    if abs(spearman) > STRONG:
        caveats.append(
            Message(
                "Spend per purchase and purchase frequency are strongly related (rank correlation {rho:number.2}), "
                "while the model takes them as unrelated; read values of single customers with care.",
                rho=spearman,
            )
        )
    elif abs(spearman) > MILD:
        caveats.append(
            Message(
                "Spend per purchase and purchase frequency are somewhat related (rank correlation {rho:number.2}), "
                "while the model takes them as unrelated.",
                rho=spearman,
            )
        )
    if excluded:
        caveats.append(
            Message(
                "Customers left out of the spend model because their net spend is zero or negative: {count:number}.",
                count=excluded,
            )
        )
    return tuple(caveats)
