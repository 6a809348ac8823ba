from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, text_boxes, texts
from tests.figures.results import NAN, values


def test_bars_are_the_totals_largest_first_and_hidden_ones_have_none() -> None:
    table = values()
    found = marks(figures.clv(table))
    assert "clv-cant_lose" not in found
    for segment, total in table["total_clv"].dropna().items():
        assert found[f"clv-{segment}"].get_width() == pytest.approx(total, rel=1e-12)
    order = sorted((gid for gid in found if not gid.endswith("-interval")), key=lambda gid: found[gid].get_y())
    widths = [found[gid].get_width() for gid in order]
    assert widths == sorted(widths, reverse=True)
    assert order[0] == "clv-champions"


def test_intervals_lie_on_their_bars_from_low_to_high() -> None:
    table = values()
    ax = figures.clv(table)
    found = marks(ax)
    for segment, (low, high) in table[["low_clv", "high_clv"]].dropna().iterrows():
        bar, line = found[f"clv-{segment}"], found[f"clv-{segment}-interval"]
        middle = bar.get_y() + bar.get_height() / 2
        np.testing.assert_allclose(line.get_xydata(), [[low, middle], [high, middle]], rtol=1e-12)
    assert "clv-cant_lose-interval" not in found
    assert "Total with its 80% interval" in texts(ax)


def test_without_intervals_none_are_drawn_or_promised() -> None:
    table = values().assign(low_clv=NAN, high_clv=NAN)
    ax = figures.clv(table)
    assert not any(gid.endswith("-interval") for gid in marks(ax))
    assert "Total" in texts(ax)


def test_the_total_stands_clear_of_the_interval() -> None:
    ax = figures.clv(values())
    boxes, _ = text_boxes(ax)
    high = values()["high_clv"]["champions"]
    (box,) = (box for text, box in boxes.items() if text.get_text() == "US$93,300")
    assert box.x0 > ax.transData.transform((high, 0))[0]


@pytest.mark.parametrize(
    ("language", "currency", "total", "mean"),
    [
        ("en", "USD", "US$93,300", "US$311"),
        ("nb", "NOK", "93\u00a0300\u00a0kr", "311\u00a0kr"),
        ("fi", "EUR", "93\u00a0300\u00a0€", "311\u00a0€"),
    ],
)
def test_total_and_mean_are_written_as_money(language: str, currency: str, total: str, mean: str) -> None:
    i18n.activate(language, currency)
    written = texts(figures.clv(values()))
    assert total in written
    assert mean in written


def test_amounts_of_a_column_have_the_same_decimals() -> None:
    cheap = values() / 10
    written = texts(figures.clv(cheap))
    assert "US$31.10" in written
    assert "US$8.00" in written
    assert "US$9,330" in written


def test_a_hidden_segment_says_so_at_the_end() -> None:
    ax = figures.clv(values())
    assert [label.get_text() for label in ax.get_yticklabels()][-1] == "Can't lose"
    assert texts(ax).count("Hidden for privacy") == 1


def test_an_empty_segment_has_a_total_of_zero_and_no_mean() -> None:
    table = values()
    table.loc["new"] = [NAN, 0.0, 0.0, 0.0]
    assert "US$0" in texts(figures.clv(table))
    assert "–" in texts(figures.clv(table))
