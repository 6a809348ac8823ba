"""Covariates: a simulated truth, an independent maximisation, and what must change nothing.

FH 2007: Fader & Hardie (2007), "Incorporating Time-Invariant Covariates into the Pareto/NBD and BG/NBD Models".
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import betaln, gammaln
from scipy.stats import chi2, kstest

from loyalty_lib.errors import ModelError
from loyalty_lib.models.bgnbd import fit_bgnbd
from loyalty_lib.models.covariate_effects import STORIES, GroupedLikelihood, linear_map
from loyalty_lib.models.covariate_fit import CovariateFit
from loyalty_lib.models.covariates import fit_with_covariates
from loyalty_lib.models.histories import compress
from loyalty_lib.models.mbgnbd import fit_mbgnbd
from loyalty_lib.models.pnbd import fit_pnbd
from loyalty_lib.models.simulate import simulate_bgnbd, simulate_mbgnbd, simulate_pnbd

GEOMETRIC = {"r": 0.8, "alpha": 5.0, "a": 1.2, "b": 3.0}
PARETO = {"r": 0.8, "alpha": 5.0, "s": 1.2, "beta": 15.0}
SIMULATE: dict[str, Callable[..., pd.DataFrame]] = {
    "bgnbd": simulate_bgnbd,
    "mbgnbd": simulate_mbgnbd,
    "pnbd": simulate_pnbd,
}
FIT: dict[str, Callable[..., Any]] = {"bgnbd": fit_bgnbd, "mbgnbd": fit_mbgnbd, "pnbd": fit_pnbd}
BASE = {"bgnbd": GEOMETRIC, "mbgnbd": GEOMETRIC, "pnbd": PARETO}
# By effect: the parameter, the sign of FH 2007, and the true coefficients.
EFFECTS = {
    "bgnbd": {"purchase rate": ("alpha", -1), "leaving a": ("a", 1), "leaving b": ("b", 1)},
    "mbgnbd": {"purchase rate": ("alpha", -1), "leaving a": ("a", 1), "leaving b": ("b", 1)},
    "pnbd": {"purchase rate": ("alpha", -1), "leaving rate": ("beta", -1)},
}
COEFFICIENTS = {
    "purchase rate": {"store": 0.5, "app": -0.3, "": 0.2},
    "leaving a": {"store": 0.3, "app": -0.4, "": 0.1},
    "leaving b": {"store": -0.3, "app": 0.2, "": 0.15},
    "leaving rate": {"store": 0.4, "app": -0.5, "": -0.2},
}
NOTHING: dict[str, dict[str, float]] = {"purchase rate": {}, "leaving a": {}, "leaving b": {}, "leaving rate": {}}


def simulated(
    model: str,
    customers: Mapping[tuple[str, int], int],
    coefficients: Mapping[str, Mapping[str, float]],
    seed: int,
) -> pd.DataFrame:
    """Simulate (channel, size) groups, one by one, each with the parameters that FH 2007 gives it."""
    parts = []
    for number, ((channel, size), n) in enumerate(customers.items()):
        params = dict(BASE[model])
        for effect, (parameter, sign) in EFFECTS[model].items():
            true = coefficients[effect]
            params[parameter] *= math.exp(sign * (true.get(channel, 0.0) + true.get("", 0.0) * size))
        ages = np.random.default_rng([seed, number]).integers(70, 700, n) / 7
        part = SIMULATE[model](n, params, ages, seed=1000 * seed + number)
        parts.append(part.assign(channel=channel, size=size))
    summary = pd.concat(parts)
    summary.index = pd.Index([f"C{number:06d}" for number in range(len(summary))], name="customer_id")
    summary.attrs["unit"] = "W"
    return summary


def two(model: str, n: int, coefficients: Mapping[str, Mapping[str, float]], seed: int) -> pd.DataFrame:
    """Simulate customers of the web and, half as many, of a store."""
    return simulated(model, {("web", 0): n, ("store", 0): n // 2}, coefficients, seed)


@pytest.fixture(scope="module", params=["bgnbd", "mbgnbd", "pnbd"])
def model(request: Any) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def customers(model: str) -> pd.DataFrame:
    sizes = {("web", 0): 3000, ("web", 1): 3000, ("web", 2): 3000}
    sizes |= {("store", 0): 2500, ("store", 2): 2500, ("app", 1): 2000, ("app", 3): 2000}
    return simulated(model, sizes, COEFFICIENTS, seed=3)


@pytest.fixture(scope="module")
def fitted(model: str, customers: pd.DataFrame) -> CovariateFit:
    return fit_with_covariates(customers, ["channel", "size"], model=model)


def test_fit_finds_the_truth_of_simulated_customers(model: str, fitted: CovariateFit) -> None:
    """Three levels and a number; within three standard errors, and these are small enough to mean something."""
    table = fitted.coefficients
    assert table["effect"].drop_duplicates().to_list() == list(EFFECTS[model])
    assert table["level"].to_list()[:3] == ["store", "app", ""]
    assert table["covariate"].to_list()[:3] == ["channel", "channel", "size"]
    truth = np.array(
        [COEFFICIENTS[effect][level] for effect, level in zip(table["effect"], table["level"], strict=True)]
    )
    z = (table["coefficient"] - truth) / table["standard_error"]
    assert z.abs().max() < 3
    assert z.abs().mean() > 0.2
    is_rate = table["effect"].str.contains("rate")
    assert table["standard_error"][is_rate].max() < 0.1
    assert table["standard_error"].max() < 0.3
    assert table["multiplier"].to_numpy() == pytest.approx(np.exp(table["coefficient"]))
    assert (table["high"] - table["low"]).to_numpy() == pytest.approx(2 * 1.959964 * table["standard_error"], rel=1e-6)
    at_reference = fitted.group({"channel": "web", "size": 0})
    assert fitted.params == pytest.approx(at_reference.params, rel=1e-12)
    for name, value in BASE[model].items():
        assert (fitted.params[name] - value) / at_reference.standard_errors[name] == pytest.approx(0, abs=3)
    assert (fitted.converged, fitted.at_boundary) == (True, False)
    assert fitted.test.p_value < 1e-20


def test_criteria_count_every_parameter(model: str, fitted: CovariateFit, customers: pd.DataFrame) -> None:
    effects = len(EFFECTS[model])
    parameters = 4 + 3 * effects
    plain = FIT[model](customers)
    assert fitted.aic == pytest.approx(2 * parameters - 2 * fitted.log_likelihood)
    assert fitted.bic == pytest.approx(parameters * math.log(18_000) - 2 * fitted.log_likelihood)
    assert fitted.test.degrees == 3 * effects
    assert fitted.test.statistic == pytest.approx(2 * (fitted.log_likelihood - plain.log_likelihood))
    assert fitted.test.p_value == pytest.approx(chi2.sf(fitted.test.statistic, 3 * effects))


def test_derivatives_match_finite_differences(model: str, customers: pd.DataFrame) -> None:
    story = STORIES[model]
    names = list(BASE[model])
    parts = [customers[customers["channel"] == level] for level in ("web", "store", "app")]
    rows = [np.array([0.0, 0.0, 1.3]), np.array([1.0, 0.0, -0.4]), np.array([0.0, 1.0, 0.2])]
    grouped = GroupedLikelihood(
        [story.likelihood(compress(part, "W"), 100.0) for part in parts],
        [linear_map(names, story.effects, z) for z in rows],
    )
    point = np.append(np.log([0.5, 0.1, 0.7, 0.9]), np.linspace(-0.4, 0.5, 3 * len(story.effects)))
    _, gradient, hessian = grouped(point)
    step = 1e-5
    for i, direction in enumerate(np.eye(len(point)) * step):
        (up, up_gradient, _), (down, down_gradient, _) = grouped(point + direction), grouped(point - direction)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-4)
        assert hessian[i] == pytest.approx((up_gradient - down_gradient) / (2 * step), rel=1e-5, abs=1e-4)


def test_groups_without_a_model_of_their_differences_are_an_independent_maximum() -> None:
    """Channel alone leaves alpha, a and b of each channel free and r common: equation 6 of the paper, by BFGS."""
    summary = two("bgnbd", 1200, COEFFICIENTS, seed=8)
    found = fit_with_covariates(summary, ["channel"])
    parts = [part[["frequency", "recency", "T"]].to_numpy().T for _, part in summary.groupby("channel")]

    def log_likelihood(r: float, alpha: float, a: float, b: float, part: Any) -> float:
        x, tx, age = part
        stayed = betaln(a, b + x) - betaln(a, b) - (r + x) * np.log(alpha + age)
        gone = betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b) - (r + x) * np.log(alpha + tx)
        either = np.logaddexp(stayed, np.where(x > 0, gone, -np.inf))
        return float(np.sum(gammaln(r + x) - gammaln(r) + r * np.log(alpha) + either))

    def objective(logs: Any) -> float:
        r, alpha, a, b, other_alpha, other_a, other_b = np.exp(logs)
        store, web = parts
        return -log_likelihood(r, alpha, a, b, store) - log_likelihood(r, other_alpha, other_a, other_b, web)

    start = np.log([0.8, 5.0, 1.2, 3.0, 5.0, 1.2, 3.0])
    best = minimize(objective, start, method="BFGS", options={"gtol": 1e-3})
    assert found.log_likelihood == pytest.approx(-best.fun, abs=1e-5)
    params: Any = found.group_params
    assert params.loc["store", ["alpha", "a", "b"]].to_list() == pytest.approx(np.exp(best.x[1:4]), rel=2e-3)
    assert params.loc["web", ["alpha", "a", "b"]].to_list() == pytest.approx(np.exp(best.x[4:]), rel=2e-3)
    assert params["r"].to_list() == pytest.approx([np.exp(best.x[0])] * 2, rel=2e-3)
    assert params["customers"].to_dict() == {"store": 600, "web": 1200}
    assert found.log_likelihood > fit_bgnbd(summary).log_likelihood + 1


def test_a_covariate_without_any_effect_leaves_the_plain_fit(model: str) -> None:
    """The same histories under both levels: the maximum is where the coefficients are zero."""
    once = two(model, 800, NOTHING, seed=4)
    twice = pd.concat([once.assign(channel="web"), once.assign(channel="app")])
    plain, found = FIT[model](twice, unit="W"), fit_with_covariates(twice, ["channel"], model=model, unit="W")
    assert found.params == pytest.approx(plain.params, rel=1e-6)
    assert found.coefficients["coefficient"].abs().max() < 1e-6
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert found.test.p_value == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("name", ["bgnbd", "pnbd"])
def test_intervals_hold_the_true_coefficients_as_often_as_they_say(name: str) -> None:
    held: dict[str, list[bool]] = {effect: [] for effect in EFFECTS[name]}
    for seed in range(40):
        table = fit_with_covariates(two(name, 800, COEFFICIENTS, 100 + seed), ["channel"], model=name).coefficients
        for effect, low, high in zip(table["effect"], table["low"], table["high"], strict=True):
            if math.isfinite(low):
                held[effect].append(low <= COEFFICIENTS[effect]["store"] <= high)
    for found in held.values():
        assert len(found) >= 36
        assert 0.85 <= np.mean(found) <= 1
    assert not all(all(found) for found in held.values())


@pytest.mark.parametrize(("name", "runs"), [("bgnbd", 80), ("pnbd", 30)])
def test_the_test_is_no_more_often_significant_than_it_says(name: str, runs: int) -> None:
    """Without an effect the p-values are uniform."""
    p_values = [
        fit_with_covariates(two(name, 700, NOTHING, 300 + seed), ["channel"], model=name).test.p_value
        for seed in range(runs)
    ]
    assert kstest(p_values, "uniform").pvalue > 0.02
    assert np.mean(np.array(p_values) < 0.1) <= 0.2


def test_names_and_the_order_of_rows_change_nothing(model: str, customers: pd.DataFrame, fitted: CovariateFit) -> None:
    shuffled = customers.sample(frac=1, random_state=2)
    again = fit_with_covariates(shuffled, ["channel", "size"], model=model)
    pd.testing.assert_frame_equal(again.coefficients, fitted.coefficients, check_exact=True)
    assert again.log_likelihood == fitted.log_likelihood
    scores = again.expected_purchases(shuffled, 20).reindex(customers.index)
    pd.testing.assert_series_equal(scores, fitted.expected_purchases(customers, 20), check_exact=True)
    words = {"web": "nett", "store": "åpen", "app": "ærlig"}
    renamed = fit_with_covariates(customers.replace({"channel": words}), ["channel", "size"], model=model)
    assert renamed.coefficients["level"].to_list()[:3] == ["åpen", "ærlig", ""]
    columns = ["coefficient", "standard_error"]
    assert renamed.coefficients[columns].to_numpy() == pytest.approx(fitted.coefficients[columns].to_numpy(), rel=1e-6)
    assert renamed.log_likelihood == pytest.approx(fitted.log_likelihood, abs=1e-8)


@pytest.mark.parametrize("values", [("web", "store"), (False, True), (0.0, 1.0), (1980, 1981), (1e-6, 3e-6)])
def test_the_way_a_difference_is_written_down_does_not_matter(values: tuple[Any, Any]) -> None:
    """Two groups are the same two groups as text, yes/no or numbers, however far these are from zero."""
    summary = two("bgnbd", 1500, COEFFICIENTS, seed=6)
    expected = fit_with_covariates(summary, ["channel"])
    written = summary.assign(mark=summary["channel"].map({"web": values[0], "store": values[1]}))
    found = fit_with_covariates(written, ["mark"])
    assert found.log_likelihood == pytest.approx(expected.log_likelihood, abs=1e-7)
    for channel, value in zip(("web", "store"), values, strict=True):
        one, other = found.group({"mark": value}), expected.group({"channel": channel})
        assert one.params == pytest.approx(other.params, rel=1e-6)
        assert one.standard_errors == pytest.approx(other.standard_errors, rel=1e-5)
    if not isinstance(values[0], str):
        unit = float(values[1]) - float(values[0])
        columns = ["coefficient", "standard_error"]
        assert found.coefficients["level"].to_list() == [""] * 3
        assert found.coefficients[columns].to_numpy() * unit == pytest.approx(
            expected.coefficients[columns].to_numpy(), rel=1e-5
        )


def test_days_and_weeks_give_the_same_model(model: str, customers: pd.DataFrame, fitted: CovariateFit) -> None:
    days = customers.assign(recency=customers["recency"] * 7, T=customers["T"] * 7)
    days.attrs["unit"] = "D"
    found = fit_with_covariates(days, ["channel", "size"], model=model)
    times = {"alpha", "beta"}
    assert found.params == pytest.approx({name: v * 7 if name in times else v for name, v in fitted.params.items()})
    columns = ["coefficient", "standard_error"]
    assert found.coefficients[columns].to_numpy() == pytest.approx(fitted.coefficients[columns].to_numpy(), rel=1e-6)
    assert found.log_likelihood == pytest.approx(fitted.log_likelihood - customers["frequency"].sum() * math.log(7))
    assert found.unit == "D"
    assert found.expected_purchases(days, 140).to_numpy() == pytest.approx(fitted.expected_purchases(customers, 20))


def test_a_customer_is_scored_by_the_plain_model_with_the_parameters_of_the_group(
    model: str, customers: pd.DataFrame, fitted: CovariateFit
) -> None:
    people = customers.iloc[::29]
    weeks, factors = np.arange(1.0, 27.0), 0.998 ** np.arange(1.0, 27.0)
    scores = {
        "expected": fitted.expected_purchases(people, 26),
        "alive": fitted.probability_alive(people),
        "discounted": fitted.discounted_purchases(people, weeks, factors),
    }
    assert [each.name for each in scores.values()] == [
        "expected_purchases",
        "probability_alive",
        "discounted_purchases",
    ]
    plain = FIT[model](customers)
    params: Any = fitted.group_params
    key: Any
    for key, part in people.groupby(["channel", "size"]):
        of_group = params.loc[key]
        assert of_group["customers"] == ((customers["channel"] == key[0]) & (customers["size"] == key[1])).sum()
        group = dataclasses.replace(plain, params=of_group[list(plain.names)].to_dict())
        assert scores["expected"][part.index].equals(group.expected_purchases(part, 26))
        assert scores["alive"][part.index].equals(group.probability_alive(part))
        assert scores["discounted"][part.index].equals(group.discounted_purchases(part, weeks, factors))
        assert fitted.group({"channel": key[0], "size": key[1]}).params == group.params
    table = fitted.coefficients
    for effect, (parameter, sign) in EFFECTS[model].items():
        coefficient = table["coefficient"][(table["effect"] == effect) & (table["level"] == "store")].item()
        ratio = params.loc[("store", 2), parameter] / params.loc[("web", 2), parameter]
        assert math.log(ratio) == pytest.approx(sign * coefficient, rel=1e-9)


def test_the_uncertainty_of_a_group_is_that_of_a_fit_with_the_group_as_reference(model: str) -> None:
    """The store's parameters are the reference ones where the covariate is "not the store"."""
    summary = two(model, 1200, COEFFICIENTS, seed=9)
    found = fit_with_covariates(summary, ["channel"], model=model)
    turned = fit_with_covariates(summary.assign(web=summary["channel"] == "web"), ["web"], model=model)
    group = found.group({"channel": "store"})
    assert turned.params == pytest.approx(group.params, rel=1e-6)
    assert turned.group({"web": False}).log_covariance == pytest.approx(group.log_covariance, rel=1e-5, abs=1e-10)
    ratio = turned.coefficients["coefficient"].to_numpy() / found.coefficients["coefficient"].to_numpy()
    assert ratio == pytest.approx(-1, rel=1e-5)


