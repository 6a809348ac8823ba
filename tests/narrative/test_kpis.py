"""The page of key figures and its definitions: every number is a metric, and only what is shown is defined."""

from __future__ import annotations

import copy
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.kpis import kpis
from loyalty_lib.analyses.protect import protect
from loyalty_lib.config.analyses import Engagement
from loyalty_lib.engine import Engine
from loyalty_lib.i18n.terms import KPI_NAMES, kpi_name
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.kpis import section
from loyalty_lib.narrative.cards import cards
from loyalty_lib.narrative.kpis import story
from loyalty_lib.narrative.method import method
from loyalty_lib.periods import Period, parse_period
from tests.analyses.shops import build

Metrics = dict[str, Any]
PERIOD = parse_period("2024-Q3")
RECIPE = Engagement.model_validate({"frequency": {"weight": 3, "low": 1, "high": 20}, "recency": 1})


def known(period: Period) -> Metrics:
    return {"label": period.label, "kind": period.kind, "start": period.start, "end": period.end}


@pytest.fixture(scope="module")
def _computed() -> Metrics:
    """Two years of 400 customers with categories, and a recipe for the engagement index."""
    rng = np.random.default_rng(8)
    count = 4000
    rows = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in (rng.gamma(0.8, 120, count)).astype(int) % 400],
            "day": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 640, count), unit="D"),
            "amount": rng.integers(100, 9000, count) / 100,
            "category": rng.choice(["a", "b", "c"], count, p=[0.8, 0.1, 0.1]),
        }
    )
    engine = Engine()
    result = protect(kpis(build(engine, rows), PERIOD, engagement=RECIPE), 5)
    engine.close()
    inputs: Any = None
    found: Metrics = plain({"kpis": section(result, inputs), "period": known(PERIOD)})
    found |= plain({"previous": known(PERIOD.previous), "year_ago": known(PERIOD.year_ago)})
    return found


@pytest.fixture
def computed(_computed: Metrics) -> Metrics:
    i18n.activate("en", "EUR")
    return copy.deepcopy(_computed)


def test_metrics_are_json_and_read_the_same(computed: Metrics) -> None:
    again = json.loads(json.dumps(computed, allow_nan=False))
    assert again == computed
    assert story(again) == story(computed)


def test_every_figure_has_a_name_a_trend_and_a_change(computed: Metrics) -> None:
    found = computed["kpis"]
    assert list(found["figures"]) == list(KPI_NAMES)
    for key, figure in found["figures"].items():
        assert found["trend"][-1][key] == figure["value"]
        assert found["trend"][-2][key] == figure["previous"]
        then = figure["previous"]
        expected = figure["value"] - then if figure["unit"] == "ratio" else (figure["value"] - then) / abs(then)
        assert figure["change_previous"] == pytest.approx(expected, rel=1e-12)


def test_silence_is_told_with_its_share_and_its_days(computed: Metrics) -> None:
    found = computed["kpis"]
    silent = i18n.percent(found["figures"]["silent_rate"]["value"])
    sentence = (
        f"Of all customers so far, {silent} have not bought for more than {found['gaps']['p80']:.0f} days: 80% of the "
        "gaps between purchases that end are no longer."
    )
    lead = story(computed).lead
    assert len(lead) <= 4
    assert sentence in lead
    found["figures"]["silent_rate"]["value"] = None
    upsell = i18n.percent(found["figures"]["upsell_ratio"]["value"])
    assert story(computed).lead[-1] == f"{upsell} of customers bought from two categories or more in the period."
    for key in ("silent_rate", "upsell_ratio"):
        del found["figures"][key]
    assert not [text for text in story(computed).lead if "so far" in text or "categories" in text]


def test_the_lead_says_how_exact_the_change_is_and_repeats_no_card(computed: Metrics) -> None:
    sales = computed["kpis"]["figures"]["net_sales"]
    low, high = (i18n.signed(sales[f"change_year_ago_{bound}"], "percent") for bound in ("low", "high"))
    assert story(computed).lead[0] == (
        f"Allowing for chance in who buys, and for how much, the change is between {low} and {high} (95% interval)."
    )
    assert len(" ".join(story(computed).lead).split()) <= 60
    sales["change_year_ago_low"] = None
    assert story(computed).lead[0].startswith("Of all customers so far")


