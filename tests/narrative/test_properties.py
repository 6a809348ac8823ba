"""No sentence says what its figures do not hold: numbers are metrics, directions passed their test, titles fit charts.

The metrics are those of random shops (twenty, with those marked slow), of CDNOW and of Fjord, and of these two with
their numbers drawn anew.  What must hold stands in ``holds.py``.
"""

from __future__ import annotations

import copy
import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from loyalty_lib import i18n
from loyalty_lib.narrative import kpis as kpis_module
from loyalty_lib.narrative import revenue_bridge as bridge_module
from loyalty_lib.narrative.cover import cover
from loyalty_lib.narrative.findings import PAGES, Finding, ranked
from loyalty_lib.narrative.story import Story, direction
from loyalty_lib.simulate import simulate_transactions
from tests.narrative.conftest import metrics_of
from tests.narrative.holds import check, check_order, is_named, unknown_numbers, wrong_directions
from tests.narrative.spoken import overhearing, tell_all
from tests.test_i18n import extracted

Metrics = dict[str, Any]
SHOPS, MORE_SHOPS = range(4), range(4, 20)
LANGUAGES = [code for code in i18n.LANGUAGES if code != "en"]
CLIENT = "name: Shop {number}\ncurrency: EUR\nobserved_until: 2024-12-31\nsource:\n  path: data/orders.csv\n"


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> list[Metrics]:
    return open_shops(tmp_path_factory.mktemp("shops"), SHOPS)


@pytest.fixture(scope="module")
def more_shops(tmp_path_factory: pytest.TempPathFactory) -> list[Metrics]:
    return open_shops(tmp_path_factory.mktemp("shops"), MORE_SHOPS)


