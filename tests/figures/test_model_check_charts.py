"""What every chart of the technical appendix promises: nothing cut, nothing on top of another, no data no crash."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from babel.support import NullTranslations
from matplotlib.figure import Figure

from loyalty_lib import figures, i18n
from tests.figures.marks import outside, overlapping, text_boxes
from tests.figures.results import NAN, forecasts, model_check

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.lifetime import LifetimeResult
    from loyalty_lib.analyses.model_check import ModelCheck

NAMES = (
    "frequencies", "tracking", "tracking_total", "calibration", "origins", "alive", "spend", "spend_by_frequency",
)  # fmt: skip
WORD = re.compile(r"\{[^}]*\}|[^\W\d_]{4,}")


class Longer(NullTranslations):
    """A language whose words are a third longer than the English ones."""

    def ugettext(self, message: str) -> str:
        return WORD.sub(lambda word: word[0] if word[0][0] == "{" else word[0] + "n" * (len(word[0]) // 3), message)


def changed(change: Callable[[pd.DataFrame], pd.DataFrame]) -> dict[str, ModelCheck | LifetimeResult]:
    """Return the result of each chart with every table changed."""
    check, value = model_check(), forecasts()
    tables: dict[str, Any] = {
        field.name: change(getattr(check, field.name))
        for field in dataclasses.fields(check)
        if isinstance(getattr(check, field.name), pd.DataFrame)
    }
    check = dataclasses.replace(check, **tables)
    value = dataclasses.replace(value, origins=change(value.origins))
    return {name: value if name == "origins" else check for name in NAMES}


def counted(table: pd.DataFrame) -> list[str]:
    """Return the columns that tell of customers: what the model expects of everybody and the labels of rows do not."""
    names = {"customers", "purchases", "cumulative", "actual", "probability_alive", "came_back", "mean_spend"}
    if {"actual", "mean_spend"} & set(table.columns):
        names |= {"expected", "predicted", "low", "high", "relative_error"}
    return [name for name in table.columns if name in names]


def hide_some(table: pd.DataFrame) -> pd.DataFrame:
    """Hide every third row, as ``protect`` does."""
    table = table.copy()
    table.loc[table.index[1::3], counted(table)] = NAN
    return table


def hide_all(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(**dict.fromkeys(counted(table), NAN))


def a_thousand_times(table: pd.DataFrame) -> pd.DataFrame:
    counts = {"customers", "purchases", "cumulative", "cumulative_expected", "actual", "predicted"}
    if "predicted" in table:
        counts |= {"low", "high"}
    elif "group" not in table:
        counts |= {"expected"}
    return table.assign(**{name: 1000 * table[name] for name in counts & set(table.columns) if "group" not in table})


VARIANTS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "as it is": lambda table: table,
    "some hidden": hide_some,
    "all hidden": hide_all,
    "one row": lambda table: table.iloc[:1],
    "no rows": lambda table: table.iloc[:0],
    "no rows, no types": lambda table: pd.DataFrame(columns=table.columns),
    "large": a_thousand_times,
}


def drawn(name: str, result: Any, ax: Axes | None = None) -> Axes:
    return getattr(figures, name)(result, ax)  # type: ignore[no-any-return]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("name", NAMES)
def test_no_text_is_cut_or_runs_into_another(name: str, variant: str) -> None:
    i18n.activate("en", "NOK")
    boxes, canvas = text_boxes(drawn(name, changed(VARIANTS[variant])[name]))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


@pytest.mark.parametrize("language", ["nb", "sv", "da", "fi"])
@pytest.mark.parametrize("name", NAMES)
def test_longer_words_have_room_in_every_language(name: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(i18n, "_catalogue", lambda _: Longer())
    i18n.activate(language, "NOK")
    boxes, canvas = text_boxes(drawn(name, changed(hide_some)[name]))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


@pytest.mark.parametrize("weeks", [26, 52, 80, 260])
@pytest.mark.parametrize("name", ["tracking", "tracking_total"])
def test_weeks_of_any_number_have_room(name: str, weeks: int) -> None:
    boxes, canvas = text_boxes(drawn(name, model_check(weeks, weeks - 26 or 13)))
    assert outside(boxes, canvas) == []
    assert overlapping(boxes) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_a_column_wide_and_at_most_three_inches_and_a_bit_high(name: str) -> None:
    figure = drawn(name, changed(lambda table: table)[name]).get_figure(root=True)
    assert figure is not None
    width, height = figure.get_size_inches()
    assert width == pytest.approx(6.69)
    assert 1 < height < 3.2


@pytest.mark.parametrize("name", NAMES)
def test_chart_can_stand_in_axes_that_were_given(name: str) -> None:
    ax = Figure(figsize=(12, 4), layout="constrained").subplots(1, 2)[0]
    assert drawn(name, changed(lambda table: table)[name], ax) is ax


@pytest.mark.parametrize("name", NAMES)
def test_no_result_is_changed_by_drawing_it(name: str) -> None:
    result = changed(hide_some)[name]
    tables = {key: value.copy(deep=True) for key, value in vars(result).items() if isinstance(value, pd.DataFrame)}
    drawn(name, result)
    for key, before in tables.items():
        pd.testing.assert_frame_equal(getattr(result, key), before)


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_a_small_drawing_with_unique_ids_and_the_same_each_time(name: str) -> None:
    result = changed(hide_some)[name]
    text = figures.to_svg(drawn(name, result), name, "words")
    assert text == figures.to_svg(drawn(name, result), name, "words")
    assert len(text.encode()) < 60_000
    ids = [element.attrib["id"] for element in ET.fromstring(text).iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids))
    assert len(ids) > 3
