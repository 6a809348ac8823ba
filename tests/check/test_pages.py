"""Which pages the data can carry: each limit from both sides, each reason in plain words."""

from __future__ import annotations

import datetime as dt

import pytest

from loyalty_lib.check import Known, no_pages, pages_of
from loyalty_lib.i18n import Message
from tests.check import made


def judged(name, known=None, **changes):
    """Return whether the page ``name`` can be made, and why."""
    (page,) = [page for page in pages_of(made.facts(**changes), known or Known()) if page.name == name]
    return page.carried, str(page.reason)


def test_online_retail_carries_what_its_columns_allow():
    pages = {page.name: page.carried for page in pages_of(made.facts(), Known())}
    assert [name for name, carried in pages.items() if not carried] == [
        "Upsell ratio", "Channels", "Customer survey", "Contact lists", "VAT statement",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        # 2024-Q4 and all before it down to 2023-Q4: five quarters.
        ("2023-10-01", "2024-12-31", "5 complete periods: compared with the one before and the same one last year."),
        ("2023-10-02", "2024-12-31", "4 complete periods: compared with the one before; a year ago was not observed."),
        ("2024-07-01", "2024-12-30", "Without a comparison: it takes two complete periods to tell a change."),
        ("2024-08-01", "2024-10-15", "Without a comparison: it takes two complete periods to tell a change."),
    ],
)
def test_key_figures_compare_with_complete_periods_only(first, last, said):
    days = {"first_day": dt.date.fromisoformat(first), "last_day": dt.date.fromisoformat(last)}
    assert judged("Key figures", **days) == (True, said)


def test_key_figures_need_a_period_that_is_complete():
    days = {"first_day": dt.date(2024, 10, 1), "last_day": dt.date(2024, 12, 30)}
    assert judged("Key figures", **days) == (False, "No period is complete: the data begin on 1 October 2024.")
    assert judged("Key figures", Known(cadence="month"), **days)[0]
    assert judged("Key figures", Known(cadence=None), **days)[0]  # months, where nobody has set a rhythm
    few = {**days, "last_day": dt.date(2024, 10, 30)}
    assert not judged("Key figures", Known(cadence=None), **few)[0]


def test_cohorts_need_three_months():
    three = {"first_day": dt.date(2024, 1, 31), "last_day": dt.date(2024, 3, 1)}
    two = {"first_day": dt.date(2024, 1, 1), "last_day": dt.date(2024, 2, 29)}
    assert judged("Cohorts", **three)[0]
    assert judged("Cohorts", **two) == (False, "Cohorts need at least 3 months; here are 2.")


def test_an_id_that_changes_with_every_order_carries_nothing_that_follows_customers():
    fresh = {"orders": 1_000, "customers": 985, "repeat_buyers": 15}
    for name in ("Cohorts", "Customer segments", "Customer lifetime value"):
        carried, reason = judged(name, **fresh)
        assert not carried
        assert reason.startswith("Nearly every order has a customer id of its own (985 ids, 1,000 orders)")
    assert judged("Cohorts", **{**fresh, "customers": 980})[0]
    assert judged("Cohorts", orders=49, customers=49)[0]  # too few to tell


@pytest.mark.parametrize("name", ["Key figures", "Customer segments", "Concentration"])
def test_groups_of_fewer_than_five_are_never_shown(name):
    assert judged(name, customers=4, orders=9) == (
        False,
        "Only 4 customers; a report shows no group of fewer than 5.",
    )
    assert judged(name, customers=5, orders=9)[0]


def test_few_customers_are_segmented_with_care():
    assert judged("Customer segments", customers=49, orders=99) == (
        True,
        "Only 49 customers: segments this small are to be read with care.",
    )
    assert judged("Customer segments", customers=50, orders=99) == (True, "50 customers.")


def test_concentration_needs_net_sales_to_share():
    assert not judged("Concentration", net_sales=0.0)[0]


def test_a_forecast_has_the_limits_of_the_model():
    first = dt.date(2024, 1, 1)
    enough = {"first_day": first, "last_day": dt.date(2024, 6, 28), "customers": 500}  # 180 days
    assert judged("Customer lifetime value", Known(valued=True), **enough) == (
        True,
        "Repeat buyers in 180 days: 2,845.",
    )
    assert "clv" in judged("Customer lifetime value", **enough)[1]
    assert not judged("Customer lifetime value", **{**enough, "customers": 499})[0]
    assert judged("Customer lifetime value", **{**enough, "last_day": dt.date(2024, 6, 27)}) == (
        False,
        "A forecast needs at least 500 customers and 180 days of purchases; here are 500 customers and 179 days.",
    )
    assert not judged("Customer lifetime value", **enough, repeat_buyers=4)[0]


def test_cross_selling_needs_orders_of_two_products():
    assert judged("Cross-selling", products=0) == (False, "No product column: no cross-selling.")
    assert not judged("Cross-selling", products=9, mixed_baskets=0)[0]
    assert judged("Cross-selling", products=9, mixed_baskets=1)[0]


@pytest.mark.parametrize(
    ("name", "field", "none"),
    [
        ("Upsell ratio", "categories", "No category column: no upsell ratio."),
        ("Channels", "channels", "No channel column: no comparison of channels."),
        ("Countries", "countries", "No country column: no comparison of countries."),
    ],
)
def test_a_comparison_needs_two(name, field, none):
    assert judged(name, **{field: 0}) == (False, none)
    assert not judged(name, **{field: 1})[0]
    assert judged(name, **{field: 2})[0]


def test_contact_lists_need_consent_and_an_address():
    consented = {"consent_asked": 10, "consent_given": 3, "email": True}
    assert judged("Contact lists", **consented) == (
        True,
        "3 of 10 customers have given consent; nobody else is listed.",
    )
    assert judged("Contact lists", email=True) == (False, "No consent column: no contact lists.")
    assert judged("Contact lists", **{**consented, "email": False}) == (False, "No e-mail column: no contact lists.")
    assert not judged("Contact lists", **{**consented, "consent_given": 0})[0]
    assert judged("Contact lists", Known(contacts=True))[0]


def test_the_settings_tell_of_vat_and_survey():
    assert judged("VAT statement", Known(vat_included=True)) == (True, "Amounts include VAT.")
    assert judged("VAT statement", Known(vat_included=False)) == (True, "Amounts are without VAT.")
    assert not judged("VAT statement")[0]
    assert judged("Customer survey", Known(survey=True))[0]


def test_data_that_carry_nothing_say_why_on_every_page():
    pages = no_pages(Message("No dates."))
    assert len(pages) == len(pages_of(made.facts(), Known()))
    assert {(page.carried, str(page.reason)) for page in pages} == {(False, "No dates.")}
