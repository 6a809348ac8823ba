"""Thousands of simulated shops: every fit is a maximum, every figure a number, in days as in weeks.

The shops and the checks are those of benchmarks/robust.py, which prints a summary of the same.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks import robust
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.maximum_likelihood import LIMIT
from loyalty_lib.models.mbgnbd import fit_mbgnbd
from loyalty_lib.models.optimise import maximise
from loyalty_lib.models.simulate import simulate_pnbd

FEW = range(25, 37)
ALL = range(2_000)
# Of the fits: the highest summit lies where none of the starts leads.
MISSED = 3e-3


def complaints(outcomes: list[robust.Outcome]) -> Iterator[str]:
    """What is wrong, by shop and model."""
    for each in outcomes:
        where = f"shop {each.shop}, {each.model}: "
        yield from (where + what for what in each.wrong)
        if each.refused:
            # A refusal is for data without repeat purchases, in words with a remedy.
            if "Use a longer history" not in each.refused:
                yield where + each.refused
            continue
        if not each.attainable < 1e-6:
            yield f"{where}{each.attainable:.1e} of log-likelihood left"
        if not each.slope < 1e-6:
            yield f"{where}slope {each.slope:.1e} a customer"
        # Along a ridge without end two searches stop where they happen to; what they predict is nearly the same.
        if not each.units < (1e-3 if each.at_boundary else 1e-7):
            yield f"{where}days and weeks differ by {each.units:.1e}"
        if not each.at_boundary and not (each.log_error <= 1 and each.largest < 1e5 and not each.on_wall):
            yield f"{where}at the end of a range without saying so: {each.largest:.0f}, {each.log_error:.2f}"
        if max(np.nan_to_num([each.without_derivatives, each.lifetimes], nan=-1)) > robust.TOLERANCE:
            yield f"{where}others are higher by {each.without_derivatives:.1e}, {each.lifetimes:.1e}"


def missed(outcomes: list[robust.Outcome]) -> float:
    """Share of fits above which another start found a higher summit."""
    return float(np.mean([each.other_starts > robust.TOLERANCE for each in outcomes if not each.refused]))


def test_a_dozen_shops_are_fitted_by_every_model() -> None:
    outcomes = [found for number in FEW for found in robust.examine(robust.shop(number), others=False)]
    assert len(outcomes) == len(FEW) * len(MODELS)
    assert list(complaints(outcomes)) == []
    assert missed(outcomes) == 0
    fitted = [each for each in outcomes if not each.refused]
    assert len(fitted) >= 0.98 * len(outcomes)
    assert 0.2 < np.mean([each.at_boundary for each in fitted]) < 0.9


@pytest.mark.slow
def test_two_thousand_shops_are_fitted_by_every_model() -> None:
    outcomes = [found for number in ALL for found in robust.examine(robust.shop(number), others=True)]
    assert list(complaints(outcomes)) == []
    assert missed(outcomes) <= MISSED


def test_a_shop_is_the_same_every_time_and_on_whole_days() -> None:
    for number in (7, 41, 42):
        made, again = robust.shop(number), robust.shop(number)
        assert made.summary.equals(again.summary)
        days = made.summary[["recency", "T"]]
        assert (days == days.round()).all(axis=None)
        assert (made.summary["frequency"] <= made.summary["recency"]).all()
        assert made.counted_in("W")["T"].max() == pytest.approx(made.summary["T"].max() / 7)


def test_the_higher_of_two_maxima_is_found() -> None:
    """A shop whose likelihood has two: two in three leave after a purchase, or one in ten does."""
    summary = robust.shop(260).counted_in("D")
    fit = fit_mbgnbd(summary)
    objective, point, shift = robust.objective_of(fit)
    lower = maximise(objective, np.log([3.74, 0.083, 15.95, 14.68]), LIMIT)
    assert lower.converged
    assert fit.log_likelihood - (lower.value + shift) == pytest.approx(54.287, abs=0.01)
    assert np.exp(lower.point[2:]) == pytest.approx([0.486, 4.046], abs=1e-3)
    assert np.exp(point[2:]) == pytest.approx([0.272, 0.133], abs=1e-3)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_large_bases_are_fitted_as_thoroughly_as_small_ones(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts that compete on a sample lead to the same maximum as starts that climb on everybody."""
    truth = {"r": 0.09, "alpha": 0.33, "s": 0.57, "beta": 11.4}
    summary = robust.on_whole_days(simulate_pnbd(12_000, truth, np.linspace(0, 90, 12_000).round(), seed=2, unit="D"))
    summary.attrs["unit"] = "D"
    sampled = MODELS[name](summary)
    monkeypatch.setattr("loyalty_lib.models.maximum_likelihood.COMPETE", 1_000_000)
    thorough = MODELS[name](summary)
    assert sampled.log_likelihood == pytest.approx(thorough.log_likelihood, rel=1e-12)
    assert sampled.params == pytest.approx(thorough.params, rel=1e-6)


def test_the_checks_see_what_is_wrong() -> None:
    """A fit moved off its maximum is reported, and so is an impossible figure."""
    made = robust.shop(9)
    outcomes = list(robust.examine(made, others=False))
    assert list(complaints(outcomes)) == []
    outcomes[0].attainable, outcomes[1].units, outcomes[2].log_error = 1e-3, float("nan"), 1.2
    outcomes[2].at_boundary = False
    assert len(list(complaints(outcomes))) == 3
    outcomes[0].wrong.append("P(alive) outside 0 to 1")
    assert "shop 9, bgnbd: P(alive) outside 0 to 1" in list(complaints(outcomes))
    assert "| BG/NBD | 500 to 2,000 | 1 | 0 |" in robust.summarised(outcomes)


def test_a_ridge_that_meets_the_wall_is_a_limit_not_a_failure() -> None:
    """Shop 798 by Pareto/NBD: at the wall the slope points inward by a hair, the way up outward along the ridge."""
    fit = MODELS["pnbd"](robust.shop(798).summary)
    assert fit.converged
    assert fit.undetermined == ("r", "alpha", "s", "beta")
    assert "the end of the range of beta" in fit.diagnosis


def test_a_summit_the_sample_does_not_show_is_found_on_all_customers() -> None:
    """Shop 1,000 by MBG/NBD, 20,000 customers: their sample has its only summit on a wall, all of them a higher one."""
    fit = fit_mbgnbd(robust.shop(1_000).summary)
    assert "the end of the range" not in fit.diagnosis
    assert fit.log_likelihood == pytest.approx(-75_535.622, abs=1e-3)
