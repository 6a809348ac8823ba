"""The check page: the verdict's own numbers, nothing that runs or loads, nothing of a person."""

from __future__ import annotations

import re

import pytest
from lxml import html

from loyalty_lib import check, i18n
from loyalty_lib.branding import Dressing
from loyalty_lib.check import Churned, no_pages
from loyalty_lib.errors import LoyaltyError
from loyalty_lib.i18n import Message
from loyalty_lib.quality import LeftOut
from tests.check import made


def parsed(verdict):
    return html.document_fromstring(check.page_html(verdict))


def test_cards_say_what_the_json_says():
    verdict = made.usable()
    page, told = parsed(verdict), verdict.json()
    cards = {item.get("id").removeprefix("card-"): item for item in page.iter("data")}
    for name in ("rows", "customers", "orders", "net_sales"):
        assert float(cards[name].get("value")) == told[name]
    assert (cards["rows"].text, cards["net_sales"].text) == ("541,909", "£9,747,748")
    assert cards["days"].text == "374 days"


def test_every_page_of_the_report_stands_there_with_its_reason():
    verdict = made.usable()
    rows = parsed(verdict).xpath("//*[@id='table-pages']//tbody/tr")
    shown = [tuple(cell.text_content() for cell in row) for row in rows]
    expected = [(p.name, "Yes" if p.carried else "No", str(p.reason)) for p in verdict.pages]
    assert shown == expected


def test_the_verdict_is_on_top_and_problems_come_first():
    page = parsed(made.usable(usable=False, used=None, pages=no_pages(Message("Why.")), problems=(made.problem(),)))
    assert page.xpath("string(//h1)") == "Not usable"
    assert page.xpath("string(//p[@class='answer'])") == "Why."
    assert page.xpath("string(//main/section[1]/h2)") == "Problems"
    cells = [cell.text_content() for cell in page.xpath("//*[@id='table-problems']//tbody/tr/*")]
    assert cells == [
        "orders.csv", "14, 15, 88 and 2 more", "order_date: 31/04/2026", "a date as YYYY-MM-DD",
        "Set ingest.date_format.",
    ]  # fmt: skip


def test_nothing_runs_and_nothing_is_loaded():
    text = check.page_html(made.usable())
    page = html.document_fromstring(text)
    assert not page.xpath("//script | //link | //img | //iframe | //@onclick | //@onerror")
    assert not page.xpath("//@src | //@href")
    assert not re.search(r"""url\(["']?(?!data:|["'])|@import|https?://""", text)
    policy = page.xpath("string(//meta[@http-equiv='Content-Security-Policy']/@content)")
    assert policy.startswith("default-src 'none'")
    assert len(text) < 300_000


def test_markup_in_names_and_values_is_text():
    evil = "<img src=x onerror=alert(1)>"
    verdict = made.usable(
        name=f"/tmp/{evil}.csv",
        files=(made.read(name=evil, columns={"customer_id": f"</table>{evil}"}),),
        problems=(made.problem(file=f"folder/{evil}", column=evil, value="<script>1</script>", remedy=evil),),
        source=made.source(left_out=(LeftOut(reason="status", rows=1, amount=1.0, detail=evil),)),
    )
    page = parsed(verdict)
    assert not page.xpath("//img | //script")
    assert evil in page.text_content()
    assert page.xpath("string(//title)").startswith(evil)


@pytest.mark.parametrize(
    ("column", "value", "secret"),
    [
        ("CustomerID", "4711-KARI", "4711"),
        ("E-post", "kari@example.no", "kari"),
        ("Telefonnummer", "+47 912 34 567", "912"),
        ("amount", "Kari Nordmann", "Nordmann"),  # a field too many: the name slipped into the next column
        ("amount", "kari@example.no", "kari"),
        ("amount", "91234567", "91234567"),
        ("amount", "+47 912 34 567", "912"),
        (None, "kari@example.no;4711", "kari"),  # a file without a header
    ],
)
def test_nothing_of_a_person_is_shown(column, value, secret):
    page = parsed(made.usable(problems=(made.problem(column=column, value=value),)))
    assert secret not in page.text_content()
    assert "•••" in page.xpath("string(//*[@id='table-problems'])")


def test_a_masked_column_is_known_by_the_files_own_name():
    problem = made.problem(column="Nr", value="4711")
    assert "4711" in parsed(made.usable(problems=(problem,))).text_content()
    assert "4711" not in parsed(made.usable(problems=(problem,), personal=frozenset({"Nr"}))).text_content()


@pytest.mark.parametrize(
    "value",
    ["31/04/2026", "1.299,00", "2024-13-01T10:00:00Z", "3. mars 2024", "kr 12,50", "(45.00)", "20241301", "2 fields"],
)
def test_what_is_wrong_with_a_date_or_an_amount_is_shown(value):
    assert value in parsed(made.usable(problems=(made.problem(value=value),))).text_content()


def test_no_folder_no_order_id_and_no_address_gets_in():
    note = Message("Ask kari@example.no.")
    text = parsed(made.usable(problems=(made.problem(),), notes=(note,))).text_content()
    assert "secret" not in text
    assert "/home" not in text
    assert "581483" not in text
    assert "kari@" not in text


def test_a_list_of_customers_under_contract_says_how_many_left():
    churn = Churned(column="Churn", customers=7_043, churned=1_869)
    page = parsed(made.usable(usable=False, source=None, used=None, files=(), rows=7_043, churn=churn))
    cards = {item.get("id"): item.text for item in page.iter("data")}
    assert cards == {"card-rows": "7,043", "card-customers": "7,043", "card-churned": "26.54%"}


def test_it_is_written_whole_under_a_safe_name(tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    place = check.write_page(made.usable(name="../data/kari@example.no <orders>.csv.gz"))
    assert place.parent == tmp_path / "reports" / "check"
    assert re.fullmatch(r"[A-Za-z0-9_-]+\.html", place.name)
    assert "kari" not in place.name
    client = check.write_page(made.usable(client="acme"))
    assert client == tmp_path / "reports" / "acme" / "check.html"
    client.write_text("old", encoding="utf-8")
    assert check.write_page(made.usable(client="acme")).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [path.name for path in client.parent.iterdir()] == ["check.html"]


def test_a_page_that_fails_leaves_the_one_before(tmp_path, monkeypatch):
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    place = check.write_page(made.usable(client="acme"))
    before = place.read_bytes()

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(LoyaltyError, match="No space left on device"):
        check.write_page(made.usable(client="acme", rows=1))
    assert place.read_bytes() == before
    assert [path.name for path in place.parent.iterdir()] == ["check.html"]


def test_the_same_verdict_gives_the_same_bytes():
    assert check.page_html(made.usable()) == check.page_html(made.usable())


def test_it_speaks_the_client_s_language_and_leaves_the_caller_s_alone():
    page = parsed(made.usable(language="nb", currency="NOK", dressing=Dressing(accent="#7a1f5a")))
    assert page.get("lang") == "nb"
    assert page.xpath("string(//data[@id='card-rows'])") == "541\N{NO-BREAK SPACE}909"
    assert "--accent: #7a1f5a" in page.xpath("string(//head)")
    assert i18n.active().code == "en"
