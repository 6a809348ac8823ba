"""What PDF/UA-1 asks for and WeasyPrint leaves out, added just before the PDF is written.

Running heads and page numbers become artifacts, headers of tables say whether they head a column or a row, their
identifiers stand in the tree of identifiers, and a link’s description is its words.  The clauses are those of
ISO 14289-1 (7.1, 7.5, 7.18.5) and ISO 32000-1 (table 322).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from weasyprint import Document

Dictionary: TypeAlias = Any  # pydyf and WeasyPrint's boxes have no type hints
Box: TypeAlias = Any


def complete(document: Document, pdf: Any) -> None:
    """Complete the tags of a PDF; a ``finisher`` of ``Document.write_pdf``.

    Parameters
    ----------
    document
        As laid out.
    pdf
        The ``pydyf.PDF`` about to be written; changed in place.
    """
    from pydyf import String

    objects = {one.reference: one for one in pdf.objects}
    root = objects[pdf.catalog["StructTreeRoot"]]
    elements = list(_elements(root, objects))
    _mark_artifacts(root, pdf, objects, {element.reference for element in elements})
    _name_headers(root, elements, objects)
    for page in document.pages:
        for box in _boxes(page._page_box):  # noqa: SLF001 - the only way from an annotation to its words
            if annotation := getattr(box, "link_annotation", None):
                annotation["Contents"] = String(" ".join("".join(box.element.itertext()).split()))


def _elements(node: Dictionary, objects: dict[bytes, Dictionary]) -> Iterator[Dictionary]:
    """Yield every structure element below ``node``, in the order of reading."""
    for kid in node.get("K", ()):
        found = objects.get(kid) if isinstance(kid, bytes) else None
        if found is not None and found.get("Type") == "/StructElem":
            yield found
            yield from _elements(found, objects)


def _mark_artifacts(root: Dictionary, pdf: Any, objects: dict[bytes, Dictionary], tagged: set[bytes]) -> None:
    """Turn marked content that belongs to no element of the tree, which is what stands in margins, into artifacts."""
    numbers = objects[root["ParentTree"]]["Nums"]
    of_page = dict(zip(numbers[::2], numbers[1::2], strict=True))
    for page in (objects[reference] for reference in pdf.page_references):
        owners = of_page[page["StructParents"]]
        loose = {mcid for mcid, owner in enumerate(owners) if owner not in tagged}
        stream = objects[page["Contents"]].stream
        for place, operator in enumerate(stream):
            if operator == b"BDC" and stream[place - 1].get("MCID") in loose:
                stream[place - 2 : place + 1] = [b"/Artifact", b"", b"BMC"]
        owners[:] = [b"null" if mcid in loose else owner for mcid, owner in enumerate(owners)]


def _name_headers(root: Dictionary, elements: list[Dictionary], objects: dict[bytes, Dictionary]) -> None:
    """Give header cells their scope, and list their identifiers."""
    from pydyf import Array, Dictionary

    names = {}
    for element in elements:
        if element["S"] == "/TH":
            head = objects[objects[element["P"]]["P"]]["S"] == "/THead"
            element["A"]["Scope"] = "/Column" if head else "/Row"
            names[element["ID"].data] = (element["ID"], element.reference)
    if names:
        root["IDTree"] = Dictionary({"Names": Array([part for key in sorted(names) for part in names[key]])})


def _boxes(box: Box) -> Iterator[Box]:
    box = getattr(box, "_box", box)  # a placeholder of what is placed absolutely
    yield box
    for child in getattr(box, "children", ()):
        yield from _boxes(child)
