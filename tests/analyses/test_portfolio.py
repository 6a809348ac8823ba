"""All clients side by side: every figure is the one a report printed, and nothing that does not compare is compared."""

from __future__ import annotations

from typing import Any

import pytest

from loyalty_lib import i18n, narrative
from loyalty_lib.analyses.portfolio import portfolio
from loyalty_lib.figures.portfolio import PANELS
from loyalty_lib.figures.portfolio import portfolio as draw
from loyalty_lib.metrics.portfolio import collect_portfolio
from loyalty_lib.tables.portfolio import portfolio as table
from loyalty_lib.tables.portfolio import portfolio_figures as figures_table
from loyalty_lib.tables.portfolio import portfolio_value as value_table
from tests.portfolios import renamed, small_metrics

Metrics = dict[str, Any]


@pytest.fixture
def metrics(home) -> Metrics:
    del home
    i18n.activate("en")
    return small_metrics()


@pytest.fixture
def three(metrics) -> list[Metrics]:
    """Bjerk's sales rose by a tenth; Alm's fell by a fifth, and more lapsed than came; Furu's compare with nothing."""
    return [
        renamed(
            metrics,
            "bjerk",
            net_sales={"value": 1100.0, "change_year_ago": 0.1, "clear_year_ago": True},
            retention_rate={"value": 0.6},
            lapsed_customers={"value": 10},
            new_customers={"value": 20},
            reactivated_customers={"value": 1},
        ),
        renamed(
            metrics,
            "alm",
            net_sales={"value": 80.0, "change_year_ago": -0.2, "clear_year_ago": True},
            retention_rate={"value": 0.4},
            lapsed_customers={"value": 30},
            new_customers={"value": 20},
            reactivated_customers={"value": 1},
        ),
        renamed(
            metrics,
            "furu",
            net_sales={"value": 50.0, "change_year_ago": None, "change_previous": None},
            retention_rate={"value": None},
            lapsed_customers={"value": None},
        ),
    ]


def test_every_figure_is_the_reports_own(three):
    clients = portfolio(three).clients.set_index("client")
    assert clients.index.to_list() == ["alm", "bjerk", "furu"]
    for report in three:
        row, figures = clients.loc[report["client"]["slug"]], report["kpis"]["figures"]
        assert row["average_order_value"] == figures["average_order_value"]["value"]
        assert row["gini"] == report["pareto"]["gini"]
        assert row["top_20"] == next(r["share_of_sales"] for r in report["pareto"]["top_shares"] if r["top"] == 0.2)
    assert clients["net_sales"].to_list() == [80.0, 1100.0, 50.0]
    assert clients.loc["alm", ["net_sales_change", "against", "gained_customers"]].to_list() == [-0.2, "year_ago", 21]
    assert clients["net_sales_change"].isna().to_list() == [False, False, True]


def test_every_key_figure_of_every_client_is_there(three):
    result = portfolio(three)
    for report in three:
        slug, figures = report["client"]["slug"], report["kpis"]["figures"]
        shown = result.figures.set_index("key")[slug]
        assert list(shown.index) == list(figures)
        expected = [float("nan") if row["value"] is None else row["value"] for row in figures.values()]
        assert shown.to_list() == pytest.approx(expected, abs=0, nan_ok=True)
    shown = figures_table(result)
    assert [column.label for column in shown.columns[1:]] == ["Alm, NOK", "Bjerk, NOK", "Furu, NOK"]
    sales = next(row for row in shown.rows if row[0] == "Net sales")
    assert [cell.value for cell in sales[1:]] == [80.0, 1100.0, 50.0]
    assert shown.detailed


def test_a_median_needs_three_clients(three):
    medians = portfolio(three).medians
    assert medians["retention_rate"] != medians["retention_rate"]  # two known rates only
    assert medians["repeat_rate"] == pytest.approx(three[0]["kpis"]["figures"]["repeat_rate"]["value"])


def test_the_order_of_the_reports_plays_no_part(three):
    one, other = portfolio(three), portfolio(three[::-1])
    assert one.clients.equals(other.clients)


def test_the_page_says_what_the_figures_say(three):
    story = narrative.story("portfolio", collect_portfolio(portfolio(three)))
    assert story.headline == "Net sales clearly rose at 1 of 2 clients"
    assert story.lead == (
        "Net sales rose most at Bjerk: +10%.",
        "Net sales fell most at Alm: −20%.",
        "Retention is between 40% (Alm) and 60% (Bjerk).",
    )
    assert story.advice == ("Talk to Alm about retention first: 30 customers lapsed, 21 came or came back.",)


def test_a_change_within_chance_is_no_rise(three):
    for report in three[:2]:
        report["kpis"]["figures"]["net_sales"]["clear_year_ago"] = False
    story = narrative.story("portfolio", collect_portfolio(portfolio(three)))
    assert story.headline == "Net sales clearly rose at 0 of 2 clients"
    assert story.lead == ("Retention is between 40% (Alm) and 60% (Bjerk).",)


def test_periods_that_differ_are_said(three):
    assert portfolio(three).caveats == ()
    three[0]["period"] |= {"kind": "month", "end": "2024-11-30"}
    three[1]["currency"] = "SEK"
    texts = portfolio(three).caveats
    assert [text.split(":")[0].split(" ")[1] for text in texts] == ["periods", "periods", "are"]


def test_dots_stand_at_the_figures_and_missing_ones_are_left_out(three):
    result = portfolio(three)
    panels = draw(result).figure.axes
    for panel, key in zip(panels, PANELS, strict=True):
        dots = {line.get_gid(): line.get_xdata()[0] for line in panel.lines if line.get_marker() == "o"}
        known = result.clients[key].dropna()
        assert dots == {f"portfolio-{row}-{key}": value for row, value in known.items()}


def test_tables_hold_one_row_a_client_with_its_period_and_currency(three):
    result = portfolio(three)
    for shown in (table(result), value_table(result)):
        assert [row[0] for row in shown.rows] == [f"{name}, 2024-Q4, NOK" for name in ("Alm", "Bjerk", "Furu")]
        assert not shown.wide
