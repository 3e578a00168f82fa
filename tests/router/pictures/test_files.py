"""Relatives of the files that people bring: whatever surrounds the pixels, they are taken; cut off anywhere, never."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from configs.errors import InvalidRequest, TooLarge
from router.pictures.intake import take_in
from tests.short_form import examples

pytestmark = pytest.mark.slow

LIMIT = 1_000_000
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
PHOTO = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)).resize((64, 48))


def encoded(image: Image.Image, format: str = "PNG", **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes, sound: bool = True) -> bytes:
    crc = zlib.crc32(kind + data) ^ (not sound)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


@cache
def packed(size: int) -> bytes:
    """`size` bytes that take a thousandth packed."""
    return zlib.compress(bytes(size))


def profile(size: int) -> bytes:
    """sRGB, made as long as those of displays are by a table that nobody reads."""
    return SRGB + bytes(max(0, size - len(SRGB)))


@cache
def packed_profile(size: int) -> bytes:
    return zlib.compress(profile(size), 1)


MAKES: dict[str, Callable[[int], bytes]] = {
    "iCCP": lambda size: chunk(b"iCCP", b"display\0\0" + packed_profile(size)),
    "zTXt": lambda size: chunk(b"zTXt", b"Raw profile type exif\0\0" + packed(size)),
    "iTXt": lambda size: chunk(b"iTXt", b"workflow\0\1\0\0\0" + packed(size)),
    "tEXt": lambda size: chunk(b"tEXt", b"parameters\0" + bytes(32 + i % 90 for i in range(min(size, 300_000)))),
    "eXIf": lambda size: chunk(b"eXIf", bytes(min(size, 300_000))),
    "xmp": lambda size: chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"<" * min(size, 300_000)),
    "bad tEXt": lambda size: chunk(b"tEXt", b"a\0b", sound=False),
    "bad iCCP": lambda size: chunk(b"iCCP", b"display\0\0" + packed(size)[:-9], sound=size % 2 == 0),
    "bad time": lambda size: chunk(b"tIME", b"x", sound=False),
    "bad eXIf": lambda size: chunk(b"eXIf", b"II*\0\xff\xff\xff\xff" + bytes(size % 50)),
    "own": lambda size: chunk(b"prVt", bytes(size % 5000)),
}
"""A piece of a PNG file beside its pixels, by how long what is in it is."""

SIZES = st.one_of(st.integers(0, 4000), st.sampled_from([1 << 20, (1 << 20) + 1, 1_500_000, 70 << 20]))
PIECES = st.lists(st.tuples(st.sampled_from(sorted(MAKES)), SIZES), max_size=4)


@settings(max_examples=examples(150), deadline=None)
@given(PIECES, PIECES, st.binary(max_size=40), st.sampled_from(["RGB", "RGBA", "L", "P"]))
def test_a_png_is_taken_whatever_it_carries_beside_its_pixels(
    before: list[tuple[str, int]], after: list[tuple[str, int]], trailing: bytes, mode: str
) -> None:
    plain = encoded(PHOTO.convert(mode))
    first, last = (b"".join(MAKES[kind](size) for kind, size in pieces) for pieces in (before, after))
    carried = plain[:33] + first + plain[33:-12] + last + plain[-12:] + trailing
    assert pixels(carried) == pytest.approx(pixels(plain), abs=2)  # by way of a profile: to rounding


def pixels(file: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(take_in(file, LIMIT).png)).convert("RGBA"), float)


def test_a_long_profile_counts_as_a_short_one_does() -> None:
    plain, swapped = encoded(PHOTO), SRGB.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    piece = chunk(b"iCCP", b"display\0\0" + zlib.compress(swapped + bytes(1_500_000)))
    turned = pixels(plain[:33] + piece + plain[33:])
    assert np.abs(turned[..., 0] - pixels(plain)[..., 2]).mean() < 6


def test_what_is_packed_to_exhaust_memory_is_left_packed() -> None:
    bomb = packed(300 << 20)
    plain = encoded(PHOTO)
    for kind, head in ((b"iCCP", b"x\0\0"), (b"zTXt", b"x\0\0"), (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0")):
        piece = chunk(kind, head + bomb) * 5
        assert (pixels(plain[:33] + piece + plain[33:]) == pixels(plain)).all()


def interlaced(image: Image.Image) -> bytes:
    """Adam7, which Pillow reads and does not write."""
    levels = np.asarray(image)
    lines = []
    for y, x, dy, dx in (
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    ):
        lines += [b"\0" + row.tobytes() for row in levels[y::dy, x::dx]]
    header = struct.pack(">IIBBBBB", image.width, image.height, 8, 2, 0, 0, 1)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"".join(lines))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def with_segments(file: bytes, count: int) -> bytes:
    """A JPEG with large APP segments, as cameras and editors add."""
    segment = b"\xff\xed" + struct.pack(">H", 65_000) + bytes(64_998)
    return file[:2] + segment * count + file[2:]


def exif(orientation: int) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    return found


BLUE = Image.new("RGB", PHOTO.size, "blue")
WHOLE: dict[str, bytes] = {
    "png": encoded(PHOTO),
    "png, a profile": encoded(PHOTO, icc_profile=profile(1_500_000)),
    "png, interlaced": interlaced(PHOTO),
    "png, 16 bit": encoded(Image.fromarray(np.arange(3072, dtype=np.uint16).reshape(48, 64) * 21)),
    "apng": encoded(PHOTO, save_all=True, append_images=[BLUE]),
    "jpeg": encoded(PHOTO, "JPEG"),
    "jpeg, progressive": encoded(PHOTO, "JPEG", progressive=True, quality=95),
    "jpeg, upright": encoded(PHOTO, "JPEG", exif=exif(6)),
    "jpeg, a profile": encoded(PHOTO, "JPEG", icc_profile=profile(1_500_000)),
    "jpeg, segments": with_segments(encoded(PHOTO, "JPEG"), 40),
    "jpeg, cmyk": encoded(PHOTO.convert("CMYK"), "JPEG"),
    "jpeg, restarts": encoded(PHOTO, "JPEG", restart_marker_blocks=2),
    "webp": encoded(PHOTO, "WEBP"),
    "webp, metadata": encoded(PHOTO, "WEBP", lossless=True, icc_profile=profile(1_500_000), exif=exif(3)),
    "webp, moving": encoded(PHOTO, "WEBP", save_all=True, append_images=[BLUE]),
    "gif": encoded(PHOTO, "GIF"),
    "gif, moving": encoded(PHOTO, "GIF", save_all=True, append_images=[BLUE, PHOTO]),
    "avif": encoded(PHOTO, "AVIF"),
    "avif, metadata": encoded(PHOTO, "AVIF", exif=exif(1), icc_profile=SRGB),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_is_taken_whole_and_cut_off_anywhere_never(name: str) -> None:
    file = WHOLE[name]
    taken = take_in(file, LIMIT)
    assert (taken.width, taken.height) == ((48, 64) if name == "jpeg, upright" else (64, 48))
    for part in (*range(5, 100, 5), 99.9):
        with pytest.raises(InvalidRequest, match=r"PNG, JPEG or WebP"):
            take_in(file[: int(len(file) * part / 100)], LIMIT)
    with pytest.raises(InvalidRequest, match="breaks off before its end"):
        take_in(file[:-1], LIMIT)


def test_bytes_behind_the_end_are_nobodys_business() -> None:
    for name in ("png", "jpeg", "webp", "gif"):
        assert take_in(WHOLE[name] + b"\0trailer" * 100, LIMIT).png == take_in(WHOLE[name], LIMIT).png


def test_the_picture_of_a_camera_that_keeps_several_is_the_first() -> None:
    several = encoded(PHOTO, "MPO", save_all=True, append_images=[BLUE])
    taken = take_in(several, LIMIT)
    assert (taken.png, taken.notes) == (take_in(encoded(PHOTO, "JPEG"), LIMIT).png, ())
    whole = len(encoded(PHOTO, "JPEG"))
    for part in range(5, 100, 5):
        cut = several[: int(whole * part / 100)]
        with pytest.raises(InvalidRequest):
            take_in(cut, LIMIT)


@settings(max_examples=examples(300), deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_a_damaged_file_is_taken_or_refused_in_a_sentence(name: str, data: st.DataObject) -> None:
    file = bytearray(WHOLE[name])
    for _ in range(data.draw(st.integers(1, 8))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        take_in(bytes(file), LIMIT)
    except InvalidRequest as error:
        assert "PNG, JPEG or WebP" in error.message  # noqa: PT017 - one that is taken is as well
    except TooLarge as error:
        assert "megapixels" in error.message  # noqa: PT017
