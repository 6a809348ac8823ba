"""Settings of the look: whose report it is, logo, colours, typeface, footer and disclaimer, templates of one's own.

Colours are checked here, for what they are needed for is known: a colour that does not read is refused with its
contrast and the nearest shade that does.  The files named here are read by ``branding``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from loyalty_lib import contrast
from loyalty_lib.config.base import Inside, Settings

# What metrics.json holds of the look: words and colours, no files.
WORDS: Final = frozenset({"name", "accent", "second", "footer", "disclaimer", "confidentiality"})


def _colour(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        message = 'a colour as "#1f5a7a", in quotes'
        raise ValueError(message)
    return value.lower()


def _one_line(value: str) -> str:
    """Return ``value`` on one line; YAML text may be folded over several."""
    line = " ".join(value.split())
    if not line or not line.isprintable():
        message = "words that can be printed"
        raise ValueError(message)
    return line


def _regular_alone(value: Any) -> Any:
    return {"regular": value} if isinstance(value, str) else value


Colour = Annotated[str, AfterValidator(_colour)]
Name = Annotated[str, Field(max_length=80), AfterValidator(_one_line)]
Line = Annotated[str, Field(max_length=120), AfterValidator(_one_line)]  # as much as stands in a page's foot
Paragraph = Annotated[str, Field(max_length=1000), AfterValidator(_one_line)]


class BrandFont(Settings):
    """Files of a typeface, TTF, OTF or WOFF2; a weight that is not given is the nearest that is."""

    regular: Inside
    semibold: Inside | None = None
    bold: Inside | None = None


class Brand(Settings):
    """The look of a report.

    Attributes
    ----------
    name
        Whose report it is: the consultant, not the client.  ``prepared_by`` in older files.
    logo
        A PNG or SVG picture; stands on the cover.
    accent
        The colour of headings, links and the first series of every chart: text, so its contrast is 4.5 or more.
    second
        The colour of what a chart compares the first series with, and of nothing else.
    font
        The typeface of text, tables and charts.
    footer
        Stands at the foot of each page instead of the report's name.
    disclaimer
        The last paragraph of the method page.
    confidentiality
        Stands at the head of each page.
    templates
        A folder with a report.css and blocks/<name>.html.j2 of one's own.
    """

    name: Name | None = None
    logo: Inside | None = None
    accent: Colour = contrast.HOUSE_ACCENT
    second: Colour | None = None
    font: Annotated[BrandFont | None, BeforeValidator(_regular_alone)] = None
    footer: Line | None = None
    disclaimer: Paragraph | None = None
    confidentiality: Line | None = None
    templates: Inside | None = None

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, keys: Any) -> Any:
        """Read ``prepared_by``, which the name was called once."""
        if isinstance(keys, Mapping) and "prepared_by" in keys and "name" not in keys:
            return {"name" if key == "prepared_by" else key: value for key, value in keys.items()}
        return keys

    @field_validator("logo")
    @classmethod
    def _logo_has_a_name(cls, logo: str | None, info: ValidationInfo) -> str | None:
        if logo and "name" in info.data and not info.data["name"]:
            message = "brand.name beside it: who cannot see the logo is read the name"
            raise ValueError(message)
        return logo

    @field_validator("accent")
    @classmethod
    def _accent_reads(cls, accent: str) -> str:
        allowed = contrast.text_luminances()
        shade = contrast.nearest(accent, allowed)
        if shade != accent:
            message = (
                f"a colour that text can have: {contrast.TEXT_CONTRAST:g}:1 or more on white and on the cover's grey, "
                f"this one has {_ratio(accent, contrast.WHITE)} and {_ratio(accent, contrast.TINT)}; "
                f'the nearest shade that passes is "{shade}"'
            )
            raise ValueError(message)
        return accent

    @field_validator("second")
    @classmethod
    def _second_is_seen(cls, second: str | None, info: ValidationInfo) -> str | None:
        accent = info.data.get("accent")
        if second is None or accent is None:  # an accent that is wrong is told already
            return second
        shade = contrast.nearest(second, contrast.graphic_luminances(accent))
        if shade != second:
            apart = abs(contrast.lightness(second) - contrast.lightness(accent))
            message = (
                f"a colour that lines can have: {contrast.GRAPHIC_CONTRAST:g}:1 or more against white, this one has "
                f"{_ratio(second, contrast.WHITE)}; and {contrast.APART:g} or more steps of lightness (CIELAB) from "
                f'the accent, this one has {apart:.1f}; the nearest shade that passes is "{shade}"'
            )
            raise ValueError(message)
        return second

    @property
    def words(self) -> dict[str, Any]:
        """What metrics.json holds of the look."""
        return self.model_dump(include=set(WORDS))

    @property
    def files(self) -> tuple[str, ...]:
        """The files that the look is made of, as patterns in the client's folder."""
        faces = (self.font.regular, self.font.semibold, self.font.bold) if self.font else ()
        folder = f"{self.templates}/**/*" if self.templates else None
        return tuple(name for name in (self.logo, *faces, folder) if name)


def _ratio(one: str, other: str) -> str:
    """Write a contrast, rounded down: what fails must not read as passing."""
    return f"{int(contrast.contrast(one, other) * 100) / 100:.2f}:1"
