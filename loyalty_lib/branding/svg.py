"""A client's SVG logo, written anew from what a picture needs and nothing else.

Bytes go in, the text of an SVG comes out.  It holds only elements, attributes and values that are known and harmless
(``svg_rules``); comments, metadata and what drawing programs note for themselves are left out.  Whatever else it holds,
and would be missed in the picture or has no business in one, is refused by name and line.

The file is read by expat without a document type, so there are no entities to expand and nothing to fetch; what comes
out is written from the elements that were understood, so no encoding, quoting or nesting of the file survives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET
from xml.parsers import expat

from loyalty_lib.branding import svg_rules as rules
from loyalty_lib.branding.svg_style import NotUnderstoodError, Rule, declarations, style_rules

LARGEST: Final = 512 * 1024  # bytes; a logo has some thousand
MOST_DRAWN: Final = 5000  # elements, each time one is used counted
DEEPEST: Final = 40  # elements within one another
PREFIX: Final = "logo-"  # of every id
REMEDY: Final = "Export it as plain SVG with everything as shapes, or give the logo as PNG."

Found = list[tuple[int | None, str]]  # line and name of what is in the way


class PictureError(ValueError):
    """A picture that is refused.

    Attributes
    ----------
    found
        Line and name of all that is in the way; no line where it is the whole file.
    """

    def __init__(self, found: Found) -> None:
        self.found = found
        super().__init__("; ".join(name for _, name in found))


@dataclass(eq=False)
class _Node:
    """An element as the file has it."""

    space: str
    name: str
    attributes: Mapping[str, str]
    line: int
    children: list[_Node] = field(default_factory=list)
    text: str = ""


def clean(data: bytes) -> str:
    """Write an SVG anew.

    Parameters
    ----------
    data
        The file.

    Returns
    -------
    str
        One ``<svg>`` element: shapes, gradients, clips and masks, with presentation attributes; every id begins with
        "logo-".  The same file gives the same text.

    Raises
    ------
    PictureError
        If the file is no SVG, or holds what is refused; all of it at once.
    """
    if len(data) > LARGEST:
        raise PictureError([(None, f"{len(data):,} bytes, more than {LARGEST:,}")])
    root = _read(data)
    found: Found = []
    styles = _styles(root, found)
    svg = _written(root, styles, found)
    if svg is not None:
        svg = _framed(root, svg, found)
        _link(svg, found)
    if found or svg is None:
        raise PictureError(sorted(set(found), key=lambda one: (one[0] or 0, one[1])))
    return ET.tostring(svg, encoding="unicode")


def _read(data: bytes) -> _Node:
    """Read the file into elements; a document type, an instruction or a broken file is refused at once."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    top = _Node(space="", name="", attributes={}, line=0)
    open_nodes = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        if len(open_nodes) > DEEPEST:
            raise PictureError([(parser.CurrentLineNumber, f"more than {DEEPEST} elements within one another")])
        node = _Node(space=space, name=local, attributes=attributes, line=parser.CurrentLineNumber)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def end(_: str) -> None:
        open_nodes.pop()

    def text(characters: str) -> None:
        open_nodes[-1].text += characters

    def refuse(name: str) -> None:
        raise PictureError([(parser.CurrentLineNumber, name)])

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, text
    parser.StartDoctypeDeclHandler = lambda *_: refuse("<!DOCTYPE>")
    parser.EntityDeclHandler = lambda *_: refuse("<!ENTITY>")
    parser.ProcessingInstructionHandler = lambda target, _: refuse(f"<?{target}?>")
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the name of the argument is not part of expat's interface
    except (expat.ExpatError, LookupError, UnicodeError, ValueError) as error:
        if isinstance(error, PictureError):
            raise
        raise PictureError([(getattr(error, "lineno", None), f"no XML ({error})")]) from None
    (root,) = top.children
    if (root.space, root.name) != (rules.SVG, "svg"):
        raise PictureError([(root.line, f"<{root.name}>, not <svg> in the namespace {rules.SVG}")])
    return root


def _styles(root: _Node, found: Found) -> list[Rule]:
    """Read the style sheets that drawing programs write: rules for elements, classes and ids, the weakest first."""
    sheets: list[Rule] = []
    for node in _all(root):
        if node.space == rules.SVG and node.name == "style":
            try:
                sheets += style_rules(node.text)
            except NotUnderstoodError as error:
                found.append((node.line, f"<style> with {error}"))
    return sorted(sheets, key=lambda rule: {"#": 2, ".": 1}.get(rule[0][0], 0))


