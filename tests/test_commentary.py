"""A consultant's comments: each lands in its section, and what cannot is refused by line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from loyalty_lib.commentary import CommentaryError, read_commentary

TITLES = {"Summary": "summary", "Key figures": "key-figures", "Nøkkeltall": "key-figures", "Cohorts": "cohorts"}


@pytest.fixture
def read(tmp_path: Path):
    def of(text: str | bytes) -> dict[str, str]:
        file = tmp_path / "2024-Q4.md"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_commentary(file, TITLES)

    return of


def test_text_goes_to_the_section_it_stands_under(read):
    said = read(
        "A good year.\n\n## Nøkkeltall\nSales **rose**.\n\n### Why\nThe shop moved.\n\n##   cohorts ##\n- one\n- two\n"
    )
    assert said == {
        "summary": "A good year.",
        "key-figures": "Sales **rose**.\n\n### Why\nThe shop moved.",
        "cohorts": "- one\n- two",
    }


def test_no_file_and_an_empty_section_say_nothing(read, tmp_path):
    assert read_commentary(tmp_path / "none.md", TITLES) == {}
    assert read("## Key figures\n\n\n## Cohorts\n") == {}


def test_a_heading_inside_code_opens_no_section(read):
    assert read("```\n## Cohorts\n```\n") == {"summary": "```\n## Cohorts\n```"}


def test_a_file_of_another_editor_is_read_the_same(read):
    """A byte order mark and Windows line ends change nothing."""
    assert read("\ufeff## Cohorts\r\nThey return.\r\n") == {"cohorts": "They return."}


def test_everything_that_cannot_stand_is_named_at_once(read):
    with pytest.raises(CommentaryError) as caught:
        read("# Title\n## Cohort\nx\n## Key figures\ny\n## Nøkkeltall\nz\n![shop](shop.png)\n")
    message = str(caught.value)
    assert "4 problems; no report was made." in message
    assert "line 1: holds '# Title'; expected no heading of the first level." in message
    assert "line 2: holds 'Cohort'; expected a section of the report. Did you mean 'Cohorts'?" in message
    assert "line 6: holds 'Nøkkeltall'; expected one heading for each section." in message
    assert "line 8: holds '![shop](shop.png)'; expected text without pictures." in message


def test_an_unknown_title_lists_the_sections(read):
    with pytest.raises(CommentaryError, match="Sections: Summary, Key figures, Nøkkeltall, Cohorts"):
        read("## Weather\nRain.")


def test_a_file_that_is_not_utf_8_is_refused_with_its_line(read):
    with pytest.raises(CommentaryError, match=r"line 2: expected text as UTF-8\. Save the file as UTF-8"):
        read("## Cohorts\nGjenkjøp".encode("cp1252"))
