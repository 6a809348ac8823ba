"""The answers of a survey: read, counted, and summed up as net promoter score and share of satisfied customers.

The engine holds the answers as in the file (``survey_file``); tables of bands and scores come out.  Codes that are no
answer are counted by kind and left out.  One answer a customer and window counts, the newest; nameless ones all do.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from loyalty_lib.analyses.survey_intervals import POINTS, effective, nps_margin, share_interval

if TYPE_CHECKING:
    from loyalty_lib.config.analyses import Survey
    from loyalty_lib.engine import Engine

BLANK: Final = ["", "blank", "-", "–", ".", "na", "n/a", "nan", "none", "null", "missing", "no answer"]
YES: Final = ["up", "thumbs up", "thumbs_up", "👍", "yes", "y", "true", "ja", "kyllä", "good", "happy"]
NO: Final = ["down", "thumbs down", "thumbs_down", "👎", "no", "n", "false", "nei", "nej", "ei", "bad", "unhappy"]
SPANS: Final = ("now", "before")
BANDS: Final = ("promoters", "passives", "detractors")
KINDS: Final = ("answer", "earlier", "blank", "outside", "not_whole", "no_weight", "undated")
QUESTIONS: Final = ("nps", "csat")
_NAMES: Final = {"high": "promoters", "middle": "passives", "low": "detractors"}


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How satisfaction was asked: lowest and highest answer, and from which on a customer is satisfied.

    Attributes
    ----------
    one_click
        Whether by yes or no: 1 and 0, or words such as up and down.
    """

    low: int
    high: int
    satisfied: int
    one_click: bool = False


@contextmanager
def registered(engine: Engine, frames: Mapping[str, Any]) -> Generator[None]:
    """Let SQL see Arrow tables by name for the time being."""
    try:
        for name, frame in frames.items():
            engine.connection.register(name, frame)
        yield
    finally:
        for name in frames:
            engine.connection.unregister(name)


def asked_scale(engine: Engine, settings: Survey) -> Scale:
    """Return the configured scale, or that of one click where the file holds nothing but yes and no.

    Figures 0 and 1 are one click only where 0 is no answer of the configured scale, or the scale ends at 1.
    """
    found = engine.frame("survey_codes", blank=BLANK, yes=YES, no=NO).iloc[0]
    low, high = settings.csat_scale
    figures = found["zeros"] + found["ones"] == found["codes"] and (high == 1 or (low > 0 and found["zeros"] > 0))
    if found["codes"] > 0 and (found["words"] == found["codes"] or figures):
        return Scale(low=0, high=1, satisfied=1, one_click=True)
    return Scale(low=low, high=high, satisfied=settings.csat_satisfied)


def keep_scores(engine: Engine, scale: Scale, prior_start: dt.date, start: dt.date, as_of: dt.date) -> None:
    """Make the table ``survey_scores`` that the other files read."""
    engine.create(
        "survey_scores",
        "survey_scores",
        prior_start=prior_start,
        start=start,
        as_of=as_of,
        blank=BLANK,
        yes=YES if scale.one_click else [],
        no=NO if scale.one_click else [],
        low=scale.low,
        high=scale.high,
        satisfied=scale.satisfied,
    )


def kinds_table(engine: Engine) -> pd.DataFrame:
    """Count the rows of the window by question and kind; a question that nobody was asked has no rows."""
    found = engine.frame("survey_kinds").set_index(["question", "kind"])["file_rows"]
    index = pd.MultiIndex.from_product([QUESTIONS, KINDS], names=["question", "kind"])
    table = found.reindex(index, fill_value=0).rename("file_rows").reset_index()
    said = table[~table["kind"].isin(["blank", "undated"]) & (table["file_rows"] > 0)]
    return table[table["question"].isin(said["question"])].reset_index(drop=True)


def nps_by(groups: pd.DataFrame, key: str, index: pd.Index) -> pd.DataFrame:
    """Sum answers up as net promoter score by ``key``.

    Parameters
    ----------
    groups
        Of one question and, where ``key`` is not it, one window: ``band``, ``answers``, ``weight``, ``squares``.
    key
        Column to divide by.
    index
        Its values, in the order to show.

    Returns
    -------
    DataFrame
        ``answers``, ``promoters``, ``passives``, ``detractors`` (answers each), ``effective``, ``share_promoters``,
        ``share_passives``, ``share_detractors`` (weighted), ``nps``, ``margin`` (points).
    """
    sums = _by_band(groups.assign(band=groups["band"].map(_NAMES)), key, index, BANDS)
    table = pd.DataFrame({"answers": sums["answers"].sum(axis=1), **{name: sums["answers"][name] for name in BANDS}})
    weight = sums["weight"].sum(axis=1)
    table["effective"] = effective(weight, sums["squares"].sum(axis=1))
    for name in BANDS:
        table[f"share_{name}"] = sums["weight"][name] / weight.where(weight > 0)
    promoters, detractors = table["share_promoters"], table["share_detractors"]
    table["nps"] = POINTS * (promoters - detractors)
    table["margin"] = nps_margin(promoters, detractors, table["effective"])
    return table


def csat_by(groups: pd.DataFrame, key: str, index: pd.Index) -> pd.DataFrame:
    """Sum answers up as share of satisfied customers: ``answers``, ``satisfied``, ``share``, ``low``, ``high``."""
    sums = _by_band(groups, key, index, ("high", "low"))
    table = pd.DataFrame({"answers": sums["answers"].sum(axis=1), "satisfied": sums["answers"]["high"]})
    weight = sums["weight"].sum(axis=1)
    table["effective"] = effective(weight, sums["squares"].sum(axis=1))
    table["share"] = sums["weight"]["high"] / weight.where(weight > 0)
    table["low"], table["high"] = share_interval(table["share"], table["effective"])
    return table


def _by_band(groups: pd.DataFrame, key: str, index: pd.Index, bands: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Lay answers, weights and squares out as key x band."""
    sums = groups.groupby([key, "band"])[["answers", "weight", "squares"]].sum()
    wanted = pd.MultiIndex.from_product([index, bands], names=[key, "band"])
    whole = sums.reindex(wanted).fillna(0.0)
    return {
        name: pd.DataFrame(
            whole[name].to_numpy(dtype=np.int64 if name == "answers" else float).reshape(len(index), len(bands)),
            index=index,
            columns=pd.Index(bands),
        )
        for name in ("answers", "weight", "squares")
    }


def text_of(values: pd.Series | pd.Index) -> Any:
    """Return texts as an Arrow array, missing ones as NULL; of that type where there are none too."""
    return pa.array(pd.Series(values).astype("str"), type=pa.string(), from_pandas=True)


def days_of(values: pd.Series) -> Any:
    """Return days as an Arrow array, missing ones as NULL."""
    return pa.array(pd.to_datetime(values), type=pa.timestamp("us"), from_pandas=True)
