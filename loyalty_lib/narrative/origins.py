"""The technical appendix on forecasts from earlier dates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import say, say_many
from loyalty_lib.narrative.clv import typical
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics


def story(metrics: Metrics) -> Story:
    """Tell how often the outcome was inside the interval that the model alone gives."""
    clv = metrics["clv"]
    if not clv["available"]:
        return Story("")
    check = clv["backtest"]
    origins = check["origins"]
    inside = sum(row["low"] <= row["actual"] <= row["high"] for row in origins)
    values = {"inside": inside, "count": len(origins), "level": clv["level"]}
    if len(origins) > 1:
        headline = say(
            "{inside:number} of {count:number} earlier forecasts had the outcome in their {level:percent} interval",
            **values,
        )
    elif inside:
        headline = say("The earlier forecast had the outcome in its {level:percent} interval", **values)
    else:
        headline = say("The outcome was outside the {level:percent} interval of the earlier forecast", **values)
    lead = (
        say(
            "The interval of the model alone holds chance and the uncertainty of the parameters. How far the model "
            "itself may be wrong is seen only here; it is added to the interval that the report prints."
        ),
        *typical(check),
    )
    figure = Figure(
        title=say(
            "Largest error of a forecast: {error:percent}", error=max(abs(row["relative_error"]) for row in origins)
        ),
        subtitle=say_many(
            "Purchases forecast from {count:number} date with its {level:percent} interval, and purchases made",
            "Purchases forecast from {count:number} dates with their {level:percent} interval, and purchases made",
            len(origins),
            level=clv["level"],
        ),
        alt=say_many(
            "The interval of {count:number} forecast. Made on {cutoff:date}, it goes from {low:number} to "
            "{high:number}; {actual:number} purchases were made.",
            "Intervals of {count:number} forecasts. The last, made on {cutoff:date}, goes from {low:number} to "
            "{high:number}; {actual:number} purchases were made.",
            len(origins),
            cutoff=origins[-1]["cutoff"],
            low=origins[-1]["low"],
            high=origins[-1]["high"],
            actual=origins[-1]["actual"],
        ),
    )
    return Story(headline, lead, figures={"origins": figure})
