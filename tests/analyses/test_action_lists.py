"""Lists of customers to write to: by hand, against plain pandas, and what must not change them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.action_calendar import next_round
from loyalty_lib.analyses.action_cross_sell import next_categories, one_category
from loyalty_lib.analyses.action_lists import ActionListsResult, action_lists
from loyalty_lib.analyses.action_state import alive_on, state_on
from loyalty_lib.analyses.lifetime import LifetimeResult, lifetime
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.config.analyses import Actions, Assumption, Clv
from loyalty_lib.periods import parse_period
from loyalty_lib.simulate import simulate_transactions
from loyalty_lib.summary import summarise
from loyalty_lib.validate import Transactions, read_transactions

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
PERIOD = parse_period("2024-Q4")
SETTINGS = Actions(
    control=0.2,
    budget=100,
    assumptions={
        "win_back": Assumption(uplift=0.05, cost=2, reward=10),
        "upcoming": Assumption(uplift=0.1, cost=1),
    },
)
FRAMES = ("lists", "value_at_risk", "cross_sell", "budget", "customers")


def drawn_up(transactions: Any, settings: Actions = SETTINGS, margin: float | None = 0.4, **more: Any) -> Any:
    """Draw up the lists of a shop without a forecast."""
    segments = rfm(transactions, AS_OF)
    value = lifetime(transactions, AS_OF, segments, None)
    return action_lists(transactions, PERIOD, segments, value, settings, margin, **more)


def on(result: ActionListsResult, name: str) -> list[str]:
    return result.customers.loc[result.customers["list"] == name, "customer_id"].to_list()


def one(result: ActionListsResult, name: str) -> Any:
    return result.lists.set_index("list").loc[name]


def same(a: ActionListsResult, b: ActionListsResult) -> None:
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(a, name), getattr(b, name), rtol=1e-12)


SMALL = [
    # away for 345 days, own gap 10: silent
    *[("silent", day, 100.0) for day in ("2024-01-01", "2024-01-11", "2024-01-21")],
    # gap 10, last bought on 22 December: due on 1 January
    *[("due", day, 60.0) for day in ("2024-12-02", "2024-12-12", "2024-12-22")],
    # gap 10, last bought on 21 December: was due on the as-of date itself
    *[("was_due", day, 50.0) for day in ("2024-12-01", "2024-12-11", "2024-12-21")],
    # first bought three years before 15 January 2025, and again lately
    ("jubilee", "2022-01-15", 20.0),
    ("jubilee", "2024-12-30", 40.0),
    # anniversary on 31 January is one day too late
    ("late", "2023-01-31", 10.0),
    # the data's first customer, and one first seen 29 days after: this may not have been the first purchase
    ("oldest", "2021-12-08", 10.0),
    ("early", "2022-01-06", 10.0),
]


def test_every_list_of_a_small_shop_by_eye(shop: Shop) -> None:
    """Gaps are 10 (six times) and 1,080 days: the median of all is 10."""
    result = drawn_up(shop(SMALL))
    assert on(result, "win_back") == ["silent"]
    assert on(result, "upcoming") == ["due"]
    assert on(result, "anniversary") == ["jubilee", "silent"]  # of silent, on 1 January
    assert result.customers.set_index(["list", "customer_id"])["years"]["anniversary"].to_list() == [3, 1]
    # Sales of twelve months: silent 300, due 180, was_due 150, jubilee 40; the top tenth of four is silent, and gone.
    assert on(result, "do_not_lose") == []
    assert result.lists["list"].to_list() == ["win_back", "do_not_lose", "anniversary", "upcoming"]
    assert result.lists["customers"].to_list() == [1, 0, 2, 1]
    assert result.customers["expected_day"].dropna().to_list() == [pd.Timestamp("2025-01-01")]
    back = one(result, "win_back")
    # A fifth of one customer is none: 1 written to, order value 100; 0.05 x (100 x 0.4 - 10) - 2 = -0.5.
    assert (back["treated"], back["control"], back["order_value"], back["one_order"]) == (1, 0, 100, 100)
    assert back["extra_sales"] == pytest.approx(5)
    assert back["expected_value"] == pytest.approx(-0.5)
    assert back["break_even"] == pytest.approx(2 / 30)
    assert np.isnan(back["smallest_effect"])
    # 0.1 x 60 x 0.4 - 1 = 1.4 for the customer who is due.
    assert one(result, "upcoming")["expected_value"] == pytest.approx(1.4)
    assert np.isnan(one(result, "anniversary")["expected_value"])
    assert (result.listed, result.several, result.paying) == (3, 1, 1)
    assert result.expected_value == pytest.approx(1.4)
    # silent is on two lists; that with an assumption is the first
    assert result.customers.set_index(["customer_id", "list"])["first"]["silent"].to_dict() == {
        "win_back": True,
        "anniversary": False,
    }
    plan = result.budget.iloc[0]
    assert plan[["list", "customers", "cost", "share"]].to_list() == [
        "upcoming", 1, 1.0, 1.0,
    ]  # fmt: skip
    assert result.reason.startswith("No margin and discount rate")
    assert result.value_at_risk.empty


def test_the_second_purchase_is_asked_for_while_four_of_five_who_return_still_do(shop: Shop) -> None:
    """Of 200 customers 90 return after 10 days and 30 after 40; 0.8 x 120 / 200 = 0.48 > 90 / 200: the day is 40."""
    rows = [(f"a{n}", "2023-06-01", 1.0) for n in range(200)]
    rows += [(f"a{n}", "2023-06-11", 1.0) for n in range(90)]
    rows += [(f"a{n}", "2023-07-11", 1.0) for n in range(90, 120)]
    rows += [("in_time", "2024-11-21", 1.0), ("too_late", "2024-11-20", 1.0)]
    result = drawn_up(shop(rows))
    assert result.second_days == 40
    assert on(result, "second_purchase") == ["in_time"]


def test_contracts_that_run_are_renewed_a_whole_number_of_terms_after_their_start(shop: Shop) -> None:
    contracts = pd.DataFrame(
        [
            ("yes", "2023-01-20", None),
            ("ended", "2023-01-20", "2024-12-31"),
            ("later", "2023-02-20", None),
            ("future", "2025-01-05", None),
            ("two", "2022-01-25", None),
            ("two", "2024-01-10", "2025-01-09"),
        ],
        columns=["customer_id", "start", "end"],
    )
    contracts[["start", "end"]] = contracts[["start", "end"]].astype("datetime64[us]")
    result = drawn_up(shop(SMALL), subscriptions=contracts)
    assert on(result, "renewal") == ["two", "yes"]
    days = result.customers.set_index("customer_id")["renewal_day"].dropna()
    assert days.to_dict() == {"two": pd.Timestamp("2025-01-10"), "yes": pd.Timestamp("2025-01-20")}
    monthly = drawn_up(shop(SMALL), subscriptions=contracts, renewal_months=1)
    assert on(monthly, "renewal") == ["later", "two", "yes"]


@pytest.mark.parametrize("every", [1, 3, 12])
def test_days_come_round_as_calendar_arithmetic_says(every: int) -> None:
    starts = pd.date_range("2019-12-25", periods=900, freq="37h").normalize()
    for after in (dt.date(2024, 2, 28), dt.date(2024, 12, 31), dt.date(2023, 3, 1)):
        days, steps = next_round(starts.to_numpy(), after, every)
        for start, day, step in zip(starts[::7], days[::7], steps[::7], strict=True):
            k = 1
            while start + pd.DateOffset(months=k * every) <= pd.Timestamp(after):
                k += 1
            assert (pd.Timestamp(day), step) == (start + pd.DateOffset(months=k * every), k)


def days_of(orders: pd.DataFrame, until: pd.Timestamp) -> pd.DataFrame:
    """Purchase days in plain pandas: no refund here names an order, so each takes from the purchase day before it."""
    seen = orders[orders["day"] <= until].assign(cents=lambda rows: (rows["amount"] * 100).round().astype("int64"))
    bought = seen[seen["amount"] >= 0].groupby(["customer_id", "day"])["cents"].sum().reset_index()
    back = seen[seen["amount"] < 0][["customer_id", "day", "cents"]].sort_values("day")
    placed = pd.merge_asof(
        back, bought.assign(bought_on=bought["day"])[["customer_id", "day", "bought_on"]].sort_values("day"),
        on="day", by="customer_id",
    ).groupby(["customer_id", "bought_on"])["cents"].sum()  # fmt: skip
    keyed = bought.set_index(["customer_id", "day"])["cents"]
    return keyed.add(placed.rename_axis(["customer_id", "day"]), fill_value=0).reset_index(name="cents")


@pytest.mark.parametrize("day", ["2024-12-31", "2024-05-15"])
def test_what_is_known_of_customers_is_what_plain_pandas_finds(shop: Shop, orders: pd.DataFrame, day: str) -> None:
    until = pd.Timestamp(day)
    days = days_of(orders, until).sort_values(["customer_id", "day"])
    days["gap"] = days.groupby("customer_id")["day"].diff().dt.days
    groups = days.groupby("customer_id")
    recent = days[days["day"] > until - pd.DateOffset(years=1)].groupby("customer_id")["cents"].sum()
    state = state_on(shop(orders), until.date(), None, now=True)
    found = state.customers
    assert found.index.to_list() == list(groups.groups)
    assert found["purchase_days"].to_list() == groups.size().to_list()
    assert found["first_day"].to_list() == groups["day"].min().to_list()
    assert found["last_day"].to_list() == groups["day"].max().to_list()
    np.testing.assert_array_equal(found["median_gap"], groups["gap"].median())
    second = days[groups.cumcount() == 1].set_index("customer_id")["gap"]
    np.testing.assert_array_equal(found["first_gap"], second.reindex(found.index))
    np.testing.assert_allclose(found["mean_gap"], groups["gap"].mean(), rtol=1e-12)
    np.testing.assert_allclose(found["order_value"], groups["cents"].sum() / groups.size() / 100, rtol=1e-12)
    np.testing.assert_allclose(found["recent_sales"], recent.reindex(found.index).fillna(0) / 100, rtol=1e-12)
    assert state.habit == days["gap"].median()


def shelves(customers: int = 400) -> pd.DataFrame:
    """Orders in four categories that go together two by two; some without one, some cancelled."""
    rng = np.random.default_rng(5)
    rows = []
    for customer in range(customers):
        taste = [0.4, 0.35, 0.1, 0.05, 0.1] if customer % 2 else [0.05, 0.1, 0.35, 0.4, 0.1]
        for order in range(1 + rng.poisson(1.5)):
            category = rng.choice(np.array(["books", "games", "music", "films", None], dtype=object), p=taste)
            row = {"customer_id": f"c{customer}", "order_id": f"o{customer}-{order}", "category": category}
            day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=int(rng.integers(0, 366)))
            rows.append({**row, "day": day, "amount": 10.0})
            if rng.random() < 0.2:
                rows.append({**row, "day": day, "amount": -10.0})
    return pd.DataFrame(rows)


def test_lift_is_what_plain_pandas_finds(shop: Shop) -> None:
    rows = shelves()
    kept = rows.groupby("order_id")["amount"].transform("sum") > 0
    bought = rows[kept & (rows["amount"] > 0) & rows["category"].notna()]
    owns = pd.crosstab(bought["customer_id"], bought["category"]).astype(bool)
    n = len(owns)
    best = {}
    for a in owns:
        both = {b: int((owns[a] & owns[b]).sum()) for b in owns if b != a}
        lifts = {b: (count / owns[a].sum()) / (owns[b].sum() / n) for b, count in both.items() if count >= 20}
        name = max(lifts, key=lambda b: lifts[b])
        if lifts[name] > 1:
            best[a] = (name, lifts[name], both[name] / n)
    transactions = shop(rows)
    found = next_categories(transactions, AS_OF)
    assert len(best) >= 2
    assert found["category"].to_list() == sorted(str(name) for name in best)
    for row in found.itertuples():
        name, lift, support = best[str(row.category)]
        assert row.next == name
        assert (row.lift, row.support) == pytest.approx((lift, support), rel=1e-12)
    single = owns.index[owns.sum(axis=1) == 1]
    assert set(one_category(transactions, AS_OF).index) == set(single)
    # On the list: those of them who bought on two days at least, in a category with something to offer.
    result = drawn_up(transactions)
    days = rows[kept & (rows["amount"] > 0)].groupby("customer_id")["day"].nunique()
    only = owns.loc[single].idxmax(axis=1)
    expected = sorted(c for c in single.astype(str) if days[c] > 1 and only[c] in best)
    assert on(result, "cross_sell") == expected
    assert result.cross_sell["customers"].sum() == len(expected)
    offered = result.customers.set_index("customer_id")["next_category"].dropna()
    assert offered.to_dict() == {c: best[str(only[c])][0] for c in expected}


def test_the_control_group_is_drawn_by_period_and_not_by_anything_else(shop: Shop, orders: pd.DataFrame) -> None:
    result = drawn_up(shop(orders))
    sizes = result.customers.groupby("list")["control"].agg(["size", "sum"])
    assert (sizes["sum"] == np.floor(sizes["size"] * 0.2 + 0.5)).all()
    assert sizes["size"].max() > 50
    again = drawn_up(shop(orders.sample(frac=1, random_state=3)))
    same(result, again)
    # Independent draws: the control groups of two lists share no more customers than chance makes likely.
    later = action_lists_of(shop(orders), "2024-12-01..2024-12-31")
    one_list = result.customers[result.customers["list"] == "anniversary"].set_index("customer_id")["control"]
    other = later.customers[later.customers["list"] == "anniversary"].set_index("customer_id")["control"]
    assert one_list.index.equals(other.index)
    assert not one_list.equals(other)


def action_lists_of(transactions: Any, period: str) -> ActionListsResult:
    segments = rfm(transactions, AS_OF)
    value = lifetime(transactions, AS_OF, segments, None)
    return action_lists(transactions, parse_period(period), segments, value, SETTINGS, 0.4)


def test_money_scales_and_order_lines_are_one_order(shop: Shop, orders: pd.DataFrame) -> None:
    plain = drawn_up(shop(orders), Actions(assumptions={"win_back": Assumption(uplift=0.05)}))
    rich = drawn_up(
        shop(orders.assign(amount=orders["amount"] * 100)), Actions(assumptions={"win_back": Assumption(uplift=0.05)})
    )
    for name in ("order_value", "one_order", "extra_sales", "expected_value"):
        np.testing.assert_allclose(rich.lists[name], 100 * plain.lists[name], rtol=1e-12)
    unmoved = ["list", "customer_id", "control", "first"]
    pd.testing.assert_frame_equal(rich.customers[unmoved], plain.customers[unmoved])
    half = orders.assign(amount=orders["amount"] / 2)
    same(plain, drawn_up(shop(pd.concat([half, half])), Actions(assumptions={"win_back": Assumption(uplift=0.05)})))


@pytest.mark.parametrize(
    "rows",
    [
        [("a", "2024-12-01", 5.0)],
        [("a", "2024-12-01", 0.0), ("a", "2024-12-05", 0.0)],
        pd.DataFrame(
            {"customer_id": ["a", "a"], "order_id": "x", "day": ["2024-12-01", "2024-12-02"], "amount": [5.0, -5.0]}
        ),
    ],
)
def test_a_shop_with_next_to_nothing_has_lists_of_next_to_nobody(shop: Shop, rows: Any) -> None:
    result = drawn_up(shop(rows))
    assert result.lists["customers"].sum() <= 1
    assert result.budget.empty
    assert result.paying == 0 or result.paying is None


def test_without_margin_or_assumption_a_list_has_a_size_and_no_value(shop: Shop, orders: pd.DataFrame) -> None:
    for result in (drawn_up(shop(orders), Actions()), drawn_up(shop(orders), margin=None)):
        assert result.lists[["expected_value", "break_even"]].isna().all(axis=None)
        assert (result.lists.set_index("list")["customers"]["win_back"]) > 0
        assert result.paying is None
        assert np.isnan(result.expected_value)
        assert result.budget.empty
        assert result.customers.groupby("customer_id")["first"].sum().eq(1).all()


# With a forecast


@pytest.fixture(scope="module")
def simulated() -> Transactions:
    return read_transactions(simulate_transactions(customers=1000, start=dt.date(2022, 7, 1), end=AS_OF, seed=5))


@pytest.fixture(scope="module", params=["bgnbd", "mbgnbd"])
def valued(simulated: Transactions, request: pytest.FixtureRequest) -> tuple[Transactions, LifetimeResult, Any]:
    segments = rfm(simulated, AS_OF)
    terms = Clv(yearly_discount_rate=0.1, margin=0.4, holdout_weeks=26, model=request.param)
    value = lifetime(simulated, AS_OF, segments, terms)
    return simulated, value, action_lists(simulated, PERIOD, segments, value, SETTINGS, 0.4)


def test_value_at_risk_is_what_plain_pandas_finds(valued: tuple[Transactions, LifetimeResult, Any]) -> None:
    transactions, value, result = valued
    assert value.forecast is not None
    now = value.forecast.value.customers
    fit = value.forecast.fit
    earlier = summarise(transactions, dt.date(2024, 9, 30), fit.unit)
    before = fit.probability_alive(earlier)
    if fit.model == "BG/NBD" or not fit.identifies_one_time_buyers:
        before = before[earlier["frequency"] > 0]
        assert result.unknown == int((summarise(transactions, AS_OF, fit.unit)["frequency"] == 0).sum()) > 0
    else:
        assert result.unknown == 0
    pd.testing.assert_series_equal(alive_on(transactions, dt.date(2024, 9, 30), value.forecast).dropna(), before)
    below = now[now["probability_alive"] < 0.5]
    fresh = below[below.index.isin(before.index[before >= 0.5])]
    full = below["clv"] / below["probability_alive"]
    assert len(fresh) > 10
    assert result.total_at_risk["customers"] == len(below)
    assert result.total_at_risk["new_customers"] == len(fresh)
    assert result.total_at_risk["at_risk"] == pytest.approx(float((full - below["clv"]).sum()), rel=1e-9)
    assert result.total_at_risk["new_at_risk"] == pytest.approx(
        float((full - below["clv"])[fresh.index].sum()), rel=1e-9
    )
    for name in ("customers", "clv", "clv_if_active", "at_risk", "new_customers", "new_at_risk"):
        assert result.value_at_risk[name].sum() == pytest.approx(result.total_at_risk[name], rel=1e-9)
    # By the same fit: known to be active, a customer is worth expected purchases if active x spend x margin.
    assert (full > below["clv"]).all()


def test_lists_of_the_forecast_are_what_plain_pandas_finds(valued: tuple[Transactions, LifetimeResult, Any]) -> None:
    transactions, value, result = valued
    assert value.forecast is not None
    now = value.forecast.value.customers
    summary = summarise(transactions, AS_OF, "W")
    alive, again = now["probability_alive"], summary["frequency"] > 0
    assert on(result, "win_back") == now.index[again & (alive < 0.5) & (alive >= 0.05)].to_list()
    top = now["clv"] >= now["clv"].nlargest(-(-len(now) // 10)).min()
    assert on(result, "do_not_lose") == now.index[top & (alive >= 0.5)].to_list()
    own = result.customers.set_index(["list", "customer_id"])
    assert own["value"]["win_back"].to_dict() == now.loc[on(result, "win_back"), "clv"].to_dict()
    back = one(result, "win_back")
    spend = now.loc[on(result, "win_back"), "expected_spend"].mean()
    assert back["order_value"] == pytest.approx(spend, rel=1e-12)
    assert back["expected_value"] == pytest.approx(back["treated"] * (0.05 * (spend * 0.4 - 10) - 2), rel=1e-9)
    gains = 0.05 * (own["order_value"]["win_back"] * 0.4 - 10) - 2
    np.testing.assert_allclose(own["gain"]["win_back"], gains, rtol=1e-12)
    written = result.customers[
        result.customers["first"] & ~result.customers["control"] & (result.customers["gain"] > 0)
    ]
    assert result.paying == len(written)
    assert written["customer_id"].is_unique
    assert result.expected_value == pytest.approx(written["gain"].sum(), rel=1e-12)


def test_the_share_who_buy_unasked_is_that_of_the_same_rule_one_horizon_ago(
    valued: tuple[Transactions, LifetimeResult, Any],
) -> None:
    transactions, value, result = valued
    assert value.forecast is not None
    day = AS_OF - dt.timedelta(days=30)
    alive = alive_on(transactions, day, value.forecast)
    known = summarise(transactions, day, "W")
    listed = alive.index[(alive < 0.5) & (alive >= 0.05) & (known["frequency"] > 0)]
    later = summarise(transactions, AS_OF, "W").loc[listed, "frequency"] > known.loc[listed, "frequency"]
    back = one(result, "win_back")
    assert back["earlier"] == len(listed)
    assert back["baseline"] == pytest.approx(later.mean(), rel=1e-12)
    assert 0 < back["baseline"] < 0.5
