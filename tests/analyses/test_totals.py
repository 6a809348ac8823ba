"""Predicted totals against the models' own expectations and against a plain simulation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest

from loyalty_lib.analyses.totals import predict_totals
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.gamma_gamma import GammaGammaFit
from loyalty_lib.models.sample import Sample
from tests.models import cdnow

if TYPE_CHECKING:
    import pandas as pd


def test_expectations_are_the_models(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    found = predict_totals(fit, spend_fit, sample, 39.0, seed=1, size=10)
    expected = fit.expected_purchases(sample, 39.0)
    assert found.expected("purchases") == pytest.approx(1653.41, abs=6e-3)
    assert found.expected("sales") == pytest.approx((expected * spend_fit.expected_mean_spend(sample)).sum(), rel=1e-12)
    none = fit.probability_of_purchases(0, 39.0, sample)
    assert found.expected("active") == pytest.approx(len(sample) - none.sum(), rel=1e-12)


def test_purchases_are_those_of_the_fit_itself(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    found = predict_totals(fit, spend_fit, sample, 39.0, seed=5)
    assert found.interval("purchases", 0.95) == fit.total_interval(sample, 39.0, 0.95, seed=5)


def test_active_customers_vary_as_those_of_a_simulation(fit: BGNBDFit, sample: pd.DataFrame) -> None:
    """Counted customer by customer in the simulation of the purchases, which knows nothing of the normal law."""
    found = predict_totals(fit, None, sample, 39.0, seed=2).draws["active"]
    simulated = fit.simulated_purchases(Sample.of(sample, "W"), 39.0, size=1_000, seed=3)
    counted = np.array([(bought > 0).sum() for bought, _ in simulated])
    assert found.mean() == pytest.approx(counted.mean(), rel=0.01)
    assert found.std() == pytest.approx(counted.std(), rel=0.12)


def test_a_sample_of_a_large_base_is_as_uncertain_as_the_whole(
    spend_fit: GammaGammaFit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All 23,570 customers are predicted from 2,500, and once more with every one of them simulated."""
    whole = cdnow.summary_of("master")
    fit = fit_bgnbd(whole)
    found = predict_totals(fit, spend_fit, whole, 39.0, seed=4)
    monkeypatch.setattr("loyalty_lib.models.sample.MAX_SIMULATED", len(whole))
    slow = predict_totals(fit, spend_fit, whole, 39.0, seed=4, size=500)
    # A few large customers carry the spread of the sales; whether they are in the sample is chance.
    for measure, apart in (("purchases", 0.1), ("sales", 0.25), ("active", 0.1)):
        assert found.draws[measure].mean() == pytest.approx(found.expected(measure), rel=0.005)
        assert found.draws[measure].std() == pytest.approx(slow.draws[measure].std(), rel=apart)


def test_without_a_mean_spend_no_sales_are_predicted(fit: BGNBDFit, sample: pd.DataFrame) -> None:
    found = predict_totals(fit, None, sample, 39.0, seed=1, size=10)
    assert math.isnan(found.expected("sales"))
    assert all(math.isnan(end) for end in found.interval("sales", 0.8))


def test_the_order_of_the_rows_changes_nothing(fit: BGNBDFit, spend_fit: GammaGammaFit, sample: pd.DataFrame) -> None:
    shuffled = sample.sample(frac=1.0, random_state=3)
    shuffled.attrs.update(sample.attrs)
    one, other = (predict_totals(fit, spend_fit, each, 39.0, seed=1, size=50) for each in (sample, shuffled))
    for measure in ("purchases", "sales", "active"):
        assert other.draws[measure] == pytest.approx(one.draws[measure], rel=1e-12)
