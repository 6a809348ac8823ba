"""Customer-base models in which what is known of a customer from the start shifts how often, and how long, they buy.

Takes a summary (columns.SUMMARY) with columns of covariates, such as the channel of the first order; returns a frozen
``CovariateFit``.  With z the covariates of a customer (``design.py``), alpha becomes alpha exp(-g1'z), so that the mean
purchase rate is multiplied by exp(g1'z); under BG/NBD and MBG/NBD a becomes a exp(g2'z) and b becomes b exp(g3'z),
under Pareto/NBD beta becomes beta exp(-g2'z), so that the mean rate of leaving is multiplied by exp(g2'z).  How much
customers differ in their purchase rate, r (and s), is common to all.

Customers who agree in all covariates are a group with parameters of its own, whose logarithms are a linear map of what
is estimated: D theta, with theta the logarithms of the parameters at the reference and the coefficients.  The
log-likelihood is the sum of the groups', its gradient the sum of D' gradient, its Hessian the sum of D' Hessian D, all
from the models' own likelihoods.

References
----------
Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.covariate_effects import STORIES, GroupedLikelihood, Story, linear_map
from loyalty_lib.models.covariate_fit import CovariateFit
from loyalty_lib.models.design import Design, Groups, design_of
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.histories import compress
from loyalty_lib.models.maximum_likelihood import LEAST_INFORMATION, best_of, diagnosis_of
from loyalty_lib.models.optimise import Optimum, spread_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

CALM: Final = 3.0  # largest log-parameter of the second start: customers who differ, but not beyond measure
TIED: Final = 0.1  # of the way of a coordinate on the wall: one that would go that far with it has no place of its own
FEW_CUSTOMERS: Final = 30  # with a level; below, its effects are hardly more than chance


def fit_with_covariates(
    summary: pd.DataFrame, covariates: Sequence[str], *, model: str = "bgnbd", unit: str | None = None
) -> CovariateFit:
    """Fit a model whose parameters depend on what is known of a customer from the start.

    Parameters
    ----------
    summary
        Indexed by customer_id: ``frequency``, ``recency``, ``T`` and the covariates, which do not change with time;
        times in ``summary.attrs["unit"]``.
    covariates
        Columns of the summary.  Text and categories enter as indicators against their most frequent level, yes/no
        columns and numbers as they are; at most 50 groups of customers who agree in all of them.
    model
        "bgnbd", "mbgnbd" or "pnbd".
    unit
        "D" or "W"; needed where the summary does not say.

    Returns
    -------
    CovariateFit
        With the test against the fit without covariates.

    Raises
    ------
    ModelError
        Where the model without covariates cannot be fitted, where a covariate cannot be used (all problems at once),
        or where no maximum was found.

    References
    ----------
    Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models".
    """
    if model not in STORIES:
        msg = f"The model {model!r} is not known; expected one of: {', '.join(STORIES)}."
        raise ModelError(msg)
    story = STORIES[model]
    plain = story.fit(summary, unit=unit)
    design, groups = design_of(summary, covariates)
    scale = float(summary["T"].max())
    rows = [summary.iloc[np.flatnonzero(groups.row == number)] for number in range(len(groups.table))]
    objective = GroupedLikelihood(
        [story.likelihood(compress(each, plain.unit), scale) for each in rows],
        [linear_map(plain.names, story.effects, z) for z in design.standardised(groups.table)],
    )
    in_unit = np.array([math.log(scale) if name in plain.times else 0.0 for name in plain.names])
    start = np.log(list(plain.params.values())) - in_unit
    none = np.zeros(len(design.columns) * len(story.effects))
    optimum = best_of(objective, [np.append(start, none), np.append(np.clip(start, -CALM, CALM), none)])
    if not optimum.converged:
        msg = (
            f"The {plain.model} model with covariates found no maximum ({optimum.diagnosis}). "
            "Merge rare levels, or leave a covariate out."
        )
        raise ModelError(msg)
    spread = spread_of(optimum, LEAST_INFORMATION)
    undetermined = spread.undetermined | _tied_to_wall(optimum)
    return CovariateFit(
        plain=plain,
        effects=story.effects,
        design=design,
        theta=optimum.point + np.append(in_unit, none),
        covariance=spread.covariance,
        undetermined=undetermined,
        groups=groups,
        log_likelihood=optimum.value - float(summary["frequency"].sum()) * math.log(scale),
        converged=optimum.converged,
        diagnosis=diagnosis_of(_coordinates(plain, story, design), optimum, undetermined),
        caveats=(*plain.caveats, *_caveats(design, groups, undetermined[len(plain.names) :])),
    )


def _tied_to_wall(optimum: Optimum) -> NDArray[np.bool_]:
    """Find what would move along if a coordinate on the wall could: a of a group whose a and b go to infinity, say."""
    tied = np.zeros(len(optimum.point), dtype=bool)
    free = ~optimum.on_wall
    if free.any() and optimum.on_wall.any():
        among, across = optimum.hessian[np.ix_(free, free)], optimum.hessian[np.ix_(free, optimum.on_wall)]
        tied[free] = (np.abs(np.linalg.lstsq(among, across)[0]) > TIED).any(axis=1)
    return tied


def _coordinates(plain: PurchaseFit, story: Story, design: Design) -> list[str]:
    """Name what is estimated: the parameters at the reference, then the coefficients."""
    columns = [f"{covariate} {level}".strip() for covariate, level in design.columns]
    return [*plain.names, *(f"{effect.name} of {column}" for effect in story.effects for column in columns)]


def _caveats(design: Design, groups: Groups, undetermined: NDArray[np.bool_]) -> tuple[str, ...]:
    caveats: list[str] = []
    if undetermined.any():
        caveats.append(Message("The orders do not determine every difference between the groups."))
    customers = pd.Series(groups.customers)
    smallest = [
        customers.groupby(groups.table[each.name].to_numpy()).sum().min() for each in design.covariates if each.levels
    ]
    if min(smallest, default=FEW_CUSTOMERS) < FEW_CUSTOMERS:
        caveats.append(
            Message(
                "Some groups have fewer than {few:number} customers; their figures are uncertain.", few=FEW_CUSTOMERS
            )
        )
    return tuple(caveats)
