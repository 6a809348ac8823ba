"""Which pages of the report the data can carry, each with the reason in plain words.

Goes in: ``Facts``, counted from the data, and ``Known``, what the settings say.  Comes out: one ``Page`` a page.  The
limits are those of the analyses themselves.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from loyalty_lib.check.verdict import Page
from loyalty_lib.i18n import Message, mark
from loyalty_lib.ingest.settle import FEW_ORDERS, FRESH
from loyalty_lib.periods import Cadence, choose_period

MIN_MONTHS: Final = 3  # with fewer, no cohort can be followed
MIN_GROUP: Final = 5  # a report shows no smaller group of customers
YEAR_OF_PERIODS: Final = {"month": 12, "quarter": 4, "half": 2, "year": 1}

NAMES: Final = (
    mark("Key figures"),
    mark("Cohorts"),
    mark("Customer segments"),
    mark("Concentration"),
    mark("Customer lifetime value"),
    mark("Cross-selling"),
    mark("Upsell ratio"),
    mark("Channels"),
    mark("Countries"),
    mark("Customer survey"),
    mark("Contact lists"),
    mark("VAT statement"),
)
ANALYSES: Final = frozenset(NAMES[:5])  # a report needs one of these
FRESH_IDS: Final = mark(
    "Nearly every order has a customer id of its own ({customers:number} ids, {orders:number} orders), so nobody is "
    "seen to return."
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the pages depend on, counted from what became usable.

    Attributes
    ----------
    customers, orders, repeat_buyers
        Customers with a purchase, their orders, and those who bought on two days or more.
    first_day, last_day
        Of the rows used; ``last_day`` is the last day observed where the settings tell.
    net_sales
        Of customers.
    products, categories, channels, countries
        How many different ones there are.
    mixed_baskets
        Orders of two products or more.
    email
        Whether there are e-mail addresses.
    consent_asked, consent_given
        Customers; ``None`` without a column of consent.
    """

    customers: int
    orders: int
    repeat_buyers: int
    first_day: dt.date
    last_day: dt.date
    net_sales: float
    products: int = 0
    categories: int = 0
    channels: int = 0
    countries: int = 0
    mixed_baskets: int = 0
    email: bool = False
    consent_asked: int | None = None
    consent_given: int | None = None

    @property
    def days(self) -> int:
        """How long customers were observed."""
        return (self.last_day - self.first_day).days + 1

    @property
    def months(self) -> int:
        """Calendar months the data touch."""
        return 12 * (self.last_day.year - self.first_day.year) + self.last_day.month - self.first_day.month + 1

    @property
    def fresh_ids(self) -> bool:
        """Whether the customer id changes with every order."""
        return self.orders >= FEW_ORDERS and self.customers > FRESH * self.orders


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the settings say: reporting rhythm, whether VAT is in, and whether there are a value, a survey, contacts.

    Without a rhythm it is quarters, or months where no quarter is complete.
    """

    cadence: Cadence | None = "quarter"
    vat_included: bool | None = None
    valued: bool = False
    survey: bool = False
    contacts: bool = False


def pages_of(facts: Facts, known: Known) -> tuple[Page, ...]:
    """Judge every page.

    Parameters
    ----------
    facts
        Of data that could be read and hold a purchase.
    known
        Of the client's settings; the defaults where there are none.

    Returns
    -------
    tuple of Page
        In the order of the report.
    """
    judged = (
        _key_figures(facts, known),
        _cohorts(facts),
        _segments(facts),
        _concentration(facts),
        _lifetime(facts, known),
        _cross_selling(facts),
        *(_variety(facts, *asked) for asked in VARIETIES),
        _survey(known),
        _contact_lists(facts, known),
        _vat(known),
    )
    return tuple(
        Page(name=name, carried=carried, reason=reason) for name, (carried, reason) in zip(NAMES, judged, strict=True)
    )


def no_pages(reason: Message) -> tuple[Page, ...]:
    """Return every page as one that the data cannot carry, for one reason."""
    return tuple(Page(name=name, carried=False, reason=reason) for name in NAMES)


Judged = tuple[bool, Message]


def _key_figures(facts: Facts, known: Known) -> Judged:
    if facts.customers < MIN_GROUP:
        return False, _too_few(facts)
    cadence = known.cadence or "quarter"
    last = choose_period(None, cadence, facts.last_day)
    if last.end < facts.first_day and known.cadence is None:
        cadence = "month"
        last = choose_period(None, cadence, facts.last_day)
    if last.end < facts.first_day:
        return False, Message(mark("No period is complete: the data begin on {day:date}."), day=facts.first_day)
    complete = 0
    while last.start >= facts.first_day:
        complete, last = complete + 1, last.previous
    if complete > YEAR_OF_PERIODS[cadence]:
        said = mark("{count:number} complete periods: compared with the one before and the same one last year.")
    elif complete > 1:
        said = mark("{count:number} complete periods: compared with the one before; a year ago was not observed.")
    else:
        said = mark("Without a comparison: it takes two complete periods to tell a change.")
        return True, Message(said)
    return True, Message(said, count=complete)


def _fresh(facts: Facts) -> Message:
    return Message(FRESH_IDS, customers=facts.customers, orders=facts.orders)


def _cohorts(facts: Facts) -> Judged:
    if facts.fresh_ids:
        return False, _fresh(facts)
    if facts.months < MIN_MONTHS:
        said = mark("Cohorts need at least {least:number} months; here are {months:number}.")
        return False, Message(said, least=MIN_MONTHS, months=facts.months)
    said = mark("{months:number} months; customers who bought on two days or more: {repeaters:number}.")
    return True, Message(said, months=facts.months, repeaters=facts.repeat_buyers)


def _segments(facts: Facts) -> Judged:
    from loyalty_lib.analyses.rfm import FEW_CUSTOMERS

    if facts.fresh_ids:
        return False, _fresh(facts)
    if facts.customers < MIN_GROUP:
        return False, _too_few(facts)
    if facts.customers < FEW_CUSTOMERS:
        said = mark("Only {customers:number} customers: segments this small are to be read with care.")
    else:
        said = mark("{customers:number} customers.")
    return True, Message(said, customers=facts.customers)


def _concentration(facts: Facts) -> Judged:
    if facts.customers < MIN_GROUP:
        return False, _too_few(facts)
    if facts.net_sales <= 0:
        return False, Message(mark("Net sales are not above zero, so there are no shares of it."))
    return True, Message(mark("{customers:number} customers."), customers=facts.customers)


def _too_few(facts: Facts) -> Message:
    said = mark("Only {customers:number} customers; a report shows no group of fewer than {least:number}.")
    return Message(said, customers=facts.customers, least=MIN_GROUP)


def _lifetime(facts: Facts, known: Known) -> Judged:
    from loyalty_lib.analyses.lifetime import MIN_BUYERS, MIN_DAYS

    if facts.fresh_ids:
        return False, _fresh(facts)
    if facts.customers < MIN_BUYERS or facts.days < MIN_DAYS:
        said = mark(
            "A forecast needs at least {min_buyers:number} customers and {min_days:number} days of purchases; here are "
            "{buyers:number} customers and {days:number} days."
        )
        values = {"min_buyers": MIN_BUYERS, "min_days": MIN_DAYS, "buyers": facts.customers, "days": facts.days}
        return False, Message(said, **values)
    if facts.repeat_buyers < MIN_GROUP:
        said = mark("A forecast learns from customers who come back; here are {repeaters:number}.")
        return False, Message(said, repeaters=facts.repeat_buyers)
    if not known.valued:
        said = mark(
            "Repeat buyers in {days:number} days: {repeaters:number}. Set the margin and the discount rate (clv) to "
            "have it printed."
        )
    else:
        said = mark("Repeat buyers in {days:number} days: {repeaters:number}.")
    return True, Message(said, repeaters=facts.repeat_buyers, days=facts.days)


def _cross_selling(facts: Facts) -> Judged:
    if not facts.products:
        return False, Message(mark("No product column: no cross-selling."))
    if facts.products == 1 or not facts.mixed_baskets:
        return False, Message(mark("No order holds two products, so none is seen to sell another."))
    said = mark("{products:number} products; orders with two or more of them: {baskets:number}.")
    return True, Message(said, products=facts.products, baskets=facts.mixed_baskets)


Asked = tuple[Callable[[Facts], int], str, str, str]
VARIETIES: Final[tuple[Asked, ...]] = (
    (
        lambda facts: facts.categories,
        mark("No category column: no upsell ratio."),
        mark("All sales are of one category."),
        mark("{count:number} categories."),
    ),
    (
        lambda facts: facts.channels,
        mark("No channel column: no comparison of channels."),
        mark("All sales are of one channel."),
        mark("{count:number} channels."),
    ),
    (
        lambda facts: facts.countries,
        mark("No country column: no comparison of countries."),
        mark("All sales are of one country."),
        mark("{count:number} countries."),
    ),
)


def _variety(facts: Facts, count: Callable[[Facts], int], none: str, one: str, several: str) -> Judged:
    found = count(facts)
    if found < 2:  # noqa: PLR2004 - the smallest number that can be compared
        return False, Message(one if found else none)
    return True, Message(several, count=found)


def _survey(known: Known) -> Judged:
    if known.survey:
        return True, Message(mark("The settings name a survey."))
    return False, Message(mark("No survey is named in the settings."))


def _contact_lists(facts: Facts, known: Known) -> Judged:
    if known.contacts:
        return True, Message(mark("The settings name a file of contacts; only those who consented are listed."))
    if facts.consent_asked is None:
        return False, Message(mark("No consent column: no contact lists."))
    if not facts.email:
        return False, Message(mark("No e-mail column: no contact lists."))
    if not facts.consent_given:
        return False, Message(mark("Nobody has given consent, so nobody may be listed."))
    said = mark("{given:number} of {asked:number} customers have given consent; nobody else is listed.")
    return True, Message(said, given=facts.consent_given, asked=facts.consent_asked)


def _vat(known: Known) -> Judged:
    match known.vat_included:
        case True:
            return True, Message(mark("Amounts include VAT."))
        case False:
            return True, Message(mark("Amounts are without VAT."))
        case _:
            return False, Message(mark("Whether amounts include VAT is not stated; set vat_included."))
