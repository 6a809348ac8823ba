"""A simulated shop with known truth: orders for tests, a demo client for everybody.

Goes in: sizes, days, a seed, and the parameters of the buy-till-you-die story.  Comes out: order lines like a real
shop's export (refunds, gifts of zero value, moments with their offset), and, from ``write_shop``, a folder with all the
files of a client.  The same arguments give the same bytes.  All persons, addresses and products are invented.

The story is BG/NBD with gamma-gamma spend: customer i buys at rate lambda_i, leaves after a repeat order with
probability p_i, and spends around a mean of their own.  Seasons stretch and squeeze the calendar, so ``seasonality=0``
is the model itself.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from loyalty_lib import simulate_people as people
from loyalty_lib.config import SimulatedSource
from loyalty_lib.errors import UsageError

VERSION: Final = 2  # of the simulated files; a new one makes every shop be written again
FOLDER: Final = "data"  # within the client's, where a simulated shop's files are
SETTINGS: Final = ".simulated.json"
TIME_ZONE: Final = "Europe/Oslo"
MAX_LINES: Final = 6
# Shares that make the shop look like one; no figure of the report rests on them.
EVENING: Final = 0.6  # of orders; the others around noon
FAVOURITE: Final = 0.5  # of lines, in the customer's favourite category
USUAL: Final = 0.8  # of orders, through the customer's usual channel
WHOLE: Final = 0.6  # of refunds, of the whole order; the others of its first line
CHANNELS: Final = np.array(["web", "app", "store"])
COUNTRIES: Final = np.array(["NO", "SE", "DK"])
ASSORTMENT: Final = {
    "Ytterjakker": ("Skalljakke Fjellrev", "Vindjakke Bris", "Dunjakke Frost", "Regnjakke Vår", "Softshell Ås"),
    "Ullundertøy": ("Ullgenser Lett", "Ullongs Myk", "Ullstrømper 3-pk", "Ullbokser", "Helsett ull barn"),
    "Sko": ("Tursko Høyfjell", "Joggesko Løype", "Gummistøvler Sjø", "Vintersko Snø", "Sandaler Øy"),
    "Ryggsekker": ("Dagstursekk 22 l", "Tursekk 45 l", "Langtursekk 70 l", "Barnesekk 10 l"),
    "Telt og soveposer": ("Tunneltelt 3", "Sovepose Vår", "Sovepose Vinter", "Liggeunderlag", "Hengekøye"),
    "Kjøkken": ("Turkjøkken Gass", "Termos 1 l", "Kokesett", "Turmat 5-pk", "Kåsa i bjørk"),
    "Ski": ("Fjellski Vidde", "Løypeski", "Skistaver", "Skismøring", "Feller"),
    "Småting": ("Hodelykt", "Kniv Sløyd", "Kart og kompass", "Drikkeflaske", "Myggmiddel", "Gavekort"),
}

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Shop:
    """How a simulated shop's customers behave.

    Attributes
    ----------
    r, alpha
        Shape, and rate in weeks, of the gamma distribution of purchase rates.
    a, b
        Of the beta distribution of the probability to leave after a repeat order.
    p, q, gamma
        Of the gamma-gamma spend model; the mean order is worth p gamma / (q - 1).
    seasonality
        How much busier the weeks before Christmas are: 0.5 is half as busy again at the peak; 0 is no season.
    growth
        New customers a day at the end, as a multiple of those at the start.
    refunds, zero_orders
        Shares of orders that are refunded, in whole or in part, and that are free of charge.
    """

    r: float = 0.8
    alpha: float = 12.0
    a: float = 0.9
    b: float = 4.5
    p: float = 4.0
    q: float = 4.0
    gamma: float = 620.0
    seasonality: float = 0.5
    growth: float = 1.5
    refunds: float = 0.04
    zero_orders: float = 0.003


def simulate_transactions(
    *, customers: int, start: dt.date, end: dt.date, seed: int, shop: Shop | None = None, time_zone: str = TIME_ZONE
) -> pd.DataFrame:
    """Simulate a shop's order lines.

    Parameters
    ----------
    customers
        How many buy at least once from ``start`` to ``end``, both included.
    start, end
        First and last day.
    seed
        Of the random numbers.
    shop
        How customers behave.
    time_zone
        In which the moments are written.

    Returns
    -------
    DataFrame
        One row an order line or a refunded line, by time: customer_id, order_id, order_line, order_date (a moment with
        time zone), amount (negative for a refund, which bears its order's id), product, category, channel, country.

    References
    ----------
    Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24(2), section 3; Fader and
    Hardie (2013), The gamma-gamma model of monetary value, equations 1-3.
    """
    shop = shop or Shop()
    rng = np.random.default_rng(seed)
    calendar = _Calendar(start, end, shop.seasonality)
    first = np.sort(_arrivals(rng, customers, shop.growth)) * calendar.length
    orders = _orders(rng, first, calendar.length, shop)
    lines = _lines(rng, orders, customers)
    refunds = _refunds(rng, lines, shop)
    lines["moment"] = calendar.moments(lines["busy_day"].to_numpy(), lines["clock"].to_numpy())
    refunds["moment"] = refunds["order"].map(lines.groupby("order")["moment"].first()) + refunds["delay"]
    rows = pd.concat([lines, refunds[refunds["moment"] < calendar.close]], ignore_index=True)
    rows = rows.sort_values(["moment", "order", "order_line"], kind="stable")
    local = rows["moment"].dt.tz_localize(time_zone, ambiguous=np.zeros(len(rows), bool), nonexistent="shift_forward")
    return pd.DataFrame(
        {
            "customer_id": _named("F", rows["customer"].to_numpy() + 1),
            "order_id": _named("N", rows["order"].to_numpy() + 100_001),
            "order_line": rows["order_line"].to_numpy(),
            "order_date": local.array,
            "amount": rows["amount"].to_numpy().round(2),
            "product": rows["product"].to_numpy(),
            "category": rows["category"].to_numpy(),
            "channel": CHANNELS[rows["channel"].to_numpy()],
            "country": COUNTRIES[rows["country"].to_numpy()],
        }
    )


def provide_shop(source: SimulatedSource, folder: Path) -> Path:
    """Write the shop that a client's settings describe into the client's folder, unless it is there; return where."""
    place = folder / FOLDER
    write_shop(place, seed=source.seed, customers=source.customers, start=source.start, end=source.end)
    return place


def write_shop(folder: Path, *, seed: int, customers: int, start: dt.date, end: dt.date) -> None:
    """Write a simulated shop's files: ``orders.csv`` and those of ``simulate_people``, with ``drop_list.csv``.

    A folder that holds this very shop is left alone; one that holds another simulated shop is replaced as a whole.

    Parameters
    ----------
    folder
        Made, if need be, in one step: it is never seen half-written.
    seed, customers, start, end
        As in ``simulate_transactions``.

    Raises
    ------
    UsageError
        If the folder holds anything but a simulated shop.
    """
    settings = json.dumps(
        {
            "version": VERSION,
            "seed": seed,
            "customers": customers,
            "start": start.isoformat(),
            "end": end.isoformat(),
            "shop": asdict(Shop()),
        },
        indent=1,
    )
    if _settings(folder) == settings:
        return
    if folder.exists() and not _settings(folder) and any(folder.iterdir()):
        message = f"{folder} holds files that a simulated shop would replace. Move them, or change source.kind."
        raise UsageError(message)
    building = folder.with_name(f".{folder.name}.tmp-{os.getpid()}")
    building.mkdir(parents=True)
    try:
        rng = np.random.default_rng([seed, 1])  # a stream of its own: the people do not change the orders
        orders = simulate_transactions(customers=customers, start=start, end=end, seed=seed)
        _write(building / "orders.csv", orders.assign(order_date=_iso(orders["order_date"])))
        ids = _named("F", np.arange(1, customers + 1))
        _write(building / "contacts.csv", people.contacts(rng, ids))
        _write(building / "survey.csv", people.survey(rng, ids, end))
        dropped = np.sort(rng.choice(ids, size=max(1, customers // 500), replace=False))
        _write(building / "drop_list.csv", pd.DataFrame({"customer_id": dropped}))
        more = np.random.default_rng([seed, 2])
        _write(building / "complaints.csv", people.complaints(more, orders, end))
        _write(building / "members.csv", people.members(more, orders))
        _write(building / "subscriptions.csv", people.subscriptions(more, orders, end))
        (building / SETTINGS).write_text(settings, encoding="utf-8")
        _swap(building, folder)
    except OSError:
        if _settings(folder) != settings:  # else another run has written the same shop meanwhile
            raise
    finally:
        shutil.rmtree(building, ignore_errors=True)


class _Calendar:
    """Maps the shop's busy time, in which customers buy evenly, to days: busy seasons pass slowly."""

    def __init__(self, start: dt.date, end: dt.date, seasonality: float) -> None:
        self.start = np.datetime64(start, "s")
        self.close = np.datetime64(end, "s") + np.timedelta64(1, "D")
        days = np.arange(np.datetime64(start), np.datetime64(end) + np.timedelta64(1, "D"))
        in_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(np.int64)
        peak, width = 340.0, 14.0  # 6 December, two weeks either way
        self._busy = np.cumsum(1.0 + seasonality * np.exp(-0.5 * ((in_year - peak) / width) ** 2))

    @property
    def length(self) -> float:
        """Busy days from start to end."""
        return float(self._busy[-1])

    def moments(self, busy_day: Floats, clock: Floats) -> NDArray[np.datetime64]:
        """Return moments (naive, to the second): the day by busy time, the time of day by ``clock`` in [0, 1)."""
        day = np.searchsorted(self._busy, busy_day, side="right").clip(max=len(self._busy) - 1)
        return self.start + (day * 86_400 + (clock * 86_400).astype(np.int64)).astype("timedelta64[s]")


def _arrivals(rng: np.random.Generator, customers: int, growth: float) -> Floats:
    """Draw first orders in [0, 1), with a density that rises in a straight line to ``growth`` times its start."""
    u = rng.random(customers)
    slope = growth - 1.0
    return u if slope == 0 else (np.sqrt(1.0 + u * (growth**2 - 1.0)) - 1.0) / slope


def _orders(rng: np.random.Generator, first: Floats, end: float, shop: Shop) -> pd.DataFrame:
    """Draw every order: customer, busy_day, amount; BG/NBD timing, gamma-gamma spend."""
    customers = len(first)
    rate = rng.gamma(shop.r, 1.0 / shop.alpha, customers) / 7.0  # orders a day while a customer
    stays = rng.geometric(rng.beta(shop.a, shop.b, customers).clip(1e-9, 1.0))  # repeat orders before leaving
    repeats = rng.poisson(rate * (end - first))
    who = np.repeat(np.arange(customers), repeats)
    when = first[who] + rng.random(len(who)) * (end - first[who])
    sequence = np.lexsort((when, who))
    who, when = who[sequence], when[sequence]
    rank = np.arange(len(who)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    kept = rank < stays[who]
    customer = np.concatenate([np.arange(customers), who[kept]])
    scale = rng.gamma(shop.q, 1.0 / shop.gamma, customers)
    amount = rng.gamma(shop.p, 1.0 / scale[customer]).round(2)
    amount[rng.random(len(customer)) < shop.zero_orders] = 0.0
    orders = pd.DataFrame({"customer": customer, "busy_day": np.concatenate([first, when[kept]]), "amount": amount})
    orders = orders.sort_values("busy_day", kind="stable", ignore_index=True)
    evening = rng.random(len(orders)) < EVENING
    orders["clock"] = np.where(evening, rng.normal(20.2, 2.0, len(orders)), rng.normal(12.5, 2.5, len(orders))) / 24 % 1
    return orders


def _lines(rng: np.random.Generator, orders: pd.DataFrame, customers: int) -> pd.DataFrame:
    """Split every order into lines whose amounts sum to the order's, to the cent; give them products and places."""
    count = np.minimum(1 + rng.poisson(0.9, len(orders)), MAX_LINES)
    lines = orders.loc[np.repeat(orders.index, count)].rename_axis("order").reset_index()
    lines["order_line"] = lines.groupby("order").cumcount() + 1
    weight = pd.Series(rng.gamma(2.0, 1.0, len(lines)))
    share = weight / weight.groupby(lines["order"]).transform("sum")
    cents = (lines["amount"] * 100).round().astype(np.int64)
    before = (share.groupby(lines["order"]).cumsum() * cents).round()
    last = lines["order_line"].to_numpy() == np.repeat(count, count)
    upto = np.where(last, cents, before)
    lines["amount"] = (upto - np.where(lines["order_line"] == 1, 0, np.roll(upto, 1))) / 100
    names = np.array([name for group in ASSORTMENT.values() for name in group])
    groups = np.repeat(np.array(list(ASSORTMENT)), [len(group) for group in ASSORTMENT.values()])
    favourite = rng.integers(len(ASSORTMENT), size=customers)[lines["customer"]]
    group = np.where(rng.random(len(lines)) < FAVOURITE, favourite, rng.integers(len(ASSORTMENT), size=len(lines)))
    sizes = np.array([len(group) for group in ASSORTMENT.values()])
    product = (np.cumsum(sizes) - sizes)[group] + (rng.random(len(lines)) * sizes[group]).astype(np.int64)
    lines["product"], lines["category"] = names[product], groups[product]
    usual = rng.choice(len(CHANNELS), size=customers, p=[0.6, 0.25, 0.15])[orders["customer"]]
    chosen = np.where(rng.random(len(orders)) < USUAL, usual, rng.integers(len(CHANNELS), size=len(orders)))
    lines["channel"] = np.repeat(chosen, count)
    lines["country"] = rng.choice(len(COUNTRIES), size=customers, p=[0.86, 0.09, 0.05])[lines["customer"]]
    return lines


def _refunds(rng: np.random.Generator, lines: pd.DataFrame, shop: Shop) -> pd.DataFrame:
    """Refund some orders, whole or their first line, three days to six weeks later."""
    orders = int(lines["order"].max()) + 1
    refunded, whole = rng.random(orders) < shop.refunds, rng.random(orders) < WHOLE
    delay = rng.integers(3 * 86_400, 42 * 86_400, size=orders).astype("timedelta64[s]")
    order = lines["order"].to_numpy()
    chosen = refunded[order] & (whole[order] | (lines["order_line"].to_numpy() == 1)) & (lines["amount"].to_numpy() > 0)
    refunds: pd.DataFrame = lines[chosen].copy()
    refunds["amount"] *= -1
    refunds["delay"] = delay[order[chosen]]
    return refunds


def _named(prefix: str, numbers: Numbers) -> NDArray[np.str_]:
    return np.char.add(prefix, np.char.zfill(numbers.astype(str), 6))


def _iso(moments: pd.Series) -> pd.Series:
    """Write moments with their offset: 2024-03-31T03:30:00+02:00."""
    text = moments.dt.strftime("%Y-%m-%dT%H:%M:%S%z")
    written: pd.Series = text.str.slice(0, -2) + ":" + text.str.slice(-2)
    return written


def _write(file: Path, table: pd.DataFrame) -> None:
    table.to_csv(file, index=False, encoding="utf-8", lineterminator="\n")


def _settings(folder: Path) -> str:
    file = folder / SETTINGS
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _swap(building: Path, folder: Path) -> None:
    """Put the new folder in the old one's place; what was there is removed only afterwards."""
    if not folder.exists():
        building.rename(folder)
        return
    old = folder.with_name(f".{folder.name}.old-{os.getpid()}")
    folder.rename(old)
    building.rename(folder)
    shutil.rmtree(old)
