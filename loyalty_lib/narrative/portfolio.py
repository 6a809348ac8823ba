"""The page on which all clients stand side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import mark, say, say_many
from loyalty_lib.narrative.story import Figure, Story, direction

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

CHANGE = {
    "year_ago": mark("against the same period last year"),
    "previous": mark("against the previous period"),
}
ADVISED = 3  # clients named in the advice


def story(metrics: Metrics) -> Story:
    """Tell how the clients compare."""
    clients = metrics["portfolio"]["clients"]
    moved = sorted(_known(clients, "net_sales_change"), key=lambda row: -float(row["net_sales_change"]))
    headline = _headline(moved, len(clients))
    return Story(headline, _lead(clients, moved), _advice(clients), {"portfolio": _figure(headline, clients, moved)})


def _known(clients: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    return [row for row in clients if row[key] is not None]


def _way(row: dict[str, Any]) -> str | None:
    """Return which way a client's net sales clearly moved."""
    return direction(row["net_sales_change"], clear=row.get("net_sales_clear"))


def _headline(moved: list[dict[str, Any]], count: int) -> str:
    if not moved:
        return say("{count:number} clients side by side", count=count)
    rose = sum(_way(row) == "up" for row in moved)
    return say("Net sales clearly rose at {rose:number} of {count:number} clients", rose=rose, count=len(moved))


def _lead(clients: list[dict[str, Any]], moved: list[dict[str, Any]]) -> tuple[str, ...]:
    sentences = []
    risen = [row for row in moved if _way(row) == "up"]
    fallen = [row for row in moved if _way(row) == "down"]
    if risen and len(moved) > 1:
        best = risen[0]
        sentences.append(
            say(
                "Net sales rose most at {name:text}: {change:signed_percent}.",
                name=best["name"],
                change=best["net_sales_change"],
            )
        )
    if fallen and len(moved) > 1:
        worst = fallen[-1]
        sentences.append(
            say(
                "Net sales fell most at {name:text}: {change:signed_percent}.",
                name=worst["name"],
                change=worst["net_sales_change"],
            )
        )
    kept = sorted(_known(clients, "retention_rate"), key=lambda row: -float(row["retention_rate"]))
    if len(kept) > 1:
        sentences.append(
            say(
                "Retention is between {low:percent} ({last:text}) and {high:percent} ({first:text}).",
                low=kept[-1]["retention_rate"],
                last=kept[-1]["name"],
                high=kept[0]["retention_rate"],
                first=kept[0]["name"],
            )
        )
    return tuple(sentences)


def _advice(clients: list[dict[str, Any]]) -> tuple[str, ...]:
    """Name the clients who lose more customers than they gain, the largest loss first, and forecasts not to rely on."""
    pairs = [
        (row["lapsed_customers"] - row["gained_customers"], row)
        for row in clients
        if row["lapsed_customers"] is not None and row["gained_customers"] is not None
    ]
    losing = sorted((pair for pair in pairs if pair[0] > 0), key=lambda pair: -float(pair[0]))
    advice = [
        say(
            "Talk to {name:text} about retention first: {lapsed:number} customers lapsed, {gained:number} came or came "
            "back.",
            name=row["name"],
            lapsed=row["lapsed_customers"],
            gained=row["gained_customers"],
        )
        for _, row in losing[:ADVISED]
    ]
    poor = [row["name"] for row in clients if row["trust"] == "poor"]
    if poor:
        advice.append(
            say_many(
                "Do not plan with the forecast of {names:text}: earlier forecasts were far off.",
                "Do not plan with the forecasts of {names:text}: earlier forecasts were far off.",
                len(poor),
                names=", ".join(poor),
            )
        )
    return tuple(advice)


def _figure(headline: str, clients: list[dict[str, Any]], moved: list[dict[str, Any]]) -> Figure:
    parts = [
        say("{name:text}: {change:signed_percent}", name=row["name"], change=row["net_sales_change"]) for row in moved
    ]
    return Figure(
        title=headline,
        subtitle=say(
            "Change in net sales, retention rate, repeat purchase rate and share of the top 20%, by client; dashed "
            "line: the median, where there are three clients or more"
        ),
        alt=say(
            "Dot charts of four rates for {count:number} clients. Change in net sales: {changes:text}.",
            count=len(clients),
            changes="; ".join(parts) or say("not known"),
        ),
    )
