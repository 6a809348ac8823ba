"""How the models of repeat purchases are fitted: by maximum likelihood, in log-parameters, on distinct histories.

Takes a summary and a model's likelihood, returns the model's fit, or refuses in words where there is nothing to learn
or no maximum was found.  Where the maximum lies at the end of a parameter's range (all customers alike in something,
say) the fit is that limit, flagged, with a caveat, and without standard errors.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.fit import PurchaseFit
from loyalty_lib.models.histories import DAYS_PER_UNIT, Histories, compress, unit_of
from loyalty_lib.models.optimise import Objective, Optimum, Spread, Vector, maximise, spread_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

F = TypeVar("F", bound=PurchaseFit)

LIMIT = math.log(1e6)  # of every log-parameter, times in units of the longest T; past it customers do not differ
LEAST_INFORMATION = 0.25  # of a direction in log-parameters: a standard error of a factor of seven
SAME_VALUE = 1e-7  # log-likelihood units between two summits that are one
COMPETE = 5_000  # customers on whom the starts compete where there are more


def fit_by_maximum_likelihood(
    model: type[F],
    summary: pd.DataFrame,
    unit: str | None,
    *,
    likelihood: Callable[[Histories, float], Objective],
    starts: Callable[[float], Sequence[Sequence[float]]],
) -> F:
    """Fit ``model`` to a summary.

    Parameters
    ----------
    model
        The class of the fit.
    summary
        Indexed by customer_id: ``frequency``, ``recency``, ``T``; times in ``summary.attrs["unit"]``.
    unit
        "D" or "W"; needed where the summary does not say.
    likelihood
        Histories and scale to the objective in log-parameters, for times divided by the scale.
    starts
        Repeat purchases a customer makes in the longest T, to the points to start from: the model's parameters, times
        as shares of the longest T.

    Returns
    -------
    PurchaseFit
        Of the class ``model``.

    Raises
    ------
    ModelError
        Where the summary holds no purchase histories the model could be fitted to, or where no maximum was found.

    Notes
    -----
    These likelihoods often have two maxima, one where few customers leave and one where many buy once and never again,
    so every start is climbed from.  In a large base the starts compete on an even sample of the customers, and only
    the summits found there are climbed to on everybody; where that ends on a wall, every start is.
    """
    counted_in = unit_of(summary, unit)
    histories = compress(summary, counted_in)
    _refuse_hopeless(model.model, histories)
    scale = float(histories.T.max())
    purchases = int((histories.counts * histories.x).sum())
    rate = purchases / float(histories.counts @ histories.T) * scale
    points = [np.log(start) for start in starts(rate)]
    few = _even_sample(histories)
    objective = likelihood(histories, scale)
    if few.customers < histories.customers and few.x.any():
        optimum = best_of(objective, [summit.point for summit in summits(likelihood(few, scale), points)])
        if optimum.on_wall.any():  # the sample may have had no other summit where all customers have one
            optimum = best_of(objective, [optimum.point, *points])
    else:
        optimum = best_of(objective, points)
    log_likelihood = optimum.value - purchases * math.log(scale)
    _refuse_failure(model.model, optimum, log_likelihood - purchases * math.log(DAYS_PER_UNIT[counted_in]))
    spread = spread_of(optimum, LEAST_INFORMATION)
    estimates = dict(zip(model.names, np.exp(optimum.point).tolist(), strict=True))
    return model(
        params={name: value * scale if name in model.times else value for name, value in estimates.items()},
        log_covariance=spread.covariance,
        log_likelihood=log_likelihood,
        unit=counted_in,
        n_customers=histories.customers,
        converged=optimum.converged,
        diagnosis=diagnosis_of(model.names, optimum, spread.undetermined),
        undetermined=_undetermined(model.names, spread),
        caveats=_caveats(model, histories, spread),
        histories=pd.DataFrame(
            {"frequency": histories.x, "recency": histories.tx, "T": histories.T, "weights": histories.counts}
        ),
    )


def best_of(objective: Objective, starts: Sequence[Vector]) -> Optimum:
    """Climb from every start and return the highest summit, the earliest of equals."""
    return max(summits(objective, starts), key=lambda optimum: (optimum.converged, optimum.value))


def summits(objective: Objective, starts: Sequence[Vector]) -> list[Optimum]:
    """Climb from every start and return the different summits, each as found first.

    Summits are the same where neither value nor place tells them apart: two ends of one ridge are one summit, and which
    of them is higher by a rounding error must not decide between them.
    """
    found: list[Optimum] = []
    for number, start in enumerate(starts):
        if any(np.array_equal(start, earlier) for earlier in starts[:number]):
            continue
        optimum = maximise(objective, start, LIMIT)
        if not any(_same(optimum, known) for known in found):
            found.append(optimum)
    return found


def _same(one: Optimum, other: Optimum) -> bool:
    return one.converged == other.converged and abs(one.value - other.value) < SAME_VALUE


def _even_sample(histories: Histories) -> Histories:
    """Take every k-th customer in the order of the histories, so that about ``COMPETE`` are left."""
    every = max(1, histories.customers // COMPETE)
    counts = np.diff(np.cumsum(histories.counts) // every, prepend=0)
    kept = counts > 0
    return Histories(
        x=histories.x[kept], tx=histories.tx[kept], T=histories.T[kept], counts=counts[kept], row=np.flatnonzero(kept)
    )


def _undetermined(names: Sequence[str], spread: Spread) -> tuple[str, ...]:
    """Name both parameters of a pair where one is undetermined: near a limit only their ratio has a meaning."""
    pairs = (slice(0, 2), slice(2, 4))  # how often customers buy, and when they stop
    return tuple(name for pair in pairs if spread.undetermined[pair].any() for name in names[pair])


def diagnosis_of(names: Sequence[str], optimum: Optimum, undetermined: NDArray[np.bool_]) -> str:
    """Say what the evidence is, and what the data leave open.

    Parameters
    ----------
    names
        Of the coordinates.
    optimum
        Where the search ended.
    undetermined
        One flag a coordinate.
    """

    def listed(flags: NDArray[np.bool_]) -> str:
        return ", ".join(name for name, flag in zip(names, flags, strict=True) if flag)

    parts = [optimum.diagnosis]
    if optimum.on_wall.any():
        parts.append(f"the maximum lies at the end of the range of {listed(optimum.on_wall)}")
    if (loose := undetermined & ~optimum.on_wall).any():
        parts.append(f"the data leave {listed(loose)} open")
    return "; ".join(parts)


def _refuse_hopeless(name: str, histories: Histories) -> None:
    if histories.customers == 1:
        msg = f"The summary holds one customer; the {name} model describes how customers differ. Use a longer history."
        raise ModelError(msg)
    if float(histories.T.max()) == 0:
        msg = (
            "Every customer's first purchase is on the as-of date (T = 0), so nobody can have come back yet. "
            "Choose a later as-of date."
        )
        raise ModelError(msg)
    if int(histories.x.max()) == 0:
        msg = (
            f"None of the {histories.customers} customers bought on a second day; the {name} model learns from repeat "
            "purchases. Use a longer history, or check that orders of one customer share their customer_id."
        )
        raise ModelError(msg)


def _refuse_failure(name: str, optimum: Optimum, log_likelihood_in_days: float) -> None:
    """Stop where the search failed: a wrong forecast is worse than none.

    Purchase days are at most one a day, so in days a log-likelihood above zero cannot come from a calendar: either the
    arithmetic broke down or the summary counts purchases within a day.
    """
    if not optimum.converged:
        msg = (
            f"The {name} model found no maximum ({optimum.diagnosis}); there is no forecast for this data. "
            "Use a longer history, and check the summary for customers with impossible histories."
        )
        raise ModelError(msg)
    if log_likelihood_in_days > 0:
        msg = (
            f"The {name} model has a log-likelihood of {log_likelihood_in_days:.4g} in days; expected one below zero, "
            "as every history of at most one purchase a day has. Check the summary's unit, and make it with "
            "summarise(transactions, as_of), which merges purchases of one day."
        )
        raise ModelError(msg)


def _caveats(model: type[PurchaseFit], histories: Histories, spread: Spread) -> tuple[str, ...]:
    """Say what a reader must know: two parameters tell how often customers buy, two when they stop."""
    caveats: list[str] = []
    once = int(histories.counts[histories.x == 0].sum())
    if once and not model.identifies_one_time_buyers:
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
