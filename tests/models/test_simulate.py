"""Simulated summaries are summaries, and their customers are as active as the model says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from loyalty_lib.models.bgnbd import fit_bgnbd
from loyalty_lib.models.simulate import simulate_bgnbd

if TYPE_CHECKING:
    import pandas as pd

TRUTH = {"r": 0.6, "alpha": 5.0, "a": 1.2, "b": 3.0}


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return simulate_bgnbd(30_000, TRUTH, np.linspace(5, 80, 30_000), seed=4)


def test_simulated_customers_are_as_active_as_the_fit_says(customers: pd.DataFrame) -> None:
    repeaters = customers[customers["frequency"] > 0]
    guess = fit_bgnbd(customers).probability_alive(repeaters)
    tenths = (guess * 10).astype(int)
    share = repeaters["alive"].groupby(tenths).mean()
    error = 0.5 / np.sqrt(repeaters["alive"].groupby(tenths).size())
    assert ((share - guess.groupby(tenths).mean()).abs() < 4 * error).all()


def test_histories_are_possible_and_repeatable(customers: pd.DataFrame) -> None:
    assert ((customers["recency"] > 0) == (customers["frequency"] > 0)).all()
    assert (customers["recency"] <= customers["T"]).all()
    assert customers.attrs["unit"] == "W"
    assert customers.index.is_unique
    again = simulate_bgnbd(30_000, TRUTH, np.linspace(5, 80, 30_000), seed=4)
    assert again.equals(customers)
