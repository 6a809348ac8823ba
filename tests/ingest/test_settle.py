"""Settling: what is left out by rule, duplicates, and the facts about what remains."""

from __future__ import annotations

import numpy as np
import pytest

from loyalty_lib.quality import Gap, GiantOrder, LeftOut
from tests.ingest.settling import DAY, day, row, settled


def customers(result):
    return sorted({customer for customer, *_ in result.rows})


@pytest.mark.parametrize(
    ("mark", "reason", "detail"),
    [
        ({"test": True}, "test", "marker"),
        ({"tags": "Test"}, "test", "tag"),
        ({"tags": "vip, test-order"}, "test", "tag"),
        ({"tags": "testordre"}, "test", "tag"),
        ({"email": "test@acme.no"}, "test", "e-mail address"),
        ({"email": " Test+7@acme.no"}, "test", "e-mail address"),
        ({"email": "test.bruker@acme.no"}, "test", "e-mail address"),
        ({"email": "test12@gmail.com"}, "test", "e-mail address"),
        ({"tags": "vip; Staff"}, "staff", "tag"),
        ({"tags": "ansatt"}, "staff", "tag"),
        ({"tags": "employee discount"}, "staff", "tag"),
        ({"email": "Kari@acme.no"}, "staff", "e-mail address"),
        ({"email": "ola+privat@partner.no"}, "staff", "e-mail address"),
        ({"email": "q8x@marketplace.amazon.co.uk"}, "marketplace", "Amazon"),
        ({"email": "q8x@marketplace.amazon.de"}, "marketplace", "Amazon"),
        ({"email": "q8x@members.ebay.com"}, "marketplace", "eBay"),
        ({"left_out": "status", "detail": "failed"}, "status", "failed"),
        ({"left_out": "summary row", "detail": "Total", "order_date": None}, "summary row", "Total"),
    ],
)
def test_orders_that_are_no_custom_are_left_out_by_reason(mark, reason, detail):
    result = settled([row("A"), row("B", "o2", 1, 30, **mark)], staff_emails=["@acme.no", "ola@partner.no"])
    assert result.rows == [("A", "o1", 0, 100)]
    (left,) = result.source.left_out
    assert left == LeftOut(reason=reason, rows=1, amount=30, detail=detail)


@pytest.mark.parametrize(
    "mark",
    [
        {"test": False},
        {"tags": "contest, latest, protest"},
        {"tags": "a/b test, ab-test-b, price test"},
        {"tags": "staff pick, personal"},
        {"email": "testa.rossi@acme.com"},
        {"email": "contest@acme.com"},
        {"email": "kari@acme.notary.com"},
        {"email": "kari@notacme.no"},
        {"email": "k2j4@privaterelay.appleid.com"},
        {"email": "amazon@marketplace.no"},
    ],
)
def test_orders_that_only_look_like_it_stay(mark):
    assert customers(settled([row("A"), row("B", "o2", 1, 30, **mark)], staff_emails=["@acme.no"])) == ["A", "B"]


@pytest.mark.parametrize(
    ("setting", "mark"),
    [
        ("test_orders", {"test": True, "tags": "test", "email": "test@acme.no"}),
        ("staff_orders", {"tags": "staff", "email": "kari@acme.no"}),
        ("marketplace_orders", {"email": "q8x@members.ebay.de"}),
    ],
)
def test_a_rule_can_be_switched_off(setting, mark):
    result = settled([row("A"), row("B", "o2", **mark)], staff_emails=["kari@acme.no"], **{setting: "keep"})
    assert (customers(result), result.source.left_out) == (["A", "B"], ())


def test_a_rule_takes_the_whole_order_in_its_file_only():
    """Order o1 has one row tagged as a test: both its rows in file 0 go, file 1's o1 and the row without id stay."""
    rows = [row("A", tags="test"), row("A", amount=7), row("B", on=5, amount=9, file=1), row("C", None, amount=3)]
    result = settled(rows)
    assert result.rows == [("B", "o1", 5, 9), ("C", None, 0, 3)]
    assert result.left_out == {"test": (2, 107)}


def test_a_status_takes_its_own_row_only():
    result = settled([row(left_out="status", detail="cancelled"), row(amount=7)])
    assert result.rows == [("A", "o1", 0, 7)]


def test_each_row_is_left_out_for_the_first_reason_that_fits():
    """Summary row, status, test, staff, marketplace, drop-list, objection: each row also has all later reasons."""
    every = {"test": True, "tags": "staff", "email": "x@members.ebay.com", "objection": True}
    rows = [
        row("X", None, amount=1, left_out="summary row", **every),
        row("X", "2", amount=2, left_out="status", **every),
        row("X", "3", amount=4, **every),
        row("X", "4", amount=8, **every | {"test": None}),
        row("X", "5", amount=16, **every | {"test": None, "tags": None}),
        row("X", "6", amount=32, objection=True),
        row("Y", "7", amount=64, objection=True),
        row("A", "8", amount=128),
        row("A", "8", amount=128),
    ]
    result = settled(rows, drop_list=["X"], duplicates="all")
    assert {reason: amount for reason, (_, amount) in result.left_out.items()} == {
        "summary row": 1, "status": 2, "test": 4, "staff": 8, "marketplace": 16, "drop-list": 32, "objection": 64,
        "duplicate": 128,
    }  # fmt: skip


