"""Protected contracts: nothing small shows, and the accounts that close give nothing hidden away."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib.analyses.protect_subscriptions import MOVES, protect_subscriptions
from loyalty_lib.analyses.subscriptions_flows import COUNTS, MONEY, RATES
from tests.analyses.contracts import EIGHT, follow, frame, yearly
from tests.analyses.test_protect import same

MINIMA = [2, 5, 10]
SHOWN = [name for name in COUNTS if not name.startswith(("expanding", "contracting"))]


@pytest.mark.parametrize("minimum", MINIMA)
@pytest.mark.parametrize("customers", [3, 12, 60, 400])
def test_protecting_twice_changes_nothing(customers: int, minimum: int) -> None:
    result = follow(yearly(customers), "2024-11", yearly_discount_rate=0.1, days=60)
    once = protect_subscriptions(result, minimum, 0.5)
    assert same(once, protect_subscriptions(once, minimum, 0.5))


@settings(max_examples=10, deadline=None)
@given(customers=st.integers(5, 120), seed=st.integers(0, 50), minimum=st.sampled_from(MINIMA))
def test_no_small_group_shows_and_none_is_the_rest_of_the_others(customers: int, seed: int, minimum: int) -> None:
    result = follow(yearly(customers, seed), "2024-11", yearly_discount_rate=0.1, days=60)
    safe = protect_subscriptions(result, minimum, 0.5)
    for name in SHOWN:
        shown = safe.flows[name].dropna()
        assert ((shown == 0) | (shown >= minimum)).all()
    for label, row in safe.flows.iterrows():
        raw = result.flows.loc[label]
        hidden = [name for name in MOVES if np.isnan(row[name])]
        # End less start is known: one hidden move alone would be the rest.
        assert len(hidden) != 1
        stayed = row["customers_at_start"] - row["lost_customers"]
        assert np.isnan(stayed) or stayed == 0 or stayed >= minimum
        if hidden and "lost_customers" in hidden:
            assert np.isnan(row[list(RATES)].astype(float)).all()
        if hidden == MOVES[:2]:
            assert raw[hidden].sum() > minimum
        parts = [name for name in MONEY if np.isnan(row[name])]
        behind = raw[[MONEY[name] for name in parts]].sum()
        ends = row[["revenue_at_start", "revenue_at_end"]].isna().any()
        assert not parts or len(parts) == len(MONEY) or ends or (len(parts) > 1 and behind >= minimum)
        if parts and set(parts) & {"contraction", "churned_revenue"}:
            assert np.isnan(row["gross_revenue_retention"])
            assert np.isnan(row["net_revenue_retention"])
        for name, counted in MONEY.items():
            assert np.isnan(row[name]) or raw[counted] == 0 or raw[counted] >= minimum
    lost = safe.survival["lost"]
    assert ((lost == 0) | (lost >= minimum)).all()
    assert (safe.survival["at_risk"] >= minimum).all()
    renewals = safe.renewals["customers"].dropna().astype(float)
    assert (renewals >= minimum).all()


def test_no_plan_is_the_rest_of_the_others() -> None:
    result = follow(yearly(60))
    assert result.plans[["plan", "customers"]].to_numpy().tolist() == [["Basic", 34], ["Plus", 20], ["Family", 6]]
    plans = protect_subscriptions(result, 15, 0.5).plans.set_index("plan")
    assert plans["customers"].to_dict() == pytest.approx({"Basic": 34, "Plus": np.nan, "Family": np.nan}, nan_ok=True)
    assert plans.loc[["Plus", "Family"], ["kept", "lost", "low", "high"]].isna().all(axis=None)


def test_one_customer_who_pays_most_is_not_shown_in_any_sum() -> None:
    contracts = yearly(300)
    giant = frame([("giant", "2020-01-01", None, "Basic", 90_000)])
    result = follow(pd.concat([contracts, giant], ignore_index=True), yearly_discount_rate=0.1)
    safe = protect_subscriptions(result, 5, 0.5)
    row = safe.flows.loc["2024-Q4"]
    assert row[["revenue_at_start", "revenue_at_end", "revenue_per_customer", *MONEY]].isna().all()
    assert row["customers_at_end"] == result.flows.loc["2024-Q4", "customers_at_end"]
    assert result.value is not None
    assert safe.value is None
    assert safe.suppressed > 0


def test_a_few_customers_in_all_show_nothing() -> None:
    safe = protect_subscriptions(follow(frame(EIGHT)), 10, 0.5)
    assert safe.customers is None
    assert safe.flows.empty
    assert safe.survival.empty
    assert safe.caveats == ()


def test_a_few_who_gave_notice_are_hidden_with_their_complement() -> None:
    rows = yearly(200)
    noticed = frame([("n1", "2022-01-15", "2025-01-15", "Basic", 10), ("n2", "2022-01-15", "2025-02-15", "Basic", 10)])
    safe = protect_subscriptions(follow(pd.concat([rows, noticed]), yearly_discount_rate=0.1), 5, 0.5)
    assert (safe.given_notice, safe.going_on) == (None, None)
    assert safe.value is not None
    assert np.isnan(safe.value.per_customer)
    assert not any("given notice" in caveat for caveat in safe.caveats)
