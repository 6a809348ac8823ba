"""A client's look, from settings and files to a ``Dressing``: logo, typeface, colours, words and templates.

Everything is checked before a report is begun, and everything is brought into the page: nothing is fetched later.
"""

from __future__ import annotations

from loyalty_lib.branding.dressing import Dressing, dressing, dressing_of_words

__all__ = ["Dressing", "dressing", "dressing_of_words"]