def test_duplicates_are_counted_and_stay_unless_told():
    """Three equal rows are two duplicates; the same row in another file is none of them."""
    rows = [row(), row(), row(), row(None), row(None), row("B", "o2"), row("A", "o9", file=1, on=9)]
    kept = settled(rows)
    assert (kept.source.duplicates, len(kept.rows)) == (3, 5)
    dropped = settled(rows, duplicates="all")
    assert dropped.source.duplicates == 3
    assert dropped.left_out == {"duplicate": (3, 300)}
    assert [r for r in dropped.rows if r[0] == "A"] == [("A", "o1", 0, 100), ("A", "o9", 9, 100)]


def test_a_duplicate_takes_the_refund_made_out_of_it_along():
    """A purchase of 100 with 40 paid back, exported twice: 60 remain."""
    made = {"refund": True, "row_hash": "none", "amount": -40}
    rows = [row(record=1), row(record=1) | made, row(record=2), row(record=2) | made]
    result = settled(rows, duplicates="all")
    assert result.rows == [("A", "o1", 0, -40), ("A", "o1", 0, 100)]
    assert result.left_out == {"duplicate": (1, 60)}
    assert (result.source.rows, result.source.refunds) == (2, 1)


def test_facts_of_a_small_shop():
    """A buys twice and takes 30 back, B once for nothing, nobody known buys for 5 without an order id."""
    rows = [
        row("A", "o1", 0, 100, product="cup"),
        row("A", "o2", 1, 50, country="NO"),
        row("A", "o1", 2, -30),
        row("B", "o3", 3, 0),
        row("B", "o3", 3, 0),
        row(None, None, 4, 5),
        row(None, None, 4, 0),
    ]
    source = settled(rows).source
    assert (source.rows, source.customers, source.orders, source.zero_orders) == (7, 2, 5, 2)
    assert (source.net_sales, source.first_day, source.last_day) == (125, DAY, day(4))
    assert (source.refunds, source.refund_amount) == (1, -30)
    assert (source.lines_without_customer, source.amount_without_customer) == (2, 5)
    assert source.fields == {"order_id", "product", "country"}
    assert (source.consent_asked, source.consent_given, source.notes) == (None, None, ())


def test_marked_refunds_are_the_refunds():
    """Where a column marks refunds, a negative correction is none, and a refund of nothing is one."""
    rows = [row(refund=False), row(amount=-5, refund=False), row(amount=0, refund=True), row(amount=-9, refund=True)]
    source = settled(rows).source
    assert (source.refunds, source.refund_amount) == (2, -9)


def test_files_without_rows_are_no_fault():
    source = settled([row(left_out="status", detail="pending")]).source
    assert (source.rows, source.orders, source.customers, source.net_sales) == (1, 0, 0, 0)
    assert (source.first_day, source.last_day, source.giant_orders, source.gaps) == (None, None, (), ())


def test_latest_consent_decides():
    """A agrees last, B withdraws, C says both on one day, D was never asked; nobody known does not count."""
    rows = [
        row("A", "1", 0, consent=False), row("A", "2", 5, consent=True), row("A", "3", 9),
        row("B", "4", 0, consent=True), row("B", "5", 5, consent=False),
        row("C", "6", 3, consent=True), row("C", "7", 3, consent=False),
        row("D", "8", 0), row(None, "9", 0, consent=True),
    ]  # fmt: skip
    source = settled(rows).source
    assert (source.consent_asked, source.consent_given) == (3, 1)
    assert "consent" in source.fields


def test_giant_orders_are_named_and_whether_they_were_taken_back():
    """The median order is 100.  5,000 is fifty times that and no giant; 5,001 is one, in two rows; a refund under
    another id cancels the 9,000; of the 6,000 only a part comes back; nobody's million is nobody's."""
    rows = [row(f"c{i}", f"o{i}", i % 3) for i in range(20)]
    rows += [
        row("P", "p", 1, 5000), row("Q", "q", 1, 5000), row("Q", "q", 1, 1),
        row("R", "r", 2, 9000), row("R", "r-refund", 2, -9000),
        row("S", "s", 2, 6000), row("S", "s", 3, -100), row(None, "n", 2, 1_000_000),
    ]  # fmt: skip
    assert [vars(giant) for giant in settled(rows).source.giant_orders] == [
        vars(GiantOrder(order_id="r", day=day(2), amount=9000, cancelled=True)),
        vars(GiantOrder(order_id="s", day=day(2), amount=6000, cancelled=False)),
        vars(GiantOrder(order_id="q", day=day(1), amount=5001, cancelled=False)),
    ]


