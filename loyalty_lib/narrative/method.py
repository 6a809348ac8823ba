"""The method page in plain words: what was read, left out and defined, how the forecast is made, privacy, versions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, mark, number, say, say_many
from loyalty_lib.i18n.terms import engagement_recipe, kpi_name
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
    "new_customers": mark("active customers whose first purchase ever was in the period."),
    "returning_customers": mark("active customers who bought in the previous period too."),
    "reactivated_customers": mark("active customers who had bought before, but not in the previous period."),
    "lapsed_customers": mark("customers of the previous period who did not buy in this one."),
    "retention_rate": mark("share of the previous period’s customers who bought again in this one."),
    "churn_rate": mark("share of the previous period’s customers who did not: 100% less the retention rate."),
    "repeat_rate": mark("share of the period’s customers who bought on two days or more in it."),
    "purchase_frequency": mark("purchase days per active customer; orders of the same day count once."),
    "average_order_value": mark("net sales divided by orders."),
    "net_sales": mark("sales of the period less refunds."),
    "sales_per_customer": mark("net sales divided by active customers."),
    "purchase_days": mark("days with a purchase, added up over the customers."),
    "gross_revenue_retention": mark(
        "what the previous period’s customers spent now, each counted at most as then, over what they spent then."
    ),
    "net_revenue_retention": mark("what the previous period’s customers spent now, over what they spent then."),
    "revenue_churn": mark("100% less the gross revenue retention."),
    "customer_growth": mark("change of active customers on the previous period, over those of that period."),
    "upsell_ratio": mark(
        "customers who bought from two categories or more in the period, over those whose categories are known."
    ),
    "one_to_several": mark("customers of one category for every customer of two or more."),
}

SOURCES = {
    "BG/NBD": mark("Fader, Hardie and Lee 2005"),
    "MBG/NBD": mark("Batislam, Denizel and Filiztekin 2007"),
    "Pareto/NBD": mark("Schmittlein, Morrison and Colombo 1987"),
}

ORDER_FIELDS = frozenset({"product", "category", "channel", "country"})


def method(metrics: Metrics) -> list[tuple[str, list[str]]]:
    """Return headings with their paragraphs."""
    return [
        (say("What was read"), _data(metrics)),
        (say("What the figures mean"), _definitions(metrics)),
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


def _definitions(metrics: Metrics) -> list[str]:
    """Define the figures that are shown, in their order."""
    kpis = metrics["kpis"]
    lines = [
        say(
            "“No clear change”: chance in who bought, and for how much, may explain the difference; its 95% interval "
            "holds zero (Deville 1999)."
        )
    ]
    for key in kpis["figures"]:
        if key in DEFINITIONS:
            definition = gettext(DEFINITIONS[key])
            lines.append(say("{name:text}: {definition:text}", name=kpi_name(key), definition=definition))
        elif key == "silent_rate":
            lines.append(_silence(kpis["gaps"]))
        elif key == "engagement_index":
            recipe = kpis["engagement"]
            lines.append(engagement_recipe(recipe["components"], recipe["window_months"]))
    if metrics.get("subscriptions", {}).get("figures"):
        lines.append(
            say(
                "Contract churn: customers under contract who left in the period, over those at its start; who joined "
                "and left within it does not count."
            )
        )
    return lines


def _silence(gaps: Metrics) -> str:
    return say_many(
        "{name:text}: share of all customers so far without a purchase for more than {count:number} day. Of the gaps "
        "between purchases that end, {share:percent} are no longer; gaps still open are allowed for (Kaplan and Meier "
        "1958).",
        "{name:text}: share of all customers so far without a purchase for more than {count:number} days. Of the gaps "
        "between purchases that end, {share:percent} are no longer; gaps still open are allowed for (Kaplan and Meier "
        "1958).",
        gaps["p80"],
        name=kpi_name("silent_rate"),
        share=gaps["share"],
    )


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
            "Purpose: to understand and improve customer loyalty. Data used: {data:text}. The report is to be deleted "
            "{days:number} days after it was made. Segments advise; they decide nothing about a person.",
            data="; ".join(_data_used(metrics)),
            days=privacy["retention_days"],
        ),
    ]


def _data_used(metrics: Metrics) -> list[str]:
    """Name what was read of customers: of the orders, and of the files beside them."""
    survey, programme = metrics.get("survey", {}), metrics.get("programme", {})
    beside = {
        gettext("answers to a survey"): survey.get("responses"),
        gettext("complaints"): survey.get("complaints"),
        gettext("contracts"): metrics.get("subscriptions", {}).get("figures"),
        gettext("membership of the loyalty programme"): programme.get("members"),
    }
    used = [gettext("customer number, day and amount of purchases")]
    if ORDER_FIELDS & set(metrics["quality"]["source"]["fields"]):
        used.append(gettext("product, category, channel and country, as far as the orders hold them"))
    return used + [name for name, there in beside.items() if there]


def _versions(metrics: Metrics) -> str:
    return ", ".join(f"{name} {release}" for name, release in metrics["versions"].items())