def test_a_coefficient_the_data_leave_open_has_no_standard_error() -> None:
    """Customers of the app never leave: how much less they leave has no end, how often they buy is known."""
    web = simulate_bgnbd(2000, GEOMETRIC, 60.0, seed=2).assign(channel="web")
    source = np.random.default_rng(5)
    bought = source.poisson(source.gamma(GEOMETRIC["r"], 1 / GEOMETRIC["alpha"], 800) * 60.0)
    last = np.where(bought > 0, 60.0 * source.beta(np.maximum(bought, 1), 1.0), 0.0)
    app = pd.DataFrame({"frequency": bought, "recency": last, "T": 60.0, "channel": "app"})
    found = fit_with_covariates(pd.concat([web, app], ignore_index=True), ["channel"], unit="W")
    assert found.at_boundary
    errors = found.coefficients.set_index("effect")["standard_error"]
    assert errors["purchase rate"] == pytest.approx(0.07, abs=0.03)
    assert errors[["leaving a", "leaving b"]].isna().all()
    assert "The orders do not determine every difference between the groups." in found.caveats
    assert "leaving" in found.diagnosis
    app_fit, web_fit = found.group({"channel": "app"}), found.group({"channel": "web"})
    assert (app_fit.at_boundary, web_fit.at_boundary) == (True, False)
    assert app_fit.params["a"] / (app_fit.params["a"] + app_fit.params["b"]) < 0.002


