"""The tiers' pairs of bars, read back."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.programme import TIERS, ProgrammeResult
from loyalty_lib.figures.programme import programme
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts

NAN = float("nan")
NAMES = ("", "Bronze", "Silver", "Gold")


def result_of(
    customers: tuple[float, ...] = (0.79, 0.167, 0.035, 0.003),
    sales: tuple[float, ...] = (0.41, 0.362, 0.18, 0.048),
    names: tuple[str, ...] = NAMES,
) -> ProgrammeResult:
    tiers = pd.DataFrame({"tier": names, "threshold": [NAN, 3000.0, 8000.0, 20000.0][: len(names)]})
    tiers["share_of_customers"], tiers["share_of_sales"] = customers, sales
    return ProgrammeResult(tiers=tiers, start=dt.date(2024, 1, 1), as_of=dt.date(2024, 12, 31))


def test_bars_are_the_shares_of_the_result() -> None:
    result = result_of()
    found = marks(programme(result))
    for row in range(4):
        assert found[f"programme-customers-{row}"].get_width() == result.tiers["share_of_customers"][row]
        assert found[f"programme-sales-{row}"].get_width() == result.tiers["share_of_sales"][row]
        assert found[f"programme-customers-{row}"].get_y() > found[f"programme-sales-{row}"].get_y()


def test_every_bar_and_tier_is_named() -> None:
    written = texts(programme(result_of()))
    for text in ("79.0% of customers", "41.0% of net sales", "0.3% of customers", "No tier", "Gold\nfrom US$20,000"):
        assert text in written


def test_hidden_shares_say_so_and_have_no_bar() -> None:
    ax = programme(result_of((0.79, 0.167, NAN, NAN), (0.41, 0.362, NAN, NAN)))
    assert texts(ax).count("Hidden for privacy") == 4
    assert set(marks(ax)) == {f"programme-{side}-{row}" for side in ("customers", "sales") for row in (0, 1)}


@pytest.mark.parametrize("language", ["en", "nb"])
def test_texts_stand_apart_and_inside(language: str) -> None:
    i18n.activate(language, "NOK")
    long = ("", "Bronze with quite a long name", "Silver of the northern customers’ club", "Gold")
    for result in (
        result_of(names=long),
        result_of((0.0, 1.0), (-0.2, 1.2), long[:2]),
        result_of((1.0,), (1.0,), ("",)),
    ):
        boxes, canvas = text_boxes(programme(result))
        assert overlapping(boxes) == []
        assert outside(boxes, canvas) == []


def test_without_a_programme_nothing_is_drawn() -> None:
    empty = ProgrammeResult(
        tiers=pd.DataFrame(columns=list(TIERS)), start=dt.date(2024, 1, 1), as_of=dt.date(2024, 12, 31)
    )
    assert marks(programme(empty)) == {}
