"""The page of actions: whom to write to, what it may bring, and how to find out whether it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.analyses.action_names import list_name
from loyalty_lib.i18n import number, say, say_many
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

MOST: Final = 3  # actions put forward
HUNDRED: Final = 100


def story(metrics: Metrics) -> Story:
    """Tell whom to write to, and what that may bring."""
    page = metrics["action_lists"]
    if all(row["customers"] == 0 for row in page["lists"]):
        return Story("")
    lists = _shown(page)
    if not lists:
        words = say("Every list is too small to show")
        figure = Figure(words, _subtitle(metrics, valued=False), words)
        return Story(words, _risk_lead(page), (), {"action_lists": figure, **_risk(metrics)}, _findings(metrics))
    figures = {"action_lists": _sizes(metrics), **_risk(metrics)}
    lead = (*_lead(page), *_risk_lead(page))
    return Story(_headline(page), lead, _advice(page), figures, _findings(metrics))


def _findings(metrics: Metrics) -> tuple[Finding, ...]:
    """Offer the value at risk, and the best actions with what they are assumed to bring."""
    page = metrics["action_lists"]
    risk = [
        Finding("action_lists", text, max(page["total_at_risk"]["at_risk"], 0.0), "forecast", "risk")
        for text in _risk_lead(page)
    ]
    actions = [
        Finding("action_lists", text, max(money, 0.0), "assumption", "action")
        for money, text in top_actions(metrics)[:MOST]
    ]
    return (*risk, *actions)


def top_actions(metrics: Metrics) -> list[tuple[float, str]]:
    """Return the actions with the most money in them, largest first, each with that money.

    Parameters
    ----------
    metrics
        As in ``metrics.json``.

    Returns
    -------
    list of (float, str)
        Lists whose expected value is above 0; where no list has an assumption, all of them by what one order from each
        customer would be.  Empty where nothing can be shown.
    """
    page = metrics["action_lists"]
    if worth := _paying(page):
        return [(row["expected_value"], _with_value(row, page)) for row in worth]
    if _assumed(page):
        return []
    sized = [row for row in _shown(page) if row["one_order"]]
    return [(row["one_order"], _with_order(row, page)) for row in sorted(sized, key=lambda row: -row["one_order"])]


def _shown(page: Metrics) -> list[dict[str, Any]]:
    """Return the lists with customers on them whose size is not hidden, longest first."""
    return sorted((row for row in page["lists"] if row["customers"]), key=lambda row: -row["customers"])


def _paying(page: Metrics) -> list[dict[str, Any]]:
    """Return the lists that are worth writing to under their assumption, most valuable first."""
    paying = [row for row in _shown(page) if (row["expected_value"] or 0) > 0]
    return sorted(paying, key=lambda row: -row["expected_value"])


def _assumed(page: Metrics) -> list[dict[str, Any]]:
    return [row for row in _shown(page) if row["uplift"] is not None]


def _lossy(page: Metrics) -> bool:
    """Say whether every list with an assumption costs more than it brings."""
    values = [row["expected_value"] for row in _assumed(page)]
    return bool(values) and all(value is not None and value <= 0 for value in values)


def _headline(page: Metrics) -> str:
    lists, worth = _shown(page), _paying(page)
    if worth:
        return say("{list:text}: {value:money_short} expected", list=_name(worth[0]), value=worth[0]["expected_value"])
    if _lossy(page):
        return say("No list pays for itself under the assumptions set")
    if page["listed"] is None:
        return say("{list:text}: {count:number} to write to", list=_name(lists[0]), count=lists[0]["customers"])
    return say_many("{count:number} customer to write to", "{count:number} customers to write to", page["listed"])


def _lead(page: Metrics) -> tuple[str, ...]:
    lead = []
    if page["several"] and page["listed"]:
        lead.append(
            say_many(
                "{count:number} of the {listed:number} customers on the lists is on more than one.",
                "{count:number} of the {listed:number} customers on the lists are on more than one.",
                page["several"],
                listed=page["listed"],
            )
        )
    if page["paying"] and page["expected_value"]:
        lead.append(
            say_many(
                "It pays to write to {count:number} customer; that is expected to bring {value:money_short} of "
                "contribution margin after costs.",
                "It pays to write to {count:number} customers, each on the list that brings most; that is expected to "
                "bring {value:money_short} of contribution margin after costs.",
                page["paying"],
                value=page["expected_value"],
            )
        )
    if page["margin"] is None and _assumed(page):
        lead.append(say("What the lists are worth is not known, for no margin is set."))
    return tuple(lead)


def _risk_lead(page: Metrics) -> tuple[str, ...]:
    """Return the sentence on the value at risk; nothing without a forecast or where it is hidden."""
    total = page["total_at_risk"]
    if not total.get("customers") or total["at_risk"] is None:
        return ()
    return (
        say_many(
            "{count:number} customer is less than {threshold:percent} likely to be active, and would be worth "
            "{value:money_short} more if active: that is the value at risk.",
            "{count:number} customers are less than {threshold:percent} likely to be active, and would be worth "
            "{value:money_short} more if they were: that is the value at risk.",
            total["customers"],
            threshold=page["threshold"],
            value=total["at_risk"],
        ),
    )


def _advice(page: Metrics) -> tuple[str, ...]:
    metrics = {"action_lists": page}
    actions = tuple(text for _, text in top_actions(metrics)[:MOST])
    return (*actions, _nearest(page) if _lossy(page) else _control(page), *_budget(page), *_unset(page))


def _budget(page: Metrics) -> list[str]:
    """Say what of the budget is spent, and what that is expected to bring."""
    spent = page["paid_for"]
    if not page["amount"] or not spent.get("cost"):
        return []
    return [
        say(
            "Of the budget of {amount:money_short}, {cost:money_short} goes to the groups shown and is expected to "
            "bring {value:money_short}.",
            amount=page["amount"],
            cost=spent["cost"],
            value=spent["expected_value"],
        )
    ]


def _nearest(page: Metrics) -> str:
    """Say what would have to be true for a letter to pay, of the list that is closest to it."""
    possible = [row for row in _assumed(page) if row["break_even"] is not None]
    if not possible:
        return say("Find a cheaper way to reach these customers: no effect pays for the cost set.")
    nearest = min(possible, key=lambda row: row["break_even"] - row["uplift"])
    return say(
        "“{list:text}” comes closest: it pays if {needed:number.1} more of a hundred buy when written to, and "
        "{assumed:number.1} are assumed. Find a cheaper letter, or test the assumption on a few customers first.",
        list=_name(nearest),
        needed=HUNDRED * nearest["break_even"],
        assumed=HUNDRED * nearest["uplift"],
    )


def _control(page: Metrics) -> str:
    """Say how to find out what a list did, and how large an effect must be to show."""
    if not page["share_of_control"]:
        return say("Leave a random tenth of every list alone: only that shows what the letters do.")
    words = say(
        "Give each list one owner, and leave its control group alone, a random {share:percent} of it. After "
        "{days:number} days compare how many in both groups have bought.",
        share=page["share_of_control"],
        days=page["days"],
    )
    first = next(iter(_paying(page) or _shown(page)))
    effect = first["smallest_effect"]
    if effect is None:
        return words
    shows = say(
        "On “{list:text}”, the groups must differ by {effect:number.1} percentage points to show it.",
        list=_name(first),
        effect=HUNDRED * effect,
    )
    if first["uplift"] is None or first["uplift"] >= effect:
        return f"{words} {shows}"
    several = say("The assumed effect is smaller: add up several rounds before judging it.")
    return f"{words} {shows} {several}"


def _unset(page: Metrics) -> tuple[str, ...]:
    """Say what to set for the lists that have no assumption."""
    missing = [row for row in _shown(page) if row["uplift"] is None]
    if not missing:
        return ()
    return (
        say_many(
            "{count:number} list has no assumed effect and so no expected value: agree on what a letter may do, and "
            "test it.",
            "{count:number} lists have no assumed effect and so no expected value: agree on what a letter may do, and "
            "test it.",
            len(missing),
        ),
    )


def _with_value(row: dict[str, Any], page: Metrics) -> str:
    return say(
        "{what:text}: if {more:text} more of a hundred buy when written to, that brings {value:money_short} of "
        "contribution margin after costs.",
        what=_what(row, page),
        more=_of_hundred(row["uplift"]),
        value=row["expected_value"],
    )


def _with_order(row: dict[str, Any], page: Metrics) -> str:
    return say(
        "{what:text}: one order from each would be {money:money_short}.", what=_what(row, page), money=row["one_order"]
    )


def _of_hundred(uplift: float) -> str:
    more = HUNDRED * uplift
    return number(more, 0 if abs(more - round(more)) < 1e-9 else 1)  # noqa: PLR2004 - rounding


def _name(row: dict[str, Any]) -> str:
    return list_name(row["list"])


def _what(row: dict[str, Any], page: Metrics) -> str:
    """Say what to do with a list, as the beginning of a sentence."""
    count = row["customers"]
    match row["list"]:
        case "win_back":
            return say_many(
                "Win back {count:number} repeat buyer who may have left",
                "Win back {count:number} repeat buyers who may have left",
                count,
            )
        case "second_purchase":
            return say_many(
                "Ask {count:number} recent one-time customer for a second purchase",
                "Ask {count:number} recent one-time customers for a second purchase",
                count,
            )
        case "do_not_lose":
            return say_many(
                "Look after {count:number} active customer of the most valuable tenth",
                "Look after {count:number} active customers of the most valuable tenth",
                count,
            )
        case "cross_sell":
            return say_many(
                "Offer a second category to {count:number} repeat buyer of only one",
                "Offer a second category to {count:number} repeat buyers of only one",
                count,
            )
        case _:
            return _what_by_day(row, page["days"])


def _what_by_day(row: dict[str, Any], days: int) -> str:
    """Say the same of a list that is about days ahead."""
    count, ahead = row["customers"], {"days": days}
    match row["list"]:
        case "anniversary":
            return say_many(
                "Greet {count:number} customer on the anniversary of the first purchase, in the next {days:number} "
                "days",
                "Greet {count:number} customers on the anniversary of their first purchase, in the next {days:number} "
                "days",
                count,
                **ahead,
            )
        case "renewal":
            return say_many(
                "Write to {count:number} customer whose contract is up for renewal in the next {days:number} days",
                "Write to {count:number} customers whose contracts are up for renewal in the next {days:number} days",
                count,
                **ahead,
            )
        case _:
            return say_many(
                "Write to {count:number} customer who is due to buy in the next {days:number} days",
                "Write to {count:number} customers who are due to buy in the next {days:number} days",
                count,
                **ahead,
            )


def _subtitle(metrics: Metrics, *, valued: bool) -> str:
    if not valued:
        return say("Customers on each list, as of {day:date}", day=metrics["as_of"])
    return say(
        "Customers on each list, and contribution margin expected from writing to them less its cost, as of {day:date}",
        day=metrics["as_of"],
    )


def _sizes(metrics: Metrics) -> Figure:
    page = metrics["action_lists"]
    lists, worth = _shown(page), _paying(page)
    valued = any(row["expected_value"] is not None for row in lists)
    size = lists[0]["customers"]
    longest = say_many(
        "“{list:text}” is the longest list: {count:number} customer",
        "“{list:text}” is the longest list: {count:number} customers",
        size,
        list=_name(lists[0]),
    )
    bars = say_many("Bars for {count:number} list.", "Bars for {count:number} lists.", len(lists))
    if not worth:
        return Figure(longest, _subtitle(metrics, valued=valued), f"{bars} {longest}.")
    best = {"list": _name(worth[0]), "value": worth[0]["expected_value"]}
    title = say("“{list:text}” is expected to bring most: {value:money_short}", **best)
    most = say("“{list:text}” has the highest expected value, {value:money_short}.", **best)
    return Figure(title, _subtitle(metrics, valued=True), f"{bars} {longest}. {most}")


def _risk(metrics: Metrics) -> dict[str, Figure]:
    """Return the words of the chart of the value at risk; nothing without a forecast."""
    page = metrics["action_lists"]
    if not page["value_at_risk"]:
        return {}
    subtitle = say(
        "Lifetime value that customers less than {threshold:percent} likely to be active would have in addition if "
        "they were, by segment",
        threshold=page["threshold"],
    )
    if page["unknown"]:
        subtitle += say_many(
            "; without {count:number} one-time customer of whom the forecast cannot tell",
            "; without {count:number} one-time customers of whom the forecast cannot tell",
            page["unknown"],
        )
    rows = sorted((row for row in page["value_at_risk"] if row["at_risk"]), key=lambda row: -row["at_risk"])
    if not rows:
        return {"action_lists-risk": Figure(say("Segments too small to show"), subtitle, say("No bars are shown."))}
    top = {"segment": segment_name(rows[0]["segment"]), "value": rows[0]["at_risk"]}
    share = rows[0]["share_at_risk"]
    title = (
        say("{segment:text}: {value:money_short} at risk", **top)
        if share is None
        else say("{segment:text}: {share:percent} of the value at risk", share=share, **top)
    )
    alt = say_many(
        "Bar for {count:number} segment, {segment:text}: {value:money_short} at risk.",
        "Bars for {count:number} segments. Most is at risk in {segment:text}: {value:money_short}.",
        len(rows),
        **top,
    )
    return {"action_lists-risk": Figure(title, subtitle, alt)}
