"""Cards: one key figure each, with its change against the previous period and the same period last year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import money, money_short, number, percent, say
from loyalty_lib.i18n.terms import kpi_name
from loyalty_lib.narrative.story import direction, kpi

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

DECIMALS = {"purchase_frequency": 2}
SHORT = ("net_sales",)


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
    """Return a card for each key figure asked for, in that order."""
    return [_card(metrics, key) for key in keys]


def _card(metrics: Metrics, key: str) -> Card:
    figure = kpi(metrics, key)
    comparisons = tuple(
        _comparison(figure[f"change_{against}"], figure["unit"], metrics[against]["label"])
        for against in ("previous", "year_ago")
    )
    return Card(kpi_name(key), figure_text(key, figure["value"], figure["unit"]), comparisons)


def _comparison(change: float | None, unit: str, label: str) -> str:
    values: dict[str, Any] = {"label": label}
    match direction(change):
        case None:
            return say("{label:text}: not observed", **values)
        case "flat":
            return say("unchanged from {label:text}", **values)
        case towards:
            if unit == "ratio":
                values["points"] = 100 * abs(change or 0)
                if towards == "up":
                    return say("▲ {points:number.1} percentage points from {label:text}", **values)
                return say("▼ {points:number.1} percentage points from {label:text}", **values)
            values["change"] = abs(change or 0)
            if towards == "up":
                return say("▲ {change:percent.1} from {label:text}", **values)
            return say("▼ {change:percent.1} from {label:text}", **values)
