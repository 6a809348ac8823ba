"""What customers say: by hand, against published numbers, against plain pandas, and with answers of all kinds."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.survey import survey
from loyalty_lib.analyses.survey_intervals import difference_interval, effective, nps_margin, share_interval
from loyalty_lib.config.analyses import Survey
from tests.analyses.surveys import AS_OF, Answer, answers_of, asked, drawn_answers

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

BLANK = ("", "blank")
START, BEFORE = pd.Timestamp("2024-01-01"), pd.Timestamp("2023-01-01")

# Ann: two days this year, 300.  Bob: one day, 50.  Cid: one day last year.  Dan: two days, 80, then a refund of 20.
ROWS = [
    ("ann", "2024-03-01", 100.0),
    ("ann", "2024-05-20", 200.0),
    ("bob", "2024-04-01", 50.0),
    ("cid", "2023-06-01", 70.0),
    ("dan", "2024-02-01", 40.0),
    ("dan", "2024-08-01", 40.0),
    ("dan", "2024-08-20", -20.0),
]
ANSWERS: list[Answer] = [
    ("ann", "2024-04-01", "3", "2"),  # replaced by the next
    ("ann", "2024-05-01", "9", "5"),
    ("bob", "2024-05-01", "10", "4"),
    ("cid", "2024-05-01", "7", "3"),
    ("dan", "2024-07-30", "6", ""),
    (None, "2024-06-01", "0", "1"),
    ("who", "2024-06-01", "8", "5"),  # never bought
    ("bob", "2024-06-01", "11", None),
    ("bob", "2024-06-01", "Blank", None),
    ("bob", "2024-06-01", "8.5", None),
    ("bob", "2024-06-01", "", None),
    ("bob", "2024-06-01", "99", None),
    ("bob", None, "10", "5"),
    ("ann", "2023-06-01", "10", "1"),  # the year before
    ("ann", "2022-12-31", "0", "1"),  # older still
]


def test_every_figure_checked_by_eye(shop: Shop) -> None:
    """Of ann 9, bob 10, cid 7, dan 6, somebody 0, who 8: two promoters, two passives, two detractors of six."""
    result = asked(shop(ROWS), answers_of(ANSWERS))
    now, before = result.nps.loc["now"], result.nps.loc["before"]
    assert now[["answers", "promoters", "passives", "detractors"]].to_list() == [6, 2, 2, 2]
    assert (now["nps"], before["nps"], result.change) == (0, 100, -100)
    assert now["margin"] == pytest.approx(196 * np.sqrt((2 / 3) / 6))
    assert result.change_margin == pytest.approx(now["margin"])  # one promoter: no margin in the year before
    satisfied = result.csat.loc["now"]  # 5, 4, 3, 1, 5
    assert satisfied[["answers", "satisfied", "share"]].to_list() == [5, 3, 0.6]
    kinds = result.left_out.set_index(["question", "kind"])["file_rows"]
    assert kinds["nps"].to_dict() == {
        "answer": 6,
        "earlier": 1,
        "blank": 2,
        "outside": 2,
        "not_whole": 1,
        "no_weight": 0,
        "undated": 1,
    }
    assert result.responses.loc["nps"].to_list() == [12, 7, 7 / 12]
    assert result.by_segment.loc["inactive", ["answers", "passives"]].to_list() == [1, 1]
    assert result.by_segment.loc["unknown", ["answers", "passives", "detractors"]].to_list() == [2, 1, 1]


def test_who_came_back_checked_by_eye(shop: Shop) -> None:
    """Ann answered on 1 May and bought on 20 May for 200; dan on 30 July, bought for 40, 20 refunded; bob did not."""
    result = asked(shop(ROWS), answers_of(ANSWERS))
    table = result.returns[["customers", "returned", "share", "mean_sales"]]
    assert table.loc["promoters"].to_list() == [2, 1, 0.5, 100]
    assert table.loc["passives"].to_list() == [1, 0, 0, 0]
    assert table.loc["detractors"].to_list() == [1, 1, 1, 20]
    low, high = share_interval(pd.Series([0.5, 1.0]), pd.Series([2.0, 1.0]))
    down, up = np.hypot(0.5 - low[0], 0), np.hypot(high[0] - 0.5, 1 - low[1])
    assert result.returns_difference == pytest.approx((-0.5, -0.5 - down, -0.5 + up))


def test_the_day_of_the_answer_is_no_day_after_it(shop: Shop) -> None:
    """Of thirty days after 1 May the first is 2 May and the last 31 May."""
    rows = [("a", "2024-01-05", 1.0), ("b", "2024-01-05", 1.0), ("a", "2024-05-01", 5.0), ("b", "2024-05-31", 5.0)]
    said = answers_of([("a", "2024-05-01", "9", ""), ("b", "2024-05-01", "9", "")])
    assert asked(shop(rows), said, return_days=30).returns.loc["promoters", "returned"] == 1
    assert asked(shop(rows), said, return_days=29).returns.loc["promoters", "returned"] == 0


def test_answers_younger_than_the_days_after_them_are_left_out(shop: Shop) -> None:
    said = answers_of([("ann", "2024-12-02", "9", ""), ("bob", "2024-12-01", "9", "")])
    table = asked(shop(ROWS), said, return_days=30).returns
    assert table.loc["promoters", "customers"] == 1
    late = asked(shop(ROWS), said, return_days=31)
    assert late.returns.empty
    assert "No answer is 31 days old yet: who came back cannot be said." in late.caveats


def test_loyal_are_those_who_bought_on_two_days_of_the_window(shop: Shop) -> None:
    """Ann 9 and dan 6 bought on two days, for 300 and 60; bob 10 on one, for 50; cid 7 on none."""
    result = asked(shop(ROWS), answers_of(ANSWERS))
    assert result.loyalty[["customers", "share", "sales"]].to_numpy().tolist() == [
        [1, 0.25, 300],
        [1, 0.25, 60],
        [1, 0.25, 50],
        [1, 0.25, 0],
    ]
    assert result.loyalty_by_band.loc[(True, "low"), ["customers", "sales"]].to_list() == [1, 60]
    by_csat = asked(shop(ROWS), answers_of([(who, day, None, csat) for who, day, _, csat in ANSWERS]))
    assert by_csat.loyalty_by == "csat"
    assert by_csat.loyalty["customers"].to_list() == [1, 0, 1, 1]  # ann 5; dan gave none; bob 4; cid 3
    assert set(by_csat.left_out["question"]) == {"csat"}


def test_margin_of_error_is_that_of_the_definition() -> None:
    """p = 0.5 and d = 0.2: 21.6 points at n = 50, 10.8 at n = 200."""
    half, fifth = pd.Series([0.5, 0.5]), pd.Series([0.2, 0.2])
    assert nps_margin(half, fifth, pd.Series([50, 200])).round(1).to_list() == [21.6, 10.8]


def test_difference_matches_newcombes_published_interval() -> None:
    """Newcombe (1998), Table II, method 10: 56/70 less 48/80, 9/10 less 3/10, 10/10 less 0/10."""
    counts = pd.DataFrame({"x": [56, 48, 9, 3, 10, 0], "n": [70, 80, 10, 10, 10, 10]}, index=list("abcdef"))
    table = counts.assign(share=counts["x"] / counts["n"])
    table["low"], table["high"] = share_interval(table["share"], table["n"])
    found = [difference_interval(table, *pair)[1:] for pair in ("ab", "cd", "ef")]
    published = [(0.0524, 0.3339), (0.1705, 0.8090), (0.6075, 1.0)]
    assert np.round(found, 4).tolist() == [list(pair) for pair in published]


def test_weights_count_as_kish_says(shop: Shop) -> None:
    """Weights 1, 1, 2 and a passive of 4: promoters 3/8, detractor 1/8, n 64 / 22; one answer has no weight."""
    said = answers_of(
        [(name, "2024-05-01", code, "") for name, code in zip("abcde", ["9", "6", "10", "8", "10"], strict=True)],
        [1, 1, 2, 4, 0],
    )
    result = asked(shop([(name, "2024-02-01", 1.0) for name in "abcde"]), said)
    now = result.nps.loc["now"]
    assert now[["answers", "share_promoters", "share_detractors", "nps"]].to_list() == [4, 0.375, 0.125, 25]
    assert now["effective"] == pytest.approx(64 / 22)
    assert now["margin"] == pytest.approx(196 * np.sqrt((0.5 - 0.0625) / (64 / 22)))
    assert result.left_out.set_index("kind").loc["no_weight", "file_rows"] == 1
    assert any("weighted" in caveat for caveat in result.caveats)
    assert effective(pd.Series([7.0]), pd.Series([7.0])).to_list() == [7]  # equal weights: n itself


@pytest.mark.parametrize(
    ("codes", "low", "satisfied", "one_click"),
    [
        (["up", "down", "Up ", "👍"], 0, 3, True),
        (["ja", "nei", "JA", "ja"], 0, 3, True),
        (["1", "0", "1", "1"], 0, 3, True),
        (["1", "1", "1", "1"], 1, 0, False),  # the scale's lowest answer, since nobody answered 0
        (["1", "5", "4", "0"], 1, 2, False),
        (["5", "4", "ja", "4"], 1, 3, False),  # a word among figures is no answer
    ],
)
def test_one_click_is_read_as_yes_or_no(
    shop: Shop, codes: list[str], low: int, satisfied: int, *, one_click: bool
) -> None:
    said = answers_of([(name, "2024-05-01", "", code) for name, code in zip("abcd", codes, strict=True)])
    result = asked(shop([(name, "2024-02-01", 1.0) for name in "abcd"]), said)
    assert result.scale is not None
    assert (result.scale.low, result.scale.one_click) == (low, one_click)
    assert result.csat.loc["now", "satisfied"] == satisfied
    assert any("one click" in caveat for caveat in result.caveats) == one_click


def test_invited_is_what_the_rate_is_of_and_more_answers_than_invitations_are_said(shop: Shop) -> None:
    transactions, said = shop(ROWS), answers_of(ANSWERS)
    assert asked(transactions, said, invited=70).responses.loc["nps", "rate"] == pytest.approx(0.1)
    result = asked(transactions, said, invited=5)
    assert np.isnan(result.responses.loc["nps", "rate"])
    assert any(caveat.startswith("7 answers of 5 invited") for caveat in result.caveats)
    only_answers = asked(transactions, answers_of(ANSWERS[:5]))
    assert np.isnan(only_answers.responses.loc["nps", "rate"])  # how many were asked is not in the file


def newest(said: pd.DataFrame, question: str, low: int, high: int) -> pd.DataFrame:
    """Read answers in plain Python: those that count, with the first purchase day still to come."""
    rows = []
    for row in said.itertuples():
        code = str(getattr(row, question)).strip().lower()
        number = float(code) if code not in BLANK else float("nan")
        if pd.isna(row.answered_on) or row.weight <= 0 or number != int(number if number == number else 0):  # noqa: PLR0124
            continue
        if not low <= number <= high or not BEFORE <= row.answered_on <= pd.Timestamp(AS_OF):
            continue
        name = row.customer_id if isinstance(row.customer_id, str) and row.customer_id else None
        span = "now" if row.answered_on >= START else "before"
        rows.append((span, name, row.answered_on, int(number), row.weight))
    frame = pd.DataFrame(rows, columns=["span", "customer_id", "day", "score", "weight"])
    frame = frame.sort_values(["day", "score", "weight"], ascending=[False, True, True])
    named = frame[frame["customer_id"].notna()].drop_duplicates(["span", "customer_id"])
    return pd.concat([named, frame[frame["customer_id"].isna()]])


def test_scores_agree_with_plain_pandas(shop: Shop, orders: pd.DataFrame) -> None:
    transactions, said = shop(orders), drawn_answers(orders)
    segments = rfm(transactions, AS_OF)
    result = asked(transactions, said, segments=segments)
    bought = set(orders.loc[orders["amount"] >= 0, "customer_id"])
    chosen = newest(said, "nps", 0, 10)
    owner = chosen["customer_id"].map(segments.customers["segment"])
    known = chosen["customer_id"].isin(bought)
    chosen["segment"] = owner.where(
        owner.notna(), pd.Series(np.where(known, "inactive", "unknown"), index=chosen.index)
    )
    assert chosen["segment"].isin(["inactive", "unknown"]).sum() > 20
    for table, key in ((result.nps, "span"), (result.by_segment, "segment")):
        frame = chosen if key == "span" else chosen[chosen["span"] == "now"]
        for name, rows in frame.groupby(key):
            weight, squares = rows["weight"].sum(), (rows["weight"] ** 2).sum()
            promoters = rows.loc[rows["score"] >= 9, "weight"].sum() / weight
            detractors = rows.loc[rows["score"] <= 6, "weight"].sum() / weight
            margin = 196 * np.sqrt((promoters + detractors - (promoters - detractors) ** 2) / (weight**2 / squares))
            columns = ["answers", "share_promoters", "share_detractors", "nps", "margin"]
            expected = [len(rows), promoters, detractors, 100 * (promoters - detractors), margin]
            assert table.loc[name, columns].to_list() == pytest.approx(expected, rel=1e-12, abs=1e-12)
    satisfied = newest(said, "csat", 1, 5)
    for span, rows in satisfied.groupby("span"):
        share = rows.loc[rows["score"] >= 4, "weight"].sum() / rows["weight"].sum()
        assert result.csat.loc[span, ["answers", "share"]].to_list() == pytest.approx([len(rows), share], rel=1e-12)


def test_returns_and_loyalty_agree_with_plain_pandas(shop: Shop, orders: pd.DataFrame) -> None:
    said = drawn_answers(orders)
    result = asked(shop(orders), said, return_days=60)
    bought = orders[orders["amount"] >= 0]
    first = bought.groupby("customer_id")["day"].min()
    last = pd.Timestamp(AS_OF) - pd.Timedelta(60, unit="D")
    early = newest(said[said["answered_on"] <= last], "nps", 0, 10)
    early = early[(early["span"] == "now") & (early["customer_id"].map(first) <= early["day"])]
    found: dict[str, list[float]] = {name: [0, 0, 0.0] for name in ("promoters", "passives", "detractors")}
    for row in early.itertuples():
        band = "promoters" if row.score >= 9 else "passives" if row.score >= 7 else "detractors"
        own = orders[orders["customer_id"] == row.customer_id]
        after = own[(own["day"] > row.day) & (own["day"] <= row.day + pd.Timedelta(60, unit="D"))]
        found[band][0] += 1
        found[band][1] += bool((after["amount"] >= 0).any())
        found[band][2] += after["amount"].sum()
    for band, (customers, returned, sales) in found.items():
        row = result.returns.loc[band]
        assert row[["customers", "returned"]].to_list() == [customers, returned]
        assert row["mean_sales"] == pytest.approx(sales / customers, rel=1e-12)
    chosen = newest(said, "nps", 0, 10)
    chosen = chosen[(chosen["span"] == "now") & chosen["customer_id"].isin(first.index)]
    days = bought[bought["day"] >= START].groupby("customer_id")["day"].nunique()
    sales = orders[orders["day"] >= START].groupby("customer_id")["amount"].sum()
    loyal = chosen["customer_id"].map(days).fillna(0) >= 2
    spent = chosen["customer_id"].map(sales).fillna(0)
    keen = chosen["score"] >= 9
    cells = [loyal & keen, loyal & ~keen, ~loyal & keen, ~loyal & ~keen]
    assert result.loyalty["customers"].to_list() == [cell.sum() for cell in cells]
    assert result.loyalty["sales"].to_list() == pytest.approx([spent[cell].sum() for cell in cells], rel=1e-12)


def same(one: Any, other: Any, names: tuple[str, ...]) -> None:
    for name in names:
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name), check_exact=True)


def test_neither_order_of_rows_nor_lines_of_an_order_matter(shop: Shop, orders: pd.DataFrame) -> None:
    said = drawn_answers(orders)
    names = ("nps", "csat", "by_segment", "left_out", "returns", "loyalty", "loyalty_by_band")
    one = asked(shop(orders), said)
    same(one, asked(shop(orders.sample(frac=1, random_state=1)), said.sample(frac=1, random_state=2)), names)
    halves = pd.concat([orders.assign(amount=orders["amount"] - 0.0), orders.assign(amount=0.0)])
    split = halves[(halves["amount"] != 0) | (halves.index.isin(orders.index[orders["amount"] >= 0]))]
    same(one, asked(shop(split), said), names)
    hundred = asked(shop(orders.assign(amount=orders["amount"] * 100)), said)
    same(one, hundred, ("nps", "csat", "by_segment", "left_out"))
    assert hundred.loyalty["sales"].to_numpy() == pytest.approx(100 * one.loyalty["sales"].to_numpy(), rel=1e-12)


@pytest.mark.parametrize("given", [None, answers_of([]), answers_of([(None, "2024-05-01", None, None)])])
def test_without_answers_there_are_no_tables(shop: Shop, given: pd.DataFrame | None) -> None:
    result = asked(shop(ROWS), given)
    assert [len(result.by_segment), len(result.returns), len(result.loyalty), len(result.shares)] == [0, 0, 0, 0]
    assert [len(result.left_out), len(result.complaints), len(result.after_complaint)] == [0, 0, 0]
    assert (result.loyalty_by, result.caveats) == ("", ())
    assert np.isnan(result.change)


def test_answers_without_settings_are_not_read(shop: Shop) -> None:
    transactions = shop(ROWS)
    result = survey(transactions, AS_OF, answers_of(ANSWERS), rfm(transactions, AS_OF), None)
    assert result.shares.empty
    assert result.scale is None


def test_one_customer_who_got_everything_refunded_has_answered_all_the_same(shop: Shop) -> None:
    rows = [("a", "2024-05-01", 10.0), ("a", "2024-05-03", -10.0)]
    result = asked(shop(rows), answers_of([("a", "2024-06-01", "9", "")]))
    assert result.nps.loc["now", ["answers", "nps", "margin"]].to_list() == [1, 100, 0]
    assert result.loyalty.loc["content_only", ["customers", "sales"]].to_list() == [1, 0]
    assert "Fewer than 30 answers" in result.caveats[0]


def test_nothing_is_left_in_the_engine(shop: Shop) -> None:
    transactions = shop(ROWS)
    before = transactions.engine.connection.sql("SHOW TABLES").fetchall()
    asked(transactions, answers_of(ANSWERS))
    assert transactions.engine.connection.sql("SHOW TABLES").fetchall() == before
    with pytest.raises(KeyError):
        asked(transactions, answers_of(ANSWERS).drop(columns="nps"))
    assert transactions.engine.connection.sql("SHOW TABLES").fetchall() == before


def test_a_million_answers_take_seconds(shop: Shop) -> None:
    count = 1_000_000
    rng = np.random.default_rng(5)
    people = np.char.add("c", rng.integers(0, 50_000, count).astype(str))
    said = pd.DataFrame(
        {
            "customer_id": pd.Series(people, dtype="str"),
            "answered_on": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 730, count), unit="D"),
            "nps": pd.Series(rng.integers(0, 12, count).astype(str), dtype="str"),
            "csat": pd.Series(rng.integers(1, 6, count).astype(str), dtype="str"),
            "weight": 1.0,
        }
    )
    rows = pd.DataFrame({"customer_id": [f"c{n}" for n in range(50_000)], "day": "2024-03-01", "amount": 10.0})
    begun = dt.datetime.now(tz=dt.UTC)
    result = asked(shop(rows), said)
    assert (dt.datetime.now(tz=dt.UTC) - begun).total_seconds() < 30
    assert (
        result.nps.loc["now", "answers"]
        == said.loc[(said["answered_on"] >= START) & (said["nps"] != "11"), "customer_id"].nunique()
    )


def test_settings_choose_scale_and_satisfaction(shop: Shop) -> None:
    said = answers_of([(name, "2024-05-01", "", code) for name, code in zip("abc", ["7", "6", "0"], strict=True)])
    transactions = shop([(name, "2024-02-01", 1.0) for name in "abc"])
    result = survey(
        transactions, AS_OF, said, rfm(transactions, AS_OF), Survey(path="s.csv", csat_scale=(0, 7), csat_satisfied=6)
    )
    assert result.csat.loc["now", ["answers", "satisfied"]].to_list() == [3, 2]
