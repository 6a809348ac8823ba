"""Protected times to the second purchase: no few customers show, nor can they be worked out from what does."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.protect_time_to_second_purchase import protect_time_to_second_purchase
from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult, time_to_second_purchase

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
MINIMA = [2, 5, 10]
SEEDS = range(4)
FRAMES = ("curve", "at_days", "steps", "groups", "tests")


def protect(result: SecondPurchaseResult, minimum: int) -> SecondPurchaseResult:
    return protect_time_to_second_purchase(result, minimum, 0.5)


def orders(seed: int, customers: int = 260, returning: float = 0.35) -> pd.DataFrame:
    """A shop with many days on which one customer returns, and categories in which few do, or nearly all."""
    rng = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        start = int(rng.integers(0, 720))
        category = rng.choice(["Bags", "Shoes", "Tents", "Skis"], p=[0.5, 0.2, 0.15, 0.15])
        chance = {"Tents": 0.04, "Skis": 0.95}.get(category, returning)
        count = 1 + (rng.random() < chance) + (rng.random() < chance / 2)
        days = start + np.concatenate([[0], np.cumsum(1 + rng.geometric(1 / 60, count - 1))])
        rows += [(f"c{number}", int(when), category) for when in days if when <= 730]
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "category"])
    return frame.assign(day=pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["day"], unit="D"), amount=10.0)


@pytest.fixture(params=SEEDS)
def result(shop: Shop, request: pytest.FixtureRequest) -> SecondPurchaseResult:
    return time_to_second_purchase(shop(orders(request.param)), AS_OF)


@pytest.mark.parametrize("minimum", MINIMA)
def test_no_few_customers_lie_between_two_points_that_show(result: SecondPurchaseResult, minimum: int) -> None:
    protected = protect(result, minimum)
    for step in ("second", "third"):
        customers, returned = result.steps.loc[step, ["customers", "returned"]]
        points = {0, int(returned), int(customers)}
        for name, time in (("curve", "time"), ("at_days", "day")):
            before, after = (getattr(one, name) for one in (result, protected))
            known = before[before["step"] == step].set_index(time)["returned"]
            shown = after[(after["step"] == step) & after["share"].notna()]
            points |= {int(known[when]) for when in shown[time]}
        assert all(b - a >= minimum for a, b in pairwise(sorted(points)))
    assert len(protected.curve) > 10 / minimum


@pytest.mark.parametrize("minimum", MINIMA)
def test_points_that_show_are_those_of_the_analysis(result: SecondPurchaseResult, minimum: int) -> None:
    columns = ["step", "time", "share", "low", "high"]
    merged = protect(result, minimum).curve[columns].merge(result.curve[columns], on=columns)
    assert len(merged) == len(protect(result, minimum).curve)


@pytest.mark.parametrize("minimum", MINIMA)
def test_groups_of_few_and_of_few_buyers_are_hidden_with_others(result: SecondPurchaseResult, minimum: int) -> None:
    protected = protect(result, minimum).groups.set_index(["by", "group"])
    before = result.groups.set_index(["by", "group"]).loc[protected.index]
    for _, known in before.groupby(level="by"):
        after = protected.loc[known.index]
        counts = {"customers": known["customers"], "share": known["returned"]}
        counts["others"] = known["customers"] - known["returned"]
        for name, count in counts.items():
            hidden = after["share" if name == "others" else name].isna() & known["share"].notna()
            assert not (count[~hidden & known["share"].notna()].between(1, minimum - 1)).any()
            if hidden.any():
                assert (count[hidden] > 0).sum() != 1
                assert count[hidden].sum() == 0 or count[hidden].sum() >= minimum
    assert protected["returned"].isna().all()


def test_few_buyers_are_there_to_be_hidden(shop: Shop) -> None:
    """Else the tests above would prove nothing."""
    found = [time_to_second_purchase(shop(orders(seed)), AS_OF) for seed in SEEDS]
    hidden = [protect(one, 5).groups["share"].isna().sum() - one.groups["share"].isna().sum() for one in found]
    assert sum(hidden) >= 4
    assert all(protect(one, 5).suppressed > 0 for one in found)


@pytest.mark.parametrize("minimum", MINIMA)
def test_protecting_again_changes_nothing(result: SecondPurchaseResult, minimum: int) -> None:
    once = protect(result, minimum)
    twice = protect(once, minimum)
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(once, name), getattr(twice, name), check_exact=True)
    assert (once.suppressed, once.waiting, once.late) == (twice.suppressed, twice.waiting, twice.late)


def test_a_shop_of_few_customers_shows_nothing(shop: Shop) -> None:
    rows = [(f"c{n}", "2024-01-05", 1.0) for n in range(4)] + [("c1", "2024-02-01", 1.0)]
    protected = protect(time_to_second_purchase(shop(rows), AS_OF), 5)
    assert protected.curve.empty
    assert protected.at_days["share"].isna().all()
    assert protected.steps.isna().all().all()
    assert (protected.waiting, protected.late) == (None, None)


def test_few_who_returned_hide_the_third_purchase_too(shop: Shop) -> None:
    """Three of a hundred came again; two of the three a third time."""
    rows = [(f"c{n}", "2024-01-05", 1.0) for n in range(100)]
    rows += [(f"c{n}", f"2024-0{month}-01", 1.0) for n, month in ((0, 2), (1, 2), (2, 3), (0, 4), (1, 5))]
    result = time_to_second_purchase(shop(rows), AS_OF)
    protected = protect(result, 5)
    assert result.steps["returned"].to_list() == [3, 2]
    assert protected.steps.loc["second", "customers"] == 100
    assert np.isnan(protected.steps.loc["second", "returned"])
    assert protected.steps.loc["third"].isna().all()
    assert protected.at_days["share"].isna().all()
    assert set(protected.curve["share"]) <= {0.0}


def test_one_time_customers_in_time_and_late_show_together_or_not_at_all(shop: Shop) -> None:
    """Of 43 one-time customers 3 bought lately; with 40 printed as late they would be known from the total."""
    rows = [(f"c{n}", "2023-03-05", 1.0) for n in range(80)] + [(f"c{n}", "2023-04-20", 1.0) for n in range(40)]
    rows += [(f"new{n}", "2024-12-20", 1.0) for n in range(3)]
    result = time_to_second_purchase(shop(rows), AS_OF)
    assert (result.waiting, result.late) == (3, 40)
    protected = protect(result, 5)
    assert (protected.waiting, protected.late) == (None, None)
    assert protected.steps.loc["second", "returned"] == 40
    assert protected.steps.loc["second", "day80"] == 46


def test_a_day_that_cuts_off_few_is_hidden(shop: Shop) -> None:
    """Of 20 who return, four do so after the day by which four of five have."""
    rows = [(f"c{n}", "2023-03-05", 1.0) for n in range(80)]
    rows += [(f"c{n}", str(dt.date(2023, 3, 10) + dt.timedelta(days=n)), 1.0) for n in range(20)]
    result = time_to_second_purchase(shop(rows), AS_OF)
    assert result.steps.loc["second", "day80"] == 20
    assert np.isnan(protect(result, 5).steps.loc["second", "day80"])
    assert protect(result, 4).steps.loc["second", "day80"] == 20
