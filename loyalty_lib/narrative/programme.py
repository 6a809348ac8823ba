"""The page of the loyalty programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from loyalty_lib.i18n import say, say_many
from loyalty_lib.narrative.findings import Finding
from loyalty_lib.narrative.story import Figure, Story, or_hidden

if TYPE_CHECKING:
    from loyalty_lib.metrics import Metrics

FEW: Final = 0.01  # a smaller share would read as none


def story(metrics: Metrics) -> Story:
    """Tell what the tiers hold and cost, who is just below one, and how members compare."""
    programme = metrics["programme"]
    share, sales = programme["share_in_tiers"], programme["sales_in_tiers"]
    headline = _headline(share, sales, programme["cost_share"])
    if not headline:
        return Story("")
    cost = _cost(programme)
    lead = (*cost, *_members(programme), *_joining(programme))
    found = [Finding("programme", text, programme["cost"], "fact", "cost") for text in cost if programme["cost"]]
    return Story(
        headline,
        lead,
        _advice(programme),
        {"programme": _figure(metrics, headline)},
        (*found, Finding("programme", f"{headline}.")),
    )


def _headline(share: float | None, sales: float | None, cost_share: float | None) -> str:
    if share == 0:
        return say("No customer reaches a tier")
    if share is not None and sales is not None and share < FEW:
        return say("Tiers hold {share:percent.1} of customers and {sales:percent} of sales", share=share, sales=sales)
    if share is not None and sales is not None:
        return say("Tiers hold {share:percent} of customers and {sales:percent} of sales", share=share, sales=sales)
    if cost_share is not None:
        return say("The programme’s rewards cost {share:percent.1} of net sales", share=cost_share)
    return ""


def _cost(programme: Metrics) -> list[str]:
    if programme["cost_share"] is None or programme["cost"] is None:
        return []
    return [
        say(
            "The rewards come to {cost:money_short} in 12 months, {share:percent.1} of net sales, if every customer is "
            "given them on all of their spend.",
            cost=programme["cost"],
            share=programme["cost_share"],
        )
    ]


def _members(programme: Metrics) -> list[str]:
    if not programme["members"]:
        return []
    members, others = programme["members"]["members"], programme["members"]["others"]
    sentences = []
    if members["customers"] is not None and programme["listed"]:
        sentences.append(
            say_many(
                "Of {count:number} member, {bought:number} bought in these 12 months.",
                "Of {count:number} members, {bought:number} bought in these 12 months.",
                programme["listed"],
                bought=members["customers"],
            )
        )
    spent = members["sales_per_customer"], others["sales_per_customer"]
    if None not in spent:
        sentences.append(
            say(
                "A member who bought spent {members:money} on average, another customer {others:money}.",
                members=spent[0],
                others=spent[1],
            )
        )
    return sentences


def _joining(programme: Metrics) -> list[str]:
    joining = programme["joining"]
    if not joining or joining["before"]["sales_per_customer"] is None:
        return []
    return [
        say_many(
            "{count:number} member, a customer already, spent {before:money} in the {days:number} days before joining "
            "and {after:money} in the {days:number} days after.",
            "{count:number} members, customers already, spent {before:money} each in the {days:number} days before "
            "joining and {after:money} in the {days:number} days after.",
            joining["before"]["customers"],
            before=joining["before"]["sales_per_customer"],
            after=joining["after"]["sales_per_customer"],
            days=programme["joining_days"],
        )
    ]


def _advice(programme: Metrics) -> tuple[str, ...]:
    near = [tier for tier in programme["tiers"] if tier["near_customers"] and tier["near_missing"] is not None]
    advice = []
    if near:
        advice.append(_lift(max(near, key=lambda tier: float(tier["near_customers"])), programme["near"]))
    if programme["cost"]:
        advice.append(
            say(
                "Rewards of {cost:money_short} are given whether or not they change what customers buy. Test a new or "
                "larger one on some customers, and leave others as they are.",
                cost=programme["cost"],
            )
        )
    return tuple(advice)


def _lift(tier: dict[str, Any], near: float) -> str:
    """Advise on the tier that most customers are just below."""
    return say_many(
        "{count:number} customer misses at most {near:percent} of the {threshold:money} for {tier:text}: "
        "{missing:money}. Tell the customer how much; reaching it would add {cost:money} of rewards a year.",
        "{count:number} customers miss at most {near:percent} of the {threshold:money} for {tier:text}: "
        "{missing:money} in all. Tell each of them how much; if all reach it, that adds {cost:money} of rewards a "
        "year.",
        tier["near_customers"],
        near=near,
        threshold=tier["threshold"],
        tier=tier["tier"],
        missing=tier["near_missing"],
        cost=tier["near_cost"],
    )


def _figure(metrics: Metrics, headline: str) -> Figure:
    programme = metrics["programme"]
    top = programme["tiers"][-1]
    return Figure(
        title=headline,
        subtitle=say(
            "Share of customers and of net sales by tier, customers who bought, {start:date} to {end:date}",
            start=programme["start"],
            end=metrics["as_of"],
        ),
        alt=say(
            "Pairs of bars, one pair a tier: its share of customers and its share of net sales. Of the highest tier, "
            "{tier:text}: {customers:text} and {sales:text}; of all tiers together: {all:text} and {all_sales:text}.",
            tier=top["tier"],
            customers=or_hidden(top["share_of_customers"], "percent", 1),
            sales=or_hidden(top["share_of_sales"], "percent", 1),
            all=or_hidden(programme["share_in_tiers"], "percent", 1),
            all_sales=or_hidden(programme["sales_in_tiers"], "percent", 1),
        ),
    )
