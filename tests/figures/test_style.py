from __future__ import annotations

import matplotlib as mpl
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont

from loyalty_lib import figures, i18n
from loyalty_lib.figures.style import amounts, span, text_width, wrap
from loyalty_lib.fonts import FAMILY, font_files


def test_accent_is_the_first_colour_of_the_cycle() -> None:
    figures.style("#8e24aa")
    assert mpl.rcParams["axes.prop_cycle"].by_key()["color"][0] == "#8e24aa"


@pytest.mark.parametrize("weight", [400, 600, 700])
def test_matplotlib_measures_with_the_files_that_the_page_embeds(weight: int) -> None:
    font = FontProperties(family=FAMILY, weight=weight)
    assert findfont(font, fallback_to_default=False) == str(font_files()[weight])


def test_measured_width_is_the_drawn_width() -> None:
    figure = Figure(dpi=72)
    text = figure.text(0, 0, "Potensielt lojale 1 234 kr", fontsize=40, weight=600)
    drawn = text.get_window_extent(FigureCanvasAgg(figure).get_renderer()).width  # type: ignore[no-untyped-call]
    assert text_width("Potensielt lojale 1 234 kr", 40, 600) == pytest.approx(drawn, abs=2)


def test_wrap_breaks_at_spaces_only_where_it_must() -> None:
    name = "På väg att bli inaktiva"
    assert wrap(name, 500) == [name]
    lines = wrap(name, 60)
    assert " ".join(lines) == name
    assert len(lines) == 2
    assert wrap("Uppmärksamhet", 10) == ["Uppmärksamhet"]


def test_a_column_of_amounts_takes_its_decimals_from_the_largest() -> None:
    i18n.activate("en", "GBP")
    assert [amounts([3.5, 99.0])(value) for value in (3.5, 99.0)] == ["£3.50", "£99.00"]
    assert [amounts([3.5, 990.0])(value) for value in (3.5, 990.0)] == ["£4", "£990"]
    assert [amounts([1500.0, 2.5e6])(value) for value in (1500.0, 2.5e6)] == ["£1,500", i18n.money_short(2.5e6)]


def test_span_holds_zero_and_is_never_empty() -> None:
    assert span([]) == (0.0, 1.0)
    assert span([float("nan"), 3.0]) == (0.0, 3.0)
    assert span([-2.0, -1.0]) == (-2.0, 0.0)
