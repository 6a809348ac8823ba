"""Every published number beside ours: the customer-base models on the CDNOW cohort and at extremes.

    python -m benchmarks.golden > docs/golden.md

Prints Markdown, the same on every run.  Published values stand below as they are printed, with their source; ours are
computed on the spot from the raw logs and shown with as many decimals.
"""

from __future__ import annotations

import dataclasses
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from loyalty_lib.models.bgnbd import BGNBDFit, fit_bgnbd
from loyalty_lib.models.gamma_gamma import GammaGammaFit, fit_gamma_gamma
from loyalty_lib.models.histories import compress
from loyalty_lib.models.mbgnbd import fit_mbgnbd
from loyalty_lib.models.pnbd import PNBDFit, fit_pnbd
from tests.models import cdnow

if TYPE_CHECKING:
    from loyalty_lib.models.estimate import Estimate
    from loyalty_lib.models.fit import PurchaseFit

FHL: Final = "Fader, Hardie & Lee (2005), Marketing Science 24(2)"
NOTE: Final = "Fader & Hardie, notes on BG/NBD and Pareto/NBD"
FIGURE: Final = f"{FHL}, figure 4"
MBG_SOURCE: Final = "printed estimates, Batislam, Denizel & Filiztekin's model"
SPEND: Final = "Fader & Hardie (2013), The Gamma-Gamma Model of Monetary Value, section 3"
AGAIN: Final = "recomputed from the raw log, independent implementation"
PRECISE: Final = "60-digit arithmetic"

# The published searches stopped on the ridge of the likelihood.  These are the estimates behind published predictions.
BG_NOTE = {"r": 0.24259685, "alpha": 4.41365875, "a": 0.79298637, "b": 2.42615623}
BG_ROUNDED = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
BG_PRINTED = {"r": 0.2425945, "alpha": 4.4136019, "a": 0.7929199, "b": 2.4258881}
PNBD_NOTE = {"r": 0.55337162, "alpha": 10.57952299, "s": 0.60590628, "beta": 11.65804406}
FROM_BG_NOTE = "from the note's estimates, 8e-8 below the maximum on the likelihood's ridge"
FROM_PNBD_NOTE = "from the note's estimates, 4e-6 below the maximum on the likelihood's ridge"
NOT_THE_TOP = "the published search stopped on the likelihood's ridge, {below} below the maximum"
SIX_DIGITS = "that search stopped at six digits"
NUMERICAL = "published errors by numerical differences, at estimates off the top"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A published number and ours."""

    quantity: str
    source: str
    published: str
    ours: float
    remark: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Ours to the printed digits, and by how much it differs in them."""
        decimals = len(self.published.partition(".")[2])
        found = f"{self.ours:.{decimals}f}"
        difference = Decimal(found) - Decimal(self.published)
        return self.quantity, self.source, self.published, found, f"{difference:+f}" if difference else "0", self.remark