def test_gaps_are_longer_than_a_week_and_than_the_shop_is_used_to():
    """A shop open daily for 100 days but for days 30 to 37 (8 days) and 60 to 66 (7 days, no gap)."""
    days = [i for i in range(100) if not 30 <= i <= 37 and not 60 <= i <= 66]
    assert settled([row("A", f"o{i}", i) for i in days]).source.gaps == (Gap(first_day=day(30), last_day=day(37)),)
    weekly = [*range(0, 140, 7), *range(189, 300, 7)]  # 48 days of silence are more than five weeks
    (gap,) = settled([row("A", f"o{i}", i) for i in weekly]).source.gaps
    assert (gap.first_day, gap.last_day, gap.days) == (day(134), day(188), 55)


def test_the_five_longest_gaps_stand_in_order_of_time():
    """Gaps of 10, 11, ... 16 days between runs of 50 days: the shortest two are not named."""
    days, now = [], 0
    for length in (16, 10, 15, 11, 14, 12, 13):
        days += range(now, now + 50)
        now += 50 + length
    days += range(now, now + 50)
    assert [gap.days for gap in settled([row("A", f"o{i}", i) for i in days]).source.gaps] == [16, 15, 14, 12, 13]


def ids(orders, people):
    """Return rows of this many orders, each under an id of its own, placed from these many people's addresses."""
    return [row(f"id{i}", f"o{i}", i, email=f"u{i % people}@x.no") for i in range(orders)]


def test_an_id_that_changes_with_every_order_is_noticed():
    said = settled(ids(60, 20)).source.notes[0]
    assert said.startswith("Nearly every order has a customer id of its own (60 ids, 60 orders)")
    assert "set ingest.identity: email" in said
    merged = settled(ids(60, 20), identity="email")
    assert (merged.source.customers, merged.source.orders) == (20, 60)
    assert not any("every order" in note for note in merged.source.notes)


def test_guests_who_never_return_are_not_blamed_on_an_id():
    (note,) = settled([r | {"customer_id": None} for r in ids(60, 60)]).source.notes
    assert note == ("Nearly every order has a customer of its own (60 customers, 60 orders): nobody is seen to return.")
    assert settled(ids(60, 60), identity="email").source.notes == (note,)


def test_ids_that_last_or_tell_too_little_are_not_complained_of():
    assert settled(ids(49, 49)).source.notes == ()
    assert settled([row(f"id{i % 50}", f"o{i}", i) for i in range(60)]).source.notes == ()
    (alone,) = settled(ids(60, 60)).source.notes
    assert "identity" not in alone
    assert "nobody is seen to return" in alone


def test_order_of_rows_and_of_files_makes_no_difference():
    """600 random rows of three overlapping files, with every rule at work, told in six orders."""
    rng = np.random.default_rng(5)
    rows = []
    for number in range(600):
        file = int(rng.integers(3))
        on = int(rng.integers(20)) + 10 * file
        person = int(rng.integers(12))
        rows.append(
            row(
                f"c{person}" if rng.random() < 0.6 else None,
                f"o{on}-{rng.integers(3)}" if rng.random() < 0.8 else None,
                on,
                float(rng.choice([10, 20, 30, -10, -20, 0])),
                file=file,
                record=number,
                email=f"c{rng.integers(14)}@x.no" if rng.random() < 0.5 else None,
                phone=f"+47 9000 000{rng.integers(9)}" if rng.random() < 0.3 else None,
                product=str(rng.choice(["cup", "pot"])),
                order_line=str(rng.choice(["1", "2"])) if on % 2 else None,
                tags=str(rng.choice(["test", "staff", "vip"], p=[0.01, 0.01, 0.98])),
                objection=bool(rng.random() < 0.002),
                consent=[None, True, False][rng.integers(3)],
            )
        )
    names = ["jan.csv", "feb.csv", "mar.csv"]
    for duplicates in ("overlap", "all", "keep"):
        first = settled(rows, names=names, drop_list=["c3", "c5@x.no"], duplicates=duplicates)
        assert first.left_out.keys() >= {"test", "staff", "drop-list"}
        assert ("overlap" in first.left_out) == (duplicates != "keep")
        for seed in range(2):
            turn = [int(i) for i in np.random.default_rng(seed).permutation(3)]
            mixed = [rows[i] | {"file": turn[rows[i]["file"]]} for i in np.random.default_rng(seed).permutation(600)]
            renamed = [names[turn.index(i)] for i in range(3)]
            again = settled(mixed, names=renamed, drop_list=["c5@x.no", "c3"], duplicates=duplicates)
            assert again.facts == first.facts
