"""Protected lists: nothing small shows, and nothing hidden follows from what the page prints."""

from __future__ import annotations

import datetime as dt
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib.analyses.action_budget import divide_budget
from loyalty_lib.analyses.action_lists import ActionListsResult
from loyalty_lib.analyses.action_rules import REASONS, RULES
from loyalty_lib.analyses.action_worth import list_table
from loyalty_lib.analyses.protect_action_lists import protect_action_lists
from loyalty_lib.config.analyses import Actions, Assumption

AS_OF = dt.date(2024, 12, 31)
SEGMENTS = ("new", "loyal", "at_risk", "lost")
TERMS = Actions(
    budget=60,
    assumptions={name: Assumption(uplift=0.1, cost=cost) for name, cost in (("win_back", 2), ("upcoming", 1))},
)
CELLS = st.lists(st.integers(0, 12), min_size=4, max_size=4)


def result_of(
    sizes: dict[str, list[int]],
    at_risk: list[tuple[int, int, int]] | None = None,
    pairs: list[int] | None = None,
    *,
    dominant: bool = False,
) -> ActionListsResult:
    """Make a result with the given number of customers by list and segment; at risk: new, earlier, others."""
    rng = np.random.default_rng(3)
    people = [
        (name, f"{name}{place}", segment)
        for name in RULES
        for segment, count in zip(SEGMENTS, sizes.get(name, []), strict=False)
        for place in range(count)
    ]
    customers = pd.DataFrame(people, columns=["list", "customer_id", "segment"])
    customers["customer_id"] = [f"c{n}" for n in range(len(customers))]
    customers[list(REASONS)] = None
    customers["control"] = customers.groupby("list").cumcount() % 5 == 4
    customers["order_value"] = rng.lognormal(4, 0.3, len(customers)) + 40
    if dominant and len(customers):
        customers.loc[0, "order_value"] = 1e6
    customers["cost"] = customers["list"].map({"win_back": 2.0, "upcoming": 1.0}).astype(float)
    customers["gain"] = 0.1 * customers["order_value"] * 0.4 - customers["cost"]
    customers["first"] = True
    bought = pd.DataFrame({"earlier": 40, "baseline": 0.25}, index=list(RULES))
    lists = list_table(customers, bought, TERMS, 0.4, list(sizes))
    written = customers[~customers["control"]].dropna(subset="gain")
    risk = pd.DataFrame(at_risk or [], columns=["new_customers", "earlier", "others"])
    risk["customers"] = risk["new_customers"] + risk["earlier"]
    risk.insert(0, "segment", SEGMENTS[: len(risk)])
    for name in ("clv", "clv_if_active", "at_risk"):
        risk[name] = risk["customers"] * 10.0
    risk["new_at_risk"] = risk["new_customers"] * 10.0
    risk["counted"], risk["new_counted"], risk["largest_share"] = risk["customers"], risk["new_customers"], 0.1
    total = risk.drop(columns=["segment", "earlier"]).sum().astype(float) if len(risk) else pd.Series(dtype=float)
    if len(total):
        total["largest_share"] = 0.1
    risk = risk[risk["customers"] > 0].reset_index(drop=True)
    cross = pd.DataFrame({"category": list("abcd")[: len(pairs or [])], "next": "z", "customers": pairs or []})
    cross["lift"], cross["support"], cross["both"], cross["counted"] = 1.5, 0.1, 30, cross["customers"]
    pays = written[written["gain"] > 0]
    return ActionListsResult(
        lists=lists,
        value_at_risk=risk.drop(columns="earlier"),
        total_at_risk=total,
        cross_sell=cross,
        budget=divide_budget(written, TERMS.budget, list(RULES)),
        customers=customers,
        listed=len(customers),
        several=0,
        paying=len(pays),
        expected_value=float(pays["gain"].sum()),
        unknown=3,
        reason="",
        threshold=0.5,
        share_of_control=0.2,
        days=30,
        amount=60,
        margin=0.4,
        second_days=float("nan"),
        hidden_segments=(),
        as_of=AS_OF,
        previous=dt.date(2024, 9, 30),
    )


def same(one: Any, other: Any) -> None:
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, pd.DataFrame):
            pd.testing.assert_frame_equal(a, b)
        elif isinstance(a, pd.Series):
            pd.testing.assert_series_equal(a, b)
        else:
            assert a == b or (np.isnan(a) and np.isnan(b)), field.name


