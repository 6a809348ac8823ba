"""An empty presentation in the report's look: 16:9, the house typeface, the brand's accent, three layouts.

Every text of a slide stands in a placeholder of its layout, so that the outline lists it and a screen reader finds it
in order.  Lengths are inches; sizes are points.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches, Length

from loyalty_lib.exports.colour import INK, MUTED
from loyalty_lib.fonts import FAMILY

if TYPE_CHECKING:
    from pptx.oxml.xmlchemy import BaseOxmlElement
    from pptx.presentation import Presentation as Slides

WIDTH, HEIGHT = 13.333, 7.5
LEFT, ACROSS = 0.6, 12.13
BODY, MORE = 13, 14  # placeholders of the layouts besides their titles
TITLE, CHART, TEXT = 0, 1, 2  # the layouts
KEPT: Final = (0, 8, 1)  # of python-pptx's own template: the layouts that become ours, in this order
SANS: Final = 'panose="020B0503030403020204" pitchFamily="34" charset="0"'  # what stands in where the face is missing
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"
SLIDE_NUMBER: Final = "{C1FF6DA9-008F-8B48-92A6-B652298478BF}"  # names a field of this kind
APP: Final = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="{OFFICE}"/>'
UNWANTED: Final = (RT.PRINTER_SETTINGS, RT.THUMBNAIL)  # of the machine the template was once made on


@dataclass(frozen=True, kw_only=True)
class Box:
    """A placeholder: what it is, where it is, and how its text looks."""

    kind: str
    idx: int
    name: str
    at: tuple[float, float, float, float]
    size: int
    colour: str = "tx1"
    bold: bool = False
    anchor: str = "t"
    align: str = "l"
    bullet: str = "<a:buNone/>"
    space: int = 0


_NUMBERED: Final = '<a:buFont typeface="+mj-lt"/><a:buAutoNum type="arabicPeriod"/>'
_HEADLINE: Final = Box(kind="title", idx=0, name="Title", at=(LEFT, 0.53, ACROSS, 0.9), size=26, bold=True)
_FOOT: Final = (
    Box(kind="ftr", idx=11, name="Footer", at=(LEFT, 7.02, 10.0, 0.3), size=10, colour="tx2"),
    Box(kind="sldNum", idx=12, name="Slide number", at=(11.73, 7.02, 1.0, 0.3), size=10, colour="tx2", align="r"),
)
PICTURE: Final = (LEFT, 1.5, ACROSS, 4.7)
LAYOUTS: Final[dict[int, tuple[str, Sequence[Box]]]] = {
    TITLE: (
        "Title",
        (
            Box(kind="ctrTitle", idx=0, name="Title", at=(1.2, 1.1, 11.2, 1.1), size=44, bold=True, anchor="b"),
            Box(kind="subTitle", idx=1, name="Period", at=(1.2, 2.25, 11.2, 0.6), size=20, colour="tx2"),
            Box(kind="body", idx=BODY, name="Finding", at=(1.2, 3.2, 10.2, 2.6), size=24),
            Box(kind="body", idx=MORE, name="Prepared by", at=(1.2, 6.2, 11.2, 0.7), size=14, colour="tx2", anchor="b"),
        ),
    ),
    CHART: (
        "Chart",
        (
            _HEADLINE,
            Box(kind="pic", idx=BODY, name="Chart", at=PICTURE, size=14),
            Box(kind="body", idx=MORE, name="Caption", at=(LEFT, 6.28, ACROSS, 0.7), size=12, colour="tx2"),
            *_FOOT,
        ),
    ),
    TEXT: (
        "Text",
        (
            _HEADLINE,
            Box(
                kind="body", idx=BODY, name="Actions", at=(LEFT, 1.7, ACROSS, 3.3), size=20, bullet=_NUMBERED, space=900
            ),
            Box(
                kind="body",
                idx=MORE,
                name="Method",
                at=(LEFT, 5.1, ACROSS, 1.8),
                size=13,
                colour="tx2",
                anchor="b",
                space=400,
            ),
            *_FOOT,
        ),
    ),
}


def empty(accent: str, family: str = FAMILY) -> Slides:
    """Return a presentation without slides, in the report's look.

    Parameters
    ----------
    accent
        The brand's colour, "#rrggbb".
    family
        The typeface; where it is not installed, the program takes another sans serif.
    """
    slides = Presentation()
    slides.slide_width, slides.slide_height = Inches(WIDTH), Inches(HEIGHT)
    layouts = list(slides.slide_layouts)
    for layout in layouts:
        if layouts.index(layout) not in KEPT:
            slides.slide_layouts.remove(layout)
    for place, (kept, (name, boxes)) in enumerate(zip(KEPT, LAYOUTS.values(), strict=True)):
        layout = layouts[kept]
        layout.name = name
        band = (0, 0, 0.45, HEIGHT) if place == TITLE else (LEFT, 0.36, 0.9, 0.06)
        _fill(layout.shapes.element, [_band(band), *(_placeholder(box, 3 + n) for n, box in enumerate(boxes))])
    master = slides.slide_master
    body = Box(kind="body", idx=1, name="Text", at=(LEFT, 1.7, ACROSS, 4.9), size=20)
    _fill(master.shapes.element, [_placeholder(box, 3 + n) for n, box in enumerate((_HEADLINE, body, *_FOOT))])
    theme = master.part.part_related_by(RT.THEME)
    theme.blob = _themed(theme.blob.decode(), accent, family).encode()
    _order(slides)
    _clear(slides)
    return slides


def foot(text: str) -> list[BaseOxmlElement]:
    """Return the foot of a slide: a line of text and the slide's number.

    Place and look are repeated from the layout: not every program takes those of a foot from there.
    """
    look = (
        f'<a:rPr sz="{100 * _FOOT[0].size}"><a:solidFill><a:schemeClr val="{_FOOT[0].colour}"/></a:solidFill>'
        '<a:latin typeface="+mn-lt"/></a:rPr>'
    )
    number = f'<a:fld id="{SLIDE_NUMBER}" type="slidenum">{look}<a:t>‹#›</a:t></a:fld>'
    run = f"<a:r>{look}<a:t>{_escaped(text)}</a:t></a:r>" if text else "<a:endParaRPr/>"
    return [
        parse_xml(
            f"""<p:sp {nsdecls("p", "a")}>
              <p:nvSpPr>
                <p:cNvPr id="{100 + box.idx}" name="{box.name}"/>
                <p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>
                <p:nvPr><p:ph type="{box.kind}" idx="{box.idx}"/></p:nvPr>
              </p:nvSpPr>
              <p:spPr>{_geometry(box.at)}</p:spPr>
              <p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:pPr algn="{box.align}"/>{content}</a:p></p:txBody>
            </p:sp>"""
        )
        for box, content in zip(_FOOT, (run, number), strict=True)
    ]


def _fill(tree: BaseOxmlElement, shapes: Sequence[BaseOxmlElement]) -> None:
    """Put ``shapes`` in the place of all that a layout holds."""
    for old in tree.xpath("./p:sp | ./p:pic | ./p:cxnSp | ./p:grpSp"):
        tree.remove(old)
    for shape in shapes:
        tree.append(shape)


def _placeholder(box: Box, number: int) -> BaseOxmlElement:
    idx = f' idx="{box.idx}"' if box.idx else ""
    indent = 'marL="457200" indent="-457200"' if "AutoNum" in box.bullet else 'marL="0" indent="0"'
    shape: BaseOxmlElement = parse_xml(
        f"""<p:sp {nsdecls("p", "a")}>
          <p:nvSpPr>
            <p:cNvPr id="{number}" name="{box.name}"/>
            <p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr>
            <p:nvPr><p:ph type="{box.kind}"{idx}/></p:nvPr>
          </p:nvSpPr>
          <p:spPr>{_geometry(box.at)}</p:spPr>
          <p:txBody>
            <a:bodyPr lIns="0" tIns="0" rIns="0" bIns="0" anchor="{box.anchor}"><a:normAutofit/></a:bodyPr>
            <a:lstStyle>
              <a:lvl1pPr {indent} algn="{box.align}">
                <a:spcBef><a:spcPts val="{box.space}"/></a:spcBef>{box.bullet}
                <a:defRPr sz="{100 * box.size}" b="{int(box.bold)}">
                  <a:solidFill><a:schemeClr val="{box.colour}"/></a:solidFill><a:latin typeface="+mn-lt"/>
                </a:defRPr>
              </a:lvl1pPr>
            </a:lstStyle>
            <a:p><a:endParaRPr/></a:p>
          </p:txBody>
        </p:sp>"""
    )
    return shape


def _geometry(at: tuple[float, float, float, float]) -> str:
    x, y, width, height = (Inches(value) for value in at)
    return (
        f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{width}" cy="{height}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
    )


def _band(at: tuple[float, float, float, float]) -> BaseOxmlElement:
    """Return a bar of the accent: an ornament, on the layout, where no screen reader comes by."""
    shape: BaseOxmlElement = parse_xml(
        f"""<p:sp {nsdecls("p", "a")}>
          <p:nvSpPr><p:cNvPr id="2" name="Accent"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>
          <p:spPr>
            {_geometry(at)}<a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln>
          </p:spPr>
        </p:sp>"""
    )
    return shape


def _themed(theme: str, accent: str, family: str) -> str:
    """Put the typeface and the colours into a theme."""
    face = f'<a:latin typeface="{_escaped(family)}" {SANS}/>'
    theme = re.sub(r'(<a:(?:major|minor)Font>\s*)<a:latin typeface="[^"]*"[^>]*/>', rf"\g<1>{face}", theme)
    for name, colour in {"dk1": INK, "dk2": MUTED, "accent1": accent, "hlink": accent, "folHlink": MUTED}.items():
        theme = re.sub(
            rf"<a:{name}>.*?</a:{name}>",
            f'<a:{name}><a:srgbClr val="{colour[1:].upper()}"/></a:{name}>',
            theme,
            flags=re.DOTALL,
        )
    return theme


def _order(slides: Slides) -> None:
    """List the layouts in the order of ``LAYOUTS``, as whoever adds a slide sees them."""
    listed = slides.slide_master.element.sldLayoutIdLst
    entries = {entry.rId: entry for entry in listed}
    names = {name: place for place, (name, _) in LAYOUTS.items()}
    related = slides.slide_master.part
    for entry in sorted(entries.values(), key=lambda entry: names[related.related_part(entry.rId).slide_layout.name]):
        listed.remove(entry)
        listed.append(entry)


def _clear(slides: Slides) -> None:
    """Take out what the template tells of the machine it was made on."""
    package = slides.part.package
    for holder in (slides.part, package):
        rels = holder.rels if hasattr(holder, "rels") else holder._rels  # noqa: SLF001 - the package has no public name
        for key in [key for key, rel in rels.items() if rel.reltype in UNWANTED]:
            rels.pop(key)
    for part in package.iter_parts():
        if part.partname == "/docProps/app.xml":
            part.blob = APP.encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def fitted(box: tuple[float, float, float, float], pixels: tuple[int, int]) -> tuple[Length, Length, Length, Length]:
    """Return where a picture of so many pixels stands in a box: as large as it can be, in the middle."""
    x, y, width, height = box
    scale = min(width / pixels[0], height / pixels[1])
    across, down = pixels[0] * scale, pixels[1] * scale
    return Inches(x + (width - across) / 2), Inches(y + (height - down) / 2), Inches(across), Inches(down)
