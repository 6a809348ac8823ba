"""What must not change a result: the order of rows, orders split into lines, the currency's unit, the hour of orders.

Every analysis over one simulated shop, read as a client's export is; every number of every result is compared.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import (
    action_lists,
    cohorts,
    kpis,
    lifetime,
    pareto,
    programme,
    read_transactions,
    revenue_bridge,
    rfm,
    simulate_transactions,
    survey,
    time_to_second_purchase,
)
from loyalty_lib.config.analyses import Actions, Clv, Component, Engagement, Programme, Survey, Tier
from loyalty_lib.periods import parse_period
from loyalty_lib.simulate_people import survey as draw_answers

START, END = dt.date(2023, 1, 1), dt.date(2024, 12, 31)
PERIOD = parse_period("2024-Q4")
UNIT = 128.0  # a power of two: exact in floating point
Numbers = dict[str, np.ndarray[Any, Any]]


@pytest.fixture(scope="module")
def export() -> pd.DataFrame:
    return simulate_transactions(customers=700, start=START, end=END, seed=17)


@pytest.fixture(scope="module")
def base(export: pd.DataFrame) -> Mapping[str, Any]:
    return results_of(export)


def results_of(export: pd.DataFrame, unit: float = 1.0) -> dict[str, Any]:
    """Run every analysis as the report's notebook does; ``unit`` scales the programme's thresholds."""
    transactions = read_transactions(export, until=END)
    rng = np.random.default_rng(1)
    ids = np.unique(export["customer_id"].to_numpy(dtype=str))
    answers = draw_answers(rng, ids, END).assign(weight=1.0)
    answers["answered_on"] = pd.to_datetime(answers["answered_on"])
    engagement = Engagement(frequency=Component(weight=2), recency=Component(weight=1), categories=Component(weight=1))
    tiers = Programme(
        tiers=(Tier(name="A", spend=500 * unit, reward=0.01), Tier(name="B", spend=2000 * unit, reward=0.02))
    )
    segments = rfm(transactions, END, previous=PERIOD.previous.end)
    value = lifetime(transactions, END, segments, Clv(yearly_discount_rate=0.1, margin=0.3))
    return {
        "kpis": kpis(transactions, PERIOD, engagement=engagement, answers=answers),
        "revenue_bridge": revenue_bridge(transactions, PERIOD),
        "cohorts": cohorts(transactions, END, by="channel"),
        "time_to_second_purchase": time_to_second_purchase(transactions, END),
        "rfm": segments,
        "pareto": pareto(transactions, END),
        "action_lists": action_lists(transactions, PERIOD, segments, value, Actions(), margin=0.3),
        "programme": programme(transactions, END, tiers, None),
        "survey": survey(transactions, END, answers, segments, Survey(path="answers.csv")),
    }


NAMES = (
    "kpis", "revenue_bridge", "cohorts", "time_to_second_purchase", "rfm", "pareto", "action_lists", "programme",
    "survey",
)  # fmt: skip


def numbers(result: object, name: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every number and label of a result, tables column by column, under its name."""
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        for field in dataclasses.fields(result):
            if field.name != "caveats":
                yield from numbers(getattr(result, field.name), f"{name}.{field.name}")
    elif isinstance(result, pd.DataFrame):
        table = result.reset_index()
        for column in table:
            yield f"{name}[{column}]", table[column].to_numpy()
    elif isinstance(result, pd.Series):
        yield f"{name}[index]", result.index.to_numpy()
        yield name, result.to_numpy()
    else:
        yield name, np.array([result if isinstance(result, int | float) else str(result)])


def differing(
    one: object, other: object, same: Callable[[np.ndarray[Any, Any], np.ndarray[Any, Any]], bool]
) -> list[str]:
    """Return the names of what differs between two results."""
    left, right = dict(numbers(one)), dict(numbers(other))
    assert left.keys() == right.keys()
    return [name for name in left if not _equal(left[name], right[name], same)]


def _equal(
    left: np.ndarray[Any, Any],
    right: np.ndarray[Any, Any],
    same: Callable[[np.ndarray[Any, Any], np.ndarray[Any, Any]], bool],
) -> bool:
    if left.shape != right.shape:
        return False
    if left.dtype.kind in "fiu" and right.dtype.kind in "fiu":
        return same(left.astype(float), right.astype(float))
    return pd.Series(left).astype("object").equals(pd.Series(right).astype("object"))


def equal(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    return bool(np.allclose(left, right, rtol=1e-9, atol=1e-12, equal_nan=True))


def equal_or_scaled(left: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    """Tell whether each number of a column is the same, or ``UNIT`` times as large; models are fitted anew."""
    close = {"rtol": 2e-5, "atol": 1e-7, "equal_nan": True}
    return bool((np.isclose(left, right, **close) | np.isclose(UNIT * left, right, **close)).all())


@pytest.fixture(scope="module")
def shuffled(export: pd.DataFrame) -> Mapping[str, Any]:
    return results_of(export.sample(frac=1, random_state=5))


@pytest.mark.parametrize("name", NAMES)
def test_the_order_of_rows_changes_nothing(base: Mapping[str, Any], shuffled: Mapping[str, Any], name: str) -> None:
    assert not differing(base[name], shuffled[name], equal)


@pytest.fixture(scope="module")
def split(export: pd.DataFrame) -> Mapping[str, Any]:
    """Every line of every order in two, a third of the amount and the rest, to the cent."""
    part = (export["amount"] / 3).round(2)
    more = export.assign(amount=(export["amount"] - part).round(2), order_line=export["order_line"] + 100)
    return results_of(pd.concat([export.assign(amount=part), more], ignore_index=True))


@pytest.mark.parametrize("name", NAMES)
def test_an_order_split_into_lines_is_the_same_order(
    base: Mapping[str, Any], split: Mapping[str, Any], name: str
) -> None:
    assert not differing(base[name], split[name], equal)


@pytest.fixture(scope="module")
def rescaled(export: pd.DataFrame) -> Mapping[str, Any]:
    return results_of(export.assign(amount=export["amount"] * UNIT), unit=UNIT)


@pytest.mark.parametrize("name", NAMES)
def test_the_currencys_unit_scales_money_and_nothing_else(
    base: Mapping[str, Any], rescaled: Mapping[str, Any], name: str
) -> None:
    assert not differing(base[name], rescaled[name], equal_or_scaled)


@pytest.fixture(scope="module")
def midnight(export: pd.DataFrame) -> Mapping[str, Any]:
    """All orders a second before midnight in Oslo, written in UTC: another day there in no case, here never."""
    local = export["order_date"].dt.tz_convert("Europe/Oslo").dt.tz_localize(None).dt.normalize()
    late = (local + pd.Timedelta(seconds=86_399)).dt.tz_localize("Europe/Oslo").dt.tz_convert("UTC")
    return results_of(export.assign(order_date=late))


@pytest.mark.parametrize("name", NAMES)
def test_an_order_before_midnight_is_of_that_day(
    base: Mapping[str, Any], midnight: Mapping[str, Any], name: str
) -> None:
    assert not differing(base[name], midnight[name], equal)
