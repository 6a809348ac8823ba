"""Renewals of contracts: what was observed of them, what can be expected of the next ones, and which they are.

Takes ``Contracts`` and the lives of ``subscriptions_lifetime``.  A renewal is faced when it is due by ``as_of``:
whoever left before a renewal due later faces it no more than whoever still waits for it, or losses would be counted and
their survivors not.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from loyalty_lib.analyses.subscriptions_contracts import OPEN, Contracts, add_months, day_number, months_between
from loyalty_lib.analyses.subscriptions_lifetime import LEVEL, YEAR
from loyalty_lib.errors import ModelError
from loyalty_lib.i18n import Message, mark
from loyalty_lib.models.estimate import DRAWS, interval_of
from loyalty_lib.models.shifted_beta_geometric import (
    LEAST_RENEWALS,
    SBGFit,
    fit_shifted_beta_geometric,
    residual_lifetimes,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED: Final = 20070101
MISFIT: Final = 0.05  # a projection this far from the share observed is said to miss it
OBSERVED: Final = 30  # customers facing a renewal from which on the share that renewed is held against the model


@dataclass(frozen=True, eq=False, kw_only=True)
class Running:
    """Customers under contract on the as-of date who have not given notice; arrays of shape (n,).

    Attributes
    ----------
    passed
        Renewals passed since the unbroken stay began.
    wait
        Months to the next renewal.
    amount
        A month.
    """

    passed: NDArray[np.int64]
    wait: NDArray[np.float64]
    amount: NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Value:
    """What the renewals to come are expected to bring, from customers under contract today.

    Attributes
    ----------
    total, low, high
        Discounted to the as-of date, with the interval of the estimate.
    per_customer
        ``total`` by customer under contract who has not given notice.
    largest_share
        Of the total, of the customer who weighs most.
    yearly_discount_rate, margin
        The assumptions.
    """

    total: float
    low: float
    high: float
    per_customer: float
    largest_share: float
    yearly_discount_rate: float
    margin: float


def renewal_tally(table: pd.DataFrame, as_of: dt.date, term: int) -> pd.DataFrame:
    """Count renewals faced and customers lost at them.

    Parameters
    ----------
    table
        Of ``lives``.
    as_of
        Last day observed.
    term
        Months from one renewal to the next.

    Returns
    -------
    DataFrame
        Index ``renewal`` from 1; ``faced``, ``lost``.
    """
    start = table["start"].to_numpy(dtype=np.int64)
    due = (months_between(start, np.full(len(start), day_number(as_of))) // term).astype(np.int64)
    lost_at = np.ceil(table["months"].to_numpy() / term).astype(np.int64)
    lost = table["left"].to_numpy() & (lost_at <= due)
    facing = np.where(lost, lost_at, due)
    size = int(facing.max(initial=0)) + 1
    faced = np.bincount(facing, minlength=size)[::-1].cumsum()[::-1][1:]
    index = pd.RangeIndex(1, size, name="renewal")
    return pd.DataFrame({"faced": faced, "lost": np.bincount(lost_at[lost], minlength=size)[1:]}, index=index)


def fit_renewals(tally: pd.DataFrame) -> tuple[SBGFit | None, str, tuple[str, ...]]:
    """Fit the model to the renewals faced.

    Returns
    -------
    fit, reason, caveats
        Without a fit the reason for it, as a sentence.
    """
    if len(tally) < LEAST_RENEWALS:
        return (
            None,
            Message(
                "A projection needs customers who came to at least {least:number} renewals; here the longest came to "
                "{count:number}.",
                least=LEAST_RENEWALS,
                count=len(tally),
            ),
            (),
        )
    if not 0 < int(tally["lost"].sum()) < int(tally["faced"].sum()):
        return None, Message("All customers alike renewed, or none did, so nothing can be projected from them."), ()
    try:
        fit = fit_shifted_beta_geometric(tally)
    except ModelError:
        return None, Message("The model of renewals does not fit these contracts, so nothing is projected."), ()
    observed = (1 - tally["lost"] / tally["faced"]).cumprod()
    missed = np.abs(observed - fit.survival(tally.index.to_numpy()))[tally["faced"] >= OBSERVED]
    caveats = list(fit.caveats)
    if len(missed) and float(missed.max()) > MISFIT:
        text = mark("The model misses the share observed at a renewal by up to {points:number.0} percentage points.")
        caveats.append(Message(text, points=100 * float(missed.max())))
    return fit, "", tuple(caveats)


def running(contracts: Contracts, as_of: dt.date, term: int) -> tuple[Running, int]:
    """Find the customers under contract who have not given notice, and count those who have."""
    day = day_number(as_of)
    spells, rows = contracts.spells, contracts.rows
    there = spells[(spells["start"] <= day) & (spells["end"] > day)]
    going_on = there[there["end"] >= OPEN]
    live = rows[(rows["start"] <= day) & (rows["end"] >= OPEN)]
    amount = live.groupby("customer")["amount"].sum()
    start = going_on["start"].to_numpy()
    months = months_between(start, np.full(len(start), day))
    passed = (months // term).astype(np.int64)
    found = Running(
        passed=passed,
        wait=(passed + 1) * term - months,
        amount=amount.reindex(going_on["customer"]).to_numpy(dtype=float),
    )
    return found, len(there) - len(going_on)


def value_of(fit: SBGFit, customers: Running, term: int, yearly_discount_rate: float, margin: float) -> Value | None:
    """Value the renewals to come of customers under contract; ``None`` without customers, amounts or discounting.

    References
    ----------
    Fader and Hardie (2010), eq. 6, with every renewal paying for one term on its day and discounted from there.
    """
    if yearly_discount_rate <= 0 or not len(customers.passed) or not customers.amount.sum() > 0:
        return None
    rate = (1 + yearly_discount_rate) ** (term / YEAR) - 1
    pays = customers.amount * term * margin * (1 + yearly_discount_rate) ** (-customers.wait / YEAR)
    last = int(customers.passed.max()) + 1
    weights = np.bincount(customers.passed, weights=pays, minlength=last)
    single = residual_lifetimes(pd.DataFrame([dict(fit.params)]), last, rate)[0]
    drawn = residual_lifetimes(fit.draw(DRAWS, SEED), last, rate) @ weights
    total = float(single @ weights)
    bounds = interval_of(drawn, LEVEL)
    return Value(
        total=total,
        low=bounds.low,
        high=bounds.high,
        per_customer=total / len(pays),
        largest_share=float((pays * single[customers.passed]).max()) / total,
        yearly_discount_rate=yearly_discount_rate,
        margin=margin,
    )


def next_renewals(contracts: Contracts, as_of: dt.date, term: int, days: int) -> pd.DataFrame:
    """List the contracts that renew within ``days`` days after ``as_of``.

    Returns
    -------
    DataFrame
        ``customer_id``, ``plan``, ``amount`` (a month), ``renews_on``, ``renewal`` (which one it is); never printed.
    """
    day = day_number(as_of)
    rows = contracts.rows[contracts.rows["end"] >= OPEN]
    start = rows["start"].to_numpy()
    number = (months_between(start, np.full(len(start), day)) // term).astype(np.int64) + 1
    due = add_months(start, number * term)
    listed = pd.DataFrame(
        {
            "customer_id": contracts.names.to_numpy()[rows["customer"].to_numpy()],
            "plan": rows["plan"].to_numpy(),
            "amount": rows["amount"].to_numpy(),
            "renews_on": pd.to_datetime(due.astype("datetime64[D]")),
            "renewal": number,
        }
    )[due <= day + days]
    return listed.sort_values(["renews_on", "customer_id", "plan", "amount"], ignore_index=True)