def test_covariates_that_cannot_be_used_are_refused_in_words() -> None:
    summary = two("bgnbd", 300, COEFFICIENTS, seed=1)
    hole = summary["channel"].where(summary.index != "C000007")
    kiosk = summary["channel"].mask((summary["frequency"] == 0) & (summary["T"] > 90), "kiosk")
    cases: list[tuple[pd.DataFrame, list[str], list[str]]] = [
        (summary, [], ["expected a list of different columns"]),
        (summary, ["channel", "channel"], ["expected a list of different columns"]),
        (summary.assign(gap=hole), ["nothing", "gap"], ["'nothing' is not among", "'gap' is missing for 1 of 450"]),
        (summary.assign(size=np.inf), ["size"], ["'size' is missing for 450 of 450", "finite numbers"]),
        (summary, ["channel", "size"], ["'size' is the same for all customers"]),
        (summary.assign(channel=kiosk), ["channel"], ["'channel' is 'kiosk'", "Merge the level with another"]),
        (summary.assign(day=summary["T"]), ["day"], ["groups; expected at most 50", "Bin numbers"]),
        (
            summary.assign(store=summary["channel"] == "store"),
            ["channel", "store"],
            ["follow from the others", "Leave one of them out"],
        ),
    ]
    for customers, covariates, said in cases:
        with pytest.raises(ModelError) as error:
            fit_with_covariates(customers, covariates)
        assert [part for part in said if part not in str(error.value)] == []
    with pytest.raises(ModelError, match="'weibull' is not known; expected one of: bgnbd, mbgnbd, pnbd"):
        fit_with_covariates(summary, ["channel"], model="weibull")


def test_customers_of_an_unknown_level_are_refused() -> None:
    summary = two("bgnbd", 300, COEFFICIENTS, seed=1)
    found = fit_with_covariates(summary, ["channel"])
    strangers = summary.assign(channel="kiosk")
    for ask in (found.probability_alive, lambda people: found.expected_purchases(people, 10)):
        with pytest.raises(ModelError, match="'channel' holds 'kiosk'; expected one of 'web', 'store'"):
            ask(strangers)
    with pytest.raises(ModelError, match="'channel' holds 'kiosk'"):
        found.group({"channel": "kiosk"})
    with pytest.raises(ModelError, match="'channel' is not among"):
        found.group({"country": "NO"})


def test_rare_levels_are_pointed_out() -> None:
    summary = simulated("bgnbd", {("web", 0): 600, ("store", 0): 300, ("kiosk", 0): 25}, NOTHING, seed=5)
    said = "Some groups have fewer than 30 customers; their figures are uncertain."
    assert said in fit_with_covariates(summary, ["channel"]).caveats
    without = summary[summary["channel"] != "kiosk"]
    assert said not in fit_with_covariates(without, ["channel"]).caveats
