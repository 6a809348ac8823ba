"""What the data hold, what is in no figure, and what to ask the shop about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, money_short, number, say
from loyalty_lib.narrative.cards import Card
from loyalty_lib.narrative.story import Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

NOTICEABLE = 0.02  # a share of rows without a customer that is worth a question


def story(metrics: Metrics) -> Story:
    """Return what the page says."""
    quality = metrics["quality"]
    headline = say("{used:number} of {rows:number} rows are used.", used=quality["used"]["rows"], rows=quality["rows"])
    return Story(headline=headline, lead=tuple(_lead(metrics)), advice=tuple(_advice(metrics)))


def cover_of_quality(metrics: Metrics) -> str:
    """Return the finding of the first page: how much of a report the data carry."""
    pages = metrics["quality"]["pages"]
    return say(
        "The data carry {carried:number} of {pages:number} pages of the report.",
        carried=sum(page["carried"] for page in pages),
        pages=len(pages),
    )


def _lead(metrics: Metrics) -> list[str]:
    quality = metrics["quality"]
    said = [
        say(
            "The rows used are of {customers:number} customers with a purchase, {first:date} to {last:date}; days are "
            "counted in the time zone {zone:text}.",
            customers=quality["used"]["customers"],
            first=quality["used"]["first_day"],
            last=quality["used"]["last_day"],
            zone=metrics["time_zone"],
        )
    ]
    if quality["gaps"]:
        said.append(
            say(
                "There are {count:number} stretches of days without an order, the longest of {days:number} days.",
                count=len(quality["gaps"]),
                days=max(gap["days"] for gap in quality["gaps"]),
            )
        )
    if quality["giant_orders"]:
        said.append(
            say(
                "Orders far beyond the others: {count:number}; taken back in full: {cancelled:number}.",
                count=len(quality["giant_orders"]),
                cancelled=sum(order["cancelled"] for order in quality["giant_orders"]),
            )
        )
    return said


def _advice(metrics: Metrics) -> list[str]:
    quality = metrics["quality"]
    said = []
    unknown = quality["lines_without_customer"] / quality["rows"] if quality["rows"] else 0.0
    if unknown > NOTICEABLE:
        said.append(
            say(
                "Find out why {share:percent} of the rows have no customer: they are in no figure.",
                share=unknown,
            )
        )
    if quality["gaps"]:
        longest = max(quality["gaps"], key=lambda gap: gap["days"])
        said.append(
            say(
                "Ask the shop about {first:date} to {last:date}: closed, or a part of the export that is missing?",
                first=longest["first_day"],
                last=longest["last_day"],
            )
        )
    if any(not order["cancelled"] for order in quality["giant_orders"]):
        said.append(gettext("Make sure that the orders far beyond the others are real."))
    if quality["revised_orders"]:
        said.append(gettext("Export without overlaps: some orders are told differently by two files."))
    if metrics["vat_included"] is None:
        said.append(gettext("State whether amounts include VAT."))
    return said


def cards_of_quality(metrics: Metrics) -> list[Card]:
    """Return cards of what the files hold: rows, customers, orders, net sales."""
    quality = metrics["quality"]

    def used(count: int) -> tuple[str, ...]:
        return (say("used: {count:number}", count=count),)

    return [
        Card(gettext("Rows"), number(quality["rows"]), used(quality["used"]["rows"])),
        Card(gettext("Customers"), number(quality["customers"]), used(quality["used"]["customers"])),
        Card(gettext("Orders"), number(quality["orders"]), used(quality["used"]["orders"])),
        Card(gettext("Net sales"), money_short(quality["net_sales"]), ()),
    ]
