"""Pictures as inputs: what a caller may hand in for one, and how all of a wish become names that the studio knows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

from atelier.models import Image, Picture

_NAME = re.compile(r"pic_[0-9A-Za-z_-]+|[0-9a-f]{24}/\d{1,4}")

LocalPicture = str | os.PathLike[str] | bytes
"""The path of a PNG, JPEG, WebP, GIF or AVIF file, or what is in one."""

AnyPicture = LocalPicture | Picture | Image
"""Also one that was uploaded, a finished one of a job, or the name of either: `pic_…`, `JOB_ID/INDEX`."""


class LoraWish(TypedDict):
    """A LoRA of `loras()`, at its usual strength unless one (-2 to 2) is given."""

    id: str
    strength: NotRequired[float]


class ControlWish(TypedDict):
    """A picture that the drawing follows. `kind` is one of the model's `capabilities.controls`.

    `scale` is how closely (1 unless given); `start` and `end` are the part of the steps that it counts in (0 to 1).
    """

    kind: str
    image: AnyPicture
    scale: NotRequired[float]
    start: NotRequired[float]
    end: NotRequired[float]


class ImagePromptWish(TypedDict):
    """A picture that is read as a prompt; `scale` is how much it counts (1 unless given)."""

    image: AnyPicture
    scale: NotRequired[float]


class GenerateOptions(TypedDict, total=False):
    """Keyword arguments of `generate`; the studio's defaults apply to what is absent or None.

    `image` is redrawn, as much as `strength` (over 0, up to 1) says, and with a `mask` only where that is white.
    `references` are what an editing model changes. `stages` are settings of stages beyond the usual ones, by kind, such
    as `{"palette": {"colours": ["#d13438"]}}`.
    """

    asset_type: str | None
    model: str | None
    quality: str | None
    num_variations: int | None
    seed: int | None
    size: str | None
    formats: list[str] | None
    negative_prompt: str | None
    num_inference_steps: int | None
    guidance_scale: float | None
    loras: list[LoraWish] | None
    deadline_seconds: float | None
    image: AnyPicture | None
    mask: AnyPicture | None
    strength: float | None
    references: list[AnyPicture] | None
    controls: list[ControlWish] | None
    image_prompts: list[ImagePromptWish] | None
    stages: dict[str, dict[str, Any]] | None


def name_of(picture: AnyPicture) -> str | None:
    """The studio's name for a picture, or None where it has to be uploaded first."""
    if isinstance(picture, Picture):
        return picture.picture_id
    if isinstance(picture, Image):
        return picture.name
    return picture if isinstance(picture, str) and _NAME.fullmatch(picture) else None


def local_pictures(options: GenerateOptions) -> dict[LocalPicture, None]:
    """Those that have to be uploaded, each once, in order."""
    return {cast(LocalPicture, one): None for one in _pictures(options) if name_of(one) is None}


def with_names(options: GenerateOptions, uploaded: Mapping[LocalPicture, Picture]) -> GenerateOptions:
    """The options with a name for every picture. `uploaded` has all that `local_pictures` asks for."""

    def name(picture: AnyPicture) -> str:
        return name_of(picture) or uploaded[cast(LocalPicture, picture)].picture_id

    named = options.copy()
    if (image := options.get("image")) is not None:
        named["image"] = name(image)
    if (mask := options.get("mask")) is not None:
        named["mask"] = name(mask)
    if references := options.get("references"):
        named["references"] = [name(one) for one in references]
    if controls := options.get("controls"):
        named["controls"] = [{**one, "image": name(one["image"])} for one in controls]
    if prompts := options.get("image_prompts"):
        named["image_prompts"] = [{**one, "image": name(one["image"])} for one in prompts]
    return named


def file_name(picture: LocalPicture) -> str:
    """What to call it in the upload; the studio looks at the content."""
    name = "picture" if isinstance(picture, bytes) else Path(picture).name
    return name.encode(errors="replace").decode()


def _pictures(options: GenerateOptions) -> Iterator[AnyPicture]:
    for one in (options.get("image"), options.get("mask")):
        if one is not None:
            yield one
    yield from options.get("references") or ()
    for control in options.get("controls") or ():
        yield control["image"]
    for prompt in options.get("image_prompts") or ():
        yield prompt["image"]
