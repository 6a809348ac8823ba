"""Fixtures of the models' tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loyalty_lib.models.pnbd import PNBDFit, fit_pnbd

if TYPE_CHECKING:
    import pandas as pd


@pytest.fixture(scope="session")
def pareto(sample: pd.DataFrame) -> PNBDFit:
    return fit_pnbd(sample)
