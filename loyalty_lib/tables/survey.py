"""The tables of the survey and the complaints.  A SurveyResult goes in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from loyalty_lib.i18n import gettext, mark, say
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.tables.table import Column, Table

if TYPE_CHECKING:
    import pandas as pd

    from loyalty_lib.analyses.survey import SurveyResult
    from loyalty_lib.tables.table import Cell

ROWS: Final = {"all": mark("All answers"), "unknown": mark("Without a known customer")}
CELLS: Final = {
    "nps": {
        "loyal_content": mark("Loyal, and promoters"),
        "loyal_only": mark("Loyal, but no promoters"),
        "content_only": mark("Promoters, but not loyal"),
        "neither": mark("Neither loyal nor promoters"),
    },
    "csat": {
        "loyal_content": mark("Loyal and satisfied"),
        "loyal_only": mark("Loyal, but not satisfied"),
        "content_only": mark("Satisfied, but not loyal"),
        "neither": mark("Neither loyal nor satisfied"),
    },
}
QUESTIONS: Final = {"nps": mark("Recommendation, 0 to 10"), "csat": mark("Satisfaction")}
KINDS: Final = {
    "answer": mark("Answers counted"),
    "earlier": mark("Earlier answer of the same customer"),
    "blank": mark("Blank"),
    "outside": mark("Outside the scale"),
    "not_whole": mark("Not a whole number"),
    "no_weight": mark("Weight missing, zero or negative"),
    "undated": mark("Without a date"),
}
SPANS: Final = {
    "now": mark("Last 12 months"),
    "before": mark("The 12 months before"),
    "period": mark("This period"),
    "previous": mark("Previous period"),
    "year_ago": mark("Same period last year"),
}
GROUPS: Final = {
    "complained": mark("Customers who complained"),
    "others": mark("Similar customers who had not complained"),
}


def survey(result: SurveyResult) -> Table:
    """Tabulate both scores by segment, all answers first."""
    recommended, satisfied = result.nps["answers"]["now"] != 0, result.csat["answers"]["now"] != 0
    columns = [Column(name="segment", label=gettext("Customer segment"), kind="text")]
    if recommended:
        columns += [
            Column(name="answers", label=gettext("Answers")),
            Column(name="share_promoters", label=gettext("Promoters"), kind="percent"),
            Column(name="share_passives", label=gettext("Passives"), kind="percent"),
            Column(name="share_detractors", label=gettext("Detractors"), kind="percent"),
            Column(name="nps", label=gettext("Net promoter score")),
            Column(name="margin", label=gettext("Margin of error, ±"), kind="number.1"),
        ]
    if satisfied:
        columns.append(Column(name="csat_share", label=gettext("Satisfied"), kind="percent"))
    everyone = result.nps.loc[["now"]].join(result.csat.loc[["now"]].add_prefix("csat_"))
    names = [column.name for column in columns[1:]]
    rows: list[tuple[Cell, ...]] = [(_row_name("all"), *row) for row in _values(everyone, names)]
    kept = result.by_segment[(result.by_segment["answers"] != 0) | (result.by_segment["csat_answers"] != 0)]
    rows += [(_row_name(str(key)), *row) for key, row in zip(kept.index, _values(kept, names), strict=True)]
    return Table(
        name="survey",
        title=say(
            "Answers by customer segment, {start:date} to {end:date}; the score and its margin of error in points",
            start=result.start,
            end=result.as_of,
        ),
        columns=tuple(columns),
        rows=tuple(rows) if recommended or satisfied else (),
        apart=frozenset({0, *(place for place, key in enumerate(kept.index, start=1) if key in ROWS)}),
        notes=_notes(result),
    )


def _notes(result: SurveyResult) -> tuple[str, ...]:
    """Say how many answered, and how exact the share of the satisfied is."""
    notes = [
        say(
            "{question:text}: {answers:number} of {asked:number} asked answered, {rate:percent.1}.",
            question=gettext(QUESTIONS[str(question)]),
            answers=answers,
            asked=asked,
            rate=rate,
        )
        for question, asked, answers, rate in result.responses.itertuples(name=None)
        if math.isfinite(rate)
    ]
    ((share, low, high),) = result.csat.loc[["now"], ["share", "low", "high"]].itertuples(index=False, name=None)
    if math.isfinite(share):
        text = say(
            "Satisfied: {share:percent.1} of all answers, 95% interval {low:percent.1} to {high:percent.1}.",
            share=share,
            low=low,
            high=high,
        )
        notes.append(text)
    return tuple(notes)


def survey_loyalty(result: SurveyResult) -> Table:
    """Tabulate loyal customers against content ones."""
    columns = (
        Column(name="cell", label=gettext("Customers who answered"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share", label=gettext("Share of customers"), kind="percent"),
        Column(name="sales", label=gettext("Net sales"), kind="money"),
    )
    values = _values(result.loyalty, [column.name for column in columns[1:]])
    names = CELLS.get(result.loyalty_by, {})
    return Table(
        name="survey_loyalty",
        title=say("Loyalty and contentment, {start:date} to {end:date}", start=result.start, end=result.as_of),
        columns=columns,
        rows=tuple((gettext(names[str(key)]), *row) for key, row in zip(result.loyalty.index, values, strict=True)),
        notes=(gettext("Loyal: purchases on two days or more in the last twelve months."),),
    )


def survey_left_out(result: SurveyResult) -> Table:
    """Tabulate what the rows of the survey's file hold, and what of it is left out."""
    columns = (
        Column(name="question", label=gettext("Question"), kind="text"),
        Column(name="kind", label=gettext("What the file holds"), kind="text"),
        Column(name="file_rows", label=gettext("Rows")),
    )
    found = result.left_out[result.left_out["file_rows"] != 0]
    return Table(
        name="survey_left_out",
        lookup=True,
        title=say("Rows of the survey, {start:date} to {end:date}", start=result.start, end=result.as_of),
        columns=columns,
        rows=tuple(
            (gettext(QUESTIONS[question]), gettext(KINDS[kind]), count)
            for question, kind, count in found[["question", "kind", "file_rows"]].itertuples(index=False, name=None)
        ),
        notes=(gettext("Of rows that are no answer nothing is used."),),
    )


