"""Results to draw, made by hand at the size of the CDNOW shop; the numbers of the check are Fader, Hardie and Lee's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd

from loyalty_lib.analyses.cohorts import CohortResult, Grain
from loyalty_lib.analyses.cohorts_groups import NO_CELLS, group_table, groups_p_value
from loyalty_lib.analyses.cohorts_tables import average_table, wide
from loyalty_lib.analyses.gaps import GapResult
from loyalty_lib.analyses.kpis import KpiResult
from loyalty_lib.analyses.lifetime import Forecast, LifetimeResult
from loyalty_lib.analyses.model_check import ModelCheck
from loyalty_lib.analyses.pareto import ParetoResult
from loyalty_lib.analyses.rfm import RfmResult
from loyalty_lib.periods import parse_period

NAN = float("nan")
TABLES = ("retention", "cumulative_revenue", "returning_revenue", "order_value", "revenue_retention")
SALES = (299060, 379590, 393155, 142824, 107933, 108395, 122078, 88578, 81948, 89780, 115436, 95577, 76756)
# Segment: recency scores, frequency scores, customers, share of customers, share of revenue.
SEGMENTS: dict[str, tuple[tuple[int, ...], tuple[int, ...], float, float, float]] = {
    "champions": ((5,), (4, 5), 300, 0.08, 0.34),
    "loyal": ((3, 4), (4, 5), 480, 0.12, 0.22),
    "potential_loyalists": ((4, 5), (2, 3), 400, 0.10, 0.12),
    "new": ((5,), (1,), 190, 0.05, 0.006),
    "promising": ((4,), (1,), 160, 0.04, 0.015),
    "need_attention": ((3,), (3,), 200, 0.05, 0.05),
    "about_to_sleep": ((3,), (1, 2), 520, 0.13, 0.04),
    "at_risk": ((1, 2), (3, 4), 440, 0.11, 0.12),
    "cant_lose": ((1, 2), (5,), NAN, NAN, NAN),
    "hibernating": ((1, 2), (1, 2), 1280, 0.32, 0.08),
}


def kpi_result(period: str = "1998-01", sales: Sequence[float] = SALES) -> KpiResult:
    """Return key figures of as many periods as ``sales`` has, the last of them ``period``."""
    chosen = parse_period(period)
    periods = chosen.back(len(sales)) if len(sales) else ()
    net = np.array(sales, dtype=float)
    trend = pd.DataFrame(
        {
            "label": [each.label for each in periods],
            "start": [each.start for each in periods],
            "end": [each.end for each in periods],
            "active_customers": np.round(net / 48),
            "new_customers": np.round(net / 300),
            "net_sales": net,
            "average_order_value": 36 + np.sin(np.arange(len(net))),
            "purchase_frequency": 1.3 + 0.05 * np.cos(np.arange(len(net))),
            "retention_rate": np.append(np.full(min(len(net), 1), NAN), 0.3 + 0.02 * np.sin(np.arange(1, len(net)))),
            "repeat_rate": 0.35 + 0.01 * np.arange(len(net)),
            "sales_per_customer": 48 + 2 * np.cos(np.arange(len(net))),
        }
    )
    return KpiResult(
        figures=pd.DataFrame(),
        trend=trend,
        by_period=pd.DataFrame(),
        changes=pd.DataFrame(),
        customers_in_both=pd.Series(dtype=float),
        period=chosen,
        previous=chosen.previous,
        year_ago=chosen.year_ago,
        gaps=GapResult(p80=NAN, median=NAN, gaps=0, ended=0, curve=pd.DataFrame(), as_of=chosen.end),
        engagement=None,
        data_begin=None,
    )


def rfm_result(names: dict[str, str] | None = None) -> RfmResult:
    """Return the ten segments, under other ``names`` where given; one of them is hidden."""
    names = names or {}
    rows = [
        (r, f, row[2] / 4, 1000 * row[4], names.get(key, key))
        for key, row in SEGMENTS.items()
        for r in row[0]
        for f in row[1]
    ]
    grid = pd.DataFrame(rows, columns=["r", "f", "customers", "revenue", "segment"])
    return _rfm(
        grid=grid,
        segments=pd.DataFrame(
            {
                "customers": [row[2] for row in SEGMENTS.values()],
                "share_of_customers": [row[3] for row in SEGMENTS.values()],
                "share_of_revenue": [row[4] for row in SEGMENTS.values()],
            },
            index=[names.get(key, key) for key in SEGMENTS],
        ),
    )


def undivided_rfm_result() -> RfmResult:
    """Return a grid whose cells hold several segments, as a scheme that divides by money leaves it; one is hidden."""
    rows = [(r, f, 10.0 * r, 1000.0 * r * f, None) for r in range(1, 6) for f in range(1, 6)]
    grid = pd.DataFrame(rows, columns=["r", "f", "customers", "revenue", "segment"])
    grid.loc[0, ["customers", "revenue"]] = NAN
    return _rfm(grid=grid, segments=pd.DataFrame(columns=["customers", "share_of_customers", "share_of_revenue"]))


def _rfm(grid: pd.DataFrame, segments: pd.DataFrame) -> RfmResult:
    return RfmResult(
        customers=pd.DataFrame(),
        segments=segments,
        grid=grid,
        largest_share=pd.Series(dtype=float),
        inactive=0,
        known=0,
        scheme="rf_grid_10",
        window_months=12,
        start=dt.date(1997, 7, 1),
        as_of=dt.date(1998, 6, 30),
    )


def pareto_result(top20: float = 0.712) -> ParetoResult:
    """Return a curve through the share of the top 20 %; NaN leaves that share out."""
    known = 0.5 if np.isnan(top20) else top20
    power = np.log(known) / np.log(0.2)
    x = np.linspace(0, 1, 201)
    curve = pd.DataFrame({"share_of_customers": x, "share_of_sales": x**power})
    top = [0.01, 0.05, 0.1, 0.2, 0.5]
    share = np.diff(np.linspace(0, 1, 11) ** power)
    deciles = pd.DataFrame(
        {
            "decile": np.arange(1, 11),
            "customers": 500,
            "sales": 1e6 * share,
            "share_of_sales": share,
            "mean_sales": 2000 * share,
            "smallest_spend": np.append(1500 * share[:-1], NAN),
        }
    )
    return ParetoResult(
        curve=curve,
        lorenz=curve,
        top_shares=pd.DataFrame(
            {"top": top, "customers": 0, "share_of_sales": [top20 if share == 0.2 else share**power for share in top]}
        ),
        deciles=deciles,
        dependence=pd.DataFrame(
            {"largest": [1, 5, 10], "share_of_sales": [NAN, 0.03, 0.05], "sales_left": [NAN, 970000.0, 950000.0]}
        ),
        evidence=pd.DataFrame({"customers": [], "next_share": []}),
        gini=0.6,
        gini_low=0.58,
        gini_high=0.62,
        share_for_80=0.3,
        cr1=0.01,
        cr10=0.05,
        hhi=0.001,
        effective_number=1000.0,
        customers=5000,
        negative_customers=0,
        sales=1e6,
        months=12,
        start=dt.date(1997, 7, 1),
        as_of=dt.date(1998, 6, 30),
    )


def cohort_result(
    cohorts: int = 3,
    last: int = 17,
    grain: Grain = "month",
    hidden: Sequence[tuple[int, int]] = (),
    groups: dict[str, float] | None = None,
) -> CohortResult:
    """Return ``cohorts`` cohorts, the first observed for ``last`` periods after its own; seeded.

    Every order is of 40; ``groups`` are named with their share of the customers.
    """
    random = np.random.default_rng(3)
    step = {"week": pd.DateOffset(weeks=1), "month": pd.DateOffset(months=1), "quarter": pd.DateOffset(months=3)}[grain]
    first = pd.Timestamp("1996-12-30" if grain == "week" else "1997-01-01")
    rows = []
    for row in range(cohorts):
        size = int(random.integers(600, 8500))
        for k in range(last - row + 1):
            buyers = size if k == 0 else int(random.binomial(size, 0.15 * k**-0.35))
            rows.append((first + row * step, k, size, buyers))
    cells = pd.DataFrame(rows, columns=["cohort", "k", "customers", "buyers"]).set_index(["cohort", "k"])
    cells["retention"] = cells["buyers"] / cells["customers"]
    cells = cells.assign(orders=cells["buyers"], sales=40.0 * cells["buyers"])
    by_cohort = cells["sales"].groupby(level="cohort")
    cells["cumulative_revenue"] = by_cohort.cumsum() / cells["customers"]
    cells["returning_revenue"] = cells["cumulative_revenue"] - 40.0
    cells["order_value"] = cells["sales"] / cells["orders"]
    cells["revenue_retention"] = cells["sales"] / by_cohort.transform("first")
    tables = {name: wide(cells, name) for name in ("buyers", *TABLES)}
    for row, k in hidden:
        for name in TABLES:
            tables[name].iloc[row, k] = NAN
    divided = _divided(cells, groups or {})
    table = group_table(divided)
    return CohortResult(
        sizes=cells.xs(0, level="k")["customers"],
        active=tables["buyers"],
        retention=tables["retention"],
        cumulative_revenue=tables["cumulative_revenue"],
        returning_revenue=tables["returning_revenue"],
        order_value=tables["order_value"],
        revenue_retention=tables["revenue_retention"],
        average=average_table(cells),
        groups=table,
        groups_p_value=groups_p_value(table),
        group_cells=divided,
        cells=cells,
        grain=grain,
        by="channel" if groups else None,
        as_of=dt.date(1998, 6, 30),
    )


def _divided(cells: pd.DataFrame, groups: dict[str, float]) -> pd.DataFrame:
    """Divide each cohort; the later a group stands, the fewer of its customers come back."""
    if not groups:
        return NO_CELLS
    parts = {}
    for place, (name, share) in enumerate(groups.items()):
        own = (cells[["customers", "buyers"]] * share).round().astype("int64")
        later = own.index.get_level_values("k") > 0
        own.loc[later, "buyers"] = (own.loc[later, "buyers"] * (1 - 0.09 * place)).astype("int64")
        own.loc[~later, "buyers"] = own.loc[~later, "customers"]
        parts[name] = own
    return pd.concat(parts, names=["group"])


def values() -> pd.DataFrame:
    """Return lifetime values by segment, not in the order of value; one segment is hidden."""
    means = [311.0, 140.0, 80.0, 25.0, 22.0, 60.0, 14.0, 33.0, NAN, 4.2, 2.2]
    totals = [93300.0, 70000.0, 32000.0, 4750.0, 3520.0, 12000.0, 7280.0, 14520.0, NAN, 5376.0, 1540.0]
    total = np.array(totals)
    table = pd.DataFrame(
        {"mean_clv": means, "total_clv": total, "low_clv": 0.8 * total - 900, "high_clv": 1.3 * total + 1200},
        index=pd.Index([*SEGMENTS, "inactive"], name="segment"),
    )
    table.attrs["level"] = 0.8
    return table


def checked() -> LifetimeResult:
    """Return the check of Fader, Hardie and Lee (2005), figure 6: CDNOW sample, 39 weeks forecast from 39 weeks."""
    by_frequency = pd.DataFrame(
        {
            "frequency": ["0", "1", "2", "3", "4", "5", "6", "7+"],
            "customers": [1411, 439, 214, 100, 62, 38, 29, 64],
            "actual": [0.23671, 0.69704, 1.39252, 1.56, 2.53226, 2.94737, 3.86207, 6.35938],
            "predicted": [0.22509, 0.52314, 1.04413, 1.52026, 2.16382, 2.65379, 3.50396, 6.15704],
        }
    )
    return LifetimeResult(
        forecast=None, reason="", by_segment=values(), by_frequency=by_frequency, origins=pd.DataFrame()
    )


# Customers of the CDNOW sample by repeat purchases in 39 weeks, and as BG/NBD expects them.
COUNTS = (1411, 439, 214, 100, 62, 38, 29, 23, 7, 5, 29)
EXPECTED_COUNTS = (1407.7, 460.3, 192.5, 101.2, 59.8, 38.1, 25.5, 17.8, 12.7, 9.3, 32.0)
# Its groups by purchases forecast for the 39 weeks after: forecast, made, and half the interval of what was made.
GROUPS = (
    (0.187, 0.328, 0.147), (0.208, 0.191, 0.079), (0.217, 0.235, 0.093), (0.227, 0.218, 0.082), (0.238, 0.21, 0.091),
    (0.249, 0.314, 0.114), (0.314, 0.477, 0.146), (0.62, 0.962, 0.203), (1.106, 1.297, 0.214), (3.648, 3.75, 0.583),
)  # fmt: skip
# And its repeat buyers by past purchases and weeks of silence: customers, mean P(alive), share that came back.
SILENCES = ("0-4", "5-8", "9-13", "14-26", "27-39")
CELLS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "1": ((33, 0.744, 0.606), (30, 0.711, 0.467), (46, 0.669, 0.435), (153, 0.526, 0.405), (177, 0.287, 0.232)),
    "2": ((33, 0.792, 0.606), (31, 0.746, 0.839), (34, 0.673, 0.529), (92, 0.431, 0.576), (24, 0.154, 0.333)),
    "3-4": ((32, 0.836, 0.875), (35, 0.763, 0.857), (35, 0.654, 0.743), (47, 0.355, 0.426), (13, 0.034, 0.308)),
    "5-7": ((40, 0.868, 0.85), (16, 0.757, 0.813), (14, 0.579, 0.571), (16, 0.23, 0.563), (NAN, NAN, NAN)),
    "8+": ((26, 0.919, 0.885), (8, 0.721, 0.875), (NAN, NAN, NAN), (NAN, NAN, NAN), (0, NAN, NAN)),
}
SPENDERS = (29, 296, 221, 142, 97, 51, 31, 23, 10, 12, 34)
EXPECTED_SPENDERS = (43.1, 244.7, 241.6, 155.3, 92.8, 56.0, 34.8, 22.4, 14.9, 10.2, 30.2)


def model_check(weeks: int = 78, known: int = 39, **changes: Any) -> ModelCheck:
    """Return BG/NBD and Gamma-Gamma against the CDNOW sample; ``weeks`` of purchases, seeded, the first ``known``.

    Small cells of ``alive`` are hidden, one is empty; nothing else is hidden.
    """
    week = np.arange(1, weeks + 1)
    expected = 100 * np.minimum(week, 13) / 13 * (13 / np.maximum(week, 13)) ** 0.55
    purchases = np.random.default_rng(8).poisson(expected).astype(float)
    first = dt.date(1997, 1, 1)
    forecast, made, half = np.array(GROUPS).T
    low = 10.0 * np.arange(len(SPENDERS))
    mean = np.array([32.4, 36.73, 33.98, 41.35, 45.67])
    reach = np.array([2.88, 4.19, 3.15, 6.07, 14.28])
    cells = [(past, silent, *cell) for past, row in CELLS.items() for silent, cell in zip(SILENCES, row, strict=True)]
    given = {
        "parameters": pd.DataFrame(
            [
                ("BG/NBD", "r", 0.2426, 0.0126, 0.2192, 0.2685),
                ("BG/NBD", "alpha", 4.4136, 0.3782, 3.7312, 5.2208),
                ("BG/NBD", "a", 0.7929, NAN, NAN, NAN),
                ("BG/NBD", "b", 2.4259, 0.7054, 1.372, 4.2894),
                ("Gamma-Gamma", "v", 15.4435, 4.1594, 9.1093, 26.1822),
            ],
            columns=["model", "parameter", "estimate", "standard_error", "low", "high"],
        ),
        "frequencies": pd.DataFrame(
            {
                "frequency": [*map(str, range(10)), "10+"],
                "customers": np.array(COUNTS, dtype=float),
                "expected": EXPECTED_COUNTS,
            }
        ),
        "tracking": pd.DataFrame(
            {
                "week": week,
                "until": [first + dt.timedelta(days=int(7 * number - 1)) for number in week],
                "customers": np.ceil(0.9 * purchases),
                "purchases": purchases,
                "expected": expected,
                "cumulative": purchases.cumsum(),
                "cumulative_expected": expected.cumsum(),
                "known": week <= known,
            }
        ),
        "calibration": pd.DataFrame(
            {
                "group": np.arange(1, len(GROUPS) + 1),
                "customers": 236.0,
                "expected": forecast,
                "actual": made,
                "low": made - half,
                "high": made + half,
            }
        ),
        "alive": pd.DataFrame(cells, columns=["frequency", "silent", "customers", "probability_alive", "came_back"]),
        "spend": pd.DataFrame(
            {
                "low": low,
                "high": np.append(low[1:], np.inf),
                "customers": np.array(SPENDERS, dtype=float),
                "expected": EXPECTED_SPENDERS,
            }
        ),
        "spend_by_frequency": pd.DataFrame(
            {
                "frequency": [*CELLS],
                "customers": [439.0, 214.0, 162.0, 90.0, 41.0],
                "mean_spend": mean,
                "low": mean - reach,
                "high": mean + reach,
            }
        ),
        "chi_squared": 10.3,
        "degrees": 6,
        "p_value": 0.11,
        "misplaced": 0.012,
        "spearman": 0.11,
        "pearson": 0.11,
        "eta_squared": 0.02,
        "cutoff": dt.date(1997, 9, 30),
        "as_of": dt.date(1998, 6, 30),
        "holdout_days": 273,
        "caveats": (),
    }
    return ModelCheck(**cast("Any", given | changes))


def forecasts() -> LifetimeResult:
    """Return three earlier forecasts: one too high, one right, one too low."""
    table = pd.DataFrame(
        {
            "cutoff": [dt.date(1997, 6, 30), dt.date(1997, 9, 30), dt.date(1997, 12, 31)],
            "until": [dt.date(1997, 9, 30), dt.date(1997, 12, 31), dt.date(1998, 3, 31)],
            "customers": [2357.0, 2357.0, 2357.0],
            "predicted": [1021.4, 824.2, 650.3],
            "low": [950.0, 761.0, 590.0],
            "high": [1101.0, 889.0, 710.0],
            "actual": [903.0, 826.0, 700.0],
            "relative_error": [0.1311, -0.0022, -0.071],
            "predicted_sales": [36770.4, 29671.2, NAN],
            "low_sales": [34000.0, 27000.0, NAN],
            "high_sales": [39500.0, 32100.0, NAN],
            "actual_sales": [31695.3, 28992.6, 24570.0],
            "predicted_active": [500.2, 444.1, 390.3],
            "low_active": [480.0, 425.0, 371.0],
            "high_active": [521.0, 463.0, 410.0],
            "actual_active": [480.0, 440.0, 401.0],
        }
    )
    return LifetimeResult(
        forecast=cast("Forecast", SimpleNamespace(check=SimpleNamespace(level=0.8))),
        reason="",
        by_segment=values(),
        by_frequency=checked().by_frequency,
        origins=table,
    )