def open_shops(home: Path, numbers: range) -> list[Metrics]:
    """Analyse shops of 30 to 400 customers, over eight months to two and a half years, from busy to nearly dead."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_HOME", str(home))
        for number in numbers:
            rng = np.random.default_rng(number)
            data = home / "clients" / f"shop{number}" / "data"
            data.mkdir(parents=True)
            (data.parent / "client.yml").write_text(CLIENT.format(number=number), encoding="utf-8")
            start = dt.date(2024, 12, 31) - dt.timedelta(days=int(rng.integers(240, 900)))
            customers = int(rng.integers(30, 400))
            orders = simulate_transactions(customers=customers, start=start, end=dt.date(2024, 12, 31), seed=number)
            late = rng.random(len(orders)) < rng.random()  # some shops shrink in their last quarter
            orders = orders[~(late & (orders["order_date"].astype(str) >= "2024-10-01"))]
            orders.to_csv(data / "orders.csv", index=False)
            found.append(metrics_of(f"shop{number}", "2024-Q4"))
    return found


class Demos(dict[str, Metrics]):
    """Metrics by client, without the long repr that Hypothesis would print."""

    def __repr__(self) -> str:
        return "demo clients"


@pytest.fixture(scope="session")
def real(_cdnow: Metrics, fjord: Metrics) -> Demos:
    return Demos(cdnow=_cdnow, fjord=fjord)


def test_every_direction_that_can_be_said_has_a_rule() -> None:
    """A new sentence with a word of direction fails here until somebody says what must hold for it."""
    said = [text for text, where in extracted().items() if "/narrative/" in where]
    msgids = [msgid for text in said for msgid in ((text,) if isinstance(text, str) else text)]
    assert [msgid for msgid in msgids if not is_named(msgid)] == []


def test_random_shops_say_only_what_they_hold(shops: list[Metrics]) -> None:
    i18n.activate("en", "EUR")
    said = {msgid for metrics in shops for msgid, _, _ in check(metrics).sentences}
    assert "no clear change from {label:text}" in said


@pytest.mark.slow
def test_more_random_shops_say_only_what_they_hold(more_shops: list[Metrics]) -> None:
    """Together with the others twenty; various enough for most ways to tell of net sales to occur."""
    i18n.activate("en", "EUR")
    said = {msgid for metrics in more_shops for msgid, _, _ in check(metrics).sentences}
    assert len(said & set(kpis_module.HEADLINES.values())) >= 3


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_are_the_same_in_every_language(shops: list[Metrics], real: Demos, language: str) -> None:
    for metrics in (*shops[:2], real["fjord"]):
        i18n.activate(language, "EUR")
        with overhearing() as heard:
            told = tell_all(metrics)
        assert unknown_numbers(metrics, heard) == []
        check_order(metrics, told)


@pytest.mark.parametrize("client", ["cdnow", "fjord"])
def test_the_demo_clients_say_only_what_they_hold(real: Demos, client: str) -> None:
    i18n.activate("en", "EUR")
    check(real[client])


FIXED = {
    "day",
    "top",
    "decile",
    "largest",
    "k",
    "renewal",
    "months",
    "window_months",
    "level",
    "horizon_months",
    "answers",
}
PLAIN = (
    "cohorts", "time_to_second_purchase", "rfm", "pareto", "clv", "action_lists", "survey", "programme",
    "subscriptions", "retention_cost",
)  # fmt: skip


def shaken(tree: Any, rng: np.random.Generator, name: str = "") -> Any:
    """Multiply every amount, share and count by a factor of its own."""
    if isinstance(tree, dict):
        return {key: shaken(value, rng, str(key)) for key, value in tree.items()}
    if isinstance(tree, list):
        return [shaken(value, rng, name) for value in tree]
    if isinstance(tree, float) and name not in FIXED:
        return tree * float(np.exp(rng.normal(0, 0.3)))
    return tree


def drawn_anew(metrics: Metrics, seed: int, hide: float) -> Metrics:
    """Return metrics whose numbers are others, consistently so: changes follow values, parts add up to their whole."""
    rng = np.random.default_rng(seed)
    new = copy.deepcopy(metrics)
    for page in PLAIN:
        new[page] = shaken(new[page], rng)
    kpis = new["kpis"]
    for key, figure in kpis["figures"].items():
        for name in ("value", "previous", "year_ago"):
            if figure[name] is not None:
                figure[name] *= float(np.exp(rng.normal(0, rng.choice([0.001, 0.05, 0.3]))))
                if rng.random() < hide and key != "net_sales":
                    figure[name] = None
        _compare(figure, rng)
    _compare_driver(kpis["orders_per_customer"], rng)
    for row, name in ((kpis["trend"][-1], "value"), (kpis["trend"][-2], "previous")):
        row["net_sales"] = kpis["figures"]["net_sales"][name]
    _redraw_bridge(new, rng)
    return new


def _compare(figure: Metrics, rng: np.random.Generator) -> None:
    for against in ("previous", "year_ago"):
        now, then = figure["value"], figure[against]
        change = None if now is None or then is None else now - then
        if change is not None and figure["unit"] != "ratio":
            change = change / abs(then) if then else None
        _judge(figure, against, change, rng)


def _compare_driver(figure: Metrics, rng: np.random.Generator) -> None:
    for against in ("previous", "year_ago"):
        _judge(figure, against, float(rng.normal(0, 0.05)), rng)


def _judge(figure: Metrics, against: str, change: float | None, rng: np.random.Generator) -> None:
    margin = None if change is None or rng.random() < 0.1 else float(rng.exponential(0.05))
    low, high = (None, None) if change is None or margin is None else (change - margin, change + margin)
    clear = None if low is None or high is None else low > 0 or high < 0
    names = (f"change_{against}", f"change_{against}_low", f"change_{against}_high", f"clear_{against}")
    figure |= dict(zip(names, (change, low, high, clear), strict=True))


def _redraw_bridge(metrics: Metrics, rng: np.random.Generator) -> None:
    """Split the change of net sales anew among drivers and flows."""
    sales = metrics["kpis"]["figures"]["net_sales"]
    for against, bridge in metrics["revenue_bridge"]["comparisons"].items():
        now, then = sales["value"], sales[against]
        bridge |= {"sales_now": now, "sales_then": then, "relative_change": now / then - 1}
        for rows, key in ((bridge["drivers"], "part"), (bridge["flow"], "amount")):
            parts = rng.normal(0, now * rng.choice([0.002, 0.1]), len(rows))
            parts[-1] = now - then - parts[:-1].sum()
            for row, part in zip(rows.values(), rng.permutation(parts), strict=True):
                row[key] = float(part)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32 - 1), client=st.sampled_from(["cdnow", "fjord"]), hide=st.sampled_from([0.0, 0.2]))
def test_numbers_drawn_anew_say_only_what_they_hold(real: Demos, seed: int, client: str, hide: float) -> None:
    i18n.activate("en", "EUR")
    metrics = json.loads(json.dumps(drawn_anew(real[client], seed, hide), allow_nan=False))
    check(metrics)


def test_a_rule_that_forgets_the_interval_is_caught(real: Demos, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a ``direction`` that looks at the size alone, cards and headlines say what may be chance."""
    i18n.activate("en", "EUR")
    metrics = drawn_anew(real["cdnow"], 1, 0.0)
    figure = metrics["kpis"]["figures"]["net_sales"]
    figure |= {"change_year_ago": 0.07, "clear_year_ago": False}
    check_again = copy.deepcopy(metrics)
    monkeypatch.setattr(kpis_module, "direction", lambda change, **_: direction(change))
    with overhearing() as heard:
        tell_all(check_again)
    assert any(text.startswith("Net sales rose 7%") for text in wrong_directions(check_again, heard))


