from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from loyalty_lib import i18n
from loyalty_lib.figures.survey import survey
from loyalty_lib.figures.survey_return import survey_return
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

NAN = float("nan")
COLUMNS = ["answers", "share_promoters", "share_passives", "share_detractors", "nps", "margin"]
SEGMENTS = [
    *("champions", "loyal", "potential_loyalists", "new", "promising", "need_attention", "about_to_sleep"),
    *("at_risk", "cant_lose", "hibernating", "inactive", "unknown"),
]


def answered(count: int = 12, hidden: tuple[str, ...] = ()) -> Any:
    """Make shares of ``count`` segments after those of all; what is hidden is NaN."""
    rng = np.random.default_rng(count)
    shares = rng.dirichlet([4, 4, 2], count + 1)
    table = pd.DataFrame(
        {
            "answers": 50.0,
            **dict(zip(COLUMNS[1:4], shares.T, strict=True)),
            "nps": 100 * (shares[:, 0] - shares[:, 2]),
            "margin": 21.6,
        },
        index=pd.Index(["all", *SEGMENTS[:count]], name="segment"),
    )
    table.loc[list(hidden)] = NAN
    returns = pd.DataFrame(
        {
            "customers": [355.0, 341, NAN],
            "share": [0.26, 0.23, NAN],
            "low": [0.22, 0.19, NAN],
            "high": [0.31, 0.28, NAN],
        },
        index=pd.Index(["promoters", "passives", "detractors"], name="group"),
    )
    return SimpleNamespace(shares=table, came_back=returns, as_of=dt.date(2024, 12, 31))


CHARTS: dict[str, Callable[[], Axes]] = {
    "many": lambda: survey(answered()),
    "hidden": lambda: survey(answered(5, ("new", "loyal"))),
    "all alone": lambda: survey(answered(0)),
    "nothing": lambda: survey(SimpleNamespace(shares=answered(0).shares.iloc[:0])),  # type: ignore[arg-type]
    "returns": lambda: survey_return(answered()),
    "returns of one": lambda: survey_return(SimpleNamespace(came_back=answered().came_back.iloc[:1])),  # type: ignore[arg-type]
    "returns of nobody": lambda: survey_return(SimpleNamespace(came_back=answered().came_back.iloc[:0])),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("chart", CHARTS)
def test_no_text_is_cut_or_runs_into_another(chart: str, language: str) -> None:
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(CHARTS[chart]())
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


def test_bars_are_the_shares_of_their_row_from_detractors_to_promoters() -> None:
    result = answered(3)
    found = marks(survey(result))
    for at, (name, row) in enumerate(result.shares.iterrows()):
        bars = [found[f"survey-{name}-{band}"] for band in ("detractors", "passives", "promoters")]
        shares = [row[f"share_{band}"] for band in ("detractors", "passives", "promoters")]
        assert [bar.get_width() for bar in bars] == pytest.approx(shares, rel=1e-12)
        assert [bar.get_x() for bar in bars] == pytest.approx([0, row["share_detractors"], 1 - row["share_promoters"]])
        assert {round(bar.get_y() + bar.get_height() / 2, 9) for bar in bars} == {at}
        assert found[f"survey-{name}-nps"].get_text() == f"{i18n.signed(row['nps'], 'number')} ± 22"


def test_a_hidden_row_has_no_bar_and_no_score() -> None:
    found = marks(survey(answered(5, ("new",))))
    assert "survey-new-promoters" not in found
    assert "survey-new-nps" not in found
    assert "Hidden for privacy" in texts(survey(answered(5, ("new",))))


def test_dots_and_intervals_are_those_of_the_result() -> None:
    found = marks(survey_return(answered()))
    assert found["survey-return-promoters"].get_xydata().tolist() == [[0.26, 0]]
    assert found["survey-return-passives-interval"].get_xydata().tolist() == [[0.19, 1], [0.28, 1]]
    assert "survey-return-detractors" not in found
