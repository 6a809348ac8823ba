"""What the page of cohorts says of money: revenue kept, order value, and what a customer has brought so far."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.narrative.story import Figure

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

PERIODS = {"week": mark("week"), "month": mark("month"), "quarter": mark("quarter")}
SUBTITLES = {
    "week": mark("Cumulative net sales per original customer by week after the first purchase; cohorts in grey"),
    "month": mark("Cumulative net sales per original customer by month after the first purchase; cohorts in grey"),
    "quarter": mark("Cumulative net sales per original customer by quarter after the first purchase; cohorts in grey"),
}


def money_lead(metrics: Metrics, later: int) -> list[str]:
    """Say what the cohorts' sales of a later period were, against those of their first."""
    row = metrics["cohorts"]["average"].get(str(later)) or {}
    grain = metrics["cohorts"]["grain"]
    values = {"period": gettext(PERIODS[grain]), "later": later}
    kept, value = row.get("revenue_retention"), row.get("order_value")
    if kept is None:
        return []
    if value is None:
        return [
            say(
                "Net sales in {period:text} {later:number} were {kept:percent} of those in the {period:text} of the "
                "first purchase.",
                kept=kept,
                **values,
            )
        ]
    return [
        say(
            "Net sales in {period:text} {later:number} were {kept:percent} of those in the {period:text} of the first "
            "purchase, at {value:money} an order.",
            kept=kept,
            value=value,
            **values,
        )
    ]


def revenue_figure(metrics: Metrics) -> Figure | None:
    """Return the words of the chart of revenue so far; ``None`` where fewer than two of its points show."""
    grain = metrics["cohorts"]["grain"]
    known: dict[int, Any] = {
        int(k): row["cumulative_revenue"]
        for k, row in metrics["cohorts"]["average"].items()
        if row["cumulative_revenue"] is not None
    }
    if len(known) < 2:  # noqa: PLR2004 - a curve has two ends
        return None
    start, end = min(known), max(known)
    values = {"first": known[start], "last": known[end], "period": gettext(PERIODS[grain]), "end": end}
    title = say("A customer has brought {last:money} by {period:text} {end:number}", **values)
    return Figure(
        title=title,
        subtitle=gettext(SUBTITLES[grain]),
        alt=say(
            "Line chart of net sales so far per customer of a cohort, one grey line a cohort. The average is "
            "{first:money} at {period:text} {start:number} and {last:money} at {period:text} {end:number}, over the "
            "cohorts observed so long.",
            start=start,
            **values,
        ),
    )
