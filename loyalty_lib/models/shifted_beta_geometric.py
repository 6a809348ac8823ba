"""The shifted-beta-geometric model of how long customers under contract stay.

Takes how many customers faced each renewal and how many were lost at it, over one or several cohorts; returns an
``SBGFit``, or refuses in words.  At every renewal a customer leaves with a probability of his own, the same each time;
over customers it is beta-distributed with parameters alpha and beta.  Those likely to leave go first, so the share that
renews rises with every renewal though nobody changes.

Renewals count from 1; a customer is new at 0 and has passed t renewals when the contract runs past the t-th.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

import numpy as np
import pandas as pd
from scipy.special import betaln

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.estimate import DRAWS, Estimate, interval_of
from loyalty_lib.models.histories import Floats
from loyalty_lib.models.maximum_likelihood import LEAST_INFORMATION, LIMIT, best_of, diagnosis_of
from loyalty_lib.models.optimise import Objective, spread_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

NAMES: Final = ("alpha", "beta")
LEAST_RENEWALS: Final = 3  # fewer cannot tell customers who differ from a rate that changes
STARTS: Final = ((1.0, 1.0), (0.5, 4.0), (20.0, 80.0))
TAIL: Final = 1e-12  # of a discounted sum, left out at its far end


@dataclass(frozen=True, eq=False, kw_only=True)
class SBGFit(Estimate):
    """A fitted shifted-beta-geometric model.

    References
    ----------
    Fader and Hardie (2007), How to project customer retention, Journal of Interactive Marketing 21(1); Fader and
    Hardie (2010), Customer-base valuation in a contractual setting: the perils of ignoring heterogeneity, Marketing
    Science 29(1).
    """

    model: ClassVar[str] = "shifted-beta-geometric"

    def probability_of_loss(self, renewals: ArrayLike) -> Floats:
        """Return P(T = t), the share of new customers lost at renewal t >= 1 (2007, eq. 5)."""
        t = np.asarray(renewals, dtype=float)
        alpha, beta = self._parameters()
        return np.asarray(np.exp(betaln(alpha + 1, beta + t - 1) - betaln(alpha, beta)))

    def survival(self, renewals: ArrayLike) -> Floats:
        """Return S(t), the share of new customers who pass renewal t >= 0 (2007, eq. 6)."""
        return _survival(self._parameters(), np.asarray(renewals, dtype=float))

    def retention_rate(self, renewals: ArrayLike) -> Floats:
        """Return r(t), the share of the customers facing renewal t >= 1 who renew (2007, eq. 8)."""
        t = np.asarray(renewals, dtype=float)
        alpha, beta = self._parameters()
        return np.asarray((beta + t - 1) / (alpha + beta + t - 1))

    def discounted_lifetime(self, rate: float) -> float:
        """Return how many discounted terms a new customer is expected to pay for, the first one paid today.

        Parameters
        ----------
        rate
            Discount rate of one term, above 0.

        Returns
        -------
        float
            DEL = 2F1(1, beta; alpha + beta; 1 / (1 + rate)) (2010, eq. 4).
        """
        return 1 + float(self.discounted_residual_lifetime(1, rate)) / (1 + rate)

    def discounted_residual_lifetime(self, renewal: ArrayLike, rate: float) -> Floats:
        """Return how many discounted terms customers on the eve of their n-th renewal are still expected to pay for.

        Parameters
        ----------
        renewal
            Which renewal lies ahead, n >= 1; integers of any shape.
        rate
            Discount rate of one term, above 0.

        Returns
        -------
        ndarray of float, shape of ``renewal``
            DERL = (beta + n - 1) / (alpha + beta + n - 1) 2F1(1, beta + n; alpha + beta + n; 1 / (1 + rate))
            (2010, eq. 6); the term that the n-th renewal begins is not discounted.

        Raises
        ------
        ModelError
            If ``rate`` is not above 0: without discounting the sum need not be finite.
        """
        wanted = np.asarray(renewal, dtype=np.int64)
        draws = pd.DataFrame([dict(self.params)])
        return np.asarray(residual_lifetimes(draws, int(wanted.max(initial=1)), rate)[0][wanted - 1])

    def projected_survival(self, renewals: int, *, level: float = 0.95, seed: int = 0) -> pd.DataFrame:
        """Project the share of new customers still there.

        Parameters
        ----------
        renewals
            How many; the projection starts at renewal 0.
        level
            Of the interval, which is that of the estimate: where the share itself lies, not that of one cohort.
        seed
            Of the draws.

        Returns
        -------
        DataFrame
            ``renewal``, ``share``, ``low``, ``high``; one row a renewal from 0.
        """
        ahead = np.arange(renewals + 1)
        drawn = _survival(self._columns(self.draw(DRAWS, seed)), ahead[None, :].astype(float))
        return _projection(ahead, self.survival(ahead), drawn, level)

    def projected_base(
        self, customers: Mapping[int, int], renewals: int, *, level: float = 0.95, seed: int = 0
    ) -> pd.DataFrame:
        """Project the share of today's customers still there after their next renewals.

        Parameters
        ----------
        customers
            Renewals passed to customers who have passed so many.
        renewals
            How many renewals ahead.
        level
            Of the interval, which holds the share itself: the estimate's uncertainty and chance.
        seed
            Of the draws.

        Returns
        -------
        DataFrame
            ``renewal`` (0 is today), ``share``, ``low``, ``high``.
        """
        passed = np.fromiter(customers, dtype=float)[None, :, None]
        counts = np.fromiter(customers.values(), dtype=np.int64)
        ahead = np.arange(renewals + 1)
        sums = ahead[None, None, :] + passed
        alike = self._parameters()
        mean = counts @ (_survival(alike, sums) / _survival(alike, passed))[0] / counts.sum()
        alpha, beta = (values[:, :, None] for values in self._columns(self.draw(DRAWS, seed)))
        still = _survival((alpha, beta), sums) / _survival((alpha, beta), passed)
        chance = np.random.default_rng(seed).binomial(counts[None, :, None], np.minimum(still, 1.0))
        return _projection(ahead, mean, chance.sum(axis=1) / counts.sum(), level)

    def _parameters(self) -> tuple[float, float]:
        return self.params["alpha"], self.params["beta"]

    @staticmethod
    def _columns(draws: pd.DataFrame) -> tuple[Floats, Floats]:
        return draws[["alpha"]].to_numpy(dtype=float), draws[["beta"]].to_numpy(dtype=float)


def residual_lifetimes(draws: pd.DataFrame, renewals: int, rate: float) -> Floats:
    """Return the discounted residual lifetime before each renewal, for many parameters at once.

    Parameters
    ----------
    draws
        ``alpha``, ``beta``; shape (m, 2).
    renewals
        The last renewal asked for.
    rate
        Discount rate of one term, above 0.

    Returns
    -------
    ndarray of float, shape (m, renewals)
        Column n - 1: on the eve of the n-th renewal.

    Raises
    ------
    ModelError
        If ``rate`` is not above 0.

    Notes
    -----
    DERL(n) = r(n) (1 + DERL(n + 1) / (1 + rate)), worked backwards from a renewal so far ahead that what lies beyond it
    no longer shows.  Unlike the hypergeometric series, this stays exact for parameters of any size.
    """
    if not rate > 0:
        msg = f"The discount rate is {rate}; expected one above 0, for without it a lifetime need not be finite."
        raise ModelError(msg)
    alpha, beta = (draws[name].to_numpy(dtype=float) for name in NAMES)
    discount = 1 / (1 + rate)
    beyond = math.ceil(math.log(TAIL * (1 - discount)) / math.log(discount))
    found = np.empty((len(draws), renewals))
    ahead = np.zeros(len(draws))
    for n in range(renewals + beyond, 0, -1):
        ahead = (beta + n - 1) / (alpha + beta + n - 1) * (1 + discount * ahead)
        if n <= renewals:
            found[:, n - 1] = ahead
    return found


def tally_cohorts(survivors: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Add up cohorts that were observed for different lengths.

    Parameters
    ----------
    survivors
        By cohort: customers at first, then those left after each renewal observed.

    Returns
    -------
    DataFrame
        Index ``renewal`` from 1; ``faced`` it, ``lost`` at it.

    Raises
    ------
    ModelError
        Where a cohort grows: its customers are not the same.
    """
    last = max((len(cohort) for cohort in survivors), default=1)
    faced, lost = np.zeros(max(last - 1, 0), dtype=np.int64), np.zeros(max(last - 1, 0), dtype=np.int64)
    for number, cohort in enumerate(survivors, start=1):
        counts = np.asarray(cohort, dtype=np.int64)
        if (np.diff(counts) > 0).any() or (counts < 0).any():
            msg = f"Cohort {number} holds {list(cohort)}; expected the customers left at each renewal, never more."
            raise ModelError(msg)
        faced[: len(counts) - 1] += counts[:-1]
        lost[: len(counts) - 1] -= np.diff(counts)
    index = pd.RangeIndex(1, len(faced) + 1, name="renewal")
    return pd.DataFrame({"faced": faced, "lost": lost}, index=index)


