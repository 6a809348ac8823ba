"""The verdict on a terminal: a page of plain text, verdict first, problems last, never wider than asked."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from loyalty_lib import i18n
from loyalty_lib.check import Churned, no_pages, show
from loyalty_lib.i18n import Message
from tests.check import made


def shown(verdict, width=80):
    target = io.StringIO()
    show(verdict, Console(file=target, width=width, highlight=False))
    return target.getvalue()


def test_a_usable_file_in_one_page_of_eighty_columns():
    text = shown(made.usable())
    lines = text.splitlines()
    assert lines[0].startswith("Usable: 7 of 12 pages")
    assert max(len(line) for line in lines) <= 80
    assert len(lines) <= 60
    for words in ("541,909", "4,372", "25,900", "£9,747,747.93", "135,080", "Rows without a customer", "8,012"):
        assert words in text
    assert "2010-12-24 to 2011-01-03: 11 days without an order" in text
    assert "order 581483 of £168,469.60, taken back in full" in text
    assert "No category column: no upsell ratio." in text


def test_problems_come_last_with_their_lines_and_remedy():
    text = shown(made.usable(usable=False, pages=no_pages(Message("Why.")), problems=(made.problem(),)), width=100)
    assert text.splitlines()[0].startswith("Not usable")
    assert text.splitlines()[1].rstrip() == "Why."
    last = " ".join(text[text.index("Problems: 1") :].split())
    assert "lines 14, 15, 88 and 2 more: 'order_date' holds '31/04/2026'" in last
    assert last.endswith("Set ingest.date_format.")


def test_a_wide_terminal_is_not_filled():
    assert max(len(line) for line in shown(made.usable(), width=250).splitlines()) <= 100


def test_what_the_data_say_is_neither_markup_nor_a_command():
    verdict = made.usable(
        name="[red]\x1b[2Jx.csv", problems=(made.problem(column="[bold]", value="\x1b]0;title\x07", file="\x9b2J"),)
    )
    text = shown(verdict)
    assert not {"\x1b", "\x9b", "\x07"} & set(text)
    assert "[red]" in text
    assert "[bold]" in text


def test_it_is_english_whatever_the_report_speaks():
    i18n.activate("nb", "NOK")
    try:
        text = shown(made.usable())
        assert i18n.active().code == "nb"
    finally:
        i18n.activate("en")
    assert "£9,747,747.93" in text
    assert "Key figures" in text


@pytest.mark.parametrize("rows", [None, 12])
def test_what_could_not_be_read_says_what_is_known(rows):
    unread = {"usable": False, "source": None, "used": None, "files": (), "rows": rows}
    text = shown(made.usable(**unread, pages=no_pages(Message("Why."))))
    assert ("What it holds" in text) == (rows is not None)


def test_a_list_of_customers_under_contract_says_how_many_left():
    churn = Churned(column="Churn", customers=7_043, churned=1_869)
    text = shown(made.usable(usable=False, source=None, used=None, files=(), rows=7_043, churn=churn))
    assert "1,869 of 7,043, 26.54%" in text


def test_many_files_are_counted():
    files = tuple(made.read(name=f"{month:02}.csv") for month in range(1, 13))
    assert "and 7 files more" in shown(made.usable(files=files))
