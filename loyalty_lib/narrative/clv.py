"""The page of customer lifetime value and its check against the actual outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from loyalty_lib.i18n import mark, say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import FLAT, Figure, Story, spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

TRUST = {
    "good": mark("The forecast can be trusted"),
    "fair": mark("The forecast can be used with care"),
    "poor": mark("The forecast gives the order of magnitude only"),
}


def outcome(backtest: Metrics) -> str:
    """Return the sentence that sets the prediction against what happened."""
    error = backtest["relative_error"]  # (predicted - actual) / actual: below zero the model promised too little
    values = {"predicted": backtest["predicted"], "actual": backtest["actual"], "error": abs(error)}
    if abs(error) < FLAT:
        return say(
            "Checked against actual outcome: {predicted:number} purchases predicted, {actual:number} made.", **values
        )
    if error < 0:
        return say(
            "Checked against actual outcome: {predicted:number} purchases predicted, {actual:number} made; the "
            "prediction was {error:percent} too low.",
            **values,
        )
    return say(
        "Checked against actual outcome: {predicted:number} purchases predicted, {actual:number} made; the prediction "
        "was {error:percent} too high.",
        **values,
    )


def typical(backtest: Metrics) -> tuple[str, ...]:
    """Return the sentence on the error of all earlier forecasts; nothing where there was one."""
    count = len(backtest["origins"])
    if count == 1:
        return ()
    off = backtest["model_error"]
    return (say("Such forecasts from {count:number} dates were typically {off:percent} off.", count=count, off=off),)


def story(metrics: Metrics) -> Story:
    """Tell what today's customers are worth, and how far to believe it."""
    clv = metrics["clv"]
    if not clv["available"]:
        return Story(say("No forecast of customer value"), (spoken(clv["reason"]),))
    headline = say(
        "Today’s customers are worth {equity:money_short} over {months:number} months",
        equity=clv["customer_equity"],
        months=clv["horizon_months"],
    )
    lead = (
        say(
            "That is the contribution margin expected from the {customers:number} customers of today "
            "({margin:percent} of sales, discounted at {rate:percent} a year). Uncertainty interval {level:percent}: "
            "{low:money_short} to {high:money_short}, the error of past forecasts included.",
            customers=clv["customers"],
            margin=clv["margin"],
            rate=clv["yearly_discount_rate"],
            level=clv["level"],
            low=clv["equity_low"],
            high=clv["equity_high"],
        ),
        outcome(clv["backtest"]),
        *typical(clv["backtest"]),
    )
    return Story(
        headline,
        tuple(lead),
        _advice(clv),
        {"clv": _value(clv), "clv-backtest": _check(clv)},
        (Finding("clv", f"{headline}.", certainty="forecast"),),
    )


def _shown(clv: Metrics) -> dict[str, dict[str, Any]]:
    """Return the segments whose value is shown, most valuable first."""
    shown = {key: row for key, row in clv["by_segment"].items() if row["total_clv"] is not None and row["customers"]}
    return dict(sorted(shown.items(), key=lambda item: -item[1]["total_clv"]))


def _value(clv: Metrics) -> Figure:
    shown = _shown(clv)
    subtitle = say(
        "Expected contribution margin of the next {months:number} months by segment, with the mean per customer",
        months=clv["horizon_months"],
    )
    if not shown:
        return Figure(say("Segments too small to show"), subtitle, say("No bars: every segment is too small to show."))
    key, top = next(iter(shown.items()))
    words = {"segment": segment_name(key), "share": top["share_of_clv"], "count": len(shown)}
    return Figure(
        title=say("{segment:text}: {share:percent} of the customer base’s value", **words),
        subtitle=subtitle,
        alt=say(
            "Bar chart of {count:number} segments. {segment:text} is worth most, {total:money_short} or "
            "{share:percent}; that is {mean:money} for each of its customers.",
            total=top["total_clv"],
            mean=top["mean_clv"],
            **words,
        ),
    )


def _outcome_title(backtest: Metrics) -> str:
    error = backtest["relative_error"]
    values = {"predicted": backtest["predicted"], "actual": backtest["actual"], "error": abs(error)}
    if abs(error) < FLAT:
        return say("{predicted:number} purchases predicted, {actual:number} made", **values)
    if error < 0:
        return say("{predicted:number} purchases predicted, {actual:number} made: {error:percent} too low", **values)
    return say("{predicted:number} purchases predicted, {actual:number} made: {error:percent} too high", **values)


def _check(clv: Metrics) -> Figure:
    backtest = clv["backtest"]
    rows = [row for row in backtest["by_frequency"] if row["actual"] is not None]
    origin = backtest["origins"][-1]
    return Figure(
        title=_outcome_title(backtest),
        subtitle=say(
            "Mean purchases per customer after {cutoff:date}, by number of repeat purchases until then",
            cutoff=origin["cutoff"],
        ),
        alt=say(
            "Paired marks for {count:number} groups of customers. In the group that bought most often, "
            "{predicted:number.2} purchases per customer were predicted and {actual:number.2} made.",
            count=len(rows),
            predicted=rows[-1]["predicted"],
            actual=rows[-1]["actual"],
        ),
    )


def _advice(clv: Metrics) -> tuple[str, ...]:
    advice = [
        say(
            "Spend at most the mean value of {mean:money} to keep a customer for {months:number} months, and "
            "less where "
            "the segment is worth less.",
            mean=clv["customer_equity"] / clv["customers"],
            months=clv["horizon_months"],
        )
    ]
    if clv["backtest"]["trust"] != "good":
        advice.append(say("Plan with the low end of the interval, {low:money_short}.", low=clv["equity_low"]))
    return tuple(advice)
