"""Contracts made for tests: a handful to check by eye, and many at random."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from loyalty_lib.analyses.subscriptions import SubscriptionsResult, subscriptions
from loyalty_lib.config.analyses import Subscriptions
from loyalty_lib.periods import parse_period

Row = tuple[str | None, str | None, str | None, str, float | None]
COLUMNS = ["customer_id", "start", "end", "plan", "amount"]
# Eight customers around the last quarter of 2024; what becomes of each stands beside it.
EIGHT: list[Row] = [
    ("a", "2023-01-01", None, "Basic", 10),  # stays
    ("b", "2023-02-01", "2024-10-01", "Basic", 10),  # changes to a dearer plan: expansion 15
    ("b", "2024-10-01", None, "Plus", 25),
    ("c", "2023-03-01", "2024-11-01", "Basic", 10),  # lost
    ("d", "2024-11-15", None, "Plus", 25),  # new
    ("e", "2024-10-05", "2024-12-05", "Basic", 10),  # joins and leaves
    ("f", "2022-01-01", "2024-01-01", "Basic", 10),  # lost long ago ...
    ("f", "2024-12-01", None, "Basic", 12),  # ... and back
    ("g", "2023-05-01", "2024-10-01", "Plus", 25),  # renews 19 days late, cheaper: contraction 15
    ("g", "2024-10-20", None, "Basic", 10),
    ("h", "2023-06-01", None, "Plus", 25),  # ends the second of two contracts: contraction 10
    ("h", "2023-07-01", "2024-12-01", "Basic", 10),
]


def frame(rows: list[Row]) -> pd.DataFrame:
    """Return contracts as the client's file gives them."""
    table = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("start", "end"):
        table[name] = pd.to_datetime(table[name])
    table["amount"] = table["amount"].astype(float)
    return table


def yearly(customers: int = 600, seed: int = 4, term: int = 12) -> pd.DataFrame:
    """Return contracts of customers who leave at renewals, each with a probability of his own.

    The probabilities are beta(0.7, 1.8); some buy more and some of those lost return; observed up to the end of 2024.
    """
    generator = np.random.default_rng(seed)
    start = pd.Timestamp("2018-01-01") + pd.to_timedelta(generator.integers(0, 2557, customers), unit="D")
    lost_at = np.minimum(generator.geometric(generator.beta(0.7, 1.8, customers)), 200) * term
    end = pd.Series([one + pd.DateOffset(months=int(months)) for one, months in zip(start, lost_at, strict=True)])
    table = pd.DataFrame(
        {
            "customer_id": [f"c{number:05d}" for number in range(customers)],
            "start": start,
            "end": end.where(end <= "2024-12-31"),
            "plan": generator.choice(["Basic", "Plus", "Family"], customers, p=[0.6, 0.3, 0.1]),
            "amount": generator.choice([9.0, 19.5, 29.0], customers),
        }
    )
    more = table.sample(frac=0.2, random_state=1).assign(
        amount=5.25, start=lambda one: one["start"] + pd.Timedelta("90D")
    )
    more = more[(more["start"] <= "2024-12-31") & ~(more["end"] <= more["start"])]
    late = table[table["end"].notna()].sample(frac=0.3, random_state=2)
    gaps = pd.to_timedelta(generator.integers(1, 120, len(late)), unit="D")
    late = late.assign(start=late["end"] + gaps, end=pd.NaT, amount=12.0)
    late = late[late["start"] <= "2024-12-31"]
    return pd.concat([table, more, late], ignore_index=True)


def follow(
    contracts: pd.DataFrame | None, period: str = "2024-Q4", term: int = 12, **given: object
) -> SubscriptionsResult:
    """Analyse contracts that renew every ``term`` months."""
    settings = Subscriptions(path="contracts.csv", renewal_months=term)
    return subscriptions(contracts, parse_period(period), settings, **given)  # type: ignore[arg-type]


def day(text: str) -> dt.date:
    """Return a day from ISO text."""
    return dt.date.fromisoformat(text)
