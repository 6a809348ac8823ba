"""RFM: scores by hand, against plain pandas, the same in any row order; schemes that cover every cell once."""

from __future__ import annotations

import datetime as dt
import json
import re
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.rfm_scheme import cells_of, named_scheme
from loyalty_lib.config import ClientConfig
from loyalty_lib.errors import UsageError
from tests.analyses.shops import row

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
RULES = Path(__file__).resolve().parents[2].parent / "shared" / "reference" / "rfm_rules.json"


def test_scores_of_five_customers_checked_by_eye(shop: Shop) -> None:
    """One customer a quintile: the stalest scores 1, the latest 5; revenue runs the other way."""
    rows = [(f"c{n}", f"2024-{2 * n:02d}-01", 60.0 - 10 * n) for n in range(1, 6)]
    rows += [("c5", f"2024-09-{day:02d}", 0.0) for day in range(1, 8)]  # 8 purchase days in all
    rows += [("c4", "2024-07-01", 0.0), ("c4", "2024-07-01", 0.0)]  # one more purchase day, not two
    result = rfm(shop(rows), AS_OF)
    assert result.start == dt.date(2024, 1, 1)
    assert result.customers["r"].to_list() == [1, 2, 3, 4, 5]
    assert result.customers["f"].to_list() == [1, 1, 1, 2, 5]
    assert result.customers["m"].to_list() == [5, 4, 3, 2, 1]
    assert result.customers["orders"].to_list() == [1, 1, 1, 2, 8]
    assert result.customers["days_since_last_order"].to_list() == [334, 274, 213, 152, 91]
    segments = ["hibernating", "hibernating", "about_to_sleep", "potential_loyalists", "champions"]
    assert result.customers["segment"].to_list() == segments
    assert row(result.segments, "hibernating") == [2, 0.4, 90.0, 90 / 150, 304.0, 1.0, 45.0]
    assert row(result.segments, "loyal", ["customers", "revenue"]) == [0, 0]
    assert result.caveats == ("Only 5 customers bought in the window: quintiles of so few say little.",)


def test_the_window_begins_the_day_after_the_same_date_a_year_before(shop: Shop) -> None:
    rows = [("old", "2023-12-31", 5.0), ("late", "2025-01-01", 5.0)]
    rows += [("in", "2024-01-01", 5.0), ("in", "2023-06-01", 9.0)]
    result = rfm(shop(rows), AS_OF)
    assert result.customers.index.to_list() == ["in"]
    assert result.customers["revenue"].to_list() == [5.0]
    assert result.inactive == 1


def test_refunds_lower_revenue_but_are_no_purchase(shop: Shop) -> None:
    rows = [("a", "2024-03-01", 50.0), ("a", "2024-12-01", -20.0)]
    rows += [("refunded", "2023-03-01", 9.0), ("refunded", "2024-03-01", -9.0)]
    result = rfm(shop(rows), AS_OF)
    assert row(result.customers, "a", ["orders", "revenue", "days_since_last_order"]) == [1, 30.0, 305]
    assert result.inactive == 1


def test_equal_values_get_equal_scores(shop: Shop) -> None:
    """Of ten customers eight spend the same: their score is that of their worst-placed member."""
    rows = [(f"c{n}", "2024-05-01", 10.0) for n in range(8)] + [("low", "2024-05-01", 1.0), ("top", "2024-05-01", 99.0)]
    customers = rfm(shop(rows), AS_OF).customers
    assert set(customers["r"]) == {1}
    assert customers.loc["low", "m"] == 1
    assert set(customers.loc["c0":"c7", "m"]) == {1}  # one of ten is below: 1 + floor(5 x 0.1)
    assert customers.loc["top", "m"] == 5  # nine of ten are below: 1 + floor(5 x 0.9)


