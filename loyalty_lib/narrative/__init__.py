"""Sentences from figures.  Reads ``metrics.json`` data and nothing else; returns plain text in the active language.

One module a page, of the page's name, with one function ``story(metrics) -> Story``.  A sentence names a direction only
where the figure moved by more than ``FLAT`` and, if it has an interval, by more than chance explains; a page whose
figures are missing says so.  Nothing here is HTML: who shows a text escapes it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from loyalty_lib.narrative.cards import Card, cards
from loyalty_lib.narrative.cover import Cover, cover
from loyalty_lib.narrative.mail import mail
from loyalty_lib.narrative.method import method
from loyalty_lib.narrative.story import caveats

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics
    from loyalty_lib.narrative.story import Story

__all__ = [
    "Card",
    "Cover",
    "advice",
    "alt",
    "caption",
    "cards",
    "cover",
    "has_figure",
    "headline",
    "lead",
    "mail",
    "method",
    "notes",
    "story",
]


def story(name: str, metrics: Metrics) -> Story:
    """Return what the page ``name`` says.

    Parameters
    ----------
    name
        A page, or a figure of a page as ``page-figure``.
    metrics
        As in ``metrics.json``.
    """
    page = name.partition("-")[0]
    told: Story = import_module(f"{__name__}.{page}").story(metrics)
    return told


def headline(name: str, metrics: Metrics) -> str:
    """Return the page's finding: one sentence with a figure."""
    return story(name, metrics).headline


def lead(name: str, metrics: Metrics) -> str:
    """Return the sentences under the headline."""
    return " ".join(story(name, metrics).lead)


def advice(name: str, metrics: Metrics) -> list[str]:
    """Return what to do, one sentence or two an item."""
    return list(story(name, metrics).advice)


def notes(name: str, metrics: Metrics) -> list[str]:
    """Return what to bear in mind when reading the page: the caveats of its results."""
    return list(caveats(metrics, name))


def has_figure(name: str, metrics: Metrics) -> bool:
    """Tell whether the page has anything to say of a figure."""
    return name in story(name, metrics).figures


def caption(name: str, metrics: Metrics) -> tuple[str, str]:
    """Return a figure's title (its finding) and subtitle (measure, population, period, unit)."""
    figure = story(name, metrics).figures[name]
    return figure.title, figure.subtitle


def alt(name: str, metrics: Metrics) -> str:
    """Return a figure's alternative text: what it shows, for those who cannot see it."""
    return story(name, metrics).figures[name].alt
