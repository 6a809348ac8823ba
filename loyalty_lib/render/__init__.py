"""From an executed notebook to the report: one self-contained HTML page, its PDF, and the data its cells carry.

The same notebook gives the same HTML and the same PDF, byte for byte.
"""

from __future__ import annotations

from loyalty_lib.render.carried import Extract, Picture, extract, take_pictures
from loyalty_lib.render.page import page_html
from loyalty_lib.render.printing import load_weasyprint, pdf

__all__ = ["Extract", "Picture", "extract", "load_weasyprint", "page_html", "pdf", "take_pictures"]
