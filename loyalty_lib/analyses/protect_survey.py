"""Hide what few customers said or did, so that no table or total of the page gives it away.

A score and its margin give the three bands of a group away, so these are hidden together: a row shows all of them or
none.  The totals of all segments are printed; where a row is hidden, others go with it (``suppression.py``).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from loyalty_lib.analyses.protect_survey_after import (
    protect_after,
    protect_complaints,
    protect_loyalty,
    protect_returns,
)
from loyalty_lib.analyses.suppression import MISSING, hide, small, went_missing
from loyalty_lib.analyses.survey_answers import BANDS, QUESTIONS

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from loyalty_lib.analyses.survey import SurveyResult

SCORES: Final = (*BANDS, "effective", *(f"share_{name}" for name in BANDS), "nps", "margin")
SATISFIED: Final = ("satisfied", "effective", "share", "low", "high")
TABLES: Final = (
    *("nps", "csat", "by_segment", "responses", "left_out", "returns", "loyalty", "loyalty_by_band"),
    *("complaints", "after_complaint"),
)


def protect_survey(result: SurveyResult, minimum: int, dominance: float) -> SurveyResult:
    """Return ``result`` with small groups hidden; ``protect`` says the rest."""
    nps, csat, by_segment = _answers(result, minimum)
    left_out, responses = _rows(result, {"nps": nps, "csat": csat}, minimum)
    returns = protect_returns(result.returns, minimum, dominance)
    outside = _outside(result)
    loyalty, by_band = protect_loyalty(result.loyalty, result.loyalty_by_band, outside, minimum, dominance)
    after = protect_after(result.after_complaint, minimum)
    compared = nps["nps"].notna().all()
    protected = dataclasses.replace(
        result,
        nps=nps,
        csat=csat,
        by_segment=by_segment,
        change=result.change if compared else MISSING,
        change_margin=result.change_margin if compared else MISSING,
        responses=responses,
        left_out=left_out,
        returns=returns,
        returns_difference=_shown(result.returns_difference, returns, ["promoters", "detractors"]),
        loyalty=loyalty,
        loyalty_by_band=by_band,
        complaints=protect_complaints(result.complaints, minimum),
        after_complaint=after,
        after_difference=_shown(result.after_difference, after, ["complained", "others"]),
        unmatched=None if small(result.unmatched or 0, minimum) else result.unmatched,
    )
    count = sum(went_missing(getattr(protected, name), getattr(result, name)) for name in TABLES)
    return dataclasses.replace(protected, suppressed=result.suppressed + count)


def _answers(result: SurveyResult, minimum: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Protect the totals and the segments of both questions."""
    nps, csat = result.nps.astype(float), result.csat.astype(float)
    segments = result.by_segment.astype(float)
    forced = np.asarray(segments.index.isin(list(result.hidden_segments)), dtype=bool)
    for total, bands, columns, prefix in ((nps, BANDS, SCORES, ""), (csat, ("satisfied",), SATISFIED, "csat_")):
        counts = total[list(bands)].to_numpy(dtype=float)
        answers = total["answers"].to_numpy(dtype=float)
        total.loc[_few(counts, answers, minimum), list(columns)] = MISSING
        total.loc[small(answers, minimum), "answers"] = MISSING
        if segments.empty:
            continue
        counts = segments[[prefix + name for name in bands]].to_numpy(dtype=float)
        answers = segments[f"{prefix}answers"].to_numpy(dtype=float)
        hidden, unanswered, safe = _segments(counts, answers, forced, minimum)
        segments.loc[hidden, [prefix + name for name in columns]] = MISSING
        segments.loc[unanswered, f"{prefix}answers"] = MISSING
        if not safe:
            total.loc["now", list(columns)] = MISSING
    return nps, csat, segments


def _parts(counts: NDArray[np.float64], answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the bands, and what is left of the answers where the bands do not make them up."""
    rest = answers - counts.sum(axis=1)
    return np.column_stack([counts, rest]) if (rest > 0).any() else counts


def _few(counts: NDArray[np.float64], answers: NDArray[np.float64], minimum: int) -> NDArray[np.bool_]:
    return np.asarray(small(_parts(counts, answers), minimum).any(axis=1) | small(answers, minimum))


def _segments(
    counts: NDArray[np.float64], answers: NDArray[np.float64], forced: NDArray[np.bool_], minimum: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], bool]:
    """Choose the segments whose bands are hidden, those whose answers are too, and whether the total may show."""
    unanswered, safe = hide(answers, minimum, also=forced)
    unanswered |= forced
    hidden = _few(counts, answers, minimum) | unanswered
    parts = _parts(counts, answers)
    while True:
        before = hidden.copy()
        for band in parts.T:
            chosen, kept = hide(band, minimum, also=hidden)
            hidden |= chosen
            safe &= kept
        if (hidden == before).all():
            return hidden, unanswered, safe


def _rows(result: SurveyResult, totals: dict[str, pd.DataFrame], minimum: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Protect how many rows are no answer; the answers are a total of their own, so other kinds hide alone."""
    left_out, responses = result.left_out.astype({"file_rows": float}), result.responses.astype(float)
    for question in QUESTIONS:
        own = left_out["question"] == question
        if not own.any():
            continue
        others = own & (left_out["kind"] != "answer")
        hidden, safe = hide(left_out.loc[others, "file_rows"], minimum)
        left_out.loc[others[others].index[hidden], "file_rows"] = MISSING
        left_out.loc[own & ~others & totals[question]["answers"].isna()["now"], "file_rows"] = MISSING
        answered = left_out.loc[own & left_out["kind"].isin(["answer", "earlier", "no_weight"]), "file_rows"]
        if answered.isna().any():
            responses.loc[question, ["answers", "rate"]] = MISSING
        if not safe:
            responses.loc[question, ["asked", "rate"]] = MISSING
    return left_out, responses


def _outside(result: SurveyResult) -> tuple[float, float]:
    """Count the content answers and the others that have no known customer; none where nobody was asked."""
    if not result.loyalty_by:
        return 0.0, 0.0
    content, prefix = ("promoters", "") if result.loyalty_by == "nps" else ("csat_satisfied", "csat_")
    nameless = result.by_segment.loc["unknown", [content, f"{prefix}answers"]].to_numpy(dtype=float)
    return float(nameless[0]), float(nameless[1] - nameless[0])


def _shown(interval: tuple[float, float, float], table: pd.DataFrame, groups: list[str]) -> tuple[Any, Any, Any]:
    """Return the interval of a difference where both of its groups are shown."""
    shown = table["share"].reindex(groups).notna().all()
    return interval if shown else (MISSING, MISSING, MISSING)
