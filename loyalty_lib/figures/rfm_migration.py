"""Where the customers of each segment are now, as a flow picture.  Takes an RfmResult, returns the Axes.

On the left a segment then, on the right a segment now, the same order on both sides: the most recent and frequent
buyers on top.  A band is as broad as the customers who went that way.  The largest moves are in the accent with their
number, those who stayed pale, all others grey.  Hidden flows are not drawn, so that a segment is then broader than its
bands; nor are customers who were and are inactive, whose number would flatten all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from loyalty_lib.analyses.rfm_scheme import INACTIVE, NOT_YET
from loyalty_lib.figures.palette import CONTEXT, GRID, INK, LINE, MUTED, WHITE, accent, mix, text_on
from loyalty_lib.figures.style import SEMIBOLD, SMALL, TEXT, WIDTH, axes, note, span, text_width
from loyalty_lib.i18n import gettext, number, say, say_many
from loyalty_lib.i18n.words import segment_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from loyalty_lib.analyses.rfm import RfmResult

HEIGHT: Final = 3.5  # inches, of few segments
FRAME: Final = 0.55  # inches of headings and notes
POINTS: Final = 72.0  # in an inch
LEADING: Final = 11.5  # points from one name to the next
PARTING: Final = 4.0  # points between two segments
LARGEST: Final = 5  # moves in the accent
BAR: Final = 3.0  # points of a segment's own mark
GAP: Final = 5.0  # points between a mark and its words
ROOM: Final = 0.36  # of the width that the names of one side may fill
BROAD: Final = 10.5  # points: a band that can hold its number
BEND: Final = 0.42  # of the way from side to side, where a band's curve is steered from
EDGE: Final = 0.4  # points of paper round a band, where bands cross
DARKER: Final = 0.4  # of the way from context to a line: a move is told from a stay on a grey print, too
THIN: Final = 1.5  # points: a band that has no room for an edge
SEARCHED: Final = 40  # halvings of the scale
STAYED: Final = 1.0  # order of drawing: who stayed, who moved, the largest moves
MOVED: Final = 1.1
LARGE: Final = 1.2
ELLIPSIS: Final = "…"

Flow = tuple[str, str]  # segment then and now


@dataclass(frozen=True, kw_only=True)
class Side:
    """The segments of one date, from the top.

    Attributes
    ----------
    sizes
        Customers of each, of those outside the segments only those drawn.
    known
        What is written of them; NaN where it is hidden.
    """

    sizes: Mapping[str, float]
    known: Mapping[str, float]

    def height(self, scale: float) -> float:
        """Return how high it will be, in points, at ``scale`` points a customer."""
        return sum(max(size * scale + PARTING, LEADING) for size in self.sizes.values())

    def tops(self, scale: float, height: float) -> dict[str, float]:
        """Return where each segment begins, in points from the top, spread over ``height``."""
        spare = (height - self.height(scale)) / max(len(self.sizes) - 1, 1)
        tops, at = {}, 0.0
        for key, size in self.sizes.items():
            slot = max(size * scale + PARTING, LEADING)
            tops[key] = at + (slot - size * scale) / 2
            at += slot + spare
        return tops


def rfm_migration(result: RfmResult, ax: Axes | None = None) -> Axes:
    """Draw the flows of customers between the segments of two dates.

    Parameters
    ----------
    result
        Its ``migration``, ``previous`` and ``as_of``; ``segments`` and ``grid`` order them.
    ax
        Where to draw; a new figure by default.

    Returns
    -------
    Axes
        The y axis counts points from the top.  gids: ``rfm-migration-<then>-<now>`` the bands,
        ``rfm-migration-then-<segment>`` and ``rfm-migration-now-<segment>`` the segments' own marks.
    """
    rows = result.migration[["segment_then", "segment_now", "customers"]].itertuples(index=False, name=None)
    counted: dict[Flow, float] = {(then, now): float(customers) for then, now, customers in rows}
    flows = {flow: size for flow, size in counted.items() if size > 0 and flow != (INACTIVE, INACTIVE)}
    then, now = _sides(result, flows)
    height = max(POINTS * (HEIGHT - FRAME), LEADING * max(len(then.sizes), len(now.sizes)))
    ax = axes(ax, height / POINTS + FRAME)
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(height, 0))
    if result.previous is None:
        return ax
    scale = _scale((then, now), height)
    lefts, rights = then.tops(scale, height), now.tops(scale, height)
    names = [_cut(segment_name(key), ROOM * WIDTH * POINTS - GAP) for key in (*then.sizes, *now.sizes)]
    ax.set_xlim(*_limits(names, [*then.known.values(), *now.known.values()]))
    _names(ax, "then", then, lefts, scale)
    _names(ax, "now", now, rights, scale)
    _bands(ax, flows, (lefts, rights), scale)
    for x, align, day in ((0, "right", result.previous), (1, "left", result.as_of)):
        look = {"ha": align, "va": "bottom", "color": MUTED}
        note(ax, (x, 0), say("On {day:date}", day=day), (GAP if x else -GAP, GAP), **look)
    _notes(ax, counted)
    return ax


def _sides(result: RfmResult, flows: Mapping[Flow, float]) -> tuple[Side, Side]:
    """Return both dates' segments with customers, in order."""
    order = [*_order(result), INACTIVE, NOT_YET]
    was = result.migration.drop_duplicates("segment_then").set_index("segment_then")["customers_then"]
    sides = []
    for place, total in ((0, was), (1, result.segments["customers"])):
        drawn = dict.fromkeys(order, 0.0)
        for flow, customers in flows.items():
            drawn[flow[place]] += customers
        told = total.astype(float).reindex(order).to_dict()
        known = {key: float(told[key]) for key in order if key != INACTIVE}
        # What is hidden of a segment makes it broader than its bands.
        sizes = {key: np.fmax(size, known.get(key, 0.0)) for key, size in drawn.items()}
        sides.append(Side(sizes={key: float(size) for key, size in sizes.items() if size > 0}, known=known))
    return sides[0], sides[1]


