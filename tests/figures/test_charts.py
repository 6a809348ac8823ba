"""What every chart promises: nothing cut, nothing on top of another, every language, no data no crash, speed."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from loyalty_lib import figures, i18n
from loyalty_lib.analyses.lifetime import LifetimeResult
from loyalty_lib.analyses.pareto import ParetoResult
from loyalty_lib.analyses.rfm import RfmResult
from tests.figures import migrations, results
from tests.figures import test_action_lists as lists
from tests.figures import test_revenue_bridge as bridges
from tests.figures import test_time_to_second_purchase as second
from tests.figures.marks import outside, overlapping, text_boxes, texts

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAN = results.NAN
MOVES = {
    ("champions", "champions"): 366.0, ("champions", "loyal"): 371.0, ("loyal", "loyal"): 292.0,
    ("loyal", "champions"): 240.0, ("potential_loyalists", "about_to_sleep"): 578.0, ("loyal", "at_risk"): 195.0,
    ("potential_loyalists", "potential_loyalists"): 464.0, ("about_to_sleep", "hibernating"): 875.0,
    ("hibernating", "hibernating"): 1240.0, ("hibernating", "inactive"): 1547.0, ("inactive", "inactive"): 13582.0,
    ("not_yet", "new"): 254.0, ("not_yet", "promising"): 131.0, ("inactive", "new"): 77.0, ("loyal", "new"): NAN,
}  # fmt: skip


def one_segment_has_all() -> RfmResult:
    """Return segments of which one, of a single cell, has nearly all sales."""
    given = results.rfm_result()
    shares = pd.Series(0.001, index=given.segments.index)
    shares["new"] = 0.99
    return dataclasses.replace(given, segments=given.segments.assign(share_of_revenue=shares))


CHARTS: dict[str, Callable[[], Axes]] = {
    "kpis by month": lambda: figures.kpis(results.kpi_result()),
    "kpis by quarter, falling steeply": lambda: figures.kpis(
        results.kpi_result("1998-Q2", (1072000, 359154, 292604, 300807, 267711, 213330))
    ),
    "kpis by quarter, rising steeply": lambda: figures.kpis(
        results.kpi_result("1998-Q2", (1000, 2000, 92604, 300807, 967711, 1213330))
    ),
    "kpis by year": lambda: figures.kpis(results.kpi_result("1998", (2024000, 476154))),
    "kpis, one period": lambda: figures.kpis(results.kpi_result("1998", (2024000,))),
    "rfm": lambda: figures.rfm(results.rfm_result()),
    "rfm, cells": lambda: figures.rfm(results.undivided_rfm_result()),
    "pareto": lambda: figures.pareto(results.pareto_result()),
    "pareto, concentrated": lambda: figures.pareto(results.pareto_result(0.97)),
    "pareto, flat": lambda: figures.pareto(results.pareto_result(0.3)),
    "cohorts": lambda: figures.cohorts(results.cohort_result(hidden=[(1, 4)])),
    "cohorts, many": lambda: figures.cohorts(results.cohort_result(24, 23, hidden=[(3, 4), (5, 7)])),
    "cohorts by week": lambda: figures.cohorts(results.cohort_result(6, 6, "week")),
    "cohorts by quarter": lambda: figures.cohorts(results.cohort_result(6, 6, "quarter")),
    "cohort_curve": lambda: figures.cohort_curve(results.cohort_result()),
    "cohort_curve, many": lambda: figures.cohort_curve(results.cohort_result(24, 23)),
    "cohort_curve, two periods": lambda: figures.cohort_curve(results.cohort_result(2, 2)),
    "clv": lambda: figures.clv(results.values()),
    "backtest": lambda: figures.backtest(results.checked()),
    "revenue_bridge": lambda: figures.revenue_bridge(bridges.result_of()),
    "revenue_bridge, falling": lambda: figures.revenue_bridge(bridges.result_of((-900_000.0, 8_000.0, -40_000.0))),
    "revenue_bridge_flow": lambda: figures.revenue_bridge_flow(bridges.result_of()),
    "cohorts, a year of weeks": lambda: figures.cohorts(results.cohort_result(52, 80, "week", hidden=[(40, 3)])),
    "cohort_curve, two years of weeks": lambda: figures.cohort_curve(results.cohort_result(104, 103, "week")),
    "cohort_revenue": lambda: figures.cohort_revenue(results.cohort_result()),
    "cohort_revenue, two years of weeks": lambda: figures.cohort_revenue(results.cohort_result(104, 103, "week")),
    "time_to_second_purchase": lambda: figures.time_to_second_purchase(second.RESULTS["slow"]),
    "time_to_second_purchase, third below": lambda: figures.time_to_second_purchase(second.RESULTS["third below"]),
    "time_to_second_purchase_groups": lambda: figures.time_to_second_purchase_groups(second.RESULTS["slow"]),
    "rfm, one segment has all": lambda: figures.rfm(one_segment_has_all()),
    "rfm_migration": lambda: figures.rfm_migration(migrations.migration_result(MOVES)),
    "pareto, two points": lambda: figures.pareto(dataclasses.replace(results.pareto_result(), share_for_80=0.35)),
    "pareto, flat, two points": lambda: figures.pareto(
        dataclasses.replace(results.pareto_result(0.3), share_for_80=0.742)
    ),
    "pareto_deciles": lambda: figures.pareto_deciles(results.pareto_result()),
    "action_lists": lambda: figures.action_lists(lists.result()),
    "action_lists_risk": lambda: figures.action_lists_risk(lists.result()),
}
CHECKOUT = Path(__file__).parents[2]
Result = TypeVar("Result", RfmResult, ParetoResult, LifetimeResult)
SEVEN = ("kpis by month", "rfm", "pareto", "cohorts", "cohort_curve", "clv", "backtest")


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("chart", CHARTS)
def test_no_text_is_cut_or_runs_into_another(chart: str, language: str) -> None:
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(CHARTS[chart]())
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


def test_long_segment_names_stay_inside_their_cells() -> None:
    """The longest names of the glossary's five languages, in the segments of one cell."""
    names = {
        "need_attention": "Behöver uppmärksamhet",
        "promising": "I ferd med å bli inaktive",
        "new": "På väg att bli inaktiva",
    }
    ax = figures.rfm(results.rfm_result(names))
    boxes, canvas = text_boxes(ax)
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []
    cell = ax.transData.transform((1, 1))[0] - ax.transData.transform((0, 0))[0]
    for text, box in boxes.items():
        if any(text.get_text() in name for name in names.values()):
            assert box.width < cell


