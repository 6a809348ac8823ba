"""The people of a simulated shop: contacts, answers to a survey, complaints, members, contracts; all of them invented.

Random numbers and customers' ids or orders go in; the tables of a client's files come out.  The orders do not depend on
any of this, nor do the answers on the orders: promoters do not come back more often here.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONSENT_EMAIL: Final = 0.7
CONSENT_SMS: Final = 0.4
BIRTHDAY_KNOWN: Final = 0.8
NO_NPS, NO_CSAT, OUT_OF_SCALE = 0.02, 0.05, 0.003
COMPLAINS: Final = 0.02  # of orders
MEMBER: Final = 0.35  # of customers; of those who bought often, more
MEMBER_AGAIN: Final = 0.25
SUBSCRIBES: Final = 0.12  # of customers
PLANS: Final = {"Basis": 79.0, "Pluss": 149.0}
PLUS: Final = 0.35  # of contracts
UPGRADES: Final = 0.08  # of contracts of the smaller plan, half a year in
STAYS: Final = (0.9, 6.0)  # beta distribution of the monthly probability to leave
MONTH: Final = np.timedelta64(30, "D")
FIRST_NAMES: Final = (
    "Åse Øyvind Bjørn Kjærsti Håkon Gøril Ragnhild Tor Inger Pål Sølvi Lars Marte Jørgen Æge Siri Eirik Åshild Ola "
    "Kari Søren Nils Ingunn Trygve Liv Mårten Astrid Knut Solveig Vegard"
)
LAST_NAMES: Final = (
    "Åsen Øverland Bråten Sæther Lønning Håland Kjærvik Nygård Strøm Fjeld Haugen Bakke Dahl Eide Foss Grøtting Holmøy "
    "Iversen Jåtten Kvåle Lie Myhre Næss Ødegård Rønning Sørbø Tveit Ulvær Vågen Moen"
)
_ASCII: Final = str.maketrans({"å": "a", "æ": "ae", "ø": "o"})


def contacts(rng: np.random.Generator, ids: NDArray[np.str_]) -> pd.DataFrame:
    """Draw names, addresses, consent and birthdays; nobody can be reached by any of them."""
    count = len(ids)
    first, last = rng.choice(FIRST_NAMES.split(), count), rng.choice(LAST_NAMES.split(), count)
    names = pd.Series(first).str.cat(pd.Series(last), sep=".").str.lower().str.translate(_ASCII)
    birthday = np.datetime64("1940-01-01") + rng.integers(0, 24_000, count).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "customer_id": ids,
            "first_name": first,
            "last_name": last,
            "email": names + "." + pd.Series(ids).str.lower() + "@example.com",
            # No number in Norway begins with 00.
            "phone": np.char.add("+4700", np.char.zfill(rng.integers(0, 10**6, count).astype(str), 6)),
            "consent_email": np.where(rng.random(count) < CONSENT_EMAIL, "yes", "no"),
            "consent_sms": np.where(rng.random(count) < CONSENT_SMS, "yes", "no"),
            "birthday": np.where(rng.random(count) < BIRTHDAY_KNOWN, birthday.astype(str), ""),
        }
    )


def survey(rng: np.random.Generator, ids: NDArray[np.str_], end: dt.date) -> pd.DataFrame:
    """Draw answers: a quarter of the customers, some blank, a few out of the scale, as in a real file."""
    count = len(ids) // 4
    who = rng.choice(ids, size=count, replace=False)
    mood = rng.normal(8.2, 1.8, count)
    nps = mood.round().clip(0, 10).astype(np.int64).astype(str)
    csat = (1 + 4 * (mood / 10).clip(0, 1) + rng.normal(0, 0.4, count)).round().clip(1, 5).astype(np.int64).astype(str)
    nps[rng.random(count) < NO_NPS], csat[rng.random(count) < NO_CSAT] = "", ""
    nps[rng.random(count) < OUT_OF_SCALE] = "11"
    answered = np.datetime64(end) - rng.integers(0, 365, count).astype("timedelta64[D]")
    survey = pd.DataFrame({"customer_id": who, "answered_on": answered.astype(str), "nps": nps, "csat": csat})
    return survey.sort_values(["answered_on", "customer_id"])


def complaints(rng: np.random.Generator, orders: pd.DataFrame, end: dt.date) -> pd.DataFrame:
    """Draw complaints: some orders are followed by one within three weeks."""
    bought = orders[orders["amount"] > 0].drop_duplicates("order_id")
    chosen = bought[rng.random(len(bought)) < COMPLAINS]
    delay = pd.to_timedelta(rng.integers(1, 21, len(chosen)), unit="D")
    table = pd.DataFrame({"customer_id": chosen["customer_id"].to_numpy(), "complained_on": _days(chosen) + delay})
    return _written(table[table["complained_on"] <= pd.Timestamp(end)], "complained_on")


def members(rng: np.random.Generator, orders: pd.DataFrame) -> pd.DataFrame:
    """Draw who joined the loyalty programme, and when: on the day of one of the first three orders."""
    bought = orders[orders["amount"] > 0].drop_duplicates("order_id")
    rank, count = bought.groupby("customer_id").cumcount(), bought.groupby("customer_id").size()
    joined = rng.random(len(count)) < np.where(count > 1, MEMBER + MEMBER_AGAIN, MEMBER)
    place = pd.Series(np.minimum(rng.integers(0, 3, len(count)), count - 1), index=count.index)[joined]
    rows = bought[rank == bought["customer_id"].map(place)]
    return _written(pd.DataFrame({"customer_id": rows["customer_id"], "since": _days(rows)}), "since")


def subscriptions(rng: np.random.Generator, orders: pd.DataFrame, end: dt.date) -> pd.DataFrame:
    """Draw contracts renewed every thirty days: those who leave do so with a probability of their own (beta-geometric).

    Some customers change to the larger plan half a year in: their first contract ends on the day the second begins.
    """
    first = orders.drop_duplicates("customer_id")
    first = first[rng.random(len(first)) < SUBSCRIBES]
    start = (_days(first) + pd.to_timedelta(rng.integers(0, 90, len(first)), unit="D")).to_numpy("datetime64[D]")
    stays = rng.geometric(rng.beta(*STAYS, len(first)).clip(1e-9, 1.0))
    stop = start + np.minimum(stays, 1000) * MONTH
    plus = rng.random(len(first)) < PLUS
    change = ~plus & (rng.random(len(first)) < UPGRADES) & (stays > 6)  # noqa: PLR2004  (half a year of months)
    turn = start + 6 * MONTH
    ids = first["customer_id"].to_numpy()
    plan = np.where(plus, "Pluss", "Basis")
    one = pd.DataFrame({"customer_id": ids, "start": start, "end": np.where(change, turn, stop), "plan": plan})
    two = pd.DataFrame({"customer_id": ids, "start": turn, "end": stop, "plan": "Pluss"})[change]
    table = pd.concat([one, two], ignore_index=True)
    table["amount"] = table["plan"].map(PLANS)
    table = table[table["start"] <= np.datetime64(end)].sort_values(["start", "customer_id"], ignore_index=True)
    running = table["end"] > np.datetime64(end)
    table["end"] = table["end"].astype("datetime64[s]").dt.strftime("%Y-%m-%d").mask(running, "")
    table["start"] = table["start"].astype("datetime64[s]").dt.strftime("%Y-%m-%d")
    return table


def _days(orders: pd.DataFrame) -> pd.Series:
    """Return the day of each order in the shop's time zone, without the time of day."""
    days: pd.Series = orders["order_date"].dt.tz_localize(None).dt.normalize()
    return days


def _written(table: pd.DataFrame, day: str) -> pd.DataFrame:
    table = table.assign(**{day: table[day].dt.strftime("%Y-%m-%d")})
    return table.sort_values([day, "customer_id"], ignore_index=True)
