"""What customers did who answered: who came back within some days, and whether the loyal ones are content.

The engine holds the answers read (``survey_scores``).  Groups are compared as they are: that promoters come back more
often does not say that making someone a promoter would bring them back.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import pandas as pd

from loyalty_lib.analyses.survey_answers import BANDS
from loyalty_lib.analyses.survey_intervals import share_interval

if TYPE_CHECKING:
    from loyalty_lib.engine import Engine

CELLS: Final = ("loyal_content", "loyal_only", "content_only", "neither")
_BANDS: Final = ["high", "middle", "low"]


def returns_table(engine: Engine, start: dt.date, last: dt.date, days: int) -> pd.DataFrame:
    """Count who bought again within ``days`` days after answering, by the answer.

    Returns
    -------
    DataFrame
        Index: promoters, passives, detractors.  ``customers``, ``returned``, ``share``, ``low``, ``high`` (Wilson),
        ``mean_sales`` (net sales in those days a customer), ``largest_share`` (of the money moved, by one customer).
    """
    found = engine.frame("survey_return", start=start, last=last, days=days).set_index("band")
    table = found.reindex(_BANDS).fillna(0.0)
    table.index = pd.Index(BANDS, name="group")
    customers = table["customers"].where(table["customers"] > 0)
    share = table["returned"] / customers
    low, high = share_interval(share, table["customers"])
    return pd.DataFrame(
        {
            "customers": table["customers"].astype("int64"),
            "returned": table["returned"].astype("int64"),
            "share": share,
            "low": low,
            "high": high,
            "mean_sales": table["sales"] / customers,
            "largest_share": table["largest"] / table["moved"].where(table["moved"] > 0),
        }
    )


def loyalty_tables(engine: Engine, question: str, start: dt.date, as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cross loyalty with contentment.

    Parameters
    ----------
    engine
        With ``survey_scores``.
    question
        "nps": content is who is a promoter.  "csat": content is who is satisfied.
    start, as_of
        First and last day of the window.

    Returns
    -------
    cells : DataFrame
        Index: ``CELLS``.  ``customers``, ``share`` (of all four), ``sales`` (net, in the window), ``largest_share``.
    by_band : DataFrame
        The same counts for loyal (two purchase days or more in the window) x "high", "middle", "low".
    """
    found = engine.frame("survey_loyalty", question=question, start=start, as_of=as_of)
    index = pd.MultiIndex.from_product([[True, False], _BANDS], names=["loyal", "band"])
    sums = found.set_index(["loyal", "band"]).reindex(index).fillna(0.0).astype({"customers": "int64"})
    content = sums.index.get_level_values("band") == "high"
    loyal = sums.index.get_level_values("loyal").to_numpy(dtype=bool)
    cell = pd.Series("neither", index=sums.index).mask(loyal, "loyal_only").mask(content, "content_only")
    cell = cell.mask(loyal & content, "loyal_content")
    money = {"customers": "sum", "sales": "sum", "largest": "max", "moved": "sum"}
    cells = sums.groupby(cell).agg(money).reindex(pd.Index(CELLS, name="cell"))
    cells["share"] = cells["customers"] / max(int(cells["customers"].sum()), 1)
    return (_weighed(cells)[["customers", "share", "sales", "largest_share"]],
            _weighed(sums)[["customers", "sales", "largest_share"]])  # fmt: skip


def _weighed(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(largest_share=table["largest"] / table["moved"].where(table["moved"] > 0))
