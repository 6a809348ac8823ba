"""What the cells of a report's notebook end with: blocks that are HTML on the page and data beside it.

Metrics, figures and tables go in; a ``Block`` comes out.  Its HTML is shown; its data (metrics, CSV) travels along
under ``MIME`` for ``render.extract``.  The words come from ``narrative`` as plain text and are escaped here.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from markupsafe import Markup

from loyalty_lib import figures, i18n, narrative, tables
from loyalty_lib.branding import dressing
from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.calendar import period_name
from loyalty_lib.narrative.appendix import cover_of_appendix, reading_of_appendix
from loyalty_lib.narrative.quality import cards_of_quality, cover_of_quality
from loyalty_lib.templates import MIME, PICTURES, fill, use

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics import Metrics

NOTHING: Final = Markup()


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """A piece of the page.

    Parameters
    ----------
    kind, name
        What it is; with the name it identifies the block.
    html
        What is shown; empty for a block that only carries data.
    data
        What travels along: ``metrics``, ``csv``, ``typed``, and the words of the page for slides and sheets.
    """

    kind: str
    name: str = ""
    html: Markup = NOTHING
    data: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>" if self.name else f"<{self.kind}>"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        """Hand Jupyter the HTML and the data."""
        del include, exclude
        bundle: dict[str, Any] = {MIME: {"kind": self.kind, "name": self.name, **self.data}}
        return {"text/html": str(self.html), **bundle} if self.html else bundle


def begin(inputs: Inputs) -> None:
    """Set language, currency and the client's look; the first thing a report's notebook does."""
    i18n.activate(inputs.config.language, inputs.config.currency)
    look = dressing(inputs.config)
    use(look.templates)
    figures.style(look.accent, look.second, look.typeface)


def begin_portfolio(language: str) -> None:
    """Set the language and the house style of a page on several clients, without a currency."""
    i18n.activate(language)
    use(None)
    figures.style()


def cover(metrics: Metrics) -> Block:
    """Show the first page: client, period, the finding, three actions, and how far the forecast can be trusted."""
    return _cover(metrics, narrative.cover(metrics), gettext("Customer loyalty"), gettext("Recommended actions"))


def cards(metrics: Metrics, keys: Sequence[str]) -> Block:
    """Show key figures as cards: label, figure, comparisons."""
    return Block(kind="cards", html=fill("cards", cards=narrative.cards(metrics, list(keys))))


def quality_cover(metrics: Metrics) -> Block:
    """Show the first page of the data quality notebook: client, period, the finding, and what to ask the shop."""
    words = narrative.Cover(finding=cover_of_quality(metrics), actions=tuple(narrative.advice("quality", metrics)))
    return _cover(metrics, words, gettext("Data quality"), gettext("What to do"))


def portfolio_cover(metrics: Metrics) -> Block:
    """Show the first page of the portfolio: how many clients, the finding, and whom to talk to."""
    words = narrative.Cover(
        finding=f"{narrative.headline('portfolio', metrics)}.", actions=tuple(narrative.advice("portfolio", metrics))
    )
    return _cover(metrics, words, gettext("Portfolio"), gettext("What to do"))


def appendix_cover(metrics: Metrics) -> Block:
    """Show the first page of the technical appendix: client, period, the finding, caveats, and the forecast's light."""
    words = cover_of_appendix(metrics)
    return _cover(metrics, words, gettext("Technical appendix"), gettext("To bear in mind"))


def quality_cards(metrics: Metrics) -> Block:
    """Show what the files hold as cards, and what of it is used."""
    return Block(kind="cards", html=fill("cards", cards=cards_of_quality(metrics)))


def finding(name: str, metrics: Metrics) -> Block:
    """Show a page's finding and the sentences under it; nothing where the page has nothing to say."""
    headline = narrative.headline(name, metrics)
    lead = narrative.lead(name, metrics)
    html = fill("finding", headline=headline, lead=lead) if headline else NOTHING
    return Block(kind="finding", name=name, html=html, data={"headline": headline, "lead": lead})


