from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib import figures, i18n
from loyalty_lib.figures.kpis import PANELS
from loyalty_lib.i18n.terms import kpi_name
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import NAN, kpi_result

CARDS = (
    *("net_sales", "active_customers", "retention_rate", "repeat_rate"),
    *("average_order_value", "purchase_frequency", "sales_per_customer", "new_customers"),
)


def test_marks_are_the_last_period_and_the_same_period_last_year() -> None:
    result = kpi_result()
    found = marks(figures.kpis(result))
    for key in PANELS:
        np.testing.assert_array_equal(found[f"kpis-{key}"].get_ydata(), result.trend[key])
        assert found[f"kpis-{key}-last"].get_xydata().tolist() == [[12, result.trend[key].iloc[12]]]
        if key != "retention_rate":  # the first period has none
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


def test_panels_stand_in_the_order_of_the_cards_and_their_scales_begin_at_zero() -> None:
    ax = figures.kpis(kpi_result())
    titles = [text for text in texts(ax) if text in {kpi_name(key) for key in PANELS}]
    assert titles == [kpi_name(key) for key in CARDS]
    assert [panel.get_ylim()[0] for panel in ax.get_figure().axes] == [0] * 8  # type: ignore[union-attr]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_heading_stands_inside_its_own_column(language: str) -> None:
    i18n.activate(language, "NOK")
    ax = figures.kpis(kpi_result("1998-Q2", (1072000, 359154, 292604, 300807, 267711, 2133300)))
    boxes, _ = text_boxes(ax)
    panels = ax.get_figure().axes  # type: ignore[union-attr]
    for text, box in boxes.items():
        panel = max((each for each in panels if each.bbox.x0 <= box.x0 + 2), key=lambda each: each.bbox.x0)
        right = min((each.bbox.x0 for each in panels if each.bbox.x0 > panel.bbox.x1), default=np.inf)
        assert box.x1 < right - 2, text.get_text()


def test_ring_and_words_of_last_year_are_left_out_together() -> None:
    """Retention needs the period before, which the first of 13 months has not."""
    ax = figures.kpis(kpi_result())
    assert "kpis-retention_rate-year-ago" not in marks(ax)
    written = [text for text in texts(ax) if "a year earlier" in text]
    assert len(written) == 7


def test_a_figure_without_a_value_shows_a_dash() -> None:
    assert texts(figures.kpis(kpi_result("1998", (2024000,)))).count("–") == 1
