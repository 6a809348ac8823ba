"""What the bridge of net sales shows gives no small flow away, not even beside the key figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib.analyses.kpis import kpis
from loyalty_lib.analyses.protect_kpis import protect_kpis
from loyalty_lib.analyses.protect_revenue_bridge import BUYERS, protect_revenue_bridge
from loyalty_lib.analyses.revenue_bridge import FLOWS, RevenueBridgeResult, revenue_bridge
from loyalty_lib.periods import parse_period

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

MINIMUM = 5
PERIOD = parse_period("2024-11")


def random_shop(seed: int) -> list[tuple[str, str, float]]:
    """Two years of a shop so small that many flows are."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(int(rng.integers(10, 130))):
        months = rng.choice(24, size=int(rng.integers(1, 8)), replace=True)
        favoured = rng.choice([10, 21, 22], size=int(rng.integers(0, 3)))
        for month in [*months, *favoured]:
            day = f"{2023 + month // 12}-{1 + month % 12:02d}-{int(rng.integers(1, 29)):02d}"
            rows.append((f"c{customer}", day, float(np.round(rng.lognormal(3, 1.5), 2))))
            if rng.random() < 0.05:
                rows.append((f"c{customer}", day[:8] + "28", -5.0))
    return [*rows, ("first", "2023-01-01", 1.0)]


def cells(result: RevenueBridgeResult, column: str) -> dict[tuple[str, str], float]:
    rows = result.flow[["against", "flow", column]].itertuples(index=False, name=None)
    # New customers and their sales are the same against every period.
    return {("any" if flow == "new" else against, flow): value for against, flow, value in rows}


def given(unknowns: list[tuple[str, str]], *names: tuple[str, str]) -> list[float]:
    return [float(one in names) for one in unknowns]


def determined(equations: list[list[float]], unknown: int) -> bool:
    """Say whether an unknown follows from linear equations."""
    matrix = np.array(equations)
    unit = np.eye(matrix.shape[1])[unknown]
    return bool(np.linalg.matrix_rank(np.vstack([matrix, unit])) == np.linalg.matrix_rank(matrix))


@pytest.mark.parametrize("seed", range(12))
def test_no_small_flow_follows_from_what_is_printed(shop: Shop, seed: int) -> None:
    transactions = shop(random_shop(seed))
    result = revenue_bridge(transactions, PERIOD)
    shown = protect_revenue_bridge(result, MINIMUM, 0.5)
    figures = protect_kpis(kpis(transactions, PERIOD), MINIMUM, 0.5).figures["value"].astype(float)
    true, printed = cells(result, "customers"), cells(shown, "customers")
    unknowns = list(true)
    # Active customers of both periods are known, and what the key figures say of the flows.
    equations = [given(unknowns, one) for one in unknowns if printed[one] >= 0]
    for against in ("previous", "year_ago"):
        kept = [(against, "kept_more"), (against, "kept_less")]
        equations += [given(unknowns, ("any", "new"), (against, "reactivated"), *kept)]
        equations += [given(unknowns, *kept, (against, "lapsed"))]
    if figures["returning_customers"] >= 0:
        equations += [given(unknowns, ("previous", "kept_more"), ("previous", "kept_less"))]
    for key, flow in (("new", "any"), ("reactivated", "previous"), ("lapsed", "previous")):
        if figures[f"{key}_customers"] >= 0:
            equations += [given(unknowns, (flow, key))]
    for place, one in enumerate(unknowns):
        if 0 < true[one] < MINIMUM:
            assert not printed[one] >= 0
            assert not determined(equations, place), one


@pytest.mark.parametrize("seed", range(12))
def test_no_money_of_a_few_follows_from_what_is_printed(shop: Shop, seed: int) -> None:
    transactions = shop(random_shop(seed))
    result = revenue_bridge(transactions, PERIOD)
    shown = protect_revenue_bridge(result, MINIMUM, 0.5)
    figures = protect_kpis(kpis(transactions, PERIOD), MINIMUM, 0.5).figures["value"].astype(float)
    counts, share = cells(result, "customers"), cells(result, "largest_share")
    printed = cells(shown, "amount")
    unknowns = list(printed)
    equations = [given(unknowns, one) for one in unknowns if np.isfinite(printed[one])]
    for against in ("previous", "year_ago"):
        if shown.totals["change"].notna()[against]:
            rows = [("any" if flow == "new" else against, flow) for flow in FLOWS]
            equations += [given(unknowns, *rows)]
    # What the key figures say of the previous period's customers.
    if np.isfinite(figures["gross_revenue_retention"]):
        equations += [given(unknowns, ("previous", "kept_less"), ("previous", "lapsed"))]
    if np.isfinite(figures["net_revenue_retention"]):
        equations += [given(unknowns, *(("previous", flow) for flow in ("kept_more", "kept_less", "lapsed")))]
    for place, one in enumerate(unknowns):
        if 0 < counts[one] < MINIMUM or share[one] > 0.5:
            assert not np.isfinite(printed[one])
            if equations:
                assert not determined(equations, place), one


