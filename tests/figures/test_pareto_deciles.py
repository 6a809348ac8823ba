from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from loyalty_lib import i18n
from loyalty_lib.figures.pareto_deciles import pareto_deciles
from tests.figures.marks import marks, outside, overlapping, text_boxes, texts
from tests.figures.results import NAN, pareto_result


def test_columns_are_the_shares_of_the_tenths() -> None:
    result = pareto_result()
    ax = pareto_deciles(result)
    found = marks(ax)
    for decile, share in enumerate(result.deciles["share_of_sales"], start=1):
        bar = found[f"pareto-decile-{decile}"]
        assert (bar.get_y(), bar.get_height()) == (0, share)
        assert bar.get_x() + bar.get_width() / 2 == pytest.approx(decile)
        assert i18n.percent(share) in texts(ax)


def test_a_small_share_is_not_none() -> None:
    result = pareto_result()
    result.deciles.loc[9, "share_of_sales"] = 0.004
    assert "0.4%" in texts(pareto_deciles(result))


def test_a_hidden_tenth_is_a_dot() -> None:
    result = pareto_result()
    result.deciles.loc[[0, 1], "share_of_sales"] = NAN
    ax = pareto_deciles(result)
    found = marks(ax)
    assert {gid for gid in found if gid.endswith("hidden")} == {"pareto-decile-1-hidden", "pareto-decile-2-hidden"}
    assert "pareto-decile-1" not in found
    assert "· Hidden for privacy" in texts(ax)
    assert "· Hidden for privacy" not in texts(pareto_deciles(pareto_result()))


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("share", [0.3, 0.712, 0.99, NAN])
def test_no_text_is_cut_or_runs_into_another(language: str, share: float) -> None:
    i18n.activate(language, "NOK")
    result = pareto_result(share)
    if np.isnan(share):
        result = dataclasses.replace(result, deciles=result.deciles.assign(share_of_sales=NAN))
    boxes, canvas = text_boxes(pareto_deciles(result))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


def test_a_result_without_rows_still_draws() -> None:
    result = dataclasses.replace(pareto_result(), deciles=pareto_result().deciles.iloc[:0])
    boxes, canvas = text_boxes(pareto_deciles(result))
    assert outside(boxes, canvas) == []
