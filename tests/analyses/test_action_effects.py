"""Effects, value at risk and the budget: published numbers, arithmetic by hand, and an optimiser."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.stats import norm

from loyalty_lib.analyses.action_at_risk import total_at_risk, value_at_risk
from loyalty_lib.analyses.action_budget import divide_budget
from loyalty_lib.analyses.action_effects import break_even, smallest_effect
from tests.analyses.shops import row


def test_smallest_effect_is_that_of_the_published_sample_size() -> None:
    """10 % against 15 % needs 686 in each group (two-sided 5 %, power 80 %, uncorrected)."""
    assert smallest_effect(686, 686, 0.10) == pytest.approx(0.05, abs=2e-5)


@pytest.mark.parametrize(("treated", "control", "baseline"), [(900, 100, 0.2), (500, 500, 0.05), (90, 10, 0.4)])
def test_a_comparison_finds_the_smallest_effect_four_times_out_of_five(
    treated: int, control: int, baseline: float
) -> None:
    effect = smallest_effect(treated, control, baseline)
    rng = np.random.default_rng(1)
    one = rng.binomial(treated, baseline + effect, 20_000)
    other = rng.binomial(control, baseline, 20_000)
    pooled = (one + other) / (treated + control)
    error = np.sqrt(pooled * (1 - pooled) * (1 / treated + 1 / control))
    z = np.divide(one / treated - other / control, error, out=np.zeros(len(error)), where=error > 0)
    assert (np.abs(z) > norm.ppf(0.975)).mean() == pytest.approx(0.8, abs=0.04)


def test_no_group_no_effect() -> None:
    for treated, control, baseline in ((10, 0, 0.1), (0, 10, 0.1), (10, 1, 0.9), (10, 10, np.nan), (10, 10, 1.0)):
        assert np.isnan(smallest_effect(treated, control, baseline))


def test_writing_pays_from_cost_over_gain_on_and_never_where_that_is_more_than_all() -> None:
    assert break_even(2, 30) == pytest.approx(1 / 15)
    assert break_even(0, 30) == 0
    for cost, gain in ((2, 0), (2, -1), (31, 30), (np.nan, 30), (2, np.nan)):
        assert np.isnan(break_even(cost, gain))


def test_value_at_risk_by_hand() -> None:
    """A lifetime value of 20 at 0.25 is 80 for an active customer: 60 are at risk."""
    values = pd.DataFrame.from_dict(
        {"a": (0.25, 20.0), "b": (0.4, 8.0), "c": (0.6, 90.0), "d": (np.nan, 5.0), "e": (0.1, 1.0)},
        orient="index",
        columns=["probability_alive", "clv"],
    )
    before = pd.Series({"a": 0.7, "b": 0.45, "c": 0.9, "e": 0.5})
    segments = pd.Series({"a": "loyal", "b": "loyal", "c": "loyal", "d": "new", "e": "inactive"})
    table = value_at_risk(values, before, segments, ["new", "loyal", "inactive"], 0.5).set_index("segment")
    assert table.index.to_list() == ["loyal", "inactive"]
    assert row(table.drop(columns="largest_share"), "loyal") == [2, 28, 100, 72, 1, 60, 1, 2, 1]
    assert table["largest_share"]["loyal"] == 1.0  # of the newly lost
    assert row(table, "inactive", ["customers", "clv_if_active", "at_risk", "new_at_risk"]) == pytest.approx(
        [1, 10, 9, 9]
    )
    total = total_at_risk(values, before, 0.5)
    assert total[["customers", "at_risk", "new_customers", "new_at_risk"]].to_list() == [3, 81, 2, 69]


def people(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 400
    table = pd.DataFrame(
        {
            "list": rng.choice(["win_back", "upcoming", "do_not_lose"], n),
            "segment": rng.choice(["new", "loyal", "lost", "at_risk"], n),
            "order_value": rng.lognormal(4, 0.5, n),
        }
    )
    table["cost"] = table["list"].map({"win_back": 2.0, "upcoming": 0.5, "do_not_lose": 4.0})
    table["gain"] = (
        0.05 * (table["order_value"] * table["segment"].map({"new": 1.5, "loyal": 1, "lost": 0.4, "at_risk": 0.9}))
        - table["cost"] / 2
    )
    return table


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("amount", [1.0, 90.0, 400.0, 5000.0])
def test_no_other_division_of_the_budget_brings_more(seed: int, amount: float) -> None:
    """The fractional knapsack as a linear programme: maximise value x share, cost x share within the budget."""
    table = people(seed)
    plan = divide_budget(table, amount, ["win_back", "do_not_lose", "upcoming"])
    cells = table.groupby(["list", "segment"])[["cost", "gain"]].sum()
    solved = linprog(-cells["gain"], A_ub=[cells["cost"]], b_ub=[amount], bounds=(0, 1))
    assert solved.fun is not None
    assert plan["cumulative_value"].iloc[-1] == pytest.approx(-solved.fun, rel=1e-9)
    assert plan["cumulative_cost"].iloc[-1] <= amount * (1 + 1e-12)
    assert (plan["expected_value"] > 0).all()
    assert plan["share"].between(0, 1).all()
    assert plan["share"].is_monotonic_decreasing
    assert plan["share"].between(0, 1, inclusive="neither").sum() <= 1
    assert plan["order"].to_list() == list(range(1, len(plan) + 1))


def test_what_costs_nothing_comes_first_and_a_budget_of_none_divides_nothing() -> None:
    table = people(1).assign(cost=lambda rows: rows["cost"].where(rows["list"] != "upcoming", 0))
    plan = divide_budget(table, 10.0, ["win_back", "do_not_lose", "upcoming"])
    assert plan["list"].head(3).eq("upcoming").all()
    assert plan["share"].head(3).eq(1).all()
    assert divide_budget(table, None, ["upcoming"]).empty
    assert divide_budget(table[:0], 10.0, ["upcoming"]).empty
