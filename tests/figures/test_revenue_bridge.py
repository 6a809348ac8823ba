"""The waterfall and the bars of customers' money, read back."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.analyses.revenue_bridge import DRIVERS, FLOWS, RevenueBridgeResult
from loyalty_lib.figures.revenue_bridge import revenue_bridge, revenue_bridge_flow
from loyalty_lib.periods import parse_period
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

    Draw = Callable[[RevenueBridgeResult], Axes]

NAN = float("nan")
PARTS = (99_389.0, -53_489.0, 40_900.0)
AMOUNTS = (400_000.0, 90_000.0, 120_000.0, -180_000.0, -330_000.0, -13_200.0)


def result_of(
    parts: tuple[float, ...] = PARTS, amounts: tuple[float, ...] = AMOUNTS, then: float = 1_000_000.0
) -> RevenueBridgeResult:
    total = {"start": pd.Timestamp("2023-10-01"), "end": pd.Timestamp("2023-12-31"), "observed": True}
    total |= {"sales_then": then, "sales_now": then + sum(parts), "change": sum(parts)}
    drivers = {"driver": list(DRIVERS), "then": [1000.0, 2.0, 500.0], "now": [1100.0, 1.9, 520.0], "part": parts}
    flow = {"flow": list(FLOWS), "customers": [400.0, 90.0, 600.0, 510.0, 290.0, 12.0], "amount": amounts}
    return RevenueBridgeResult(
        totals=pd.DataFrame([total], index=pd.Index(["year_ago"], name="against")),
        drivers=pd.DataFrame(drivers).assign(against="year_ago"),
        flow=pd.DataFrame(flow).assign(against="year_ago", largest_share=0.1),
        period=parse_period("2024-Q4"),
    )


def ends(ax: Axes, gid: str) -> tuple[float, float]:
    bar = marks(ax)[gid]
    return bar.get_y(), bar.get_y() + bar.get_height()


def test_bars_step_from_sales_then_to_sales_now() -> None:
    ax = revenue_bridge(result_of())
    assert ends(ax, "revenue_bridge-then") == (0, 1_000_000)
    assert ends(ax, "revenue_bridge-active_customers") == pytest.approx((1_000_000, 1_099_389))
    assert sorted(ends(ax, "revenue_bridge-orders_per_customer")) == pytest.approx([1_045_900, 1_099_389])
    assert ends(ax, "revenue_bridge-average_order_value") == pytest.approx((1_045_900, 1_086_800))
    assert ends(ax, "revenue_bridge-now") == (0, 1_086_800)
    levels = [marks(ax)[f"revenue_bridge-level-{place}"].get_ydata().tolist() for place in range(4)]
    assert levels == [pytest.approx([each, each]) for each in (1_000_000, 1_099_389, 1_045_900, 1_086_800)]
    low, high = ax.get_ylim()
    assert low == 0
    assert high > 1_099_389


def test_every_bar_says_its_figure() -> None:
    written = texts(revenue_bridge(result_of()))
    for text in ("US$1M", "+US$99,389", "−US$53,489", "+US$40,900", "US$1.09M", "Q4 2023", "Q4 2024"):
        assert text in written
    for text in ("1,000 → 1,100", "2.00 → 1.90", "US$500.00 → US$520.00", "Active customers"):
        assert text in written


def test_what_was_taken_is_outlined_and_what_was_added_filled() -> None:
    found = marks(revenue_bridge(result_of()))
    filled, outlined = (found[f"revenue_bridge-{name}"] for name in ("active_customers", "orders_per_customer"))
    assert outlined.get_facecolor() == (1, 1, 1, 1)
    assert outlined.get_linewidth() > 0
    assert filled.get_facecolor()[:3] != (1, 1, 1)
    found = marks(revenue_bridge_flow(result_of()))
    assert found["revenue_bridge-flow-lapsed"].get_facecolor() == (1, 1, 1, 1)
    assert found["revenue_bridge-flow-new"].get_facecolor() == filled.get_facecolor()


def test_bars_of_the_flow_begin_at_zero() -> None:
    found = marks(revenue_bridge_flow(result_of()))
    assert [found[f"revenue_bridge-flow-{flow}"].get_width() for flow in FLOWS] == list(AMOUNTS)
    assert {found[f"revenue_bridge-flow-{flow}"].get_x() for flow in FLOWS} == {0}


def test_hidden_amounts_say_so_and_have_no_bar() -> None:
    amounts = (NAN, *AMOUNTS[1:5], NAN)
    ax = revenue_bridge_flow(result_of(amounts=amounts))
    assert texts(ax).count("Hidden for privacy") == 2
    assert "revenue_bridge-flow-new" not in marks(ax)


@pytest.mark.parametrize("draw", [revenue_bridge, revenue_bridge_flow])
def test_without_a_comparison_nothing_is_drawn(draw: Draw) -> None:
    result = result_of()
    empty = dataclasses.replace(result, drivers=result.drivers.iloc[:0], flow=result.flow.iloc[:0])
    assert marks(draw(empty)) == {}


@pytest.mark.parametrize("language", ["en", "nb"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e4])
@pytest.mark.parametrize("sign", [1, -1])
def test_texts_stand_apart_and_inside(language: str, scale: float, sign: int) -> None:
    i18n.activate(language, "NOK")
    parts = tuple(float(scale * sign * part) for part in PARTS)
    amounts = tuple(float(scale * sign * amount) for amount in AMOUNTS)
    result = result_of(parts, amounts, 1e6 * scale)
    for draw in (revenue_bridge, revenue_bridge_flow):
        boxes, canvas = text_boxes(draw(result))
        assert overlapping(boxes) == []
        assert outside(boxes, canvas) == []


def test_a_driver_may_take_more_than_there_was() -> None:
    ax = revenue_bridge(result_of((-1_200_000.0, 100_000.0, 300_000.0)))
    assert ax.get_ylim()[0] == pytest.approx(-200_000)
    assert np.isfinite(ax.get_ylim()).all()
