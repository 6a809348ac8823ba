"""What the page of cohorts says of groups by first order; a difference only where chance does not explain it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.i18n.words import OTHER, group_name
from loyalty_lib.narrative.story import Figure

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

CLEAR = 0.01  # p-value below which groups are said to differ
SUBTITLES = {
    "channel": mark("Share of customers that bought, by channel of the first order, all cohorts together"),
    "category": mark("Share of customers that bought, by category of the first order, all cohorts together"),
    "country": mark("Share of customers that bought, by country of the first order, all cohorts together"),
}
DIFFERENT = {
    "week": mark("{best:text}: {share:percent} buy again in the following week, {worst:text}: {other:percent}"),
    "month": mark("{best:text}: {share:percent} buy again in the following month, {worst:text}: {other:percent}"),
    "quarter": mark("{best:text}: {share:percent} buy again in the following quarter, {worst:text}: {other:percent}"),
}
ALIKE = {
    "channel": mark("No clear difference by the channel of the first order"),
    "category": mark("No clear difference by the category of the first order"),
    "country": mark("No clear difference by the country of the first order"),
}


def _first(metrics: Metrics) -> list[dict[str, Any]]:
    """Return the named groups in the first period after their own, most returning first; hidden ones left out."""
    rows = [row for row in metrics["cohorts"]["groups"] if row["k"] == 1 and row["retention"] is not None]
    named = [row for row in rows if row["group"] not in OTHER]
    return sorted(named, key=lambda row: (-row["retention"], row["group"]))


def _ends(metrics: Metrics) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return the groups most and least of whose customers come back, where they surely differ."""
    rows, p_value = _first(metrics), metrics["cohorts"]["groups_p_value"]
    # Groups differ somewhere by the test of all; these two do where their own intervals part as well.
    if len(rows) < 2 or p_value is None or p_value >= CLEAR or rows[0]["low"] <= rows[-1]["high"]:  # noqa: PLR2004
        return None
    return rows[0], rows[-1]


def groups_figure(metrics: Metrics) -> Figure | None:
    """Return the words of the chart of groups; ``None`` where fewer than two show."""
    cohorts = metrics["cohorts"]
    rows = _first(metrics)
    if cohorts["by"] is None or len(rows) < 2:  # noqa: PLR2004 - a comparison is of two
        return None
    best, worst = rows[0], rows[-1]
    values = {
        "share": best["retention"],
        "best": group_name(best["group"]),
        "other": worst["retention"],
        "worst": group_name(worst["group"]),
    }
    by, grain = cohorts["by"], cohorts["grain"]
    title = gettext(ALIKE[by])
    if _ends(metrics) is not None:
        title = say(DIFFERENT[grain], **values)
    return Figure(
        title=title,
        subtitle=gettext(SUBTITLES[by]),
        alt=say(
            "Lines of the share that bought by time since the first purchase, one a group. One period after the first "
            "purchase it is highest in the group {best:text}, {share:percent.1}, and lowest in {worst:text}, "
            "{other:percent.1}.",
            **values,
        ),
    )


def groups_advice(metrics: Metrics) -> tuple[str, ...]:
    """Say where to look, where groups surely differ."""
    ends = _ends(metrics)
    if ends is None:
        return ()
    best, worst = ends
    return (
        say(
            "Look at what customers of the group “{best:text}” are offered after the first order: {share:percent} come "
            "back. Test it with the group “{worst:text}”, of whom {other:percent} do.",
            best=group_name(best["group"]),
            share=best["retention"],
            worst=group_name(worst["group"]),
            other=worst["retention"],
        ),
    )
