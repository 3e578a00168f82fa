"""Previews of a picture under way in the format that a program has asked for: it may write them to a file by it."""

from __future__ import annotations

import base64
import io

from PIL import Image, UnidentifiedImageError

_PREFIX = "base64,"


def convert_preview(data_url: str, format: str) -> str | None:
    """A preview as the studio tells it (a WebP of a few pixels), as base64 of `format`; None for one that cannot be
    read."""
    try:
        with Image.open(io.BytesIO(base64.b64decode(data_url.partition(_PREFIX)[2])), formats=("WEBP",)) as small:
            written = io.BytesIO()
            small.convert("RGB").save(written, format.upper())
    except (UnidentifiedImageError, OSError, ValueError):
        return None
    return base64.b64encode(written.getvalue()).decode()
