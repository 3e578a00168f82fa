"""The AI mark alone, in files that tell no recipe: thumbnails, sheets, and what a training draws to be looked at."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, Literal

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from deployments.stages.xmp import MACHINE_CHANGED, MACHINE_MADE, to_mark, write_mark

DRAWN = write_mark(MACHINE_MADE)
"""Of what models have drawn, all of it."""
_PNG_KEY = "XML:com.adobe.xmp"


def mark_of(file: bytes) -> str:
    """The mark of a picture file, as what is made from it alone has it; empty if it has none. Raises what Pillow does
    for a file that it cannot read."""
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP", "AVIF", "JPEG")) as image:
        packet = image.info.get(_PNG_KEY) or image.info.get("xmp") or ""
    return to_mark(packet.decode("utf-8", "replace") if isinstance(packet, bytes) else str(packet))


def mark_of_sheet(files: Sequence[bytes]) -> str:
    """That of all pictures on a sheet; that of a composite where they differ; empty where none has one."""
    marks = {mark_of(file) for file in files}
    return marks.pop() if len(marks) == 1 else write_mark(MACHINE_CHANGED)


def save_marked(
    image: Image.Image, into: Path | IO[bytes], format: Literal["PNG", "WEBP"], mark: str, **options: Any
) -> None:
    """As Pillow saves it, with the mark, if there is one."""
    if not mark:
        image.save(into, format, **options)
    elif format == "WEBP":
        image.save(into, format, xmp=mark.encode(), **options)
    else:
        said = PngInfo()
        said.add_itxt(_PNG_KEY, mark)
        image.save(into, format, pnginfo=said, **options)
