"""Every column the project uses: name, unit, definition.  One word, one meaning.

Readers take the names and types of transactions from here, ``summarise`` the columns of its table; the definitions are
for whoever reads the SQL files or explores the data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Column:
    """A column: its name, SQL type, unit and definition."""

    name: str
    sql_type: str
    unit: str
    definition: str


CUSTOMER_ID: Final = Column("customer_id", "VARCHAR", "id", "The customer, as the shop's system names it")
ORDER_ID: Final = Column("order_id", "VARCHAR", "id", "The order; rows of one order share it")
ORDER_DATE: Final = Column("order_date", "DATE", "day", "The day of the order in the shop's time zone")
AMOUNT: Final = Column("amount", "DECIMAL(18, 6)", "money", "Net sales of the row; negative for a refund")

# Exact decimals make every sum the same on every run, in whatever order the rows arrive; Python sees float64.
REQUIRED: Final = (CUSTOMER_ID, ORDER_ID, ORDER_DATE, AMOUNT)

OPTIONAL: Final = (
    Column("order_line", "VARCHAR", "id", "The line within its order"),
    Column("product", "VARCHAR", "text", "What was bought"),
    Column("category", "VARCHAR", "text", "The product's category"),
    Column("channel", "VARCHAR", "text", "Where the order was placed"),
    Column("country", "VARCHAR", "text", "Where the order went"),
)
CANONICAL: Final = REQUIRED + OPTIONAL

SUMMARY: Final = (
    Column("frequency", "BIGINT", "purchase days", "Purchase days after the first"),
    Column("recency", "DOUBLE", "unit", "Time from the first to the last purchase day"),
    Column("T", "DOUBLE", "unit", "Time from the first purchase day to the as-of date"),
    Column("monetary_value", "DOUBLE", "money", "Mean net spend of the purchase days after the first"),
)
