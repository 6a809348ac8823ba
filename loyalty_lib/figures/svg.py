"""A chart as inline SVG: text as text, small, and in nobody's way on the page.

``to_svg`` takes the axes of a chart and returns one ``<svg>`` element for HTML5 and WeasyPrint.  Every id is the
figure's name, a full stop (which no name has) and the mark's own; looks are presentation attributes, because
matplotlib's style sheet would reach the whole page; numbers have two decimals; the same chart gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

import matplotlib as mpl

from loyalty_lib.fonts import FAMILY

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
    root.extend(clean for child in drawn for clean in _clean(child, name, ids))
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
        "font-family": f"{FAMILY}, sans-serif",  # WeasyPrint does not hand the page's typeface down into a drawing
        "stroke-linejoin": "round",
    }


def _lasting_ids(figure: Figure, drawn: ET.Element) -> frozenset[str]:
    """Return the ids worth keeping: those charts gave to their marks, and those that something refers to."""
    given = {artist.get_gid() for artist in figure.findobj()}
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
    children = [clean for child in element for clean in _clean(child, name, ids)]
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
    """Write level and upright lines of an absolute path as H and V; curves are left alone."""
    data = _rounded(data)
    if set(data) & CURVES:
        return data
    steps = []
    before: list[str] = []
    for command, numbers in STEP.findall(data):
        point = numbers.split()
        if command == "L" and point[1] == before[1]:
            steps.append(f"H{point[0]}")
        elif command == "L" and point[0] == before[0]:
            steps.append(f"V{point[1]}")
        else:
            steps.append(command + numbers)
        before = point or before
    return "".join(steps)


def _rounded(text: str) -> str:
    """Round the numbers in ``text`` to two decimals, a hundredth of a point, and close up what stands around them."""
    return SPACE.sub(" ", SPARE.sub("", NUMBER.sub(lambda match: _short(float(match.group())), text))).strip()


def _short(value: float) -> str:
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
