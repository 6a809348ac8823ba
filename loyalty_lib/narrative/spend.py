"""The technical appendix on the model of spend: whether it fits, and whether spend goes with frequency."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from loyalty_lib.i18n import say
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

MILD, STRONG = 0.15, 0.3  # |rank correlation|: those of the caveats


def story(metrics: Metrics) -> Story:
    """Tell how spend is distributed and how far it goes with frequency."""
    check = metrics["check"]
    if not metrics["clv"]["available"]:
        return Story("")
    rho = check["spearman"]
    headline = say("Spend and frequency cannot be compared") if rho is None else _headline(rho)
    lead = (
        say(
            "Each customer’s purchases scatter round a mean of their own; the means differ between customers, and the "
            "model takes them to be unrelated to frequency (Gamma-Gamma; Fader and Hardie 2013)."
        ),
        say(
            "Of the differences in mean spend, frequency explains {share:percent.1} (eta squared).",
            share=check["eta_squared"],
        ),
    )
    return Story(
        headline, lead, figures={"spend": _density(check, metrics["as_of"]), "spend-frequency": _by_frequency(check)}
    )


def _headline(rho: float) -> str:
    if abs(rho) <= MILD:
        return say("Spend and frequency are hardly related: rank correlation {rho:number.2}", rho=rho)
    if abs(rho) <= STRONG:
        return say("Spend and frequency are somewhat related: rank correlation {rho:number.2}", rho=rho)
    return say("Spend and frequency are strongly related: rank correlation {rho:number.2}", rho=rho)


def _density(check: Metrics, day: str) -> Figure:
    bins = [row for row in check["spend"] if row["customers"] is not None]
    subtitle = say(
        "Repeat buyers by mean spend per repeat purchase until {day:date}, actual and by the model",
        day=day,
    )
    if not bins:
        return Figure(say("Classes too small to show"), subtitle, say("No bars: every class is too small to show."))
    top = max(bins, key=lambda row: row["customers"])
    values = {"count": top["customers"], "expected": top["expected"], "low": top["low"]}
    high = top["high"]
    if high is None or not math.isfinite(high):
        title = say("{count:number} spend {low:money} or more per purchase; the model says {expected:number}", **values)
    else:
        title = say(
            "{count:number} spend {low:money} to {high:money} per purchase; the model says {expected:number}",
            high=high,
            **values,
        )
    alt = say(
        "Bars for {classes:number} classes of mean spend, with the number of customers by the model as a line. In the "
        "largest class there are {count:number} customers, by the model {expected:number}.",
        classes=len(bins),
        count=top["customers"],
        expected=top["expected"],
    )
    return Figure(title=title, subtitle=subtitle, alt=alt)


def _by_frequency(check: Metrics) -> Figure:
    classes = [row for row in check["spend_by_frequency"] if row["mean_spend"] is not None]
    subtitle = say("Mean spend per purchase with its 95% interval, by number of repeat purchases")
    if not classes:
        return Figure(say("Classes too small to show"), subtitle, say("No bars: every class is too small to show."))
    first, last = classes[0], classes[-1]
    values = {
        "first": first["mean_spend"],
        "last": last["mean_spend"],
        "one": first["frequency"],
        "many": last["frequency"],
    }
    return Figure(
        title=say(
            "Mean spend by repeat purchases: {first:money} ({one:text}), {last:money} ({many:text})",
            **values,
        ),
        subtitle=subtitle,
        alt=say(
            "Marks with intervals for {count:number} classes of frequency: {first:money} at {one:text} repeat "
            "purchases, {last:money} at {many:text}.",
            count=len(classes),
            **values,
        ),
    )
