"""A chart as inline SVG: text as text, small, and in nobody's way on the page.

``to_svg`` takes the axes of a chart and returns one ``<svg>`` element for HTML5 and WeasyPrint.  Every id is the
figure's name, a full stop (which no name has) and the mark's own; looks are presentation attributes, because
matplotlib's style sheet would reach the whole page; what neighbours have in common is said once, round them; numbers
have two decimals, straight lines one, a tenth of a point; the same chart gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import matplotlib as mpl

from loyalty_lib import fonts

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SVG: Final = "http://www.w3.org/2000/svg"
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_-]*", flags=re.ASCII)
REFERENCE: Final = re.compile(r"url\(#([^)]+)\)")
NUMBER: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")
STEP: Final = re.compile(r"([MLz])([^MLz]*)")
CURVES: Final = frozenset("CQ")
SPACE: Final = re.compile(r"\s+")
SPARE: Final = re.compile(r"(?<=[MLCQz])\s+|\s+(?=[MLCQz])")
NUMERIC: Final = frozenset({"d", "x", "y", "width", "height", "transform", "stroke-width", "stroke-dasharray"})
# Looks that a group hands down to what stands in it.
INHERITED: Final = frozenset(
    {
        *("fill", "font-size", "font-weight", "text-anchor"),
        *("stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray"),
    }
)
MARKS: Final = 400  # charts of more are too large to name each of them
LOST: Final = frozenset({"metadata", "style"})
# What the root element or the SVG specification says already.
SAID: Final = frozenset(
    {
        ("stroke-linejoin", "round"),
        ("stroke-linecap", "butt"),
        ("stroke-dashoffset", "0"),
        ("stroke-width", "1"),
        ("stroke", "none"),
        ("text-anchor", "start"),
        ("fill", "#000000"),
    }
)
UNTURNED: Final = re.compile(r"rotate\(-?0(?:\.0+)?[ )]")


def to_svg(ax: Axes, name: str, alt: str) -> str:
    """Write the figure of ``ax`` as inline SVG.

    Parameters
    ----------
    ax
        Any axes of the figure.
    name
        The figure's name, unique on the page; begins every id.
    alt
        Alternative text: what the chart shows, for those who cannot see it.

    Returns
    -------
    str
        One ``<svg>`` element, as wide as what it stands in.  Its units are points at the report's column width; marks
        that carry the gid ``pareto-top20`` in a figure "pareto" have the id ``pareto.top20``.

    Raises
    ------
    ValueError
        If ``name`` cannot begin an id, or ``alt`` is empty.
    """
    if not NAME.fullmatch(name):
        message = f"Figure name {name!r} cannot begin an id; expected a letter, then letters, digits, '-' or '_'."
        raise ValueError(message)
    if not alt.strip():
        message = f"Figure {name!r} has no alternative text; say what it shows."
        raise ValueError(message)
    figure = ax.get_figure(root=True)
    if figure is None:
        message = f"Figure {name!r}: these axes have been removed from their figure."
        raise ValueError(message)
    drawn = _draw(figure)
    root = ET.Element("svg", _root_attributes(drawn, name))
    title = ET.SubElement(root, "title", {"id": _page_id("title", name)})
    title.text = alt
    ids = _lasting_ids(figure, drawn)
    root.extend(_together(clean for child in drawn for clean in _clean(child, name, ids)))
    return ET.tostring(root, encoding="unicode")


def _draw(figure: Figure) -> ET.Element:
    buffer = io.BytesIO()
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "loyalty-report", "path.simplify": False}):
        figure.savefig(buffer, format="svg", facecolor="none", metadata={"Date": None})
    figure.set_layout_engine("none")  # it moves things by a hair each time; what is drawn once, stays
    return ET.fromstring(buffer.getvalue())  # noqa: S314 - matplotlib wrote it a line ago, and it declares no entities


def _root_attributes(drawn: ET.Element, name: str) -> dict[str, str]:
    return {
        "xmlns": SVG,
        "viewBox": _rounded(drawn.attrib["viewBox"]),
        "width": "100%",
        "role": "img",
        "aria-labelledby": _page_id("title", name),
        # WeasyPrint does not hand the page's typeface down into a drawing.
        "font-family": fonts.stack(mpl.rcParams["font.family"]),
        "stroke-linejoin": "round",
    }


def _lasting_ids(figure: Figure, drawn: ET.Element) -> frozenset[str]:
    """Return the ids worth keeping: those charts gave to their marks, if not too many, and those referred to."""
    given = {artist.get_gid() for artist in figure.findobj()} - {None}
    if len(given) > MARKS:
        given = set()
    said = [(key, value) for element in drawn.iter() for key, value in element.attrib.items()]
    used = {value.removeprefix("#") for key, value in said if _local(key) == "href"}
    referred = {match.group(1) for _, value in said for match in REFERENCE.finditer(value)}
    return frozenset({gid for gid in given if gid} | used | referred)


def _clean(element: ET.Element, name: str, ids: frozenset[str]) -> Iterator[ET.Element]:
    """Yield ``element`` as it stands on the page: nothing, itself, or, for a group that says nothing, its children."""
    tag = _local(element.tag)
    if tag in LOST:
        return
    attributes = dict(_attributes(element.attrib, name, ids))
    children = _together(clean for child in element for clean in _clean(child, name, ids))
    if tag == "g" and not attributes:
        yield from children
    elif tag == "g" and [*attributes] == ["id"] and len(children) == 1 and "id" not in children[0].attrib:
        children[0].set("id", attributes["id"])
        yield children[0]
    elif (children or tag not in {"g", "defs"}) and not _invisible(tag, attributes):
        kept = ET.Element(tag, attributes)
        kept.text = element.text if tag == "text" else None
        kept.extend(children)
        yield kept


def _together(elements: Iterable[ET.Element]) -> list[ET.Element]:
    """Put neighbours of the same looks into a group that has them."""
    grouped: list[ET.Element] = []
    for (tag, looks), run in groupby(elements, key=lambda element: (element.tag, _inherited(element))):
        alike = list(run)
        if tag in {"g", "defs"} or not looks or len(alike) == 1:
            grouped += alike
            continue
        group = ET.Element("g", dict(looks))
        for element in alike:
            element.attrib = {key: value for key, value in element.attrib.items() if key not in INHERITED}
        group.extend(alike)
        grouped.append(group)
    return grouped


def _inherited(element: ET.Element) -> tuple[tuple[str, str], ...]:
    return tuple((key, value) for key, value in element.attrib.items() if key in INHERITED)


def _invisible(tag: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether a shape leaves no mark; shapes of definitions are drawn where they are used."""
    return tag == "path" and "id" not in attributes and attributes.get("fill") == "none" and "stroke" not in attributes


