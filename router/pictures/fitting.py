"""The pictures of a plan, fetched, fitted to what replicas ask for and handed over, once for all variations."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import cache

from PIL import Image

from configs.schema import Size
from deployments.blobs.store import BlobStore
from deployments.messages import Composite, Control, ImagePrompt, Inputs, Picture, PictureRef
from deployments.stages.base import InputPicture
from router.pictures.masks import read_levels
from router.pictures.opening import WHITE, cover, cover_mask, lay_on, open_stored
from router.plan import Plan

LONGEST_SIDE = 2048
"""Pixels of what a model only looks at: the largest model sees about one megapixel of it."""


NO_INPUTS = Inputs()


async def load_inputs(plan: Plan, blobs: BlobStore, put: Callable[[Picture], Awaitable[PictureRef]]) -> Inputs:
    """References to the pictures of `plan`; the event loop is not held up. Raises `NotFound` for a file that is gone,
    and what `put` raises."""
    if not plan.base.pictures:
        return NO_INPUTS
    files = {key: await blobs.get(key) for key in dict.fromkeys(one.sha256 for one in plan.base.pictures)}
    fitted = await asyncio.to_thread(fit_inputs, plan, files)
    return _refer(fitted, {id(one): await put(one) for one in _pictures(fitted)})


def _pictures(inputs: Inputs) -> list[Picture]:
    """Each once."""
    pictures: list[Picture | None] = [inputs.image, inputs.mask, *inputs.references]
    pictures += [one.image for one in inputs.controls] + [one.image for one in inputs.image_prompts]
    pictures += [] if inputs.composite is None else [inputs.composite.image, inputs.composite.mask]
    return list({id(one): one for one in pictures if one is not None}.values())


def _refer(inputs: Inputs, references: Mapping[int, PictureRef]) -> Inputs:
    """`inputs` with references in place of pictures; `references` are by the picture's `id`."""

    def at(picture: Picture | None) -> PictureRef | None:
        return None if picture is None else references[id(picture)]

    under = inputs.composite
    return Inputs(
        image=at(inputs.image),
        mask=at(inputs.mask),
        references=tuple(at(one) for one in inputs.references),
        controls=tuple(replace(one, image=at(one.image)) for one in inputs.controls),
        image_prompts=tuple(replace(one, image=at(one.image)) for one in inputs.image_prompts),
        composite=None if under is None else Composite(at(under.image), at(under.mask)),
    )


def fit_inputs(plan: Plan, files: Mapping[str, bytes]) -> Inputs:
    """`files` are by SHA-256. What is drawn over or followed covers the size to draw, cropped around its centre; what
    is looked at keeps its shape. Transparent is white; a mask is read by the convention that the plan has settled.

    A file that is named several times alike is one `Picture`.
    """
    opened = cache(lambda key: lay_on(open_stored(files[key]), WHITE))
    follow = cache(lambda key: _picture(cover(opened(key), plan.base.size)))
    shrink = cache(lambda key: _shrink(files[key]))
    by_role: dict[str, list[InputPicture]] = {}
    for one in plan.base.pictures:
        by_role.setdefault(one.role, []).append(one)
    image = next((one.sha256 for one in by_role.get("image", ())), None)
    mask = next((_levels(one, files[one.sha256]) for one in by_role.get("mask", ())), None)
    return Inputs(
        image=None if image is None else follow(image),
        mask=None if mask is None else _picture(cover_mask(mask, plan.base.size)),
        references=tuple(shrink(one.sha256) for one in by_role.get("reference", ())),
        controls=tuple(_control(one, follow(one.sha256)) for one in by_role.get("control", ())),
        image_prompts=tuple(
            ImagePrompt(shrink(one.sha256), 1.0 if one.scale is None else one.scale)
            for one in by_role.get("image_prompt", ())
        ),
        composite=None if image is None or mask is None else _composite(opened(image), mask, plan.size),
    )


def _control(planned: InputPicture, picture: Picture) -> Control:
    assert planned.kind is not None
    return Control(
        kind=planned.kind,
        image=picture,
        scale=1.0 if planned.scale is None else planned.scale,
        start=planned.start or 0.0,
        end=1.0 if planned.end is None else planned.end,
    )


def _levels(planned: InputPicture, file: bytes) -> Image.Image:
    return read_levels(open_stored(file), planned.convention or "light")


def _composite(image: Image.Image, mask: Image.Image, size: Size) -> Composite:
    return Composite(_picture(cover(image, size)), _picture(cover_mask(mask, size)))


def _shrink(file: bytes) -> Picture:
    image = lay_on(open_stored(file), WHITE)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return _picture(image)


def _picture(image: Image.Image) -> Picture:
    return Picture(image.width, image.height, image.convert("RGB").tobytes())
