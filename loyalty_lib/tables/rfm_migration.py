"""The table of segment migration.  An RfmResult goes in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.analyses.rfm_scheme import INACTIVE
from loyalty_lib.i18n import gettext, say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult

COUNTS: Final = ("customers", "share_of_then")


def rfm_migration(result: RfmResult) -> Table:
    """Tabulate for each segment how many stayed and how many became inactive; no rows without a migration."""
    columns = (
        Column(name="segment_then", label=gettext("Customer segment then"), kind="text"),
        Column(name="customers_then", label=gettext("Customers then")),
        Column(name="stayed", label=gettext("Still in the segment")),
        Column(name="share_stayed", label=gettext("Share still in it"), kind="percent.1"),
        Column(name="inactive", label=gettext("Inactive now")),
        Column(name="share_inactive", label=gettext("Share inactive now"), kind="percent.1"),
    )
    flows = result.migration.set_index(["segment_then", "segment_now"])
    segments = dict.fromkeys(result.migration["segment_then"])
    rows = tuple(
        (
            segment_name(segment),
            flows.loc[(segment, INACTIVE), "customers_then"],
            *(flows.loc[(segment, now), column] for now in (segment, INACTIVE) for column in COUNTS),
        )
        for segment in segments
        if (segment, segment) in flows.index and segment != INACTIVE
    )
    title = "" if result.previous is None else _title(result)
    return Table(name="segment_migration", title=title, columns=columns, rows=rows, lookup=True)


def _title(result: RfmResult) -> str:
    return say(
        "Customers by segment on {previous:date}, and where they are on {day:date}",
        previous=result.previous,
        day=result.as_of,
    )