def _attributes(attributes: Mapping[str, str], name: str, ids: frozenset[str]) -> Iterator[tuple[str, str]]:
    for raw, text in attributes.items():
        key = _local(raw)
        if key == "id":
            if text in ids:
                yield key, _page_id(text, name)
        elif key == "href":
            yield key, f"#{_page_id(text.removeprefix('#'), name)}"
        elif key == "style":
            yield from ((look, _linked(value, name)) for look, value in _looks(text))
        elif key != "transform" or not UNTURNED.match(text):
            yield key, _number(key, text) if key in NUMERIC else _linked(text, name)


def _local(name: str) -> str:
    """Return a tag's or attribute's name without its namespace: HTML knows none."""
    return name.rpartition("}")[2]


def _page_id(own: str, name: str) -> str:
    """Return an id of the figure's own; a client's segment may have spaces in its name, an id may not."""
    own = SPACE.sub("-", own)
    return f"{name}.{own.removeprefix(f'{name}-')}"


def _linked(text: str, name: str) -> str:
    """Point references at the renamed ids."""
    return REFERENCE.sub(lambda match: f"url(#{_page_id(match.group(1), name)})", text)


def _looks(style: str) -> Iterator[tuple[str, str]]:
    """Yield the declarations of a style attribute as presentation attributes."""
    for declaration in style.split(";"):
        key, _, value = (part.strip() for part in declaration.partition(":"))
        if key == "font-family" or not key:  # the root names the typeface
            continue
        value = _rounded(value.removesuffix("px")) if key in NUMERIC or key == "font-size" else value
        if (key, value) not in SAID:
            yield key, value


def _number(key: str, text: str) -> str:
    return _path(text) if key == "d" else _rounded(text)


def _path(data: str) -> str:
    """Write straight lines from point to point, in tenths of a point; curves are left alone."""
    if set(data) & CURVES:
        return _rounded(data)
    steps = []
    x = y = 0
    for command, numbers in STEP.findall(data):
        if command == "z":  # a path is begun anew after it
            steps.append("z")
            continue
        right, down = (round(10 * float(number)) for number in numbers.split())
        if command == "M":
            steps.append(f"M{_joined(right, down)}")
        elif down == y:
            steps.append(f"h{_joined(right - x)}")
        elif right == x:
            steps.append(f"v{_joined(down - y)}")
        else:
            steps.append(f"l{_joined(right - x, down - y)}")
        x, y = right, down
    return "".join(steps)


def _joined(*tenths: int) -> str:
    """Write numbers one after the other; a minus sign parts two as well as a space does."""
    return " ".join(_short(number / 10) for number in tenths).replace(" -", "-")


def _rounded(text: str) -> str:
    """Round the numbers in ``text`` to two decimals, a hundredth of a point, and close up what stands around them."""
    return SPACE.sub(" ", SPARE.sub("", NUMBER.sub(lambda match: _short(float(match.group())), text))).strip()


def _short(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else re.sub(r"^(-?)0\.", r"\1.", text)