def _order(result: RfmResult) -> list[str]:
    """Order segments by the mean of their scores, highest first; as the scheme does where it divides cells by money."""
    grid = result.grid
    order = [str(key) for key in result.segments.index]
    if grid["segment"].isna().any():
        return order
    scores = (grid["r"] + grid["f"]).groupby(grid["segment"]).mean()
    return sorted(order, key=lambda key: -scores.get(key, 0.0))


def _scale(sides: Sequence[Side], height: float) -> float:
    """Return how many points a customer is, the most that both sides have room for."""
    _, most = span([size for side in sides for size in side.sizes.values()])
    low, high = 0.0, height / most
    for _ in range(SEARCHED):
        middle = (low + high) / 2
        fits = all(side.height(middle) <= height for side in sides)
        low, high = (middle, high) if fits else (low, middle)
    return low


def _limits(names: Sequence[str], sizes: Sequence[float]) -> tuple[float, float]:
    """Return the ends of the x axis, that leave the names on both sides their room."""
    words = max((text_width(name) for name in names), default=0.0) + 2 * GAP
    words += max((text_width(_size(size)) for size in sizes), default=0.0) + GAP
    inside = max(WIDTH * POINTS - 2 * words, WIDTH * POINTS / 4)
    return -words / inside, 1 + words / inside


def _names(ax: Axes, side: str, shown: Side, tops: Mapping[str, float], scale: float) -> None:
    """Draw the segments of one side, their sizes next to them and their names outside."""
    x, way, align = (0.0, -1, "right") if side == "then" else (1.0, 1, "left")
    room = max((text_width(_size(size)) for size in shown.known.values()), default=0.0)
    for key, size in shown.sizes.items():
        middle = tops[key] + size * scale / 2
        look: dict[str, Any] = {
            "lw": BAR,
            "color": LINE,
            "solid_capstyle": "butt",
            "gid": f"rfm-migration-{side}-{key}",
        }
        ax.plot((x, x), (tops[key], tops[key] + size * scale), zorder=2, clip_on=False, **look)
        words = {"va": "center_baseline", "ha": align}
        if key in shown.known:
            note(ax, (x, middle), _size(shown.known[key]), (way * GAP, 0), color=MUTED, **words)
        name = _cut(segment_name(key), ROOM * WIDTH * POINTS - GAP)
        note(ax, (x, middle), name, (way * (2 * GAP + room), 0), color=INK, **words)


