"""Reading small files in tests: what was read as plain tuples, days, amounts or a complaint."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from loyalty_lib.errors import DataError
from loyalty_lib.validate import read_transactions

HEADER = "customer_id,order_id,order_date,amount\n"


def rows(source, **settings):
    """Return what was read as (customer, order, day, amount) tuples."""
    data = read_transactions(source, **settings).data
    days = data["order_date"].dt.date
    return list(zip(data["customer_id"], data["order_id"], days, data["amount"], strict=True))


def days(moments, **settings):
    """Return the days that moments become, in the order given."""
    frame = pd.DataFrame({"customer_id": [f"{i:03}" for i in range(len(moments))], "order_date": moments, "amount": 1})
    return [str(day) for _, _, day, _ in rows(frame, **settings)]


def amounts(texts, **settings):
    """Return the amounts that texts become, in the order given."""
    frame = pd.DataFrame(
        {"customer_id": [f"{i:03}" for i in range(len(texts))], "order_date": "2024-01-01", "amount": texts}
    )
    return [amount for _, _, _, amount in rows(frame, **settings)]


def complaint(source, **settings):
    """Return the text of the error that reading raises."""
    with pytest.raises(DataError) as caught:
        read_transactions(source, **settings)
    return str(caught.value)


TWO = [("1", "a", dt.date(2024, 1, 31), 10.5), ("2", "b", dt.date(2024, 2, 1), -3.0)]
TWO_ROWS = "1,a,2024-01-31,10.5\n2,b,2024-02-01,-3\n"
