"""The money of the few who only got money back does not follow from net sales less the sales of those who bought."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import programme, protect, rfm
from loyalty_lib.analyses.refunds_alone import RefundsAlone, refunds_alone
from loyalty_lib.config.analyses import Programme, Tier

if TYPE_CHECKING:
    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
TIERS = Programme(tiers=(Tier(name="A", spend=300, reward=0.01), Tier(name="B", spend=600, reward=0.02)))


def rows(alone: int) -> pd.DataFrame:
    """Sixty who buy in 2024, and ``alone`` who bought in 2023 and have 80 paid back in 2024."""
    buyers = [
        (f"b{n:02d}", f"2024-{1 + n % 12:02d}-{1 + day:02d}", 100.0) for n in range(60) for day in range(1 + n % 8)
    ]
    gone = [(f"g{n}", "2023-05-01", 500.0) for n in range(alone)]
    back = [(f"g{n}", "2024-02-01", -80.0 * (1 + n)) for n in range(alone)]
    return pd.DataFrame([*buyers, *gone, *back], columns=["customer_id", "day", "amount"])


def test_those_without_a_purchase_in_the_window_are_counted(shop: Shop) -> None:
    engine = shop(rows(3)).engine
    assert refunds_alone(engine, dt.date(2024, 1, 1), AS_OF) == RefundsAlone(customers=3, largest_share=240 / 480)
    assert refunds_alone(engine, dt.date(2023, 1, 1), AS_OF) == RefundsAlone(customers=0, largest_share=0.0)


@pytest.mark.parametrize(("alone", "hidden"), [(0, False), (1, True), (4, True), (9, False)])
def test_sales_of_the_buyers_do_not_add_up_where_the_others_are_few(shop: Shop, alone: int, hidden: bool) -> None:  # noqa: FBT001
    transactions = shop(rows(alone))
    found = rfm(transactions, AS_OF)
    shown = protect(found, 5).segments[found.segments["customers"] > 0]
    assert shown["share_of_revenue"].isna().all() == hidden
    assert shown["revenue"].isna().any() >= hidden
    assert shown["revenue"].notna().any()
    tiers = protect(programme(transactions, AS_OF, TIERS, pd.DataFrame({"customer_id": ["b01"], "since": pd.NaT})), 5)
    assert np.isnan(tiers.sales) == hidden
    assert tiers.tiers["sales"].isna().any() == hidden
    assert tiers.tiers["share_of_sales"].isna().all() == hidden
    assert np.isnan(tiers.cost) == hidden


def test_money_that_one_of_many_dominates_is_hidden_too(shop: Shop) -> None:
    many = pd.concat([rows(7), pd.DataFrame({"customer_id": ["g0"], "day": ["2024-03-01"], "amount": [-9000.0]})])
    assert protect(rfm(shop(many), AS_OF), 5).segments["share_of_revenue"].isna().all()


def test_with_no_smallest_group_nothing_is_hidden(shop: Shop) -> None:
    shown = protect(rfm(shop(rows(1)), AS_OF), 1, dominance=1.0)
    assert shown.segments["share_of_revenue"].notna().any()