Part = tuple[str, Callable[["Cohort"], Iterable[Row]]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Cohort:
    """Both logs summarised after 39 weeks, and the models fitted to them."""

    sample: pd.DataFrame
    master: pd.DataFrame
    bgnbd: BGNBDFit
    pnbd: PNBDFit
    spend: GammaGammaFit

    @classmethod
    def load(cls) -> Cohort:
        """Read and fit."""
        sample = cdnow.summary_of("sample")
        return cls(
            sample=sample,
            master=cdnow.summary_of("master"),
            bgnbd=fit_bgnbd(sample),
            pnbd=fit_pnbd(sample),
            spend=fit_gamma_gamma(sample),
        )

    @property
    def bg_note(self) -> BGNBDFit:
        """BG/NBD with the estimates behind the note's predictions."""
        return dataclasses.replace(self.bgnbd, params=BG_NOTE)

    @property
    def pnbd_note(self) -> PNBDFit:
        """Pareto/NBD with the estimates behind the note's predictions."""
        return dataclasses.replace(self.pnbd, params=PNBD_NOTE)


def _rows(
    names: Iterable[str], source: str, published: Sequence[str], ours: Iterable[float], remark: str = ""
) -> Iterator[Row]:
    for name, printed, value in zip(names, published, ours, strict=True):
        yield Row(quantity=name, source=source, published=printed, ours=float(value), remark=remark)


def the_data(cohort: Cohort) -> Iterator[Row]:
    """Count what is in both logs."""
    for which, summary, published in (
        ("sample", cohort.sample, ("2357", "946", "2457", "1882", "1016")),
        ("full cohort", cohort.master, ("23570", "9451", "24337", "19684", "8685")),
    ):
        x = summary["frequency"]
        after = cdnow.holdout_purchases("sample" if which == "sample" else "master").sum()
        found = (len(x), (x > 0).sum(), x.sum(), after, len(compress(summary, "W").x))
        names = ("customers", "repeat buyers", "repeat purchases", "purchases in the hold-out", "distinct histories")
        yield from _rows((f"{name}, {which}" for name in names), AGAIN, published, found)
    most, once = cohort.master["frequency"].max(), (cohort.master["frequency"] == 0).sum()
    both = ("most repeat purchases, full cohort", "one-time buyers, full cohort")
    yield from _rows(both, AGAIN, ("80", "14119"), (most, once))


def _estimates(
    fit: Estimate, source: str, values: Sequence[str], likelihood: str, errors: Sequence[str] = (), *, remark: str = ""
) -> Iterator[Row]:
    yield from _rows(fit.params, source, values, fit.params.values(), remark)
    names = [f"standard error of {name}" for name in fit.params]
    if errors:
        yield from _rows(names, source, errors, fit.standard_errors.values(), NUMERICAL if remark else "")
    yield Row(quantity="log-likelihood", source=source, published=likelihood, ours=fit.log_likelihood)


def _holdout(fit: PurchaseFit, summary: pd.DataFrame, which: str, total: str, error: str) -> Iterator[Row]:
    expected = fit.expected_purchases(summary, cdnow.WEEKS)
    names = ("hold-out purchases expected", "mean absolute error of a customer's hold-out")
    found = (expected.sum(), (expected - cdnow.holdout_purchases(which)).abs().mean())
    yield from _rows(names, AGAIN, (total, error), found)


def bgnbd(cohort: Cohort) -> Iterator[Row]:
    """BG/NBD on the sample."""
    errors = ("0.012557", "0.378224", "0.185734", "0.705414")
    printed = ("0.2425945", "4.4136019", "0.7929199", "2.4258881")
    ridge = NOT_THE_TOP.format(below="1e-8")
    yield from _rows(
        cohort.bgnbd.params, f"{FHL}, table 2 (to three digits) and note", printed, cohort.bgnbd.params.values(), ridge
    )
    yield from _estimates(cohort.bgnbd, AGAIN, ("0.242595", "4.413602", "0.792922", "2.425907"), "-9582.4292", errors)
    yield from _holdout(cohort.bgnbd, cohort.sample, "sample", "1653.41", "0.7855")
    zero = dataclasses.replace(cohort.bgnbd, params=BG_ROUNDED).probability_of_purchases(0, cdnow.WEEKS)
    yield Row(
        quantity="P(X(39) = 0)",
        source=f"{FHL}, equation 8",
        published="0.5737864",
        ours=zero,
        remark="from the paper's estimates to three decimals",
    )
    file = pd.read_csv(io.StringIO(cdnow.dataset("cdnow_customers_summary.csv")), index_col="ID")
    rounded = fit_bgnbd(file, unit="W")
    for row in _estimates(rounded, AGAIN, ("0.242593", "4.413532", "0.792886", "2.425753"), "-9582.4256"):
        yield dataclasses.replace(row, quantity=f"{row.quantity}, times to two decimals")


def mbgnbd(cohort: Cohort) -> Iterator[Row]:
    """MBG/NBD on the sample."""
    fit = fit_mbgnbd(cohort.sample)
    yield from _estimates(fit, MBG_SOURCE, ("0.525", "6.183", "0.891", "1.614"), "-9582.136")
    values = ("0.524843", "6.183085", "0.891359", "1.614002")
    errors = ("0.083268", "0.695621", "0.154790", "0.537495")
    yield from _estimates(fit, AGAIN, values, "-9582.1357", errors)
    yield from _holdout(fit, cohort.sample, "sample", "1576.73", "0.7648")
    published = ("0.18516", "0.55136", "1.04895", "1.49293", "2.10431", "2.56355", "3.36082", "5.84851")
    yield from _by_frequency("expected", fit.expected_purchases(cohort.sample, cdnow.WEEKS), cohort, AGAIN, published)


def pnbd(cohort: Cohort) -> Iterator[Row]:
    """Pareto/NBD on the sample."""
    yield from _estimates(
        cohort.pnbd,
        NOTE,
        ("0.55315", "10.57633", "0.60625", "11.67150"),
        "-9594.976",
        ("0.0476264", "0.8427222", "0.1872594", "6.2105448"),
        remark=NOT_THE_TOP.format(below="5e-6"),
    )
    yield from _estimates(
        cohort.pnbd, AGAIN, ("0.553277", "10.577683", "0.606240", "11.668735"), "-9594.9762", remark=SIX_DIGITS
    )
    yield from _holdout(cohort.pnbd, cohort.sample, "sample", "1665.51", "0.7545")
    published = ("0.13845", "0.59947", "1.19584", "1.71384", "2.39831", "2.90721", "3.81856", "6.40307")
    expected = cohort.pnbd.expected_purchases(cohort.sample, cdnow.WEEKS)
    yield from _by_frequency("expected", expected, cohort, AGAIN, published)


def full_cohort(cohort: Cohort) -> Iterator[Row]:
    """All models on all 23,570 customers."""
    for fit, values, likelihood, total, error in (
        (fit_bgnbd, ("0.251624", "4.788943", "0.723434", "2.161088"), "-95368.4439", "16873.73", "0.8187"),
        (fit_mbgnbd, ("0.637140", "7.310290", "0.807474", "1.228394"), "-95336.9583", "15933.60", "0.7945"),
        (fit_pnbd, ("0.597420", "11.585658", "0.522186", "8.827759"), "-95415.1186", "17153.19", "0.7938"),
    ):
        found: PurchaseFit = fit(cohort.master)
        for row in (
            *_estimates(found, AGAIN, values, likelihood),
            *_holdout(found, cohort.master, "master", total, error),
        ):
            yield dataclasses.replace(row, quantity=f"{found.model}: {row.quantity}")
    spend = fit_gamma_gamma(cohort.master)
    for row in _estimates(spend, AGAIN, ("6.275361", "3.624450", "14.983681"), "-40763.4763", remark=SIX_DIGITS):
        yield dataclasses.replace(row, quantity=f"Gamma-Gamma: {row.quantity}")
    names = ("customers fitted", "left out: mean spend of zero", "Pearson's r", "Spearman's rho")
    found_too = (spend.n_customers, spend.excluded, spend.pearson, spend.spearman)
    yield from _rows((f"Gamma-Gamma: {name}" for name in names), AGAIN, ("9450", "1", "0.0802", "0.1981"), found_too)


def gamma_gamma(cohort: Cohort) -> Iterator[Row]:
    """Gamma-Gamma on the sample's repeat buyers."""
    fit = cohort.spend
    yield from _estimates(fit, SPEND, ("6.25", "3.74", "15.44"), "-4055.918")
    yield from _estimates(fit, AGAIN, ("6.249572", "3.744225", "15.443522"), "-4055.9177", remark=SIX_DIGITS)
    spends = cohort.sample["monetary_value"].mean()
    names = ("mean of the repeat buyers' mean spends", "Pearson's r", "Spearman's rho")
    yield from _rows(names, AGAIN, ("35.0778", "0.1139", "0.2063"), (spends, fit.pearson, fit.spearman))
    ten = fit.expected_mean_spend(cohort.sample.head(10))
    published = ("24.65", "18.91", "35.17", "35.17", "35.17", "71.46", "18.91", "35.17", "27.28", "35.17")
    names_of_ten = (f"expected mean spend, customer {number}" for number in range(1, 11))
    yield from _rows(names_of_ten, SPEND, published, ten)


def customers(cohort: Cohort) -> Iterator[Row]:
    """Single customers."""
    regular = cdnow.history(26, 30.857142857142858, 31.0)
    for fit, published, remark in (
        (cohort.bg_note, ("25.75659", "0.9688523", "1.444004"), FROM_BG_NOTE),
        (cohort.pnbd_note, ("25.45647", "0.997874", "1.473434"), FROM_PNBD_NOTE),
    ):
        found = (
            fit.expected_purchases(regular, 52).item(),
            fit.probability_alive(regular).item(),
            fit.expected_purchases_new(52),
        )
        names = ("customer 1516, E(52)", "customer 1516, P(alive)", "new customer, E[X(52)]")
        yield from _rows((f"{fit.model}: {name}" for name in names), NOTE, published, found, remark)
    for noted, values, why in (
        (cohort.bg_note, ("0.3474606", "0.0428339", "0.00415897", "0.000358369"), FROM_BG_NOTE),
        (cohort.pnbd_note, ("0.7062289", "0.1442396", "0.0225066", "0.0030927"), FROM_PNBD_NOTE),
    ):
        quiet = [noted.expected_purchases(cdnow.history(x, 20, 39), 52).item() for x in (10, 15, 20, 25)]
        of_four = (f"{noted.model}: x = {x}, t_x = 20, T = 39, E(52)" for x in (10, 15, 20, 25))
        yield from _rows(of_four, NOTE, values, quiet, why)
    example = cdnow.history(2, 30.43, 38.86)
    both = ("BG/NBD: x = 2, t_x = 30.43, T = 38.86, E(39)", "BG/NBD: the same customer, P(alive)")
    fitted = cohort.bg_note
    found_two = (fitted.expected_purchases(example, 39).item(), fitted.probability_alive(example).item())
    yield from _rows(both, f"{FHL}, section 5", ("1.226", "0.72661"), found_two, FROM_BG_NOTE)


def new_customers(cohort: Cohort) -> Iterator[Row]:
    """Show expected purchases of a new BG/NBD customer by time."""
    times = (0.1429, 1, 3, 31.8571, 32, 78)
    published = ("0.0078", "0.0532", "0.1506", "1.0405", "1.0437", "1.8576")
    found = [cohort.bg_note.expected_purchases_new(t) for t in times]
    rows = list(_rows([f"E[X({t})]" for t in times], f"{FHL}, spreadsheet", published, found, FROM_BG_NOTE))
    yield from rows[:-1]
    yield dataclasses.replace(rows[-1], remark="the spreadsheet stops the series after 150 terms")


def _by_frequency(
    what: str, each: pd.Series[Any], cohort: Cohort, source: str, published: Sequence[str], remark: str = ""
) -> Iterator[Row]:
    means = each.groupby(cohort.sample["frequency"].clip(upper=7)).mean()
    names = (f"hold-out mean {what}, x = {k}{'+' if k == means.index.max() else ''}" for k in means.index)
    yield from _rows(names, source, published, means, remark)


def holdout(cohort: Cohort) -> Iterator[Row]:
    """Hold-out means by purchases in the calibration."""
    classes = np.bincount(cohort.sample["frequency"].clip(upper=7))
    names = (f"customers with x = {k}{'+' if k == len(classes) - 1 else ''}" for k in range(len(classes)))
    yield from _rows(names, AGAIN, ("1411", "439", "214", "100", "62", "38", "29", "64"), classes)
    actual = ("0.23671", "0.69704", "1.39252", "1.56000", "2.53226", "2.94737", "3.86207", "6.35938")
    yield from _by_frequency("actual", cdnow.holdout_purchases("sample"), cohort, FIGURE, actual)
    published = ("0.22509", "0.52314", "1.04413", "1.52026", "2.16382", "2.65379", "3.50396", "6.15704")
    noted = cohort.bg_note.expected_purchases(cohort.sample, cdnow.WEEKS)
    yield from _by_frequency("by BG/NBD", noted, cohort, FIGURE, published, FROM_BG_NOTE)
    again = ("0.22509", "0.52313", "1.04413", "1.52028", "2.16387", "2.65385", "3.50404", "6.15719")
    ours = cohort.bgnbd.expected_purchases(cohort.sample, cdnow.WEEKS)
    yield from _by_frequency("by BG/NBD", ours, cohort, AGAIN, again)


def tracking(cohort: Cohort) -> Iterator[Row]:
    """Cumulative repeat purchases by the end of weeks 20 to 25 of 1997."""
    weeks, start = range(20, 26), pd.Timestamp("1997-01-01")
    log = cdnow.purchase_days("sample")
    repeat = log.loc[log["day"] > log.groupby("customer_id")["day"].transform("min"), "day"]
    bought = [int((repeat < start + pd.Timedelta(weeks=week)).sum()) for week in weeks]
    names = [f"repeat purchases by week {week}" for week in weeks]
    yield from _rows(names, AGAIN, ("1359", "1414", "1484", "1517", "1573", "1672"), bought)
    from_as_of = np.array(weeks) - (cdnow.CALIBRATION_END - start).days / 7
    for fit, published in (
        (cohort.bgnbd, ("1312.459", "1387.347", "1460.393", "1531.715", "1601.419", "1669.602")),
        (cohort.pnbd, ("1308.912", "1385.334", "1459.985", "1532.970", "1604.386", "1674.321")),
    ):
        expected = fit.expected_cumulative(cohort.sample, from_as_of)
        yield from _rows((f"{fit.model}: {name}" for name in names), AGAIN, published, expected)


# Parameters, horizon, (x, t_x, T), expected purchases.
BG_EXTREMES: Final = (
    ((0.11, 2.24, 0.31, 0.5), 30, (0, 0, 1), "0.56458862"),
    ((0.2426, 4.4136, 0.7929, 2.4259), 39, (1000, 38.95, 39), "684.2051"),
    ((0.2426, 4.4136, 0.7929, 2.4259), 39, (5000, 38.99, 39), "3426.075"),
    ((0.2426, 4.4136, 1.000000001, 2.4259), 39, (2, 30.43, 38.86), "1.1019895"),
    ((0.2426, 4.4136, 1000.0, 100000.0), 39, (20, 30.43, 38.86), "9.2196479"),
    ((0.6, 50.0, 0.05, 0.2), 365, (0, 0, 1200), "0.16842149"),
    ((0.2426, 4.4136, 0.7929, 2.4259), 1_000_000, (2, 30.43, 38.86), "87.378367"),
)
# The same with P(alive) before the expectation.
PNBD_EXTREMES: Final = (
    ((0.55, 10.58, 0.61, 11.67), 10, (132, 200, 200), "1.0", "6.2060518"),
    ((0.5143, 2.8845, 0.2856, 14.1087), 52, (221, 103.42857, 103.57143), "0.99959605", "102.37181"),
    ((0.5143, 2.8845, 0.2856, 14.1087), 52, (1000, 104, 104), "1.0", "460.79597"),
)


def _at(fit: PurchaseFit, params: Sequence[float]) -> PurchaseFit:
    named: Mapping[str, float] = dict(zip(fit.params, params, strict=True))
    return dataclasses.replace(fit, params=named)


def _story(params: Sequence[float], customer: Sequence[float]) -> str:
    return f"({', '.join(f'{value:.10g}' for value in params)}), (x, t_x, T) = {customer}"


def extremes(cohort: Cohort) -> Iterator[Row]:
    """Where double precision is easily lost."""
    for params, horizon, customer, expected in BG_EXTREMES:
        found = _at(cohort.bgnbd, params).expected_purchases(cdnow.history(*customer), horizon).item()
        name = f"BG/NBD {_story(params, customer)}: E({horizon})"
        yield Row(quantity=name, source=PRECISE, published=expected, ours=found)
    for params, horizon, customer, alive, expected in PNBD_EXTREMES:
        fit, history = _at(cohort.pnbd, params), cdnow.history(*customer)
        name = f"Pareto/NBD {_story(params, customer)}"
        found_two = (fit.probability_alive(history).item(), fit.expected_purchases(history, horizon).item())
        yield from _rows((f"{name}: P(alive)", f"{name}: E({horizon})"), PRECISE, (alive, expected), found_two)


def discounting(cohort: Cohort) -> Iterator[Row]:
    """One year's purchases of one customer at 10 % a year, by convention."""
    fit = dataclasses.replace(cohort.bgnbd, params=BG_PRINTED)
    customer = cdnow.history(2, 30.43, 38.86)
    fine = np.arange(1.0, 5_201) / 100
    weeks, months = np.arange(1.0, 53), np.arange(1.0, 13)
    for name, published, times, years in (
        ("continuously", "1.491636", fine, (fine - 0.005) / 52),
        ("each of 52 weeks at its end", "1.490267", weeks, weeks / 52),
        ("each of 12 months of 52/12 weeks at its end", "1.485684", months * 52 / 12, months / 12),
        ("lifetimes' months of 4.345 weeks", "1.488967", months * 4.345, months / 12),
        ("lifetimes' months of 30 days", "1.472256", months * 30 / 7, months / 12),
        ("the year at its end", "1.416888", np.array([52.0]), np.ones(1)),
        ("not at all", "1.558577", np.array([52.0]), np.zeros(1)),
    ):
        found = fit.discounted_purchases(customer, times, 1.1**-years).item()
        yield Row(quantity=f"discounted {name}", source=AGAIN, published=published, ours=found)


PARTS: Final[tuple[Part, ...]] = (
    ("The data", the_data),
    ("BG/NBD", bgnbd),
    ("MBG/NBD", mbgnbd),
    ("Pareto/NBD", pnbd),
    ("Gamma-Gamma", gamma_gamma),
    ("The full cohort of 23,570 customers", full_cohort),
    ("Single customers", customers),
    ("A new customer's expected purchases, BG/NBD", new_customers),
    ("The hold-out by purchases in the calibration", holdout),
    ("Tracking: cumulative repeat purchases", tracking),
    ("Extremes", extremes),
    ("Discounting: x = 2, t_x = 30.43, T = 38.86, BG/NBD, 52 weeks at 10 % a year", discounting),
)

INTRODUCTION: Final = """\
# The models against published numbers

Data: the CDNOW cohort of the first quarter of 1997, sample and full, calibrated on the 39 weeks to 30 September 1997
and held out to 30 June 1998; time in weeks.
"Ours" is computed by `python -m benchmarks.golden`, which prints this page, and shown to the published digits;
"difference" is in those digits, 0 where all agree.
Where published figures derive from estimates that are not quite the maximum, the remark says so and ours uses those.
"""


def page() -> str:
    """Return the whole page as Markdown."""
    cohort = Cohort.load()
    lines = [INTRODUCTION]
    for title, rows_of in PARTS:
        lines += [
            f"## {title}",
            "",
            "| quantity | source | published | ours | difference | remark |",
            "|---|---|---:|---:|---:|---|",
        ]
        lines += ["| " + " | ".join(row.cells) + " |" for row in rows_of(cohort)]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
