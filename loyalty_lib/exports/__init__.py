"""What a report can be besides HTML and PDF: charts as files, slides, a workbook.

The blocks that an executed notebook's outputs carry go in; files by name come out, the same bytes for the same report.
Nothing heavy is imported before a file is written: which formats there are is also asked where a report is up to date.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from loyalty_lib.errors import UsageError

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from loyalty_lib.branding import Dressing
    from loyalty_lib.render.carried import Picture

# Where the files of each format are in the report's folder.
PLACES: Final[Mapping[str, str]] = {"charts": "charts/", "pptx": "report.pptx", "xlsx": "report.xlsx"}
ALL: Final = "all"


def chosen(text: str) -> tuple[str, ...]:
    """Read which formats a user asks for.

    Parameters
    ----------
    text
        Names between spaces or commas, in any case; "all" for every one.

    Returns
    -------
    tuple of str
        Keys of ``PLACES``, each once, in their order.

    Raises
    ------
    UsageError
        If one is not known; the message lists those that are.
    """
    names = [name for name in re.split(r"[\s,;]+", text.lower()) if name]
    if unknown := [name for name in names if name not in {*PLACES, ALL}]:
        message = (
            f"There is no format {', '.join(map(repr, unknown))}. report.html and report.pdf are always made; "
            f"FORMAT adds: {', '.join(PLACES)}, or {ALL}."
        )
        raise UsageError(message)
    return tuple(name for name in PLACES if name in names or ALL in names)


def format_of(name: str) -> str | None:
    """Return the format that a file of the report's folder belongs to; none for the report itself."""
    within = (kind for kind, place in PLACES.items() if name == place or (place[-1] == "/" and name.startswith(place)))
    return next(within, None)


def exported(
    notebook: NotebookNode,
    pictures: Mapping[str, Picture],
    formats: Sequence[str],
    *,
    language: str,
    html: str,
    comments: Mapping[str, str],
    look: Dressing | None = None,
) -> dict[str, bytes]:
    """Write a report in further formats.

    Parameters
    ----------
    notebook
        Executed, with the outputs of ``present``.
    pictures
        Its charts, as ``render.take_pictures`` returns them.
    formats
        Keys of ``PLACES``.
    language
        Of the report.
    html
        The page: figures have the numbers there that they have here.
    comments
        The consultant's words in Markdown, by the identifier of the section they stand in.
    look
        By default that of the metrics the notebook publishes: words and colours, no files.

    Returns
    -------
    dict
        Content by file name within the report's folder.
    """
    from loyalty_lib.exports.material import gather

    material = gather(notebook, pictures, language=language, html=html, comments=comments, look=look)
    files: dict[str, bytes] = {}
    for kind in formats:
        match kind:
            case "charts":
                from loyalty_lib.exports.charts import chart_files

                files |= chart_files(material)
            case "pptx":
                from loyalty_lib.exports.slides import presentation

                files[PLACES[kind]] = presentation(material)
            case "xlsx":
                from loyalty_lib.exports.sheets import workbook

                files[PLACES[kind]] = workbook(material)
    return files
