"""Metrics of the CDNOW report, computed once from the log itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from loyalty_lib import cohorts, collect, i18n, kpis, lifetime, load_inputs, pareto, protect, rfm

Metrics = dict[str, Any]


def metrics_of(client: str, period: str | None) -> Metrics:
    """Compute what the report's notebook computes."""
    inputs = load_inputs(client, period)
    transactions, as_of, config = inputs.transactions, inputs.as_of, inputs.config
    smallest = config.privacy.minimum_cell
    segments = protect(rfm(transactions, as_of, **config.rfm.model_dump()), smallest)
    return collect(
        inputs,
        kpis=protect(kpis(transactions, inputs.period), smallest),
        cohorts=protect(cohorts(transactions, as_of), smallest),
        rfm=segments,
        pareto=protect(pareto(transactions, as_of), smallest),
        clv=protect(lifetime(transactions, as_of, segments, config.clv, config.unit), smallest),
    )


@pytest.fixture(scope="session")
def _cdnow() -> Metrics:
    return metrics_of("cdnow", "1998-Q2")


@pytest.fixture
def metrics(_cdnow: Metrics) -> Iterator[Metrics]:
    i18n.activate("en", "USD")
    yield copy.deepcopy(_cdnow)
    i18n.activate("en")


@pytest.fixture(scope="session")
def first_quarter() -> Metrics:
    """A period with nothing before it: 1997-Q1."""
    return metrics_of("cdnow", "1997-Q1")
