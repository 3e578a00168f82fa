"""A finished picture as files, each at its final size with its recipe inside. CPU only, no torch."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import ClassVar

from PIL import Image, ImageOps

from configs.errors import AtelierError, StageError
from configs.inputs import InputImage
from configs.schema import Format
from deployments.messages import Picture, PictureRef, Recipe
from deployments.stages.composite import composite
from deployments.stages.raster import write_png, write_webp

log = logging.getLogger(__name__)

MEDIA_TYPES: dict[Format, str] = {"png": "image/png", "webp": "image/webp", "svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class FinishRequest:
    """Bring a picture to its final size (pixels), lay it over what it keeps, if anything, and write it in each format,
    with its recipe inside."""

    method: ClassVar[str] = "finish"
    streams: ClassVar[bool] = True
    takes_picture: ClassVar[bool] = True

    width: int
    height: int
    formats: tuple[Format, ...]
    recipe: Recipe
    composite: tuple[InputImage[PictureRef], ...] = ()


@dataclass(frozen=True, slots=True)
class EncodedFile:
    """One file."""

    format: Format
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture in its formats; `notes` say what was left out and why, and it took `seconds`."""

    files: tuple[EncodedFile, ...]
    notes: tuple[str, ...]
    seconds: float


def encode(picture: Picture, request: FinishRequest) -> Encoded:
    """Bring a picture to its final size and write each format asked for; what `request` names are pixels.

    What cannot be delivered, such as an SVG of a picture that is not flat, is left out and explained in `notes`;
    a picture of which nothing could be delivered comes as PNG.
    Raises StageError if the picture itself cannot be written.
    """
    started = time.perf_counter()
    try:
        source = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        final = _resize(source, request.width, request.height)
        if request.composite:
            source = final = composite(final, request.composite)
        files: list[EncodedFile] = []
        notes: list[str] = []
        for kind in request.formats:
            try:
                data = _write(kind, source, final, request)
            except StageError as error:
                notes.append(error.message)
            else:
                files.append(EncodedFile(kind, MEDIA_TYPES[kind], data))
        if not files:
            notes.append("delivered as PNG instead")
            files.append(EncodedFile("png", MEDIA_TYPES["png"], write_png(final, request.recipe)))
    except AtelierError:
        raise
    except Exception as error:  # noqa: BLE001 - a picture that fails must not take the replica with it
        log.exception("a picture could not be written")
        raise StageError(f"the picture could not be written as a file ({type(error).__name__})") from None
    return Encoded(tuple(files), tuple(notes), time.perf_counter() - started)


def _resize(image: Image.Image, width: int, height: int) -> Image.Image:
    """Exactly width × height; another aspect ratio is cropped around the centre, never squeezed."""
    if image.size == (width, height):
        return image
    return ImageOps.fit(image, (width, height), Image.Resampling.LANCZOS)


def _write(kind: Format, source: Image.Image, final: Image.Image, request: FinishRequest) -> bytes:
    if kind == "png":
        return write_png(final, request.recipe)
    if kind == "webp":
        return write_webp(final, request.recipe)
    from deployments.stages.vector import write_svg  # the tracer, which only a replica needs

    # Traced before resizing, when there may be more to see.
    return write_svg(source, request.recipe, request.width, request.height)
