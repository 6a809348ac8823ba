"""Groups by first order: the order computed again in pandas, shops with and without differences, and what is hidden."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.groups import GroupResult, first_values, group_differences
from loyalty_lib.analyses.protect import protect
from loyalty_lib.errors import ModelError, UsageError
from loyalty_lib.models.covariates import fit_with_covariates
from loyalty_lib.simulate import simulate_transactions
from loyalty_lib.summary import summarise
from loyalty_lib.validate import read_transactions

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

AS_OF = dt.date(2024, 12, 31)
MIDDLE = dt.date(2024, 3, 31)
WEEKS = 365.2425 / 7
MEASURES = ["purchases_per_year", "probability_of_leaving", "expected_purchases"]


def shop_of(rates: dict[str | None, float], customers: dict[str | None, int], seed: int) -> pd.DataFrame:
    """Make orders of customers who buy ``rates`` times as often and leave with a probability of about a fifth."""
    source = np.random.default_rng(seed)
    rows: list[tuple[str, int, str | None]] = []
    for channel, n in customers.items():
        first = source.integers(0, 600, n)
        rate = source.gamma(1.5, rates[channel] / 90, n)
        last = source.geometric(source.beta(2, 8, n))
        for number in range(n):
            gaps = source.exponential(1 / rate[number], last[number])
            days = [int(day) for day in first[number] + np.concatenate([[0.0], np.cumsum(gaps)]) if day < 731]
            rows.extend((f"{channel}{number:04d}", day, channel) for day in sorted(set(days)))
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "channel"])
    return pd.DataFrame(
        {
            "customer_id": frame["customer_id"],
            "order_id": [f"O{number}" for number in range(len(frame))],
            "order_date": pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["day"], unit="D"),
            "amount": 10.0,
            "channel": frame["channel"],
        }
    )


@pytest.fixture(scope="module")
def simulated() -> pd.DataFrame:
    """A shop with refunds, several lines an order, and channels that change from order to order."""
    orders = simulate_transactions(customers=1500, start=dt.date(2023, 1, 1), end=AS_OF, seed=12)
    blank = np.random.default_rng(3).random(len(orders)) < 0.2
    return orders.assign(category=orders["category"].mask(blank))


@pytest.fixture(scope="module")
def read(simulated: pd.DataFrame) -> Transactions:
    return read_transactions(simulated)


@pytest.fixture(scope="module")
def different() -> GroupResult:
    """The store's customers buy twice as often as those of the web; those of the app as often."""
    rates: dict[str | None, float] = {"web": 1.0, "store": 2.0, "app": 1.0}
    return group_differences(read_transactions(shop_of(rates, {"web": 900, "store": 500, "app": 300}, seed=1)), AS_OF)


@pytest.mark.parametrize("by", ["channel", "category", "country"])
@pytest.mark.parametrize("as_of", [AS_OF, MIDDLE])
def test_first_values_match_an_independent_computation(read: Transactions, by: str, as_of: dt.date) -> None:
    rows = read.data[read.data["order_date"] <= pd.Timestamp(as_of)]
    orders = rows.groupby("order_id")["amount"].agg(["min", "sum"]).round(6)
    cancelled = orders.index[(orders["min"] < 0) & (orders["sum"] <= 0)]
    assert len(cancelled) > 0
    bought = rows[(rows["amount"] >= 0) & ~rows["order_id"].isin(cancelled)]
    first = bought.groupby("customer_id")["order_date"].transform("min")
    lines = bought[bought["order_date"] == first]
    sums = lines.groupby(["customer_id", by])["amount"].sum().round(6).reset_index()
    best = sums.sort_values(["customer_id", "amount", by], ascending=[True, False, True])
    expected = best.drop_duplicates("customer_id").set_index("customer_id")[by]
    expected = expected.reindex(sorted(lines["customer_id"].unique()))
    found = first_values(read, as_of, by)
    assert found.index.to_list() == summarise(read, as_of).index.to_list()
    pd.testing.assert_series_equal(found, expected, check_dtype=False, check_names=False)
    if by == "category":
        assert 0 < found.isna().sum() < 0.3 * len(found)