def survey_complaints(result: SurveyResult) -> Table:
    """Tabulate complaints and how many an order they are."""
    columns = (
        Column(name="span", label=gettext("Period"), kind="text"),
        Column(name="complaints", label=gettext("Complaints")),
        Column(name="unknown", label=gettext("Of them without a known customer")),
        Column(name="customers", label=gettext("Customers who complained")),
        Column(name="repeated", label=gettext("On two days or more")),
        Column(name="orders", label=gettext("Orders")),
        Column(name="rate", label=gettext("Complaints per 1,000 orders"), kind="number.1"),
    )
    table = result.complaints
    values = _values(table, [column.name for column in columns[1:]])
    return Table(
        name="survey_complaints",
        title=gettext("Complaints and orders"),
        columns=columns,
        rows=tuple((gettext(SPANS[str(key)]), *row) for key, row in zip(table.index, values, strict=True)),
    )


def survey_after(result: SurveyResult) -> Table:
    """Tabulate who bought again after a complaint, beside similar customers."""
    columns = (
        Column(name="group", label=gettext("Group"), kind="text"),
        Column(name="customers", label=gettext("Customers")),
        Column(name="share", label=gettext("Bought again"), kind="percent.1"),
        Column(name="low", label=gettext("Low"), kind="percent.1"),
        Column(name="high", label=gettext("High"), kind="percent.1"),
    )
    table = result.after_complaint
    values = _values(table, [column.name for column in columns[1:]])
    return Table(
        name="survey_after",
        title=say("Purchases within {days:number} days after a complaint", days=result.complaint_days),
        columns=columns,
        rows=tuple((gettext(GROUPS[str(key)]), *row) for key, row in zip(table.index, values, strict=True)),
        notes=(
            gettext(
                "Similar: as many purchases, as long ago, in the same month. Low and high: 95% interval. The groups "
                "are compared as they are: the difference is not the effect of the complaint."
            ),
        ),
    )


def _row_name(key: str) -> str:
    """Return the name of a row: a segment, or the answers of nobody known."""
    return gettext(ROWS[key]) if key in ROWS else segment_name(key)


def _values(table: pd.DataFrame, names: list[str]) -> list[tuple[Cell, ...]]:
    return list(table[names].itertuples(index=False, name=None))
