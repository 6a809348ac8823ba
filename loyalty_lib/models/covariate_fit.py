"""A fitted model with covariates: coefficients, tests, and scores of customers by the parameters of their group.

Takes customers with their covariates, returns Series on their index.  A group is the customers who agree in all
covariates; its fit is an ordinary one with parameters of its own.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from scipy.stats import chi2

from loyalty_lib.models.covariate_effects import Effect, linear_map
from loyalty_lib.models.design import Design, Groups
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.histories import Floats

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL: Final = 0.95  # of the coefficients' intervals


@dataclass(frozen=True, eq=False, kw_only=True)
class LikelihoodRatio:
    """The test of no effect at all.

    Attributes
    ----------
    statistic
        Twice the log-likelihood gained over the fit without covariates.
    degrees
        Coefficients.
    p_value
        Probability of as large a gain where no covariate has an effect, by the chi-squared distribution.
    """

    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True, eq=False, kw_only=True)
class CovariateFit:
    """A model with covariates, fitted.

    Attributes
    ----------
    plain
        The fit without covariates, to the same customers.
    effects
        What the covariates act on.
    design
        How the covariates enter.
    theta, covariance
        What was estimated: log-parameters (times in ``unit``) where the standardised covariates are zero, then the
        coefficients of the standardised covariates, effect by effect; shapes (k,), (k, k).
    undetermined
        Shape (k,): which of these the data leave open; those at the end of their range, and all that depend on them.
    groups
        The groups fitted to.
    log_likelihood
        Of the data as given.
    converged, diagnosis
        Whether the maximum was found, and the evidence for the technical appendix.
    caveats
        For the report.
    """

    plain: PurchaseFit
    effects: tuple[Effect, ...]
    design: Design
    theta: Floats
    covariance: Floats
    undetermined: NDArray[np.bool_]
    groups: Groups
    log_likelihood: float
    converged: bool
    diagnosis: str
    caveats: tuple[str, ...]

    @property
    def model(self) -> str:
        """The model's name."""
        return self.plain.model

    @property
    def unit(self) -> str:
        """The unit of every time and horizon, "D" or "W"."""
        return self.plain.unit

    @property
    def n_customers(self) -> int:
        """Customers behind the fit."""
        return self.plain.n_customers

    @property
    def at_boundary(self) -> bool:
        """Whether the data leave a parameter, a coefficient, or a combination of them undetermined."""
        return bool(self.undetermined.any())

    @cached_property
    def params(self) -> Mapping[str, float]:
        """The model's parameters at the reference levels and at zero of numbers, times in ``unit``.

        Infinite or zero where zero is so far from the customers' numbers that no float holds them.
        """
        with np.errstate(over="ignore"):
            params = np.exp(self._map(self.design.at_reference) @ self.theta)
        return dict(zip(self.plain.names, params.tolist(), strict=True))

    @cached_property
    def coefficients(self) -> pd.DataFrame:
        """Every coefficient with its uncertainty.

        Returns
        -------
        DataFrame
            ``effect`` ("purchase rate"; "leaving a" and "leaving b", or "leaving rate"), ``covariate``, ``level``
            (empty for a number), ``coefficient``, ``standard_error``, ``low``, ``high`` (95 %; these three NaN where
            the data leave the coefficient open) and ``multiplier``, exp(coefficient): by how much the effect is
            multiplied against the reference level, or with each unit of a number.
        """
        p = len(self.plain.names)
        scales = np.tile(self.design.scales, len(self.effects))
        coefficient = self.theta[p:] / scales
        error = np.sqrt(np.diag(self.covariance)[p:]) / scales
        error[self.undetermined[p:]] = np.nan
        reach = NormalDist().inv_cdf((1 + LEVEL) / 2) * error
        with np.errstate(over="ignore"):  # a unit may be many times what customers differ by
            multiplier = np.exp(coefficient)
        return pd.DataFrame(
            {
                "effect": [effect.name for effect in self.effects for _ in self.design.columns],
                "covariate": [column.covariate for column in self.design.columns] * len(self.effects),
                "level": [column.level for column in self.design.columns] * len(self.effects),
                "coefficient": coefficient,
                "standard_error": error,
                "low": coefficient - reach,
                "high": coefficient + reach,
                "multiplier": multiplier,
            }
        )

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * len(self.theta) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with customers as observations."""
        return len(self.theta) * math.log(self.n_customers) - 2 * self.log_likelihood

    @cached_property
    def test(self) -> LikelihoodRatio:
        """The likelihood-ratio test against the fit without covariates."""
        statistic = max(0.0, 2 * (self.log_likelihood - self.plain.log_likelihood))
        degrees = len(self.theta) - len(self.plain.names)
        return LikelihoodRatio(statistic=statistic, degrees=degrees, p_value=float(chi2.sf(statistic, degrees)))

    @property
    def group_params(self) -> pd.DataFrame:
        """The parameters of every group fitted to.

        Returns
        -------
        DataFrame
            Indexed by the covariates: ``customers``, and the model's parameters, times in ``unit``.
        """
        table, names = self.groups.table, list(self.plain.names)
        logs = [self._map(z) @ self.theta for z in self.design.standardised(table)]
        index = pd.MultiIndex.from_frame(table) if table.shape[1] > 1 else pd.Index(table.iloc[:, 0])
        params = pd.DataFrame(np.exp(logs), index=index, columns=names)
        params.insert(0, "customers", self.groups.customers)
        return params

    def group(self, values: Mapping[str, object]) -> PurchaseFit:
        """Return the model of customers who share their covariates, ready for any question a fit can be asked.

        Parameters
        ----------
        values
            Covariate to level or number.

        Returns
        -------
        PurchaseFit
            Parameters of the group and their uncertainty.  Log-likelihood, number of customers and evidence are those
            of the whole fit, to which every group contributes.

        Raises
        ------
        ModelError
            Where a covariate is missing or a level is unknown.
        """
        return self._fit_at(self.design.standardised(self.design.groups(pd.DataFrame([dict(values)])).table)[0])

    def probability_alive(self, summary: pd.DataFrame) -> pd.Series[float]:
        """Probability that each customer is still active, by the model of the customer's group.

        Parameters
        ----------
        summary
            n customers with their covariates, in the fit's unit.

        Returns
        -------
        Series
            On the summary's index.
        """
        return self._scored(summary, lambda fit, rows: fit.probability_alive(rows)).rename("probability_alive")

    def expected_purchases(self, summary: pd.DataFrame, horizon: float) -> pd.Series[float]:
        """Return each customer's expected purchases in the next ``horizon`` units, by the model of their group.

        Parameters
        ----------
        summary
            n customers with their covariates, in the fit's unit.
        horizon
            In the fit's unit.

        Returns
        -------
        Series
            On the summary's index.
        """
        return self._scored(summary, lambda fit, rows: fit.expected_purchases(rows, horizon)).rename(
            "expected_purchases"
        )

    def discounted_purchases(self, summary: pd.DataFrame, times: Floats, factors: Floats) -> pd.Series[float]:
        """Return each customer's expected purchases, those of the k-th interval counted ``factors[k]`` times.

        Parameters
        ----------
        summary
            n customers with their covariates, in the fit's unit.
        times, factors
            As in ``PurchaseFit.discounted_purchases``.

        Returns
        -------
        Series
            On the summary's index.
        """
        return self._scored(summary, lambda fit, rows: fit.discounted_purchases(rows, times, factors)).rename(
            "discounted_purchases"
        )

    def _map(self, z: Floats) -> Floats:
        return linear_map(self.plain.names, self.effects, z)

    def _fit_at(self, z: Floats) -> PurchaseFit:
        linear = self._map(z)
        return type(self.plain)(
            params=dict(zip(self.plain.names, np.exp(linear @ self.theta).tolist(), strict=True)),
            log_covariance=linear @ self.covariance @ linear.T,
            log_likelihood=self.log_likelihood,
            unit=self.unit,
            n_customers=self.n_customers,
            converged=self.converged,
            diagnosis=self.diagnosis,
            undetermined=tuple(itertools.compress(self.plain.names, np.abs(linear) @ self.undetermined > 0)),
            caveats=self.caveats,
        )

    def _scored(
        self, summary: pd.DataFrame, score: Callable[[PurchaseFit, pd.DataFrame], pd.Series[float]]
    ) -> pd.Series[float]:
        """Score the customers of each group with the group's fit."""
        groups = self.design.groups(summary)
        scores = np.empty(len(summary))
        for number, z in enumerate(self.design.standardised(groups.table)):
            rows = np.flatnonzero(groups.row == number)
            scores[rows] = score(self._fit_at(z), summary.iloc[rows])
        return pd.Series(scores, index=summary.index)
