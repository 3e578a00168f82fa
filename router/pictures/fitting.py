"""The pictures of a plan, fetched and fitted to what replicas ask for: decoded once for all variations of a job."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image, ImageOps

from configs.schema import Size
from deployments.messages import Control, ImagePrompt, Picture, Underlay
from router.blobs import BlobStore
from router.plan import InputPicture, Plan

LONGEST_SIDE = 2048
"""Pixels of what a model only looks at: the largest model sees about one megapixel of it."""
_WHITE, _BLACK = (255, 255, 255, 255), (0, 0, 0, 255)


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a `GenerateRequest` takes by these names, and what the finished picture keeps."""

    image: Picture | None = None
    mask: Picture | None = None
    references: tuple[Picture, ...] = ()
    controls: tuple[Control, ...] = ()
    image_prompts: tuple[ImagePrompt, ...] = ()
    underlay: Underlay | None = None


NO_INPUTS = Inputs()


async def load_inputs(plan: Plan, blobs: BlobStore) -> Inputs:
    """The pictures of `plan`; the event loop is not held up. Raises `NotFound` for a file that is gone."""
    if not plan.base.pictures:
        return NO_INPUTS
    files = {key: await blobs.get(key) for key in dict.fromkeys(one.sha256 for one in plan.base.pictures)}
    return await asyncio.to_thread(fit_inputs, plan, files)


def fit_inputs(plan: Plan, files: Mapping[str, bytes]) -> Inputs:
    """`files` are by SHA-256. What is drawn over or followed covers the size to draw, cropped around its centre; what
    is looked at keeps its shape. Transparent is white, and black in a mask: what nobody painted is kept."""
    base, final = plan.base.size, plan.finish.size
    by_role: dict[str, list[InputPicture]] = {}
    for one in plan.base.pictures:
        by_role.setdefault(one.role, []).append(one)
    image = next((_open(files[one.sha256], _WHITE) for one in by_role.get("image", ())), None)
    mask = next((_open(files[one.sha256], _BLACK).convert("L") for one in by_role.get("mask", ())), None)
    return Inputs(
        image=None if image is None else _cover(image, base),
        mask=None if mask is None else _cover(mask, base, Image.Resampling.NEAREST),
        references=tuple(_shrink(files[one.sha256]) for one in by_role.get("reference", ())),
        controls=tuple(_control(one, files[one.sha256], base) for one in by_role.get("control", ())),
        image_prompts=tuple(
            ImagePrompt(_shrink(files[one.sha256]), 1.0 if one.scale is None else one.scale)
            for one in by_role.get("image_prompt", ())
        ),
        underlay=None if image is None or mask is None else _underlay(image, mask, final),
    )


def _control(planned: InputPicture, file: bytes, size: Size) -> Control:
    assert planned.kind is not None
    return Control(
        kind=planned.kind,
        image=_cover(_open(file, _WHITE), size),
        scale=1.0 if planned.scale is None else planned.scale,
        start=planned.start or 0.0,
        end=1.0 if planned.end is None else planned.end,
    )


def _underlay(image: Image.Image, mask: Image.Image, size: Size) -> Underlay:
    return Underlay(_cover(image, size), _cover(mask, size, Image.Resampling.NEAREST))


def _open(file: bytes, ground: tuple[int, int, int, int]) -> Image.Image:
    """RGB pixels, those that are transparent on `ground`."""
    with Image.open(io.BytesIO(file), formats=("PNG", "WEBP")) as image:
        if not image.has_transparency_data:
            return image.convert("RGB")
        own = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", own.size, ground), own).convert("RGB")


def _cover(image: Image.Image, size: Size, filter: Image.Resampling = Image.Resampling.LANCZOS) -> Picture:
    target = (size.width, size.height)
    fitted = image if image.size == target else ImageOps.fit(image, target, filter)
    return Picture(size.width, size.height, fitted.convert("RGB").tobytes())


def _shrink(file: bytes) -> Picture:
    image = _open(file, _WHITE)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    return Picture(image.width, image.height, image.tobytes())
