"""What kind of file somebody sent, by its first bytes and not by its name, so that a refusal can say it."""

from __future__ import annotations

import re

TAKEN = ("PNG", "JPEG", "WebP", "GIF", "AVIF")
"""What is read here; of a GIF or AVIF sequence, as of any other animation, the first picture."""

_BEGINNINGS: tuple[tuple[str, str], ...] = (
    (r"\x89PNG\r\n\x1a\n", "PNG"),
    (r"\xff\xd8\xff", "JPEG"),
    (r"RIFF....WEBP", "WebP"),
    (r"GIF8[79]a", "GIF"),
    (r"....ftyp", ""),  # a family of formats: see _brand
    (r"II\*\0|MM\0\*|II\+\0|MM\0\+", "TIFF (or a camera's raw file)"),
    (r"BM....\0\0\0\0", "BMP"),
    (r"8BPS", "PSD (Photoshop)"),
    (r"\xff\x0a|\0\0\0\x0cJXL ", "JPEG XL"),
    (r"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "JPEG 2000"),
    (r"\0\0\x01\0", "ICO"),
    (r"v/1\x01", "OpenEXR"),
    (r"#\?(RADIANCE|RGBE)", "Radiance HDR"),
    (r"gimp xcf", "XCF (GIMP)"),
    (r"P[1-7]\s", "PNM"),
    (r"qoif", "QOI"),
    (r"DDS ", "DDS"),
    (r"%PDF-", "PDF"),
    (r"%!PS|\xc5\xd0\xd3\xc6", "EPS"),
    (r"RIFF....AVI |\x1aE\xdf\xa3", "video"),
    (r"PK\x03\x04", "ZIP"),
)
_TEXTS: tuple[tuple[str, str], ...] = (
    (r"(<\?xml.{0,2000}?)?(<!--.{0,2000}?-->\s*|<!DOCTYPE svg.{0,500}?>\s*)*<svg[\s>]", "SVG"),
    (r"<!doctype html|<html[\s>]", "HTML"),
)
_BRANDS = {
    "AVIF": {b"avif", b"avis"},
    "HEIC": {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"},
}


def name_format(file: bytes) -> str | None:
    """The format's name, `PNG` for example; None for what is none that anybody would call a picture."""
    for pattern, name in _BEGINNINGS:
        if re.match(pattern.encode("latin-1"), file, re.DOTALL):
            return name or _brand(file)
    text = file[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    matches = (name for pattern, name in _TEXTS if re.match(pattern.encode(), text, re.DOTALL | re.IGNORECASE))
    return next(matches, None)


def _brand(file: bytes) -> str:
    """Of a file of ISO boxes: what it calls itself, and what else it says that it is."""
    size = int.from_bytes(file[:4], "big")
    brands = {file[8:12], *(file[i : i + 4] for i in range(16, min(size, 256), 4))}
    return next((name for name, known in _BRANDS.items() if brands & known), "video")
