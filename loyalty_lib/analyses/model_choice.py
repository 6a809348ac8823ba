"""Which model of repeat purchases suits a shop: all of them, side by side, judged by what customers did next.

Takes transactions and the as-of date, returns a ModelComparison.  Each model is fitted to what was known on the cutoffs
of the backtest and asked for the probability of the purchases that every customer then made.  The mean logarithm of
these probabilities is the score (a proper one: no forecast scores better than the truth).  BG/NBD is the default and
gives way to a model that is better by more than chance between customers explains.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from loyalty_lib.analyses.backtest import DEFAULT, cutoffs, holdout_length, left_out, outcome_of
from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message
from loyalty_lib.models.choose import LABELS, MODELS
from loyalty_lib.models.histories import DAYS_PER_UNIT
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.models.fit import PurchaseFit
    from loyalty_lib.validate import Transactions

CLEARLY = 2.0  # standard errors by which a model must beat the default
COLUMNS = (
    "name",
    "model",
    "parameters",
    "log_likelihood",
    "aic",
    "bic",
    "predicted",
    "actual",
    "relative_error",
    "model_error",
    "mean_absolute_error",
    "log_score",
    "standard_error",
    "at_boundary",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class ModelComparison:
    """The models side by side.

    Attributes
    ----------
    table
        One row a model: ``name`` ("bgnbd"), ``model`` ("BG/NBD"), ``parameters`` (how many); of the fit to all
        customers at the as-of date ``log_likelihood``, ``aic``, ``bic`` and ``at_boundary``; of the main hold-out
        purchases ``predicted`` and ``actual``, ``relative_error`` and ``mean_absolute_error`` (per customer); of all
        hold-outs ``model_error`` (root mean square of log(actual / predicted)), ``log_score`` (mean over customers and
        cutoffs of the log probability given to the purchases made) and ``standard_error`` (of the log score's distance
        to the default's); ``chosen``.  What could not be computed is NaN.
    chosen
        The name of the model to use.
    reason
        Why, in a sentence.
    origins
        One row a model and cutoff, earliest first: ``name``, ``cutoff``, ``until``, ``customers``, ``predicted``,
        ``actual``, ``mean_absolute_error``, ``log_score``.
    holdout_days
        Length of every hold-out.
    caveats
        Models and cutoffs left out.
    """

    table: pd.DataFrame
    chosen: str
    reason: str
    origins: pd.DataFrame
    holdout_days: int
    caveats: tuple[str, ...]


def compare_models(
    transactions: Transactions, as_of: dt.date, *, holdout_days: int | None = None, unit: str = "W"
) -> ModelComparison:
    """Fit every model, check its forecasts of the past, and choose.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    holdout_days
        Length of a hold-out; ``None`` for half of the days observed in whole weeks, at most 52 weeks.
    unit
        Of time in the models, "D" or "W".

    Returns
    -------
    ModelComparison
        A model that cannot be fitted is listed and not chosen; nor is one whose parameters the data leave
        undetermined, unless all are.

    Raises
    ------
    ModelError
        Where the data are too short for one hold-out and as much history before it, where no model can be fitted, or
        where nobody bought in the hold-out.

    References
    ----------
    Gneiting & Raftery (2007), "Strictly Proper Scoring Rules, Prediction, and Estimation", Journal of the American
    Statistical Association 102, 359-378, section 4.1.
    """
    first_day = transactions.quality.first_day
    days = holdout_length(holdout_days, first_day, as_of)
    now = _fits(MODELS, summarise(transactions, as_of, unit))
    origins: list[_Origin] = []
    caveats: list[str] = []
    names = list(now)
    for cutoff in cutoffs(first_day, as_of, days):
        origin = _origin(transactions, cutoff, days, names, unit)
        if not origins:
            names = list(origin.fits)
            if not origin.actual or not names:
                raise ModelError(_nothing_to_compare(origin, as_of))
        if origin.actual and len(origin.fits) == len(names):
            origins.append(origin)
        else:
            caveats.append(left_out(cutoff))
    scores = pd.concat([origin.scores for origin in origins])
    table = _table(now, names, origins, scores)
    chosen, reason = _choice(table, len(scores))
    failed = [
        Message("{model} could not be fitted to these data and is left out of the comparison.", model=LABELS[name])
        for name in MODELS
        if name not in names
    ]
    return ModelComparison(
        table=table.assign(chosen=table["name"] == chosen),
        chosen=chosen,
        reason=reason,
        origins=pd.DataFrame([row for origin in origins[::-1] for row in origin.rows]),
        holdout_days=days,
        caveats=(*failed, *caveats),
    )


def log_scores(fit: PurchaseFit, summary: pd.DataFrame, purchases: pd.Series[int], horizon: float) -> pd.Series[float]:
    """Return the log probability that a forecast gave to what each customer then did.

    Parameters
    ----------
    fit
        Made from ``summary``, or from what was known with it.
    summary
        n customers.
    purchases
        What they made in the horizon, on the summary's index.
    horizon
        In the fit's unit.

    Returns
    -------
    Series
        On the summary's index; at least -708, the logarithm of the smallest number there is.
    """
    made = purchases.reindex(summary.index).to_numpy()
    found = np.empty(len(summary))
    for count in np.unique(made):
        rows = made == count
        found[rows] = fit.probability_of_purchases(int(count), horizon, summary[rows])
    return pd.Series(np.log(np.maximum(found, np.finfo(float).tiny)), index=summary.index, name="log_score")


@dataclass(frozen=True, eq=False, kw_only=True)
class _Origin:
    """What the models forecast at one cutoff: those that could be fitted, tables by model and by customer."""

    fits: dict[str, PurchaseFit]
    actual: int
    rows: list[dict[str, Any]]
    scores: pd.DataFrame


def _origin(transactions: Transactions, cutoff: dt.date, days: int, names: Iterable[str], unit: str) -> _Origin:
    until = cutoff + dt.timedelta(days=days)
    horizon = days / DAYS_PER_UNIT[unit]
    summary = summarise(transactions, cutoff, unit)
    made = outcome_of(transactions, cutoff, until)["purchases"].reindex(summary.index, fill_value=0)
    fits = _fits(names, summary)
    expected = {name: fit.expected_purchases(summary, horizon) for name, fit in fits.items()}
    scores = {name: log_scores(fit, summary, made, horizon) for name, fit in fits.items()}
    rows = [
        {
            "name": name,
            "cutoff": cutoff,
            "until": until,
            "customers": len(summary),
            "predicted": math.fsum(expected[name]),
            "actual": int(made.sum()),
            "mean_absolute_error": math.fsum((expected[name] - made).abs()) / len(summary),
            "log_score": math.fsum(scores[name]) / len(summary),
        }
        for name in fits
    ]
    return _Origin(
        fits=fits,
        actual=int(made.sum()),
        rows=rows,
        scores=pd.DataFrame(scores, index=summary.index),
    )


def _fits(names: Iterable[str], summary: pd.DataFrame) -> dict[str, PurchaseFit]:
    """Fit the models; one that cannot be fitted is missing, and the comparison's caveats say so."""
    found: dict[str, PurchaseFit] = {}
    for name in names:
        try:
            found[name] = MODELS[name](summary)
        except ModelError:
            continue
    return found


def _nothing_to_compare(origin: _Origin, as_of: dt.date) -> str:
    if not origin.fits:
        return (
            f"No model of repeat purchases could be fitted to the data up to {as_of} and to those before the hold-out; "
            "there is nothing to compare. Use a longer history."
        )
    return (
        f"Nobody bought again in the hold-out that ends on {as_of}; expected purchases to compare the models by. "
        "Choose a longer hold-out, or an as-of date the data reach."
    )


def _table(now: dict[str, PurchaseFit], names: list[str], origins: list[_Origin], scores: pd.DataFrame) -> pd.DataFrame:
    main = {row["name"]: row for row in origins[0].rows}
    past = [row for origin in origins for row in origin.rows]
    base = scores[DEFAULT if DEFAULT in names else names[0]]
    rows = []
    for name in MODELS:
        row: dict[str, Any] = {"name": name, "model": LABELS[name]}
        if name in now:
            fit = now[name]
            row |= {
                "parameters": len(fit.params),
                "log_likelihood": fit.log_likelihood,
                "aic": fit.aic,
                "bic": fit.bic,
                "at_boundary": fit.at_boundary,
            }
        if name in names:
            errors = [math.log(each["actual"] / each["predicted"]) for each in past if each["name"] == name]
            row |= {measure: main[name][measure] for measure in ("predicted", "actual", "mean_absolute_error")}
            row |= {
                "relative_error": main[name]["predicted"] / main[name]["actual"] - 1,
                "model_error": math.sqrt(math.fsum(error**2 for error in errors) / len(errors)),
                "log_score": math.fsum(scores[name]) / len(scores),
                "standard_error": _standard_error(scores[name] - base),
            }
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype({"at_boundary": "boolean"})


def _standard_error(differences: pd.Series[float]) -> float:
    """Return the standard error of the mean of ``differences``; those of one customer (index) hang together."""
    rest = differences - differences.mean()
    return math.sqrt(math.fsum(rest.groupby(level=0).sum() ** 2)) / len(differences)


def _choice(table: pd.DataFrame, forecasts: int) -> tuple[str, Message]:
    """Return the name of the best model, the default where none is clearly better, and why."""
    fitted = table[table["log_score"].notna()].set_index("name")
    usable = fitted[~fitted["at_boundary"].astype(bool)]
    if usable.empty:
        name = DEFAULT if DEFAULT in fitted.index else str(fitted["log_score"].idxmax())
        return name, Message(
            "{model} is used, although these data determine none of the models fully.", model=LABELS[name]
        )
    if DEFAULT not in usable.index:
        name = str(usable["log_score"].idxmax())
        return name, Message(
            "{model} is used: these data do not determine {other}, and of the models they do determine it gave the "
            "highest probability to what customers then did, over {forecasts:number} forecasts for single customers.",
            model=LABELS[name],
            other=LABELS[DEFAULT],
            forecasts=forecasts,
        )
    others = usable.drop(DEFAULT)
    if others.empty:
        return DEFAULT, Message("{model} is used: these data determine no other model.", model=LABELS[DEFAULT])
    gain = others["log_score"] - usable["log_score"][DEFAULT]
    better = gain[gain > CLEARLY * others["standard_error"]]
    name = str((gain if better.empty else better).idxmax())
    told = {
        "model": LABELS[name],
        "other": LABELS[DEFAULT],
        "gain": math.expm1(gain[name]),
        "forecasts": forecasts,
    }
    if better.empty:
        return DEFAULT, Message(
            "{other} is used: no model was clearly better over {forecasts:number} forecasts for single customers. "
            "The probability that {model} gave to what they then did differed from that of {other} by "
            "{gain:signed_percent.1} on geometric average.",
            **told,
        )
    return name, Message(
        "{model} is used: over {forecasts:number} forecasts for single customers, the probability it gave to what "
        "they then did was {gain:percent.1} higher than that of {other} on geometric average, more than chance "
        "explains.",
        **told,
    )
