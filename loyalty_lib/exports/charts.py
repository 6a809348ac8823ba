"""Charts as files: ``charts/<name>.png`` and ``charts/<name>.svg``, named like their data in ``tables/``."""

from __future__ import annotations

from loyalty_lib.exports.material import Material


def chart_files(material: Material) -> dict[str, bytes]:
    """Return the report's charts, each as PNG and as SVG, by file name within the report's folder."""
    files: dict[str, bytes] = {}
    for chart in material.charts:
        if chart.picture is not None:
            files[f"charts/{chart.name}.png"] = chart.picture.png
            files[f"charts/{chart.name}.svg"] = chart.picture.svg.encode()
    return files
