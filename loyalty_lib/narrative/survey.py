"""The page of what customers say: scores, who came back, loyalty and contentment, complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.i18n import gettext, say, say_many
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story, or_hidden
from loyalty_lib.narrative.survey_complaints import complaint_headline, complaint_sentences

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

ENOUGH: Final = 30  # answers a finding needs
POINT: Final = 1.0  # a smaller change of the score is none, however many answered
NAMELESS: Final = "unknown"


def story(metrics: Metrics) -> Story:
    """Tell what customers say and do; nothing where nobody was asked and nobody complained."""
    survey = metrics["survey"]
    headline = _headline(survey)
    if not headline:
        return Story("")
    lead = (*_scores(survey), *_came_back(survey), *complaint_sentences(survey))
    figures = {}
    if _answers(survey["nps"]) != 0:
        figures["survey"] = _figure(metrics)
    if survey["returns"]:
        figures["survey-return"] = _figure_of_return(metrics)
    return Story(headline, lead, _advice(survey), figures, _findings(survey, headline))


def _findings(survey: Metrics, headline: str) -> tuple[Finding, ...]:
    """Offer the headline, where there were answers or complaints enough for one."""
    if _finding(survey["nps"]) and survey["nps"]["now"]["nps"] is not None:
        return (Finding("survey", f"{headline}.", kind="change" if clear_change(survey) else "level"),)
    if _finding(survey["csat"]) and survey["csat"]["now"]["share"] is not None:
        return (Finding("survey", f"{headline}."),)
    return ()


def clear_change(survey: Metrics) -> float | None:
    """Return the change of the score in points where it is larger than its margin of error and a point."""
    change, margin = survey["change"], survey["change_margin"]
    before = survey["nps"]["before"]["answers"]
    if None in (change, margin, before) or not _finding(survey["nps"]) or before < ENOUGH:
        return None
    return float(change) if abs(change) > max(margin, POINT) else None


def _answers(question: Metrics) -> int | None:
    answers: int | None = question["now"]["answers"]
    return answers


def _finding(question: Metrics) -> bool:
    """Whether something may be concluded from the answers to a question."""
    answers = _answers(question)
    return answers is not None and answers >= ENOUGH


def _headline(survey: Metrics) -> str:
    nps, csat = survey["nps"]["now"], survey["csat"]["now"]
    if _finding(survey["nps"]) and nps["nps"] is not None:
        if change := clear_change(survey):
            if change > 0:
                return say(
                    "The net promoter score rose by {points:number} to {nps:signed_number}",
                    points=change,
                    nps=nps["nps"],
                )
            return say(
                "The net promoter score fell by {points:number} to {nps:signed_number}", points=-change, nps=nps["nps"]
            )
        return say(
            "{promoters:percent} promoters, {detractors:percent} detractors: net promoter score {nps:signed_number}",
            promoters=nps["share_promoters"],
            detractors=nps["share_detractors"],
            nps=nps["nps"],
        )
    if _finding(survey["csat"]) and csat["share"] is not None:
        return say("{share:percent} of those who answered are satisfied", share=csat["share"])
    if _answers(survey["nps"]) == 0 and _answers(survey["csat"]) == 0:
        return complaint_headline(survey)
    return say("Too few answers for a finding")


def _scores(survey: Metrics) -> list[str]:
    """Say how exact the score is and what it was; without a score, how many are satisfied."""
    nps, csat = survey["nps"]["now"], survey["csat"]["now"]
    if nps["nps"] is not None:
        text = say_many(
            "{count:number} answer in the last twelve months: net promoter score {nps:signed_number}, margin of error "
            "±{margin:number.1} points.",
            "{count:number} answers in the last twelve months: net promoter score {nps:signed_number}, margin of error "
            "±{margin:number.1} points.",
            nps["answers"],
            nps=nps["nps"],
            margin=nps["margin"],
        )
        return [text, *_year_before(survey)]
    if csat["share"] is None:
        return []
    return [
        say(
            "{share:percent.1} are satisfied (95% interval {low:percent.1} to {high:percent.1}).",
            share=csat["share"],
            low=csat["low"],
            high=csat["high"],
        )
    ]


def _year_before(survey: Metrics) -> list[str]:
    """Compare with the score of the year before, where both are from enough answers."""
    before = survey["nps"]["before"]
    if survey["change"] is None or not _finding(survey["nps"]) or before["answers"] < ENOUGH:
        return []
    if clear_change(survey):
        return [say("The year before it was {before:signed_number}.", before=before["nps"])]
    return [
        say(
            "The year before it was {before:signed_number}: no clear change; the margin of error of the difference is "
            "±{margin:number.1} points.",
            before=before["nps"],
            margin=survey["change_margin"],
        )
    ]


def _came_back(survey: Metrics) -> list[str]:
    """Compare promoters with detractors; a difference is called one only where its interval leaves out zero."""
    difference = survey["returns_difference"]
    if difference["difference"] is None:
        return []
    promoters, detractors = survey["returns"]["promoters"], survey["returns"]["detractors"]
    values = {
        "promoters": promoters["share"],
        "detractors": detractors["share"],
        "days": survey["return_days"],
        "low": 100 * difference["low"],
        "high": 100 * difference["high"],
    }
    if not _told_apart(survey):
        return [
            say(
                "{promoters:percent} of promoters and {detractors:percent} of detractors bought again within "
                "{days:number} days of answering: no clear difference.",
                **values,
            )
        ]
    return [
        say(
            "{promoters:percent} of promoters and {detractors:percent} of detractors bought again within {days:number} "
            "days of answering, a difference of {low:signed_number} to {high:signed_number} percentage points.",
            **values,
        )
    ]


def _told_apart(survey: Metrics) -> bool:
    """Whether promoters and detractors came back differently, and were enough for a finding."""
    difference = survey["returns_difference"]
    if difference["difference"] is None:
        return False
    few = min(survey["returns"][group]["customers"] for group in ("promoters", "detractors")) < ENOUGH
    return not few and (difference["low"] > 0 or difference["high"] < 0)


def _figure(metrics: Metrics) -> Figure:
    survey = metrics["survey"]
    nps = survey["nps"]["now"]
    shown = {key: row["nps"] for key, row in survey["segments"].items() if row["nps"] is not None and key != NAMELESS}
    alt = [gettext("Bars of promoters, passives and detractors, in all and by customer segment.")]
    if nps["nps"] is not None:
        alt.append(
            say(
                "In all {promoters:percent} are promoters, {passives:percent} passives and {detractors:percent} "
                "detractors.",
                promoters=nps["share_promoters"],
                passives=nps["share_passives"],
                detractors=nps["share_detractors"],
            )
        )
    if shown:
        best, worst = max(shown, key=lambda key: shown[key]), min(shown, key=lambda key: shown[key])
        alt.append(
            say(
                "Scores of the segments run from {low:signed_number} ({worst:text}) to {high:signed_number} "
                "({best:text}).",
                low=shown[worst],
                high=shown[best],
                worst=segment_name(worst),
                best=segment_name(best),
            )
        )
    title = gettext("What customers answered")
    if nps["nps"] is not None and _finding(survey["nps"]):
        title = say(
            "Net promoter score {nps:signed_number}, margin of error ±{margin:number.1}",
            nps=nps["nps"],
            margin=nps["margin"],
        )
    return Figure(
        title=title,
        subtitle=say(
            "Share of answers in all and by customer segment, {start:date} to {end:date}; behind it the net promoter "
            "score with its margin of error in points",
            start=survey["start"],
            end=metrics["as_of"],
        ),
        alt=" ".join(alt),
    )


def _figure_of_return(metrics: Metrics) -> Figure:
    survey = metrics["survey"]
    shares = {group: row["share"] for group, row in survey["returns"].items()}
    title = gettext("Who bought again after answering")
    if survey["returns_difference"]["difference"] is not None:
        title = gettext("No clear difference between promoters and detractors")
        if _told_apart(survey):
            title = say(
                "Bought again: {promoters:percent} of promoters, {detractors:percent} of detractors",
                promoters=shares["promoters"],
                detractors=shares["detractors"],
            )
    return Figure(
        title=title,
        subtitle=say(
            "Share of customers with a purchase within {days:number} days after their answer, answers of {start:date} "
            "to {last:date}; lines: 95% interval",
            days=survey["return_days"],
            start=survey["start"],
            last=survey["last"],
        ),
        alt=say(
            "Shares that bought again, with intervals: promoters {promoters:text}, passives {passives:text}, "
            "detractors {detractors:text}.",
            **{group: or_hidden(share, "percent") for group, share in shares.items()},
        ),
    )


def _advice(survey: Metrics) -> tuple[str, ...]:
    """Say whom to call and whom to invite; nothing where the groups are hidden or empty."""
    advice = []
    callers: dict[str, Any] = survey["loyal_by_band"].get("low", {})
    if count := callers.get("customers"):
        advice.append(_call(survey["loyalty_by"], count, callers["sales"]))
    keen = survey["loyalty"].get("content_only", {}).get("customers")
    if keen:
        nps = survey["loyalty_by"] == "nps"
        advice.append(
            say_many(
                "Invite the {count:number} promoter who bought on fewer than two days in the last twelve months back.",
                "Invite the {count:number} promoters who bought on fewer than two days in the last twelve months back.",
                keen,
            )
            if nps
            else say_many(
                "Invite the {count:number} satisfied customer who bought on fewer than two days in the last twelve "
                "months back.",
                "Invite the {count:number} satisfied customers who bought on fewer than two days in the last twelve "
                "months back.",
                keen,
            )
        )
    return tuple(advice)


def _call(loyalty_by: str, count: int, sales: float | None) -> str:
    if loyalty_by == "nps":
        whom = say_many(
            "Call the {count:number} loyal customer who is a detractor and ask what went wrong.",
            "Call the {count:number} loyal customers who are detractors and ask what went wrong.",
            count,
        )
    else:
        whom = say_many(
            "Call the {count:number} loyal customer who is not satisfied and ask what went wrong.",
            "Call the {count:number} loyal customers who are not satisfied and ask what went wrong.",
            count,
        )
    if sales is None:
        return whom
    return f"{whom} " + say("Their net sales in the last twelve months: {sales:money_short}.", sales=sales)
