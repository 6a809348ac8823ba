"""How a report looks: everything of a client's brand, read and checked, ready for page, charts and print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from loyalty_lib import contrast, fonts
from loyalty_lib.branding.logo import logo_uri, problems_of
from loyalty_lib.branding.overrides import overrides
from loyalty_lib.branding.svg import PictureError
from loyalty_lib.branding.typeface import typeface_of
from loyalty_lib.config import ClientConfig
from loyalty_lib.config.brand import WORDS
from loyalty_lib.errors import ConfigError, Problem
from loyalty_lib.settings_file import problem_at, read_settings


@dataclass(frozen=True, kw_only=True)
class Dressing:
    """How a report looks; by default the house's look, of nobody in particular.

    Attributes
    ----------
    name
        Whose report it is; also what is read to who cannot see the logo.
    accent, second
        "#rrggbb"; without a second colour charts compare in grey.
    typeface
        ``None`` for the house's.
    logo
        A ``data:`` URI.
    footer, disclaimer, confidentiality
        Plain text.
    templates
        The folder of the client's own blocks.
    css
        Added after ours.
    """

    name: str = ""
    accent: str = contrast.HOUSE_ACCENT
    second: str | None = None
    typeface: fonts.Typeface | None = None
    logo: str = ""
    footer: str = ""
    disclaimer: str = ""
    confidentiality: str = ""
    templates: Path | None = None
    css: str = ""

    @property
    def font_css(self) -> str:
        """The typeface as ``@font-face`` rules."""
        return fonts.css(self.typeface)

    @property
    def families(self) -> str:
        """What ``font-family`` is, for the page."""
        return fonts.stack(self.typeface.names if self.typeface else (fonts.FAMILY,))


def dressing_of_words(words: Mapping[str, Any]) -> Dressing:
    """Return the look that the section "brand" of metrics.json tells: words and colours, without files."""
    known = {field.name for field in fields(Dressing)} & WORDS
    return Dressing(**{key: value for key, value in words.items() if key in known and value})


def dressing(config: ClientConfig) -> Dressing:
    """Read and check a client's brand.

    Parameters
    ----------
    config
        The client's settings.

    Returns
    -------
    Dressing
        The same for the same files.

    Raises
    ------
    ConfigError
        If a file is missing or refused; all problems at once.
    """
    brand, problems = config.brand, _missing(config)
    logo, css, typeface = "", "", None
    if problems:
        raise ConfigError(problems)
    if brand.logo:
        path = config.folder / brand.logo
        try:
            logo = logo_uri(path)
        except PictureError as error:
            problems += problems_of(path, error)
    if brand.font:
        typeface, found = typeface_of(brand.font, config.folder)
        problems += found
    folder = config.folder / brand.templates if brand.templates else None
    if folder:
        css, found = overrides(folder)
        problems += found
    if problems:
        raise ConfigError(problems)
    return Dressing(
        **{key: value for key, value in brand.words.items() if value},
        typeface=typeface,
        logo=logo,
        templates=folder,
        css=css,
    )


def _missing(config: ClientConfig) -> list[Problem]:
    """Name the files that are not there, by their line in the settings."""
    brand = config.brand
    named: dict[tuple[str, ...], str | None] = {("logo",): brand.logo}
    if brand.font:
        named |= {("font", weight): getattr(brand.font, weight) for weight in ("regular", "semibold", "bold")}
    absent = [place for place, name in named.items() if name and not (config.folder / name).is_file()]
    if brand.templates and not (config.folder / brand.templates).is_dir():
        absent.append(("templates",))
    if not absent:
        return []
    file = config.folder / "client.yml"
    tree = read_settings(file)
    expected, remedy = "a path in the client's folder that exists", "Put it there, or change the path."
    return [problem_at(file, tree, ("brand", *place), expected, remedy) for place in absent]
