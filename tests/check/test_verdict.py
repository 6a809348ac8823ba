"""The verdict as data for programs: keys, types, raw numbers, and null where nothing is known."""

from __future__ import annotations

import json

import pytest

from loyalty_lib.check import Churned, no_pages
from loyalty_lib.i18n import Message
from tests.check import made

PROMISED = {
    "rows", "customers", "orders", "net_sales", "currency", "first_day", "last_day", "lines_without_customer",
    "duplicates", "refunds", "pages", "problems", "notes", "usable", "used", "left_out", "giant_orders", "gaps",
    "files",
}  # fmt: skip
UNREAD = {"usable": False, "source": None, "used": None, "files": (), "rows": None, "currency": None}


def test_json_holds_every_promised_key_with_the_numbers_as_they_are():
    told = made.usable().json()
    assert told.keys() >= PROMISED
    assert (told["rows"], told["customers"], told["orders"]) == (541_909, 4_372, 25_900)
    assert told["net_sales"] == 9_747_747.934  # to the last decimal, not rounded
    assert (told["first_day"], told["last_day"]) == ("2010-12-01", "2011-12-09")
    assert (told["lines_without_customer"], told["refunds"], told["duplicates"]) == (135_080, 9_288, 5_268)
    assert (told["currency"], told["usable"]) == ("GBP", True)
    assert told["used"]["rows"] == 406_829
    assert told["used"]["first_day"] == "2010-12-01"
    assert told["left_out"][0] == {"reason": "status", "rows": 12, "amount": 310.5, "detail": "pending"}
    assert told["gaps"] == [{"first_day": "2010-12-24", "last_day": "2011-01-03", "days": 11}]
    assert told["giant_orders"][0] == {
        "order_id": "581483", "day": "2011-12-09", "amount": 168_469.6, "cancelled": True,
    }  # fmt: skip
    assert told["files"][0]["columns"]["customer_id"] == "CustomerID"
    assert told["notes"] == ["Refunds were matched with the order they take back: 8,012."]


@pytest.mark.parametrize("verdict", [made.usable(), made.usable(**UNREAD, problems=(made.problem(),))])
def test_json_is_nothing_but_json(verdict):
    told = verdict.json()
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_what_is_not_known_is_null():
    told = made.usable(**UNREAD, pages=no_pages(Message("Why."))).json()
    unknown = ("rows", "customers", "orders", "net_sales", "currency", "first_day", "last_day", "duplicates", "used")
    assert [told[key] for key in unknown] == [None] * len(unknown)
    assert told["left_out"] == told["gaps"] == told["files"] == []
    assert {page["reason"] for page in told["pages"]} == {"Why."}


def test_a_problem_has_its_first_line_and_its_count():
    (told,) = made.usable(problems=(made.problem(),)).json()["problems"]
    assert (told["line"], told["lines"], told["count"]) == (14, [14, 15, 88], 5)
    assert (told["column"], told["value"]) == ("order_date", "31/04/2026")
    assert told["remedy"] == "Set ingest.date_format."
    (nowhere,) = made.usable(problems=(made.problem(lines=(), count=0),)).json()["problems"]
    assert (nowhere["line"], nowhere["count"]) == (None, 0)


def test_exit_codes():
    assert made.usable().exit_code == 0
    assert made.usable(**UNREAD).exit_code == 1


def test_the_obstacle_is_the_one_reason_or_that_there_are_several():
    assert made.usable(pages=no_pages(Message("No dates."))).obstacle == "No dates."
    assert made.usable().obstacle == "The data can be read, but are too few for any analysis."


def test_churn_is_a_share_of_the_customers_that_say():
    told = made.usable(churn=Churned(column="Churn", customers=7_043, churned=1_869)).json()["churn"]
    assert told == {"column": "Churn", "customers": 7_043, "churned": 1_869, "share": 1_869 / 7_043}
