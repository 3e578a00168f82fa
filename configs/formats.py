"""The file formats that pictures come in."""

from __future__ import annotations

from typing import Literal

Format = Literal["png", "webp", "svg", "jpeg", "avif", "pdf"]

MEDIA_TYPES: dict[Format, str] = {
    "png": "image/png",
    "webp": "image/webp",
    "svg": "image/svg+xml",
    "jpeg": "image/jpeg",
    "avif": "image/avif",
    "pdf": "application/pdf",
}
VECTORS: tuple[Format, ...] = ("svg", "pdf")
"""Those that are outlines, of any size: for flat art."""
