"""Fixtures for all tests: the shared data, the CDNOW client, and a home with a client of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loyalty_lib.inputs import Inputs, load_inputs
from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.simulate import simulate_transactions
from tests.models.cdnow import summary_of

if TYPE_CHECKING:
    import pandas as pd

SHARED = Path(__file__).parents[1] / ".." / "shared"
ACME = """\
name: Acme
currency: NOK
observed_until: 2024-12-31
source:
  path: data/orders.csv
"""


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder with reference numbers and sample exports, which is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("the folder 'shared' with reference numbers and sample exports is not beside the project")
    return SHARED


@pytest.fixture(scope="session")
def demo_report(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function from a demo client's name to the folder of its report, made once for all tests."""
    from tests.finished import finished

    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if folder.name.startswith("popen-") else folder  # of all processes of pytest-xdist
    home = shared / "demo"
    home.mkdir(exist_ok=True)
    return partial(finished, home)


@pytest.fixture(scope="session")
def cdnow() -> Inputs:
    """Return the CDNOW demo client up to the end of its data."""
    return load_inputs("cdnow", "1998-Q2")


@pytest.fixture(scope="session")
def sample() -> pd.DataFrame:
    """Return the summary of the published CDNOW sample after 39 weeks."""
    return summary_of("sample")


@pytest.fixture(scope="session")
def fit(sample: pd.DataFrame) -> BGNBDFit:
    """Return BG/NBD fitted to the sample."""
    return fit_bgnbd(sample)


@pytest.fixture(scope="session")
def spend_fit(sample: pd.DataFrame) -> GammaGammaFit:
    """Return Gamma-Gamma fitted to the sample."""
    return fit_gamma_gamma(sample)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home whose only client is "acme": 300 simulated customers, two years, the shortest of settings."""
    data = tmp_path / "clients" / "acme" / "data"
    data.mkdir(parents=True)
    (data.parent / "client.yml").write_text(ACME, encoding="utf-8")
    orders = simulate_transactions(customers=300, start=dt.date(2023, 1, 1), end=dt.date(2024, 12, 31), seed=7)
    orders.to_csv(data / "orders.csv", index=False)
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    return tmp_path
