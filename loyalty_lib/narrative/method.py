"""The method page in plain words: what was read, left out and defined, how the forecast is made, privacy, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, mark, number, say
from loyalty_lib.i18n.terms import kpi_name
from loyalty_lib.narrative.story import spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

VAT = {
    True: mark("Amounts include VAT."),
    False: mark("Amounts are without VAT."),
    None: mark("Amounts are as in the data; whether they include VAT is not stated there."),
}
DEFINITIONS = {
    "active_customers": mark("customers with a purchase in the period."),
    "retention_rate": mark("share of the previous period’s customers who bought again in this one."),
    "repeat_rate": mark("share of the period’s customers who bought on two days or more in it."),
    "purchase_frequency": mark("purchase days per active customer; orders of the same day count once."),
    "average_order_value": mark("net sales divided by orders."),
    "sales_per_customer": mark("net sales divided by active customers."),
    "net_revenue_retention": mark("what the previous period’s customers spent now, over what they spent then."),
}

SOURCES = {
    "BG/NBD": mark("Fader, Hardie and Lee 2005"),
    "MBG/NBD": mark("Batislam, Denizel and Filiztekin 2007"),
    "Pareto/NBD": mark("Schmittlein, Morrison and Colombo 1987"),
}


def method(metrics: Metrics) -> list[tuple[str, list[str]]]:
    """Return headings with their paragraphs."""
    return [
        (say("What was read"), _data(metrics)),
        (say("What the figures mean"), _definitions()),
        (say("How the forecast is made"), _forecast(metrics)),
        (say("Privacy"), _privacy(metrics)),
        (say("Made with"), [_versions(metrics)]),
    ]


def _data(metrics: Metrics) -> list[str]:
    quality = metrics["quality"]
    text = [
        say(
            "{rows:number} rows were read and {used:number} used: {customers:number} customers, {orders:number} "
            "orders, "
            "{first:date} to {last:date}. Days are counted in the time zone {zone:text}.",
            rows=quality["rows_read"],
            used=quality["rows_used"],
            customers=quality["customers"],
            orders=quality["orders"],
            first=quality["first_day"],
            last=quality["last_day"],
            zone=metrics["time_zone"],
        )
    ]
    if metrics["client"]["about"]:
        text.insert(0, metrics["client"]["about"])
    if metrics["simulated"]:
        text.insert(0, say("The data are simulated: no person and no purchase in this report is real."))
    if quality["dropped_rows"]:
        text.append(
            say(
                "{rows:number} rows of customers who asked to be left out were removed first.",
                rows=quality["dropped_rows"],
            )
        )
    vat = metrics["vat_included"]
    text.append(gettext(VAT[vat]))
    text.extend(spoken(note) for note in quality["notes"])
    return text


def _definitions() -> list[str]:
    return [
        say("{name:text}: {definition:text}", name=kpi_name(key), definition=gettext(definition))
        for key, definition in DEFINITIONS.items()
    ]


def _forecast(metrics: Metrics) -> list[str]:
    clv = metrics["clv"]
    if not clv["available"]:
        return [spoken(clv["reason"])]
    parameters = ", ".join(f"{name} {number(value, 3)}" for name, value in clv["parameters"].items())
    source = SOURCES[clv["model"]]
    return [
        say(
            "Purchases are forecast with the {model:text} model ({source:text}) and spend with the Gamma-Gamma model "
            "(Fader and Hardie 2013), fitted to the purchase days until {day:date}: {parameters:text}.",
            model=clv["model"],
            source=gettext(source),
            day=metrics["as_of"],
            parameters=parameters,
        ),
        say(
            "The interval holds the uncertainty of the parameters, the chance in purchases, and the error that "
            "the same "
            "forecast made at earlier dates. Value beyond {months:number} months and future customers are not "
            "included.",
            months=clv["horizon_months"],
        ),
    ]


def _privacy(metrics: Metrics) -> list[str]:
    privacy = metrics["privacy"]
    return [
        say(
            "The report shows groups, never persons. Groups of fewer than {minimum:number} customers are hidden.",
            minimum=privacy["minimum_cell"],
        ),
        say(
            "Purpose: to understand and improve customer loyalty. Data used: customer number, day and amount of "
            "purchases. "
            "The report is to be deleted {days:number} days after it was made. Segments advise; they decide "
            "nothing about a "
            "person.",
            days=privacy["retention_days"],
        ),
    ]


def _versions(metrics: Metrics) -> str:
    return ", ".join(f"{name} {release}" for name, release in metrics["versions"].items())