def test_a_number_of_no_metric_is_caught(real: Demos) -> None:
    i18n.activate("en", "EUR")
    with overhearing() as heard:
        i18n.say("Keeping a customer is {times:number} times cheaper than winning one.", times=5.37)
    assert unknown_numbers(real["cdnow"], heard) == [
        (5.37, "Keeping a customer is {times:number} times cheaper than winning one.")
    ]


def test_a_headline_that_names_another_bar_is_caught(real: Demos, monkeypatch: pytest.MonkeyPatch) -> None:
    i18n.activate("en", "EUR")
    ranks = bridge_module._ranked
    monkeypatch.setattr(bridge_module, "_ranked", lambda metrics, basis: ranks(metrics, basis)[::-1])
    caught = 0
    for seed in range(20):
        metrics = drawn_anew(real["cdnow"], seed, 0.0)
        with overhearing() as heard:
            tell_all(metrics)
        caught += any("most" in text for text in wrong_directions(metrics, heard))
    assert caught >= 5


def test_money_and_certainty_decide_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """100 forecast weigh as 50 booked, 100 assumed as 25; without money the order is that of the pages."""
    offered = {
        "kpis": (Finding("kpis", "a"),),
        "rfm": (Finding("rfm", "b", 100.0, "forecast"), Finding("rfm", "c", 49.0)),
        "pareto": (Finding("pareto", "d", 51.0, "clear"),),
        "clv": (Finding("clv", "e", 100.0, "assumption"),),
        "survey": (Finding("survey", "f"),),
    }
    monkeypatch.setattr(
        "loyalty_lib.narrative.findings._story",
        lambda page, _: Story("", findings=offered.get(page, ())),
    )
    assert [one.text for one in ranked(dict.fromkeys(PAGES))] == ["d", "b", "c", "e", "a", "f"]


def test_the_cover_says_nothing_twice(real: Demos) -> None:
    i18n.activate("en", "NOK")
    told = cover(real["fjord"])
    assert told.finding.startswith("Net sales rose 35% in a year, to NOK2.9M. Today’s customers are expected to bring")
    assert len(told.others) == 3
    assert len({told.finding, *told.others, *told.actions}) == 7