@pytest.mark.parametrize("against", ["year_ago", "previous"])
def test_a_change_within_chance_is_no_change_in_headline_card_and_advice(computed: Metrics, against: str) -> None:
    figures = computed["kpis"]["figures"]
    said = {True: "Net sales rose 20%", False: f"Net sales were {i18n.money_short(figures['net_sales']['value'])}; no"}
    for clear, words in said.items():
        figures["net_sales"] |= {"change_year_ago": None, f"change_{against}": 0.2, f"clear_{against}": clear}
        assert story(computed).headline.startswith(words)
        (card,) = cards(computed, ["net_sales"])
        assert ("▲ 20.0%" in " ".join(card.comparisons)) is clear
        assert any(text.startswith("no clear change from Q") for text in card.comparisons) or clear
    figures["lapsed_customers"]["value"] = 900
    for clear in (True, False):
        figures["active_customers"]["clear_previous"] = clear
        assert story(computed).advice[0].startswith("More customers lapsed (900)") is clear
        assert ("no clear difference" in story(computed).advice[0]) is not clear


def test_hidden_sales_and_flows_are_neither_spoken_of_nor_called_not_observed(computed: Metrics) -> None:
    figures = computed["kpis"]["figures"]
    for key in ("net_sales", "lapsed_customers"):
        figures[key] |= dict.fromkeys(["value", "change_previous", "change_year_ago"])
    found = story(computed)
    assert found.headline == "Net sales do not show: too few customers made them"
    assert [text.split()[0] for text in found.advice] == ["One"]
    assert not [text for text in (*found.lead, *found.advice) if i18n.MISSING in text]
    figures["active_customers"]["previous"] = None
    assert story(computed).advice == ("Repeat this report next period: there is nothing to compare with yet.",)


def test_cards_have_the_decimals_of_their_figure(computed: Metrics) -> None:
    figures = computed["kpis"]["figures"]
    shown = cards(computed, ["engagement_index", "one_to_several", "silent_rate", "upsell_ratio"])
    assert [card.value for card in shown] == [
        f"{figures['engagement_index']['value']:.1f}",
        f"{figures['one_to_several']['value']:.2f}",
        f"{100 * figures['silent_rate']['value']:.1f}%",
        f"{100 * figures['upsell_ratio']['value']:.1f}%",
    ]
    del figures["engagement_index"]
    assert [card.label for card in cards(computed, ["engagement_index", "silent_rate"])] == ["Silent customers"]


def test_the_method_defines_what_is_shown_and_prints_the_recipe(computed: Metrics, metrics: Metrics) -> None:
    metrics["kpis"] = computed["kpis"]
    i18n.activate("en", "EUR")
    lines = dict(method(metrics))["What the figures mean"]
    named = [key for key in KPI_NAMES if any(line.startswith(f"{kpi_name(key)}:") for line in lines)]
    assert set(KPI_NAMES) - set(named) == {"orders", "engagement_index"}
    assert lines[-1] == (
        "Engagement index, 0 to 100: mean of purchase days (weight 75%, from 1 to 20); days since the last purchase, "
        "fewer being better (weight 25%, from the lowest to the highest value); over the 12 months to the period’s "
        "end. There is no standard recipe: it compares this shop with itself only."
    )
    days = computed["kpis"]["gaps"]["p80"]
    assert any(f"for more than {days:.0f} days. Of the gaps between purchases that end, 80%" in line for line in lines)
    metrics["subscriptions"] = {"figures": {"churn_rate": {"value": 0.1}}}
    assert dict(method(metrics))["What the figures mean"][-1].startswith("Contract churn: ")
    metrics["subscriptions"]["figures"] = {}
    for key in ("engagement_index", "silent_rate", "upsell_ratio", "one_to_several"):
        del metrics["kpis"]["figures"][key]
    fewer = dict(method(metrics))["What the figures mean"]
    assert len(fewer) == len(lines) - 4
    assert not [line for line in fewer if "Silent" in line or "Engagement" in line or "categor" in line]


def test_where_nobody_came_and_nobody_left_neither_is_advised_on(computed: Metrics) -> None:
    still = copy.deepcopy(computed)
    for key in ("lapsed_customers", "new_customers", "reactivated_customers"):
        still["kpis"]["figures"][key]["value"] = 0
    assert len(story(still).advice) == len(story(computed).advice) - 1
    assert not any("lapsed" in text for text in story(still).advice)
