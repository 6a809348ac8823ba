"""Kaplan-Meier and log-rank against published examples, SciPy, and computations one customer at a time."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from loyalty_lib.analyses.survival import (
    follow_up,
    kaplan_meier,
    log_rank,
    median,
    quantile,
    survival_at,
    time_of_share,
)

NAN = float("nan")
# Remission in weeks under 6-MP and placebo: Freireich et al. (1963), as printed in Cox (1972), table 1.
MP_EVENTS = [6, 6, 6, 7, 10, 13, 16, 22, 23]
MP_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def counts(events: list[float], censored: list[float]) -> pd.DataFrame:
    both = pd.DataFrame({"time": [*events, *censored], "event": [1] * len(events) + [0] * len(censored)})
    table = both.groupby("time")["event"].agg(["sum", "size"])
    frame = pd.DataFrame({"events": table["sum"], "censored": table["size"] - table["sum"]}).reset_index()
    return frame.sample(frac=1, random_state=1)  # the order of the counts is nobody's promise


def curve_of(events: list[float], censored: list[float]) -> pd.DataFrame:
    frame = counts(events, censored)
    return kaplan_meier(frame["time"], frame["events"], frame["censored"])


def sampled(seed: int, size: int = 400, scale: float = 60) -> tuple[list[float], list[float]]:
    """Whole days, so that there are ties of every kind."""
    rng = np.random.default_rng(seed)
    event, last = np.floor(rng.exponential(scale, size)), np.floor(rng.uniform(0, 100, size))
    happened = event <= last
    return event[happened].tolist(), last[~happened].tolist()


def test_remission_under_6_mp_is_as_published() -> None:
    """S(6) = .857, S(7) = .807, S(10) = .753, S(13) = .690, S(16) = .627, S(22) = .538, S(23) = .448; median 23."""
    curve = curve_of(MP_EVENTS, MP_CENSORED)
    published = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for time, survival in published.items():
        assert curve.loc[time, "survival"] == pytest.approx(survival, abs=5e-4)
    assert curve["at_risk"].to_list() == [21, 17, 16, 15, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 2, 1]
    assert curve.loc[6, "events"] == 3
    assert median(curve) == 23
    assert np.isnan(quantile(curve, 0.6))  # 55 % is as far as the curve gets


@pytest.mark.parametrize("seed", range(5))
def test_curve_and_interval_are_scipys(seed: int) -> None:
    events, censored = sampled(seed)
    curve = curve_of(events, censored)
    peer = stats.ecdf(stats.CensoredData(uncensored=events, right=censored)).sf
    np.testing.assert_array_equal(curve.index, peer.quantiles)
    np.testing.assert_allclose(curve["survival"], peer.probabilities, rtol=1e-12)
    inside = (peer.probabilities > 0) & (peer.probabilities < 1)
    assert inside.sum() > 50
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # SciPy's, where survival is 1 or 0
        interval = peer.confidence_interval(0.95, method="log-log")
    np.testing.assert_allclose(curve["low"][inside], interval.low.probabilities[inside], rtol=1e-12)
    np.testing.assert_allclose(curve["high"][inside], interval.high.probabilities[inside], rtol=1e-12)
    assert curve.loc[~inside, ["low", "high"]].isna().all().all()


def test_counts_of_one_time_may_come_in_pieces() -> None:
    whole = kaplan_meier([1, 2, 4], [3, 1, 2], [0, 2, 2])
    pieces = kaplan_meier([4, 1, 2, 1, 4, 3], [2, 1, 1, 2, 0, 0], [1, 0, 2, 0, 1, 0])
    pd.testing.assert_frame_equal(whole, pieces, check_exact=True)


def test_without_censoring_survival_is_the_share_left() -> None:
    curve = kaplan_meier([5, 10, 20, 30], [1, 1, 1, 1], [0, 0, 0, 0])
    assert curve["survival"].to_list() == pytest.approx([0.75, 0.5, 0.25, 0])
    assert (median(curve), quantile(curve, 0.25), quantile(curve, 0.26)) == (10, 5, 10)
    after = survival_at(curve, [0, 5, 12, 30, 99])
    assert after["survival"].to_list() == pytest.approx([1, 0.75, 0.5, 0, 0])
    assert after["at_risk"].to_list() == [4, 4, 2, 1, 0]


def test_survival_is_read_between_steps_and_never_beyond_the_last() -> None:
    curve = kaplan_meier([5, 8, 12], [1, 2, 0], [0, 3, 4])
    read = survival_at(curve, [12, 0, 5, 7.5, 8, 12.5])
    assert read.index.to_list() == [12, 0, 5, 7.5, 8, 12.5]
    assert read["survival"].to_list() == pytest.approx([0.9 * 7 / 9, 1, 0.9, 0.9, 0.9 * 7 / 9, NAN], nan_ok=True)
    assert read["at_risk"].to_list() == [4, 10, 10, 9, 9, 0]
    assert read["low"].isna().to_list() == [False, True, False, False, False, True]


def test_nobody_observed_makes_an_empty_curve() -> None:
    curve = kaplan_meier([], [], [])
    assert curve.empty
    assert survival_at(curve, [30])["survival"].isna().all()
    assert np.isnan([median(curve), follow_up(curve), time_of_share(curve, 0.8)]).all()


def test_share_of_those_who_return_counts_to_the_end_of_the_follow_up() -> None:
    """100 customers: 10 return on day 10, 10 on 20, 20 on 40; 40 are followed to day 50, the last 20 to day 90.

    At least 30 are at risk up to day 50: F(50) = 0.4, so half of those who return are there at F = 0.2, on day 20, and
    four of five at 0.32, on day 40.
    """
    curve = kaplan_meier([10, 20, 40, 50, 80, 90], [10, 10, 20, 0, 1, 0], [0, 0, 0, 40, 0, 19])
    assert follow_up(curve) == 50
    assert time_of_share(curve, 0.5) == 20
    assert time_of_share(curve, 0.8) == 40
    assert follow_up(curve, at_least=20) == 80
    assert time_of_share(curve, 1.0, at_least=20) == 80
    assert np.isnan(time_of_share(curve, 0.8, at_least=101))


def test_follow_up_of_a_large_shop_needs_one_customer_in_twenty() -> None:
    curve = kaplan_meier([100, 200, 300], [100, 100, 10], [0, 1710, 80])  # 2,000, of whom 90 are followed past day 200
    assert follow_up(curve) == 200


def test_where_nobody_returns_no_day_is_named() -> None:
    curve = kaplan_meier([100], [0], [200])
    assert np.isnan(time_of_share(curve, 0.8))
    assert np.isnan(median(curve))


@pytest.mark.parametrize("seed", range(4))
def test_two_groups_give_scipys_statistic_squared(seed: int) -> None:
    one, other = sampled(seed), sampled(seed + 100, size=300, scale=75)
    test = log_rank(pd.concat([counts(*one).assign(group="one"), counts(*other).assign(group="other")]))
    peer = stats.logrank(*(stats.CensoredData(uncensored=e, right=c) for e, c in (one, other)))
    assert test.degrees == 1
    assert test.statistic == pytest.approx(float(peer.statistic) ** 2, rel=1e-10)
    assert test.p_value == pytest.approx(float(peer.pvalue), rel=1e-9)


def test_remission_of_6_mp_and_placebo_differs_as_published() -> None:
    """Chi-squared 16.79 on 1 degree of freedom, as in Kleinbaum & Klein, Survival Analysis, chapter 2."""
    frame = pd.concat([counts(MP_EVENTS, MP_CENSORED).assign(group="6-MP"), counts(PLACEBO, []).assign(group="none")])
    assert log_rank(frame).statistic == pytest.approx(16.79, abs=5e-3)


@pytest.mark.parametrize("seed", range(3))
def test_k_groups_agree_with_a_sum_time_by_time(seed: int) -> None:
    """Observed, expected and covariance customer by customer; any group may be the one left out."""
    groups = [sampled(seed + 10 * group, size=80 + 40 * group, scale=50 + 10 * group) for group in range(4)]
    people = [(g, t, e) for g, pair in enumerate(groups) for e, times in ((1, pair[0]), (0, pair[1])) for t in times]
    difference, covariance = np.zeros(4), np.zeros((4, 4))
    for time in sorted({t for _, t, e in people if e}):
        at_risk = np.array([sum(g == group and t >= time for g, t, _ in people) for group in range(4)], dtype=float)
        events = np.array([sum(g == group and t == time and e for g, t, e in people) for group in range(4)])
        n, d = at_risk.sum(), events.sum()
        difference += events - d * at_risk / n
        if n > 1:
            share = at_risk / n
            covariance += d * (n - d) / (n - 1) * (np.diag(share) - np.outer(share, share))
    test = log_rank(pd.concat([counts(*pair).assign(group=f"g{g}") for g, pair in enumerate(groups)]))
    for out in range(4):
        kept = [g for g in range(4) if g != out]
        expected = difference[kept] @ np.linalg.solve(covariance[np.ix_(kept, kept)], difference[kept])
        assert test.statistic == pytest.approx(expected, rel=1e-9)
    assert test.degrees == 3
    assert test.p_value == pytest.approx(stats.chi2.sf(test.statistic, 3), rel=1e-12)


def test_a_group_at_risk_at_no_event_is_no_degree_of_freedom() -> None:
    pair = pd.concat([counts(*sampled(1)).assign(group="a"), counts(*sampled(2)).assign(group="b")])
    third = pd.DataFrame({"group": "c", "time": [-1], "events": [0], "censored": [50]})
    with_third, without = log_rank(pd.concat([pair, third])), log_rank(pair)
    assert (with_third.degrees, with_third.statistic) == (1, pytest.approx(without.statistic, rel=1e-9))


def test_one_group_or_no_event_cannot_be_compared() -> None:
    alone = counts(*sampled(1)).assign(group="a")
    nothing = pd.DataFrame({"group": ["a", "b"], "time": [9, 9], "events": [0, 0], "censored": [5, 5]})
    for frame in (alone, nothing, alone.iloc[:0]):
        test = log_rank(frame)
        assert test.degrees == 0
        assert np.isnan([test.statistic, test.p_value]).all()


def test_groups_that_are_alike_are_told_apart_as_often_as_the_level_says() -> None:
    """Under equal survival one p-value in twenty is below 0.05: of 500, 13 to 39 in 99 % of trials."""
    below = 0
    for seed in range(500):
        rng = np.random.default_rng([7, seed])
        event, last = np.floor(rng.exponential(40, 150)), np.floor(rng.uniform(20, 80, 150))
        frame = pd.DataFrame(
            {
                "group": np.repeat(["a", "b", "c"], 50),
                "time": np.minimum(event, last),
                "events": event <= last,
                "censored": event > last,
            }
        )
        below += log_rank(frame).p_value < 0.05
    assert 13 <= below <= 39


def test_nineteen_intervals_in_twenty_hold_the_truth() -> None:
    """Exponential times, a third of them censored: of 400 intervals at day 30, 365 to 393 cover in 99.9 % of trials."""
    covered = 0
    for seed in range(400):
        rng = np.random.default_rng([11, seed])
        event, last = np.ceil(rng.exponential(60, 200)), rng.integers(10, 200, 200)
        durations = np.minimum(event, last)
        read = survival_at(kaplan_meier(durations, event <= last, event > last), [30]).iloc[0]
        covered += read["low"] <= np.exp(-30 / 60) <= read["high"]
    assert 365 <= covered <= 393
