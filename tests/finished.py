"""Finished reports of the demo clients, each made once for the whole test run, and their printed pages as pixels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pypdfium2
from filelock import FileLock

from loyalty_lib.deliver import make_report

MILLIMETRE = 1 / 25.4 * 72  # points


def finished(shared: Path, client: str, **how: str) -> Path:
    """Return the folder of a client's report, made where no other test has made it yet.

    Parameters
    ----------
    shared
        A folder of all test processes of this run; it is the home of the reports.
    client, **how
        As for ``make_report``.
    """
    with FileLock(shared / f"{client}.lock"):
        before = os.environ.get("LOYALTY_HOME")
        os.environ["LOYALTY_HOME"] = str(shared)
        try:
            return make_report(client, **how).folder
        finally:
            if before is None:
                del os.environ["LOYALTY_HOME"]
            else:
                os.environ["LOYALTY_HOME"] = before


def pages(pdf: Path | bytes, scale: float = 0.5) -> Iterator[tuple[tuple[float, float], np.ndarray]]:
    """Yield each page's size in points and its grey pixels, 0 to 255; ``scale`` is pixels a point."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        for page in document:
            yield page.get_size(), page.render(scale=scale, grayscale=True).to_numpy().squeeze()
    finally:
        document.close()


def words(pdf: Path | bytes) -> list[str]:
    """Return the text of each page, its lines joined."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def fill(size: tuple[float, float], grey: np.ndarray, margin: float = 18.0) -> float:
    """Return how far down a page is filled: where its last ink is, as a share of the height between the margins.

    Parameters
    ----------
    size
        Width and height in points.
    grey
        Its pixels.
    margin
        Above and below the text, in millimetres; what stands there (running head, page number) does not count.
    """
    scale = grey.shape[0] / size[1]
    edge = round(margin * MILLIMETRE * scale)
    rows = np.flatnonzero((grey[edge:-edge] < 245).any(axis=1))
    return (rows.max() + 1) / (grey.shape[0] - 2 * edge) if len(rows) else 0.0


def ink(size: tuple[float, float], grey: np.ndarray, band: float = 8.0) -> float:
    """Return the share of a page's bands of ``band`` millimetres, between the margins, that hold any ink."""
    scale = grey.shape[0] / size[1]
    edge, height = round(18.0 * MILLIMETRE * scale), round(band * MILLIMETRE * scale)
    inner = grey[edge:-edge]
    bands = [inner[top : top + height] for top in range(0, len(inner) - height + 1, height)]
    return float(np.mean([(part < 245).any() for part in bands]))
