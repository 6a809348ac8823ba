"""What the page of the programme says follows from its figures."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.programme import TIERS, ProgrammeResult
from loyalty_lib.metrics.data import plain
from loyalty_lib.metrics.programme import section
from loyalty_lib.narrative.programme import story

NAN = float("nan")


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    i18n.activate("en", "EUR")
    yield
    i18n.activate("en")


def result_of(**changes: Any) -> ProgrammeResult:
    tiers = pd.DataFrame(
        [
            ("", NAN, 0.0, 790.0, 0.79, 41_000.0, 0.41, 0.0, NAN, NAN, NAN),
            ("Silver", 100.0, 0.02, 170.0, 0.17, 39_000.0, 0.39, 780.0, 121.0, 900.5, 240.0),
            ("Gold", 1000.0, 0.05, 40.0, 0.04, 20_000.0, 0.20, 1000.0, 1.0, 60.0, 30.0),
        ],
        columns=list(TIERS),
    ).assign(largest_share=0.1, near_largest_share=0.1)
    columns = ["customers", "share_of_customers", "orders_per_customer", "average_order_value", "sales_per_customer"]
    members = pd.DataFrame([[300.0, 0.3, 2.5, 60.0, 150.0], [700.0, 0.7, 1.5, 50.0, 75.0]], columns=columns)
    members = members.assign(retention_rate=0.5, before_customers=9.0, again=9.0, largest_share=0.1)
    joining = pd.DataFrame({"customers": 80.0, "sales": [4000.0, 4400.0], "sales_per_customer": [50.0, 55.0]})
    result = ProgrammeResult(
        tiers=tiers,
        members=members.set_axis(["members", "others"]),
        joining=joining.assign(largest_share=0.1).set_axis(["before", "after"]),
        customers=1000,
        sales=100_000.0,
        cost=1780.0,
        cost_share=0.0178,
        listed=410,
        near=0.1,
        start=dt.date(2024, 1, 1),
        as_of=dt.date(2024, 12, 31),
    )
    return dataclasses.replace(result, **changes)


def metrics_of(result: ProgrammeResult) -> dict[str, Any]:
    content = plain(section(result, SimpleNamespace()))  # type: ignore[arg-type]
    return {"programme": json.loads(json.dumps(content, allow_nan=False)), "as_of": "2024-12-31"}


def test_every_figure_is_said() -> None:
    told = story(metrics_of(result_of()))
    assert told.headline == "Tiers hold 21% of customers and 59% of sales"
    assert told.lead == (
        (
            "The rewards come to €1,780 in 12 months, 1.8% of net sales, if every customer is given them on all of "
            "their spend."
        ),
        "Of 410 members, 300 bought in these 12 months.",
        "A member who bought spent €150.00 on average, another customer €75.00.",
        (
            "80 members, customers already, spent €50.00 each in the 180 days before joining and €55.00 in the 180 "
            "days after."
        ),
    )
    assert told.advice[0] == (
        "121 customers miss at most 10% of the €100.00 for Silver: €900.50 in all. Tell each of them how much; if all "
        "reach it, that adds €240.00 of rewards a year."
    )
    assert told.advice[1].startswith("Rewards of €1,780 are given whether or not they change what customers buy.")
    figure = told.figures["programme"]
    assert "1 January 2024 to 31 December 2024" in figure.subtitle
    assert "Gold: 4.0% and 20.0%; of all tiers together: 21.0% and 59.0%." in figure.alt


def test_one_customer_below_a_threshold_is_one_customer() -> None:
    tiers = result_of().tiers
    tiers.loc[1, "near_customers"] = 0.0
    (first, _) = story(metrics_of(result_of(tiers=tiers))).advice
    assert first.startswith("1 customer misses at most 10% of the €1,000 for Gold: €60.00. Tell the customer how much")


def test_without_members_nothing_is_said_of_them() -> None:
    told = story(metrics_of(result_of(members=pd.DataFrame(), joining=pd.DataFrame(), listed=None)))
    assert len(told.lead) == 1


def test_hidden_figures_are_left_out() -> None:
    result = result_of()
    tiers, members, joining = result.tiers, result.members, result.joining
    tiers.loc[0, ["customers", "share_of_customers", "sales", "share_of_sales"]] = NAN
    tiers[["near_customers", "near_missing", "near_cost"]] = NAN
    members[:] = NAN
    joining[:] = NAN
    hidden = {"tiers": tiers, "members": members, "joining": joining, "listed": None}
    told = story(metrics_of(result_of(**hidden)))
    assert told.headline == "The programme’s rewards cost 1.8% of net sales"
    assert len(told.lead) == 1
    assert len(told.advice) == 1
    nothing = story(metrics_of(result_of(**hidden, cost=NAN, cost_share=NAN)))
    assert (nothing.headline, nothing.lead, nothing.advice) == ("", (), ())


@pytest.mark.parametrize(
    ("outside", "headline"),
    [
        (1.0, "No customer reaches a tier"),
        (0.997, "Tiers hold 0.3% of customers and 59% of sales"),
        (0.0, "Tiers hold 100% of customers and 59% of sales"),
    ],
)
def test_few_are_not_none(outside: float, headline: str) -> None:
    tiers = result_of().tiers
    tiers.loc[0, "share_of_customers"] = outside
    assert story(metrics_of(result_of(tiers=tiers))).headline == headline


def test_without_a_programme_there_is_no_page() -> None:
    empty = ProgrammeResult(
        tiers=pd.DataFrame(columns=list(TIERS)), start=dt.date(2024, 1, 1), as_of=dt.date(2024, 12, 31)
    )
    told = story(metrics_of(empty))
    assert (told.headline, told.lead, told.advice, dict(told.figures)) == ("", (), (), {})


def test_metrics_hold_no_evidence() -> None:
    text = json.dumps(metrics_of(result_of()))
    for name in ("largest_share", "before_customers", "again"):
        assert name not in text
