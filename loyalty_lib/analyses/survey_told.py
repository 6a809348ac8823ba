"""Everything a survey's answers say, as the fields of a ``SurveyResult``.

The answers as in the file go in, with the segments and the windows; tables and caveats come out.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from loyalty_lib.analyses.survey_answers import (
    QUESTIONS,
    SPANS,
    Scale,
    asked_scale,
    csat_by,
    days_of,
    keep_scores,
    kinds_table,
    nps_by,
    registered,
    text_of,
)
from loyalty_lib.analyses.survey_intervals import difference_interval
from loyalty_lib.analyses.survey_return import loyalty_tables, returns_table
from loyalty_lib.analyses.window import DAY
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.config.analyses import Survey
    from loyalty_lib.engine import Engine

FEW_ANSWERS: Final = 30  # with fewer a score is shown and nothing is concluded from it
NOT_ASKED: Final = Scale(low=1, high=5, satisfied=4)
COLUMNS: Final = ("customer_id", "answered_on", "nps", "csat", "weight")


def told(
    engine: Engine,
    answers: pd.DataFrame | None,
    segments: RfmResult,
    settings: Survey | None,
    days: tuple[dt.date, dt.date, dt.date],
) -> dict[str, Any]:
    """Return everything about answers; empty tables where there are none or they are not configured.

    Parameters
    ----------
    engine
        The client's.
    answers, segments, settings
        As ``survey`` takes them.
    days
        First day of the window before, first and last day of the window.
    """
    configured = answers is not None and settings is not None
    rows = _rows(answers if configured and answers is not None else pd.DataFrame(columns=list(COLUMNS)))
    return_days = settings.return_days if configured and settings is not None else 0
    last = days[2] - return_days * DAY
    owners = pa.table(
        {"customer_id": text_of(segments.customers.index), "segment": text_of(segments.customers["segment"])}
    )
    with registered(engine, {"survey_file": rows, "survey_segments": owners}):
        scale = asked_scale(engine, settings) if settings is not None else NOT_ASKED
        keep_scores(engine, scale, *days)
        groups, left_out = engine.frame("survey_groups"), kinds_table(engine)
        returns = returns_table(engine, days[1], last, return_days)
        recent = groups[groups["span"] == "now"]
        loyalty_by = next((name for name in QUESTIONS if (recent["question"] == name).any()), "")
        loyalty, by_band = loyalty_tables(engine, loyalty_by, *days[1:])
        engine.connection.execute("DROP TABLE survey_scores")
    summed = _summed(groups, segments)
    facts = {
        **summed,
        "responses": _responses(left_out, settings.invited if settings is not None else None),
        "left_out": left_out,
        "returns": returns if returns["customers"].any() else returns.iloc[:0],
        "returns_difference": difference_interval(returns, "promoters", "detractors"),
        "loyalty": loyalty if loyalty_by else loyalty.iloc[:0],
        "loyalty_by_band": by_band if loyalty_by else by_band.iloc[:0],
        "loyalty_by": loyalty_by,
        "scale": scale if configured else None,
        "weighted": bool((groups["weight"] != groups["answers"]).any()),
        "return_days": return_days,
        "last": last,
    }
    caveats = _caveats(facts, settings) if configured and settings is not None else ()
    return {**facts, "caveats": caveats}


def _summed(groups: pd.DataFrame, segments: RfmResult) -> dict[str, Any]:
    """Sum the answers up, in all and by segment."""
    nps, csat = (groups[groups["question"] == question] for question in QUESTIONS)
    spans = pd.Index(SPANS, name="span")
    names = pd.Index(dict.fromkeys([*segments.segments.index, "inactive", "unknown"]), name="segment")
    overall = nps_by(nps, "span", spans)
    by_segment = nps_by(nps[nps["span"] == "now"], "segment", names)
    score, margin = overall["nps"], overall["margin"]
    satisfied = csat_by(csat[csat["span"] == "now"], "segment", names)
    if not (by_segment["answers"].any() or satisfied["answers"].any()):
        by_segment, satisfied = by_segment.iloc[:0], satisfied.iloc[:0]
    return {
        "nps": overall,
        "csat": csat_by(csat, "span", spans),
        "by_segment": by_segment.join(satisfied.add_prefix("csat_")),
        "hidden_segments": frozenset(segments.segments.index[segments.segments["customers"].isna()]),
        "change": float(score["now"] - score["before"]),
        "change_margin": float(np.hypot(margin["now"], margin["before"])),
    }


def _responses(left_out: pd.DataFrame, invited: int | None) -> pd.DataFrame:
    """Return how many of those asked answered; NaN where nobody knows how many were asked, or more answered."""
    dated = left_out[left_out["kind"] != "undated"]
    replied = dated[dated["kind"].isin(["answer", "earlier", "no_weight"])].groupby("question")["file_rows"].sum()
    asked = dated.groupby("question")["file_rows"].sum()
    table = pd.DataFrame({"asked": asked, "answers": replied.reindex(asked.index, fill_value=0)}).astype("int64")
    if invited is not None:
        table["asked"] = invited
    # A file in which every row is an answer holds no invitations: as many were asked as nobody knows.
    known = table["asked"] >= table["answers"] if invited is not None else table["asked"] > table["answers"]
    return table.assign(rate=(table["answers"] / table["asked"]).where(known))


def _caveats(facts: dict[str, Any], settings: Survey) -> tuple[str, ...]:
    """Say what a reader must know of the answers."""
    caveats = []
    nps, scale = facts["nps"], facts["scale"]
    answers = int(nps.loc["now", "answers"])
    if 0 < answers < FEW_ANSWERS:
        text = mark("Fewer than {few:number} answers: the net promoter score may well be a matter of chance.")
        caveats.append(Message(text, few=FEW_ANSWERS))
    if scale.one_click and facts["csat"]["answers"].any():
        caveats.append(Message("Satisfaction was asked with one click: yes, or thumbs up, is read as satisfied."))
    if facts["weighted"]:
        text = mark("Answers are weighted as in the file; the margins of error allow for the weights.")
        caveats.append(Message(text))
    answered = facts["responses"]["answers"]
    if settings.invited is not None and (answered > settings.invited).any():
        text = mark(
            "{answers:number} answers of {invited:number} invited: the response rate is left out. Check “invited” in "
            "the settings."
        )
        caveats.append(Message(text, answers=int(answered.max()), invited=settings.invited))
    if answers and not facts["returns"]["customers"].any():
        text = mark("No answer is {days:number} days old yet: who came back cannot be said.")
        caveats.append(Message(text, days=settings.return_days))
    if answers:
        caveats.append(Message("Those who answer are not all customers: the silent may think otherwise."))
    return tuple(caveats)


def _rows(answers: pd.DataFrame) -> Any:
    """Type the columns, so that a column without a single value is of its type too."""
    return pa.table(
        {
            "customer_id": text_of(answers["customer_id"]),
            "answered_on": days_of(answers["answered_on"]),
            "nps": text_of(answers["nps"]),
            "csat": text_of(answers["csat"]),
            "weight": pa.array(answers["weight"].astype("float64"), from_pandas=True),
        }
    )
