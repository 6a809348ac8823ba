"""The technical appendix as a whole: its first page, and how it is to be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.narrative import model, origins
from loyalty_lib.narrative.clv import TRUST, outcome, typical
from loyalty_lib.narrative.cover import Cover
from loyalty_lib.narrative.story import caveats, spoken

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

RATES = mark(
    "r and alpha: purchase rates are gamma distributed across customers, with mean r/alpha. A small r says that "
    "customers differ a lot in how often they buy."
)
PARAMETERS = {
    "BG/NBD": (
        RATES,
        mark(
            "a and b: the probability of leaving after a repeat purchase is beta distributed across customers, with "
            "mean a/(a + b). Nobody leaves before the first repeat purchase, so of one-time buyers the model cannot "
            "tell who is still active."
        ),
    ),
    "MBG/NBD": (
        RATES,
        mark(
            "a and b: the probability of leaving after a purchase, the first included, is beta distributed across "
            "customers, with mean a/(a + b)."
        ),
    ),
    "Pareto/NBD": (
        RATES,
        mark(
            "s and beta: rates of leaving are gamma distributed across customers, with mean s/beta. A small s says "
            "that customers differ a lot in how long they stay."
        ),
    ),
}
SPEND = mark(
    "p, q and v: a customer’s purchases scatter as a gamma distribution of shape p round a mean of their own, and the "
    "means as an inverse gamma distribution of shape q and scale p v; the mean of all is p v/(q − 1)."
)


def cover_of_appendix(metrics: Metrics) -> Cover:
    """Return the words of the first page."""
    clv = metrics["clv"]
    if not clv["available"]:
        return Cover(spoken(clv["reason"]), ())
    check = clv["backtest"]
    finding = say(
        "{model:text}. {origins:text}.", model=model.story(metrics).headline, origins=origins.story(metrics).headline
    )
    trust = check["trust"]
    reason = " ".join([outcome(check), *typical(check)])
    return Cover(finding, caveats(metrics, "model"), trust, gettext(TRUST[trust]), reason)


def reading_of_appendix(metrics: Metrics) -> list[tuple[str, list[str]]]:
    """Return headings with their paragraphs."""
    clv = metrics["clv"]
    if not clv["available"]:
        return []
    return [
        (say("What the parameters mean"), [*map(gettext, PARAMETERS[clv["model"]]), gettext(SPEND)]),
        (
            say("What the intervals hold"),
            [
                say(
                    "Parameters: 95% intervals from the curvature of the likelihood, on the logarithmic scale, where "
                    "estimates are taken to be normally distributed. Totals: parameters are drawn from that "
                    "distribution, and purchases simulated with each draw. The error of the model itself is measured "
                    "by forecasts from earlier dates and added to every total the report prints."
                )
            ],
        ),
        (
            say("How models are compared"),
            [
                say(
                    "Each model forecasts, from every earlier date, how many purchases each customer will make. Its "
                    "log score is the mean logarithm of the probability it gave to the number that followed: nearer to "
                    "zero is better. AIC and BIC compare how well the models describe the past, with a penalty "
                    "for each parameter."
                )
            ],
        ),
        (say("Made with"), [", ".join(f"{name} {release}" for name, release in metrics["versions"].items())]),
    ]
