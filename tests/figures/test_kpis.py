from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import NAN, SALES, kpi_result

if TYPE_CHECKING:
    from matplotlib.lines import Line2D


def test_marks_are_the_last_period_and_the_same_period_last_year() -> None:
    result = kpi_result()
    found = marks(figures.kpis(result))
    for key in ("net_sales", "active_customers", "average_order_value", "purchase_frequency"):
        np.testing.assert_array_equal(found[f"kpis-{key}"].get_ydata(), result.trend[key])
        assert found[f"kpis-{key}-last"].get_xydata().tolist() == [[12, result.trend[key].iloc[12]]]
        assert found[f"kpis-{key}-year-ago"].get_xydata().tolist() == [[0, result.trend[key].iloc[0]]]


def test_year_ago_of_a_quarter_is_four_quarters_back() -> None:
    found = marks(figures.kpis(kpi_result("1998-Q2", range(100, 700, 100))))
    assert found["kpis-net_sales-year-ago"].get_xydata().tolist() == [[1, 200]]


def test_year_ago_is_left_out_where_the_data_begin_later_or_hide_it() -> None:
    assert "kpis-net_sales-year-ago" not in marks(figures.kpis(kpi_result("1998-Q2", (5, 4, 3))))
    assert "kpis-net_sales-year-ago" not in marks(figures.kpis(kpi_result("1998-Q2", (NAN, 5, 4, 3, 2))))


@pytest.mark.parametrize(
    ("language", "currency", "expected"),
    [
        ("en", "USD", {"US$76,756", "US$299,060 a year earlier", "1,599", "Jan 1997", "Jan 1998"}),
        ("nb", "NOK", {"76\u00a0756\u00a0kr", "299\u00a0060\u00a0kr", "1\u00a0599", "jan. 1997", "jan. 1998"}),
    ],
)
def test_values_are_written_as_the_language_writes_them(language: str, currency: str, expected: set[str]) -> None:
    i18n.activate(language, currency)
    written = " | ".join(texts(figures.kpis(kpi_result())))
    assert {text for text in expected if text not in written} == set()


def test_scales_begin_at_zero() -> None:
    ax = figures.kpis(kpi_result())
    assert [panel.get_ylim()[0] for panel in ax.get_figure().axes] == [0, 0, 0, 0]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("period", "sales"),
    [
        ("1998-01", SALES),
        ("1998-Q2", (1072000, 359154, 292604, 300807, 267711, 213330)),
        ("1998-Q2", (1000, 2000, 92604, 300807, 967711, 1213330)),
        ("1998-Q2", (500, 490, 510, 505, 495, 500)),
        ("1998", (2024000, 476154)),
        ("1998", (476154, 2024000)),
    ],
)
def test_the_line_does_not_run_through_the_label_of_last_year(period: str, sales: Sequence[float]) -> None:
    ax = figures.kpis(kpi_result(period, sales))
    boxes, _ = text_boxes(ax)
    found = marks(ax)
    for key in ("net_sales", "active_customers", "average_order_value", "purchase_frequency"):
        line: Line2D = found[f"kpis-{key}"]
        assert line.axes is not None
        periods = np.arange(len(sales))
        steps = np.linspace(0, periods[-1], 500)
        drawn = np.column_stack([steps, np.interp(steps, periods, np.asarray(line.get_ydata(), dtype=float))])
        points = line.axes.transData.transform(drawn)
        labels = [box for text, box in boxes.items() if text.axes is line.axes and "earlier" in text.get_text()]
        assert len(labels) == 1
        assert not any(labels[0].contains(x, y) for x, y in points)