def fit_shifted_beta_geometric(renewals: pd.DataFrame) -> SBGFit:
    """Fit the model by maximum likelihood.

    Parameters
    ----------
    renewals
        One row a renewal, the first one first: customers who ``faced`` it and customers ``lost`` at it
        (``tally_cohorts``).  Customers not yet due to renew face nothing and are not counted.

    Returns
    -------
    SBGFit
        Where all customers are alike, or nobody who renewed once ever left, the fit is that limit and says so.

    Raises
    ------
    ModelError
        Where fewer than three renewals were faced, or at these nobody or everybody was lost.

    References
    ----------
    Fader and Hardie (2007), appendix B.  With n_t facing renewal t and d_t lost at it, over all cohorts, the likelihood
    is prod_t [alpha / (alpha + beta + t - 1)]^d_t [(beta + t - 1) / (alpha + beta + t - 1)]^(n_t - d_t).
    """
    faced, lost = (renewals[name].to_numpy(dtype=float) for name in ("faced", "lost"))
    _refuse_hopeless(faced, lost)
    optimum = best_of(_likelihood(faced, lost), [np.log(start) for start in STARTS])
    if not optimum.converged:
        msg = (
            f"The shifted-beta-geometric model found no maximum ({optimum.diagnosis}); there is no projection for this "
            "data. Check the starts and ends of the contracts."
        )
        raise ModelError(msg)
    spread = spread_of(optimum, LEAST_INFORMATION)
    undetermined = NAMES if spread.undetermined.any() else ()
    return SBGFit(
        params=dict(zip(NAMES, np.exp(optimum.point).tolist(), strict=True)),
        log_covariance=spread.covariance,
        log_likelihood=optimum.value,
        n_customers=round(float(faced[0])),
        converged=optimum.converged,
        diagnosis=diagnosis_of(NAMES, optimum, spread.undetermined),
        undetermined=undetermined,
        caveats=(_limit(optimum.point),) if undetermined else (),
    )