@pytest.mark.parametrize(
    "draw",
    [
        lambda: figures.kpis(results.kpi_result(sales=())),
        lambda: figures.rfm(_emptied(results.rfm_result(), "grid", "segments")),
        lambda: figures.pareto(_emptied(results.pareto_result(), "curve", "top_shares")),
        lambda: figures.cohorts(results.cohort_result(1, 0)),
        lambda: figures.cohort_curve(results.cohort_result(1, 0)),
        lambda: figures.clv(results.values().iloc[:0]),
        lambda: figures.backtest(_emptied(results.checked(), "by_frequency")),
    ],
    ids=["kpis", "rfm", "pareto", "cohorts", "cohort_curve", "clv", "backtest"],
)
def test_a_result_without_rows_still_draws(draw: Callable[[], Axes]) -> None:
    boxes, canvas = text_boxes(draw())
    assert outside(boxes, canvas) == []


@pytest.mark.parametrize("chart", SEVEN)
def test_chart_can_stand_in_axes_that_were_given(chart: str) -> None:
    figure = Figure(figsize=(12, 4), layout="constrained")
    left, right = figure.subplots(1, 2)
    name = chart.partition(" ")[0]
    result = {
        "kpis": results.kpi_result(),
        "rfm": results.rfm_result(),
        "pareto": results.pareto_result(),
        "cohorts": results.cohort_result(),
        "cohort_curve": results.cohort_result(),
        "clv": results.values(),
        "backtest": results.checked(),
    }[name]
    drawn = getattr(figures, name)(result, left)
    assert drawn.get_figure() is figure
    assert right in figure.axes
    assert name == "kpis" or drawn is left


@pytest.mark.parametrize("chart", CHARTS)
def test_every_mark_has_a_name_to_be_read_back_by(chart: str) -> None:
    """Bars, areas, and lines and dots of the data; signs beside words and the axes themselves are none."""
    ax = CHARTS[chart]()
    figure = ax.get_figure(root=True)
    assert figure is not None
    drawn = [
        mark
        for panel in figure.axes
        for mark in (*panel.patches, *panel.collections, *panel.lines)
        if not isinstance(mark, Line2D) or mark.get_transform() == panel.transData
    ]
    assert drawn
    assert [mark for mark in drawn if not mark.get_gid()] == []


def test_kpis_refuse_axes_outside_a_grid() -> None:
    with pytest.raises(ValueError, match="subplots"):
        figures.kpis(results.kpi_result(), Figure().add_axes((0, 0, 1, 1)))


def test_money_with_dollar_signs_is_not_taken_for_mathematics() -> None:
    i18n.activate("en", "USD")
    assert all(not text.get_parse_math() for text in text_boxes(figures.clv(results.values()))[0])
    assert "US$93,300" in texts(figures.clv(results.values()))


def test_no_result_is_changed_by_drawing_it() -> None:
    values = results.values()
    before = values.copy(deep=True)
    figures.clv(values)
    pd.testing.assert_frame_equal(values, before)


def test_import_and_seven_charts_take_less_than_two_and_a_half_seconds() -> None:
    """Processor time, so that a busy machine does not decide; the results to draw, and pandas with them, come first."""
    script = (
        "import time\n"
        "from tests.figures import results\n"
        "drawn = {'kpis': results.kpi_result(), 'rfm': results.rfm_result(), 'pareto': results.pareto_result(),\n"
        "    'cohorts': results.cohort_result(24, 23), 'cohort_curve': results.cohort_result(24, 23),\n"
        "    'clv': results.values(), 'backtest': results.checked()}\n"
        "start = time.process_time()\n"
        "from loyalty_lib import figures\n"
        "figures.style()\n"
        "for name, result in drawn.items(): figures.to_svg(getattr(figures, name)(result), name, 'words')\n"
        "print(time.process_time() - start)"
    )
    assert float(_run(script)) < 2.5


def test_no_chart_is_kept_alive_by_pyplot() -> None:
    """pyplot holds on to every figure it knows of; a batch of reports would fill the memory."""
    script = (
        "from tests.figures import results\n"
        "from matplotlib import pyplot\n"
        "from loyalty_lib import figures\n"
        "figures.style()\n"
        "figures.to_svg(figures.pareto(results.pareto_result()), 'pareto', 'words')\n"
        "print(pyplot.get_fignums())"
    )
    assert _run(script) == "[]"


def _run(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CHECKOUT)
    return done.stdout.strip()


def _emptied(result: Result, *tables: str) -> Result:
    return dataclasses.replace(result, **{name: getattr(result, name).iloc[:0] for name in tables})
