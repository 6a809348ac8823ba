"""The tables of concentration and of cohorts: raw values, and no row where there is nothing to show."""

from __future__ import annotations

import csv
import dataclasses
import io

import numpy as np
import pytest

from loyalty_lib import i18n
from loyalty_lib.tables.cohorts import cohort_averages, cohort_groups
from loyalty_lib.tables.pareto import pareto_deciles, pareto_dependence
from loyalty_lib.tables.table import Table
from tests.figures.results import cohort_result, pareto_result


@pytest.fixture(autouse=True)
def english() -> None:
    i18n.activate("en", "NOK")


def read(table: Table) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.csv())))


def test_tenths_are_ten_rows_and_none_in_a_shop_of_a_few() -> None:
    result = pareto_result()
    head, *rows = read(pareto_deciles(result))
    assert head == ["decile", "customers", "sales", "share_of_sales", "mean_sales", "smallest_spend"]
    assert [float(row[3]) for row in rows] == result.deciles["share_of_sales"].to_list()
    assert rows[-1][5] == ""
    few = dataclasses.replace(result, deciles=result.deciles.assign(customers=[1, 0] * 5))
    assert pareto_deciles(few).rows == ()


def test_hidden_customers_have_no_row_of_dependence() -> None:
    assert read(pareto_dependence(pareto_result())) == [
        ["largest", "share_of_sales", "sales_left"],
        ["5", "0.03", "970000.0"],
        ["10", "0.05", "950000.0"],
    ]


def test_averages_have_a_row_a_period() -> None:
    result = cohort_result(3, 5)
    head, *rows = read(cohort_averages(result))
    assert head[0] == "k"
    assert [int(row[0]) for row in rows] == list(range(6))
    assert [float(row[7]) for row in rows] == result.average["revenue_retention"].to_list()
    assert "Quarter" in str(cohort_averages(cohort_result(3, 5, "quarter")).html())


def test_groups_have_a_column_for_some_periods_and_no_table_without_them() -> None:
    result = cohort_result(8, 7, groups={"Web": 0.6, "<b>Shop</b>": 0.3, "other": 0.1})
    head, *rows = read(cohort_groups(result))
    assert head == ["group", "customers", "period_1", "period_2", "period_3", "period_6"]
    assert [row[0] for row in rows] == ["Web", "<b>Shop</b>", "Others"]
    table = result.groups.set_index(["group", "k"])["retention"]
    assert [float(cell) for cell in rows[1][2:]] == [table["<b>Shop</b>", k] for k in (1, 2, 3, 6)]
    shown = str(cohort_groups(result).html())
    assert "&lt;b&gt;Shop" in shown
    assert "Channel of the first order" in shown
    result.groups.loc[result.groups["group"] == "Web", "retention"] = np.nan
    assert read(cohort_groups(result))[1][2:] == [""] * 4
    assert cohort_groups(cohort_result(3, 5)).rows == ()
