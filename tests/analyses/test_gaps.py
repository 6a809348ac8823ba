"""Usual gaps: by eye, against SciPy's Kaplan-Meier, and in a simulation in which the truth is known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.stats import CensoredData, ecdf

from loyalty_lib.analyses.gaps import purchase_gaps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
START = pd.Timestamp("2022-01-01")


def split(orders: pd.DataFrame, as_of: dt.date) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the gaps that ended and those still open, one customer at a time."""
    ended, still_open = [], []
    bought = orders[(orders["amount"] >= 0) & (orders["day"] <= pd.Timestamp(as_of))]
    for _, days in bought.groupby("customer_id")["day"]:
        known = np.sort(days.unique())
        ended += list(np.diff(known) / np.timedelta64(1, "D"))
        still_open.append((pd.Timestamp(as_of) - known[-1]).days)
    return np.array(ended, dtype=float), np.array(still_open, dtype=float)


@pytest.mark.parametrize("as_of", [AS_OF, dt.date(2024, 3, 15)])
def test_the_curve_is_that_of_scipy_over_single_gaps(shop: Shop, orders: pd.DataFrame, as_of: dt.date) -> None:
    ended, still_open = split(orders, as_of)
    found = purchase_gaps(shop(orders), as_of)
    assert (found.gaps, found.ended) == (len(ended) + len(still_open), len(ended))
    expected = ecdf(CensoredData(uncensored=ended, right=still_open)).sf
    np.testing.assert_array_equal(found.curve.index, expected.quantiles)
    np.testing.assert_allclose(found.curve["survival"], expected.probabilities, rtol=1e-12)
    # The definition, word for word: t_max, then the smallest t with F(t) >= 0.8 F(t_max).
    lasted = np.concatenate([ended, still_open])
    times = np.unique(lasted)
    needed = max(30, 0.05 * len(lasted))
    t_max = max(time for time in times if (lasted >= time).sum() >= needed)
    share = 1 - expected.evaluate(times)
    reached = float(1 - expected.evaluate(t_max))
    assert found.p80 == min(times[share >= 0.8 * reached - 1e-12])
    assert found.median == min(times[share >= 0.5 * reached - 1e-12])


def mixture(seed: int, mean: float = 150.0, back: float = 0.6, customers: int = 8000) -> pd.DataFrame:
    """Let customers return with probability ``back`` after every purchase, after exponential gaps; three years."""
    rng = np.random.default_rng(seed)
    last = (pd.Timestamp(AS_OF) - START).days
    names = np.arange(customers)
    day = rng.integers(0, last, customers)
    found = []
    while len(names):
        found.append(pd.DataFrame({"customer_id": names, "day": day}))
        day = day + np.ceil(rng.exponential(mean, len(names))).astype(np.int64)
        stays = (rng.random(len(names)) < back) & (day <= last)
        names, day = names[stays], day[stays]
    frame = pd.concat(found, ignore_index=True)
    frame["customer_id"] = "c" + frame["customer_id"].astype("str")
    frame["day"] = START + pd.to_timedelta(frame["day"], unit="D")
    return frame.assign(amount=1.0)


def test_censoring_biases_the_percentile_of_closed_gaps_and_not_this_one(shop: Shop) -> None:
    """Two of five never return; of those who do, 80 % have within 150 ln 5 = 241.4 days, rounded up to a whole day."""
    truth = np.ceil(150 * np.log(5))
    estimates, naive = [], []
    for seed in range(5):
        rows = mixture(seed)
        estimates.append(purchase_gaps(shop(rows), AS_OF).p80)
        closed = rows.drop_duplicates().sort_values("day").groupby("customer_id")["day"].diff().dt.days.dropna()
        naive.append(closed.quantile(0.8))
    # The standard error of the mean of five is about a day; the end of the follow-up takes off one or two.
    assert np.mean(estimates) == pytest.approx(truth, abs=5)
    assert np.mean(naive) < truth - 20


def test_gaps_of_a_shop_checked_by_eye(shop: Shop) -> None:
    """30 customers return after 10 days, 30 after 20, and 40 never do; orders of one day are one.

    After their last day all are open: those for 335, 325 and 345 days.
    """
    rows = [(f"a{n}", day, 1.0) for n in range(30) for day in ("2024-01-21", "2024-01-31", "2024-01-31")]
    rows += [(f"b{n}", day, 1.0) for n in range(30) for day in ("2024-01-21", "2024-02-10")]
    rows += [(f"c{n}", "2024-01-21", 1.0) for n in range(40)]
    found = purchase_gaps(shop(rows), AS_OF)
    assert (found.gaps, found.ended) == (160, 60)
    assert (found.median, found.p80) == (10, 20)
    assert found.curve["at_risk"].to_dict() == {10: 160, 20: 130, 325: 100, 335: 70, 345: 40}


def test_too_few_gaps_have_no_percentile(shop: Shop) -> None:
    rows = [(f"c{n}", day, 1.0) for n in range(9) for day in ("2024-01-01", "2024-02-01")]
    assert np.isnan(purchase_gaps(shop(rows), AS_OF).p80)
    assert purchase_gaps(shop(rows), AS_OF).gaps == 18
    assert np.isnan(purchase_gaps(shop([(f"c{n}", "2024-01-01", 1.0) for n in range(90)]), AS_OF).p80)
    nothing = purchase_gaps(shop(pd.DataFrame({"customer_id": [], "day": [], "amount": []})), AS_OF)
    assert (nothing.gaps, np.isnan(nothing.median)) == (0, True)


def test_nothing_after_the_as_of_date_is_seen(shop: Shop, orders: pd.DataFrame) -> None:
    as_of = dt.date(2024, 3, 15)
    cut = orders[orders["day"] <= pd.Timestamp(as_of)]
    pd.testing.assert_frame_equal(purchase_gaps(shop(orders), as_of).curve, purchase_gaps(shop(cut), as_of).curve)
