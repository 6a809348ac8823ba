"""Cards: one key figure each, with its change against the previous period and the same period last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty_lib.i18n import mark, money, money_short, number, percent, say
from loyalty_lib.i18n.terms import kpi_name
from loyalty_lib.narrative.story import direction, kpi, named

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

DECIMALS = {"purchase_frequency": 2, "one_to_several": 2, "engagement_index": 1}
SHORT = ("net_sales",)
COMPARISONS = {
    ("percent", "up"): mark("▲ {size:percent.1} from {label:text}"),
    ("percent", "down"): mark("▼ {size:percent.1} from {label:text}"),
    ("percent", "flat"): mark("unchanged from {label:text}"),
    ("percent", "unclear"): mark("no clear change from {label:text}"),
    ("points", "up"): mark("▲ {size:number.1} pp from {label:text}"),
    ("points", "down"): mark("▼ {size:number.1} pp from {label:text}"),
    ("points", "flat"): mark("unchanged from {label:text}"),
    ("points", "unclear"): mark("no clear change from {label:text}"),
}


@dataclass(frozen=True)
class Card:
    """The words of a card; ``comparisons`` are one line each."""

    label: str
    value: str
    comparisons: tuple[str, ...]


def figure_text(key: str, value: float | None, unit: str) -> str:
    """Format a key figure by its unit."""
    match unit:
        case "ratio":
            return percent(value, 1)
        case "money":
            return money_short(value) if key in SHORT else money(value)
        case _:
            return number(value, DECIMALS.get(key, 0))


def cards(metrics: Metrics, keys: Sequence[str]) -> list[Card]:
    """Return a card for each key figure asked for, in that order; none for those that the data do not give."""
    return [_card(metrics, key) for key in keys if key in metrics["kpis"]["figures"]]


def _card(metrics: Metrics, key: str) -> Card:
    figure = kpi(metrics, key)
    comparisons = tuple(
        _comparison(key, figure, against, named(metrics[against], short=True)) for against in ("previous", "year_ago")
    )
    return Card(kpi_name(key), figure_text(key, figure["value"], figure["unit"]), comparisons)


def _comparison(key: str, figure: Metrics, against: str, label: str) -> str:
    change, unit, then = figure[f"change_{against}"], figure["unit"], figure[against]
    if then is None:
        return say("{label:text}: not observed", label=label)
    towards = direction(change, clear=figure.get(f"clear_{against}"))
    if towards is None:  # nothing then: no change in per cent
        return say("{label:text}: {then:text}", label=label, then=figure_text(key, then, unit))
    size = abs(change)
    kind = "points" if unit == "ratio" else "percent"
    return say(COMPARISONS[kind, towards], label=label, size=100 * size if kind == "points" else size)
