"""The Pareto/NBD likelihood against 60-digit arithmetic, an adaptive rule, its closed form and finite differences."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import hyp2f1

from loyalty_lib.models.histories import Floats, compress
from loyalty_lib.models.maximum_likelihood import LIMIT
from loyalty_lib.models.pareto_likelihood import Likelihood, probability_alive, terms_of
from loyalty_lib.models.pnbd import NAMES, PNBDFit
from tests.models import cdnow

if TYPE_CHECKING:
    import pandas as pd

# Parameters, history, log-likelihood, P(alive), computed with mpmath at 60 digits: the integral over the moment of
# leaving by Gauss-Legendre quadrature on subintervals that halve towards the last purchase.
PRECISE = [
    ((0.5533, 10.578, 0.6062, 11.669), (0, 0, 38.86), -0.52123139304287757, 0.29511816029135082),
    ((0.5533, 10.578, 0.6062, 11.669), (2, 30.43, 38.86), -9.5542536216325059, 0.8691242543735004),
    ((0.5533, 10.578, 0.6062, 11.669), (25, 20, 39), -34.41074420510462, 0.00014535679743767892),
    ((0.5533, 11, 0.6062, 11), (2, 30.43, 38.86), -9.5802757300119584, 0.86760771520399002),
    ((0.05, 0.001, 0.3, 1000), (0, 0, 100), -0.57411685380076849, 0.9703262019122528),
    ((0.05, 0.001, 0.3, 1000), (1, 0.5, 100), -8.036914737734311, 0.84515304562256874),
    ((2.5, 1000000, 0.8, 0.001), (3, 10, 200), -45.142033470654829, 0.090960574597850059),
    ((1.5, 1000, 700, 0.01), (0, 0, 300), -2.1459226929463434e-8, 0.0),
    ((0.6, 5, 0.7, 1000000), (5000, 38, 39), 18761.118574764701, 1.9646713111992182e-42),
    ((0.6, 5, 0.7, 12), (5000, 39, 39), 18664.072509830039, 1.0),
    ((0.6, 5, 0.7, 12), (5000, 30, 39), 19799.49719311359, 0.0),
    ((200000, 1000000, 50000, 1000000), (8, 35, 39), -22.33010085304209, 0.7442455025453035),
    ((0.3, 0.000001, 0.000001, 0.000001), (0, 0, 1), -4.1444603162594471, 0.99979305477487473),
]


@pytest.mark.parametrize(("params", "history", "log_likelihood", "alive"), PRECISE)
def test_likelihood_matches_60_digit_arithmetic_at_extremes(
    params: tuple[float, float, float, float], history: tuple[int, float, float], log_likelihood: float, alive: float
) -> None:
    with_gamma = Likelihood(compress(cdnow.history(*history), "W"), 1.0)(np.log(params))[0]
    assert with_gamma == pytest.approx(log_likelihood, rel=1e-13, abs=1e-13)
    assert probability_alive(*params, *history).item() == pytest.approx(alive, rel=2e-12, abs=1e-300)


@pytest.mark.parametrize("seed", range(5))
def test_likelihood_matches_an_adaptive_rule_on_a_wide_grid(seed: int) -> None:
    """600 histories, parameters from 1e-3 to 1e6: the integral against scipy's adaptive quadrature, on pieces."""
    generator = np.random.default_rng(seed)
    r, s = 10 ** generator.uniform(-3, 2, 2)
    alpha, beta = 10 ** generator.uniform(-3, 6, 2)
    n = 120
    age = 10 ** generator.uniform(-1, 2.5, n)
    x = np.where(generator.random(n) < 0.3, 0, np.floor(10 ** generator.uniform(0, 3.7, n)))
    # from "bought all along" to "bought today"
    tx = np.where(x > 0, age * (1 - 10 ** generator.uniform(-6, 0, n) * (generator.random(n) < 0.9)), 0.0)

    def adaptive(x: float, tx: float, age: float) -> float:
        m = r + x

        def density(w: float) -> float:
            y = c * math.expm1(w)
            return math.exp(w - m * math.log1p(y / (alpha + tx)) - (s + 1) * math.log1p(y / (beta + tx)))

        c = min(alpha, beta) + tx
        end = math.log1p((age - tx) / c)
        edges = [0.0, *(end * 2.0**-k for k in range(30, -1, -1))]
        inside = math.fsum(quad(density, *ends, epsabs=0, epsrel=1e-12)[0] for ends in itertools.pairwise(edges))
        still = -m * math.log1p((age - tx) / (alpha + tx)) - s * math.log1p((age - tx) / (beta + tx))
        return math.log(math.exp(still) + s * c / (beta + tx) * inside)

    found = terms_of(r, alpha, s, beta, x, tx, age).value
    before = -r * np.log1p(tx / alpha) - x * np.log(alpha + tx) - s * np.log1p(tx / beta)
    inside = [adaptive(*row) for row in zip(x.tolist(), tx.tolist(), age.tolist(), strict=True)]
    assert found - before == pytest.approx(np.array(inside), rel=1e-11, abs=2e-11)


