"""The technical appendix says what its metrics hold: every number is one of them, no headline against its chart."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from loyalty_lib import (
    appendix_groups,
    appendix_models,
    collect_appendix,
    i18n,
    lifetime,
    load_inputs,
    model_check,
    narrative,
    present,
    protect,
    rfm,
)
from loyalty_lib.models import gamma_gamma
from loyalty_lib.narrative import spend
from loyalty_lib.narrative.appendix import cover_of_appendix, reading_of_appendix

Metrics = dict[str, Any]
PAGES = ("model", "tracking", "holdout", "origins", "models", "spend", "groups")


def metrics_of(client: str, period: str) -> Metrics:
    """Compute what the appendix's notebook computes."""
    inputs = load_inputs(client, period)
    transactions, as_of, config = inputs.transactions, inputs.as_of, inputs.config
    smallest = config.privacy.minimum_cell
    forecast = lifetime(transactions, as_of, rfm(transactions, as_of), config.clv, config.unit)
    return collect_appendix(
        inputs,
        clv=protect(forecast, smallest),
        check=protect(model_check(transactions, as_of, forecast), smallest),
        models=appendix_models(transactions, as_of, forecast),
        groups=protect(appendix_groups(transactions, as_of, forecast), smallest),
    )


@pytest.fixture(scope="module")
def _cdnow_appendix() -> Metrics:
    return metrics_of("cdnow", "1998-Q2")


@pytest.fixture
def appendix(_cdnow_appendix: Metrics) -> Iterator[Metrics]:
    i18n.activate("en", "USD")
    yield copy.deepcopy(_cdnow_appendix)
    i18n.activate("en")


def test_cdnow_says_what_its_log_holds(appendix: Metrics) -> None:
    """The published split of the full log: 14,119 one-time buyers, 16,874 purchases predicted, 19,684 made."""
    assert appendix["check"]["frequencies"][0]["customers"] == 14_119
    told = narrative.story("model", appendix).figures["model-frequencies"]
    assert told.title == "14,119 never came back; the model says 14,059"
    assert narrative.headline("tracking", appendix) == "Over 39 weeks the forecast was 14% too low"
    assert "16,874 purchases predicted, 19,684 made" in narrative.lead("holdout", appendix)
    weeks = [week for week in appendix["check"]["tracking"] if not week["known"]]
    assert sum(week["purchases"] for week in weeks) == 19_684
    table = {row["name"]: row for row in appendix["models"]["table"]}
    assert [round(table[name]["predicted"], 1) for name in ("bgnbd", "mbgnbd", "pnbd")] == [16873.7, 15933.6, 17153.2]
    assert narrative.headline("models", appendix) == "Closest to the outcome in sum: Pareto/NBD, 13% off"
    assert narrative.headline("origins", appendix) == (
        "The outcome was outside the 80% interval of the earlier forecast"
    )
    cover = cover_of_appendix(appendix)
    assert cover.trust == "fair"
    assert narrative.headline("model", appendix) in cover.finding
    assert narrative.headline("groups", appendix) == ""


def test_metrics_are_json_and_stories_read_the_same_from_the_file(appendix: Metrics) -> None:
    again = json.loads(json.dumps(appendix, allow_nan=False))
    assert again == appendix
    for page in PAGES:
        assert narrative.story(page, again) == narrative.story(page, appendix)


def test_without_a_forecast_one_page_says_why_and_the_others_are_left_out() -> None:
    """1997-Q1 of the log: nothing before the period to check a forecast with."""
    told = metrics_of("cdnow", "1997-Q1")
    assert not told["clv"]["available"]
    assert narrative.lead("model", told) == cover_of_appendix(told).finding != ""
    assert [narrative.headline(page, told) for page in PAGES[1:]] == [""] * 6
    assert reading_of_appendix(told) == []
    assert present.reading(told).html == ""


@pytest.mark.parametrize(("share", "said"), [(0.86, "14% too low"), (1.11, "11% too high"), (1.001, "right in sum")])
def test_the_weeks_forecast_are_called_high_or_low_as_they_are(appendix: Metrics, share: float, said: str) -> None:
    for week in appendix["check"]["tracking"]:
        week["expected"] = share * week["purchases"]
    assert said in narrative.headline("tracking", appendix)


def test_hidden_weeks_and_classes_are_in_no_sentence(appendix: Metrics) -> None:
    hidden = {
        "tracking": ("purchases", "expected", "cumulative", "cumulative_expected"),
        "frequencies": ("customers", "expected"),
        "calibration": ("actual", "expected", "low", "high"),
        "alive": ("probability_alive", "came_back"),
        "spend": ("customers", "expected"),
        "spend_by_frequency": ("mean_spend", "low", "high"),
    }
    for name, columns in hidden.items():
        for row in appendix["check"][name]:
            row.update(dict.fromkeys(columns))
    assert narrative.headline("tracking", appendix) == ""
    for page in ("model", "holdout", "spend"):
        for figure in narrative.story(page, appendix).figures.values():
            assert "None" not in figure.title + figure.alt
            assert "too small to show" in figure.alt


@pytest.mark.parametrize(("rho", "word"), [(0.1, "hardly"), (-0.2, "somewhat"), (0.4, "strongly")])
def test_spend_and_frequency_are_called_related_as_in_the_caveats(appendix: Metrics, rho: float, word: str) -> None:
    assert (spend.MILD, spend.STRONG) == (gamma_gamma.MILD, gamma_gamma.STRONG)
    appendix["check"]["spearman"] = rho
    assert f" {word} related" in narrative.headline("spend", appendix)


def test_every_model_is_told(appendix: Metrics) -> None:
    for model in ("BG/NBD", "MBG/NBD", "Pareto/NBD"):
        appendix["clv"]["model"] = model
        assert model in narrative.lead("model", appendix)
        assert model in narrative.headline("model", appendix)
        assert len(reading_of_appendix(appendix)[0][1]) == 3
