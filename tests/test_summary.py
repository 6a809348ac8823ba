"""The summary: published counts of CDNOW, the boundary of as_of, refunds that are not known yet."""

from __future__ import annotations

import datetime as dt
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.config.ingest import Ingest
from loyalty_lib.errors import UsageError
from loyalty_lib.summary import summarise
from loyalty_lib.validate import read_transactions

LOG = Path(find_spec("lifetimes").submodule_search_locations[0]) / "datasets"
CALIBRATION = dt.date(1997, 9, 30)  # 39 weeks, the split of the published studies
DAILY = Ingest(date_format="%Y%m%d")


@pytest.fixture(scope="module")
def master():
    """Return the CDNOW log as text."""
    log = pd.read_csv(LOG / "CDNOW_master.txt", sep=r"\s+", dtype=str)
    return log.rename(columns={"date": "order_date", "dollar_value": "amount"})


def frame(rows):
    return pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "amount"])


def test_cdnow_master_has_its_published_counts(master):
    """Fader and Hardie: 23,570 customers; counted from the log by an independent program."""
    summary = summarise(read_transactions(master, ingest=DAILY), CALIBRATION)
    assert len(summary) == 23_570
    assert summary["frequency"].sum() == 24_337
    assert (summary["frequency"] == 0).sum() == 14_119
    assert summary["frequency"].max() == 80


def test_cdnow_sample_has_its_published_counts():
    """Fader, Hardie and Lee (2005), table 1: 2,357 customers, 1,411 of them without a repeat purchase."""
    names = ["master_id", "customer_id", "order_date", "cds", "amount"]
    log = pd.read_csv(LOG / "CDNOW_sample.txt", sep=r"\s+", dtype=str, names=names)
    summary = summarise(read_transactions(log, ingest=DAILY), CALIBRATION)
    assert (len(summary), summary["frequency"].sum(), (summary["frequency"] == 0).sum()) == (2_357, 2_457, 1_411)


def test_summary_agrees_with_plain_pandas(master):
    log = master.assign(
        day=pd.to_datetime(master["order_date"], format="%Y%m%d"), amount=master["amount"].astype(float)
    )
    days = log[log["day"] <= pd.Timestamp(CALIBRATION)].groupby(["customer_id", "day"])["amount"].sum().reset_index()
    first = days.groupby("customer_id")["day"].transform("min")
    by_customer = days.groupby("customer_id")["day"]
    expected = pd.DataFrame(
        {
            "frequency": by_customer.size() - 1,
            "recency": (by_customer.max() - by_customer.min()).dt.days / 7,
            "T": (pd.Timestamp(CALIBRATION) - by_customer.min()).dt.days / 7,
            "monetary_value": days[days["day"] > first].groupby("customer_id")["amount"].mean(),
        }
    )
    summary = summarise(read_transactions(master, ingest=DAILY), CALIBRATION)
    pd.testing.assert_frame_equal(summary, expected, check_index_type=False, rtol=1e-13)


def test_the_order_of_rows_changes_no_bit(master):
    plain = summarise(read_transactions(master, ingest=DAILY), CALIBRATION)
    mixed = summarise(read_transactions(master.sample(frac=1, random_state=1), ingest=DAILY), CALIBRATION)
    pd.testing.assert_frame_equal(plain, mixed, check_exact=True)
    assert plain["monetary_value"].to_numpy().tobytes() == mixed["monetary_value"].to_numpy().tobytes()


def test_as_of_is_the_last_day_seen():
    rows = [("A", "1", "2024-01-01", 10), ("A", "2", "2024-01-15", 20), ("B", "3", "2024-01-15", 5)]
    transactions = read_transactions(frame(rows))
    before = summarise(transactions, dt.date(2024, 1, 14), "D")
    on = summarise(transactions, dt.date(2024, 1, 15), "D")
    assert before.index.tolist() == ["A"]
    assert before.loc["A", ["frequency", "recency", "T"]].tolist() == [0, 0, 13]
    assert np.isnan(before.loc["A", "monetary_value"])
    assert on.loc["A"].tolist() == [1, 14, 14, 20]
    assert on.loc["B", ["frequency", "recency", "T"]].tolist() == [0, 0, 0]


def test_units_are_days_and_weeks_and_travel_with_the_summary():
    transactions = read_transactions(frame([("A", "1", "2024-01-01", 10), ("A", "2", "2024-01-04", 20)]))
    weeks, days = (summarise(transactions, dt.date(2024, 1, 10), unit) for unit in "WD")
    assert weeks.loc["A", ["recency", "T"]].tolist() == [3 / 7, 9 / 7]
    assert days.loc["A", ["recency", "T"]].tolist() == [3, 9]
    assert (weeks.attrs, days.attrs["unit"]) == ({"unit": "W", "as_of": dt.date(2024, 1, 10)}, "D")
    assert list(weeks.columns) == ["frequency", "recency", "T", "monetary_value"]
    assert weeks.index.name == "customer_id"
    with pytest.raises(UsageError, match="Unit 'M' is not known; expected one of: D, W"):
        summarise(transactions, dt.date(2024, 1, 10), "M")


def test_refunds_after_as_of_are_not_known_yet():
    rows = [
        ("A", "1", "2024-01-01", 10),
        ("A", "2", "2024-01-11", 40),
        ("A", "2", "2024-02-10", -16),
        ("B", "3", "2024-01-01", 10),
        ("B", "4", "2024-01-11", 30),
        ("B", "4", "2024-02-10", -30),  # cancelled from this day on
    ]
    transactions = read_transactions(frame(rows))
    before, on = (summarise(transactions, dt.date(2024, 2, day), "D") for day in (9, 10))
    assert before["monetary_value"].tolist() == [40, 30]
    assert before["frequency"].tolist() == [1, 1]
    assert on.loc["A", ["frequency", "monetary_value"]].tolist() == [1, 24]
    assert on.loc["B", "frequency"] == 0
    assert np.isnan(on.loc["B", "monetary_value"])


def test_purchases_of_zero_value_count():
    summary = summarise(
        read_transactions(frame([("A", "1", "2024-01-01", 10), ("A", "2", "2024-01-04", 0)])), dt.date(2024, 2, 1)
    )
    assert summary.loc["A", ["frequency", "monetary_value"]].tolist() == [1, 0]


def test_several_summaries_of_the_same_transactions_do_not_disturb_each_other(master):
    transactions = read_transactions(master, ingest=DAILY)
    first = summarise(transactions, CALIBRATION)
    summarise(transactions, dt.date(1998, 6, 30))
    pd.testing.assert_frame_equal(first, summarise(transactions, CALIBRATION), check_exact=True)
