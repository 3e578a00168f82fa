"""A mask held against what is drawn through it: what marks nothing there, or leaves nothing, is refused before work."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from configs.capabilities import Capabilities
from configs.errors import InvalidRequest, MissingAsset, NotFound
from configs.schema import Size
from deployments.blobs.store import BlobStore
from router.job_request import JobRequest
from router.notes import Note, NoteCode
from router.pictures.masks import MARKED, Marks, read_marks
from router.pictures.names import FoundPicture
from router.pictures.opening import cover_mask, open_stored

_SAME_SHAPE = 0.02


async def look_at_mask(
    blobs: BlobStore, request: JobRequest, found: dict[str, FoundPicture]
) -> dict[str, FoundPicture]:
    """`found`, with what the mask of `request` marks, if it has one; the event loop is free. Raises `MissingAsset`
    for a file that is gone, and `InvalidRequest` for a mask that says nothing."""
    if request.mask is None or request.image is None:
        return found
    files = [
        await _fetch(blobs, found[name], field) for name, field in ((request.mask, "mask"), (request.image, "image"))
    ]
    marks = await asyncio.to_thread(lambda: read_marks(*map(open_stored, files)))
    return {**found, request.mask: replace(found[request.mask], marks=marks)}


async def _fetch(blobs: BlobStore, picture: FoundPicture, field: str) -> bytes:
    try:
        return await blobs.get(picture.sha256)
    except NotFound as error:
        raise MissingAsset(f"{error.message}: upload the {field} again", field) from None


def check_marks(
    request: JobRequest, found: Mapping[str, FoundPicture], size: Size, strength: float | None, can: Capabilities
) -> tuple[Note, ...]:
    """What a person should know of the mask, where the picture is drawn in `size`. Raises `InvalidRequest`."""
    marks = None if request.mask is None else found[request.mask].marks
    if request.mask is None or request.image is None or marks is None:
        return ()
    _check_shape(found[request.mask], found[request.image], size)
    least, most = _extremes(marks, size)
    if most < MARKED:
        raise InvalidRequest(
            f"what the mask marks is too small to be seen at {size}, in which this is drawn, or lies outside of what "
            "is kept of the picture in that shape: mark more, or draw larger",
            "mask",
        )
    notes = _reading(marks)
    return notes if least < MARKED else notes + _whole(strength, can)


def _check_shape(mask: FoundPicture, image: FoundPicture, size: Size) -> None:
    """A mask has the shape of the picture, or of what is kept of it: laid over in another it would mark elsewhere."""
    shapes = ((image.width, image.height), (size.width, size.height))
    if not any(_same_shape((mask.width, mask.height), shape) for shape in shapes):
        raise InvalidRequest(
            f"the mask is {mask.width}x{mask.height} and the picture {image.width}x{image.height}, of another shape, "
            "so that nobody can say where it lies: give a mask of the picture's width and height",
            "mask",
        )


def _same_shape(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """But for rounding: a pixel in the shorter of both may be more than a small share."""
    across, down = one[0] * other[1], one[1] * other[0]
    return abs(across - down) <= max(_SAME_SHAPE * max(across, down), max(*one, *other))


def _extremes(marks: Marks, size: Size) -> tuple[int, int]:
    least, most = cover_mask(marks.levels, size).getextrema()
    return int(least), int(most)  # type: ignore[arg-type]  # of one band: two numbers


def _reading(marks: Marks) -> tuple[Note, ...]:
    if marks.convention == "transparency":
        message = "the mask is a picture with a transparent part: that part is redrawn, and the rest is kept"
        return (Note(code=NoteCode.MASK_TRANSPARENCY, message=message),)
    if marks.transparent:
        message = "the mask is painted on a transparent ground: what is painted white is redrawn, and the rest is kept"
        return (Note(code=NoteCode.MASK_LIGHT, message=message),)
    if marks.coloured:
        message = "the mask has colours: what is light in it is redrawn, and what is dark is kept"
        return (Note(code=NoteCode.MASK_COLOURS, message=message),)
    return ()


def _whole(strength: float | None, can: Capabilities) -> tuple[Note, ...]:
    """All of it is marked. With strength 1 nothing of the picture would be seen, so that it cannot be meant, except on
    a model that draws in no other way."""
    full = strength is None or strength >= 1
    if full and "txt2img" in can.modes:
        raise InvalidRequest(
            "the mask marks all of the picture, so that nothing of it would be kept: mark a part of it, give a "
            "strength below 1, or leave image and mask out to draw from words alone",
            "mask",
        )
    kept = "nothing of it is kept" if full else "it is redrawn as a whole"
    return (Note(code=NoteCode.MASK_WHOLE, message=f"the mask marks all of the picture: {kept}"),)
