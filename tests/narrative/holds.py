"""What must hold of a report: its numbers are metrics, its directions passed a test, its titles fit their charts.

``check`` says all that a report says of some metrics and holds it to these rules.
"""

from __future__ import annotations

import bisect
import math
import re
from collections.abc import Callable, Iterator
from typing import Any

from loyalty_lib import i18n
from loyalty_lib.i18n.words import segment_name
from loyalty_lib.narrative import kpis as kpis_module
from loyalty_lib.narrative import revenue_bridge as bridge_module
from loyalty_lib.narrative import subscriptions as subscriptions_module
from loyalty_lib.narrative.findings import WEIGHTS, ranked
from loyalty_lib.narrative.pareto import PUBLISHED
from loyalty_lib.narrative.rfm import AT_RISK
from loyalty_lib.narrative.story import FLAT, named
from tests.narrative.spoken import Overheard, overhearing, tell_all

Metrics = dict[str, Any]
# Numbers that stand in the rules and not in metrics.json, each said with what it is.
CONSTANTS = (0.1, 0.2, 0.5, 0.8, *PUBLISHED, 0.95)
DIRECTIONS = re.compile(
    r"\brose\b|\bfell\b|\brises\b|\bfalls\b|▲|▼|[Mm]ore active|Fewer |Larger orders|Smaller orders|More orders"
    r"|^More customers|too low|too high|, more than the|clear change|clear difference|unchanged|clearly"
)


def leaves(tree: Any) -> Iterator[float]:
    """Yield every number of a tree, those that are keys too."""
    if isinstance(tree, dict):
        yield from (float(key) for key in tree if str(key).isdecimal())
        yield from (leaf for value in tree.values() for leaf in leaves(value))
    elif isinstance(tree, list):
        yield from (leaf for value in tree for leaf in leaves(value))
    elif isinstance(tree, int | float) and not isinstance(tree, bool):
        yield float(tree)


def derived(metrics: Metrics) -> Iterator[float]:
    """Yield the simple functions of metrics that sentences may speak; each is named here and nowhere else."""
    figures = {key: figure["value"] for key, figure in metrics["kpis"]["figures"].items()}
    # Gained customers; one more order from every tenth customer.
    yield _all(lambda: figures["new_customers"] + figures["reactivated_customers"])
    yield _all(lambda: 0.1 * figures["active_customers"] * figures["average_order_value"])
    # Mean value of a customer.
    if metrics["clv"]["available"]:
        yield metrics["clv"]["customer_equity"] / metrics["clv"]["customers"]
    # Those at risk in both segments together.
    quiet = [row for key, row in metrics["rfm"]["segments"].items() if key in AT_RISK and row["revenue"] is not None]
    yield from (sum(row[name] for row in quiet) for name in ("customers", "revenue"))
    yield from _contracts(metrics.get("subscriptions", {}))
    # How many rows of a list show: segments, lists, groups, cohorts, classes, origins, periods.
    yield from range(14)
    yield from (len(part) for part in _lists(metrics))
    for row in metrics["action_lists"]["lists"]:
        if row["uplift"] is not None:
            yield from (100 * row[name] for name in ("uplift", "break_even", "smallest_effect") if row[name])
    survey = metrics["survey"]
    for name in ("returns_difference", "after_difference"):
        yield from (100 * survey[name][bound] for bound in ("low", "high") if survey[name].get(bound) is not None)


def _contracts(page: Metrics) -> Iterator[float]:
    figures = page.get("figures")
    if not figures:
        return
    start, end = figures["revenue_at_start"]["value"], figures["revenue_at_end"]["value"]
    if start and end is not None:
        yield end / start - 1
        yield 0.01 * start
    shares = [row["share"] for row in page["projection"][:3]]
    if len(shares) == 3 and shares[1]:
        yield from (1 - shares[1], 1 - shares[2] / shares[1])


def _all(compute: Callable[[], float]) -> float:
    try:
        return compute()
    except TypeError:  # one of them is hidden
        return 0.0


