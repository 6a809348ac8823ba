"""How covariates enter each model: which parameters they multiply, and the likelihood of groups that share the rest.

References
----------
Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from loyalty_lib.models.bgnbd import fit_bgnbd
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.geometric_likelihood import Likelihood as GeometricLikelihood
from loyalty_lib.models.histories import Floats, Histories
from loyalty_lib.models.mbgnbd import fit_mbgnbd
from loyalty_lib.models.optimise import Objective, Vector
from loyalty_lib.models.pareto_likelihood import Likelihood as ParetoLikelihood
from loyalty_lib.models.pnbd import fit_pnbd

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Effect(NamedTuple):
    """What a group of coefficients acts on: a parameter, multiplied by exp(sign g'z)."""

    name: str
    parameter: str
    sign: int


@dataclass(frozen=True, kw_only=True)
class Story:
    """A model, and how covariates enter it.

    Attributes
    ----------
    fit
        The model without covariates.
    likelihood
        Histories and scale to the objective in the model's log-parameters.
    effects
        In the order of the coefficients.
    """

    fit: Callable[..., PurchaseFit]
    likelihood: Callable[[Histories, float], Objective]
    effects: tuple[Effect, ...]


GEOMETRIC: Final = (Effect("purchase rate", "alpha", -1), Effect("leaving a", "a", 1), Effect("leaving b", "b", 1))
STORIES: Final = {
    "bgnbd": Story(fit=fit_bgnbd, likelihood=GeometricLikelihood, effects=GEOMETRIC),
    "mbgnbd": Story(fit=fit_mbgnbd, likelihood=partial(GeometricLikelihood, coin_first=True), effects=GEOMETRIC),
    "pnbd": Story(
        fit=fit_pnbd,
        likelihood=ParetoLikelihood,
        effects=(Effect("purchase rate", "alpha", -1), Effect("leaving rate", "beta", -1)),
    ),
}


class GroupedLikelihood:
    """The log-likelihood of several groups whose log-parameters are linear in one vector.

    Parameters
    ----------
    likelihoods
        One objective a group, in p log-parameters.
    maps
        One matrix a group, shape (p, k).
    """

    def __init__(self, likelihoods: Sequence[Objective], maps: Sequence[Floats]) -> None:
        self.parts = list(zip(likelihoods, maps, strict=True))
        self.size = maps[0].shape[1]

    def __call__(self, theta: Vector) -> tuple[float, Vector, NDArray[np.float64]]:
        """Value, gradient (k,) and Hessian (k, k)."""
        total, slope, curvature = 0.0, np.zeros(self.size), np.zeros((self.size, self.size))
        for likelihood, linear in self.parts:
            value, gradient, hessian = likelihood(linear @ theta)
            total += value
            slope += linear.T @ gradient
            curvature += linear.T @ hessian @ linear
        return total, slope, curvature


def linear_map(names: Sequence[str], effects: Sequence[Effect], z: Floats) -> Floats:
    """Return the matrix that takes theta to the log-parameters of customers with covariates ``z``.

    Parameters
    ----------
    names
        The model's p parameters.
    effects
        What the coefficients act on.
    z
        Shape (k,).

    Returns
    -------
    ndarray
        Shape (p, p + k len(effects)): theta is the logarithms of the parameters at z = 0, then the k coefficients of
        each effect.
    """
    p, k = len(names), len(z)
    matrix = np.zeros((p, p + k * len(effects)))
    matrix[:, :p] = np.eye(p)
    for number, effect in enumerate(effects):
        matrix[names.index(effect.parameter), p + number * k : p + (number + 1) * k] = effect.sign * z
    return matrix
