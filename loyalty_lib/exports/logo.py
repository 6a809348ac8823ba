"""The consultant's logo on a slide: PNG as it is; SVG as Office takes it, with an empty picture for older programs.

Nothing here draws SVG.  A program that does not know it shows nothing in its place; the name stands on the slide in
words in any case.
"""

from __future__ import annotations

import base64
import io
import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from PIL import Image
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.opc.package import Part
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls
from pptx.util import Inches

if TYPE_CHECKING:
    from pptx.slide import Slide

AREA: Final = (9.73, 0.6, 3.0, 0.75)  # inches: in the upper right corner, as large as fits
ACROSS: Final = 600  # pixels of the empty picture; only its shape matters
SVG_BLIP: Final = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"  # how Office names the extension of a picture by an SVG
SVG_SPACE: Final = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
SPACES: Final = re.compile(r"[\s,]+")


def put_logo(slide: Slide, uri: str, name: str) -> None:
    """Put a logo on a slide.

    Parameters
    ----------
    slide
        Of 16:9.
    uri
        As ``branding`` gives it: "data:image/png;base64,..." or "data:image/svg+xml;base64,...".
    name
        Whose it is: its alternative text.
    """
    kind, _, text = uri.partition(";base64,")
    data = base64.b64decode(text)
    drawn = kind.endswith("svg+xml")
    png = _empty(_shape(data)) if drawn else data
    x, y, width, height = AREA
    across, down = Image.open(io.BytesIO(png)).size
    scale = min(width / across, height / down)
    size = Inches(across * scale), Inches(down * scale)
    picture = slide.shapes.add_picture(io.BytesIO(png), Inches(x + width - across * scale), Inches(y), *size)
    (about,) = picture.element.xpath(".//p:cNvPr")
    about.set("descr", name)
    picture.name = "Logo"
    if drawn:
        package = slide.part.package
        part = Part(package.next_partname("/ppt/media/logo%d.svg"), "image/svg+xml", package, data)
        link = slide.part.relate_to(part, RT.IMAGE)
        (blip,) = picture.element.xpath(".//a:blip")
        blip.append(
            parse_xml(
                f'<a:extLst {nsdecls("a", "r")}><a:ext uri="{SVG_BLIP}">'
                f'<asvg:svgBlip xmlns:asvg="{SVG_SPACE}" r:embed="{link}"/></a:ext></a:extLst>'
            )
        )


def _shape(svg: bytes) -> float:
    """Return how high a drawing is, its width being one."""
    root = ET.fromstring(svg)  # noqa: S314 - branding wrote it anew, and it declares no entities
    if box := root.get("viewBox"):
        *_, width, height = (float(number) for number in SPACES.split(box.strip()))
    else:
        width, height = (float(re.sub(r"[a-z%]+$", "", root.get(key, "1"))) for key in ("width", "height"))
    return height / width


def _empty(shape: float) -> bytes:
    target = io.BytesIO()
    Image.new("LA", (ACROSS, max(round(ACROSS * shape), 1)), (0, 0)).save(target, "png")
    return target.getvalue()
