"""What is planted in a client's data as a person's is nowhere in the report, its files or their names."""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path

import pikepdf
import pytest

from loyalty_lib.deliver import make_report

CLIENT = """\
name: The Shop
currency: EUR
observed_until: 2024-12-31
drop_list: drop_list.csv
source:
  path: data/orders.csv
clv:
  yearly_discount_rate: 0.1
  margin: 0.4
"""
FORGOTTEN = "forgotten-person"


def person(number: int) -> str:
    """Return an identifier no report may show."""
    return f"planted.person{number:04d}@secret.example"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the home of a shop whose customer numbers are e-mail addresses, one of them on the drop-list."""
    folder = tmp_path / "clients" / "shop"
    (folder / "data").mkdir(parents=True)
    (folder / "client.yml").write_text(CLIENT, encoding="utf-8")
    (folder / "drop_list.csv").write_text(f"customer_id\n{FORGOTTEN}\n", encoding="utf-8")
    chance = random.Random(11)
    day = dt.date(2023, 1, 1)
    with (folder / "data" / "orders.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["customer_id", "order_id", "order_date", "amount", "product"])
        for number in range(3000):
            bought = day + dt.timedelta(days=chance.randrange(730))
            who = FORGOTTEN if number % 500 == 0 else person(chance.randrange(900))
            rows.writerow([who, f"order-secret-{number}", bought, f"{chance.uniform(5, 90):.2f}", "planted-product"])
    monkeypatch.setenv("LOYALTY_HOME", str(tmp_path))
    return tmp_path


def test_no_person_and_no_order_is_in_anything_a_run_leaves(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    made = make_report("shop", "2024-Q4")
    texts = {path: path.read_bytes() for path in (shop / "reports").rglob("*") if path.is_file()}
    assert made.folder / "report.pdf" in texts
    with pikepdf.open(made.folder / "report.pdf") as pdf:
        streams = [item.read_bytes() for item in pdf.objects if isinstance(item, pikepdf.Stream)]
        texts[Path("pdf.metadata")] = str(pdf.docinfo).encode() + b"".join(streams)
    texts[Path("output")] = "".join(capfd.readouterr()).encode()
    for planted in (b"planted", b"secret", FORGOTTEN.encode()):
        assert not [path for path, content in texts.items() if planted in content]
        assert not [
            path for path in texts if planted.decode() in str(path.relative_to(shop) if path.is_absolute() else path)
        ]


def test_who_is_on_the_drop_list_changes_no_figure(shop: Path) -> None:
    """The report is the one of a shop that never knew that customer, but for the count of what was removed."""
    first = make_report("shop", "2024-Q4")
    before = {name: (first.folder / "tables" / name).read_bytes() for name in ("key_figures.csv", "segments.csv")}
    orders = shop / "clients" / "shop" / "data" / "orders.csv"
    kept = [line for line in orders.read_text(encoding="utf-8").splitlines() if FORGOTTEN not in line]
    orders.write_text("\n".join(kept) + "\n", encoding="utf-8")
    again = make_report("shop", "2024-Q4")
    assert again.status == "done"
    assert {name: (again.folder / "tables" / name).read_bytes() for name in before} == before
