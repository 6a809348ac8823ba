"""Overlapping exports: what two files hold counts once, and the newest file is believed."""

from __future__ import annotations

from tests.ingest.settling import row, settled


def amounts(result):
    """Return the amounts of each order, sorted."""
    found = {}
    for _, order, _, amount in result.rows:
        found.setdefault(order, []).append(amount)
    return found


def both_ways(rows, **settings):
    """Settle two files under their names, and again with the files in the other order; the same must come out."""
    result = settled(rows, names=["a.csv", "b.csv"], **settings)
    other = settled([r | {"file": 1 - r.get("file", 0)} for r in rows], names=["b.csv", "a.csv"], **settings)
    assert other.facts == result.facts
    return result


def test_the_same_file_twice_counts_once():
    rows = [
        row("A", "1", 0, 10),
        row("A", "1", 0, 10),
        row("A", "1", 2, -10),
        row("B", None, 1, 5),
        row(None, "3", 1, 7),
    ]
    result = both_ways(rows + [r | {"file": 1} for r in rows])
    assert result.rows == settled(rows).rows
    assert result.left_out == {"overlap": (5, 22)}
    source = result.source
    assert (source.overlapping_orders, source.revised_orders, source.duplicates) == (3, 0, 2)
    assert source.net_sales == 22
    assert source.notes == ("Orders that stand in more than one file count once: 3.",)


def test_keep_counts_all_rows():
    rows = [row(), row(file=1)]
    result = both_ways(rows, duplicates="keep")
    assert (len(result.rows), result.source.overlapping_orders, result.left_out) == (2, 0, {})


def test_orders_side_by_side_in_overlapping_months():
    """January's file ends on day 5, February's begins on day 4: orders of days 4 and 5 in both count once."""
    january = [row("A", f"o{on}", on, 10 + on) for on in range(6)]
    february = [row("A", f"o{on}", on, 10 + on, file=1) for on in range(4, 9)]
    result = both_ways(january + february)
    assert [amount for *_, amount in result.rows] == [10 + on for on in range(9)]
    assert result.source.overlapping_orders == 2


def test_an_order_told_differently_is_as_the_newest_file_has_it():
    """Order 1 lost a row, 2 changed its product, 3 is the same; the file with the later day is the newest."""
    old = [row(order="1"), row(order="1", amount=7), row(order="2", product="cup"), row(order="3")]
    new = [
        row(order="1", amount=7, file=1),
        row(order="2", product="pot", file=1),
        row(order="3", file=1),
        row("B", "4", 9, file=1),
    ]
    result = both_ways(old + new)
    assert amounts(result) == {"1": [7], "2": [100], "3": [100], "4": [100]}
    assert [r[5] for r in result.contents if r[1] == "2"] == ["pot"]
    assert (result.source.overlapping_orders, result.source.revised_orders) == (3, 2)
    assert result.source.notes[1] == "Orders that the files tell differently count as the newest file has them: 2."


def test_of_two_files_that_end_on_the_same_day_the_later_name_is_the_newest():
    rows = [row(order="1", amount=1), row(order="2"), row(order="1", amount=2, file=1), row(order="2", file=1)]
    assert amounts(both_ways(rows)) == {"1": [2], "2": [100]}


def test_a_purchase_and_its_refund_in_another_file_are_no_overlap():
    """The order is bought in one file; refunds stand in the other, one on the very day."""
    rows = [row(), row(amount=-30, file=1), row(on=5, amount=-20, file=1), row("B", "o2", 5, file=1)]
    result = both_ways(rows)
    assert amounts(result) == {"o1": [-30, 100, -20], "o2": [100]}
    assert result.source.overlapping_orders == 0


def test_an_order_cut_in_two_by_a_split_export_is_whole():
    """File a ends and b begins within order 2; nothing else is common to them."""
    rows = [
        row(order="1"),
        row(order="2", on=1, amount=10, product="cup"),
        row(order="2", on=1, amount=11, product="pot"),
    ]
    rows += [row(order="2", on=1, amount=12, product="jar", file=1), row(order="3", on=2, file=1)]
    result = both_ways(rows)
    assert amounts(result) == {"1": [100], "2": [10, 11, 12], "3": [100]}
    assert (result.source.overlapping_orders, result.source.revised_orders, result.left_out) == (0, 0, {})


def test_what_is_no_cut_is_revised():
    """One row of order 2 in both files; or a second order in both; or files with one row an order."""
    cut = [row(order="2", amount=10), row(order="2", amount=11), row(order="2", amount=12, file=1)]
    cut.append(row("B", "3", 5, file=1))
    assert amounts(both_ways(cut))["2"] == [10, 11, 12]
    assert amounts(both_ways([*cut, row(order="2", amount=11, file=1)]))["2"] == [11, 12]
    assert amounts(both_ways([*cut, row(order="9"), row(order="9", file=1)]))["2"] == [12]
    assert amounts(both_ways(cut[1:]))["2"] == [12]


def test_lines_are_compared_where_they_are_numbered():
    """Order 1: lines 1 and 2 in a, lines 2 (revised) and 3 in b, the newest; order 2 is numbered in one file only."""
    rows = [
        row(order="1", amount=10, order_line="1"), row(order="1", amount=11, order_line="2"),
        row(order="1", amount=21, order_line="2", file=1), row(order="1", amount=22, order_line="3", file=1),
        row(order="2", amount=5), row(order="2", amount=6, order_line="1", file=1), row("B", "3", 5, file=1),
    ]  # fmt: skip
    result = both_ways(rows)
    assert amounts(result) == {"1": [10, 21, 22], "2": [6], "3": [100]}
    assert (result.source.overlapping_orders, result.source.revised_orders) == (2, 2)


def test_rows_without_an_order_id_count_as_often_as_the_file_that_has_them_most():
    """Coffee for 5 three times in a and twice in b; for 6 once in b only; on another day it is another coffee."""
    rows = [row("A", None, 0, 5)] * 3 + [row("A", None, 0, 5, file=1)] * 2
    rows += [row("A", None, 0, 6, file=1), row("A", None, 1, 5, file=1), row("A", None, 0, 5, file=1, product="tea")]
    result = both_ways(rows)
    assert sorted(amount for *_, amount in result.rows) == [5, 5, 5, 5, 5, 6]
    assert result.left_out == {"overlap": (2, 10)}
    assert result.source.overlapping_orders == 2


def test_three_files_that_grow():
    """Each file holds all of the one before, and more; order 1 changes its amount in the last."""
    rows = [
        row(order=str(order), on=order, amount=10 + (order == 1 and file == 2), file=file)
        for file in range(3)
        for order in range(2 + file)
    ]
    result = settled(rows)
    assert amounts(result) == {"0": [10], "1": [11], "2": [10], "3": [10]}
    assert (result.source.overlapping_orders, result.source.revised_orders) == (3, 1)
    assert result.left_out["overlap"] == (5, 50)


def test_what_a_rule_takes_in_one_file_does_not_hide_the_other():
    """The older file's order 1 was pending then and is a sale now; a newer copy of order 2 is a test."""
    rows = [row(order="1", left_out="status", detail="pending"), row(order="1", file=1)]
    rows += [row(order="2"), row(order="2", file=1, on=0, test=True), row("B", "3", 4, file=1)]
    assert amounts(both_ways(rows)) == {"1": [100], "2": [100], "3": [100]}
