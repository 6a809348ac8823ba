"""Answers as bars of promoters, passives and detractors, in all and by segment.  A SurveyResult goes in, Axes come out.

Every bar is 100 % of the answers of its row; the net promoter score and its margin of error stand behind it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from loyalty_lib.figures.palette import GRID, INK, LINE, MUTED, WHITE, accent, text_on
from loyalty_lib.figures.style import HIDDEN, REGULAR, SEMIBOLD, SMALL, TEXT, WIDTH, axes, note, text_width, write
from loyalty_lib.i18n import gettext, mark, number, percent, say
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from loyalty_lib.analyses.survey import SurveyResult

ROW: Final = 0.215  # inches of a row
FRAME: Final = 0.5  # inches for the headings
THICKNESS: Final = 0.72  # of a row
PADDING: Final = 6.0  # points a share needs beside its figures
GAP: Final = 8.0  # points between a bar and its score
BANDS: Final = {"detractors": mark("Detractors"), "passives": mark("Passives"), "promoters": mark("Promoters")}
ROWS: Final = {"all": mark("All answers"), "unknown": mark("Without a known customer")}


def survey(result: SurveyResult, ax: Axes | None = None) -> Axes:
    """Draw who answered what, all answers first.

    Parameters
    ----------
    result
        Its ``shares`` hold a row for all answers and one a segment; NaN is hidden.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        gids: ``survey-<row>-<band>`` the bars, ``survey-<row>-nps`` the scores.
    """
    shares = result.shares
    count = max(len(shares), 1)
    ax = axes(ax, FRAME + ROW * (count + 1))
    ax.set(xlim=(0, 1), ylim=(count - 0.4, -0.7), xticks=[])
    ax.grid(visible=False)
    ax.spines["bottom"].set_visible(False)
    ax.set_yticks(range(len(shares)), labels=[_row_name(str(key)) for key in shares.index])
    colours = {"detractors": LINE, "passives": GRID, "promoters": accent()}
    scores = [_score(*row) for row in shares[["nps", "margin"]].itertuples(index=False, name=None)]
    names = [text_width(_row_name(str(key))) for key in shares.index]
    heading = gettext("Net promoter score")
    room = WIDTH * 72 - max(names, default=0.0) - max(map(text_width, [*scores, heading])) - 4 * GAP
    if len(shares):
        _headings(ax, heading)
    columns = [f"share_{band}" for band in BANDS]
    for at, (key, *values) in enumerate(shares[columns].itertuples(name=None)):
        look = {"va": "center", "fontsize": TEXT, "weight": REGULAR if at else SEMIBOLD}
        if not np.isfinite(values).all():
            ax.barh(at, 1, THICKNESS, color=WHITE, ec=GRID, lw=0.8, gid=f"survey-{key}-hidden", clip_on=False)
            write(ax, 0.5, at, gettext(HIDDEN), ha="center", va="center", fontsize=SMALL, color=MUTED)
            continue
        left = 0.0
        for band, share in zip(BANDS, values, strict=True):
            ax.barh(at, share, THICKNESS, left=left, color=colours[band], ec=WHITE, lw=0.8, gid=f"survey-{key}-{band}")
            figure = percent(share)
            if text_width(figure, SMALL) + PADDING <= share * room:
                colour = text_on(colours[band])
                write(ax, left + share / 2, at, figure, ha="center", va="center", fontsize=SMALL, color=colour)
            left += share
        note(ax, (1, at), scores[at], (GAP, 0), color=INK, gid=f"survey-{key}-nps", **look)
    return ax


def _row_name(key: str) -> str:
    return gettext(ROWS[key]) if key in ROWS else segment_name(key)


def _score(nps: float, margin: float) -> str:
    """Write a score with its margin of error."""
    return say("{nps:signed_number} ± {margin:text}", nps=nps, margin=number(margin))


def _headings(ax: Axes, score: str) -> None:
    """Name the bands over the first bar, at its ends and in its middle."""
    names = [gettext(name) for name in BANDS.values()]
    look = {"va": "bottom", "fontsize": SMALL, "color": MUTED}
    for x, align, name in zip((0.0, 0.5, 1.0), ("left", "center", "right"), names, strict=True):
        note(ax, (x, -0.4), name, (0, 2), ha=align, **look)
    note(ax, (1, -0.4), score, (GAP, 2), ha="left", **look)
