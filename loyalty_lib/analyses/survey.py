"""The voice of the customer: what those who answered said, and what they and those who complained did afterwards.

Takes transactions, the answers and complaints of files beside them, and the segments; returns a ``SurveyResult``.  The
window is the twelve months to the as-of date, compared with the twelve before.  One answer a customer and window
counts, the newest; nameless answers count in the totals only.  Without a file its tables are empty.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa

from loyalty_lib.analyses.survey_answers import Scale, days_of, registered, text_of
from loyalty_lib.analyses.survey_complaints import after_table, rates_table
from loyalty_lib.analyses.survey_intervals import difference_interval
from loyalty_lib.analyses.survey_told import told
from loyalty_lib.analyses.window import DAY, window_start
from loyalty_lib.i18n import Message, mark

if TYPE_CHECKING:
    from loyalty_lib.analyses.rfm import RfmResult
    from loyalty_lib.config.analyses import Complaints, Survey
    from loyalty_lib.engine import Engine
    from loyalty_lib.periods import Period
    from loyalty_lib.validate import Transactions

MONTHS: Final = 12
SHOWN: Final = ("answers", "share_promoters", "share_passives", "share_detractors", "nps", "margin")
Interval = tuple[float, float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class SurveyResult:
    """Answers, complaints, and what customers did after them.

    Attributes
    ----------
    nps, csat
        Index "now" (the window), "before" (the twelve months before it); as ``nps_by`` and ``csat_by`` return them.
        Counts are of answers, shares are weighted.
    by_segment
        Index: the segments, "inactive" (bought, but not in the segments' window), "unknown" (nameless, or never
        bought).  Columns of ``nps``, and those of ``csat`` with the prefix ``csat_``.
    hidden_segments
        Segments that are hidden on their own page and therefore here.
    change, change_margin
        Net promoter score of the window less that of the one before, in points, and the margin of that difference.
    responses
        Index nps, csat (those that were asked): ``asked`` (rows, or as configured), ``answers``, ``rate``.
    left_out
        ``question``, ``kind``, ``file_rows``: rows of the window by what they hold; "answer" are those counted.
    returns
        Index: promoters, passives, detractors; as ``returns_table`` returns it.
    returns_difference
        Share of promoters less share of detractors who came back, lower and upper bound (Newcombe).
    loyalty, loyalty_by_band
        Loyal customers and content ones, as ``loyalty_tables`` returns them.
    loyalty_by
        "nps" or "csat": what makes a customer content; "" where neither was asked.
    complaints
        Index "now", "before" and, where a period is given, "period", "previous", "year_ago": ``rates_table``.
    after_complaint
        Index "complained", "others": ``after_table``.
    after_difference
        Their difference, lower and upper bound (Newcombe).
    unmatched, undated_complaints
        Customers who complained and have nobody to be compared with; complaints without a day.  ``None`` where hidden.
    scale
        How satisfaction was asked; ``None`` without answers.
    weighted
        Whether answers have different weights.
    return_days, complaint_days
        Within how many days a purchase counts as coming back.
    start, as_of, prior_start, last
        First and last day of the window, first day of the one before, last day of an answer whose days after it are
        over.
    suppressed
        Cells hidden by ``protect``.
    caveats
        Sentences the report prints.
    """

    nps: pd.DataFrame
    csat: pd.DataFrame
    by_segment: pd.DataFrame
    hidden_segments: frozenset[str]
    change: float
    change_margin: float
    responses: pd.DataFrame
    left_out: pd.DataFrame
    returns: pd.DataFrame
    returns_difference: Interval
    loyalty: pd.DataFrame
    loyalty_by_band: pd.DataFrame
    loyalty_by: str
    complaints: pd.DataFrame
    after_complaint: pd.DataFrame
    after_difference: Interval
    unmatched: int | None
    undated_complaints: int
    scale: Scale | None
    weighted: bool
    return_days: int
    complaint_days: int
    start: dt.date
    as_of: dt.date
    prior_start: dt.date
    last: dt.date
    suppressed: int = 0
    caveats: tuple[str, ...] = ()

    @property
    def shares(self) -> pd.DataFrame:
        """Promoters, passives and detractors of all ("all") and of the segments that answered; empty without any."""
        everyone = self.nps.loc[["now"]].rename({"now": "all"}).rename_axis("segment")
        rows = pd.concat([everyone, self.by_segment[self.nps.columns]])
        return rows.loc[rows["answers"] != 0, list(SHOWN)]

    @property
    def came_back(self) -> pd.DataFrame:
        """``returns`` without what only ``protect`` reads."""
        return self.returns.drop(columns="largest_share")


def survey(
    transactions: Transactions,
    as_of: dt.date,
    answers: pd.DataFrame | None,
    segments: RfmResult,
    settings: Survey | None,
    *,
    complaints: pd.DataFrame | None = None,
    complaint_settings: Complaints | None = None,
    period: Period | None = None,
) -> SurveyResult:
    """Sum up what customers say, and follow what they do afterwards.

    Parameters
    ----------
    transactions
        The client's transactions.
    as_of
        Last day of the window.
    answers
        customer_id (missing where nameless), answered_on, nps and csat (text, as in the file), weight.
    segments
        The customers' segments; protected or not.
    settings
        The survey's; without them, or without answers, its tables are empty.
    complaints
        customer_id, complained_on.
    complaint_settings
        Theirs; likewise.
    period
        The reporting period, whose rate of complaints is given beside that of the window.

    Returns
    -------
    SurveyResult
        Net promoter score in points, shares as ratios, money in the data's currency.

    References
    ----------
    Reichheld (2003), Harvard Business Review 81(12), p. 46: promoters 9-10, passives 7-8, detractors 0-6.
    """
    engine = transactions.engine
    start = window_start(as_of, MONTHS)
    prior_start = window_start(start - DAY, MONTHS)
    answered = told(engine, answers, segments, settings, (prior_start, start, as_of))
    windows = {"now": (start, as_of), "before": (prior_start, start - DAY)}
    if period is not None:
        windows |= {
            "period": (period.start, period.end),
            "previous": (period.previous.start, period.previous.end),
            "year_ago": (period.year_ago.start, period.year_ago.end),
        }
    complained = _complaints(engine, complaints, complaint_settings, windows)
    caveats = (*answered.pop("caveats"), *complained.pop("caveats"))
    return SurveyResult(**answered, **complained, start=start, as_of=as_of, prior_start=prior_start, caveats=caveats)


def _complaints(
    engine: Engine,
    complaints: pd.DataFrame | None,
    settings: Complaints | None,
    windows: dict[str, tuple[dt.date, dt.date]],
) -> dict[str, Any]:
    """Compute everything about complaints; empty tables without any."""
    start, as_of = windows["now"]
    given = complaints is not None and settings is not None
    if complaints is None or settings is None:
        complaints = pd.DataFrame(columns=["customer_id", "complained_on"])
    days = settings.return_days if settings is not None else 0
    rows = pa.table(
        {"customer_id": text_of(complaints["customer_id"]), "complained_on": days_of(complaints["complained_on"])}
    )
    with registered(engine, {"complaints_file": rows}):
        engine.create("survey_complaints", "survey_complaints", as_of=as_of)
        rates = rates_table(engine, list(windows.values()), list(windows))
        after, unmatched = after_table(engine, start, as_of - days * DAY, days)
        engine.connection.execute("DROP TABLE survey_complaints")
    undated = int(complaints["complained_on"].isna().sum())
    caveats = []
    if given and undated:
        caveats.append(Message(mark("Complaints without a day, left out: {count:number}."), count=undated))
    return {
        "complaints": rates if given else rates.iloc[:0],
        "after_complaint": after if after["customers"].all() else after.iloc[:0],
        "after_difference": difference_interval(after, "complained", "others"),
        "unmatched": unmatched,
        "undated_complaints": undated,
        "complaint_days": days,
        "caveats": tuple(caveats),
    }
