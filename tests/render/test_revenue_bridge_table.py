"""The table of the bridge: both comparisons, sums, missing values."""

from __future__ import annotations

import dataclasses

import pandas as pd

from loyalty_lib.tables.revenue_bridge import revenue_bridge
from tests.figures.test_revenue_bridge import AMOUNTS, NAN, PARTS, result_of


def test_rows_are_the_parts_and_add_up() -> None:
    table = revenue_bridge(result_of())
    assert [column.label for column in table.columns[1:]] == ["Against 4th quarter 2023", "Customers"]
    assert [row[1] for row in table.rows] == [*PARTS, *AMOUNTS, sum(PARTS)]
    assert table.rows[3] == ("New customers", 400_000.0, 400.0)
    assert not table.wide
    assert "Refunds and other,-13200.0,12.0" in table.csv()
    assert "largest_share" not in table.csv()


def test_comparisons_stand_side_by_side() -> None:
    one, other = result_of(), result_of((1.0, 2.0, 3.0), (NAN,) * 6)
    totals = pd.concat([other.totals.set_axis(["previous"]), one.totals])
    drivers, flow = (
        pd.concat([getattr(other, name).assign(against="previous"), getattr(one, name)], ignore_index=True)
        for name in ("drivers", "flow")
    )
    one = dataclasses.replace(one, totals=totals, drivers=drivers, flow=flow)
    table = revenue_bridge(one)
    assert [column.name for column in table.columns[1:]] == [
        "amount_previous", "customers_previous", "amount_year_ago", "customers_year_ago",
    ]  # fmt: skip
    assert table.rows[0] == ("Active customers", 1.0, None, PARTS[0], None)
    assert not table.wide
    assert "–" in table.html()


def test_without_a_comparison_there_is_no_table() -> None:
    result = result_of()
    result.totals["observed"] = False
    assert revenue_bridge(result).rows == ()
