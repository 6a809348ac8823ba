"""Protected results: nothing small shows, and nothing hidden can be worked out from the rest of the result."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from loyalty_lib.analyses.cohorts import CohortResult, Grain, cohorts
from loyalty_lib.analyses.kpis import KpiResult, kpis
from loyalty_lib.analyses.pareto import pareto
from loyalty_lib.analyses.protect import protect
from loyalty_lib.analyses.rfm import RfmResult, rfm
from loyalty_lib.analyses.rfm_scheme import cells_of, named_scheme
from loyalty_lib.engine import Engine
from loyalty_lib.periods import parse_period
from tests.analyses.shops import build, row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.analyses.shops import Shop

AS_OF = dt.date(2024, 12, 31)
MINIMA = [2, 5, 10]
CELLS = list(product(range(1, 6), repeat=2))
FLOWS = ["new_customers", "returning_customers", "reactivated_customers", "lapsed_customers"]


def freedom(sums: list[tuple[list[int], float]], unknowns: int, least: int) -> NDArray[np.float64]:
    """Say how far each unknown count can move while the sums that are known of them hold."""
    matrix = np.zeros((len(sums), unknowns))
    for line, (members, _total) in enumerate(sums):
        matrix[line, members] = 1
    ends = np.empty((unknowns, 2))
    totals = [total for _, total in sums]
    for unknown, (column, sign) in product(range(unknowns), enumerate((1, -1))):
        objective = np.zeros(unknowns)
        objective[unknown] = sign
        solved = linprog(objective, A_eq=matrix, b_eq=totals, bounds=(least, 10_000))
        assert solved.fun is not None
        ends[unknown, column] = sign * solved.fun
    return ends[:, 1] - ends[:, 0]


def same(one: Any, other: Any) -> bool:
    """Compare two results field by field."""
    for field in fields(one):
        a, b = getattr(one, field.name), getattr(other, field.name)
        if isinstance(a, (pd.DataFrame, pd.Series)):
            if not a.equals(b):
                return False
        elif not (a == b or (isinstance(a, float) and np.isnan(a) and np.isnan(b))):
            return False
    return True


@pytest.mark.parametrize("minimum", MINIMA)
def test_protecting_twice_changes_nothing(shop: Shop, orders: pd.DataFrame, minimum: int) -> None:
    transactions = shop(orders)
    results: list[Any] = [
        kpis(transactions, parse_period("2024-11")),
        rfm(transactions, AS_OF),
        pareto(transactions, AS_OF),
        cohorts(transactions, AS_OF),
    ]
    suppressed = 0
    for result in results:
        once = protect(result, minimum)
        assert type(once) is type(result)
        assert same(once, protect(once, minimum))
        suppressed += once.suppressed
    assert suppressed > 20


def test_a_minimum_of_one_and_full_dominance_hide_nothing(shop: Shop, orders: pd.DataFrame) -> None:
    transactions = shop(orders)
    for result in (kpis(transactions, parse_period("2024-11")), rfm(transactions, AS_OF)):
        assert protect(result, 1, dominance=1.0).suppressed == 0


# RFM


def rfm_of(counts: list[int], seed: int = 0) -> RfmResult:
    """Make a result with the given number of customers in each cell of the grid."""
    rng = np.random.default_rng(seed)
    cells = [cell for cell, count in zip(CELLS, counts, strict=True) for _ in range(count)]
    scheme = cells_of(named_scheme("rf_grid_10"))
    order = list(named_scheme("rf_grid_10"))
    customers = pd.DataFrame(cells, columns=["r", "f"]).astype("int64")
    customers["revenue"] = np.round(rng.lognormal(3, 1.5, len(cells)), 2)
    customers["segment"] = [scheme[cell] for cell in cells]
    groups = customers.groupby("segment")["revenue"]
    segments = pd.DataFrame({"customers": groups.size(), "revenue": groups.sum()}).reindex(order).fillna(0)
    segments["share_of_customers"] = segments["customers"] / len(cells)
    segments["share_of_revenue"] = segments["revenue"] / segments["revenue"].sum()
    segments["mean_revenue"] = segments["revenue"] / segments["customers"]
    segments["mean_orders"] = customers.groupby("segment")["f"].mean()
    cell = customers.groupby(["r", "f"])["revenue"]
    grid = pd.DataFrame({"customers": cell.size(), "revenue": cell.sum()})
    grid = grid.reindex(pd.MultiIndex.from_tuples(CELLS, names=["r", "f"])).fillna(0).reset_index()
    grid["segment"] = [scheme[cell] for cell in CELLS]
    return RfmResult(
        customers=customers,
        segments=segments,
        grid=grid,
        largest_share=(groups.max() / groups.sum()).reindex(order),
        inactive=0,
        known=len(cells),
        scheme="rf_grid_10",
        window_months=12,
        start=dt.date(2024, 1, 1),
        as_of=AS_OF,
    )


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.one_of(st.integers(0, 7), st.integers(0, 60)), min_size=25, max_size=25).filter(any), st.integers(2, 8)
)
def test_no_hidden_segment_or_cell_can_be_worked_out(counts: list[int], minimum: int) -> None:
    result = rfm_of(counts)
    shown = protect(result, minimum)
    true = result.segments["customers"].to_numpy()
    hidden = shown.segments["customers"].isna().to_numpy()
    cell_hidden = shown.grid["customers"].isna().to_numpy()
    assert hidden[(true > 0) & (true < minimum)].all()
    assert cell_hidden[(np.array(counts) > 0) & (np.array(counts) < minimum)].all()
    assert shown.segments["customers"].to_numpy()[~hidden].tolist() == true[~hidden].tolist()
    assert shown.segments[hidden].isna().all(axis=None)
    # Unknown: hidden segments, then hidden cells.  Known: the total, if any share shows; each segment is its cells.
    names = list(result.segments.index)
    segment_at = {name: position for position, name in enumerate(np.array(names)[hidden])}
    cell_at = {cell: len(segment_at) + position for position, cell in enumerate(np.flatnonzero(cell_hidden))}
    sums: list[tuple[list[int], float]] = []
    if (shown.segments["share_of_customers"] > 0).any() and segment_at:
        sums.append((list(segment_at.values()), true[hidden].sum()))
    for name in names:
        own = [at for cell, at in cell_at.items() if result.grid["segment"].iloc[cell] == name]
        if own and name not in segment_at:
            members = result.grid["segment"] == name
            sums.append((own, float(result.grid["customers"][members & cell_hidden].sum())))
        elif name in segment_at:
            assert not (shown.grid.loc[result.grid["segment"] == name, "customers"] > 0).any()
    unknowns = len(segment_at) + len(cell_at)
    if sums:
        assert (freedom(sums, unknowns, least=1) >= 1).all()


def test_mean_orders_do_not_tell_how_the_hidden_cells_of_a_segment_divide() -> None:
    """20 about to sleep with 1.1 orders each: 2 bought twice."""
    counts = [20] * 25
    counts[CELLS.index((3, 1))], counts[CELLS.index((3, 2))] = 18, 2
    shown = protect(rfm_of(counts), 5)
    assert shown.segments.loc["about_to_sleep", "customers"] == 20
    assert shown.segments.index[shown.segments["mean_orders"].isna()].to_list() == ["about_to_sleep"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 12), min_size=25, max_size=25).filter(any), st.integers(0, 99))
def test_no_hidden_revenue_is_the_only_one_missing_from_a_total(counts: list[int], seed: int) -> None:
    result = rfm_of(counts, seed)
    shown = protect(result, 5)
    missing = shown.segments["revenue"].isna() & (result.segments["customers"] > 0)
    assert missing[result.segments["customers"].between(1, 4)].all()
    assert missing[result.largest_share > 0.5].all()
    assert missing.sum() != 1 or (result.segments["customers"] > 0).sum() == 1
    assert shown.segments.loc[missing, ["share_of_revenue", "mean_revenue"]].isna().all(axis=None)
    for name in result.segments.index:
        own = result.grid["segment"] == name
        cells = shown.grid.loc[own & (result.grid["customers"] > 0), "revenue"].isna()
        if missing[name]:
            assert cells.all()
        else:
            assert cells.sum() != 1


def test_a_segment_whose_cells_its_total_would_give_away_is_hidden_itself() -> None:
    """Two cells of four in a segment of eight: eight is the most that two small cells can hold."""
    counts = [30] * 25
    for cell in ((1, 3), (1, 4), (2, 3), (2, 4)):
        counts[CELLS.index(cell)] = 4 if cell[0] == 1 else 0
    shown = protect(rfm_of(counts), 5)
    assert np.isnan(shown.segments["customers"]["at_risk"])
    assert shown.segments["customers"].isna().sum() > 1


def test_a_small_number_of_inactive_customers_is_hidden(shop: Shop) -> None:
    rows = [(f"c{n}", "2024-05-01", 1.0) for n in range(9)] + [("old", "2022-01-01", 1.0)]
    assert protect(rfm(shop(rows), AS_OF), 5).inactive is None
    assert protect(rfm(shop(rows), AS_OF), 1).inactive == 1


# Key figures


def flows_shop(engine: Engine, new: int, returning: int, reactivated: int, lapsed: int) -> KpiResult:
    """Make a shop with the given flows between May and June 2024."""
    rows = [("first", "2020-01-01", 1.0)]
    for kind, count, months in (
        ("new", new, ["06"]),
        ("returning", returning, ["05", "06"]),
        ("reactivated", reactivated, ["04", "06"]),
        ("lapsed", lapsed, ["05"]),
    ):
        rows += [(f"{kind}{n}", f"2024-{month}-10", 10.0 + n) for n in range(count) for month in months]
    return kpis(build(engine, rows), parse_period("2024-06"))


@pytest.fixture(scope="module")
def engine() -> Any:
    made = Engine()
    yield made
    made.close()


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.tuples(*[st.one_of(st.integers(0, 6), st.integers(0, 30))] * 4))
def test_no_hidden_flow_of_customers_can_be_worked_out(engine: Engine, flows: tuple[int, int, int, int]) -> None:
    minimum = 5
    result = flows_shop(engine, *flows)
    shown = protect(result, minimum)
    value, previous = shown.figures["value"], shown.figures["previous"]["active_customers"]
    true = result.figures["value"][FLOWS]
    assert true.to_list() == list(flows)
    small = (true > 0) & (true < minimum)
    assert value[FLOWS][small].isna().all()
    last = shown.trend.iloc[-1]
    for key in ("active_customers", "new_customers", "retention_rate"):
        assert last[key] == value[key] or (np.isnan(last[key]) and np.isnan(value[key]))
    sums: list[tuple[list[int], float]] = [([at], value[flow]) for at, flow in enumerate(FLOWS) if value[flow] >= 0]
    if value["active_customers"] >= 0:
        sums.append(([0, 1, 2], value["active_customers"]))
    if previous >= 0:
        sums.append(([1, 3], previous))
        for rate, flow in (("retention_rate", 1), ("churn_rate", 3)):
            if value[rate] >= 0:
                sums.append(([flow], round(value[rate] * previous)))
        if value["customer_growth"] >= -1 and previous > 0:
            sums.append(([0, 1, 2], round((1 + value["customer_growth"]) * previous)))
    if sums:
        assert (freedom(sums, 4, least=0)[small.to_numpy()] >= 1).all()


def test_figures_of_few_customers_and_of_a_dominating_one_are_hidden(shop: Shop) -> None:
    rows = [("first", "2020-01-01", 1.0)]
    rows += [(f"c{n}", "2024-04-10", 10.0) for n in range(3)]
    rows += [(f"c{n}", "2024-05-10", 10.0) for n in range(9)] + [("c0", "2024-05-11", 900.0)]
    rows += [(f"c{n}", "2024-06-10", 10.0) for n in range(9)] + [("c0", "2024-06-11", 1.0)]
    result = protect(kpis(shop(rows), parse_period("2024-06")), 5)
    trend = result.trend.set_index("label")
    assert trend.loc["2024-04", ["active_customers", "net_sales", "average_order_value"]].isna().all()
    assert trend.loc["2024-05", ["net_sales", "average_order_value"]].isna().all()  # 910 of 990 are c0's
    assert trend.loc["2024-05", "active_customers"] == 9
    value, previous = result.figures["value"], result.figures["previous"]
    assert value["net_sales"] == 91
    assert value[["gross_revenue_retention", "net_revenue_retention", "revenue_churn"]].isna().all()
    assert value["retention_rate"] == 1
    assert np.isnan(value["repeat_rate"])  # one customer
    assert previous[["retention_rate", "customer_growth", "net_sales", "sales_per_customer"]].isna().all()


def test_revenue_kept_is_hidden_where_few_customers_returned(engine: Engine) -> None:
    kept = ["gross_revenue_retention", "net_revenue_retention", "revenue_churn"]
    few = protect(flows_shop(engine, new=10, returning=3, reactivated=6, lapsed=10), 5).figures["value"]
    assert few[kept].isna().all()
    # Flows are hidden for the few reactivated here, but the revenue kept is that of eight customers.
    enough = protect(flows_shop(engine, new=10, returning=8, reactivated=3, lapsed=10), 5).figures["value"]
    assert enough[FLOWS].isna().all()
    assert enough[kept].notna().all()


def test_a_few_refunds_in_a_period_without_purchases_are_hidden(shop: Shop) -> None:
    rows = [(f"c{n}", "2024-05-10", 10.0) for n in range(9)]
    rows += [(f"c{n}", "2024-06-10", -5.0) for n in range(3)]
    result = kpis(shop([("first", "2020-01-01", 1.0), *rows]), parse_period("2024-06"))
    assert result.figures["value"]["net_sales"] == -15
    assert np.isnan(protect(result, 5).figures["value"]["net_sales"])


# Cohorts


@pytest.mark.parametrize("minimum", MINIMA)
@pytest.mark.parametrize("grain", ["month", "quarter"])
def test_no_hidden_cell_of_a_cohort_can_be_worked_out(
    shop: Shop, orders: pd.DataFrame, minimum: int, grain: Grain
) -> None:
    result = cohorts(shop(orders), AS_OF, grain=grain)
    shown = protect(result, minimum)
    kept = shown.sizes.notna()
    assert (kept == ~result.sizes.between(1, minimum - 1)).all()
    assert shown.active[~kept].isna().all(axis=None)
    for k in result.active.columns:
        true = result.active.loc[kept, k]
        hidden = shown.active.loc[kept, k].isna() & true.notna()
        assert hidden[true.between(1, minimum - 1)].all()
        assert (shown.retention.loc[kept, k].isna() == shown.active.loc[kept, k].isna()).all()
        found: Any = shown.average.loc[k]
        assert found["customers"] == result.sizes[kept & result.active[k].notna()].sum()
        if hidden.any() and found["retention"] >= 0:
            rest = round(found["retention"] * found["customers"] - shown.active[k].sum())
            assert rest == true[hidden].sum()
            assert (freedom([(list(range(hidden.sum())), rest)], int(hidden.sum()), least=1) >= 1).all()
    hidden_cells = shown.active.isna().to_numpy().sum() - result.active.isna().to_numpy().sum()
    assert (hidden_cells > 0) == (grain == "month")


@pytest.mark.parametrize("minimum", MINIMA)
def test_the_revenue_of_a_few_is_not_the_difference_of_two_cells(
    shop: Shop, orders: pd.DataFrame, minimum: int
) -> None:
    result = cohorts(shop(orders), AS_OF)
    shown = protect(result, minimum, dominance=1.0)
    first = orders[orders["amount"] >= 0].groupby("customer_id")["day"].min()
    born = orders["customer_id"].map(first)
    rows = orders[orders["day"] >= born].assign(cohort=born.dt.to_period("M").dt.start_time)
    for cohort in shown.sizes.index:
        own = rows[rows["cohort"] == cohort]
        k = [(day.year - cohort.year) * 12 + day.month - cohort.month for day in own["day"]]
        seen = shown.cumulative_revenue.loc[cohort].dropna().index.to_list()
        for before, after in pairwise([-1, *seen]):
            between = own[[before < period <= after for period in k]]
            assert between["customer_id"].nunique() not in range(1, minimum)
    assert (shown.cumulative_revenue.isna() == shown.returning_revenue.isna()).all(axis=None)
    assert shown.cumulative_revenue.notna().to_numpy().sum() > 10


def test_revenue_stays_hidden_until_enough_customers_have_moved_it(shop: Shop) -> None:
    rows = [(f"c{n}", "2024-01-05", 10.0) for n in range(20)] + [("before", "2023-12-01", 1.0)]
    rows += [(f"c{n}", "2024-02-05", 10.0) for n in range(3)]  # three in February, none in March
    rows += [(f"c{n}", "2024-04-05", 10.0) for n in range(6)]
    shown = protect(cohorts(shop(rows), dt.date(2024, 5, 31)), 5)
    assert row(shown.cumulative_revenue.notna(), "2024-01-01")[:5] == [True, False, False, True, True]
    rows += [(f"c{n}", "2024-01-09", 10.0) for n in range(2)]  # their money is the first month's returning revenue
    later = protect(cohorts(shop(rows), dt.date(2024, 5, 31)), 5)
    assert row(later.cumulative_revenue.notna(), "2024-01-01")[:5] == [False, False, False, True, True]
    assert row(later.returning_revenue.notna(), "2024-01-01")[:5] == [False, False, False, True, True]


def test_revenue_that_one_customer_dominates_is_hidden(shop: Shop) -> None:
    rows = [(f"c{n}", f"2024-{month:02d}-05", 10.0) for n in range(10) for month in (1, 2, 3, 4)]
    rows += [("c3", "2024-02-20", 200.0), ("d", "2024-01-01", 1.0)]
    shown = protect(cohorts(shop(rows), dt.date(2024, 4, 30)), 5)
    # c3 has 10 of 101, 220 of 301, 230 of 401, 240 of 501; of the returning revenue 210 of 300, 220 of 400, 230 of 500.
    assert shown.cumulative_revenue.notna().to_numpy().tolist() == [[True, False, False, True]]
    only = protect(cohorts(shop(rows), dt.date(2024, 4, 30)), 5, dominance=0.7)
    # Of the returning revenue it has 210 of 300 in February, which is not more than 70 %.
    assert only.cumulative_revenue.notna().to_numpy().tolist() == [[True, True, True, True]]
    assert isinstance(only, CohortResult)


# Concentration


@pytest.mark.parametrize("minimum", MINIMA)
@pytest.mark.parametrize("n", [3, 12, 40, 104, 240, 3000])
def test_points_of_the_curve_are_many_customers_apart(shop: Shop, n: int, minimum: int) -> None:
    spend = np.round(np.random.default_rng(n).lognormal(3, 1.2, n), 2)
    shown = protect(pareto(shop([(f"c{k}", "2024-05-01", amount) for k, amount in enumerate(spend)]), AS_OF), minimum)
    if n < minimum:
        assert shown.customers is None
        assert shown.curve.empty
        assert np.isnan([shown.gini, shown.cr1, shown.cr10, shown.hhi, shown.sales, shown.share_for_80]).all()
        assert shown.top_shares[["customers", "share_of_sales"]].isna().all(axis=None)
        return
    points = set((shown.curve["share_of_customers"] * n).round())
    points |= set(shown.top_shares["customers"].dropna())
    points |= {10.0} if shown.cr10 >= 0 and n > 10 else set()
    assert np.diff(sorted(points)).min() >= minimum
    assert {0.0, float(n)} <= points
    assert np.isnan(shown.cr1)
    reversed_curve = 1 - shown.curve.to_numpy()[::-1]
    assert (shown.lorenz.to_numpy() == reversed_curve).all()


def test_the_few_below_zero_are_hidden_with_the_sales_that_would_give_them_away(shop: Shop) -> None:
    rows = [(f"c{n}", "2024-05-01", 10.0) for n in range(30)] + [("minus", "2024-05-01", -7.0)]
    shown = protect(pareto(shop(rows), AS_OF), 5)
    assert shown.negative_customers is None
    assert np.isnan(shown.sales)
    assert shown.top_shares["share_of_sales"].iloc[-1] == pytest.approx(0.5)
    none = protect(pareto(shop(rows[:-1]), AS_OF), 5)
    assert (none.negative_customers, none.sales) == (0, 300)


def test_shares_that_one_customer_dominates_are_hidden(shop: Shop) -> None:
    rows = [(f"c{n}", "2024-05-01", 1.0) for n in range(100)] + [("giant", "2024-05-01", 30.0)]
    shown = protect(pareto(shop(rows), AS_OF), 5)
    # 30 of 130; the ten largest have 39, of which 30 are more than half; the top half 80, of which they are less.
    assert np.isnan(shown.cr10)
    assert shown.top_shares["share_of_sales"].notna().to_list() == [False, False, False, False, True]
    assert shown.hhi > 0
    rows[-1] = ("giant", "2024-05-01", 101.0)
    shown = protect(pareto(shop(rows), AS_OF), 5)
    assert np.isnan([shown.hhi, shown.effective_number, shown.sales]).all()
    assert len(shown.curve) == 2


# Tables of other results


def test_a_table_of_groups_hides_small_rows_a_second_one_and_dominated_money() -> None:
    table = pd.DataFrame(
        {"group": list("abcdef"), "customers": [40, 3, 9, 0, 50, 60], "mean": [1.0, 2.0, 3.0, np.nan, 5.0, 6.0]}
    )
    shown = protect(table, 5)
    assert shown["customers"].isna().to_list() == [False, True, True, False, False, False]
    assert shown["mean"].isna().to_list() == [False, True, True, True, False, False]
    assert shown["group"].to_list() == list("abcdef")
    assert shown.attrs["suppressed"] == 4
    assert table["customers"].to_list() == [40, 3, 9, 0, 50, 60]
    table.attrs = {"money": ["mean"], "largest_share": {4: 0.8, 5: 0.2}, "hidden": [0]}
    shown = protect(table, 5)
    assert shown["customers"].isna().to_list() == [True, True, False, False, False, False]
    assert shown["mean"].isna().to_list() == [True, True, False, True, True, False]


def test_a_table_without_rows_stays_as_it_is() -> None:
    empty = pd.DataFrame({"customers": [], "mean": []}, dtype=object)
    assert protect(empty, 5).empty


@dataclass(frozen=True, eq=False, kw_only=True)
class Check:
    """A result of another module."""

    by_frequency: pd.DataFrame
    actual: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Outer:
    """A result that holds another, and customers."""

    check: Check | None
    customers: pd.DataFrame


def test_tables_inside_other_results_are_protected_too() -> None:
    table = pd.DataFrame({"frequency": ["0", "1", "2", "3+"], "customers": [90, 30, 6, 2]})
    table["actual"] = [0.1, 0.5, 1.5, 3.0]
    customers = pd.DataFrame({"clv": [1.0]}, index=["a"])
    shown = protect(Outer(check=Check(by_frequency=table, actual=9.5), customers=customers), 5)
    assert shown.check is not None
    assert shown.check.by_frequency["customers"].isna().to_list() == [False, False, True, True]
    assert shown.check.by_frequency["actual"].isna().to_list() == [False, False, True, True]
    assert shown.check.actual == 9.5
    assert shown.customers is customers
    assert protect(Outer(check=None, customers=customers), 5).check is None


@pytest.mark.parametrize("wrong", [3, "text", None, Check])
def test_what_is_no_result_is_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match="cannot be protected"):
        protect(wrong, 5)
