"""What a page says, and the few ways sentences are built from figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import FORMATS, gettext, say, say_many
from loyalty_lib.i18n.calendar import period_name, short_period_name

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics
    from loyalty_lib.narrative.findings import Finding

FLAT = 0.005  # a change of less than half a percent (or half a percentage point) is called unchanged


@dataclass(frozen=True)
class Figure:
    """The words of a chart: title (the finding), subtitle (measure, population, period, unit) and alternative text."""

    title: str
    subtitle: str
    alt: str


@dataclass(frozen=True)
class Story:
    """The words of a page, and what it has to offer for the cover; what to bear in mind stands in ``caveats``."""

    headline: str
    lead: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def direction(change: float | None, *, clear: bool | None = None) -> str | None:
    """Return which way a figure moved, as far as the data hold it.

    Parameters
    ----------
    change
        A relative change, or a difference of ratios.
    clear
        Whether its interval leaves out "no change"; ``None`` where it has none.

    Returns
    -------
    str or None
        "unclear" where chance alone may have made the change, "flat" where it is smaller than ``FLAT``, else "up" or
        "down"; ``None`` where it is unknown.
    """
    if change is None:
        return None
    if clear is False:
        return "unclear"
    if abs(change) < FLAT:
        return "flat"
    return "up" if change > 0 else "down"


def spoken(message: Metrics) -> str:
    """Say a caveat of ``metrics.json`` in the active language."""
    msgid, plural = message["msgid"], message.get("plural")
    return say(msgid, **message["values"]) if plural is None else say_many(msgid, plural, **message["values"])


def caveats(metrics: Metrics, page: str) -> tuple[str, ...]:
    """Return a page's caveats in the active language, each once."""
    return tuple(dict.fromkeys(spoken(item) for item in metrics["caveats"] if item["page"] == page))


def named(period: Metrics, *, short: bool = False) -> str:
    """Name a period of ``metrics.json`` in the active language."""
    start, end = (dt.date.fromisoformat(period[key]) for key in ("start", "end"))
    return short_period_name(period["kind"], start, end) if short else period_name(period["kind"], start, end)


def or_hidden(value: float | None, kind: str, *decimals: int) -> str:
    """Format a value as ``i18n.FORMATS`` does, or say that it is hidden: who hears a text hears no dash."""
    return gettext("hidden") if value is None else FORMATS[kind](value, *decimals)


def kpi(metrics: Metrics, key: str) -> dict[str, Any]:
    """Return a key figure: value, previous, year_ago, unit, and the change against both with bounds and verdict."""
    figure: dict[str, Any] = metrics["kpis"]["figures"][key]
    return figure