@pytest.mark.parametrize("scheme", ["rf_grid_10", "codes_125", "putler_11"])
def test_the_order_of_rows_changes_nothing(shop: Shop, orders: pd.DataFrame, scheme: str) -> None:
    tied = orders.assign(amount=orders["amount"].round(-1))
    one, other = (rfm(shop(rows), AS_OF, scheme=scheme) for rows in (tied, tied.sample(frac=1, random_state=5)))
    assert one.customers["revenue"].duplicated().sum() > 20
    for name in ("customers", "segments", "grid"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


@pytest.mark.parametrize("months", [3, 12])
def test_scores_and_tables_agree_with_plain_pandas(shop: Shop, orders: pd.DataFrame, months: int) -> None:
    result = rfm(shop(orders), AS_OF, window_months=months)
    window = orders[orders["day"] > pd.Timestamp(AS_OF) - pd.DateOffset(months=months)]
    bought = window[window["amount"] >= 0].drop_duplicates(["customer_id", "day"]).groupby("customer_id")["day"]
    expected = pd.DataFrame({"days_since_last_order": (pd.Timestamp(AS_OF) - bought.max()).dt.days})
    expected["orders"] = bought.count()
    expected["revenue"] = window.groupby("customer_id")["amount"].sum().reindex(expected.index)
    pd.testing.assert_frame_equal(
        result.customers[["days_since_last_order", "orders", "revenue"]], expected, check_index_type=False, rtol=1e-12
    )
    n = len(expected)
    stale, spend = -expected["days_since_last_order"].to_numpy(), expected["revenue"].round(6).to_numpy()
    assert result.customers["r"].to_list() == [1 + 5 * int((stale < value).sum()) // n for value in stale]
    assert result.customers["m"].to_list() == [1 + 5 * int((spend < value).sum()) // n for value in spend]
    cuts = np.searchsorted([2, 3, 5, 8], expected["orders"], side="right")
    assert result.customers["f"].to_list() == (cuts + 1).tolist()
    for segment, found in result.segments.iterrows():
        own = expected[(result.customers["segment"] == segment).to_numpy()]
        assert found["customers"] == len(own)
        assert found["revenue"] == pytest.approx(own["revenue"].sum(), rel=1e-12)
        if len(own):
            assert found["mean_revenue"] == pytest.approx(own["revenue"].mean(), rel=1e-12)
            assert found["mean_orders"] == pytest.approx(own["orders"].mean(), rel=1e-12)
            assert found["mean_days_since_last_order"] == pytest.approx(own["days_since_last_order"].mean(), rel=1e-12)
            moved = own["revenue"].abs()
            assert dict(result.largest_share)[segment] == pytest.approx(moved.max() / moved.sum(), rel=1e-12)
    assert result.segments["share_of_customers"].sum() == pytest.approx(1, rel=1e-12)
    assert result.segments["share_of_revenue"].sum() == pytest.approx(1, rel=1e-12)
    earlier = set(orders.loc[orders["amount"] >= 0, "customer_id"]) - set(expected.index)
    assert result.inactive == len(earlier)
    assert earlier


def test_the_grid_adds_up_to_the_segments(shop: Shop, orders: pd.DataFrame) -> None:
    result = rfm(shop(orders), AS_OF)
    assert result.grid[["r", "f"]].apply(tuple, axis=1).to_list() == list(product(range(1, 6), repeat=2))
    by_segment = result.grid.groupby("segment")[["customers", "revenue"]].sum().reindex(result.segments.index)
    assert (by_segment["customers"] == result.segments["customers"]).all()
    assert by_segment["revenue"].to_numpy() == pytest.approx(result.segments["revenue"].to_numpy(), rel=1e-12)


def test_frequency_cuts_are_configurable(shop: Shop) -> None:
    rows = [(f"c{n}", f"2024-05-{day:02d}", 1.0) for n in range(1, 7) for day in range(1, n + 1)]
    result = rfm(shop(rows), AS_OF, frequency_cuts=(1, 3, 4, 5, 6))
    assert result.customers["f"].to_list() == [1, 1, 2, 3, 4, 5]
    for wrong in ((1, 2, 3, 5), (2, 3, 4, 5, 6), (1, 3, 2, 5, 8), (1, 2, 2, 5, 8)):
        with pytest.raises(UsageError, match=r"frequency_cuts is .* begin with 1"):
            rfm(shop(rows), AS_OF, frequency_cuts=wrong)


def test_no_customers_give_empty_segments(shop: Shop) -> None:
    result = rfm(shop([("a", "2020-01-01", 5.0)]), AS_OF)
    assert result.customers.empty
    assert result.segments["customers"].to_list() == [0] * 10
    assert result.segments["share_of_customers"].to_list() == [0.0] * 10
    assert result.grid["customers"].sum() == 0
    assert result.inactive == 1


@pytest.mark.parametrize("name", ["rf_grid_10", "codes_125"])
def test_published_schemes_are_those_of_the_rules_file(name: str) -> None:
    if not RULES.exists():
        pytest.skip("the rules file is not beside this checkout")
    keys = {"recent": "new", "potential_loyalist": "potential_loyalists", "can't_lose": "cant_lose"}
    expected = {}
    for label, rule in json.loads(RULES.read_text(encoding="utf-8"))[name]["rules"].items():
        key = label.lower().replace(" ", "_")
        codes = {str(code) for code in rule} if isinstance(rule, list) else None
        scores = 3 if codes else 2
        for cell in product(range(1, 6), repeat=scores):
            text = "".join(map(str, cell))
            if text in codes if codes else re.fullmatch(rule, text):
                expected[cell] = keys.get(key, key)
    assert cells_of(named_scheme(name)) == expected
    assert len(expected) == {"rf_grid_10": 25, "codes_125": 125}[name]


PUTLER_KEYS = {
    "Champions": "champions", "Loyal Customers": "loyal", "Potential Loyalist": "potential_loyalists",
    "Recent Customers": "new", "Promising": "promising", "Customers Needing Attention": "need_attention",
    "About To Sleep": "about_to_sleep", "At Risk": "at_risk", "Can't Lose Them": "cant_lose",
    "Hibernating": "hibernating", "Lost": "lost",
}  # fmt: skip


def test_putler_11_is_the_first_published_range_that_fits() -> None:
    """R and the mean of F and M, in the published order; 30 of the 45 combinations fit more than one range."""
    if not RULES.exists():
        pytest.skip("the rules file is not beside this checkout")
    rules = json.loads(RULES.read_text(encoding="utf-8"))["putler_11"]["rules"]
    bounds = {
        PUTLER_KEYS[name]: [[int(end) for end in text.split("-")] for text in both] for name, both in rules.items()
    }

    def fitting(r: int, mean: float) -> list[str]:
        return [key for key, ((r0, r1), (m0, m1)) in bounds.items() if r0 <= r <= r1 and m0 <= mean <= m1]

    combinations = [fitting(r, twice / 2) for r in range(1, 6) for twice in range(2, 11)]
    assert sum(len(keys) > 1 for keys in combinations) == 30
    assert all(combinations)
    first = {(r, f, m): fitting(r, (f + m) / 2)[0] for r, f, m in product(range(1, 6), repeat=3)}
    assert cells_of(named_scheme("putler_11")) == first
    assert set(bounds) - set(first.values()) == {"new", "promising", "cant_lose", "lost"}


def test_a_scheme_whose_published_rules_overlap_says_so(shop: Shop, orders: pd.DataFrame) -> None:
    result = rfm(shop(orders), AS_OF, scheme="putler_11")
    assert result.segments["customers"].sum() == len(result.customers)
    assert "overlap in 30 of 45 combinations of scores" in result.caveats[0]
    assert rfm(shop(orders), AS_OF, scheme="codes_125").caveats == ()


def own_scheme(often: str) -> dict[str, Any]:
    """Return a client's settings with two segments of its own, by frequency alone."""
    scheme = {"Stammkunden": [f"1-5 {often}"], "Gelegenheit": ["1-5 1-2"]}
    source = {"path": "orders.csv"}
    rfm_settings = {"window_months": 6, "scheme": scheme}
    return {"client": "acme", "name": "Acme", "currency": "NOK", "source": source, "rfm": rfm_settings}


def test_a_scheme_in_the_client_s_file_reaches_the_segments(shop: Shop, orders: pd.DataFrame) -> None:
    config = ClientConfig.model_validate(own_scheme("3-5"))
    result = rfm(shop(orders), AS_OF, **config.rfm.model_dump())
    assert result.segments.index.to_list() == ["Stammkunden", "Gelegenheit"]
    assert (result.customers["segment"].eq("Stammkunden") == (result.customers["f"] >= 3)).all()
    wrong = ClientConfig.model_validate(own_scheme("3-4"))
    with pytest.raises(UsageError, match=r"cell R=1 F=5 belongs to no segment[^!]*Mend rfm.scheme in the client's"):
        rfm(shop(orders), AS_OF, **wrong.rfm.model_dump())


def test_a_segment_cannot_have_a_name_the_report_needs() -> None:
    with pytest.raises(UsageError, match="segment 'inactive' has a name that the report needs itself"):
        cells_of({"inactive": ["1-5 1-5"]})


def test_a_client_s_own_scheme_plugs_in(shop: Shop, orders: pd.DataFrame) -> None:
    own = {"seldom": ["1-5 1-3"], "often": ["1-4 4-5", "5 4-5"]}
    result = rfm(shop(orders), AS_OF, scheme=own)
    assert result.scheme == "own"
    assert result.segments.index.to_list() == ["seldom", "often"]
    assert (result.customers["segment"].eq("often") == (result.customers["f"] >= 4)).all()


def test_a_scheme_by_money_leaves_divided_grid_cells_without_a_segment(shop: Shop, orders: pd.DataFrame) -> None:
    result = rfm(shop(orders), AS_OF, scheme="codes_125")
    assert result.segments["customers"].sum() == len(result.customers) == result.grid["customers"].sum()
    assert result.grid["segment"].isna().all()
    lost = result.customers[result.customers["segment"] == "lost"]
    assert set(lost["r"]) == {1}


def test_every_cell_left_empty_or_covered_twice_is_named() -> None:
    with pytest.raises(UsageError) as refused:
        cells_of({"a": ["1-4 1-5", "5 1-4"], "b": ["4 5"], "c": ["2 2"]})
    assert str(refused.value) == (
        "The segment scheme cannot be used: 3 to mend; every cell needs one segment.\n"
        "  cell R=2 F=2 is covered more than once, by 'a', 'c'.\n"
        "  cell R=4 F=5 is covered more than once, by 'a', 'b'.\n"
        "  cell R=5 F=5 belongs to no segment.\n"
        "Mend rfm.scheme in the client's client.yml."
    )


@pytest.mark.parametrize("box", ["6 1", "1", "1 1 1 1", "3-x 1", "", "1,1"])
def test_a_box_that_cannot_be_read_is_named(box: str) -> None:
    with pytest.raises(UsageError, match=re.escape(f"segment 'a': {box!r} is not a box")):
        cells_of({"a": [box]})


def test_boxes_of_two_and_three_scores_do_not_mix() -> None:
    with pytest.raises(UsageError, match="all have two scores"):
        cells_of({"a": ["1-5 1-5", "1 1 1"]})


def test_a_range_that_runs_backwards_covers_nothing() -> None:
    with pytest.raises(UsageError, match="cell R=5 F=5 belongs to no segment"):
        cells_of({"a": ["5-1 1-5"]})


def test_an_unknown_scheme_is_answered_with_the_nearest(shop: Shop) -> None:
    with pytest.raises(UsageError, match="Did you mean 'rf_grid_10'"):
        rfm(shop([("a", "2024-05-01", 1.0)]), AS_OF, scheme="rf_grid10")
