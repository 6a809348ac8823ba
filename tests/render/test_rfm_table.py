"""The tables of segments: with a forecast, without one, and of those who moved."""

from __future__ import annotations

import pandas as pd

from loyalty_lib import i18n
from loyalty_lib.tables.rfm import rfm
from loyalty_lib.tables.rfm_migration import rfm_migration
from tests.figures.migrations import migration_result
from tests.figures.results import rfm_result

NAN = float("nan")


def segments() -> pd.DataFrame:
    columns = ["customers", "share_of_customers", "revenue", "share_of_revenue"]
    columns += ["mean_days_since_last_order", "mean_orders", "mean_revenue"]
    rows = [[30, 0.6, 9000.0, 0.9, 12.4, 4.25, 300.0], [20, 0.4, 1000.0, 0.1, 90.0, 1.5, 50.0]]
    return pd.DataFrame(rows, index=["champions", "at_risk"], columns=columns)


def test_a_forecast_takes_the_place_of_sales_per_customer() -> None:
    i18n.activate("en", "EUR")
    result = rfm_result()
    result = type(result)(**{**vars(result), "segments": segments(), "inactive": 70})
    value = pd.DataFrame(
        {"customers": [30.0, NAN, 70.0], "mean_clv": [80.0, NAN, 4.0], "mean_probability_alive": [0.925, NAN, 0.1]},
        index=["champions", "at_risk", "inactive"],
    )
    table = rfm(result, value)
    assert [column.name for column in table.columns][-2:] == ["mean_clv", "mean_probability_alive"]
    assert table.columns[-1].label == "Probability of being active, repeat buyers"
    assert table.rows[0] == ("Champions", 30, 0.6, 9000.0, 0.9, 12.4, 4.25, 80.0, 0.925)
    assert table.csv().splitlines()[2:] == [
        "At risk,20,0.4,1000.0,0.1,90.0,1.5,,",
        "Inactive,70,,,,,,4.0,0.1",
    ]
    assert not table.wide
    value.attrs["one_time_buyers"] = True
    assert rfm(result, value).columns[-1].label == "Probability of being active"


def test_without_a_forecast_sales_per_customer_stand_there() -> None:
    result = type(rfm_result())(**{**vars(rfm_result()), "segments": segments(), "inactive": None})
    for value in (None, pd.DataFrame()):
        table = rfm(result, value)
        assert table.columns[-1].name == "mean_revenue"
        assert table.rows[-1] == ("Inactive", *[None] * 7)


def test_each_segment_s_stayers_and_inactive_are_told_and_nobody_else() -> None:
    i18n.activate("en", "EUR")
    flows = {("champions", "champions"): 30.0, ("champions", "inactive"): 10.0, ("not_yet", "new"): 5.0}
    table = rfm_migration(migration_result(flows))
    assert table.rows[0] == ("Champions", 40.0, 30.0, 0.75, 10.0, 0.25)
    assert len(table.rows) == 10
    assert table.title == "Customers by segment on 31 March 1998, and where they are on 30 June 1998"
    assert rfm_migration(migration_result({}, order=[])).rows == ()
