from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loyalty_lib.analyses.protect_survey import protect_survey
from loyalty_lib.engine import Engine
from loyalty_lib.tables.survey import survey, survey_after, survey_complaints, survey_left_out, survey_loyalty
from tests.analyses.shops import build
from tests.analyses.surveys import answers_of, asked, complaints_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loyalty_lib.analyses.survey import SurveyResult

NAMES = [f"c{n:02d}" for n in range(40)]


@pytest.fixture(scope="module")
def result() -> Iterator[SurveyResult]:
    """Forty customers, half of them loyal: 20 promoters, 20 detractors, all satisfied; 10 blanks; 10 complaints."""
    engine = Engine()
    rows = [(name, day, 10.0) for k, name in enumerate(NAMES) for day in ("2024-02-01", "2024-07-01")[: 1 + k % 2]]
    said = [(name, "2024-05-01", "9" if k < 20 else "3", "5") for k, name in enumerate(NAMES)]
    said += [(None, "2024-05-01", "", "")] * 10
    complaints = complaints_of([(name, "2024-06-01") for name in NAMES[:10]])
    yield asked(build(engine, rows), answers_of(said), complaints=complaints)
    engine.close()


def test_all_answers_stand_first_and_the_response_below(result: SurveyResult) -> None:
    table = survey(protect_survey(result, 5, 0.5))
    assert table.rows[0] == ("All answers", 40, 0.5, 0, 0.5, 0, pytest.approx(31.0, abs=0.05), 1)
    assert table.notes[-1].startswith("Satisfied: 100.0% of all answers, 95% interval 91.2%")
    assert "Recommendation, 0 to 10: 40 of 50 asked answered, 80.0%." in table.notes
    assert not table.wide
    assert "All answers" in table.html()


def test_loyalty_complaints_and_what_was_left_out(result: SurveyResult) -> None:
    shown = protect_survey(result, 5, 0.5)
    assert [row[1:] for row in survey_loyalty(shown).rows] == [
        (10, 0.25, 200),
        (10, 0.25, 200),
        (10, 0.25, 100),
        (10, 0.25, 100),
    ]
    assert survey_loyalty(shown).rows[1][0] == "Loyal, but no promoters"
    assert ("Recommendation, 0 to 10", "Blank", 10) in survey_left_out(shown).rows
    assert survey_complaints(shown).rows[0][:6] == ("Last 12 months", 10, 0, 10, 0, 60)
    assert survey_after(shown).rows[0][:3] == ("Customers who complained", 10, 0.5)
    assert survey_after(shown).rows[1][2] == 0.5


def test_without_answers_there_are_no_rows() -> None:
    engine = Engine()
    empty = asked(build(engine, [("a", "2024-05-01", 1.0)]), None)
    for table in (survey, survey_loyalty, survey_left_out, survey_complaints, survey_after):
        assert table(empty).rows == ()
        assert "nan" not in table(empty).html()
    engine.close()