def _all(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _written(node: _Node, styles: Sequence[Rule], found: Found) -> ET.Element | None:
    """Write an element anew with all in it; ``None`` for one that no picture misses."""
    if node.space in rules.FOREIGN_REFUSED:
        found.append((node.line, f"<{node.name}> of another language"))
        return None
    if node.space != rules.SVG or node.name in rules.LEFT_OUT:
        return None
    allowed = rules.ELEMENTS.get(node.name)
    if allowed is None:
        found.append((node.line, f"<{node.name}>"))
        return None
    element = ET.Element(node.name, dict(_attributes(node, allowed, styles, found)))
    for child in node.children:
        if (child.space, child.name) == (rules.SVG, "svg"):
            found.append((child.line, "<svg> within <svg>"))
        elif (written := _written(child, styles, found)) is not None:
            element.append(written)
    return element


def _attributes(
    node: _Node, allowed: frozenset[str], styles: Sequence[Rule], found: Found
) -> Iterator[tuple[str, str]]:
    """Yield the attributes of an element that draw; those of other namespaces draw nothing, but for xlink:href."""
    looks = {}
    for key, value in node.attributes.items():
        space, _, name = key.rpartition(" ")
        if space and (space, name) != (rules.XLINK, "href"):
            continue
        if name in rules.LOOKS:
            looks[name] = value
        elif name not in allowed:
            if not rules.is_left_out(name, value):
                found.append((node.line, f"{name} of <{node.name}>"))
        elif rules.is_plain(name, value):
            yield name, " ".join(value.split())
        elif name != "id":  # an odd id cannot be referred to, and goes
            found.append((node.line, f'{name}="{value[:40]}" of <{node.name}>'))
    yield from _looks(node, looks, styles, found)


def _looks(node: _Node, looks: dict[str, str], styles: Sequence[Rule], found: Found) -> Iterator[tuple[str, str]]:
    """Yield colours, lines and the like: its own, over them those of style sheets, over them its style attribute's."""
    names = {node.name, f"#{node.attributes.get('id', '')}"}
    names.update(f".{name}" for name in node.attributes.get("class", "").split())
    for selector, rule in styles:
        if selector in names:
            looks.update(rule)
    try:
        looks.update(declarations(node.attributes.get("style", "")))
    except NotUnderstoodError as error:
        found.append((node.line, f"style of <{node.name}> with {error}"))
    for name, value in looks.items():
        plain = " ".join(value.split())
        if name in rules.LOOKS and rules.is_plain(name, plain):
            yield name, plain
        elif rules.matters(name, plain):
            found.append((node.line, f'{name}="{plain[:40]}" of <{node.name}>'))


def _framed(root: _Node, svg: ET.Element, found: Found) -> ET.Element:
    """Return the root with its frame: a viewBox, and a width and height in its proportion."""
    numbers = [float(text) for text in rules.NUMBER.findall(svg.attrib.get("viewBox", ""))]
    if len(numbers) != 4:  # noqa: PLR2004 - x, y, width, height
        sides = [rules.PIXELS.fullmatch(svg.attrib.get(side, "").strip()) for side in ("width", "height")]
        numbers = [0.0, 0.0, *(float(side[1]) for side in sides if side)]
    if len(numbers) != 4 or not all(0 < side <= rules.LONGEST for side in numbers[2:]):  # noqa: PLR2004
        found.append((root.line, "no viewBox, and no width and height in pixels"))
        return svg
    x, y, width, height = (f"{number:g}" for number in numbers)
    framed = ET.Element("svg", {"xmlns": rules.SVG, "viewBox": f"{x} {y} {width} {height}"})
    framed.attrib.update({"width": width, "height": height})
    framed.attrib.update({key: value for key, value in svg.attrib.items() if key in rules.LOOKS})
    framed.extend(svg)
    return framed


def _link(svg: ET.Element, found: Found) -> None:
    """Rename the ids that something refers to, drop the others, and count what is drawn when all references are."""
    named: dict[str, ET.Element] = {}
    for element in svg.iter():
        if "id" in element.attrib:
            named.setdefault(element.attrib.pop("id"), element)  # of two with one id, renderers take the first
    used = {target for element in svg.iter() for target in _targets(element)}
    found += [(None, f"a reference to #{target[:40]}, which is not there") for target in used - named.keys()]
    if _drawn(svg, named, ()) > MOST_DRAWN:
        found.append((None, f"more than {MOST_DRAWN:,} shapes, or shapes that use themselves"))
    numbers = {name: f"{PREFIX}{number}" for number, name in enumerate(name for name in named if name in used)}
    for element in svg.iter():
        for key, value in element.attrib.items():
            target = rules.target_of(key, value)
            if target in numbers:
                element.attrib[key] = f"#{numbers[target]}" if key == "href" else f"url(#{numbers[target]})"
    for name, number in numbers.items():
        named[name].set("id", number)


def _targets(element: ET.Element) -> set[str]:
    """Return the ids that an element refers to."""
    return {target for key, value in element.attrib.items() if (target := rules.target_of(key, value))}


def _drawn(element: ET.Element, named: Mapping[str, ET.Element], within: tuple[str, ...]) -> int:
    """Count what drawing an element draws; more than may be drawn, as soon as that is certain."""
    total = 1
    for target in sorted(_targets(element) & named.keys()):
        if target in within or len(within) > DEEPEST:
            return MOST_DRAWN + 1
        total += _drawn(named[target], named, (*within, target))
    for child in element:
        if total > MOST_DRAWN:
            break
        total += _drawn(child, named, within)
    return total
