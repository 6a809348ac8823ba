"""All loyalty analyses over millions of order lines: seconds of each, and the peak memory of all of them.

    python benchmarks/analyses.py [--customers 1000000] [--lines 10000000]

Draws a shop (BG/NBD purchases, two lines an order, eight categories, three channels, refunds) straight into the engine,
runs what the report's notebook runs, in its order and in one process, and prints a Markdown table.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.ingest import MEGABYTE, _peak
from loyalty_lib import periods
from loyalty_lib.config.analyses import Actions, Assumption, Clv, Component, Engagement, Programme, Survey, Tier
from loyalty_lib.engine import Engine

FIRST, LAST = dt.date(2021, 1, 1), dt.date(2024, 12, 31)
PERIOD: Final = "2024-Q4"
RATE: Final = (0.8, 40.0)  # gamma: shape, and weeks of its rate
LEAVE: Final = (0.9, 4.5)  # beta: probability to leave after a repeat purchase
ROWS: Final = """
CREATE TABLE usable_rows AS
SELECT
    printf('F%07d', customer) AS customer_id,
    printf('N%08d', number) AS order_id,
    DATE '2021-01-01' + day AS order_date,
    CAST(CASE WHEN hash(number, 9) % 40 = 0 AND line = 2 THEN -1 ELSE 1 END
        * (5000 + hash(number, line) % 60000) / 100 AS DECIMAL(18, 6)) AS amount,
    CAST(line AS VARCHAR) AS order_line,
    'P' || hash(number, line, 1) % 40 AS product,
    'C' || CASE WHEN hash(number, line, 2) % 2 = 0 THEN hash(customer, 3) % 8 ELSE hash(number, line, 4) % 8 END
        AS category,
    ['web', 'app', 'store'][CAST(hash(customer, 5) % 3 AS INTEGER) + 1] AS channel,
    'NO' AS country
FROM orders, range(1, 3) AS lines (line)
LIMIT $lines
"""


def shop(customers: int, lines: int, seed: int = 5) -> Any:
    """Draw the shop and make the engine's tables of it."""
    rng = np.random.default_rng(seed)
    days = (LAST - FIRST).days + 1
    first = rng.integers(0, days, customers)
    rate = rng.gamma(RATE[0], 1 / RATE[1], customers) / 7
    # As many orders as asked for on average, whatever the sizes.
    rate *= (lines / 2 / customers - 1) / (rate * (days - first)).mean() * 2.1
    repeats = np.minimum(rng.poisson(rate * (days - first)), rng.geometric(rng.beta(*LEAVE, customers).clip(1e-6)))
    who = np.repeat(np.arange(customers), repeats)
    when = first[who] + (rng.random(len(who)) * (days - first[who])).astype(np.int64)
    who, when = np.concatenate([np.arange(customers), who]), np.concatenate([first, when])
    engine = Engine()
    orders = pa.table({"number": np.arange(len(who)), "customer": who, "day": when.astype(np.int32)})
    engine.connection.register("orders", orders)
    engine.connection.execute(ROWS, {"lines": lines})
    engine.connection.unregister("orders")
    engine.create("transactions", "canonical", with_refunds=True)
    engine.create("purchase_days", "purchase_days", as_of=LAST)
    engine.create("net_sales", "net_sales", refunds_on_order_day=False)
    engine.connection.execute("DROP TABLE usable_rows")
    return SimpleNamespace(engine=engine, quality=SimpleNamespace(first_day=FIRST))


def answers_of(customers: int, seed: int = 6) -> pd.DataFrame:
    """Draw answers of a tenth of the customers."""
    rng = np.random.default_rng(seed)
    who = rng.choice(customers, customers // 10, replace=False)
    return pd.DataFrame(
        {
            "customer_id": pd.Series(np.char.add("F", np.char.zfill(who.astype(str), 7)), dtype="str"),
            "answered_on": pd.Timestamp(LAST) - pd.to_timedelta(rng.integers(0, 500, len(who)), unit="D"),
            "nps": pd.Series(rng.integers(0, 11, len(who)).astype(str), dtype="str"),
            "csat": pd.Series(rng.integers(1, 6, len(who)).astype(str), dtype="str"),
            "weight": 1.0,
        }
    )


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--lines", type=int, default=10_000_000)
    chosen = parser.parse_args()
    started = time.perf_counter()
    transactions = shop(chosen.customers, chosen.lines)
    ((rows, days),) = transactions.engine.connection.execute(
        "SELECT (SELECT count(*) FROM transactions), (SELECT count(*) FROM purchase_days)"
    ).fetchall()
    print(f"{rows:,} lines, {chosen.customers:,} customers, {days:,} purchase days, made in "
          f"{time.perf_counter() - started:.1f} s.\n")  # fmt: skip
    print("| analysis | seconds | peak so far, MB |\n| --- | ---: | ---: |")
    total = 0.0
    found: dict[str, Any] = {}
    for name, analysis in analyses(transactions, answers_of(chosen.customers)).items():
        begun = time.perf_counter()
        found[name] = analysis(found)
        seconds = time.perf_counter() - begun
        total += seconds
        print(f"| {name} | {seconds:.1f} | {_peak() / MEGABYTE:,.0f} |", flush=True)
    print(f"| all | {total:.1f} | {_peak() / MEGABYTE:,.0f} |")


def analyses(transactions: Any, answers: pd.DataFrame) -> dict[str, Callable[[dict[str, Any]], Any]]:
    """Return what the report's notebook runs, by name; each sees the results before it."""
    from loyalty_lib import (
        action_lists,
        cohorts,
        kpis,
        lifetime,
        pareto,
        programme,
        revenue_bridge,
        rfm,
        survey,
        time_to_second_purchase,
    )

    period = periods.parse_period(PERIOD)
    engagement = Engagement(frequency=Component(weight=0.5), recency=Component(weight=0.3), nps=Component(weight=0.2))
    tiers = Programme(tiers=tuple(Tier(name=f"{spend}", spend=spend, reward=0.02) for spend in (500, 2000, 5000)))
    value = Clv(yearly_discount_rate=0.1, margin=0.3)
    lists = Actions(budget=1e6, assumptions=dict.fromkeys(("win_back", "cross_sell"), Assumption(uplift=0.02, cost=1)))
    return {
        "kpis": lambda _: kpis(transactions, period, engagement=engagement, answers=answers),
        "revenue_bridge": lambda _: revenue_bridge(transactions, period),
        "cohorts": lambda _: cohorts(transactions, LAST, by="channel"),
        "time_to_second_purchase": lambda _: time_to_second_purchase(transactions, LAST),
        "rfm": lambda _: rfm(transactions, LAST, previous=period.previous.end),
        "pareto": lambda _: pareto(transactions, LAST),
        "lifetime": lambda found: lifetime(transactions, LAST, found["rfm"], value),
        "action_lists": lambda found: action_lists(
            transactions, period, found["rfm"], found["lifetime"], lists, margin=value.margin
        ),
        "programme": lambda _: programme(transactions, LAST, tiers, None),
        "survey": lambda found: survey(transactions, LAST, answers, found["rfm"], Survey(path="answers.csv")),
    }


if __name__ == "__main__":
    main()
