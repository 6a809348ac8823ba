"""Who placed an order: ids, guests recognised by e-mail and phone, the drop-list, and objections."""

from __future__ import annotations

import hashlib

import pytest

from tests.ingest.settling import row, settled


def who(result):
    """Return the customer of each order of usable rows."""
    return {order: customer for customer, order, *_ in result.rows}


def named(prefix, key):
    return f"{prefix}-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def test_an_id_is_the_customer_whatever_the_address():
    rows = [row("A", "1", email="x@x.no"), row("B", "2", email="x@x.no"), row("A", "3", email="y@x.no")]
    result = settled(rows)
    assert who(result) == {"1": "A", "2": "B", "3": "A"}
    assert (result.source.shared_emails, result.source.guests_merged) == (1, 0)
    assert result.source.notes == ("E-mail addresses under which more than one customer id stands: 1.",)


def test_guests_belong_to_the_id_with_their_address():
    """Order 2 by e-mail in another spelling, 3 by phone, 4 by the smaller of the ids C and D, 5 and 6 by a phone."""
    rows = [
        row("A", "1", email="Ann@X.no", phone="+47 900 11 223"),
        row(None, "2", email=" ann@x.no"),
        row(None, "2", email=" ann@x.no", amount=5),
        row(None, "3", phone="0047 90011223"),
        row("D", "4a", email="d@x.no"),
        row("C", "4b", email="d@x.no"),
        row(None, "4", email="d@x.no"),
        row(None, "5", email="new@x.no", phone="+4790011223"),
        row(None, "6", email="new@x.no"),
    ]
    result = settled(rows)
    assert who(result) == {"1": "A", "2": "A", "3": "A", "4a": "D", "4b": "C", "4": "C", "5": "A", "6": "A"}
    assert result.source.guests_merged == 5
    assert (result.source.customers, result.source.shared_emails) == (3, 1)


def test_guests_without_an_id_anywhere_go_by_a_name_their_address_gives():
    """The name is a hash of the address's key, the same in every file; a phone goes with the e-mail it stands with."""
    rows = [
        row(None, "1", email="Guest@x.no", phone="90011223"),
        row(None, "2", email="guest@x.no"),
        row(None, "3", phone="900 11 223"),
        row(None, "4", phone="44556677"),
        row(None, "5", email="no address", phone="123"),
        row(None, "6"),
    ]
    result = settled(rows)
    guest, phone = named("e", "guest@x.no"), named("p", "44556677")
    assert who(result) == {"1": guest, "2": guest, "3": guest, "4": phone}
    source = result.source
    assert (source.lines_without_customer, source.customers, source.guests_merged) == (2, 2, 0)


def test_an_address_of_a_cancelled_order_still_tells_who_a_guest_is():
    rows = [row("A", "1", email="a@x.no", left_out="status"), row(None, "2", email="a@x.no")]
    assert who(settled(rows)) == {"2": "A"}


def test_the_email_comes_first_where_told():
    """Orders 1 and 2 have ids of their own and one e-mail; 3 has only an id that stands with it; 4 only its phone; 5 an
    id that no e-mail stands with."""
    rows = [
        row("i1", "1", email="a@x.no", phone="90011223"),
        row("i2", "2", email="A@x.no"),
        row("i2", "3"),
        row(None, "4", phone="90011223"),
        row("i5", "5"),
        row("i6", "6", phone="44556677"),
        row(None, "7", phone="44556677"),
    ]
    result = settled(rows, identity="email")
    ann = named("e", "a@x.no")
    assert who(result) == {"1": ann, "2": ann, "3": ann, "4": ann, "5": "i5", "6": "i6", "7": "i6"}
    assert result.source.guests_merged == 2


def test_no_address_survives():
    rows = [row(None, "1", email="ann@x.no", phone="90011223"), row("A", "2", email="bob@x.no", phone="44556677")]
    result = settled(rows)
    text = repr(result.contents) + repr(result.source)
    assert not any(part in text for part in ("ann@", "bob@", "90011223", "44556677"))


FAMILY = [
    row("A", "1", email="a@x.no", phone="90011223"),
    row("A", "2", email="a2@x.no"),
    row(None, "3", email="a@x.no"),
    row(None, "4", email="a2@x.no"),
    row(None, "5", phone="90011223"),
    row("B", "6", email="b@x.no"),
    row(None, "7", email="guest@x.no"),
    row(None, "8", email="guest@x.no", phone="44556677"),
    row(None, "9", phone="44556677"),
]


