"""The pictures of a plan, fetched, fitted to what replicas ask for and handed over, once for all variations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import cache

from PIL import Image

from configs.errors import NotFound
from configs.inputs import InputImage, Role, image_of, map_images
from configs.schema import Size
from deployments.blobs.store import BlobStore
from deployments.messages import Inputs, Picture, PictureRef
from deployments.stages.base import StoredImage
from router.pictures.masks import read_levels
from router.pictures.opening import WHITE, cover, cover_mask, lay_on, open_stored
from router.plan import Plan

LONGEST_SIDE = 2048
"""Pixels of what a model only looks at: the largest model sees about one megapixel of it."""
_THUMBNAIL = 256  # of what is only measured against, at less


NO_INPUTS = Inputs()


async def load_inputs(plan: Plan, blobs: BlobStore, put: Callable[[Picture], Awaitable[PictureRef]]) -> Inputs:
    """References to the pictures of `plan`; the event loop is not held up. Raises `NotFound` for a file that is gone,
    and what `put` raises."""
    like = await _load_like(plan, blobs, put)
    if not plan.base.inputs:
        return NO_INPUTS if like is None else Inputs(like=like)
    files = {key: await blobs.get(key) for key in dict.fromkeys(one.image.sha256 for one in plan.base.inputs)}
    fitted = await asyncio.to_thread(fit_inputs, plan, files)
    pictures = {id(one.image): one.image for one in (*fitted.drawing, *fitted.composite)}
    references = {key: await put(picture) for key, picture in pictures.items()}

    def refer(inputs: tuple[InputImage[Picture], ...]) -> tuple[InputImage[PictureRef], ...]:
        return map_images(inputs, lambda picture: references[id(picture)])

    return Inputs(refer(fitted.drawing), refer(fitted.composite), like)


async def _load_like(
    plan: Plan, blobs: BlobStore, put: Callable[[Picture], Awaitable[PictureRef]]
) -> PictureRef | None:
    """A thumbnail of the picture that the job goes on from, which its own are measured against; without its file they
    are not."""
    if plan.origin is None or not plan.origin.sha256:
        return None
    try:
        file = await blobs.get(plan.origin.sha256)
    except NotFound:
        return None
    return await put(await asyncio.to_thread(_shrink, file, _THUMBNAIL))


def fit_inputs(plan: Plan, files: Mapping[str, bytes]) -> Inputs:
    """`files` are by SHA-256. What is drawn over or followed covers the size to draw, cropped around its centre; what
    is looked at keeps its shape. Transparent is white; a mask is read by the convention that the plan has settled.

    A file that is named several times alike is one `Picture`.
    """
    opened = cache(lambda key: lay_on(open_stored(files[key]), WHITE))
    levels = cache(lambda mask: read_levels(open_stored(files[mask.sha256]), mask.convention or "light"))
    shrink = cache(lambda key: _shrink(files[key]))
    follow = cache(lambda key, size: _picture(cover(opened(key), size)))

    def fit(role: Role, image: StoredImage, size: Size) -> Picture:
        if role == "mask":
            return _picture(cover_mask(levels(image), size))
        return follow(image.sha256, size) if role in ("image", "control") else shrink(image.sha256)

    inputs = plan.base.inputs
    drawn_over = [one for one in inputs if one.role in ("image", "mask")] if image_of(inputs, "mask") else []
    return Inputs(
        drawing=tuple(one.with_image(fit(one.role, one.image, plan.base.size)) for one in inputs),
        composite=tuple(one.with_image(fit(one.role, one.image, plan.size)) for one in drawn_over),
    )


def _shrink(file: bytes, side: int = LONGEST_SIDE) -> Picture:
    image = lay_on(open_stored(file), WHITE)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _picture(image)


def _picture(image: Image.Image) -> Picture:
    return Picture(image.width, image.height, image.convert("RGB").tobytes())
