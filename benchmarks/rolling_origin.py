"""How often forecasts of real shops held what happened, with and without the error measured on earlier forecasts.

    python benchmarks/rolling_origin.py [--model bgnbd] [--retail online_retail.csv.gz]

Prints a Markdown table.  Every four weeks of CDNOW (all 23,570 customers), of The Complete Journey and of UCI Online
Retail, from the twelfth week on, the models are fitted to what was known and predict the next 4 to 32 weeks.  The model
error of a forecast comes from at most four earlier ones over the same length, one length apart, that had come to their
end by then: nothing is known before it happened.  Forecasts without such an earlier one are left out.
"""

from __future__ import annotations

import argparse
import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from loyalty_lib.analyses.backtest import EARLIER, outcome_of
from loyalty_lib.analyses.model_error import USUAL_COUNT, USUAL_ERROR, widen
from loyalty_lib.analyses.totals import MEASURES, predict_totals
from loyalty_lib.inputs import load_inputs
from loyalty_lib.models.choose import MODELS
from loyalty_lib.models.estimate import Interval
from loyalty_lib.models.gamma_gamma import fit_gamma_gamma
from loyalty_lib.summary import summarise
from loyalty_lib.validate import read_transactions

if TYPE_CHECKING:
    from loyalty_lib.validate import Transactions

STEP = 4  # weeks between cutoffs, and between horizons
LONGEST = 32
HISTORY = 12  # weeks known to the first forecast
LEVELS = (0.8, 0.95)
DRAWS = 300


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """One measure at one cutoff over so many weeks."""

    measure: str
    cutoff: dt.date
    weeks: int
    log_error: float
    actual: float
    intervals: tuple[Interval, ...]


def forecasts(transactions: Transactions, end: dt.date, model: str) -> Iterator[Forecast]:
    """Forecast from every cutoff over every horizon that ends within the data."""
    cutoff = end - dt.timedelta(weeks=STEP)
    while (cutoff - transactions.quality.first_day).days + 1 >= 7 * HISTORY:
        summary = summarise(transactions, cutoff, "W")
        fit, spend_fit = MODELS[model](summary), fit_gamma_gamma(summary)
        for weeks in range(STEP, LONGEST + 1, STEP):
            until = cutoff + dt.timedelta(weeks=weeks)
            if until > end:
                break
            outcome = outcome_of(transactions, cutoff, until).reindex(summary.index, fill_value=0)
            bought = outcome["purchases"]
            actual = {"purchases": bought.sum(), "sales": outcome["sales"].sum(), "active": (bought > 0).sum()}
            totals = predict_totals(fit, spend_fit, summary, float(weeks), seed=30, size=DRAWS)
            for measure in MEASURES:
                yield Forecast(
                    measure=measure,
                    cutoff=cutoff,
                    weeks=weeks,
                    log_error=math.log(actual[measure] / totals.expected(measure)),
                    actual=float(actual[measure]),
                    intervals=tuple(totals.interval(measure, level) for level in LEVELS),
                )
        cutoff -= dt.timedelta(weeks=STEP)


def earlier(forecast: Forecast, known: dict[tuple[str, dt.date, int], Forecast]) -> list[float]:
    """Return the errors a backtest at the forecast's cutoff would have seen."""
    cutoffs = [forecast.cutoff - back * dt.timedelta(weeks=forecast.weeks) for back in range(1, EARLIER + 2)]
    keys = [(forecast.measure, cutoff, forecast.weeks) for cutoff in cutoffs]
    return [known[key].log_error for key in keys if key in known]


def rules(errors: list[float]) -> tuple[tuple[float, float], ...]:
    """Scale and degrees of freedom: no model error, root mean square with the normal law, and the library's rule."""
    squares = math.fsum(error**2 for error in errors)
    prior = USUAL_COUNT * USUAL_ERROR**2
    degrees = USUAL_COUNT + len(errors)
    return (
        (0.0, math.inf),
        (math.sqrt(squares / len(errors)), math.inf),
        (math.sqrt((prior + squares) / degrees), degrees),
    )


def show(shop: str, made: list[Forecast]) -> None:
    """Print one row a measure."""
    known = {(each.measure, each.cutoff, each.weeks): each for each in made}
    for measure in MEASURES:
        checked = [(each, errors) for each in made if each.measure == measure and (errors := earlier(each, known))]
        cells = [shop, measure, str(len({each.cutoff for each, _ in checked})), str(len(checked))]
        for number, level in enumerate(LEVELS):
            for rule in range(3):
                wide = [
                    (each, widen(each.intervals[number], *rules(errors)[rule], level=level)) for each, errors in checked
                ]
                cells.append(f"{np.mean([low <= each.actual <= high for each, (low, high) in wide]):.0%}")
            reach = [stdtrit(rules(errors)[2][1], (1 + level) / 2) * rules(errors)[2][0] for _, errors in checked]
            cells.append(f"±{math.expm1(float(np.median(reach))):.0%}")
        print("| " + " | ".join(cells) + " |", flush=True)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description="Coverage of forecasts of real shops.")
    parser.add_argument("--model", choices=list(MODELS), default="bgnbd")
    parser.add_argument("--retail", type=Path, help="UCI Online Retail as CSV; left out without")
    given = parser.parse_args()
    heads = [f"{rule} {level:.0%}" for level in LEVELS for rule in ("models'", "root mean square", "printed", "margin")]
    print("| " + " | ".join(["shop", "measure", "cutoffs", "forecasts", *heads]) + " |\n|" + "---|" * (4 + len(heads)))
    for client, period in (("cdnow", "1998-Q2"), ("journey", "2017-Q4")):
        inputs = load_inputs(client, period)
        show(client, list(forecasts(inputs.transactions, inputs.period.end, given.model)))
    if given.retail:
        retail = read_transactions(given.retail, time_zone="Europe/London", currency="GBP")
        show("Online Retail", list(forecasts(retail, retail.quality.last_day, given.model)))


if __name__ == "__main__":
    main()
