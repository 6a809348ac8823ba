"""What every fitted model of repeat purchases can be asked, whichever model it is.

Takes a summary (columns.SUMMARY, time in the fit's unit) and a horizon in that unit; returns Series on the summary's
index, or plain numbers.  A customer's figures depend on that customer's history and the fit, on nobody else in the
summary.  A new model is a subclass with four kernel methods: P(alive), and of a customer known to be active the
expectation, the distribution and a simulation of purchases.  A new customer is the history (0, 0, 0).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.models.estimate import DRAWS, Estimate, Interval, interval_of, records
from loyalty_lib.models.histories import UNIT_NAMES, Codes, Floats, Histories, compress, unit_of
from loyalty_lib.models.kernel import NEW, Kernel
from loyalty_lib.models.over_time import total_over_times
from loyalty_lib.models.sample import Sample

if TYPE_CHECKING:
    from lifetimes import BetaGeoFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

CHUNK = 65_536  # histories in one go; bounds memory
CUSTOMER_DRAWS = 50  # of the parameters, for one customer's interval: chance outweighs them by far
SEED = 40  # of those draws
COUNTS = 16  # numbers of purchases looked at in one go
MOST_PURCHASES = 100_000  # in one customer's interval; past any calendar


@dataclass(frozen=True, eq=False, kw_only=True)
class PurchaseFit(Estimate, Kernel):
    """A fitted model of repeat purchases.

    Attributes
    ----------
    unit
        "D" or "W": the unit of every time and horizon.
    histories
        The distinct histories behind the fit (frequency, recency, T, weights); ``None`` in a fit read from JSON.
    """

    unit: str
    histories: pd.DataFrame | None = field(default=None, repr=False)

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
        found = self._compressed(summary)
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

    def expected_purchases_new(self, horizon: float) -> float:
        """Return expected repeat purchases of a new customer in ``horizon`` units after the first purchase."""
        return self.discounted_purchases_new(np.array([horizon]), np.ones(1))

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
            On the summary's index: with discount factors, the residual value in purchases.

        Raises
        ------
        ModelError
            Where a time is negative or not finite.
        """
        found = self._compressed(summary)
        # Given alive, x and T are all that counts: score those pairs only.
        states, pairs = found.states()
        if_alive = self._discounted_if_alive(found.x[states], found.T[states], times, factors)
        scores = self._alive(self.params, found.x, found.tx, found.T) * if_alive[pairs]
        return pd.Series(scores[found.row], index=summary.index, name="discounted_purchases")

    def discounted_purchases_new(self, times: Floats, factors: Floats) -> float:
        """Return the same of a new customer from the first purchase on, that purchase not counted.

        Parameters
        ----------
        times, factors
            As in ``discounted_purchases``.
        """
        x, tx, age = NEW
        scores = self._alive(self.params, x, tx, age) * self._discounted_if_alive(x, age, times, factors)
        return float(scores[0])

    @overload
    def probability_of_purchases(self, n: int, horizon: float, summary: None = None) -> float: ...

    @overload
    def probability_of_purchases(self, n: int, horizon: float, summary: pd.DataFrame) -> pd.Series[float]: ...

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

        Raises
        ------
        ModelError
            Where ``n`` is no count or the horizon no time.
        """
        self._check_horizon(horizon)
        if n < 0 or n != int(n):
            msg = f"The number of purchases is {n}; expected a whole number, zero or more."
            raise ModelError(msg)
        if summary is None:
            return float(self._probability(self.params, n, *NEW, horizon)[0])
        found = self._compressed(summary)
        probability = self._probability(self.params, n, found.x, found.tx, found.T, horizon)
        return pd.Series(probability[found.row], index=summary.index, name="probability")

    def frequency_distribution(self, summary: pd.DataFrame, last: int) -> Floats:
        """Return how many of the summary's customers should have 0, 1, ... repeat purchases by now.

        Parameters
        ----------
        summary
            n customers, of whom ``T`` alone is used.
        last
            The last class, "so many or more".

        Returns
        -------
        ndarray
            Shape (last + 1,), sum n.
        """
        ages, customers = self._ages(summary)
        x, tx, born = NEW
        expected = [customers @ self._probability(self.params, n, x, tx, born, ages) for n in range(last)]
        return np.array([*expected, customers.sum() - math.fsum(expected)])

    def expected_cumulative(self, summary: pd.DataFrame, times: Floats) -> Floats:
        """Return the repeat purchases that all customers should have made by each time: the tracking curve.

        Parameters
        ----------
        summary
            n customers, of whom ``T`` alone is used: nobody joins after the as-of date.
        times
            Shape (k,), in the fit's unit, from the as-of date: negative before it.

        Returns
        -------
        ndarray
            Shape (k,).

        References
        ----------
        Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way", figures 2 and 3.
        """
        ages, customers = self._ages(summary)
        x, tx, born = NEW
        alive = self._alive(self.params, x, tx, born)
        reached, places = np.unique(np.maximum(ages[:, None] + times, 0.0), return_inverse=True)
        each = alive * self._expected_if_alive(self.params, x, born, reached)
        return np.asarray(customers @ each[places.reshape(len(ages), -1)])

    def purchase_intervals(self, summary: pd.DataFrame, horizon: float, level: float) -> pd.DataFrame:
        """Predict a range for each customer's purchases in the next ``horizon`` units.

        Parameters
        ----------
        summary
            n customers, in the fit's unit.
        horizon
            In the fit's unit.
        level
            Such as 0.8.

        Returns
        -------
        DataFrame
            On the summary's index: ``low`` and ``high``, whole numbers.  Purchases are whole, so the range holds them
            with at least the probability asked for, often more.

        Notes
        -----
        The distribution is that of the model, averaged over draws of the parameters.
        """
        self._check_horizon(horizon)
        if not 0 < level < 1:
            msg = f"The interval's level is {level}; expected a share between 0 and 1, such as 0.8."
            raise ModelError(msg)
        found = self._compressed(summary)
        goals = np.array([(1 - level) / 2, (1 + level) / 2])
        bounds = np.zeros((2, len(found.x)), dtype=np.int64)
        for start in range(0, len(found.x), CHUNK // COUNTS):
            part = slice(start, start + CHUNK // COUNTS)
            bounds[:, part] = self._quantiles(found.x[part], found.tx[part], found.T[part], horizon, goals)
        low, high = bounds[:, found.row]
        return pd.DataFrame({"low": low, "high": high}, index=summary.index)

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
        states, pairs = found.states()
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

    def to_lifetimes(self) -> BetaGeoFitter | ModifiedBetaGeoFitter | ParetoNBDFitter:
        """Return the fit as the ``lifetimes`` library's fitter of the same model, ready for its predictions and plots.

        Raises
        ------
        MissingToolError
            Where ``lifetimes`` is not installed.
        """
        from loyalty_lib.models.lifetimes_bridge import purchase_fitter

        return purchase_fitter(self)

    def to_json(self) -> dict[str, Any]:
        """Return the fit as plain values that ``from_json`` takes back; no customer's history is in it."""
        return super().to_json() | {"unit": self.unit}

    def _compressed(self, summary: pd.DataFrame) -> Histories:
        return compress(summary, unit_of(summary, self.unit))

    def _ages(self, summary: pd.DataFrame) -> tuple[Floats, Floats]:
        """Distinct T, and the customers of each."""
        found = self._compressed(summary)
        ages, codes = np.unique(found.T, return_inverse=True)
        return ages, np.bincount(codes, weights=found.counts).astype(float)

    def _quantiles(self, x: Codes, tx: Floats, age: Floats, horizon: float, goals: Floats) -> Codes:
        """Quantiles of each history's purchases, shape (goals, n): the lowest number by which each goal is reached."""
        draws = list(records(self.draw(CUSTOMER_DRAWS, SEED)))
        alive = np.stack([self._alive(params, x, tx, age) for params in draws])
        found = np.zeros((len(goals), len(x)), dtype=np.int64)
        reached = 1 - alive.mean(axis=0)
        rows = np.arange(len(x))  # those whose highest goal is still ahead
        for first in range(0, MOST_PURCHASES, COUNTS):
            n = np.arange(first, first + COUNTS)
            made = np.zeros((len(rows), COUNTS))
            for params, active in zip(draws, alive[:, rows], strict=True):
                made += active[:, None] * self._probability_if_alive(params, n, x[rows, None], age[rows, None], horizon)
            up_to = reached[rows, None] + np.cumsum(made, axis=1) / len(draws)
            found[:, rows] += (up_to < goals[:, None, None]).sum(axis=2)
            reached[rows] = up_to[:, -1]
            rows = rows[reached[rows] < goals.max()]
            if not rows.size:
                break
        return found

    def _discounted_if_alive(self, x: Codes, age: Floats, times: Floats, factors: Floats) -> Floats:
        """Sum of f_k (E_k - E_{k-1}) given alive now, summed by parts; row by row, so that no row depends on others."""
        self._check_horizon(float(times.min()))
        self._check_horizon(float(times.max()))

        def expected(rows: Codes, at: Floats) -> Floats:
            return self._expected_if_alive(self.params, x[rows, None], age[rows, None], at[None, :])

        scale = min(self.params[name] for name in self.times)
        return total_over_times(expected, len(x), times, -np.diff(factors, append=0.0), scale)

    def _check_horizon(self, horizon: float) -> None:
        if not (math.isfinite(horizon) and horizon >= 0):
            msg = f"The horizon is {horizon}; expected a number of {UNIT_NAMES[self.unit]}, zero or more."
            raise ModelError(msg)