@pytest.mark.parametrize(
    ("entry", "left"),
    [
        ("A", {"6", "7", "8", "9"}),
        (" A ", {"6", "7", "8", "9"}),
        ("A@X.no", {"6", "7", "8", "9"}),
        ("a2@x.no", {"6", "7", "8", "9"}),
        ("+90011223", {"6", "7", "8", "9"}),
        ("b@x.no", {"1", "2", "3", "4", "5", "7", "8", "9"}),
        ("guest@x.no", {"1", "2", "3", "4", "5", "6"}),
        ("44556677", {"1", "2", "3", "4", "5", "6"}),
        (named("e", "guest@x.no"), {"1", "2", "3", "4", "5", "6"}),
        ("nobody@x.no", {"1", "2", "3", "4", "5", "6", "7", "8", "9"}),
    ],
)
@pytest.mark.parametrize("identity", ["id", "email"])
def test_the_drop_list_takes_all_of_a_customer(entry, left, identity):
    """A has two addresses and a phone, used with and without the id; whichever is named, all of it goes."""
    result = settled(FAMILY, drop_list=[entry], identity=identity)
    assert set(who(result)) == left
    assert result.left_out.get("drop-list", (0, 0))[0] == 9 - len(left)


def test_dropping_one_of_two_ids_with_one_address_leaves_the_other():
    """The guest order under the shared address goes too: it may be the dropped one's."""
    rows = [row("A", "1", email="us@x.no"), row("B", "2", email="us@x.no"), row(None, "3", email="us@x.no")]
    assert who(settled(rows, drop_list=["B"])) == {"1": "A"}
    assert who(settled(rows, drop_list=["A"])) == {"2": "B"}
    assert who(settled(rows, drop_list=["us@x.no"])) == {}


def test_an_id_on_the_drop_list_is_not_taken_for_a_phone_number():
    rows = [row("90011223", "1"), row("B", "2", phone="90011223")]
    assert who(settled(rows, drop_list=["90011223"])) == {"2": "B"}


def test_an_objection_on_any_row_takes_all_of_the_customer():
    """A objects on a cancelled order; the guest with A's address goes too; nobody else."""
    rows = [
        row("A", "1", email="a@x.no"),
        row("A", "2", on=9, left_out="status", objection=True),
        row(None, "3", email="a@x.no"),
        row("B", "4", objection=False),
        row(None, "5", email="g@x.no", objection=True),
        row(None, "6", email="G@x.no", amount=7),
        row(None, "7", objection=True),
    ]
    result = settled(rows)
    assert who(result) == {"4": "B"}
    assert result.left_out == {"objection": (4, 307), "status": (1, 100)}
    assert settled(rows, drop_list=["A"]).left_out["drop-list"] == (2, 200)


def test_a_guest_who_objects_by_phone_speaks_for_the_customer():
    """The guest of order 2 is A by the phone; the guest of order 4 is the e-mail's of order 5."""
    rows = [
        row("A", "1", phone="90011223"),
        row(None, "2", phone="900 11 223", objection=True),
        row(None, "3", phone="44556677", email="g@x.no"),
        row(None, "4", phone="44556677", objection=True),
        row(None, "5", email="g@x.no"),
        row("B", "6"),
    ]
    assert who(settled(rows)) == {"6": "B"}
    assert who(settled(rows, identity="email")) == {"6": "B"}


def test_an_address_known_by_its_phone_drops_the_customer():
    """e@x.no never stands with an id, but with A's phone."""
    rows = [row("A", "1", phone="90011223"), row(None, "2", email="e@x.no", phone="90011223"), row("B", "3")]
    assert who(settled(rows, drop_list=["e@x.no"])) == {"3": "B"}


def test_a_shared_phone_or_address_does_not_object_for_the_other_id():
    shared = {"phone": "90011223", "email": "us@x.no"}
    rows = [row("A", "1", objection=True, **shared), row("B", "2", **shared), row(None, "3", **shared)]
    assert who(settled(rows)) == {"2": "B"}
    assert who(settled(rows, identity="email")) == {}