@pytest.mark.parametrize("seed", range(0, 12, 2))
def test_protecting_again_changes_nothing(shop: Shop, seed: int) -> None:
    result = revenue_bridge(shop(random_shop(seed)), PERIOD)
    once = protect_revenue_bridge(result, MINIMUM, 0.5)
    twice = protect_revenue_bridge(once, MINIMUM, 0.5)
    for name in ("totals", "drivers", "flow"):
        pd.testing.assert_frame_equal(getattr(once, name), getattr(twice, name), check_exact=True)
    assert once.suppressed == twice.suppressed
    hidden = sum(
        int((getattr(once, name).isna() & getattr(result, name).notna()).to_numpy().sum())
        for name in ("totals", "drivers", "flow")
    )
    assert once.suppressed == hidden


def many(customers: int, month: str, value: float = 10.0, name: str = "c") -> list[tuple[str, str, float]]:
    return [(f"{name}{n}", f"{month}-05", value) for n in range(customers)]


def test_a_large_shop_hides_nothing(shop: Shop) -> None:
    rows = [("x", "2023-01-01", 1.0), *many(60, "2023-11"), *many(60, "2024-10", 11.0), *many(40, "2024-11", 12.0)]
    rows += [*many(30, "2024-11", name="n"), *many(20, "2024-10", name="l"), *many(20, "2023-05", name="b")]
    rows += [*many(20, "2024-11", name="b"), *many(20, "2024-10", 20.0, "k"), *many(20, "2024-11", 5.0, "k")]
    result = revenue_bridge(shop(rows), PERIOD)
    shown = protect_revenue_bridge(result, MINIMUM, 0.5)
    assert shown.suppressed == 0
    pd.testing.assert_frame_equal(shown.flow, result.flow)


def test_a_few_who_spent_more_hide_those_who_spent_less_and_what_lapsed_took(shop: Shop) -> None:
    rows = [("x", "2024-01-01", 1.0), *many(60, "2024-10"), *many(37, "2024-11", 9.0), *many(30, "2024-11", name="n")]
    rows += [(f"c{n}", "2024-11-05", 15.0) for n in range(37, 40)]  # 3 more, 37 less, 20 lapsed
    shown = protect_revenue_bridge(revenue_bridge(shop(rows), PERIOD), MINIMUM, 0.5)
    flow = shown.flow[shown.flow["against"] == "previous"].set_index("flow")
    assert flow.index[flow["customers"].isna()].to_list() == ["kept_more", "kept_less"]
    assert flow.index[flow["amount"].isna()].to_list() == ["kept_more", "kept_less", "lapsed"]
    assert shown.drivers.loc[shown.drivers["against"] == "previous", "part"].notna().all()


def test_a_dominated_period_has_no_money_and_no_parts(shop: Shop) -> None:
    rows = [("x", "2023-01-01", 1.0), *many(40, "2023-11"), *many(40, "2024-10"), *many(40, "2024-11")]
    shown = protect_revenue_bridge(revenue_bridge(shop([*rows, ("c1", "2024-10-20", 900.0)]), PERIOD), MINIMUM, 0.5)
    assert shown.totals["sales_then"].isna()["previous"]
    assert shown.totals.loc["year_ago", "change"] == 0
    previous = shown.drivers[shown.drivers["against"] == "previous"]
    assert previous["part"].isna().all()
    assert previous["then"].notna().to_list() == [True, True, False]
    assert shown.flow.loc[shown.flow["against"] == "previous", "amount"].isna().all()
    assert shown.bridge["against"].unique().tolist() == ["year_ago"]


def test_a_period_of_a_few_customers_shows_nothing(shop: Shop) -> None:
    rows = [("x", "2023-01-01", 1.0), *many(3, "2023-11"), *many(3, "2024-10"), *many(40, "2024-11")]
    shown = protect_revenue_bridge(revenue_bridge(shop(rows), PERIOD), MINIMUM, 1.0)
    assert shown.totals[["sales_then", "sales_now", "change"]].isna().all(axis=None)
    assert shown.drivers[["then", "now", "part"]].isna().all(axis=None)
    assert shown.flow.loc[shown.flow["flow"].isin(BUYERS), ["customers", "amount"]].isna().all(axis=None)
    assert shown.bridge.empty
    assert shown.flows.empty
