"""The simulated shop: the same bytes every time, the model it says it is, and files as a real shop has them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import hyp2f1

from loyalty_lib.errors import UsageError
from loyalty_lib.simulate import Shop, simulate_transactions, write_shop
from loyalty_lib.summary import summarise
from loyalty_lib.validate import read_transactions

START, END = dt.date(2023, 1, 1), dt.date(2024, 12, 31)
SIZES = {"seed": 3, "customers": 400, "start": START, "end": END}
QUIET = Shop(seasonality=0, growth=1.0, refunds=0, zero_orders=0)


@pytest.fixture(scope="module")
def shop():
    return simulate_transactions(**SIZES)


@pytest.fixture(scope="module")
def model_shop():
    """Return a large shop that is BG/NBD and gamma-gamma and nothing else."""
    return simulate_transactions(customers=20_000, start=START, end=END, seed=5, shop=QUIET)


def digests(folder):
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}


def test_same_seed_same_shop_other_seed_another(shop):
    pd.testing.assert_frame_equal(shop, simulate_transactions(**SIZES), check_exact=True)
    assert not shop.equals(simulate_transactions(**SIZES | {"seed": 4}))


def test_every_customer_buys_within_the_days_asked_for(shop):
    assert shop["customer_id"].nunique() == 400
    assert shop["order_date"].dt.date.between(START, END).all()
    assert str(shop["order_date"].dt.tz) == "Europe/Oslo"


def test_refunds_bear_the_id_of_an_earlier_order_and_never_exceed_it():
    shop = simulate_transactions(customers=3_000, start=START, end=END, seed=9)
    refunds, sales = shop[shop["amount"] < 0], shop[shop["amount"] >= 0]
    share = refunds["order_id"].nunique() / sales["order_id"].nunique()
    assert share == pytest.approx(0.04, abs=0.006)
    gap = refunds["order_date"] - refunds["order_id"].map(sales.groupby("order_id")["order_date"].min())
    assert gap.min() >= pd.Timedelta(days=2, hours=23)  # three days, an hour less where clocks change
    assert gap.max() < pd.Timedelta(days=42, hours=1)
    assert (shop.groupby("order_id")["amount"].sum().round(2) >= 0).all()
    assert shop.groupby("order_id")["customer_id"].nunique().max() == 1


def test_some_orders_are_free_and_lines_are_of_the_assortment(shop):
    totals = shop[shop["amount"] >= 0].groupby("order_id")["amount"].sum()
    assert 0 < (totals == 0).mean() < 0.02
    assert shop.groupby("product")["category"].nunique().max() == 1
    assert shop["category"].nunique() == 8
    assert shop["country"].value_counts().index.tolist() == ["NO", "SE", "DK"]


def test_december_is_the_busiest_time_of_the_year():
    shop = simulate_transactions(customers=5_000, start=START, end=END, seed=2)
    by_month = shop[shop["amount"] > 0].groupby(shop["order_date"].dt.month)["order_id"].nunique()
    assert by_month.idxmax() == 12


def test_expected_repeat_purchases_are_those_of_the_bg_nbd_model(model_shop):
    """Fader, Hardie and Lee (2005), equation 9, with customers who begin evenly over the two years.

    Orders of one day merge into a purchase day, so orders are counted here, not days.
    """
    orders = model_shop["order_id"].nunique() - model_shop["customer_id"].nunique()
    r, alpha, a, b = QUIET.r, QUIET.alpha, QUIET.a, QUIET.b
    age = (np.arange(2_000) + 0.5) / 2_000 * 731 / 7
    shrink = (alpha / (alpha + age)) ** r * hyp2f1(r, b, a + b - 1, age / (alpha + age))
    expected = np.mean((a + b - 1) / (a - 1) * (1 - shrink))
    assert orders / 20_000 == pytest.approx(expected, rel=0.03)


def test_mean_order_value_is_that_of_the_gamma_gamma_model(model_shop):
    """Fader and Hardie (2013): the population mean of customers' mean spends is p gamma / (q - 1)."""
    first = model_shop.groupby("customer_id")["order_id"].transform("first") == model_shop["order_id"]
    mean = model_shop[first].groupby("order_id")["amount"].sum().mean()
    assert mean == pytest.approx(QUIET.p * QUIET.gamma / (QUIET.q - 1), rel=0.02)