def _bands(
    ax: Axes, flows: Mapping[Flow, float], tops: tuple[Mapping[str, float], Mapping[str, float]], scale: float
) -> None:
    """Draw the flows, the largest moves on top of the others and with their number."""
    lefts, rights = (_starts(flows, tops, side, scale) for side in (0, 1))
    largest = _largest(flows)
    for flow, customers in flows.items():
        fill, order = (GRID, STAYED) if flow[0] == flow[1] else (mix(CONTEXT, LINE, DARKER), MOVED)
        if flow in largest:
            fill, order = accent(), LARGE
        broad = customers * scale
        look = {"fc": fill, "ec": WHITE, "lw": EDGE if broad > THIN else 0, "zorder": order, "clip_on": False}
        band = _band(lefts[flow], rights[flow], broad)
        ax.add_patch(PathPatch(band, gid=f"rfm-migration-{flow[0]}-{flow[1]}", **look))
    _numbers(ax, {flow: flows[flow] for flow in sorted(largest, key=lambda flow: lefts[flow])}, lefts, scale)


def _starts(
    flows: Mapping[Flow, float], tops: tuple[Mapping[str, float], Mapping[str, float]], side: int, scale: float
) -> dict[Flow, float]:
    """Return where each band begins on one side, 0 or 1: in its segment, in the order of the other side's."""
    place = [{key: index for index, key in enumerate(each)} for each in tops]
    at, starts = dict(tops[side]), {}
    for flow in sorted(flows, key=lambda flow: (place[side][flow[side]], place[1 - side][flow[1 - side]])):
        starts[flow] = at[flow[side]]
        at[flow[side]] += flows[flow] * scale
    return starts


def _numbers(ax: Axes, flows: Mapping[Flow, float], lefts: Mapping[Flow, float], scale: float) -> None:
    """Write out moves, from the top, where they leave; those of thin bands side by side where they would meet."""
    right, above = 0.0, -LEADING
    for flow, customers in flows.items():
        broad = customers * scale
        look = {"color": text_on(accent()), "weight": SEMIBOLD, "fontsize": TEXT if broad >= LEADING else SMALL}
        if broad < BROAD:
            look |= {"color": accent(), "bbox": {"fc": WHITE, "ec": "none", "pad": 0.6}}
        middle, text = lefts[flow] + broad / 2, number(customers)
        if middle - above >= LEADING:
            right = GAP if broad >= BROAD else BAR
        note(ax, (0, middle), text, (right, 0), va="center_baseline", zorder=3, **look)
        right, above = right + text_width(text, TEXT, SEMIBOLD) + GAP, middle


def _band(left: float, right: float, broad: float) -> Path:
    """Return the outline of a band from side to side."""
    upper = [(0, left), (BEND, left), (1 - BEND, right), (1, right)]
    lower = [(1, right + broad), (1 - BEND, right + broad), (BEND, left + broad), (0, left + broad)]
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    return Path([*upper, *lower, (0, left)], codes)


def _largest(flows: Mapping[Flow, float]) -> set[Flow]:
    """Return the largest moves of those who were customers before."""
    moves = [flow for flow in flows if flow[0] not in (flow[1], NOT_YET)]
    return set(sorted(moves, key=lambda flow: (-flows[flow], flow))[:LARGEST])


def _notes(ax: Axes, counted: Mapping[Flow, float]) -> None:
    """Say under the picture what is not drawn."""
    told = []
    if (stayed := counted.get((INACTIVE, INACTIVE), 0.0)) > 0:
        told.append(
            say_many(
                "Not drawn: {count:number} customer who was inactive and still is.",
                "Not drawn: {count:number} customers who were inactive and still are.",
                stayed,
            )
        )
    if not np.isfinite(list(counted.values())).all():
        told.append(gettext("Not drawn: moves hidden for privacy."))
    look = {"xycoords": "axes fraction", "ha": "center", "va": "top", "color": MUTED, "fontsize": SMALL}
    note(ax, (0.5, 0), " ".join(told), (0, -GAP), **look)


def _cut(line: str, room: float) -> str:
    """Shorten a name that is wider than its place."""
    while len(line) > 1 and text_width(line) > room:
        line = line.removesuffix(ELLIPSIS)[:-1] + ELLIPSIS
    return line


def _size(customers: float) -> str:
    return number(customers) if np.isfinite(customers) else "·"
