"""Groups by first order: whether customers who came by different ways differ in how often they buy and how long.

Takes transactions and the as-of date, returns a ``GroupResult``.  A customer's group is the channel, category or
country of the first order and never changes.  The groups share one model (``models/covariates.py``), so that small ones
borrow from large ones what they cannot show themselves, and one test says whether they differ at all.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.errors import ModelError, UsageError
from loyalty_lib.i18n import Message, mark
from loyalty_lib.models.covariate_fit import CovariateFit, LikelihoodRatio
from loyalty_lib.models.covariates import fit_with_covariates
from loyalty_lib.models.estimate import DRAWS, interval_of, records
from loyalty_lib.models.histories import DAYS_PER_UNIT, DAYS_PER_YEAR, Floats
from loyalty_lib.summary import summarise

if TYPE_CHECKING:
    from loyalty_lib.models.fit import PurchaseFit
    from loyalty_lib.validate import Transactions

OTHER: Final = "other"
FEWEST: Final = 10  # repeat buyers of a group of its own; fewer say next to nothing of when customers leave
LEVEL: Final = 0.95
CLEAR: Final = 0.01  # p-value below which the groups are said to differ
SEED: Final = 50


@dataclass(frozen=True)
class _Sentences:
    """What is said of one way of grouping."""

    differ: str
    same: str
    cause: str
    without: str


SENTENCES: Final = {
    "channel": _Sentences(
        differ=mark(
            "By the channel of their first order, customers differ in how often they buy or how long they stay, and by "
            "more than chance explains."
        ),
        same=mark(
            "By the channel of their first order, customers show no clear difference in how often they buy or how long "
            "they stay."
        ),
        cause=mark("A difference between groups is an association; it does not say that the channel is its cause."),
        without=mark("{share:percent.1} of customers have no channel on their first order and are not compared."),
    ),
    "category": _Sentences(
        differ=mark(
            "By the category of their first order, customers differ in how often they buy or how long they stay, and "
            "by more than chance explains."
        ),
        same=mark(
            "By the category of their first order, customers show no clear difference in how often they buy or how "
            "long they stay."
        ),
        cause=mark("A difference between groups is an association; it does not say that the category is its cause."),
        without=mark("{share:percent.1} of customers have no category on their first order and are not compared."),
    ),
    "country": _Sentences(
        differ=mark(
            "By the country of their first order, customers differ in how often they buy or how long they stay, and by "
            "more than chance explains."
        ),
        same=mark(
            "By the country of their first order, customers show no clear difference in how often they buy or how long "
            "they stay."
        ),
        cause=mark("A difference between groups is an association; it does not say that the country is its cause."),
        without=mark("{share:percent.1} of customers have no country on their first order and are not compared."),
    ),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class GroupResult:
    """How groups of customers buy.

    Attributes
    ----------
    table
        Index ``group``: by number of customers, "other" last.  Columns ``customers``, ``repeat_buyers``,
        ``purchases_per_year`` (repeat purchases per customer and year while active, on average),
        ``probability_of_leaving`` (after a purchase, on average; under Pareto/NBD ``median_lifetime`` instead, in
        years) and ``expected_purchases`` (repeat purchases of a new customer in 12 months), each of the three with
        ``_low`` and ``_high``.
    test
        Of the groups being all alike.
    differ
        Whether its p-value is below 0.01.
    finding
        The answer in a sentence.
    by
        "channel", "category" or "country".
    without_value, too_rare
        Customers left out: without a value on the first order, and of groups with fewer than 10 repeat buyers even
        when taken together.
    fit
        The model behind it; its covariate is called "group".
    level
        Of the intervals.
    as_of
        The last day observed.
    caveats
        For the report.
    """

    table: pd.DataFrame
    test: LikelihoodRatio
    differ: bool
    finding: str
    by: str
    without_value: int
    too_rare: int
    fit: CovariateFit
    level: float
    as_of: dt.date
    caveats: tuple[str, ...]


def group_differences(
    transactions: Transactions,
    as_of: dt.date,
    by: str = "channel",
    *,
    unit: str = "W",
    model: str = "bgnbd",
    largest: int = 6,
) -> GroupResult:
    """Compare how customers buy by the channel, category or country of their first order.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    by
        "channel", "category" or "country"; of a first day with several, the one with the largest amount.
    unit
        Of time in the model, "D" or "W".
    model
        "bgnbd", "mbgnbd" or "pnbd".
    largest
        How many groups stand alone; the others together are "other".

    Returns
    -------
    GroupResult
        Intervals hold the uncertainty of the estimates at 95 %, not that of the model being wrong.

    Raises
    ------
    UsageError
        Where ``by`` is none of the three, or ``largest`` is no number of groups.
    ModelError
        Where no first order has such a value, where there are not two groups to compare, or where the model cannot be
        fitted.

    References
    ----------
    Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models".
    """
    if by not in SENTENCES:
        message = f"Customers cannot be grouped by {by!r}; expected one of: {', '.join(SENTENCES)}."
        raise UsageError(message)
    if largest < 1:
        message = f"The number of groups that stand alone is {largest}; expected 1 or more."
        raise UsageError(message)
    summary = summarise(transactions, as_of, unit)
    values = first_values(transactions, as_of, by).reindex(summary.index)
    if values.isna().all():
        message = (
            f"No customer's first order has a {by}, so there is nothing to compare. "
            f"Name the column that holds it under columns.{by} in the client's file."
        )
        raise ModelError(message)
    known = summary.assign(group=values)[values.notna()]
    known["group"] = _merged(known["group"], known["frequency"] > 0, largest)
    compared = known[known["group"].notna()]
    order = _order(compared["group"])
    if len(order) < 2:  # noqa: PLR2004 - a comparison is of two
        message = (
            f"The {by} of the first order makes {len(order)} group with at least {FEWEST} repeat buyers; expected two "
            "or more to compare. Use a longer history, or group by something else."
        )
        raise ModelError(message)
    fit = fit_with_covariates(compared, ["group"], model=model, unit=unit)
    differ = fit.test.p_value < CLEAR
    sentences = SENTENCES[by]
    without, too_rare = len(summary) - len(known), len(known) - len(compared)
    return GroupResult(
        table=_table(compared, order, fit),
        test=fit.test,
        differ=differ,
        finding=Message(sentences.differ if differ else sentences.same),
        by=by,
        without_value=without,
        too_rare=too_rare,
        fit=fit,
        level=LEVEL,
        as_of=as_of,
        caveats=(*_caveats(sentences, len(summary), without, too_rare, differ=differ), *fit.caveats),
    )


def first_values(transactions: Transactions, as_of: dt.date, by: str) -> pd.Series[str]:
    """Return the channel, category or country of every customer's first order.

    Parameters
    ----------
    transactions
        Of all customers.
    as_of
        The last day observed.
    by
        "channel", "category" or "country".

    Returns
    -------
    Series
        Indexed by ``customer_id``, sorted; missing where the first order has none.
    """
    engine = transactions.engine
    engine.create("purchase_days_as_of", "purchase_days", as_of=as_of)
    found = engine.frame("first_order", as_of=as_of, by=by).set_index("customer_id")["value"]
    engine.connection.execute("DROP TABLE purchase_days_as_of")
    return found.rename(by)


def _merged(groups: pd.Series[str], repeated: pd.Series[bool], largest: int) -> pd.Series[str]:
    """Put rare groups together as "other"; missing where even together they are too few."""
    sizes = pd.DataFrame({"customers": groups.groupby(groups).size(), "repeat_buyers": repeated.groupby(groups).sum()})
    own = sizes[(sizes["repeat_buyers"] >= FEWEST) & (sizes.index != OTHER)]
    kept = own.sort_values("customers", ascending=False, kind="stable").index[:largest]  # equal ones by the alphabet
    merged = groups.where(groups.isin(kept), OTHER)
    is_other = merged == OTHER
    return merged.mask(is_other) if repeated[is_other].sum() < FEWEST else merged


def _order(groups: pd.Series[str]) -> list[str]:
    sizes = groups.groupby(groups).size().sort_values(ascending=False, kind="stable")
    return [*sizes.index.drop(OTHER, errors="ignore"), *(name for name in sizes.index if name == OTHER)]


def _table(customers: pd.DataFrame, order: list[str], fit: CovariateFit) -> pd.DataFrame:
    repeated = (customers["frequency"] > 0).groupby(customers["group"])
    counts = pd.DataFrame({"customers": repeated.size(), "repeat_buyers": repeated.sum()}).reindex(order)
    figures = pd.DataFrame([_figures(fit.group({"group": name})) for name in order], index=order)
    table = pd.concat([counts, figures], axis=1)
    table.index = pd.Index(order, name="group")
    once = table["customers"] - table["repeat_buyers"]
    table.attrs["behind"] = {"repeat_buyers": np.minimum(table["repeat_buyers"], once).tolist()}
    return table


def _figures(fit: PurchaseFit) -> dict[str, float]:
    """Return what is said of a group: each figure at the estimates, and its interval from draws of the parameters."""
    params = [dict(fit.params), *records(fit.draw(DRAWS, SEED))]
    year = DAYS_PER_YEAR / DAYS_PER_UNIT[fit.unit]
    found = _while_active({name: np.array([each[name] for each in params]) for name in fit.params}, year)
    found["expected_purchases"] = np.array(
        [dataclasses.replace(fit, params=each).expected_purchases_new(year) for each in params]
    )
    figures: dict[str, float] = {}
    for name, values in found.items():
        low, high = interval_of(values[1:], LEVEL)
        figures |= {name: float(values[0]), f"{name}_low": low, f"{name}_high": high}
    return figures


def _while_active(params: Mapping[str, Floats], year: float) -> dict[str, Floats]:
    """Purchases a year while active, and how customers leave: the mean of the Beta, or the median of the lifetimes.

    The lifetimes of Pareto/NBD are Pareto of the second kind, P(longer than t) = (beta / (beta + t))^s.
    """
    often = {"purchases_per_year": params["r"] / params["alpha"] * year}
    if "s" not in params:
        return often | {"probability_of_leaving": params["a"] / (params["a"] + params["b"])}
    with np.errstate(over="ignore"):  # where hardly anybody ever leaves
        return often | {"median_lifetime": params["beta"] * np.expm1(np.log(2) / params["s"]) / year}


def _caveats(
    sentences: _Sentences, customers: int, without_value: int, too_rare: int, *, differ: bool
) -> tuple[str, ...]:
    caveats = [Message(sentences.cause)]
    if not differ:
        caveats.append(Message("That no difference is clear does not prove that there is none."))
    if without_value:
        caveats.append(Message(sentences.without, share=without_value / customers))
    if too_rare:
        caveats.append(
            Message(
                "{share:percent.1} of customers are in groups with too few repeat buyers to compare.",
                share=too_rare / customers,
            )
        )
    return tuple(caveats)
