"""A Newton maximiser for the few parameters of a customer-base model.

Takes a function that returns value, gradient and exact Hessian; returns the optimum with the evidence that it is one.
Works inside a box, so that a maximum that runs off to infinity ends on a wall, where it can be seen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]
Objective: TypeAlias = Callable[[Vector], tuple[float, Vector, NDArray[np.float64]]]

MAX_STEPS = 200
MAX_STEP = 2.0  # longest move in any coordinate; in log-parameters a factor of seven
ATTAINABLE = 1e-6  # log-likelihood units still to be gained; far below anything a decision could notice
TINY_GAIN = 1e-12  # a Newton step that promises less than this ends the search
MAX_HALVINGS = 40
BLIND_STEPS = 10  # taken on trust in the gradient, where values differ by rounding only; Newton's method needs two
AT_WALL = 1e-9  # of the limit: this close is on the wall
MOST_ERROR = 1.0  # of a coordinate that is determined; of a log-parameter: as large as the parameter itself
SHARE_OF_DIRECTION = 0.4  # a coordinate with a larger share in a unit direction takes part in it
NOISE = 64 * np.finfo(float).eps  # relative rounding of a sum over many customers


@dataclass(frozen=True, eq=False, kw_only=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    point, value, gradient, hessian
        At the end of the search; shapes (k,), (), (k,), (k, k).
    attainable
        Half the Newton decrement in the coordinates off the wall: by how much the value could still rise,
        judged by the local quadratic.  Infinite where the surface does not curve downwards.
    on_wall
        One flag a coordinate: it sits on the box, and the way up leads through it.
    steps
        Newton steps taken.
    """

    point: Vector
    value: float
    gradient: Vector
    hessian: NDArray[np.float64]
    attainable: float
    on_wall: NDArray[np.bool_]
    steps: int

    @property
    def converged(self) -> bool:
        """Whether a stationary point was reached, on a wall or off it."""
        return bool(np.isfinite(self.value)) and self.attainable < ATTAINABLE

    @property
    def diagnosis(self) -> str:
        """The evidence in one line, for the technical appendix and for errors."""
        return (
            f"{self.steps} Newton steps, largest slope {np.abs(self.gradient).max():.1e}, at most "
            f"{self.attainable:.1e} of log-likelihood to be gained"
        )


def maximise(objective: Objective, start: Vector, limit: float) -> Optimum:
    """Climb to a local maximum of ``objective`` within ``[-limit, limit]`` in every coordinate.

    Parameters
    ----------
    objective
        Point of shape (k,) to (value, gradient, Hessian).
    start
        Shape (k,).
    limit
        Half the width of the box.

    Returns
    -------
    Optimum
        Also where the search failed; ``converged`` says so.

    Notes
    -----
    Newton's method with the eigenvalues of the Hessian made negative (so that every step points uphill), steps of
    bounded length, and halving until the value rises.
    """
    point = np.clip(start, -limit, limit)
    value, gradient, hessian = objective(point)
    steps = blind = 0
    while steps < MAX_STEPS and blind < BLIND_STEPS and np.isfinite(value):
        step = _within(point, gradient, hessian, limit)
        promised = float(gradient @ step) / 2
        if promised < TINY_GAIN:
            break
        for _ in range(MAX_HALVINGS):
            candidate = np.clip(point + step, -limit, limit)
            found = objective(candidate)
            if _better(found, value, gradient, promised):
                break
            step = step / 2
        else:
            break
        blind += int(promised <= NOISE * abs(value))
        point = candidate
        value, gradient, hessian = found
        steps += 1
    on_wall = ~_free(point, gradient, hessian, limit)
    return Optimum(
        point=point,
        value=value,
        gradient=gradient,
        hessian=hessian,
        attainable=_attainable(gradient, hessian, ~on_wall),
        on_wall=on_wall,
        steps=steps,
    )


def _at_wall(point: Vector, limit: float) -> NDArray[np.bool_]:
    return np.asarray(np.abs(point) >= limit * (1 - AT_WALL))