def test_first_values_of_awkward_first_orders() -> None:
    rows = [
        # the larger amount, whichever line comes first; a later order does not matter
        ("larger", "1", "2024-01-01", 5.0, "web"),
        ("larger", "1", "2024-01-01", 7.0, "app"),
        ("larger", "2", "2024-02-01", 99.0, "web"),
        # sums count, not single lines; two orders of one day are one
        ("sum", "3", "2024-01-01", 6.0, "web"),
        ("sum", "4", "2024-01-01", 4.0, "app"),
        ("sum", "4", "2024-01-01", 3.0, "app"),
        # equal amounts: the alphabet
        ("equal", "5", "2024-01-01", 5.0, "web"),
        ("equal", "5", "2024-01-01", 5.0, "app"),
        # a line without a value counts only where there is no other
        ("blank", "6", "2024-01-01", 50.0, None),
        ("blank", "6", "2024-01-01", 5.0, "web"),
        ("nothing", "7", "2024-01-01", 5.0, None),
        ("nothing", "8", "2024-02-01", 5.0, "web"),
        # an order cancelled in full is none; one refunded in part stays
        ("cancelled", "9", "2024-01-01", 5.0, "web"),
        ("cancelled", "9", "2024-01-05", -5.0, "web"),
        ("cancelled", "10", "2024-02-01", 5.0, "app"),
        ("refunded", "11", "2024-01-01", 5.0, "web"),
        ("refunded", "11", "2024-01-05", -4.0, "web"),
        ("refunded", "12", "2024-02-01", 5.0, "app"),
        # not yet a customer
        ("later", "13", "2025-01-01", 5.0, "web"),
    ]
    frame = pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "amount", "channel"])
    expected = {"blank": "web", "cancelled": "app", "equal": "app", "larger": "app", "refunded": "web", "sum": "app"}
    for order in (frame, frame[::-1]):
        found = first_values(read_transactions(order), AS_OF, "channel")
        assert found.dropna().to_dict() == expected
        assert found.index[found.isna()].to_list() == ["nothing"]


def test_groups_that_differ_are_found_and_measured(different: GroupResult) -> None:
    table = different.table
    assert table.index.to_list() == ["web", "store", "app"]
    assert table["customers"].to_list() == [900, 500, 300]
    assert different.differ
    assert different.test.p_value < 1e-6
    assert different.test.degrees == 6
    assert different.finding.startswith("By the channel of their first order, customers differ in how often they buy")
    assert any("it does not say that the channel is its cause" in caveat for caveat in different.caveats)
    rate = table["purchases_per_year"]
    assert rate["store"] / rate["web"] == pytest.approx(2, rel=0.25)
    assert rate["app"] / rate["web"] == pytest.approx(1, rel=0.25)
    assert table["purchases_per_year_low"]["store"] > table["purchases_per_year_high"]["web"]
    assert table["probability_of_leaving"].to_list() == pytest.approx([0.2, 0.2, 0.2], abs=0.06)
    for name in MEASURES:
        assert (table[f"{name}_low"] < table[name]).all()
        assert (table[name] < table[f"{name}_high"]).all()
    assert (different.without_value, different.too_rare) == (0, 0)


def test_figures_are_those_of_the_group_and_intervals_those_of_its_parameters(different: GroupResult) -> None:
    for name in ("web", "store", "app"):
        figures: Any = different.table.loc[name]
        group = different.fit.group({"group": name})
        r, alpha, a, b = group.params.values()
        assert figures["purchases_per_year"] == pytest.approx(r / alpha * WEEKS)
        assert figures["probability_of_leaving"] == pytest.approx(a / (a + b))
        assert figures["expected_purchases"] == pytest.approx(group.expected_purchases_new(WEEKS))
        contrast = np.array([1.0, -1.0, 0.0, 0.0])
        error = math.sqrt(contrast @ group.log_covariance @ contrast)
        width = math.log(figures["purchases_per_year_high"] / figures["purchases_per_year_low"])
        assert width == pytest.approx(2 * 1.96 * error, rel=0.12)


def test_groups_that_do_not_differ_are_not_said_to() -> None:
    alike: dict[str | None, float] = {"web": 1.0, "store": 1.0, "app": 1.0}
    result = group_differences(read_transactions(shop_of(alike, {"web": 500, "store": 300, "app": 200}, 2)), AS_OF)
    assert not result.differ
    assert result.test.p_value > 0.01
    assert "show no clear difference" in result.finding
    assert "That no difference is clear does not prove that there is none." in result.caveats


