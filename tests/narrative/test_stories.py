"""What the report says follows from its figures: every number is a metric, every direction has its sign."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty_lib import i18n, narrative
from loyalty_lib.narrative.story import FLAT, direction

PAGES = (
    "kpis", "revenue_bridge", "cohorts", "time_to_second_purchase", "rfm", "pareto", "clv", "action_lists", "survey",
    "programme", "subscriptions", "retention_cost",
)  # fmt: skip
CHANGES = st.floats(-0.99, 5, allow_nan=False)


def test_cdnow_says_what_its_log_holds(metrics: dict[str, Any]) -> None:
    """1998-Q2 of the full log; the hold-out is the published split: 16,874 predicted, 19,684 made."""
    sales = metrics["kpis"]["figures"]["net_sales"]
    assert sales["value"] == pytest.approx(213_330.48)
    assert narrative.headline("kpis", metrics) == "Net sales fell 41% in a year, to US$213,330"
    assert narrative.headline("pareto", metrics) == "The top 20% of customers bring 64% of sales"
    assert "16,874 purchases predicted, 19,684 made; the prediction was 14% too low" in narrative.lead("clv", metrics)
    cover = narrative.cover(metrics)
    assert cover.trust == "fair"
    assert cover.finding.startswith(
        "Net sales fell 41% in a year, to US$213,330. Today’s customers are expected to bring"
    )


def test_metrics_are_json_and_come_back_the_same(metrics: dict[str, Any]) -> None:
    """Nothing is lost or rounded on the way to metrics.json, and no NaN gets there."""
    assert json.loads(json.dumps(metrics, allow_nan=False)) == metrics


@pytest.mark.parametrize("page", PAGES)
def test_stories_read_the_same_from_the_file(metrics: dict[str, Any], page: str) -> None:
    """The mail and the portfolio read metrics.json: dates are text there, and keys too."""
    again = json.loads(json.dumps(metrics))
    assert narrative.story(page, again) == narrative.story(page, metrics)


@given(change=CHANGES, against=st.sampled_from(["year_ago", "previous"]), value=st.floats(0, 1e9))
def test_headline_has_the_direction_and_size_of_the_change(change: float, against: str, value: float) -> None:
    """Rose only if it rose, fell only if it fell, unchanged inside the threshold; the size as printed on the card."""
    i18n.activate("en", "EUR")
    figure = {
        "value": value,
        "previous": 1.0,
        "year_ago": 1.0,
        "unit": "money",
        "change_previous": None,
        "change_year_ago": None,
    }
    figure[f"change_{against}"] = change
    text = narrative.headline("kpis", _only_sales(figure))
    said = {"up": "rose", "down": "fell", "flat": "unchanged"}
    for towards, word in said.items():
        assert (word in text) == (direction(change) == towards)
    if abs(change) >= FLAT:
        assert f" {i18n.percent(abs(change))} " in text
    assert text.endswith(i18n.money_short(value))


def _only_sales(figure: dict[str, Any]) -> dict[str, Any]:
    keys = (
        "active_customers",
        "new_customers",
        "retention_rate",
        "purchase_frequency",
        "average_order_value",
        "lapsed_customers",
        "reactivated_customers",
    )
    other = {"value": 1.0, "change_previous": None, "change_year_ago": None, "unit": "number"}
    trend = [
        {"label": "2024-Q1", "kind": "quarter", "start": "2024-01-01", "end": "2024-03-31", "net_sales": 1.0},
        {
            "label": "2024-Q2",
            "kind": "quarter",
            "start": "2024-04-01",
            "end": "2024-06-30",
            "net_sales": figure["value"],
        },
    ]
    return {"kpis": {"figures": {"net_sales": figure, **dict.fromkeys(keys, other)}, "trend": trend}, "caveats": []}


@pytest.mark.parametrize(("error", "word"), [(-0.2, "20% too low"), (0.2, "20% too high"), (0.001, "made.")])
def test_outcome_has_the_sign_of_the_error(metrics: dict[str, Any], error: float, word: str) -> None:
    """(predicted - actual) / actual below zero: the model promised too little."""
    metrics["clv"]["backtest"]["relative_error"] = error
    text = narrative.lead("clv", metrics)
    assert word in text
    assert ("too low" in text, "too high" in text) == (error == -0.2, error == 0.2)


def test_actions_are_ranked_by_money(metrics: dict[str, Any]) -> None:
    """Three at most, of the lists with most money in them; with less money in the first, it is the first no longer."""
    lists = sorted(metrics["action_lists"]["lists"], key=lambda row: -(row["one_order"] or 0))
    first, *others = narrative.cover(metrics).actions
    assert len(others) == 2
    for row, text in zip(lists, (first, *others), strict=False):
        assert f" {i18n.number(row['customers'])} " in text
        assert i18n.money_short(row["one_order"]) in text
    swapped = copy.deepcopy(metrics)
    next(row for row in swapped["action_lists"]["lists"] if row["list"] == lists[0]["list"])["one_order"] = 0.01
    assert first not in narrative.cover(swapped).actions
    assert narrative.cover(swapped).actions[0] == others[0]


def test_without_a_forecast_the_page_says_why(metrics: dict[str, Any]) -> None:
    """Too little data: a sentence instead of a figure, and no light on the cover."""
    reason = i18n.Message("A forecast needs {n:number} customers.", n=500)
    metrics["clv"] = {"available": False, "reason": {"msgid": reason.msgid, "values": reason.values}}
    assert narrative.headline("clv", metrics) == "No forecast of customer value"
    assert narrative.lead("clv", metrics) == "A forecast needs 500 customers."
    assert narrative.cover(metrics).trust == "none"


def test_a_first_period_is_compared_with_nothing(first_quarter: dict[str, Any]) -> None:
    """No direction without something to compare with, and no page that breaks."""
    i18n.activate("en", "USD")
    assert narrative.headline("kpis", first_quarter).startswith("Net sales were US$")
    cards = narrative.cards(first_quarter, ["net_sales", "retention_rate"])
    assert cards[0].comparisons == ("Q4 1996: not observed", "Q1 1996: not observed")
    for page in ("kpis", "cohorts", "rfm", "pareto", "clv", "action_lists"):
        assert narrative.headline(page, first_quarter)
    assert narrative.headline("revenue_bridge", first_quarter) == ""
    assert not narrative.has_figure("kpis", first_quarter)  # one period makes no trend


def test_cards_show_ratios_in_points_and_counts_in_percent(metrics: dict[str, Any]) -> None:
    """46.1 % after 22.8 % is 23.3 percentage points, not 102 percent."""
    retention, active = narrative.cards(metrics, ["retention_rate", "active_customers"])
    assert retention.comparisons == ("no clear change from Q1 1998", "▲ 23.3 pp from Q2 1997")
    assert active.comparisons == ("▼ 13.1% from Q1 1998", "▼ 38.3% from Q2 1997")
    assert (retention.value, active.value) == ("46.1%", "3,317")


def test_a_card_without_a_change_says_what_the_figure_was(metrics: dict[str, Any]) -> None:
    """Nobody new in either quarter: no change in per cent, but the figure is known."""
    (new,) = narrative.cards(metrics, ["new_customers"])
    assert (new.value, new.comparisons) == ("0", ("Q1 1998: 0", "Q2 1997: 0"))


def test_mail_carries_key_figures_and_no_customer(metrics: dict[str, Any]) -> None:
    """Subject, finding, figures; aggregate only."""
    subject, lines = narrative.mail(metrics)
    assert subject == "Customer loyalty, CDNOW, 2nd quarter 1998"
    assert any(line.startswith("Net sales: US$213,330 (▼ 18.8% from Q1 1998") for line in lines)


EVIDENCE = {
    "largest_share",
    "share_of_more",
    "share_of_less",
    "earlier",
    "counted",
    "others",
    "one_time",
    "customer_id",
}


def keys_of(tree: Any) -> set[str]:
    """Return every key of a tree of dictionaries and lists."""
    if isinstance(tree, dict):
        return {str(key) for key in tree} | {key for value in tree.values() for key in keys_of(value)}
    return {key for value in tree for key in keys_of(value)} if isinstance(tree, list) else set()


def test_metrics_hold_nothing_that_only_judges_what_may_show(fjord: dict[str, Any]) -> None:
    """Every page of a client with contracts, a survey and a programme, whose "others" are those who are no members."""
    assert "others" in fjord["programme"]["members"]
    for page in PAGES:
        assert fjord[page]
        assert not (EVIDENCE - ({"others"} if page == "programme" else set())) & keys_of(fjord[page]), page


def test_the_method_names_the_data_that_were_used(metrics: dict[str, Any], fjord: dict[str, Any]) -> None:
    """Orders alone for CDNOW; a survey, contracts and members for a client who has them."""

    def used(of: dict[str, Any]) -> str:
        text = " ".join(line for _, lines in narrative.method(of) for line in lines)
        return text.partition("Data used: ")[2].partition(".")[0]

    assert used(metrics) == "customer number, day and amount of purchases"
    said = used(fjord).split("; ")
    assert said[1] == "product, category, channel and country, as far as the orders hold them"
    assert said[2:] == ["answers to a survey", "contracts", "membership of the loyalty programme"]