def _lists(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        yield tree
        for part in tree.values() if isinstance(tree, dict) else tree:
            yield from _lists(part)


def unknown_numbers(metrics: Metrics, heard: Overheard) -> list[tuple[float, str]]:
    """Return the numbers spoken that are neither a metric nor a function of metrics; sign and per cent play no part."""
    known = sorted({abs(value) for value in (*leaves(metrics), *derived(metrics), *CONSTANTS)})

    def is_known(value: float) -> bool:
        for asked in (abs(value), abs(value) / 100):
            at = bisect.bisect_left(known, asked)
            if any(
                math.isclose(asked, known[i], rel_tol=1e-9, abs_tol=1e-12) for i in (at - 1, at) if 0 <= i < len(known)
            ):
                return True
        return False

    return [(value, where) for value, where in heard.numbers if not is_known(value)]


Rule = Callable[[Metrics, dict[str, Any]], bool]
SIGNS = {"up": 1, "down": -1}


def moved(change: float | None, way: str, *, clear: bool | None) -> bool:
    """Whether a change may be told as going that way."""
    if change is None:
        return False
    if way == "unclear":
        return clear is False
    if way == "flat":
        return abs(change) < FLAT and clear is not False
    return SIGNS[way] * change >= FLAT and clear is not False


def figure_rule(key: str, against: str, way: str) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        figure = metrics["kpis"]["figures"][key]
        said = "change" not in values or math.isclose(values["change"], abs(figure[f"change_{against}"]))
        return said and moved(figure[f"change_{against}"], way, clear=figure.get(f"clear_{against}"))

    return rule


def driver_rule(name: str, way: str, *, largest: bool) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        basis = metrics["revenue_bridge"]["basis"]
        bridge = metrics["revenue_bridge"]["comparisons"][basis]
        parts = {driver: row["part"] for driver, row in bridge["drivers"].items()}
        own = metrics["kpis"]["orders_per_customer"] if name == "orders_per_customer" else None
        clear = (own or metrics["kpis"]["figures"][name])[f"clear_{basis}"]
        first = not largest or abs(parts[name]) == max(abs(part) for part in parts.values())
        return (
            first and values["part"] == abs(parts[name]) and moved(parts[name] / bridge["sales_then"], way, clear=clear)
        )

    return rule


def card_rule(unit: str, way: str) -> Rule:
    """Some figure of that unit moved so against the period of that label, by that size."""

    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        for against in ("previous", "year_ago"):
            if named(metrics[against], short=True) != values["label"]:
                continue
            for figure in metrics["kpis"]["figures"].values():
                change = figure[f"change_{against}"]
                scale = 100 if unit == "points" else 1
                if (unit == "points") != (figure["unit"] == "ratio") or change is None:
                    continue
                if scale * abs(change) == values["size"] and moved(change, way, clear=figure.get(f"clear_{against}")):
                    return True
        return False

    return rule


def churn_rule(basis: str, way: str) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        rate = metrics["subscriptions"]["figures"]["churn_rate"]
        said = (values["churn"], values["before"]) == (rate["value"], rate[basis])
        return said and moved(rate["value"] - rate[basis], way, clear=rate[f"clear_{basis}"])

    return rule


def recurring_rule(way: str) -> Rule:
    """Contracts are all known: the change of their sum is a fact."""

    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        figures = metrics["subscriptions"]["figures"]
        return moved(figures["revenue_at_end"]["value"] / figures["revenue_at_start"]["value"] - 1, way, clear=None)

    return rule


def cohort_rule(way: str) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        average = metrics["cohorts"]["average"]
        first, last = average["1"], average[str(values["later"])]
        apart: dict[str, bool] = {"up": last["low"] > first["high"], "down": last["high"] < first["low"]}
        return apart.get(way, not any(apart.values()))

    return rule


def error_rule(sign: int) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        return bool(sign * metrics["clv"]["backtest"]["relative_error"] >= FLAT)

    return rule


def nps_rule(sign: int) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        survey = metrics["survey"]
        asked = min(survey["nps"][when]["answers"] for when in ("now", "before"))
        clear = sign * survey["change"] > survey["change_margin"]
        return bool(asked >= 30 and clear and values["points"] == abs(survey["change"]))

    return rule


def balance_rule(sign: int, *, clear: bool) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        told = metrics["kpis"]["figures"]["active_customers"].get("clear_previous")
        return (told is not False) is clear and (not clear or sign * (values["lapsed"] - values["gained"]) > 0)

    return rule


def apart_rule(name: str, *, differ: bool) -> Rule:
    def rule(metrics: Metrics, values: dict[str, Any]) -> bool:
        found = metrics["survey"][name]
        few = (
            name == "returns_difference"
            and min(metrics["survey"]["returns"][group]["customers"] for group in ("promoters", "detractors")) < 30
        )
        return (not few and (found["low"] > 0 or found["high"] < 0)) is differ

    return rule


def cost_rule(metrics: Metrics, values: dict[str, Any]) -> bool:
    clv = metrics["clv"]
    return bool(values["cost"] > clv["equity_high"] / clv["customers"])


RULES: dict[str, Rule] = {
    **{text: figure_rule("net_sales", *key) for key, text in kpis_module.HEADLINES.items()},
    **{text: figure_rule("net_sales", *key) for key, text in bridge_module.MOVED.items()},
    **{text: driver_rule(*key, largest=True) for key, text in bridge_module.MOST.items()},
    **{text: driver_rule(*key, largest=False) for key, text in bridge_module.ALSO.items()},
    **{text: churn_rule(*key) for key, text in subscriptions_module.HEADLINES.items()},
    **{text: recurring_rule(way) for way, text in subscriptions_module.REVENUE.items()},
    "▲ {size:percent.1} from {label:text}": card_rule("percent", "up"),
    "▼ {size:percent.1} from {label:text}": card_rule("percent", "down"),
    "▲ {size:number.1} pp from {label:text}": card_rule("points", "up"),
    "▼ {size:number.1} pp from {label:text}": card_rule("points", "down"),
    "unchanged from {label:text}": lambda m, v: card_rule("percent", "flat")(m, v) or card_rule("points", "flat")(m, v),
    "no clear change from {label:text}": lambda m, v: (
        card_rule("percent", "unclear")(m, v) or card_rule("points", "unclear")(m, v)
    ),
    "Retention falls from {first:percent} to {last:percent} by {period:text} {later:number}": cohort_rule("down"),
    "Retention rises from {first:percent} to {last:percent} by {period:text} {later:number}": cohort_rule("up"),
    "Retention: no clear change up to {period:text} {later:number}": cohort_rule("unclear"),
    "Keeping a customer cost {cost:money}, more than the {value:money} that the average customer, lapsed ones "
    "included, is expected to bring. Spend on those with the highest expected value first.": cost_rule,
    "The net promoter score rose by {points:number} to {nps:signed_number}": nps_rule(1),
    "The net promoter score fell by {points:number} to {nps:signed_number}": nps_rule(-1),
}
# The same by the beginning of the msgid, where that is long.
BEGINNINGS: dict[str, Rule] = {
    "Fewer customers come back later": cohort_rule("down"),
    "More customers lapsed": balance_rule(1, clear=True),
    "More customers came or came back": balance_rule(-1, clear=True),
    "{lapsed:number} customers lapsed and": balance_rule(0, clear=False),
    "{promoters:percent} of promoters and {detractors:percent} of detractors bought": apart_rule(
        "returns_difference", differ=False
    ),
}
# Said of no figure of a client's, or told by tests of their own: the portfolio (tests/analyses/test_portfolio.py), the
# technical appendix (test_appendix.py), groups by first order (test_cohorts.py, test_time_to_second_purchase.py),
# complaints (test_survey.py), the definition on the method page, and two that hold no direction.
ELSEWHERE = re.compile(
    r"^Net sales (rose|fell) most at|^Net sales clearly rose|^Over \{weeks|^By their first order|first order show no"
    r"|^No clear difference|^Of \{count:number\} customers? who complained|^“No clear change”|^Line chart that only"
    r"|^The year before it was|^No clear change in customers|^Find out who orders more"
)


def never(metrics: Metrics, values: dict[str, Any]) -> bool:
    """Forbid a sentence of direction that has no rule yet."""
    return False


ERRORS = {"too low": error_rule(-1), "too high": error_rule(1)}


def rule_of(msgid: str) -> Rule | None:
    """Return what must hold for a sentence to be said; ``None`` where it names no direction."""
    if msgid in RULES:
        return RULES[msgid]
    for beginning, rule in BEGINNINGS.items():
        if msgid.startswith(beginning) and DIRECTIONS.search(msgid):
            return rule
    if ELSEWHERE.search(msgid) or not DIRECTIONS.search(msgid):
        return None
    return next((rule for word, rule in ERRORS.items() if word in msgid), never)


def is_named(msgid: str) -> bool:
    """Whether the rule of a sentence was made for it."""
    return rule_of(msgid) is not never


def wrong_directions(metrics: Metrics, heard: Overheard) -> list[str]:
    """Return the sentences whose direction the figures do not hold."""
    with_rule = [(text, rule_of(msgid), values) for msgid, values, text in heard.sentences]
    return [text for text, rule, values in with_rule if rule is not None and not rule(metrics, values)]


def check_charts(metrics: Metrics, told: dict[str, Any]) -> None:
    """Compare headlines with what the charts beside them draw."""
    stories = told["stories"]
    basis = metrics["revenue_bridge"]["basis"]
    titles = {name: figure.title for story in stories.values() for name, figure in story.figures.items()}
    trend = metrics["kpis"]["trend"]
    sales = metrics["kpis"]["figures"]["net_sales"]
    if len(trend) > 1 and None not in (trend[-1]["net_sales"], trend[-2]["net_sales"]):
        assert (trend[-2]["net_sales"], trend[-1]["net_sales"]) == (sales["previous"], sales["value"])
        if "on the previous period" in titles["kpis"]:
            rose = trend[-1]["net_sales"] > trend[-2]["net_sales"]
            assert ("rose" in titles["kpis"]) <= rose
            assert ("fell" in titles["kpis"]) <= (not rose)
    if "revenue_bridge-flow" in titles and "most" in titles["revenue_bridge-flow"]:
        amounts = [row["amount"] for row in metrics["revenue_bridge"]["comparisons"][basis]["flow"].values()]
        largest = max(amounts, key=abs)
        assert i18n.money_short(abs(largest)) in titles["revenue_bridge-flow"]
        assert ("took" in titles["revenue_bridge-flow"]) == (largest < 0)
    if "pareto" in titles:
        point = next(row["share_of_sales"] for row in metrics["pareto"]["top_shares"] if row["top"] == 0.2)
        assert titles["pareto"] == stories["pareto"].headline
        assert i18n.percent(point) in titles["pareto"]
    if "rfm" in titles:
        shown = {k: r for k, r in metrics["rfm"]["segments"].items() if r["customers"] and r["revenue"] is not None}
        first = max(shown, key=lambda key: shown[key]["revenue"])
        assert segment_name(first) in titles["rfm"]
    if "cohorts" in titles:
        assert i18n.percent(metrics["cohorts"]["average"]["1"]["retention"]) in titles["cohorts"]
    if "clv" in titles and "the customer base" in titles["clv"]:
        values = [row["share_of_clv"] for row in metrics["clv"]["by_segment"].values() if row["total_clv"] is not None]
        totals = [row["total_clv"] for row in metrics["clv"]["by_segment"].values() if row["total_clv"] is not None]
        assert i18n.percent(values[totals.index(max(totals))]) in titles["clv"]


def check_order(metrics: Metrics, told: dict[str, Any]) -> None:
    """The findings are in the order of their weight, the cover has the first with money, and repeats no page."""
    found = ranked(metrics)
    weights = [(finding.money or 0.0) * WEIGHTS[finding.certainty] for finding in found]
    assert weights == sorted(weights, reverse=True)
    assert all(finding.money is None or finding.money >= 0 for finding in found)
    open_to_all = [one for one in found if one.kind != "action" and one.page != "clv"]
    first = next((one for one in open_to_all if one.money), None)
    front = told["cover"]
    assert front.finding.startswith(first.text if first else told["stories"]["kpis"].headline)
    assert len(front.others) <= 3
    pages = [next(one.page for one in found if one.text == text) for text in front.others]
    assert len({first.page if first else "kpis", *pages}) == len(pages) + 1
    assert told["mail"][1][0] == front.finding


def check(metrics: Metrics) -> Overheard:
    """Say all there is to say, and fail where something is not so; what was said is returned."""
    with overhearing() as heard:
        told = tell_all(metrics)
    assert unknown_numbers(metrics, heard) == []
    assert wrong_directions(metrics, heard) == []
    check_charts(metrics, told)
    check_order(metrics, told)
    for story in told["stories"].values():
        assert not [text for text in (story.headline, *story.lead, *story.advice) if i18n.MISSING in text.split()]
    return heard
