"""Whether data will carry a report: one verdict, for the terminal, a page, programs and the notebook.

Goes in: a client's name, or files nobody has described yet.  Comes out: a ``Verdict``.  What cannot be read is a
verdict too, with every problem at once; only a wrong command or wrong settings raise.
"""

from __future__ import annotations

from loyalty_lib.check.collected import collect
from loyalty_lib.check.doors import check_client, check_data, check_inputs
from loyalty_lib.check.page import page_html, write_page
from loyalty_lib.check.pages import Facts, Known, no_pages, pages_of
from loyalty_lib.check.terminal import show
from loyalty_lib.check.verdict import Churned, Page, Verdict

__all__ = [
    "Churned", "Facts", "Known", "Page", "Verdict",
    "check_client", "check_data", "check_inputs", "collect", "no_pages", "page_html", "pages_of", "show", "write_page",
]  # fmt: skip
