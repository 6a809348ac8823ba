"""The page of what customers say follows from its figures: numbers, directions, what is hidden."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.protect_survey import protect_survey
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.survey import survey
from loyalty_lib.inputs import Inputs, load_inputs
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.survey import section
from loyalty_lib.narrative.survey import story

Metrics = dict[str, Any]


@pytest.fixture(scope="module")
def shop() -> Inputs:
    """Load the demo shop, whose answers and complaints are simulated."""
    return load_inputs("fjord", "2024-Q4")


@pytest.fixture(scope="module")
def _fjord(shop: Inputs) -> Metrics:
    segments = rfm(shop.transactions, shop.as_of)
    result = survey(
        shop.transactions,
        shop.as_of,
        shop.answers,
        segments,
        shop.config.survey,
        complaints=shop.complaints,
        complaint_settings=shop.config.complaints,
        period=shop.period,
    )
    content = section(protect_survey(result, 5, 0.5), shop)
    return {"survey": plain(content), "as_of": shop.as_of.isoformat(), "currency": "NOK"}


@pytest.fixture
def metrics(_fjord: Metrics) -> Iterator[Metrics]:
    i18n.activate("en", "NOK")
    yield copy.deepcopy(_fjord)
    i18n.activate("en")


def words(metrics: Metrics) -> str:
    told = story(metrics)
    figures = [text for figure in told.figures.values() for text in (figure.title, figure.subtitle, figure.alt)]
    return "\n".join([told.headline, *told.lead, *told.advice, *figures])


def test_fjord_says_what_its_file_holds(metrics: Metrics, shop: Inputs) -> None:
    """One answer a customer, all in 2024: a plain count of the codes gives the score."""
    assert shop.answers is not None
    codes = shop.answers.loc[shop.answers["answered_on"] >= "2024-01-01", "nps"].value_counts()
    counts = [sum(codes.get(str(code), 0) for code in band) for band in ((9, 10), (7, 8), range(7))]
    now = metrics["survey"]["nps"]["now"]
    assert [now[name] for name in ("promoters", "passives", "detractors")] == counts
    p, d, n = counts[0] / sum(counts), counts[2] / sum(counts), sum(counts)
    margin = 196 * ((p + d - (p - d) ** 2) / n) ** 0.5
    told = story(metrics)
    assert told.headline == f"{p:.0%} promoters, {d:.0%} detractors: net promoter score +{100 * (p - d):.0f}"
    assert told.lead[0] == (
        f"{n:,} answers in the last twelve months: net promoter score +{100 * (p - d):.0f}, margin of error "
        f"±{margin:.1f} points."
    )
    groups = metrics["survey"]["returns"]
    shares = f"{groups['promoters']['share']:.0%} of promoters and {groups['detractors']['share']:.0%} of detractors"
    assert told.lead[1].startswith(f"{shares} bought again within 90 days of answering")
    callers = metrics["survey"]["loyal_by_band"]["low"]
    assert told.advice[0].startswith(f"Call the {callers['customers']:.0f} loyal customers who are detractors")
    assert told.advice[0].endswith(f"twelve months: {i18n.money_short(callers['sales'])}.")
    assert f"{metrics['survey']['complaints']['period']['rate']:.1f} complaints per 1,000 orders" in told.lead[2]


def test_metrics_are_json_and_the_story_reads_the_same_from_the_file(metrics: Metrics) -> None:
    again = json.loads(json.dumps(metrics, allow_nan=False))
    assert again == metrics
    assert story(again) == story(metrics)
    assert "None" not in words(metrics)


def compared(metrics: Metrics, before: float, margin: float) -> Metrics:
    told = metrics["survey"]
    told["nps"]["now"]["nps"] = 24.0
    told["nps"]["before"] = {**told["nps"]["now"], "nps": before}
    told["change"], told["change_margin"] = told["nps"]["now"]["nps"] - before, margin
    return metrics


@pytest.mark.parametrize(
    ("before", "margin", "headline", "lead"),
    [
        (10.0, 5.0, "rose by 14 to +24", "The year before it was +10."),
        (40.0, 5.0, "fell by 16 to +24", "The year before it was +40."),
        (22.0, 5.0, "% promoters", "The year before it was +22: no clear change"),
        (23.2, 0.1, "% promoters", "The year before it was +23: no clear change"),
    ],
)
def test_a_change_is_one_only_beyond_its_margin(
    metrics: Metrics, before: float, margin: float, headline: str, lead: str
) -> None:
    told = story(compared(metrics, before, margin))
    assert headline in told.headline
    assert told.lead[1].startswith(lead)
    metrics["survey"]["nps"]["before"]["answers"] = 29  # too few to compare with
    assert "% promoters" in story(metrics).headline
    assert not any("year before" in text for text in story(metrics).lead)


def test_promoters_come_back_more_often_only_where_the_interval_says_so(metrics: Metrics) -> None:
    metrics["survey"]["returns_difference"] = {"difference": 0.1, "low": 0.04, "high": 0.16}
    metrics["survey"]["returns"]["promoters"]["share"], metrics["survey"]["returns"]["detractors"]["share"] = 0.26, 0.16
    told = story(metrics)
    assert told.lead[1].endswith("a difference of +4 to +16 percentage points.")
    assert told.figures["survey-return"].title == "Bought again: 26% of promoters, 16% of detractors"
    metrics["survey"]["returns"]["detractors"]["customers"] = 29
    assert story(metrics).lead[1].endswith("no clear difference.")


def test_of_few_answers_nothing_is_concluded(metrics: Metrics) -> None:
    metrics["survey"]["nps"]["now"].update(answers=29, nps=24.0, margin=28.0)
    metrics["survey"]["csat"]["now"].update(answers=0, share=None, low=None, high=None)
    told = story(metrics)
    assert told.headline == "Too few answers for a finding"
    assert told.lead[0].startswith(
        "29 answers in the last twelve months: net promoter score +24, margin of error ±28.0"
    )
    assert told.figures["survey"].title == "What customers answered"


def test_without_a_score_satisfaction_speaks_and_without_either_complaints_do(metrics: Metrics) -> None:
    told = metrics["survey"]
    told["nps"]["now"] = {**dict.fromkeys(told["nps"]["now"]), "answers": 0}
    told["returns"], told["returns_difference"] = {}, dict.fromkeys(("difference", "low", "high"))
    told["csat"]["now"].update(share=0.832, low=0.811, high=0.85)
    spoken = story(metrics)
    assert spoken.headline == "83% of those who answered are satisfied"
    assert spoken.lead[0] == "83.2% are satisfied (95% interval 81.1% to 85.0%)."
    assert spoken.figures == {}
    told["csat"]["now"] = {**dict.fromkeys(told["csat"]["now"]), "answers": 0}
    assert "complaints per 1,000 orders" in story(metrics).headline
    told["complaints"]["now"]["rate"] = None
    assert story(metrics).headline == "Too few complaints or orders to show"
    told["complaints"], told["after_complaint"] = {}, {}
    assert story(metrics).headline == ""


def test_what_is_hidden_is_in_no_sentence(metrics: Metrics) -> None:
    told = metrics["survey"]
    for table in ("nps", "csat", "segments", "returns", "loyalty", "loyal_by_band", "complaints", "after_complaint"):
        for row in told[table].values():
            row.update(dict.fromkeys(row))
    for name in ("returns_difference", "after_difference"):
        told[name] = dict.fromkeys(told[name])
    told["change"] = told["change_margin"] = None
    spoken = story(metrics)
    assert spoken.headline == "Too few answers for a finding"
    assert (spoken.lead, spoken.advice) == ((), ())
    assert set(spoken.figures) == {"survey", "survey-return"}
    assert "None" not in words(metrics)
    told["loyal_by_band"]["low"].update(customers=1.0, sales=None)
    assert story(metrics).advice == ("Call the 1 loyal customer who is a detractor and ask what went wrong.",)


@pytest.mark.parametrize(
    ("low", "high", "end"), [(-0.2, -0.1, "−20 to −10 percentage points."), (-0.1, 0.1, "no clear difference.")]
)
def test_complaints_are_compared_as_their_interval_allows(metrics: Metrics, low: float, high: float, end: str) -> None:
    metrics["survey"]["after_difference"] = {"difference": (low + high) / 2, "low": low, "high": high}
    assert story(metrics).lead[-1].endswith(end)
