"""Protected concentration: whatever shows is of steps of many customers, none of whom dominates."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from loyalty_lib.analyses.pareto import ParetoResult, pareto
from loyalty_lib.analyses.protect import protect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)


def rows_of(spend: NDArray[np.float64] | list[float]) -> list[tuple[str, str, float]]:
    return [(f"c{k:05d}", "2024-05-01", amount) for k, amount in enumerate(spend)]


def known_points(shown: ParetoResult, n: int) -> list[int]:
    """Return every number of largest customers whose share of sales can be read or added up from what shows."""
    points = {0, n, *(shown.curve["share_of_customers"] * n).round().astype(int)}
    points |= set(shown.top_shares.dropna()["customers"].astype(int))
    points |= set(shown.dependence.dropna(subset="share_of_sales")["largest"].astype(int))
    points |= {min(10, n)} if shown.cr10 >= 0 else set()
    ends = [-(-tenth * n // 10) for tenth in range(11)]
    known = shown.deciles["share_of_sales"].notna().to_list()
    for tenth, seen in enumerate(known):
        if seen:  # a tenth is the step between its ends: both are told of
            points |= {ends[tenth], ends[tenth + 1]}
    return sorted(points)


@pytest.mark.parametrize("minimum", [2, 5, 10])
@pytest.mark.parametrize(("n", "sigma"), [(12, 1.0), (40, 1.0), (104, 2.5), (104, 1.0), (520, 3.0), (3000, 1.2)])
def test_no_step_is_of_few_customers_or_of_one_that_dominates(shop: Shop, n: int, sigma: float, minimum: int) -> None:
    spend = np.round(np.random.default_rng(n).lognormal(3, sigma, n), 2)
    shown = protect(pareto(shop(rows_of(spend)), AS_OF), minimum)
    ordered = np.sort(spend)[::-1]
    for start, end in pairwise(known_points(shown, n)):
        assert end - start >= minimum
        # All of sales is the sum of what the whole page shows: only its amounts are hidden where one dominates.
        if (start, end) != (0, n):
            assert ordered[start] <= 0.5 * ordered[start:end].sum() + 1e-9
    assert np.isnan(shown.deciles["smallest_spend"].iloc[-1])
    assert shown.evidence.empty


def test_the_tenths_of_a_shop_of_many_all_show(shop: Shop) -> None:
    spend = np.round(np.random.default_rng(1).lognormal(3, 1, 2000), 2)
    result = pareto(shop(rows_of(spend)), AS_OF)
    shown = protect(result, 5)
    assert shown.deciles.drop(columns="smallest_spend").notna().all(axis=None)
    assert shown.dependence["share_of_sales"].notna().to_list() == [False, True, True]
    # The largest customer's share, in two places, what would be left without, and the least that anybody spent.
    assert shown.suppressed == 4


def test_a_tenth_that_one_customer_dominates_is_hidden_with_a_second(shop: Shop) -> None:
    """200 customers of 10 and one of 400: of the largest tenth's 400 + 200 the one has more than half."""
    result = pareto(shop(rows_of([400.0] + [10.0] * 200)), AS_OF)
    shown = protect(result, 5)
    hidden = shown.deciles["share_of_sales"].isna().to_list()
    assert hidden == [True, True, *[False] * 8]  # of the first two tenths' 400 + 400 it has no more than half
    assert shown.deciles.loc[hidden, ["sales", "mean_sales", "smallest_spend"]].isna().all(axis=None)
    assert shown.dependence["share_of_sales"].isna().all()


def test_amounts_are_hidden_where_their_sum_would_give_the_few_below_zero_away(shop: Shop) -> None:
    rows = [*rows_of([10.0 + k for k in range(200)]), ("minus", "2024-05-01", -7.0)]
    shown = protect(pareto(shop(rows), AS_OF), 5)
    assert shown.deciles[["sales", "mean_sales"]].isna().all(axis=None)
    assert shown.dependence["sales_left"].isna().all()
    assert shown.deciles["share_of_sales"].notna().all()


def test_one_customer_shows_only_where_the_settings_allow_both(shop: Shop) -> None:
    result = pareto(shop(rows_of([10.0 + k for k in range(300)])), AS_OF)
    for minimum, dominance, shows in ((5, 1.0, False), (1, 0.5, False), (1, 1.0, True)):
        shown = protect(result, minimum, dominance=dominance)
        assert (shown.cr1 >= 0) == shows
        assert shown.dependence["share_of_sales"].notna().iloc[0] == shows


def test_a_population_that_is_small_shows_nothing(shop: Shop) -> None:
    shown = protect(pareto(shop(rows_of([3.0, 2.0, 1.0])), AS_OF), 5)
    assert shown.deciles.drop(columns="decile").isna().all(axis=None)
    assert shown.dependence.drop(columns="largest").isna().all(axis=None)
    assert shown.curve.empty
    again = protect(shown, 5)
    assert again.suppressed == shown.suppressed
