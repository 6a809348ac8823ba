"""Time to the second purchase: by hand, against plain pandas, on CDNOW, and what must not change it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from loyalty_lib.analyses.time_to_second_purchase import SecondPurchaseResult, time_to_second_purchase
from loyalty_lib.analyses.time_to_second_purchase_groups import grain_of
from loyalty_lib.errors import UsageError

if TYPE_CHECKING:
    from loyalty_lib.inputs import Inputs
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
FRAMES = ("curve", "at_days", "steps", "groups", "tests")


def day(before: int) -> str:
    return (AS_OF - dt.timedelta(days=before)).isoformat()


def shares(result: SecondPurchaseResult, step: str = "second") -> list[float]:
    return result.at_days.loc[result.at_days["step"] == step, "share"].to_list()


def same(one: SecondPurchaseResult, other: SecondPurchaseResult) -> None:
    for name in FRAMES:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)
    assert (one.waiting, one.late, one.day, one.by) == (other.waiting, other.late, other.day, other.by)


def ten() -> list[tuple[str, str, float]]:
    """Ten customers who first bought 400 days ago, and one on the last day.

    Four came again: after 20 and 60 days, and two after 100; the one after 20 days a third time, 10 days later.
    """
    rows = [(f"c{n}", day(400), 10.0) for n in range(10)]
    rows += [("c0", day(380), 10.0), ("c0", day(370), 10.0), ("c1", day(340), 10.0)]
    return [*rows, ("c2", day(300), 10.0), ("c3", day(300), 10.0), ("new", day(0), 10.0)]


def test_every_figure_of_eleven_customers_checked_by_eye(shop: Shop) -> None:
    """The newcomer has waited for 0 days and is at risk at none of the four returns: 1/10, 2/10, then 4/10."""
    result = time_to_second_purchase(shop(ten()), AS_OF)
    assert shares(result) == pytest.approx([0.1, 0.2, 0.4, 0.4])
    steps = result.steps
    assert steps.loc["second", ["customers", "returned"]].to_list() == [11, 4]
    assert np.isnan(steps.loc["second", "median"])
    second = result.curve[result.curve["step"] == "second"]
    assert second["time"].to_list() == [0, 20, 30, 60, 90, 100, 180, 365]
    assert second["returned"].to_list() == [0, 1, 1, 2, 2, 4, 4, 4]
    assert second["share"].to_list() == pytest.approx([0, 0.1, 0.1, 0.2, 0.2, 0.4, 0.4, 0.4])
    # Four reached the second purchase; c0 the third after 10 of 380 days, the others wait for 340, 300 and 300.
    assert shares(result, "third")[:3] == pytest.approx([0.25, 0.25, 0.25])
    assert steps.loc["third", ["customers", "returned"]].to_list() == [4, 1]
    assert np.isnan(shares(result, "third")[3])  # nobody of them has been observed for 365 days
    assert result.day == 90


def test_the_interval_is_the_log_log_interval_of_scipy(shop: Shop) -> None:
    result = time_to_second_purchase(shop(ten()), AS_OF)
    survival = stats.ecdf(stats.CensoredData(uncensored=[20, 60, 100, 100], right=[400] * 6 + [0])).sf
    with np.errstate(all="ignore"), pytest.warns(RuntimeWarning, match="undefined"):
        interval = survival.confidence_interval(0.95, method="log-log")
    at_90 = result.at_days.iloc[1]
    assert at_90["low"] == pytest.approx(1 - interval.high.evaluate(90), rel=1e-12)
    assert at_90["high"] == pytest.approx(1 - interval.low.evaluate(90), rel=1e-12)


def test_orders_of_one_day_are_one_purchase(shop: Shop) -> None:
    again = [(customer, when, amount) for customer, when, amount in ten() for _ in range(2)]
    same(time_to_second_purchase(shop(ten()), AS_OF), time_to_second_purchase(shop(again), AS_OF))


def test_a_purchase_refunded_in_full_is_no_purchase(shop: Shop) -> None:
    rows = pd.DataFrame(ten(), columns=["customer_id", "day", "amount"])
    rows["order_id"] = [f"o{n}" for n in range(len(rows))]
    back = pd.DataFrame(
        {"customer_id": "c5", "day": [day(390), day(385)], "amount": [7.0, -7.0], "order_id": "returned"}
    )
    same(time_to_second_purchase(shop(rows), AS_OF), time_to_second_purchase(shop(pd.concat([rows, back])), AS_OF))


def test_nothing_after_the_as_of_date_is_seen(shop: Shop) -> None:
    """150 days ago only the newcomer was missing: 250 days had been observed, and never 365."""
    early = AS_OF - dt.timedelta(days=150)
    result = time_to_second_purchase(shop(ten()), early)
    assert result.steps.loc["second", "customers"] == 10
    assert shares(result)[:3] == pytest.approx([0.1, 0.2, 0.4])
    assert np.isnan(shares(result)[3])


def waits(orders: pd.DataFrame, step: int) -> pd.DataFrame:
    """Days from purchase day ``step`` - 1 to ``step`` of every customer, in plain pandas."""
    whole = orders[orders["amount"] >= 0].drop_duplicates(["customer_id", "day"]).sort_values("day", kind="stable")
    rows = []
    for customer, days in whole.groupby("customer_id")["day"]:
        if len(days) >= step - 1:
            taken = len(days) >= step
            end = days.iloc[step - 1] if taken else pd.Timestamp(AS_OF)
            rows.append((customer, days.iloc[0], (end - days.iloc[step - 2]).days, taken))
    return pd.DataFrame(rows, columns=["customer_id", "first", "days", "taken"])


def survival(table: pd.DataFrame, until: float) -> float:
    """Kaplan-Meier as in the textbook: one factor a time with an event."""
    days, taken = table["days"].to_numpy(), table["taken"].to_numpy()
    left = 1.0
    for time in np.unique(days[taken & (days <= until)]):
        left *= 1 - (taken & (days == time)).sum() / (days >= time).sum()
    return left


@pytest.fixture(scope="module")
def grouped(orders: pd.DataFrame) -> pd.DataFrame:
    """The shop of ``orders`` without refunds, its orders in categories: two large, one of a few customers, and none."""
    kept = orders[orders["amount"] >= 0].reset_index(drop=True)
    number = kept["customer_id"].str[1:].astype(int)
    category = np.select([number % 10 < 5, number % 10 < 8, number % 40 == 8], ["Bags", "Shoes", "Tents"], "")
    return kept.assign(category=pd.Series(category, dtype="str").replace("", None))


def test_sql_agrees_with_plain_pandas_customer_by_customer(shop: Shop, grouped: pd.DataFrame) -> None:
    result = time_to_second_purchase(shop(grouped), AS_OF)
    for step, name in ((2, "second"), (3, "third")):
        table = waits(grouped, step)
        assert result.steps.loc[name, ["customers", "returned"]].to_list() == [len(table), table["taken"].sum()]
        expected = [1 - survival(table, until) for until in (30, 90, 180, 365)]
        assert shares(result, name) == pytest.approx(expected, rel=1e-12)
        curve = result.curve[result.curve["step"] == name]
        assert curve["share"].to_numpy() == pytest.approx(
            [1 - survival(table, time) for time in curve["time"]], rel=1e-12, abs=1e-15
        )
    table = waits(grouped, 2)
    once = table[~table["taken"]]
    day80 = result.steps.loc["second", "day80"]
    assert (result.waiting, result.late) == ((once["days"] <= day80).sum(), (once["days"] > day80).sum())


def test_day_by_which_four_of_five_return_is_read_off_the_curve(shop: Shop, grouped: pd.DataFrame) -> None:
    table = waits(grouped, 2)
    result = time_to_second_purchase(shop(grouped), AS_OF)
    end = max(time for time in table["days"] if (table["days"] >= time).sum() >= 30)
    assert result.steps.loc["second", "follow_up"] == end
    for share, name in ((0.5, "day50"), (0.8, "day80")):
        goal = share * (1 - survival(table, end))
        first = next(time for time in sorted(table["days"]) if 1 - survival(table, time) >= goal - 1e-12)
        assert result.steps.loc["second", name] == first


def test_groups_agree_with_plain_pandas(shop: Shop, grouped: pd.DataFrame) -> None:
    """Tents are ten customers and go to the others, with those whose first order has no category."""
    result = time_to_second_purchase(shop(grouped), AS_OF)
    first_of = grouped.sort_values(["day", "amount"], ascending=[True, False], kind="stable")
    first_of = first_of.drop_duplicates("customer_id").set_index("customer_id")["category"]
    table = waits(grouped, 2)
    names = table["customer_id"].map(first_of).astype(object)
    table["category"] = names.where(names.isin(["Bags", "Shoes"]), "other")
    table["cohort"] = table["first"].dt.to_period("Q").dt.start_time.dt.strftime("%Y-%m-%d")
    assert (result.by, result.grain) == ("category", "quarter")
    for kind in ("cohort", "category"):
        part = result.groups[result.groups["by"] == kind].set_index("group")
        sizes = table.groupby(kind).size()
        assert part["customers"].to_dict() == sizes[sizes >= 30].to_dict()
        for group, found in part.iterrows():
            own = table[table[kind] == group]
            still, waited = (own["days"] >= 90).sum(), (~own["taken"] | (own["days"] >= 90)).sum()
            followed = still >= 0.05 * waited
            expected = 1 - survival(own, 90) if followed else np.nan
            assert found["share"] == pytest.approx(expected, rel=1e-12, nan_ok=not followed)
    assert result.groups["group"].to_list()[-1] == "other"
    pair = [table[table["category"] == name] for name in ("Bags", "Shoes", "other")]
    assert {len(own) for own in pair} == set(result.groups.loc[result.groups["by"] == "category", "customers"])
    samples = [
        stats.CensoredData(uncensored=own.loc[own["taken"], "days"], right=own.loc[~own["taken"], "days"])
        for own in pair
    ]
    assert result.tests.loc["category", "degrees"] == 2
    bags_or_not = stats.logrank(samples[0], samples[1])
    only_two = time_to_second_purchase(
        shop(grouped[grouped["customer_id"].isin(pd.concat(pair[:2])["customer_id"])]), AS_OF
    )
    assert only_two.tests.loc["category", "statistic"] == pytest.approx(float(bags_or_not.statistic) ** 2, rel=1e-9)


def test_two_comparisons_are_judged_together(shop: Shop, grouped: pd.DataFrame) -> None:
    tests = time_to_second_purchase(shop(grouped), AS_OF).tests
    low, high = sorted(tests["p_value"])
    assert sorted(tests["adjusted"]) == pytest.approx([min(2 * low, 1), min(max(2 * low, high), 1)], rel=1e-12)


def test_groups_that_differ_are_found_and_those_that_do_not_are_not(shop: Shop) -> None:
    """By category 60 % against 20 % return within a month; by time all are the same."""
    rows = []
    for n in range(600):
        category, returns = ("Bags", n % 10 < 6) if n % 2 else ("Shoes", n % 10 < 2)
        start = 700 - n // 2
        rows.append((f"c{n}", day(start), category))
        if returns:
            rows.append((f"c{n}", day(start - 5 - n % 20), category))
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "category"]).assign(amount=10.0)
    result = time_to_second_purchase(shop(frame), AS_OF)
    assert result.tests["differ"].to_dict() == {"cohort": False, "category": True}
    assert result.groups.loc[result.groups["by"] == "category", "group"].to_list() == ["Bags", "Shoes"]
    assert any("not say that the category is its cause" in caveat for caveat in result.caveats)


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.sample(frac=1, random_state=3),
        lambda rows: rows.assign(amount=rows["amount"] * 100),
        lambda rows: pd.concat([rows.assign(amount=rows["amount"] / 2)] * 2, ignore_index=True),
    ],
    ids=["shuffled rows", "amounts in cents", "orders split into lines"],
)
def test_what_must_not_change_the_result(shop: Shop, grouped: pd.DataFrame, change: Any) -> None:
    same(time_to_second_purchase(shop(grouped), AS_OF), time_to_second_purchase(shop(change(grouped)), AS_OF))


def test_channel_stands_in_where_there_is_no_category(shop: Shop, grouped: pd.DataFrame) -> None:
    channels = grouped.rename(columns={"category": "channel"})
    result = time_to_second_purchase(shop(channels), AS_OF)
    assert result.by == "channel"
    neither = time_to_second_purchase(shop(grouped.drop(columns="category")), AS_OF)
    assert neither.by is None
    assert set(neither.groups["by"]) == {"cohort"}
    chosen = time_to_second_purchase(shop(grouped.assign(country=grouped["category"])), AS_OF, by="country")
    assert chosen.by == "country"


def test_an_unknown_grouping_names_the_known_ones(shop: Shop) -> None:
    with pytest.raises(UsageError, match="category, channel, country"):
        time_to_second_purchase(shop(ten()), AS_OF, by="colour")


@pytest.mark.parametrize(
    ("earliest", "latest", "grain"),
    [
        ("2024-05-30", "2024-12-01", "month"),
        ("2024-04-30", "2024-12-01", "quarter"),
        ("2023-01-01", "2024-12-31", "quarter"),
        ("2022-12-31", "2024-12-31", "year"),
        ("1999-01-01", "2024-12-31", "year"),
    ],
)
def test_cohorts_are_at_most_eight(earliest: str, latest: str, grain: str) -> None:
    assert grain_of(dt.date.fromisoformat(earliest), dt.date.fromisoformat(latest)) == grain


def test_years_before_the_latest_stand_together(shop: Shop) -> None:
    rows = [(f"c{year}-{n}", f"{year}-03-0{1 + n % 5}", 1.0) for year in range(2013, 2025) for n in range(40)]
    groups = time_to_second_purchase(shop(rows), AS_OF).groups
    assert groups["group"].to_list() == [*(f"{year}-01-01" for year in range(2018, 2025)), "other"]
    assert groups["customers"].to_list() == [40] * 7 + [200]
    assert (groups["share"] == 0).all()


@pytest.mark.parametrize(
    "rows",
    [[], [("a", day(10), -5.0)], [("a", day(0), 5.0)], [("a", day(50), 5.0)]],
    ids=["nobody", "refunds alone", "one on the last day", "one customer"],
)
def test_next_to_no_data_is_no_error(shop: Shop, rows: list[tuple[str, str, float]]) -> None:
    result = time_to_second_purchase(shop(rows), AS_OF)
    assert result.steps.loc["second", "customers"] == len(rows) - sum(amount < 0 for *_, amount in rows)
    assert result.steps.loc["second", "returned"] == 0
    assert (result.waiting, result.late) == (None, None)
    assert result.groups.empty
    assert np.isnan(shares(result)[1:]).all()


def test_cdnow_agrees_with_the_summary_of_its_customers(cdnow: Inputs) -> None:
    """Nobody is censored before day 456, so that shares by day 365 are plain shares; repeat buyers are x > 0."""
    result = time_to_second_purchase(cdnow.transactions, cdnow.as_of)
    summary = cdnow.summary
    assert result.steps.loc["second", ["customers", "returned"]].to_list() == [23570, (summary["frequency"] > 0).sum()]
    second = result.at_days[result.at_days["step"] == "second"]
    assert second["share"].to_numpy() == pytest.approx(second["returned"].to_numpy() / 23570, rel=1e-9)
    assert second["returned"].to_list() == [4115, 6887, 8827, 10810]
    assert result.steps.loc["second", ["day50", "day80"]].to_list() == [58, 212]
    assert result.tests["differ"].to_dict() == {"cohort": False}