def figure(axes: Axes, name: str, metrics: Metrics, data: pd.DataFrame | None = None) -> Block:
    """Show a chart with number, caption, alternative text and source.

    Parameters
    ----------
    axes
        The chart; none of its words are titles.
    name
        The chart's name in ``narrative``; also the name of its CSV, ``figure_<name>``.
    metrics
        As in ``metrics.json``.
    data
        What the chart shows, for the CSV beside it.  Nothing is shown where it has no rows, or the page has no words
        for the chart.
    """
    if (data is not None and data.empty) or not narrative.has_figure(name, metrics):
        return Block(kind="figure", name=name)
    title, subtitle = narrative.caption(name, metrics)
    file = f"figure_{name.replace('-', '_')}"
    csv = None if data is None else tables.frame_csv(data)
    alt = narrative.alt(name, metrics)
    html = fill(
        "figure",
        name=name,
        word=gettext("Figure"),
        # The page's finding is already its headline: it is not printed twice.
        title="" if title == narrative.headline(name, metrics) else title,
        subtitle=subtitle,
        svg=Markup(figures.to_svg(axes, name, alt)),  # noqa: S704 - matplotlib escapes
        source=_source(name, metrics),
        file="" if csv is None else f"{file}.csv",
        href="" if csv is None else f"data:text/csv;base64,{base64.b64encode(csv.encode()).decode('ascii')}",
        words={
            "download": gettext("Figures as CSV"),
            "data": say("Figures: tables/{name:text}.csv", name=file),
        },
    )
    place = {"title": title, "anchor": f"figure-{name}"}
    own = {"subtitle": subtitle, "alt": alt, "source": _source(name, metrics), **_pictures(axes, title, alt)}
    beside = {} if data is None else {"csv": csv, "typed": tables.typed_frame(data)}
    return Block(kind="figure", name=file, html=html, data={**place, **own, **beside})


def table(shown: tables.Table) -> Block:
    """Show a table, with number and caption, and keep it as CSV; nothing where it has no rows."""
    if not shown.rows:
        return Block(kind="table", name=shown.name)
    place = {"title": shown.title, "anchor": f"table-{shown.name}", "detailed": shown.detailed, "wide": shown.wide}
    data = {"csv": shown.csv(), "typed": tables.typed(shown), "notes": list(shown.notes), **place}
    return Block(kind="table", name=shown.name, html=shown.html(), data=data)


def advice(name: str, metrics: Metrics) -> Block:
    """Show what to do; nothing where there is nothing to advise."""
    items = narrative.advice(name, metrics)
    html = fill("advice", heading=gettext("What to do"), items=items) if items else NOTHING
    return Block(kind="advice", name=name, html=html, data={"items": items})


def notes(name: str, metrics: Metrics) -> Block:
    """Show what to bear in mind when reading a page; nothing where there is nothing."""
    items = narrative.notes(name, metrics)
    html = fill("notes", heading=gettext("To bear in mind"), items=items) if items else Markup()
    return Block(kind="notes", name=name, html=html, data={"items": items})


def method(metrics: Metrics) -> Block:
    """Show definitions, exclusions, data quality, privacy and versions."""
    disclaimer = metrics["brand"].get("disclaimer")
    return Block(kind="method", html=fill("method", parts=narrative.method(metrics), disclaimer=disclaimer))


def reading(metrics: Metrics) -> Block:
    """Show how the technical appendix is to be read; nothing where there is no forecast to read of."""
    parts = reading_of_appendix(metrics)
    return Block(kind="method", name="reading", html=fill("method", parts=parts, disclaimer=None) if parts else NOTHING)


def publish(metrics: Metrics) -> Block:
    """Hand the metrics over for ``metrics.json``; nothing is shown."""
    return Block(kind="metrics", data={"metrics": metrics})


def _cover(metrics: Metrics, words: narrative.Cover, title: str, actions: str) -> Block:
    period, brand = metrics["period"], metrics["brand"]
    shown = {
        "client": metrics["client"]["name"],
        "simulated": metrics["simulated"],
        "title": title,
        "period": say(
            "{period:text}, as of {day:date}",
            period=period_name(period["kind"], _day(period["start"]), _day(period["end"])),
            day=_day(metrics["as_of"]),
        ),
        "finding": words.finding,
        "others": words.others,
        "actions": words.actions,
        "trust": words.trust,
        "trust_label": words.trust_label,
        "trust_reason": words.trust_reason,
        "prepared_by": brand["name"] and say("Prepared by {name:text}", name=brand["name"]),
        "words": {
            "others": gettext("What else stands out"),
            "actions": actions,
            "trust": gettext("How far the forecast can be trusted"),
            "simulated": gettext("Simulated data"),
        },
    }
    return Block(kind="cover", html=fill("cover", **shown), data={"cover": shown})


def _pictures(axes: Axes, title: str, alt: str) -> dict[str, str]:
    """Return a chart as files, where somebody asked for them: drawing each twice more would cost every run seconds."""
    if not os.environ.get(PICTURES):
        return {}
    png = base64.b64encode(figures.to_png(axes)).decode("ascii")
    return {"png": png, "svg": figures.to_svg_file(axes, title, alt)}


def _source(name: str, metrics: Metrics) -> str:
    """Say what a chart was made of."""
    if "portfolio" in metrics:
        return say("Source: the reports of {clients:text}.", clients=metrics["client"]["name"])
    values = {"client": metrics["client"]["name"], "day": _day(metrics["as_of"])}
    match name.partition("-")[0]:
        case "subscriptions":
            return say("Source: contracts of {client:text} up to {day:date}.", **values)
        case "survey":
            return say("Source: answers and orders of {client:text} up to {day:date}.", **values)
        case _:
            return say("Source: orders of {client:text} up to {day:date}.", **values)


def _day(iso: str) -> dt.date:
    return dt.date.fromisoformat(iso)
