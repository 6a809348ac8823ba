"""Intervals of the changes: simulated shops whose truth is known, a bootstrap over customers, and invariances."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.kpi_change import AGAINST, figure_changes
from loyalty_lib.analyses.kpi_table import figures_by_period
from loyalty_lib.analyses.kpi_units import UNITS
from loyalty_lib.analyses.kpis import KpiResult, figures_table, kpis
from loyalty_lib.engine import Engine
from loyalty_lib.inputs import Inputs, load_inputs
from loyalty_lib.periods import Period, parse_period
from tests.analyses.shops import build

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.analyses.shops import Shop

PERIOD = parse_period("2024-Q4")
QUARTERS = PERIOD.back(3)
WITHOUT = {"silent_rate", "upsell_ratio", "one_to_several", "engagement_index"}
KEYS = [key for key in (*UNITS, "orders_per_customer") if key not in WITHOUT]


def sums(frame: pd.DataFrame, money: pd.DataFrame, now: Period, before: Period) -> pd.DataFrame:
    """Return, by customer, what the figures of a period are made of: plain pandas."""

    def inside(table: pd.DataFrame, period: Period) -> pd.DataFrame:
        return table[table["day"].between(pd.Timestamp(period.start), pd.Timestamp(period.end))]

    here, there = inside(frame, now).groupby("customer_id"), inside(frame, before).groupby("customer_id")
    customers = frame["customer_id"].drop_duplicates().tolist()
    sales, base = (inside(money, one).groupby("customer_id")["amount"].sum() for one in (now, before))
    index = pd.Index(sorted({*customers, *money["customer_id"]}))
    first = frame.groupby("customer_id")["day"].min().reindex(index)
    table = pd.DataFrame(
        {
            "days": here.size().reindex(index, fill_value=0),
            "orders": here["orders"].sum().reindex(index, fill_value=0),
            "sales": sales.reindex(index, fill_value=0.0),
            "before": there.size().reindex(index, fill_value=0) > 0,
            "base": base.reindex(index, fill_value=0.0),
        }
    ).astype(float)
    active = table["days"] > 0
    return table.assign(
        active=active * 1.0,
        new=(active & (first >= pd.Timestamp(now.start))) * 1.0,
        returning=active * table["before"],
        repeat=(table["days"] >= 2) * 1.0,
        base=table["base"] * table["before"],
        again=table["sales"] * table["before"],
        kept=table[["sales", "base"]].min(axis=1) * table["before"],
    )


def figures(total: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    """Return the figures of sums, as the definitions have them."""
    return {
        "active_customers": total["active"],
        "new_customers": total["new"],
        "returning_customers": total["returning"],
        "reactivated_customers": total["active"] - total["new"] - total["returning"],
        "lapsed_customers": total["before"] - total["returning"],
        "retention_rate": total["returning"] / total["before"],
        "churn_rate": 1 - total["returning"] / total["before"],
        "repeat_rate": total["repeat"] / total["active"],
        "purchase_frequency": total["days"] / total["active"],
        "average_order_value": total["sales"] / total["orders"],
        "net_sales": total["sales"],
        "sales_per_customer": total["sales"] / total["active"],
        "orders": total["orders"],
        "purchase_days": total["days"],
        "gross_revenue_retention": total["kept"] / total["base"],
        "net_revenue_retention": total["again"] / total["base"],
        "revenue_churn": 1 - total["kept"] / total["base"],
        "customer_growth": total["active"] / total["before"] - 1,
        "orders_per_customer": total["orders"] / total["active"],
    }


def drawn_anew(inputs: Inputs, against: str, times: int = 1500) -> dict[str, float]:
    """Return the standard deviation of each change (log change of counts and money) over customers drawn anew."""
    engine = inputs.transactions.engine
    frame, money = (
        engine.connection.sql(f"SELECT customer_id, day, CAST(amount AS DOUBLE) AS amount{more} FROM {table}").df()
        for table, more in (("purchase_days", ", orders"), ("net_sales", ""))
    )
    now = inputs.period
    then = now.previous if against == "previous" else now.year_ago
    sides = [sums(frame, money, one, one.previous) for one in (now, then)]
    rng = np.random.default_rng(3)
    totals: list[list[NDArray[np.float64]]] = [[], []]
    for _ in range(times // 100):
        drawn = rng.poisson(1.0, (100, len(sides[0]))).astype(float)
        for side, table in enumerate(sides):
            totals[side].append(drawn @ table.to_numpy())
    columns = sides[0].columns
    with np.errstate(divide="ignore", invalid="ignore"):  # a comparison with nothing: those figures are not looked at
        one, other = (figures(dict(zip(columns, np.concatenate(side).T, strict=True))) for side in totals)
        return {
            key: float(np.std(one[key] - other[key] if UNITS.get(key) == "ratio" else np.log(one[key] / other[key])))
            for key in KEYS
        }


def half_width(result: KpiResult, key: str, against: str) -> float:
    row: Any = result.changes.loc[(key, against)]
    low, high = float(row["low"]), float(row["high"])
    return (high - low) / 2 if UNITS.get(key) == "ratio" else float(np.log((1 + high) / (1 + low))) / 2


@pytest.mark.parametrize("against", AGAINST)
@pytest.mark.parametrize(("client", "period"), [("cdnow", "1998-Q2"), ("fjord", "2024-Q4")])
def test_intervals_are_as_wide_as_those_of_customers_drawn_anew(client: str, period: str, against: str) -> None:
    """A bootstrap in plain NumPy over what pandas finds of each customer."""
    inputs = load_inputs(client, period)
    result = kpis(inputs.transactions, inputs.period)
    compared = 0
    expected = drawn_anew(inputs, against)
    for key in KEYS:
        width = half_width(result, key, against)
        if np.isfinite(width):
            assert width == pytest.approx(1.96 * expected[key], rel=0.10), key
            compared += 1
    assert compared >= 16  # CDNOW has no new customers in 1998


def drawn(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    """Draw three quarters of customers who differ in how often they buy and for how much; one purchase a day."""
    rate, level = rng.gamma(0.8, 1.0, customers), np.exp(rng.normal(3.5, 0.5, customers))
    joined = rng.choice(3, customers, p=[0.6, 0.25, 0.15])
    parts = []
    for number, (quarter, busy, dear) in enumerate(zip(QUARTERS, (1.0, 1.0, 1.15), (1.0, 1.0, 1.05), strict=True)):
        counts = rng.poisson(rate * busy * (joined <= number))
        who = np.repeat(np.arange(customers), counts)
        nth = np.arange(len(who)) - np.repeat(np.cumsum(counts) - counts, counts)
        amount = level[who] * np.exp(rng.normal(0, 0.4, len(who))) * dear
        day = np.datetime64(quarter.start) + (nth % 85).astype("timedelta64[D]")
        parts.append(pd.DataFrame({"customer_id": who, "day": day, "amount": amount.round(2)}))
    rows = pd.concat(parts, ignore_index=True)
    return rows.assign(customer_id="c" + rows["customer_id"].astype(str))


def changes_of(transactions: Any) -> Any:
    """Return the changes on the previous quarter, without the rest of the key figures."""
    periods = (*QUARTERS, PERIOD.year_ago, PERIOD.year_ago.previous)
    gaps: Any = SimpleNamespace(p80=float("nan"))
    table = figures_by_period(transactions, periods, PERIOD, dt.date(2020, 1, 1), gaps, None)
    changes, _ = figure_changes(transactions, table, figures_table(table, PERIOD, list(UNITS)), PERIOD)
    found: Any = changes.xs("previous", level="against")
    return found


@pytest.mark.slow
def test_the_truth_is_inside_95_of_100_intervals() -> None:
    """500 shops of about 180 active customers; the truth is that of one with 600,000."""
    rng, engine = np.random.default_rng(1), Engine()
    truth = changes_of(build(engine, drawn(rng, 600_000)))["change"].astype(float)
    inside = []
    for _ in range(500):
        found = changes_of(build(engine, drawn(rng, rng.poisson(400))))
        inside.append(found["low"].le(truth) & found["high"].ge(truth))
    engine.close()
    share = pd.concat(inside, axis=1).mean(axis=1)
    told = share.drop([*WITHOUT, "reactivated_customers"])  # nobody can have come back after one quarter
    # Two standard errors of a share of 500 are 2 points.
    assert told.between(0.925, 0.975).all(), told
    assert 0.935 < told.mean() < 0.96


def test_a_shop_checked_by_hand(shop: Shop) -> None:
    """Two customers buy in both quarters, one only then, three only now: variance 2 (1/5 - 1/3)^2 + 3/25 + 1/9."""
    now = [(f"c{n}", "2024-11-05", 10.0) for n in range(5)]
    then = [(f"c{n}", "2024-08-05", 10.0) for n in (0, 1, 9)]
    result = kpis(shop([*now, *then, ("old", "2020-01-01", 1.0)]), PERIOD)
    row: Any = result.changes.loc[("active_customers", "previous")]
    margin = 1.959964 * np.sqrt(2 * (1 / 5 - 1 / 3) ** 2 + 3 / 25 + 1 / 9)
    assert row["change"] == pytest.approx(5 / 3 - 1)
    assert row["low"] == pytest.approx(5 / 3 * np.exp(-margin) - 1, abs=6e-5)
    assert row["high"] == pytest.approx(5 / 3 * np.exp(margin) - 1, abs=6e-5)
    assert not row["clear"]
    assert result.customers_in_both["previous"] == 2


def test_a_change_is_clear_only_where_its_interval_leaves_out_none(orders: pd.DataFrame, shop: Shop) -> None:
    changes = kpis(shop(orders), parse_period("2024-11")).changes
    known = changes[changes["clear"].notna()]
    outside = (known["low"] > 0) | (known["high"] < 0)
    assert (known["clear"] == outside).all()
    assert 0 < outside.sum() < len(known)
    assert known["change"].between(known["low"], known["high"]).all()
    without = changes[changes.index.get_level_values("key").isin(list(WITHOUT))]
    assert len(without)
    assert not without[["low", "high", "clear"]].notna().any().any()


def test_order_of_rows_lines_of_an_order_and_the_unit_change_nothing(orders: pd.DataFrame, shop: Shop) -> None:
    period = parse_period("2024-11")
    columns = ["change", "low", "high"]
    first = kpis(shop(orders), period).changes
    shuffled = kpis(shop(orders.sample(frac=1, random_state=5)), period).changes
    halves = orders.assign(amount=orders["amount"] / 2)
    split = kpis(shop(pd.concat([halves, halves])), period).changes
    scaled = kpis(shop(orders.assign(amount=orders["amount"] * 100)), period).changes
    for other in (shuffled, split, scaled):
        pd.testing.assert_frame_equal(other[columns].astype(float), first[columns].astype(float), rtol=1e-9)
        assert other["clear"].equals(first["clear"])


def test_a_shop_without_a_past_has_no_changes(shop: Shop) -> None:
    found = kpis(shop([(f"c{n}", "2024-11-05", 10.0) for n in range(9)]), PERIOD)
    assert found.changes.isna().all(axis=None)
    assert found.customers_in_both.isna().all()
    assert kpis(shop([]), PERIOD).changes.isna().all(axis=None)