def small(values: Any, minimum: int) -> Any:
    return (values > 0) & (values < minimum)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.fixed_dictionaries({"win_back": CELLS, "anniversary": CELLS, "cross_sell": CELLS, "upcoming": CELLS}),
    st.lists(st.tuples(*[st.integers(0, 9)] * 3), min_size=4, max_size=4),
    st.integers(2, 8),
)
def test_nothing_small_shows_and_no_sum_gives_it_away(
    sizes: dict[str, list[int]], risk: list[tuple[int, int, int]], minimum: int
) -> None:
    pairs = sorted(sizes["cross_sell"], reverse=True)
    result = result_of(sizes, risk, pairs)
    shown = protect_action_lists(result, minimum, 0.5)
    same(shown, protect_action_lists(shown, minimum, 0.5))
    # Lists: small sizes are hidden, and where their total shows never one alone.
    counts = shown.lists["customers"]
    for column in ("customers", "treated", "control"):
        assert not small(shown.lists[column], minimum).any()
    hidden = result.lists["customers"][counts.isna()]
    if shown.listed is not None and len(hidden):
        assert len(hidden) > 1
        assert hidden.sum() >= minimum
    assert shown.lists.loc[counts.isna(), ["one_order", "expected_value", "smallest_effect"]].isna().all(axis=None)
    # Customers at risk who are not to be won back are a group too.
    gone = shown.total_at_risk["customers"] - shown.lists.set_index("list")["customers"]["win_back"]
    assert not small(abs(gone), minimum)
    # Cross-sell: the rows add up to the list.
    offers = shown.cross_sell["customers"]
    assert not small(offers, minimum).any()
    if shown.lists.set_index("list")["customers"].notna()["cross_sell"]:
        missing = result.cross_sell.set_index("category")["customers"][shown.cross_sell["category"][offers.isna()]]
        assert len(missing) != 1
        assert not small(missing.sum(), minimum)
    # Value at risk: the newly lost, the others at risk, and those not at risk of a segment.
    table = shown.value_at_risk
    new, whole = table["new_customers"], table["customers"]
    for part in (whole, new, whole - new):
        assert not small(part, minimum).any()
    assert not small(table.loc[whole.notna(), "others"], minimum).any()
    total = shown.total_at_risk
    assert not small(total[["customers", "new_customers"]], minimum).any()
    if not np.isnan(total["customers"]) and whole.isna().any():
        left = result.value_at_risk.loc[whole.isna(), "customers"]
        assert (left > 0).sum() > 1
        assert left.sum() >= minimum
    if not np.isnan(total["new_customers"]) and new.isna().any():
        unseen = result.value_at_risk[new.isna()]
        assert not small(unseen["new_customers"].sum(), minimum)
        assert not small((unseen["customers"] - unseen["new_customers"]).sum(), minimum)
        assert (unseen["new_customers"] > 0).sum() != 1
    # Budget: no small cell, and of one list never one alone unless it is all there is.
    plan = shown.budget
    assert not small(plan["customers"], minimum).any()
    for name, cells in plan.groupby("list"):
        lone = cells["customers"].isna()
        assert lone.sum() != 1 or len(cells) == 1, name
    if plan["customers"].isna().any():
        assert plan[["cumulative_cost", "cumulative_value"]].isna().all(axis=None)
        assert not plan["share"].between(0, 1, inclusive="neither").any()
    seen = plan.dropna(subset=["customers", "expected_value", "share"])
    assert shown.paid_for["cost"] == pytest.approx((seen["cost"] * seen["share"]).sum())


def test_money_that_one_customer_dominates_is_hidden_with_a_second_cell() -> None:
    sizes = {"win_back": [20, 20, 20, 20], "anniversary": [20] * 4, "upcoming": [30] * 4}
    result = result_of(sizes, dominant=True)
    shown = protect_action_lists(result, 5, 0.5).lists.set_index("list")
    assert shown["customers"].notna().all()
    assert shown["expected_value"].isna()["win_back"]
    assert shown["one_order"].isna().sum() == 2
    assert np.isnan(protect_action_lists(result, 5, 0.5).expected_value)
    plan = protect_action_lists(result, 5, 0.5).budget
    assert plan.set_index(["list", "segment"])["expected_value"].isna()[("win_back", "new")]
    assert plan.loc[plan["list"] == "win_back", "expected_value"].isna().sum() >= 2


def test_segments_hidden_elsewhere_are_hidden_here() -> None:
    result = result_of({"win_back": [20] * 4}, [(20, 20, 20)] * 4)
    hidden = protect_action_lists(ActionListsResult(**{**vars(result), "hidden_segments": ("new", "loyal")}), 5, 0.5)
    assert hidden.value_at_risk["customers"].isna().to_list() == [True, True, False, False]
    assert hidden.budget.set_index("segment")["customers"].isna()[["new", "loyal"]].all()


def test_a_minimum_of_one_hides_nothing() -> None:
    result = result_of({"win_back": [1, 2, 3, 4], "cross_sell": [1, 1, 1, 1]}, [(1, 1, 1)] * 4, [1, 1, 1, 1])
    assert protect_action_lists(result, 1, 1.0).suppressed == 0


def test_a_share_of_few_buyers_is_hidden() -> None:
    result = result_of({"win_back": [20] * 4})
    few = ActionListsResult(**{**vars(result), "lists": result.lists.assign(baseline=0.05)})  # 2 of 40
    shown = protect_action_lists(few, 5, 0.5)
    assert shown.lists[["baseline", "smallest_effect"]].isna().all(axis=None)
    assert shown.unknown is None