def test_frame_and_written_file_read_alike(shop, tmp_path):
    write_shop(tmp_path / "data", **SIZES)
    from_frame, from_file = read_transactions(shop), read_transactions(tmp_path / "data" / "orders.csv")
    pd.testing.assert_frame_equal(from_frame.data, from_file.data, check_exact=True)
    pd.testing.assert_frame_equal(summarise(from_frame, END), summarise(from_file, END), check_exact=True)


def test_written_shop_has_every_file_and_the_same_bytes_again(tmp_path):
    write_shop(tmp_path / "a", **SIZES)
    write_shop(tmp_path / "b", **SIZES)
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert set(digests(tmp_path / "a")) == {
        ".simulated.json",
        "orders.csv",
        "contacts.csv",
        "survey.csv",
        "drop_list.csv",
        "complaints.csv",
        "members.csv",
        "subscriptions.csv",
    }
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_contacts_survey_and_drop_list_are_about_the_shops_customers(tmp_path):
    write_shop(tmp_path / "data", **SIZES | {"customers": 4_000})
    contacts, survey, dropped = (
        pd.read_csv(tmp_path / "data" / name, dtype=str, keep_default_na=False)
        for name in ("contacts.csv", "survey.csv", "drop_list.csv")
    )
    assert contacts["email"].str.fullmatch(r"[a-z.0-9]+@example\.com").all()
    assert contacts["email"].is_unique
    assert contacts["phone"].str.fullmatch(r"\+4700\d{6}").all()
    assert set("øåæ") <= set("".join(contacts["first_name"] + contacts["last_name"]).lower())
    assert set(survey["customer_id"]) | set(dropped["customer_id"]) <= set(contacts["customer_id"])
    assert {"", "11"} < set(survey["nps"])
    assert {"", "2", "3", "4", "5"} <= set(survey["csat"]) <= {"", "1", "2", "3", "4", "5"}
    assert len(dropped) == 8


def test_complaints_members_and_contracts_follow_from_the_orders(tmp_path):
    write_shop(tmp_path / "data", **SIZES | {"customers": 4_000})
    orders, complaints, members, contracts = (
        pd.read_csv(tmp_path / "data" / f"{name}.csv", dtype={"customer_id": str})
        for name in ("orders", "complaints", "members", "subscriptions")
    )
    orders["day"] = orders["order_date"].str.slice(0, 10)
    bought = set(zip(orders["customer_id"], orders["day"], strict=True))
    first = orders.groupby("customer_id")["day"].min()
    assert members["customer_id"].is_unique
    assert set(zip(members["customer_id"], members["since"], strict=True)) <= bought
    assert (complaints["complained_on"] > complaints["customer_id"].map(first)).all()
    assert (contracts["start"] >= contracts["customer_id"].map(first)).all()
    assert (contracts["end"].dropna() > contracts["start"][contracts["end"].notna()]).all()
    second = contracts[contracts["customer_id"].duplicated()]
    assert set(second["plan"]) == {"Pluss"}
    assert set(contracts["amount"]) == {79.0, 149.0}


def test_shop_is_written_once_and_again_when_settings_change(tmp_path):
    folder = tmp_path / "data"
    write_shop(folder, **SIZES)
    before = (folder / "orders.csv").stat().st_mtime_ns
    write_shop(folder, **SIZES)
    assert (folder / "orders.csv").stat().st_mtime_ns == before
    write_shop(folder, **SIZES | {"customers": 100})
    assert json.loads((folder / ".simulated.json").read_text())["customers"] == 100
    assert len(pd.read_csv(folder / "contacts.csv")) == 100
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_folder_with_files_of_ones_own_is_never_replaced(tmp_path):
    (tmp_path / "mine.csv").write_text("x")
    with pytest.raises(UsageError, match="holds files that a simulated shop would replace"):
        write_shop(tmp_path, **SIZES)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
