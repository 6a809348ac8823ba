"""Protected surveys: nothing small shows, and nothing hidden can be worked out from the totals of the page."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog

from loyalty_lib.analyses.protect_survey import TABLES, protect_survey
from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.survey_answers import BANDS
from tests.analyses.surveys import AS_OF, answers_of, asked, drawn_answers, drawn_complaints

if TYPE_CHECKING:
    from loyalty_lib.analyses.survey import SurveyResult
    from tests.analyses.shops import Shop

MINIMA = [2, 5, 10, 30]
COUNTS = {
    "by_segment": ["answers", *BANDS, "csat_answers", "csat_satisfied"],
    "nps": ["answers", *BANDS],
    "csat": ["answers", "satisfied"],
    "returns": ["customers", "returned"],
    "loyalty": ["customers"],
    "loyalty_by_band": ["customers"],
    "complaints": ["complaints", "unknown", "customers", "repeated"],
    "after_complaint": ["customers", "returned"],
}


def drawn(shop: Shop, orders: pd.DataFrame, seed: int) -> SurveyResult:
    return asked(shop(orders), drawn_answers(orders, 500, seed), complaints=drawn_complaints(orders, 120, seed))


def same(one: Any, other: Any) -> bool:
    for field in dataclasses.fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame):
            if not a.equals(b):
                return False
        elif not (a == b or str(a) == str(b)):
            return False
    return True


def freedom(known: list[tuple[list[bool], float]], unknowns: int) -> np.ndarray:
    """Say how far each count can move while the sums that are known of them hold."""
    matrix, totals = np.array([members for members, _ in known], dtype=float), [total for _, total in known]
    ends = []
    for goal in np.eye(unknowns):
        low, high = (linprog(sign * goal, A_eq=matrix, b_eq=totals, bounds=(0, 10_000)).fun for sign in (1, -1))
        ends.append(-high - low)
    return np.array(ends)


@pytest.mark.parametrize("minimum", MINIMA)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_small_shows_and_twice_changes_nothing(
    shop: Shop, orders: pd.DataFrame, minimum: int, seed: int
) -> None:
    result = drawn(shop, orders, seed)
    shown = protect_survey(result, minimum, 0.5)
    assert same(shown, protect_survey(shown, minimum, 0.5))
    for name, columns in COUNTS.items():
        counts = getattr(shown, name)[columns].to_numpy(dtype=float)
        assert not ((counts > 0) & (counts < minimum)).any(), name
    hidden = sum(
        int((getattr(shown, name).isna().to_numpy() & getattr(result, name).notna().to_numpy()).sum())
        for name in TABLES
    )
    assert shown.suppressed == hidden


@pytest.mark.parametrize("minimum", [5, 10])
def test_hidden_answers_cannot_be_worked_out_from_the_totals(shop: Shop, orders: pd.DataFrame, minimum: int) -> None:
    """Unknown are the bands of hidden rows; known are their sums by band, and the answers of rows that show them."""
    result = drawn(shop, orders, 1)
    shown = protect_survey(result, minimum, 0.5)
    assert shown.nps.loc["now", "nps"] == result.nps.loc["now", "nps"]
    true, seen = result.by_segment, shown.by_segment
    rows = [name for name in true.index if np.isnan(seen.loc[name, "promoters"]) and true.loc[name, "answers"] > 0]
    assert rows
    assert not np.isnan(seen["promoters"]).all()
    cells = [(name, band) for name in rows for band in BANDS]
    known = [([cell[1] == band for cell in cells], true.loc[rows, band].sum()) for band in BANDS]
    known += [
        ([cell[0] == name for cell in cells], answers) for name, answers in seen.loc[rows, "answers"].dropna().items()
    ]
    loose = freedom(known, len(cells))
    for k, (name, band) in enumerate(cells):
        if 0 < true.loc[name, band] < minimum:
            assert loose[k] >= 1, (name, band)
    assert seen.loc[rows, ["nps", "margin", "effective", "share_promoters"]].isna().all(axis=None)


def test_a_segment_hidden_on_its_own_page_is_hidden_here(shop: Shop, orders: pd.DataFrame) -> None:
    transactions = shop(orders)
    segments = rfm(transactions, AS_OF)
    name = segments.segments["customers"].idxmax()
    table = segments.segments.astype(float)
    table.loc[name] = float("nan")
    result = asked(transactions, drawn_answers(orders), segments=dataclasses.replace(segments, segments=table))
    shown = protect_survey(result, 5, 0.5)
    assert shown.by_segment.loc[name].isna().all()
    assert shown.by_segment["answers"].isna().sum() >= 2  # the total would give one away


def test_a_small_total_hides_everything(shop: Shop) -> None:
    rows = [(name, "2024-02-01", 10.0) for name in "abc"]
    result = asked(shop(rows), answers_of([(name, "2024-05-01", "9", "5") for name in "abc"]))
    shown = protect_survey(result, 5, 0.5)
    assert shown.nps.loc["now"].isna().all()
    assert shown.csat.loc["now"].isna().all()
    assert shown.left_out.loc[shown.left_out["kind"] == "answer", "file_rows"].isna().all()
    assert np.isnan(shown.change)
    assert shown.loyalty[["customers", "sales", "share"]].loc["content_only"].isna().all()
    assert np.isnan(shown.responses["answers"]).all()


def test_few_rows_that_are_no_answer_hide_with_what_would_tell_them(shop: Shop) -> None:
    """Thirty answers and three blanks: the rows asked, and the rate, would give three away."""
    names = [f"c{n}" for n in range(33)]
    said = answers_of([(name, "2024-05-01", "9" if k > 2 else "", "") for k, name in enumerate(names)])
    shown = protect_survey(asked(shop([(name, "2024-02-01", 10.0) for name in names]), said), 5, 0.5)
    kinds = shown.left_out.set_index("kind")["file_rows"]
    assert (kinds["answer"], np.isnan(kinds["blank"])) == (30, True)
    assert shown.responses.loc["nps", ["asked", "rate"]].isna().all()


def test_one_customers_money_is_hidden(shop: Shop) -> None:
    """Ten promoters came back; one of them bought for 900 of 990, and is most of the loyal ones' sales."""
    names = [f"c{n}" for n in range(10)]
    rows = [(name, "2024-02-01", 1.0) for name in names]
    rows += [(name, "2024-06-01", 900.0 if name == "c0" else 10.0) for name in names[:5]]
    rows += [(f"d{n}", "2024-02-01", 1.0) for n in range(10)]
    said = answers_of(
        [(name, "2024-05-01", "9", "") for name in names] + [(f"d{n}", "2024-05-01", "2", "") for n in range(10)]
    )
    shown = protect_survey(asked(shop(rows), said), 5, 0.5)
    assert shown.returns.loc["promoters", "returned"] == 5
    assert np.isnan(shown.returns.loc["promoters", "mean_sales"])
    assert shown.loyalty.loc["loyal_content", "customers"] == 5
    assert np.isnan(shown.loyalty.loc["loyal_content", "sales"])
    assert np.isnan(shown.loyalty_by_band.loc[(True, "high"), "sales"])
    assert shown.loyalty.loc["content_only", "sales"] == 5


