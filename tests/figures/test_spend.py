from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib import figures, i18n
from tests.figures.marks import marks, texts
from tests.figures.results import EXPECTED_SPENDERS, NAN, SPENDERS, model_check


def test_bars_are_the_customers_of_each_bin_and_the_line_is_the_model() -> None:
    found = marks(figures.spend(model_check()))
    for place, customers in enumerate(SPENDERS):
        bar = found[f"spend-actual-{place}"]
        assert (bar.get_x(), bar.get_width(), bar.get_height()) == (10 * place, 10, customers)
    steps = found["spend-model"].get_data()
    np.testing.assert_array_equal(steps.values, EXPECTED_SPENDERS)
    np.testing.assert_array_equal(steps.edges, 10 * np.arange(12))


@pytest.mark.parametrize(
    ("language", "expected"),
    [("en", ["NOK0", "NOK20", "NOK100 or more"]), ("nb", ["0\u00a0kr", "20\u00a0kr"])],
)
def test_edges_are_money_and_the_last_bin_is_open(language: str, expected: list[str]) -> None:
    i18n.activate(language, "NOK")
    written = texts(figures.spend(model_check()))
    assert [text for text in expected if text not in written] == []


def test_a_last_bin_with_an_end_is_drawn_to_its_end() -> None:
    check = model_check()
    check.spend.loc[10, "high"] = 130.0
    ax = figures.spend(check)
    assert marks(ax)["spend-actual-10"].get_width() == 30
    assert not any(text.endswith("or more") for text in texts(ax))


def test_a_hidden_bin_is_a_dot_and_the_line_is_broken() -> None:
    check = model_check()
    check.spend.loc[8, ["customers", "expected"]] = NAN
    ax = figures.spend(check)
    found = marks(ax)
    assert "spend-actual-8" not in found
    assert found["spend-8-hidden"].get_xydata().tolist() == [[85, 0]]
    assert np.isnan(found["spend-model"].get_data().values[8])
    assert "· Hidden for privacy" in texts(ax)


def test_means_by_frequency_stand_with_their_intervals_and_the_customers() -> None:
    check = model_check()
    ax = figures.spend_by_frequency(check)
    found = marks(ax)
    for row, (frequency, customers, mean, low, high) in enumerate(check.spend_by_frequency.itertuples(index=False)):
        assert found[f"spend-by-frequency-{frequency}"].get_xydata().tolist() == [[mean, row]]
        assert found[f"spend-by-frequency-{frequency}-interval"].get_xydata().tolist() == [[low, row], [high, row]]
        assert i18n.money(mean, 2) in texts(ax)
        assert i18n.number(customers) in texts(ax)


def test_the_line_is_the_mean_of_all_customers_shown() -> None:
    """Each customer counts once: 439, 214, 162, 90 and 41 of them."""
    ax = figures.spend_by_frequency(model_check())
    overall = (439 * 32.4 + 214 * 36.73 + 162 * 33.98 + 90 * 41.35 + 41 * 45.67) / 946
    assert marks(ax)["spend-by-frequency-mean"].get_xdata()[0] == pytest.approx(overall)
    assert "Mean of those shown: US$35.08" in texts(ax)
    check = model_check()
    check.spend_by_frequency.loc[4, ["customers", "mean_spend", "low", "high"]] = NAN
    hidden = figures.spend_by_frequency(check)
    without = (439 * 32.4 + 214 * 36.73 + 162 * 33.98 + 90 * 41.35) / 905
    assert marks(hidden)["spend-by-frequency-mean"].get_xdata()[0] == pytest.approx(without)


def test_a_hidden_class_says_so_and_an_empty_one_shows_a_dash() -> None:
    check = model_check()
    check.spend_by_frequency.loc[4, ["mean_spend", "low", "high"]] = NAN
    check.spend_by_frequency.loc[3, ["customers", "mean_spend", "low", "high"]] = [0, NAN, NAN, NAN]
    ax = figures.spend_by_frequency(check)
    assert "spend-by-frequency-8+" not in marks(ax)
    assert texts(ax).count("Hidden for privacy") == 1
    assert "–" in texts(ax)