def test_log_likelihood_matches_the_closed_form_summed_customer_by_customer(
    pareto: PNBDFit, sample: pd.DataFrame
) -> None:
    """FH 2005, the likelihood with Gauss's hypergeometric function, for either order of alpha and beta."""

    def closed_form(params: dict[str, float]) -> float:
        r, alpha, s, beta = params.values()
        least, most = min(alpha, beta), max(alpha, beta)
        x, tx, age = (sample[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
        total = r + s + x
        second = s + 1 if alpha >= beta else r + x

        def part(t: Floats) -> Floats:
            return hyp2f1(total, second, total + 1, (most - least) / (most + t)) / (most + t) ** total

        gamma = np.array([math.lgamma(r + each) - math.lgamma(r) for each in x])
        alive = 1 / ((alpha + age) ** (r + x) * (beta + age) ** s)
        left = s / total * (part(tx) - part(age))
        return float((gamma + r * math.log(alpha) + s * math.log(beta) + np.log(alive + left)).sum())

    assert pareto.log_likelihood == pytest.approx(closed_form(dict(pareto.params)), abs=1e-7)
    likelihood = Likelihood(compress(sample, "W"), 1.0)
    for other in ({"alpha": 9.0, "beta": 5.0}, {"alpha": 7.0, "beta": 7.0}):
        params = dict(pareto.params) | other
        assert likelihood(np.log(list(params.values())))[0] == pytest.approx(closed_form(params), abs=1e-7)


@pytest.mark.parametrize(
    "point",
    [
        pytest.param((0.4, 0.2, 0.7, 3.0), id="usual"),
        pytest.param((0.55, 0.3, 0.6, 0.3), id="alpha = beta"),
        pytest.param((3.0, 500.0, 0.05, 0.002), id="beta << alpha"),
        pytest.param((0.02, 0.001, 40.0, 2e4), id="alpha << beta"),
    ],
)
def test_log_likelihood_derivatives_match_finite_differences(
    sample: pd.DataFrame, point: tuple[float, float, float, float]
) -> None:
    likelihood = Likelihood(compress(sample, "W"), 38.86)
    centre = np.log(point)
    _, gradient, hessian = likelihood(centre)
    assert (hessian == hessian.T).all()
    step = 1e-4
    for i, direction in enumerate(np.eye(4) * step):
        (up, up_slope, _), (down, down_slope, _) = likelihood(centre + direction), likelihood(centre - direction)
        (up2, up2_slope, _), (down2, down2_slope, _) = (
            likelihood(centre + 2 * direction),
            likelihood(centre - 2 * direction),
        )
        # fourth order: the differences of single and of double steps
        assert gradient[i] == pytest.approx((8 * (up - down) - (up2 - down2)) / (12 * step), rel=1e-7)
        by_differences = (8 * (up_slope - down_slope) - (up2_slope - down2_slope)) / (12 * step)
        assert hessian[i] == pytest.approx(by_differences, rel=1e-7, abs=1e-9 * np.abs(hessian).max())


def test_every_parameter_in_sight_gives_numbers(pareto: PNBDFit, sample: pd.DataFrame) -> None:
    """Parameters from 1e-6 to 1e6, the corners of the search's box among them: finite derivatives, probabilities in
    [0, 1], and no warning.
    """
    few = sample.iloc[::10]
    likelihood = Likelihood(compress(few, "W"), 38.86)
    corners = np.array(list(itertools.product((-LIMIT, 0, LIMIT), repeat=4)))
    for point in corners:
        value, gradient, hessian = likelihood(point)
        assert math.isfinite(value)
        assert np.isfinite(gradient).all()
        assert np.isfinite(hessian).all()
    for point in corners[::3]:
        extreme = dataclasses.replace(pareto, params=dict(zip(NAMES, np.exp(point).tolist(), strict=True)))
        assert extreme.probability_alive(few).between(0, 1).all()
        expected = extreme.expected_purchases(few, 39)
        assert np.isfinite(expected).all()
        assert (expected >= 0).all()
        for n in (0, 1, 40):
            assert extreme.probability_of_purchases(n, 39, few).between(0, 1 + 1e-12).all()


def test_parameters_may_differ_between_histories(sample: pd.DataFrame) -> None:
    """One call with an array of alphas and betas is the calls with each, digit by digit."""
    x, tx, age = (sample[name].to_numpy(dtype=float)[:200] for name in ("frequency", "recency", "T"))
    alpha, beta = np.repeat([3.0, 12.0], 100), np.tile([8.0, 30.0], 100)
    together = terms_of(0.6, alpha, 0.7, beta, x, tx, age)
    for a, b in itertools.product((3.0, 12.0), (8.0, 30.0)):
        rows = (alpha == a) & (beta == b)
        alone = terms_of(0.6, a, 0.7, b, x[rows], tx[rows], age[rows])
        assert (together.value[rows] == alone.value).all()
        assert (together.slope[:, rows] == alone.slope).all()
        assert (together.curvature[:, :, rows] == alone.curvature).all()
