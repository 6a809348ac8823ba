"""What a page says, and the few ways sentences are built from figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import say
from loyalty_lib.i18n.calendar import period_name, short_period_name

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

FLAT = 0.005  # a change of less than half a percent (or half a percentage point) is called unchanged


@dataclass(frozen=True)
class Figure:
    """The words of a chart: title (the finding), subtitle (measure, population, period, unit) and alternative text."""

    title: str
    subtitle: str
    alt: str


@dataclass(frozen=True)
class Story:
    """The words of a page; what to bear in mind when reading it stands in ``caveats``."""

    headline: str
    lead: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)


def direction(change: float | None) -> str | None:
    """Return "up", "down" or "flat" for a relative change or a difference of ratios; ``None`` where it is unknown."""
    if change is None:
        return None
    if abs(change) < FLAT:
        return "flat"
    return "up" if change > 0 else "down"


def spoken(message: Metrics) -> str:
    """Say a caveat of ``metrics.json`` in the active language."""
    msgid = message["msgid"]
    return say(msgid, **message["values"])


def caveats(metrics: Metrics, page: str) -> tuple[str, ...]:
    """Return a page's caveats in the active language, each once."""
    return tuple(dict.fromkeys(spoken(item) for item in metrics["caveats"] if item["page"] == page))


def named(period: Metrics, *, short: bool = False) -> str:
    """Name a period of ``metrics.json`` in the active language."""
    start, end = (dt.date.fromisoformat(period[key]) for key in ("start", "end"))
    return short_period_name(period["kind"], start, end) if short else period_name(period["kind"], start, end)


def kpi(metrics: Metrics, key: str) -> dict[str, Any]:
    """Return a key figure: value, previous, year_ago, change_previous, change_year_ago, unit."""
    figure: dict[str, Any] = metrics["kpis"]["figures"][key]
    return figure
