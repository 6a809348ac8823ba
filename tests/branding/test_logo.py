"""A logo's PNG: decoded and written anew, without anything but its pixels."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from loyalty_lib.branding.logo import PNG, logo_uri
from loyalty_lib.branding.svg import PictureError


def png(picture: Image.Image, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, format="PNG", **options)
    return written.getvalue()


def shown(data: bytes, folder: Path) -> Image.Image:
    (folder / "logo.png").write_bytes(data)
    uri = logo_uri(folder / "logo.png")
    assert uri.startswith("data:image/png;base64,")
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2])))


def refusal(data: bytes, folder: Path) -> str:
    (folder / "logo").write_bytes(data)
    with pytest.raises(PictureError) as caught:
        logo_uri(folder / "logo")
    return str(caught.value)


def test_only_the_pixels_are_left(tmp_path: Path) -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Anna <anna@example.com>")
    notes.add_itxt("XML:com.adobe.xmp", "<x>secret</x>", zip=True)
    picture = Image.new("RGBA", (40, 20), (31, 90, 122, 128))
    data = (
        png(picture, pnginfo=notes, icc_profile=b"profile" * 20, dpi=(72, 72)) + b"PK\x03\x04<script>alert(1)</script>"
    )
    made = shown(data, tmp_path)
    assert made.tobytes() == picture.tobytes()
    assert made.info == {}
    raw = base64.b64decode(logo_uri(tmp_path / "logo.png").partition(",")[2])
    kinds = []
    place = len(PNG)
    while place < len(raw):
        (length,) = struct.unpack(">I", raw[place : place + 4])
        kinds.append(raw[place + 4 : place + 8])
        place += 12 + length
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}
    assert place == len(raw)


def test_the_same_file_gives_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "logo.png").write_bytes(png(Image.effect_noise((900, 300), 50)))
    assert logo_uri(tmp_path / "logo.png") == logo_uri(tmp_path / "logo.png")


@pytest.mark.parametrize(
    ("size", "expected"), [((4000, 800), (709, 142)), ((1000, 1000), (165, 165)), ((60, 14), (60, 14))]
)
def test_it_is_no_larger_than_60_by_14_millimetres_at_300_dots_an_inch(
    size: tuple[int, int], expected: tuple[int, int], tmp_path: Path
) -> None:
    assert shown(png(Image.new("RGB", size, "#1f5a7a")), tmp_path).size == expected


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png_keeps_its_colours(mode: str, tmp_path: Path) -> None:
    picture = Image.new("RGB", (4, 4), "#ffffff").convert(mode)
    assert shown(png(picture), tmp_path).convert("RGB").getpixel((1, 1)) == (255, 255, 255)


def test_a_transparent_colour_stays_transparent(tmp_path: Path) -> None:
    picture = Image.new("P", (4, 4), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    assert shown(png(picture, transparency=0), tmp_path).getpixel((1, 1)) == (255, 0, 0, 0)


def test_what_is_too_large_moves_or_is_no_png_is_refused(tmp_path: Path) -> None:
    small = png(Image.new("RGB", (8, 8)))
    moving = io.BytesIO()
    Image.new("RGB", (8, 8)).save(moving, format="PNG", save_all=True, append_images=[Image.new("RGB", (8, 8), "red")])
    assert "more than 4,000" in refusal(png(Image.new("1", (4001, 2))), tmp_path)
    assert "bytes, more than" in refusal(small + b"x" * 4_200_000, tmp_path)
    assert "moves" in refusal(moving.getvalue(), tmp_path)
    assert "16 bits" in refusal(png(Image.new("I;16", (8, 8))), tmp_path)
    assert "cannot be read" in refusal(small[:40], tmp_path)
    assert "cannot be read" in refusal(PNG + b"nonsense", tmp_path)
    assert "cannot be read" in refusal(PNG, tmp_path)
    assert "JPEG" in refusal(b"\xff\xd8\xff\xe0 ...", tmp_path)
    assert "PDF" in refusal(b"%PDF-1.7", tmp_path)


def test_a_picture_that_unpacks_to_gigabytes_is_refused_by_its_size(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(10_000_000))) + chunk(b"IEND", b"")
    assert refusal(bomb, tmp_path) == "60,000 × 60,000 pixels, more than 4,000"
