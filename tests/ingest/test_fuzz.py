"""Whatever is done to a file: it is read rightly or refused with words, soon, and never read wrongly in silence."""

from __future__ import annotations

import threading
import time
from collections import Counter

import pytest

from loyalty_lib.errors import DataError, LoyaltyError
from loyalty_lib.ingest import rows
from loyalty_lib.validate import END_OF_TIME
from tests.ingest.damages import case
from tests.ingest.dialects import NAMES, SharedEngine, reading_of, rows_read

SECONDS = 10.0  # a case that takes longer hangs
WHOLE = 20  # every so many cases the whole reading, on an engine of its own, must say the same


@pytest.fixture(scope="module")
def engine():
    shared = SharedEngine()
    yield shared
    shared.close()


def read(engine, path):
    """Read a file up to ``file_rows``: what follows looks at no texts, and has tests of its own."""
    engine.clear()
    for step in ("file_rows", "read_tables"):
        engine.run(step)
    engine.connection.execute("INSERT INTO drop_list VALUES (NULL)")
    reading = reading_of(path)
    result = rows.read(engine, reading.origins[0], reading, END_OF_TIME)
    if result.problems:
        raise DataError(result.problems)
    engine.run("read_append", file=0, until=END_OF_TIME)
    query = "SELECT customer_id, order_id, order_date, amount FROM file_rows WHERE left_out IS NULL"
    return Counter(engine.connection.execute(query).fetchall())


def outcome(engine, path, step):
    """Return the rows read, or the message that refuses the file; fail where it is neither, and where it takes long."""
    watch = threading.Timer(SECONDS, engine.connection.interrupt)
    watch.start()
    started = time.monotonic()
    try:
        found = step(engine, path)
    except LoyaltyError as error:
        found = str(error)
    finally:
        watch.cancel()
    assert time.monotonic() - started < SECONDS
    return found


def kind_of(message):
    """Return what a message expected, without the particulars."""
    return message.split("expected ", 1)[-1].split(".")[0].split(",")[0].split(" (")[0][:40]


def whole(path):
    fresh = SharedEngine()
    try:
        return outcome(fresh, path, rows_read)
    finally:
        fresh.close()


def run(numbers, engine, folder):
    """Run cases; return how many came to what."""
    outcomes, failures = Counter(), []
    for number in numbers:
        one = case(number)
        path = folder / f"orders{one.ending}"
        path.write_bytes(one.raw)
        try:
            found = outcome(engine, path, rows_read if one.settled else read)
            wrong = None if isinstance(found, str) else one.verdict(found)
            if number % WHOLE == 0:
                again = whole(path)
                assert type(again) is type(found) or "currenc" in again, f"a fresh engine: {again}"
                if isinstance(again, str) and isinstance(found, str):
                    assert again == found
        except Exception as error:  # noqa: BLE001  (every one is a failure, with its case's number)
            wrong = f"{type(error).__name__}: {error}"
        if wrong:
            failures.append(f"case {number}, {one.kind}: {wrong}")
        outcomes[one.kind.split(" '")[0], "read" if isinstance(found, Counter) else kind_of(found)] += 1
        path.unlink()
    assert not failures, f"{len(failures)} failed\n" + "\n".join(failure[:600] for failure in failures[:200])
    return outcomes


def shown(outcomes):
    """Return how many cases of each kind were read, and how many refused, with the commonest reasons."""
    lines = [f"{outcomes.total()} cases"]
    kinds = sorted({kind for kind, _ in outcomes})
    for kind in kinds:
        of_kind = Counter({came_to: count for (one, came_to), count in outcomes.items() if one == kind})
        read_ = of_kind.pop("read", 0)
        reasons = ", ".join(f"{reason} {count}" for reason, count in of_kind.most_common(3))
        lines.append(f"{kind:24} read {read_:5}  refused {of_kind.total():5}  {reasons}")
    return "\n".join(lines)


