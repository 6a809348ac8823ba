"""The CDNOW log that ships with the lifetimes library, read without importing it; summaries in plain pandas."""

from __future__ import annotations

import importlib.util
import io
from functools import cache
from importlib.resources import files

import pandas as pd

CALIBRATION_END = pd.Timestamp("1997-09-30")
HOLDOUT_END = pd.Timestamp("1998-06-30")
WEEKS = 39.0
DAYS = {"D": 1, "W": 7}


def dataset(name: str) -> str:
    """Return the text of a data file of the lifetimes library."""
    spec = importlib.util.find_spec("lifetimes")
    assert spec is not None
    return (files(importlib.util.module_from_spec(spec)) / "datasets" / name).read_text()


@cache
def purchase_days(which: str) -> pd.DataFrame:
    """Return customer_id, day and amount of the "sample" (2,357 customers) or the "master" (23,570), days merged."""
    names = ["customer_id", "date", "cds", "amount"]
    header = which == "master"
    log = pd.read_csv(
        io.StringIO(dataset(f"CDNOW_{which}.txt")),
        sep=r"\s+",
        header=None,
        skiprows=1 if header else 0,
        names=names if header else ["master_id", *names],
        dtype={"customer_id": str},
    )
    log["day"] = pd.to_datetime(log["date"].astype(str), format="%Y%m%d")
    return log.groupby(["customer_id", "day"])["amount"].sum().reset_index()


def summary_of(which: str, unit: str = "W", as_of: pd.Timestamp = CALIBRATION_END) -> pd.DataFrame:
    """Summarise the purchase days up to ``as_of`` inclusive."""
    log = purchase_days(which)
    known = log[log["day"] <= as_of]
    by_customer = known.groupby("customer_id")["day"]
    first = by_customer.min()
    later = known[known["day"] > known["customer_id"].map(first)]
    summary = pd.DataFrame(
        {
            "frequency": by_customer.size() - 1,
            "recency": (by_customer.max() - first).dt.days / DAYS[unit],
            "T": (as_of - first).dt.days / DAYS[unit],
        }
    )
    summary["monetary_value"] = later.groupby("customer_id")["amount"].mean()
    summary.attrs["unit"] = unit
    return summary


def holdout_purchases(which: str) -> pd.Series[int]:
    """Return each customer's purchase days in the 39 weeks after the calibration."""
    log = purchase_days(which)
    after = log[(log["day"] > CALIBRATION_END) & (log["day"] <= HOLDOUT_END)]
    return after.groupby("customer_id").size().reindex(summary_of(which).index, fill_value=0)


def history(frequency: int, recency: float, age: float, unit: str = "W") -> pd.DataFrame:
    """Return a summary of one customer."""
    summary = pd.DataFrame({"frequency": [frequency], "recency": [recency], "T": [age]}, index=["one"])
    summary.attrs["unit"] = unit
    return summary
