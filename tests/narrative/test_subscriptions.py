"""The page of contracts: every number said is a metric, every direction has its sign, what is hidden is not said."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any, cast

import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.protect_subscriptions import protect_subscriptions
from loyalty_lib.inputs import Inputs
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.subscriptions import section
from loyalty_lib.narrative.subscriptions import story
from tests.analyses.contracts import EIGHT, follow, frame, yearly

Metrics = dict[str, Any]


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    i18n.activate("en", "EUR")
    yield
    i18n.activate("en", None)


def said(result: Any) -> Metrics:
    """Return the metrics as they come back from the file."""
    return {"subscriptions": json.loads(json.dumps(plain(section(result, cast("Inputs", None))), allow_nan=False))}


@pytest.fixture(scope="module")
def _page() -> Metrics:
    return said(follow(yearly(2000), yearly_discount_rate=0.1))


@pytest.fixture
def metrics(_page: Metrics) -> Metrics:
    return copy.deepcopy(_page)


def test_every_number_said_is_a_metric(metrics: Metrics) -> None:
    page, told = metrics["subscriptions"], story(metrics)
    figures = {name: one["value"] for name, one in page["figures"].items()}
    lead = " ".join(told.lead)
    expected = [
        i18n.say("{n:number} customers were under contract at the end", n=figures["customers_at_end"]),
        i18n.say("{n:number} new, {b:number} back", n=figures["new_customers"], b=figures["back_customers"]),
        i18n.say("{n:number} lost", n=figures["lost_customers"]),
        i18n.say("They bring {n:money_short} a month", n=figures["revenue_at_end"]),
        i18n.say("of that {n:percent.1} was kept", n=figures["gross_revenue_retention"]),
        i18n.say("or {n:percent.1} with", n=figures["net_revenue_retention"]),
        i18n.say("expected to pay {n:money_short} at their renewals", n=page["value"]["total"]),
    ]
    for words in expected:
        assert words in lead
    stay = i18n.say("Of today’s customers {n:percent} can be expected", n=page["ahead"][1]["share"])
    page["value"], worth = None, page["value"]
    assert stay in " ".join(story(metrics).lead)  # said where their value is not
    page["value"] = worth
    advice = " ".join(told.advice)
    assert i18n.say("{n:number} contracts renew in the next 30 days", n=page["renewing_contracts"]) in advice
    assert i18n.say("{n:percent} of new customers", n=1 - page["projection"][1]["share"]) in advice
    kept = next(row["share"] for row in page["survival"] if row["months"] == 12)
    assert told.figures["subscriptions"].title == i18n.say(
        "After twelve months {n:percent} of customers are still there", n=kept
    )
    assert set(told.figures) == {"subscriptions", "subscriptions-revenue"}
    assert i18n.say("new customers {n:signed_money}", n=figures["new_revenue"]) in (
        told.figures["subscriptions-revenue"].alt
    )
    assert i18n.say("customers lost {n:signed_money}", n=-figures["churned_revenue"]) in (
        told.figures["subscriptions-revenue"].alt
    )


@pytest.mark.parametrize(
    ("now", "year_ago", "previous", "headline"),
    [
        (0.08, 0.05, 0.08, "Contract churn rose to 8.0%, from 5.0% a year earlier"),
        (0.03, 0.05, 0.01, "Contract churn fell to 3.0%, from 5.0% a year earlier"),
        (0.052, 0.05, 0.01, "Contract churn was 5.2%; a year earlier it was 5.0%"),
        (0.08, None, 0.05, "Contract churn rose to 8.0%, from 5.0% in the previous period"),
        (0.08, None, None, "8.0% of customers under contract left in the period"),
        (0.0, 0.0, 0.0, "Contract churn was 0.0%; a year earlier it was 0.0%"),
    ],
)
def test_headline_has_the_direction_of_churn(
    metrics: Metrics, now: float, year_ago: float | None, previous: float | None, headline: str
) -> None:
    metrics["subscriptions"]["figures"]["churn_rate"] = {"value": now, "year_ago": year_ago, "previous": previous}
    assert story(metrics).headline == headline


@pytest.mark.parametrize(("end", "word"), [(110.0, "rose 10.0%"), (90.0, "fell 10.0%"), (100.2, "was unchanged")])
def test_revenue_has_its_direction(metrics: Metrics, end: float, word: str) -> None:
    figures = metrics["subscriptions"]["figures"]
    figures["revenue_at_start"]["value"], figures["revenue_at_end"]["value"] = 100.0, end
    assert word in story(metrics).figures["subscriptions-revenue"].title
    figures["churn_rate"] = {"value": None, "year_ago": 0.1, "previous": 0.1}
    assert word in story(metrics).headline


def test_each_figure_may_be_missing(metrics: Metrics) -> None:
    """A dash is never said, whatever is hidden."""
    page = metrics["subscriptions"]
    for name in [*page["figures"], "value", "renewing_contracts"]:
        one = copy.deepcopy(metrics)
        if name in page["figures"]:
            one["subscriptions"]["figures"][name] = {"value": None, "previous": None, "year_ago": None}
        else:
            one["subscriptions"][name] = None
        told = story(one)
        assert told.headline
        assert i18n.MISSING not in " ".join((told.headline, *told.lead, *told.advice))


def test_a_base_that_is_all_hidden_says_so(metrics: Metrics) -> None:
    page = metrics["subscriptions"]
    for name in page["figures"]:
        page["figures"][name] = {"value": None, "previous": None, "year_ago": None}
    for name in ("survival", "ahead", "projection"):
        page[name] = []
    page["value"] = page["renewing_contracts"] = None
    told = story(metrics)
    assert told.headline == "Too few customers under contract to show who left"
    assert told.lead == told.advice == ()
    assert dict(told.figures) == {}


def test_without_contracts_there_is_no_page() -> None:
    assert story(said(follow(None))).headline == ""
    assert story(said(follow(frame([])))).headline == ""
    assert story(said(protect_subscriptions(follow(frame(EIGHT)), 10, 0.5))).headline == ""


def test_contracts_that_all_renew_every_month_are_no_list_to_write_to() -> None:
    told = story(said(follow(yearly(200, term=1), term=1)))
    assert told.advice
    assert "renew in the next" not in " ".join(told.advice)


def test_one_contract_and_one_customer_are_singular() -> None:
    told = story(said(follow(frame([("a", "2023-01-10", None, "Basic", 10)]), days=31)))
    assert told.lead[0].startswith("1 customer was under contract")
    assert told.advice[0].startswith("1 contract renews in the next 31 days. Write to this customer")
    assert "1 renewals" not in " ".join((*told.lead, *told.advice))


def test_contracts_of_a_month_make_no_curve(metrics: Metrics) -> None:
    """Nobody can have stayed for a year yet: no curve, and the rest of the page as ever."""
    young = copy.deepcopy(metrics)
    young["subscriptions"]["survival"] = [row for row in metrics["subscriptions"]["survival"] if row["months"] <= 1]
    assert "subscriptions" in story(metrics).figures
    assert "subscriptions" not in story(young).figures
    assert story(young).headline == story(metrics).headline