def test_hundreds_of_bad_files_are_read_rightly_or_refused(engine, tmp_path):
    outcomes = run(range(300), engine, tmp_path)
    assert 75 < sum(count for (_, came_to), count in outcomes.items() if came_to == "read") < 225


@pytest.mark.slow
@pytest.mark.parametrize("thousand", range(1, 13))
def test_thousands_of_bad_files_are_read_rightly_or_refused(thousand, engine, tmp_path, capsys):
    outcomes = run(range(1_000 * thousand, 1_000 * (thousand + 1)), engine, tmp_path)
    with capsys.disabled():
        print("\n" + shown(outcomes))


# What one cell can do to a column -------------------------------------------------------------------------------------


def written(tmp_path, amounts, days=("31.12.2024",), encoding="utf-8"):
    """Write a file of amounts, its days repeated as often as is needed."""
    lines = [f"{nr};o{nr};{days[nr % len(days)]};{text};x" for nr, text in enumerate(amounts)]
    path = tmp_path / "orders.csv"
    path.write_text("\n".join([";".join(NAMES.values()), *lines, ""]), encoding=encoding)
    return path


def totals(engine, path):
    """Return the total read, or the message."""
    found = outcome(engine, path, read)
    return found if isinstance(found, str) else sum(row[3] * count for row, count in found.items())


def test_one_decimal_comma_makes_thousands_of_a_hundred_points_or_stops(engine, tmp_path):
    """1.234 may be 1234 or a little above one; 5,5 has a decimal comma, and then all points stand between thousands."""
    assert totals(engine, written(tmp_path, ["1.234"] * 100 + ["5,5"])) == 123_405.5
    assert totals(engine, written(tmp_path, ["1,234"] * 100 + ["5.5"])) == 123_405.5
    assert "tells decimals from thousands" in totals(engine, written(tmp_path, ["1.234"] * 100))
    assert "tells decimals from thousands" in totals(engine, written(tmp_path, ["1.234"] * 100 + ["5", "12 000"]))
    for contradicting in (["5,5", "5.5"], ["1.234,50", "1,234.50"], ["0.125", "5,5"], ["1.234.567", "1,234,567"]):
        assert "Write all numbers in one form" in totals(engine, written(tmp_path, ["1.234"] * 100 + contradicting))


def test_one_day_turns_no_column_round(engine, tmp_path):
    """One date that is day first among dates that are month first stops the reading, wherever it stands."""
    for days in (["12/31/2024"] * 20 + ["31/12/2024"], ["31/12/2024", *["12/31/2024"] * 20]):
        message = totals(engine, written(tmp_path, ["1"] * 21, days))
        assert f"line {days.index('31/12/2024') + 2}" in message
    assert "none does" in totals(engine, written(tmp_path, ["1"] * 20, ["03/04/2024", "12/11/2024"]))


def test_amounts_beyond_a_milliard_are_read(engine, tmp_path):
    assert totals(engine, written(tmp_path, ["999999999999,5", "1685224800"])) == 1_001_685_224_799.5


def test_a_case_that_was_refused_changes_no_later_one(engine, tmp_path):
    """Good and bad in turn, each twice: the second time as the first."""
    numbers = [*range(20), *range(20)]
    found = []
    for number in numbers:
        path = tmp_path / f"orders{case(number).ending}"
        path.write_bytes(case(number).raw)
        found.append(outcome(engine, path, rows_read))
    assert found[:20] == found[20:]
    assert {type(one) for one in found} == {str, Counter}


@pytest.mark.parametrize("day", ["1735600000", "45657", "20241231"])
def test_a_number_unlike_the_others_is_no_day(day, engine, tmp_path):
    """Read as the others are, 45657 seconds would be an afternoon of 1970, and 1234 spreadsheet days a day of 1903."""
    for stray in {"1735600000", "45657", "20241231", "5,5", "1234"} - {day}:
        message = totals(engine, written(tmp_path, ["1"] * 10, [day] * 9 + [stray]))
        assert "line 11" in message
        assert stray in message
