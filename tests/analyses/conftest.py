"""Shops to analyse: made by hand, simulated, and real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.engine import Engine
from tests.analyses.shops import Shop, build


@pytest.fixture
def shop() -> Iterator[Shop]:
    """Build transactions from (customer, day, amount) rows."""
    engines: list[Engine] = []

    def make(rows: pd.DataFrame | list[tuple[str, str, float]]) -> Any:
        engines.append(Engine())
        return build(engines[-1], rows)

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture(scope="session")
def orders() -> pd.DataFrame:
    """Two years of a small shop with refunds, ties, several orders a day and whole-cent amounts; seeded."""
    rng = np.random.default_rng(11)
    first = rng.integers(0, 700, size=400)
    rows = []
    for customer, start in enumerate(first):
        count = 1 + rng.poisson(rng.gamma(0.7, 4))
        for day in [start, *rng.integers(start, 731, size=count)]:
            rows.append((f"c{customer:03d}", int(day), rng.integers(0, 4000) / 100))
            if rng.random() < 0.1:
                back = min(int(day) + int(rng.integers(1, 60)), 730)
                rows.append((f"c{customer:03d}", back, -rng.integers(1, 3000) / 100))
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    frame["day"] = pd.Timestamp("2023-01-01") + pd.to_timedelta(frame["day"], unit="D")
    frame["order_id"] = [f"o{number}" for number in range(len(frame))]
    return frame


@pytest.fixture(scope="session")
def online_retail() -> Iterator[Any]:
    """UCI Online Retail, the lines with a customer, quantity > 0 and price > 0."""
    path = Path(__file__).resolve().parents[2].parent / "shared/data/online-retail-2010-2011/online_retail.csv.gz"
    if not path.exists():
        pytest.skip("the Online Retail file is not beside this checkout")
    columns = ["InvoiceNo", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID"]
    lines = pd.read_csv(path, dtype={"CustomerID": "str", "InvoiceNo": "str"}, usecols=columns)
    lines = lines[lines["CustomerID"].notna() & (lines["Quantity"] > 0) & (lines["UnitPrice"] > 0)]
    rows = pd.DataFrame(
        {
            "customer_id": lines["CustomerID"],
            "order_id": lines["InvoiceNo"],
            "day": pd.to_datetime(lines["InvoiceDate"]).dt.normalize(),
            "amount": lines["Quantity"] * lines["UnitPrice"],
        }
    )
    engine = Engine()
    yield build(engine, rows)
    engine.close()
