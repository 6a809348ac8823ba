"""What ``metrics.json`` holds of the survey and the complaints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from loyalty_lib.metrics.data import keyed, rows

if TYPE_CHECKING:
    from loyalty_lib.analyses.survey import SurveyResult
    from loyalty_lib.inputs import Inputs
    from loyalty_lib.metrics.data import Metrics

BOUNDS: Final = ("difference", "low", "high")


def section(result: SurveyResult, _inputs: Inputs) -> Metrics:
    """Return scores, shares and counts; scores are in points, shares are ratios."""
    # A level of two values has no names of its own that JSON could take.
    callers = result.loyalty_by_band.droplevel("loyal").iloc[:3]
    return {
        "nps": keyed(result.nps),
        "csat": keyed(result.csat),
        "segments": keyed(result.by_segment),
        "change": result.change,
        "change_margin": result.change_margin,
        "responses": keyed(result.responses),
        "left_out": rows(result.left_out),
        "returns": keyed(result.returns.drop(columns="largest_share")),
        "returns_difference": dict(zip(BOUNDS, result.returns_difference, strict=True)),
        "loyalty": keyed(result.loyalty.drop(columns="largest_share")),
        "loyal_by_band": keyed(callers.drop(columns="largest_share")),
        "loyalty_by": result.loyalty_by,
        "complaints": keyed(result.complaints),
        "after_complaint": keyed(result.after_complaint),
        "after_difference": dict(zip(BOUNDS, result.after_difference, strict=True)),
        "unmatched": result.unmatched,
        "undated_complaints": result.undated_complaints,
        "one_click": result.scale is not None and result.scale.one_click,
        "scale_high": None if result.scale is None else result.scale.high,
        "satisfied_from": None if result.scale is None else result.scale.satisfied,
        "weighted": result.weighted,
        "return_days": result.return_days,
        "complaint_days": result.complaint_days,
        "start": result.start,
        "last": result.last,
    }
