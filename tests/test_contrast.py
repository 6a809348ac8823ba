"""Contrast by WCAG 2.2, and the nearest shade that passes: compared with published figures and with a fine grid."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty_lib import contrast
from loyalty_lib.templates import FOLDER

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")
FAILING = ("#f1c40f", "#ff0000", "#00ff00", "#00bcd4", "#ffff00", "#e67e22", "#9b59b6", "#7f8c8d", "#ffffff", "#4aa3df")
ROUNDING = 0.004  # of OKLab: half a step of eight bits in each channel


def oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """Convert linear sRGB, by the matrices to and from CIE XYZ that OKLab was defined with."""
    to_xyz = np.array(
        [
            [0.4123907993, 0.3575843394, 0.1804807884],
            [0.2126390059, 0.7151686788, 0.0721923154],
            [0.0193308187, 0.1191947798, 0.9505321522],
        ]
    )
    to_cones = np.array(
        [
            [0.8189330101, 0.3618667424, -0.1288597137],
            [0.0329845436, 0.9293118715, 0.0361456387],
            [0.0482003018, 0.2643662691, 0.6338517070],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    lab: NDArray[np.float64] = np.cbrt(rgb @ to_xyz.T @ to_cones.T) @ to_lab.T
    return lab


def linear(colour: str) -> NDArray[np.float64]:
    values = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def grid(hue: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return all colours of a hue that sRGB has, in OKLab, on a fine grid, and their luminances."""
    inverse = np.linalg.inv(
        np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                  [0.0883024619, 0.2817188376, 0.6299787005]])
    )  # fmt: skip
    back = np.linalg.inv(
        np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                  [0.0259040371, 0.7827717662, -0.8086757660]])
    )  # fmt: skip
    light, chroma = np.meshgrid(np.linspace(0, 1, 501), np.linspace(0, 0.35, 176))
    lab = np.stack([light, chroma * math.cos(hue), chroma * math.sin(hue)], axis=-1).reshape(-1, 3)
    rgb = (lab @ back.T) ** 3 @ inverse.T
    inside = ((rgb >= 0) & (rgb <= 1)).all(axis=1)
    return lab[inside], rgb[inside] @ [0.2126, 0.7152, 0.0722]


def passes(luminances: NDArray[np.float64], allowed: contrast.Luminances) -> NDArray[np.bool_]:
    passing: NDArray[np.bool_] = np.any([(low <= luminances) & (luminances <= high) for low, high in allowed], axis=0)
    return passing


def test_contrast_is_that_of_wcag() -> None:
    """Published pairs: black on white is 21, #767676 is the lightest grey that passes for text on white."""
    assert contrast.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast.contrast("#ffffff", "#767676") == pytest.approx(4.54, abs=0.005)
    assert contrast.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast.contrast("#ff0000", "#ffffff") == pytest.approx(4.00, abs=0.005)


def test_lightness_is_that_of_cielab() -> None:
    """L* of sRGB primaries: 53.24 red, 87.73 green, 32.30 blue; 53.59 of the middle grey."""
    found = [contrast.lightness(colour) for colour in ("#ff0000", "#00ff00", "#0000ff", "#808080", "#000000")]
    assert found == pytest.approx([53.24, 87.73, 32.30, 53.59, 0.0], abs=0.01)


def test_the_covers_grey_is_that_of_the_style_sheet() -> None:
    css = (FOLDER / "loyalty" / "report.css").read_text(encoding="utf-8")
    assert re.findall(r"--tint: (#\w+);", css) == [contrast.TINT]
    assert re.findall(r"--accent: (#\w+);", css) == [contrast.HOUSE_ACCENT]


@given(COLOURS)
@settings(max_examples=15, deadline=None)
def test_the_nearest_shade_passes_for_text_on_white_on_grey_and_under_white(colour: str) -> None:
    shade = contrast.nearest(colour, contrast.text_luminances())
    assert contrast.contrast(shade, "#ffffff") >= 4.5
    assert contrast.contrast(shade, contrast.TINT) >= 4.5
    assert contrast.nearest(shade, contrast.text_luminances()) == shade


@given(COLOURS, COLOURS)
@settings(max_examples=15, deadline=None)
def test_the_nearest_second_colour_is_seen_and_told_from_the_accent(colour: str, accent: str) -> None:
    accent = contrast.nearest(accent, contrast.text_luminances())
    shade = contrast.nearest(colour, contrast.graphic_luminances(accent))
    assert contrast.contrast(shade, "#ffffff") >= 3.0
    assert abs(contrast.lightness(shade) - contrast.lightness(accent)) >= contrast.APART - 1e-9


@pytest.mark.parametrize("colour", FAILING)
@pytest.mark.parametrize("demand", ["text", "second"])
def test_nothing_on_a_fine_grid_of_its_hue_is_nearer(colour: str, demand: str) -> None:
    text = contrast.text_luminances()
    allowed = text if demand == "text" else contrast.graphic_luminances("#1f5a7a")
    shade = contrast.nearest(colour, allowed)
    before, after = oklab(linear(colour)), oklab(linear(shade))
    tried, luminances = grid(math.atan2(before[2], before[1]))
    possible = tried[passes(luminances, allowed)]
    best = float(np.linalg.norm(possible - before, axis=1).min())
    assert float(np.linalg.norm(after - before)) <= best + ROUNDING


@pytest.mark.parametrize("colour", FAILING)
def test_the_nearest_shade_keeps_the_hue(colour: str) -> None:
    before, after = (oklab(linear(one)) for one in (colour, contrast.nearest(colour, contrast.text_luminances())))
    across = before[1] * after[2] - before[2] * after[1]  # how far one stands off the line of the other's hue
    assert abs(across) <= ROUNDING * max(float(np.hypot(*before[1:])), 1e-3)


def test_a_grey_stays_grey() -> None:
    assert contrast.nearest("#999999", contrast.text_luminances()) == "#707070"
