"""The maximiser on surfaces whose summit is known."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from loyalty_lib.models.optimise import maximise, spread_of

Answer = tuple[float, NDArray[np.float64], NDArray[np.float64]]


def valley(point: NDArray[np.float64]) -> Answer:
    """Rosenbrock's banana upside down: summit 0 at (1, 1), and a long bent ridge on the way."""
    x, y = point.tolist()
    gap = y - x**2
    gradient = np.array([400 * x * gap + 2 * (1 - x), -200 * gap])
    hessian = np.array([[400 * gap - 800 * x**2 - 2, 400 * x], [400 * x, -200.0]])
    return -100 * gap**2 - (1 - x) ** 2, gradient, hessian


def slope(point: NDArray[np.float64]) -> Answer:
    """Rises for ever, ever more slowly, in x + y; curved across."""
    x, y = point.tolist()
    rise, across = np.exp(-(x + y)), x - y - 1
    gradient = np.array([rise - across, rise + across])
    return -rise - across**2 / 2, gradient, np.array([[-rise - 1, -rise + 1], [-rise + 1, -rise - 1]])


def test_a_bent_ridge_is_climbed_to_its_summit() -> None:
    found = maximise(valley, np.array([-1.2, 1.0]), 10.0)
    assert found.converged
    assert found.point == pytest.approx([1, 1], abs=1e-6)
    assert not found.on_wall.any()


def test_a_start_where_the_surface_curves_upwards_leads_uphill() -> None:
    found = maximise(valley, np.array([0.0, 5.0]), 10.0)
    assert found.point == pytest.approx([1, 1], abs=1e-6)


def test_a_summit_at_infinity_ends_on_the_wall_and_is_undetermined() -> None:
    found = maximise(slope, np.array([0.0, 0.0]), 6.0)
    assert found.converged
    assert found.on_wall.tolist() == [True, False]
    assert found.point == pytest.approx([6, 5], abs=1e-4)
    assert spread_of(found, 0.25).undetermined.tolist() == [True, False]


def test_a_flat_direction_is_undetermined_in_every_coordinate_that_takes_part() -> None:
    found = maximise(slope, np.array([0.0, 0.0]), 40.0)
    spread = spread_of(found, 0.25)
    assert spread.undetermined.tolist() == [True, True]
    across = np.array([1, -1]) / np.sqrt(2)
    assert across @ spread.covariance @ across == pytest.approx(0.5, rel=1e-6)
    along = np.array([1, 1]) / np.sqrt(2)
    assert along @ spread.covariance @ along == pytest.approx(1 / 0.25, rel=1e-9)


def test_a_determined_summit_has_the_inverse_of_its_curvature() -> None:
    found = maximise(valley, np.array([-1.2, 1.0]), 10.0)
    assert spread_of(found, 1e-3).covariance == pytest.approx(np.linalg.inv(-found.hessian), rel=1e-9)


def test_a_value_that_is_no_number_is_no_summit() -> None:
    def broken(point: NDArray[np.float64]) -> Answer:
        return float("nan"), np.ones_like(point), -np.eye(len(point))

    assert not maximise(broken, np.zeros(2), 5.0).converged
