"""What every fitted model of repeat purchases can be asked, whichever model it is.

Takes a summary (columns.SUMMARY, time in the fit's unit) and a horizon in that unit; returns Series on the summary's
index, or plain numbers.  A customer's figures depend on that customer's history and the fit, on nobody else in the
summary.  A new model is a subclass: P(alive), expectation and simulation given alive, the distribution of the number
of purchases, and the expectation for a new customer.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.histories import UNIT_NAMES, Codes, Floats, compress, unit_of
from loyalty_lib.models.sample import Sample

CHUNK = 65_536  # (customer state, time) pairs in one go; bounds memory at about 50 MB
DRAWS = 1_000


class Interval(NamedTuple):
    """A range that holds the figure with the probability asked for, if the model is right."""

    low: float
    high: float


def interval_of(values: Floats, level: float) -> Interval:
    """Return the central ``level`` share of simulated ``values``, shape (draws,)."""
    if not 0 < level < 1:
        msg = f"The interval's level is {level}; expected a share between 0 and 1, such as 0.8."
        raise ModelError(msg)
    # Order statistics, not interpolation: a draw may be infinite, and then so may be the upper end.
    low, high = np.quantile(values, [(1 - level) / 2, (1 + level) / 2], method="inverted_cdf")
    return Interval(float(low), float(high))


@dataclass(frozen=True, eq=False, kw_only=True)
class Estimate:
    """Estimated positive parameters with their uncertainty.

    Attributes
    ----------
    params
        Name to value, natural scale, times in ``unit`` and money in the data's currency.
    log_covariance
        Of the logarithms of the parameters, shape (k, k), from the exact Hessian; bounded along directions the data do
        not determine, zero for a parameter at the end of its range.
    log_likelihood
        Of the data as given, in their own units.
    n_customers
        Customers behind it.
    converged, diagnosis
        Whether the maximum was found, and the evidence in a sentence for the technical appendix.
    at_boundary
        Whether the data leave a parameter, or a combination, undetermined; standard errors are NaN then.
    caveats
        For the report.
    """

    model: ClassVar[str]

    params: Mapping[str, float]
    log_covariance: Floats
    log_likelihood: float
    n_customers: int
    converged: bool
    diagnosis: str
    at_boundary: bool
    caveats: tuple[str, ...]

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the estimates on their natural scale (delta method); NaN at a boundary."""
        names = list(self.params)
        estimates = np.fromiter(self.params.values(), dtype=float)
        natural = np.outer(estimates, estimates) * (np.nan if self.at_boundary else self.log_covariance)
        return pd.DataFrame(natural, index=names, columns=names)

    @property
    def standard_errors(self) -> Mapping[str, float]:
        """Standard errors on the natural scale; NaN at a boundary."""
        return dict(zip(self.params, np.sqrt(np.diag(self.covariance)).tolist(), strict=True))

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2 * len(self.params) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, with customers as observations."""
        return len(self.params) * math.log(self.n_customers) - 2 * self.log_likelihood

    def draw(self, size: int, seed: int) -> pd.DataFrame:
        """Draw parameters from the Laplace approximation in their logarithms.

        Parameters
        ----------
        size
            Number of draws.
        seed
            Same seed, same draws.

        Returns
        -------
        DataFrame
            ``size`` rows, one column a parameter; all positive.
        """
        eigenvalues, vectors = np.linalg.eigh(self.log_covariance)
        spread = vectors * np.sqrt(np.maximum(eigenvalues, 0))
        noise = np.random.default_rng(seed).standard_normal((size, len(self.params)))
        centre = np.fromiter(self.params.values(), dtype=float)
        return pd.DataFrame(centre * np.exp(noise @ spread.T), columns=list(self.params))

    def to_json(self) -> dict[str, Any]:
        """Return the fit as plain values that ``from_json`` takes back; no customer is in it."""
        return {
            "model": self.model,
            "params": dict(self.params),
            "log_covariance": self.log_covariance.tolist(),
            "log_likelihood": self.log_likelihood,
            "n_customers": self.n_customers,
            "converged": self.converged,
            "diagnosis": self.diagnosis,
            "at_boundary": self.at_boundary,
            "caveats": [_plain(caveat) for caveat in self.caveats],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """Return the fit that ``to_json`` wrote.

        Raises
        ------
        ModelError
            Where ``stored`` is another model's.
        """
        if stored.get("model") != cls.model:
            msg = f"The stored fit is of model {stored.get('model')!r}; expected {cls.model!r}. Fit the model again."
            raise ModelError(msg)
        fields = {name: value for name, value in stored.items() if name != "model"}
        fields["log_covariance"] = np.array(stored["log_covariance"], dtype=float)
        caveats = ((each["msgid"], each["given"]) for each in stored["caveats"])
        fields["caveats"] = tuple(Message(msgid, **given) for msgid, given in caveats)
        return cls(**fields)


def records(draws: pd.DataFrame) -> Iterator[dict[str, float]]:
    """Yield the rows of ``draws`` as parameters."""
    names = [str(name) for name in draws.columns]
    for row in draws.to_numpy(dtype=float).tolist():
        yield dict(zip(names, row, strict=True))


def _plain(caveat: str) -> dict[str, Any]:
    if isinstance(caveat, Message):
        return {"msgid": caveat.msgid, "given": caveat.values}  # noqa: PD011 - a Message, not a pandas object
    return {"msgid": caveat, "given": {}}


@dataclass(frozen=True, eq=False, kw_only=True)
class PurchaseFit(Estimate, ABC):
    """A fitted model of repeat purchases.

    Attributes
    ----------
    unit
        "D" or "W": the unit of every time and horizon.
    histories
        The distinct histories behind the fit (frequency, recency, T, weights); ``None`` in a fit read from JSON.
    """

    # Whether the model can tell if a customer with one purchase is still active.
    identifies_one_time_buyers: ClassVar[bool] = True

    unit: str
    histories: pd.DataFrame | None = field(default=None, repr=False)

    @abstractmethod
    def _alive(self, params: Mapping[str, float], x: Codes, tx: Floats, age: Floats) -> Floats:
        """P(alive) of histories, shape (n,)."""

    @abstractmethod
    def _expected_if_alive(self, params: Mapping[str, float], x: Codes, age: Floats, horizon: Floats) -> Floats:
        """Return expected purchases given alive now; arguments broadcast."""

    @abstractmethod
    def _simulated_if_alive(
        self, params: Mapping[str, float], x: Codes, age: Floats, horizon: float, generator: np.random.Generator
    ) -> Codes:
        """One draw of each customer's purchases given alive now, shape (n,)."""

    @abstractmethod
    def expected_purchases_new(self, horizon: float) -> float:
        """Return expected repeat purchases of a new customer in ``horizon`` units after the first purchase."""

    @abstractmethod
    def probability_of_purchases(
        self, n: int, horizon: float, summary: pd.DataFrame | None = None
    ) -> float | pd.Series[float]:
        """Return the probability of exactly ``n`` purchases in the next ``horizon`` units.

        Of a new customer after the first purchase, or, where a summary is given, of each of its customers.
        """

    def probability_alive(self, summary: pd.DataFrame) -> pd.Series[float]:
        """Probability that each customer is still active at the as-of date.

        Parameters
        ----------
        summary
            n customers, in the fit's unit.

        Returns
        -------
        Series
            On the summary's index, between 0 and 1.
        """
        found = compress(summary, unit_of(summary, self.unit))
        alive = self._alive(self.params, found.x, found.tx, found.T)
        return pd.Series(alive[found.row], index=summary.index, name="probability_alive")

    def expected_purchases(self, summary: pd.DataFrame, horizon: float) -> pd.Series[float]:
        """Return each customer's expected purchases in the next ``horizon`` units.

        Parameters
        ----------
        summary
            n customers, in the fit's unit.
        horizon
            In the fit's unit; zero or more.

        Returns
        -------
        Series
            On the summary's index.
        """
        return self.discounted_purchases(summary, np.array([horizon]), np.ones(1)).rename("expected_purchases")

    def discounted_purchases(self, summary: pd.DataFrame, times: Floats, factors: Floats) -> pd.Series[float]:
        """Return each customer's expected purchases, those of the k-th interval counted ``factors[k]`` times.

        Parameters
        ----------
        summary
            n customers, in the fit's unit.
        times
            Shape (k,): ascending ends of consecutive intervals, the first of which begins now; in the fit's unit.
        factors
            Shape (k,).

        Returns
        -------
        Series
            On the summary's index.

        Raises
        ------
        ModelError
            Where a time is negative or not finite.
        """
        self._check_horizon(float(times.min()))
        self._check_horizon(float(times.max()))
        found = compress(summary, unit_of(summary, self.unit))
        # Given alive, x and T are all that counts: score those pairs only.
        states, pairs = _states(found.x, found.T)
        x, age = found.x[states], found.T[states]
        # Sum of f_k (E_k - E_{k-1}), summed by parts; row by row, so that no row depends on its neighbours.
        weights = -np.diff(factors, append=0.0)
        if_alive = np.empty(len(states))
        rows = max(1, CHUNK // len(times))
        for start in range(0, len(states), rows):
            part = slice(start, start + rows)
            expected = self._expected_if_alive(self.params, x[part, None], age[part, None], times[None, :])
            if_alive[part] = (expected * weights).sum(axis=1)
        scores = self._alive(self.params, found.x, found.tx, found.T) * if_alive[pairs]
        return pd.Series(scores[found.row], index=summary.index, name="discounted_purchases")

    def total_interval(
        self, summary: pd.DataFrame, horizon: float, level: float, *, seed: int, size: int = DRAWS
    ) -> Interval:
        """Predict a range for the purchases of all customers together in the next ``horizon`` units.

        Parameters
        ----------
        summary
            n customers, in the fit's unit.
        horizon
            In the fit's unit.
        level
            Such as 0.8.
        seed
            Same seed, same interval, whatever the order of the rows.
        size
            Draws.

        Returns
        -------
        Interval
            Holds the uncertainty of the parameters and chance; not that of the model being wrong, which a backtest
            measures.
        """
        expected = self.expected_purchases(summary, horizon).to_numpy(dtype=float)
        sample = Sample.of(summary, self.unit)
        totals = [
            sample.total(bought, mean, expected)
            for bought, mean in self.simulated_purchases(sample, horizon, size=size, seed=seed)
        ]
        return interval_of(np.array(totals), level)

    def simulated_purchases(
        self, sample: Sample, horizon: float, *, size: int, seed: int
    ) -> Iterator[tuple[Codes, Floats | None]]:
        """Simulate the sampled customers' purchases, once a draw of the parameters.

        Parameters
        ----------
        sample
            Who is simulated.
        horizon
            In the fit's unit.
        size
            Draws.
        seed
            The parameters are those of ``draw(size, seed)``.

        Yields
        ------
        bought, expected
            Shape (m,) each: one outcome, and its expectation under the same parameters where the sample is not
            everybody (``None`` where it is: nobody needs it).
        """
        self._check_horizon(horizon)
        found = compress(sample.customers, self.unit)
        states, pairs = _states(found.x, found.T)
        x, age, row = found.x[found.row], found.T[found.row], found.row
        generator = np.random.default_rng([seed, 1])
        for params in records(self.draw(size, seed)):
            alive = self._alive(params, found.x, found.tx, found.T)
            bought = self._simulated_if_alive(params, x, age, horizon, generator)
            bought *= generator.random(len(row)) < alive[row]
            if sample.is_everybody:
                yield bought, None
            else:
                mean = self._expected_if_alive(params, found.x[states], found.T[states], np.array(horizon))
                yield bought, (alive * mean[pairs])[row]

    def to_json(self) -> dict[str, Any]:
        """Return the fit as plain values that ``from_json`` takes back; no customer's history is in it."""
        return super().to_json() | {"unit": self.unit}

    def _check_horizon(self, horizon: float) -> None:
        if not (math.isfinite(horizon) and horizon >= 0):
            msg = f"The horizon is {horizon}; expected a number of {UNIT_NAMES[self.unit]}, zero or more."
            raise ModelError(msg)


def _states(x: Codes, age: Floats) -> tuple[Codes, Codes]:
    """Positions of the distinct (x, T) pairs, and each history's pair."""
    x_codes = pd.factorize(x, sort=True)[0].astype(np.int64)
    age_codes = pd.factorize(age, sort=True)[0].astype(np.int64)
    _, states, pairs = np.unique(age_codes * (x_codes.max() + 1) + x_codes, return_index=True, return_inverse=True)
    return states, pairs