def _refuse_hopeless(faced: Floats, lost: Floats) -> None:
    count = int((faced > 0).sum())
    if (lost > faced).any() or (lost < 0).any() or (faced < 0).any():
        msg = "More customers were lost at a renewal than faced it; expected the customers of the same renewal."
    elif count < LEAST_RENEWALS:
        msg = f"Customers faced {count} renewals; a projection needs at least {LEAST_RENEWALS}. Use a longer history."
    elif lost.sum() == 0:
        msg = "No customer left at any renewal, so how long they will stay cannot be learnt. Use a longer history."
    elif (lost == faced).all():
        msg = "No customer passed a renewal, so there is nothing to project."
    else:
        return
    raise ModelError(msg)


def _likelihood(faced: Floats, lost: Floats) -> Objective:
    """Return the log-likelihood with its first two derivatives in the logarithms of the parameters."""
    before = np.arange(len(faced), dtype=float)  # renewals passed by those who face each
    kept = faced - lost

    def objective(point: Floats) -> tuple[float, Floats, Floats]:
        alpha, beta = np.exp(point)
        stay, both = beta + before, alpha + beta + before
        value = float(np.sum(lost * (point[0] - np.log(both)) + kept * (np.log(stay) - np.log(both))))
        gradient = np.array([np.sum(lost - faced * alpha / both), np.sum(kept * beta / stay - faced * beta / both)])
        cross = np.sum(faced * alpha * beta / both**2)
        first = -np.sum(faced * alpha * (both - alpha) / both**2)
        second = np.sum(kept * beta * before / stay**2 - faced * beta * (both - beta) / both**2)
        return value, gradient, np.array([[first, cross], [cross, second]])

    return objective


def _limit(point: Floats) -> Message:
    if float(point.max()) > LIMIT / 2:
        return Message(
            "The share of customers who renew does not rise with the number of renewals, so all customers are "
            "taken to be equally likely to leave."
        )
    return Message("The renewals observed leave open how much customers differ: the projection is uncertain.")


def _survival(parameters: tuple[Floats | float, Floats | float], renewals: Floats) -> Floats:
    alpha, beta = parameters
    return np.asarray(np.exp(betaln(alpha, beta + renewals) - betaln(alpha, beta)))


def _projection(ahead: NDArray[np.int64], share: Floats, drawn: Floats, level: float) -> pd.DataFrame:
    bounds = [interval_of(column, level) for column in drawn.T]
    return pd.DataFrame(
        {
            "renewal": ahead,
            "share": share,
            "low": [bound.low for bound in bounds],
            "high": [bound.high for bound in bounds],
        }
    )
