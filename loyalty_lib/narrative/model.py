"""The technical appendix on the model of purchases: what it says, its parameters, and whether it fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.narrative.story import Figure, Story, spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

SMALL_P = 0.01  # below it chance alone does not explain the difference
TALES = {
    "BG/NBD": mark(
        "Each customer buys at a rate of their own until they leave, which they may do right after any repeat "
        "purchase; rates and the probability of leaving differ between customers (BG/NBD; Fader, Hardie and Lee 2005)."
    ),
    "MBG/NBD": mark(
        "Each customer buys at a rate of their own until they leave, which they may do right after any purchase, the "
        "first included; rates and the probability of leaving differ between customers (MBG/NBD; Batislam, Denizel "
        "and Filiztekin 2007)."
    ),
    "Pareto/NBD": mark(
        "Each customer buys at a rate of their own until they leave, which they may do at any moment; rates and "
        "lifetimes differ between customers (Pareto/NBD; Schmittlein, Morrison and Colombo 1987)."
    ),
}


def story(metrics: Metrics) -> Story:
    """Tell what the model says and how well it reproduces how often customers bought."""
    clv = metrics["clv"]
    if not clv["available"]:
        return Story(say("No forecast of customer value"), (spoken(clv["reason"]),))
    check = metrics["check"]
    tale = TALES[clv["model"]]
    headline = say(
        "{model:text} reproduces how often customers bought for all but {share:percent.1} of them",
        model=clv["model"],
        share=check["misplaced"],
    )
    lead = (
        gettext(tale),
        say(
            "Its parameters are those under which the purchases of the {customers:number} customers are most likely; "
            "log-likelihood {value:number.1}.",
            customers=clv["customers"],
            value=clv["log_likelihood"],
        ),
        _verdict(check),
    )
    return Story(headline, lead, figures={"model-frequencies": _frequencies(metrics)})


def _verdict(check: Metrics) -> str:
    values = {"chi": check["chi_squared"], "degrees": check["degrees"], "p": check["p_value"]}
    if check["p_value"] is None:
        return say("There are too few classes of customers to test the fit.")
    if check["p_value"] < SMALL_P:
        return say(
            "The differences between model and customers are larger than chance allows (chi-squared {chi:number.1} at "
            "{degrees:number} degrees of freedom, p below 0.01); with many customers even small differences "
            "are.",
            **values,
        )
    return say(
        "The differences between model and customers are no larger than chance allows (chi-squared {chi:number.1} at "
        "{degrees:number} degrees of freedom, p {p:number.2}).",
        **values,
    )


def _frequencies(metrics: Metrics) -> Figure:
    check = metrics["check"]
    subtitle = say(
        "Customers by number of repeat purchases until {cutoff:date}, actual and by the model", cutoff=check["cutoff"]
    )
    shown = [row for row in check["frequencies"] if row["customers"] is not None]
    if not shown:
        return Figure(say("Classes too small to show"), subtitle, say("No bars: every class is too small to show."))
    once = shown[0]
    values = {"count": once["customers"], "expected": once["expected"], "frequency": once["frequency"]}
    if once["frequency"] == "0":
        title = say("{count:number} never came back; the model says {expected:number}", **values)
    else:
        title = say(
            "Repeat purchases {frequency:text}: {count:number} customers; the model says {expected:number}", **values
        )
    return Figure(
        title=title,
        subtitle=subtitle,
        alt=say(
            "Pairs of bars for {classes:number} classes of frequency, customers counted beside customers by the model. "
            "In the class {frequency:text} there are {count:number}, by the model {expected:number}.",
            classes=len(shown),
            **values,
        ),
    )
