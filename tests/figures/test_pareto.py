from __future__ import annotations

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
    assert found["pareto-equality"].get_xydata().tolist() == [[0, 0], [1, 1]]


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
