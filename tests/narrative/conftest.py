"""Metrics of the CDNOW report, computed once from the log itself."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from loyalty_lib import (
    action_lists,
    cohorts,
    collect,
    i18n,
    kpis,
    lifetime,
    load_inputs,
    pareto,
    programme,
    protect,
    retention_cost,
    revenue_bridge,
    rfm,
    subscriptions,
    survey,
    time_to_second_purchase,
)

Metrics = dict[str, Any]


def metrics_of(client: str, period: str | None) -> Metrics:
    """Compute what the report's notebook computes."""
    inputs = load_inputs(client, period)
    transactions, as_of, config = inputs.transactions, inputs.as_of, inputs.config
    segments = rfm(transactions, as_of, previous=inputs.period.previous.end, **config.rfm.model_dump())
    value = lifetime(transactions, as_of, segments, config.clv, config.unit)
    figures = kpis(transactions, inputs.period, engagement=config.engagement, answers=inputs.answers)
    lists = action_lists(transactions, inputs.period, segments, value, config.actions, config.margin)
    voice = survey(transactions, as_of, inputs.answers, segments, config.survey)
    results = {
        "kpis": figures,
        "revenue_bridge": revenue_bridge(transactions, inputs.period),
        "cohorts": cohorts(transactions, as_of),
        "time_to_second_purchase": time_to_second_purchase(transactions, as_of),
        "rfm": segments,
        "pareto": pareto(transactions, as_of),
        "clv": value,
        "action_lists": lists,
        "survey": voice,
        "programme": programme(transactions, as_of, config.programme, inputs.members),
        "subscriptions": subscriptions(inputs.subscriptions, inputs.period, config.subscriptions),
        "retention_cost": retention_cost(figures, value, config.retention_cost, config.cadence),
    }
    smallest = config.privacy.minimum_cell
    return collect(inputs, **{name: protect(result, smallest) for name, result in results.items()})


@pytest.fixture(scope="session")
def _cdnow() -> Metrics:
    return metrics_of("cdnow", "1998-Q2")


@pytest.fixture
def metrics(_cdnow: Metrics) -> Iterator[Metrics]:
    i18n.activate("en", "USD")
    yield copy.deepcopy(_cdnow)
    i18n.activate("en")


@pytest.fixture(scope="session")
def fjord() -> Metrics:
    """A client with contracts, a survey, members and costs."""
    return metrics_of("fjord", "2024-Q4")


@pytest.fixture(scope="session")
def first_quarter() -> Metrics:
    """A period with nothing before it: 1997-Q1."""
    return metrics_of("cdnow", "1997-Q1")
