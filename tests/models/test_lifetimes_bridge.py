"""Parity with lifetimes 0.11.3, both ways: our numbers are its numbers, and our fits work as its objects."""

from __future__ import annotations

import subprocess
import sys
import warnings
from typing import Any

import pandas as pd
import pytest

from loyalty_lib.errors import ModelError
from loyalty_lib.models.bgnbd import BGNBDFit
from loyalty_lib.models.gamma_gamma import GammaGammaFit
from loyalty_lib.models.lifetimes_bridge import load_lifetimes


@pytest.fixture(scope="module")
def theirs(sample: pd.DataFrame) -> Any:
    with warnings.catch_warnings():
        # lifetimes' own optimiser takes a logarithm of zero on its way
        warnings.simplefilter("ignore")
        return load_lifetimes().BetaGeoFitter().fit(sample["frequency"], sample["recency"], sample["T"])


@pytest.fixture(scope="module")
def their_spend(sample: pd.DataFrame) -> Any:
    repeaters = sample[sample["frequency"] > 0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return load_lifetimes().GammaGammaFitter().fit(repeaters["frequency"], repeaters["monetary_value"])


def columns(summary: pd.DataFrame) -> tuple[pd.Series[Any], ...]:
    return summary["frequency"], summary["recency"], summary["T"]


def test_both_libraries_find_the_same_bgnbd(fit: BGNBDFit, theirs: Any, sample: pd.DataFrame) -> None:
    assert dict(theirs.params_) == pytest.approx(dict(fit.params), rel=1e-3)
    errors = pd.Series(dict(fit.standard_errors))
    assert theirs.standard_errors_.to_numpy() == pytest.approx(errors.to_numpy(), rel=5e-3)
    expected = theirs.predict(39, *columns(sample))
    assert fit.expected_purchases(sample, 39).to_numpy() == pytest.approx(expected.to_numpy(), rel=1e-3)


def test_both_libraries_find_the_same_gamma_gamma(spend_fit: GammaGammaFit, their_spend: Any) -> None:
    assert dict(their_spend.params_) == pytest.approx(dict(spend_fit.params), rel=1e-3)


def test_lifetimes_predicts_the_same_from_our_fit(fit: BGNBDFit, sample: pd.DataFrame) -> None:
    fitter = fit.to_lifetimes()
    assert fitter.predict(39, *columns(sample)).to_numpy() == pytest.approx(
        fit.expected_purchases(sample, 39).to_numpy(), rel=1e-9
    )
    alive = fitter.conditional_probability_alive(*columns(sample))
    assert alive == pytest.approx(fit.probability_alive(sample).to_numpy(), rel=1e-12)
    assert float(fitter.expected_number_of_purchases_up_to_time(52)) == pytest.approx(fit.expected_purchases_new(52))
    assert fitter.probability_of_n_purchases_up_to_time(39, 3) == pytest.approx(
        fit.probability_of_purchases(3, 39), rel=1e-8
    )


def test_lifetimes_summaries_and_data_work_on_our_fit(fit: BGNBDFit, spend_fit: GammaGammaFit, theirs: Any) -> None:
    ours = fit.to_lifetimes()
    assert ours.summary["se(coef)"].to_dict() == pytest.approx(dict(fit.standard_errors))
    assert ours.summary.columns.tolist() == theirs.summary.columns.tolist()
    assert ours.summary.loc["r", "lower 95% bound"] == pytest.approx(0.2425945 - 1.96 * 0.0125574, abs=1e-5)
    assert ours.data["weights"].sum() == 2357
    assert (ours.data["weights"] * ours.data["frequency"]).sum() == 2457
    assert "fitted with 946 subjects" in repr(spend_fit.to_lifetimes())


def test_lifetimes_values_customers_from_our_fits(
    fit: BGNBDFit, spend_fit: GammaGammaFit, theirs: Any, their_spend: Any, sample: pd.DataFrame
) -> None:
    spends = sample["monetary_value"].fillna(0)
    settings = {"time": 12, "discount_rate": 0.01, "freq": "W"}
    ours = spend_fit.to_lifetimes().customer_lifetime_value(fit.to_lifetimes(), *columns(sample), spends, **settings)
    other = their_spend.customer_lifetime_value(theirs, *columns(sample), spends, **settings)
    assert ours.to_numpy() == pytest.approx(other.to_numpy(), rel=3e-3)


def test_a_stored_fit_says_that_it_cannot_become_a_fitter(fit: BGNBDFit) -> None:
    with pytest.raises(ModelError, match="holds no customers"):
        BGNBDFit.from_json(fit.to_json()).to_lifetimes()


def test_the_bridge_leaves_warnings_and_pandas_as_they_were_and_is_never_loaded_unasked() -> None:
    """In a fresh process: models load without lifetimes; loading it undoes its two side effects."""
    program = """
import sys, warnings
import pandas as pd
import loyalty_lib.models.bgnbd, loyalty_lib.models.gamma_gamma, loyalty_lib.models.lifetimes_bridge as bridge
assert "lifetimes" not in sys.modules
before, option = list(warnings.filters), pd.get_option("display.width")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    chained = pd.get_option("mode.chained_assignment")
bridge.load_lifetimes()
assert "lifetimes" in sys.modules
assert warnings.filters == before
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    assert pd.get_option("mode.chained_assignment") == chained
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