def test_pareto_nbd_tells_how_long_half_of_the_customers_stay() -> None:
    rates: dict[str | None, float] = {"web": 1.0, "store": 2.0}
    orders = read_transactions(shop_of(rates, {"web": 500, "store": 300}, 3))
    result = group_differences(orders, AS_OF, model="pnbd")
    assert "probability_of_leaving" not in result.table
    for name in ("web", "store"):
        r, alpha, s, beta = result.fit.group({"group": name}).params.values()
        median = result.table["median_lifetime"][name] * WEEKS
        assert (beta / (beta + median)) ** s == pytest.approx(0.5)
        assert result.table["purchases_per_year"][name] == pytest.approx(r / alpha * WEEKS)
    in_days = group_differences(orders, AS_OF, model="pnbd", unit="D")
    assert in_days.table["median_lifetime"].to_list() == pytest.approx(result.table["median_lifetime"], rel=1e-4)
    assert in_days.test.p_value == pytest.approx(result.test.p_value, rel=1e-4)


def test_nothing_depends_on_the_order_of_the_rows(simulated: pd.DataFrame, read: Transactions) -> None:
    shuffled = read_transactions(simulated.sample(frac=1, random_state=5))
    one, other = (group_differences(each, AS_OF, "category", largest=3) for each in (read, shuffled))
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    assert one.test.p_value == other.test.p_value
    assert one.caveats == other.caveats


def test_the_rest_is_together_and_customers_without_a_value_are_counted(read: Transactions) -> None:
    result = group_differences(read, AS_OF, "category", largest=3)
    values = first_values(read, AS_OF, "category")
    sizes = values.value_counts()
    assert result.table.index.to_list() == [*sizes.index[:3], "other"]
    assert result.table["customers"].to_list() == [*sizes[:3], sizes[3:].sum()]
    assert result.without_value == values.isna().sum()
    share = f"{values.isna().mean():.1%}"
    assert f"{share} of customers have no category on their first order and are not compared." in result.caveats
    summary = summarise(read, AS_OF)
    names = values.where(values.isin(sizes.index[:3]) | values.isna(), "other")
    again = fit_with_covariates(summary.assign(named=names)[names.notna()], ["named"])
    assert result.fit.log_likelihood == again.log_likelihood
    repeated = (summary["frequency"] > 0).groupby(names).sum()
    assert result.table["repeat_buyers"].to_dict() == repeated.to_dict()


def test_groups_too_small_to_say_anything_join_the_others_or_are_left_out() -> None:
    channels: list[str | None] = ["web", "store", "kiosk", "fair", "other"]
    rates = dict.fromkeys(channels, 1.0)
    sizes: dict[str | None, int] = {"web": 300, "store": 200, "kiosk": 4, "fair": 3, "other": 2}
    few = group_differences(read_transactions(shop_of(rates, sizes, 4)), AS_OF)
    assert few.table.index.to_list() == ["web", "store"]
    assert few.too_rare == 9
    assert "1.8% of customers are in groups with too few repeat buyers to compare." in few.caveats
    more = group_differences(read_transactions(shop_of(rates, sizes | {"other": 250}, 4)), AS_OF)
    assert more.table.index.to_list() == ["web", "store", "other"]
    assert (more.table["customers"]["other"], more.too_rare) == (257, 0)


def test_small_groups_can_be_hidden(different: GroupResult) -> None:
    shown = protect(different, 400)
    assert shown.table["customers"].isna().to_list() == [False, True, True]
    assert shown.table.loc[["store", "app"]].isna().all(axis=None)
    assert shown.table.loc["web", MEASURES].notna().all()
    assert shown.finding == different.finding
    once = different.table["customers"] - different.table["repeat_buyers"]
    few = int(once.min()) + 1
    assert protect(different, few).table["repeat_buyers"].isna().sum() == (once < few).sum()


def test_questions_that_cannot_be_answered_are_refused_in_words(read: Transactions) -> None:
    with pytest.raises(UsageError, match="by 'colour'; expected one of: channel, category, country"):
        group_differences(read, AS_OF, "colour")
    with pytest.raises(UsageError, match="stand alone is 0; expected 1 or more"):
        group_differences(read, AS_OF, largest=0)
    rates: dict[str | None, float] = {"web": 1.0, None: 1.0}
    single = read_transactions(shop_of(rates, {"web": 80, None: 40}, 1))
    with pytest.raises(ModelError, match="makes 1 group with at least 10 repeat buyers"):
        group_differences(single, AS_OF)
    with pytest.raises(ModelError, match=r"No customer's first order has a country.*columns\.country"):
        group_differences(single, AS_OF, "country")
