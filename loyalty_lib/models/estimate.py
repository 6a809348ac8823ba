"""An estimate of positive parameters, and what any of them can be asked: errors, criteria, draws, plain values.

Knows no model.  Parameters live on their natural scale; their uncertainty is that of their logarithms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.histories import Floats

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
    undetermined
        Names of the parameters that the data leave undetermined, alone or together; their standard errors are NaN.
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
    undetermined: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    def at_boundary(self) -> bool:
        """Whether the fit is a limit: the data leave a parameter, or a combination, undetermined."""
        return bool(self.undetermined)

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the estimates on their natural scale (delta method); NaN where they are undetermined."""
        names = list(self.params)
        estimates = np.fromiter(self.params.values(), dtype=float)
        natural = pd.DataFrame(np.outer(estimates, estimates) * self.log_covariance, index=names, columns=names)
        natural.loc[list(self.undetermined)] = np.nan
        natural[list(self.undetermined)] = np.nan
        return natural

    @property
    def standard_errors(self) -> Mapping[str, float]:
        """Standard errors on the natural scale; NaN where a parameter is undetermined."""
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
            "undetermined": list(self.undetermined),
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
        fields["undetermined"] = tuple(stored["undetermined"])
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
