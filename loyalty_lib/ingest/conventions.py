"""How a file's columns are written, decided by whole columns: dates (``dates.py``) and numbers (``amounts.py``).

Both read the view ``source_rows`` with the macros of ``read_macros.sql``, which then read the values one by one.
"""

from __future__ import annotations

from loyalty_lib.ingest.amounts import DecimalForm, decimals
from loyalty_lib.ingest.dates import DateForm, dates
from loyalty_lib.ingest.trouble import Trouble

__all__ = ["DateForm", "DecimalForm", "Trouble", "dates", "decimals"]
