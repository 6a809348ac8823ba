from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, texts
from tests.figures.results import NAN, pareto_result


def test_curve_and_marked_point_are_those_of_the_result() -> None:
    result = pareto_result(0.712)
    found = marks(figures.pareto(result))
    np.testing.assert_array_equal(found["pareto-curve"].get_xydata(), result.curve.to_numpy())
    assert found["pareto-top20"].get_xydata().tolist() == [[0.2, 0.712]]
    assert found["pareto-top20-foot"].get_xydata().tolist() == [[0.2, 0], [0.2, 0.712]]
    area = {tuple(point) for point in found["pareto-area"].get_paths()[0].vertices}
    assert {tuple(point) for point in result.curve.to_numpy()} <= area
    assert found["pareto-equality"].get_xydata().tolist() == [[0, 0], [1, 1]]


def test_the_customers_behind_most_sales_are_marked_on_the_curve() -> None:
    ax = figures.pareto(dataclasses.replace(pareto_result(0.64), share_for_80=0.37))
    assert marks(ax)["pareto-most"].get_xydata().tolist() == [[0.37, 0.8]]
    assert "37% of customers: 80% of sales" in texts(ax)


@pytest.mark.parametrize(("top20", "share_for_80"), [(0.97, 0.01), (0.78, 0.21), (0.64, NAN)])
def test_a_second_point_that_has_no_room_or_is_hidden_is_left_out(top20: float, share_for_80: float) -> None:
    ax = figures.pareto(dataclasses.replace(pareto_result(top20), share_for_80=share_for_80))
    assert "pareto-most" not in marks(ax)
    assert "pareto-top20" in marks(ax)


@pytest.mark.parametrize(
    ("language", "label"),
    [("en", "20% of customers: 71% of sales"), ("nb", "20\u00a0% of customers: 71\u00a0% of sales")],
)
def test_the_share_of_the_top_fifth_is_written_out(language: str, label: str) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.pareto(pareto_result(0.712)))
    assert i18n.say("{customers:percent} of customers: {sales:percent} of sales", customers=0.2, sales=0.712) in written
    if language == "en":
        assert label in written


def test_a_hidden_share_is_not_marked() -> None:
    assert "pareto-top20" not in marks(figures.pareto(pareto_result(NAN)))