def test_nameless_answers_do_not_give_the_cross_table_away(shop: Shop) -> None:
    """Twenty promoters, two of them nameless: all promoters less the known ones would be two."""
    names = [f"c{n:02d}" for n in range(36)]
    rows = [(name, day, 5.0) for k, name in enumerate(names) for day in ("2024-02-01", "2024-03-01")[: 1 + k % 2]]
    said = answers_of(
        [(name, "2024-05-01", "9" if k < 18 else "3", "") for k, name in enumerate(names)]
        + [(None, "2024-05-01", "10", "")] * 2
    )
    shown = protect_survey(asked(shop(rows), said), 5, 0.5)
    assert shown.nps.loc["now", "promoters"] == 20
    assert shown.loyalty.loc[["loyal_content", "content_only"], "customers"].isna().all()
    assert shown.loyalty["share"].isna().all()
    assert shown.loyalty.loc["loyal_only", "customers"] == 9


def test_few_complaints_and_few_who_returned_are_hidden(shop: Shop, orders: pd.DataFrame) -> None:
    result = asked(shop(orders), None, complaints=drawn_complaints(orders, 150))
    few = result.complaints.assign(complaints=[4, 40], unknown=[0, 3], customers=[4, 37], repeated=[0, 2])
    after = result.after_complaint.assign(returned=[3.0, float("nan")])
    shown = protect_survey(dataclasses.replace(result, complaints=few, after_complaint=after, unmatched=2), 5, 0.5)
    assert shown.complaints.loc["now", ["complaints", "unknown", "customers", "repeated", "rate"]].isna().all()
    assert shown.complaints.loc["before", ["unknown", "customers", "repeated"]].isna().all()
    assert shown.complaints.loc["before", "complaints"] == 40
    assert shown.after_complaint.loc["complained"].isna().all()
    assert np.isnan(shown.after_difference).all()
    assert shown.unmatched is None
