"""What makes a model of repeat purchases: four functions of its parameters and a customer's history.

Histories (x, t_x, T) go in, arrays of their shape come out.  Everything else that a fit can be asked follows.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from loyalty_lib.models.histories import Codes, Floats

NEW = (np.zeros(1, dtype=np.int64), np.zeros(1), np.zeros(1))  # x, t_x, T of a new customer


class Kernel(ABC):
    """A model's four functions; a new model is a subclass."""

    # The parameters in order, and those of them that are times.
    names: ClassVar[tuple[str, ...]]
    times: ClassVar[frozenset[str]]
    # Whether the model can tell if a customer with one purchase is still active.
    identifies_one_time_buyers: ClassVar[bool] = True

    @abstractmethod
    def _alive(self, params: Mapping[str, float], x: Codes, tx: Floats, age: Floats) -> Floats:
        """P(alive) of histories, shape (n,)."""

    @abstractmethod
    def _expected_if_alive(self, params: Mapping[str, float], x: Codes, age: Floats, horizon: Floats) -> Floats:
        """Return expected purchases given alive now; arguments broadcast."""

    @abstractmethod
    def _probability_if_alive(
        self, params: Mapping[str, float], n: int | Codes, x: Codes, age: Floats, horizon: float | Floats
    ) -> Floats:
        """Return the probability of exactly ``n`` purchases given alive now; arguments broadcast."""

    @abstractmethod
    def _simulated_if_alive(
        self, params: Mapping[str, float], x: Codes, age: Floats, horizon: float, generator: np.random.Generator
    ) -> Codes:
        """One draw of each customer's purchases given alive now, shape (n,)."""

    def _probability(
        self, params: Mapping[str, float], n: int, x: Codes, tx: Floats, age: Floats, horizon: float | Floats
    ) -> Floats:
        """P(exactly n purchases) of histories whose customers may have left; arguments broadcast."""
        alive = self._alive(params, x, tx, age)
        return alive * self._probability_if_alive(params, n, x, age, horizon) + (1 - alive) * (n == 0)