def _free(point: Vector, gradient: Vector, hessian: Vector, limit: float) -> NDArray[np.bool_]:
    """Flag the coordinates that may move: not those on the wall that the uphill step would take through it."""
    at_wall = _at_wall(point, limit)
    free = ~(at_wall & (gradient * point > 0))
    while (leaving := free & at_wall & (_uphill(gradient, hessian, free) * point > 0)).any():
        free &= ~leaving
    return free


def _within(point: Vector, gradient: Vector, hessian: Vector, limit: float) -> Vector:
    """Return the uphill step, shortened as a whole to end on the wall where it would leave the box.

    Shortening coordinate by coordinate would bend the step off a narrow ridge.
    """
    step = _uphill(gradient, hessian, _free(point, gradient, hessian, limit))
    moving = step != 0
    if not moving.any():
        return step
    room = (limit - np.sign(step[moving]) * point[moving]) / np.abs(step[moving])
    return step * min(1.0, MAX_STEP / float(np.abs(step).max()), float(room.min()))


def _better(found: tuple[float, Vector, Vector], value: float, gradient: Vector, promised: float) -> bool:
    """Whether the step may be taken; at the summit, where values differ by rounding only, the gradient decides."""
    risen = found[0] - value
    noise = NOISE * abs(value)
    if promised > noise:
        return bool(risen > 0)
    return bool(risen >= -noise and np.abs(found[1]).max() < np.abs(gradient).max())


def _uphill(gradient: Vector, hessian: Vector, free: NDArray[np.bool_]) -> Vector:
    step = np.zeros_like(gradient)
    if not free.any():
        return step
    eigenvalues, vectors = np.linalg.eigh(hessian[np.ix_(free, free)])
    curvature = np.maximum(np.abs(eigenvalues), 1e-10 * max(1.0, float(np.abs(eigenvalues).max())))
    step[free] = vectors @ ((vectors.T @ gradient[free]) / curvature)
    return step


def _attainable(gradient: Vector, hessian: Vector, free: NDArray[np.bool_]) -> float:
    if not free.any():
        return 0.0
    eigenvalues, vectors = np.linalg.eigh(-hessian[np.ix_(free, free)])
    along = vectors.T @ gradient[free]
    flat = eigenvalues < 1e-10 * max(1.0, float(eigenvalues.max()))
    if np.any(np.abs(along[flat]) > ATTAINABLE):
        return float("inf")
    return float(np.sum(along[~flat] ** 2 / eigenvalues[~flat]) / 2)


@dataclass(frozen=True, eq=False, kw_only=True)
class Spread:
    """How well an optimum is determined.

    Attributes
    ----------
    covariance
        Inverse of the negative Hessian, shape (k, k), with curvatures below the least information raised to it, so
        that an undetermined direction spreads widely but not without end; zero for coordinates on a wall.
    undetermined
        One flag a coordinate: it sits on a wall, takes part in a direction along which the value hardly falls, or has
        a standard error above ``MOST_ERROR``.
    """

    covariance: NDArray[np.float64]
    undetermined: NDArray[np.bool_]


def spread_of(optimum: Optimum, least_information: float) -> Spread:
    """Laplace approximation at an optimum.

    Parameters
    ----------
    optimum
        A maximum.
    least_information
        Curvature below which a direction counts as undetermined.

    Returns
    -------
    Spread
        Coordinates on a wall are undetermined, whatever the curvature there.
    """
    size = len(optimum.point)
    covariance = np.zeros((size, size))
    undetermined = optimum.on_wall.copy()
    free = np.flatnonzero(~optimum.on_wall)
    if free.size:
        eigenvalues, vectors = np.linalg.eigh(-optimum.hessian[np.ix_(free, free)])
        flat = eigenvalues < least_information
        covariance[np.ix_(free, free)] = (vectors / np.maximum(eigenvalues, least_information)) @ vectors.T
        shares = np.abs(vectors[:, flat])
        # The largest of many small shares counts too.
        undetermined[free] |= (shares >= np.minimum(SHARE_OF_DIRECTION, shares.max(axis=0))).any(axis=1)
        undetermined |= np.diag(covariance) > MOST_ERROR**2
    return Spread(covariance=covariance, undetermined=undetermined)
