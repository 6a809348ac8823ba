"""Tables of the technical appendix: every figure of the results, written once and in words where it is chosen."""

from __future__ import annotations

import csv
import dataclasses
import io

import lxml.html
import pandas as pd
import pytest

from loyalty_lib import i18n, tables
from loyalty_lib.analyses.model_choice import ModelComparison
from tests.figures.results import forecasts, model_check


def shown(table):
    """Return the header and the body as text."""
    tree = lxml.html.fromstring(str(table.html()))
    head = [" ".join(cell.text_content().split()) for cell in tree.xpath("//thead//th")]
    body = [[cell.text_content().strip() for cell in row.xpath("th|td")] for row in tree.xpath("//tbody/tr")]
    return head, body


def read(table):
    return list(csv.reader(io.StringIO(table.csv())))


def comparison():
    nan = float("nan")
    table = pd.DataFrame(
        {
            "name": ["bgnbd", "mbgnbd", "pnbd"],
            "model": ["BG/NBD", "MBG/NBD", "Pareto/NBD"],
            "parameters": [4.0, 4.0, nan],
            "log_likelihood": [-9582.43, -9553.12, nan],
            "aic": [19172.86, 19114.24, nan],
            "bic": [19195.92, 19137.3, nan],
            "predicted": [1736.2, 1808.0, nan],
            "actual": [1882.0, 1882.0, nan],
            "relative_error": [-0.0775, -0.0393, nan],
            "model_error": [0.0807, 0.0401, nan],
            "mean_absolute_error": [0.7412, 0.75, nan],
            "log_score": [-0.87654, -0.86, nan],
            "standard_error": [nan, 0.001, nan],
            "at_boundary": pd.array([False, True, pd.NA], dtype="boolean"),
            "chosen": [True, False, False],
        }
    )
    return ModelComparison(table=table, chosen="bgnbd", reason="", origins=pd.DataFrame(), holdout_days=273, caveats=())


def test_parameters_stand_with_their_errors_and_undetermined_ones_are_missing():
    table = tables.parameters(model_check())
    head, body = shown(table)
    assert head == ["Model", "Parameter", "Estimate", "Standard error", "Low", "High"]
    assert body[0] == ["BG/NBD", "r", "0.2426", "0.0126", "0.2192", "0.2685"]
    assert body[2] == ["BG/NBD", "a", "0.7929", "–", "–", "–"]
    assert read(table)[3] == ["BG/NBD", "a", "0.7929", "", "", ""]
    assert "30 June 1998" in table.title
    assert "95%" in table.notes[0]


def test_parameters_are_written_as_norwegian_writes_them():
    i18n.activate("nb", "NOK")
    assert shown(tables.parameters(model_check()))[1][1][2] == "4,4136"


def test_the_chosen_model_is_marked_in_words_and_one_that_could_not_be_fitted_is_listed():
    table = tables.models(comparison())
    head, body = shown(table)
    assert head[0] == "Model"
    assert head[4] == "Forecast error (%)"
    assert body == [
        ["BG/NBD (chosen)", "−9,582.4", "19,172.9", "19,195.9", "−7.8", "8.1", "0.741", "−0.8765"],
        ["MBG/NBD", "−9,553.1", "19,114.2", "19,137.3", "−3.9", "4.0", "0.750", "−0.8600"],
        ["Pareto/NBD", *["–"] * 7],
    ]
    assert table.notes[1] == "The data do not determine all parameters of MBG/NBD."
    assert not table.wide


def test_nothing_is_said_of_parameters_where_all_are_determined():
    given = comparison()
    determined = dataclasses.replace(given, table=given.table.assign(at_boundary=False))
    assert len(tables.models(determined).notes) == 1


def test_earlier_forecasts_show_purchases_sales_and_active_customers_against_the_outcome():
    table = tables.origins(forecasts())
    head, body = shown(table)
    assert head == [
        *("Forecast made on", "Forecast until", "Measure", "Forecast", "Low", "High", "Actual", "Forecast error"),
    ]
    until = ["30/06/1997", "30/09/1997"]
    assert body[:3] == [
        [*until, "Purchases", "1,021", "950", "1,101", "903", "13.1%"],
        [*until, "Net sales", "€36,770", "€34,000", "€39,500", "€31,695", "16.0%"],
        [*until, "Active customers", "500", "480", "521", "480", "4.2%"],
    ]
    assert body[7][3:] == ["–", "–", "–", "€24,570", "–"]
    assert not table.wide
    assert read(table)[1][:2] == ["1997-06-30", "1997-09-30"]
    assert any("80%" in note for note in table.notes)


@pytest.mark.parametrize("columns", [["cutoff", "predicted", "low", "high", "actual", "relative_error"], None])
def test_without_a_forecast_there_are_no_rows(columns):
    value = forecasts()
    empty = value.origins.iloc[:0] if columns is None else pd.DataFrame(columns=columns)
    table = tables.origins(dataclasses.replace(value, forecast=None, origins=empty))
    assert table.rows == ()
    assert len(read(table)) == 1
    assert not any("interval" in note for note in table.notes)


def test_every_table_has_a_name_of_its_own():
    names = [
        table.name
        for table in (tables.parameters(model_check()), tables.models(comparison()), tables.origins(forecasts()))
    ]
    assert len(set(names)) == 3
    assert all(name.replace("_", "").isalnum() for name in names)
