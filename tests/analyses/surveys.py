"""Surveys to analyse: answers and complaints made by hand, and drawn for a shop's customers."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd

from loyalty_lib.analyses.rfm import rfm
from loyalty_lib.analyses.survey import SurveyResult, survey
from loyalty_lib.config.analyses import Complaints, Survey

AS_OF = dt.date(2024, 12, 31)
Answer = tuple[str | None, str | None, str | None, str | None]


def answers_of(rows: list[Answer], weights: list[float] | None = None) -> pd.DataFrame:
    """Build answers from (customer, day, nps, csat) rows."""
    frame = pd.DataFrame(rows, columns=["customer_id", "answered_on", "nps", "csat"], dtype="str")
    frame["answered_on"] = pd.to_datetime(frame["answered_on"])
    frame["weight"] = weights or 1.0
    return frame.astype({"weight": "float64"})


def complaints_of(rows: list[tuple[str | None, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["customer_id", "complained_on"], dtype="str")
    frame["complained_on"] = pd.to_datetime(frame["complained_on"])
    return frame


def asked(transactions: Any, answers: pd.DataFrame | None, **settings: Any) -> SurveyResult:
    """Run the analysis with a survey's settings, and complaints where given."""
    complaints, period = settings.pop("complaints", None), settings.pop("period", None)
    return survey(
        transactions,
        AS_OF,
        answers,
        settings.pop("segments", None) or rfm(transactions, AS_OF),
        Survey(path="survey.csv", **settings),
        complaints=complaints,
        complaint_settings=None if complaints is None else Complaints(path="complaints.csv"),
        period=period,
    )


def drawn_answers(orders: pd.DataFrame, count: int = 600, seed: int = 3) -> pd.DataFrame:
    """Draw answers of customers, of nobody, of strangers, some twice, some no answer, weighted by tenths."""
    rng = np.random.default_rng(seed)
    people = np.array([*orders["customer_id"].unique(), "stranger", ""])
    codes = [str(code) for code in range(11)] * 6 + ["", "11", "Blank", "8.5", "10.0", "-1"]
    days = pd.Timestamp("2022-12-01") + pd.to_timedelta(rng.integers(0, 761, count), unit="D")
    return pd.DataFrame(
        {
            "customer_id": pd.Series(rng.choice(people, count), dtype="str").where(rng.random(count) > 0.05),
            "answered_on": pd.Series(days).where(rng.random(count) > 0.01),
            "nps": pd.Series(rng.choice(codes, count), dtype="str"),
            "csat": pd.Series(rng.choice(["1", "2", "3", "4", "5", "6", ""], count), dtype="str"),
            "weight": rng.integers(0, 30, count) / 10,
        }
    )


def drawn_complaints(orders: pd.DataFrame, count: int = 150, seed: int = 4) -> pd.DataFrame:
    """Draw complaints of customers, most a few days after an order, some of nobody."""
    rng = np.random.default_rng(seed)
    chosen = orders.sample(count, random_state=seed)
    days = chosen["day"] + pd.to_timedelta(rng.integers(-20, 60, count), unit="D")
    people = chosen["customer_id"].astype("str").where(rng.random(count) > 0.1)
    return pd.DataFrame(
        {
            "customer_id": people.to_numpy(),
            "complained_on": days.where(days <= pd.Timestamp(AS_OF), pd.Timestamp(AS_OF)).to_numpy(),
        }
    )
