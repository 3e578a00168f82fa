"""Pictures as inputs: what a caller may hand in for one, and how all of a wish become names that the studio knows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict, cast

from atelier.errors import BadInput
from atelier.models import Image, Picture
from atelier.rasters import InMemory, read_raster

_NAME = re.compile(r"pic_[0-9A-Za-z_-]+|[0-9a-f]{24}/\d{1,4}")

LocalPicture = str | os.PathLike[str] | bytes
"""The path of a PNG, JPEG, WebP, GIF or AVIF file, or what is in one."""

AnyPicture = LocalPicture | InMemory | Picture | Image
"""Also one in memory, an uploaded one, a finished one of a job, or the name of either: `pic_…`, `JOB_ID/INDEX`."""

Use: TypeAlias = Literal["reference", "internal", "product"]
"""What a picture is wanted for; the studio's default where none is said."""
Right: TypeAlias = Literal["own", "bought", "unknown"]
"""Whose a picture is that you bring: the studio's own, one that a licence was bought for, or nobody has said."""


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

    `sampler` and `schedule` are of the model's `capabilities.samplers`: `dpmpp_2m` and `karras`, for example.
    `sizes` are further ones that the files come in, such as `["256x256", "64x64"]`.
    `image` is redrawn, as much as `strength` (over 0, up to 1) says, and with a `mask` only where that is white.
    `references` are what an editing model changes. `asset_type` and `brand_kit` may name a version (`icon@1.0.0`);
    `slots` are words for the asset type's template, `style` is one of its variants. `stages` are settings of stages by
    kind, such as `{"palette": {"colours": ["#d13438"]}}`, and False for one to leave out.
    `best_of` drawings are scored and `keep` of them finished, the best first; `retry_below`, such as
    `{"fidelity": 0.5}`, has drawings under it drawn again, in at most `max_tries` rounds.
    `near` draws around the seed of another picture, as `{"seed": 7, "strength": 0.2}`; `studio.iterating.like` says it
    for you.
    """

    asset_type: str | None
    slots: dict[str, str] | None
    style: str | None
    brand_kit: str | None
    model: str | None
    quality: str | None
    num_variations: int | None
    best_of: int | None
    keep: int | None
    retry_below: dict[str, float] | None
    max_tries: int | None
    seed: int | None
    near: dict[str, Any] | None
    size: str | None
    sizes: list[str] | None
    formats: list[str] | None
    negative_prompt: str | None
    num_inference_steps: int | None
    guidance_scale: float | None
    sampler: str | None
    schedule: str | None
    loras: list[LoraWish] | None
    deadline_seconds: float | None
    private: bool
    image: AnyPicture | None
    mask: AnyPicture | None
    strength: float | None
    references: list[AnyPicture] | None
    controls: list[ControlWish] | None
    image_prompts: list[ImagePromptWish] | None
    stages: dict[str, dict[str, Any] | bool] | None


def name_of(picture: AnyPicture) -> str | None:
    """The studio's name for a picture, or None where it has to be uploaded first."""
    if isinstance(picture, Picture):
        return picture.picture_id
    if isinstance(picture, Image):
        return picture.name
    return picture if isinstance(picture, str) and _NAME.fullmatch(picture) else None


def as_files(options: GenerateOptions) -> GenerateOptions:
    """The options with the bytes of a file for every picture in memory; raises BadInput, which names the field."""
    read: dict[int, bytes] = {}

    def file(picture: AnyPicture, field: str) -> AnyPicture:
        if isinstance(picture, Picture | Image | str | os.PathLike):
            return picture
        if id(picture) not in read:  # a stream can be read only once
            read[id(picture)] = read_raster(picture, field)
        return read[id(picture)]

    return _changed(options, file)


def as_file(picture: LocalPicture | InMemory, field: str) -> LocalPicture:
    """A path, or the bytes of a file; raises BadInput."""
    return picture if isinstance(picture, str | os.PathLike) else read_raster(picture, field)


def local_pictures(options: GenerateOptions) -> dict[LocalPicture, None]:
    """Those that have to be uploaded, each once, in order."""
    found: dict[LocalPicture, None] = {}

    def note(picture: AnyPicture, _: str) -> AnyPicture:
        if name_of(picture) is None:
            found[cast(LocalPicture, picture)] = None
        return picture

    _changed(options, note)
    return found


def with_names(options: GenerateOptions, uploaded: Mapping[LocalPicture, Picture]) -> GenerateOptions:
    """The options with a name for every picture. `uploaded` has all that `local_pictures` asks for."""
    return _changed(options, lambda picture, _: name_of(picture) or uploaded[cast(LocalPicture, picture)].picture_id)


def without_pictures(options: GenerateOptions) -> GenerateOptions:
    """The options with nothing where pictures are named, to look at the rest."""
    return _changed(options, lambda *_: "")


def _changed(options: GenerateOptions, change: Callable[[AnyPicture, str], AnyPicture]) -> GenerateOptions:
    """The options with `change(picture, field)` for every picture, in the order of their upload."""
    changed = options.copy()
    if (image := options.get("image")) is not None:
        changed["image"] = change(image, "image")
    if (mask := options.get("mask")) is not None:
        changed["mask"] = change(mask, "mask")
    if (references := options.get("references")) is not None:
        changed["references"] = [change(one, place) for place, one in _listed(references, "references")]
    if (controls := options.get("controls")) is not None:
        changed["controls"] = [_held(one, place, change) for place, one in _listed(controls, "controls")]
    if (prompts := options.get("image_prompts")) is not None:
        changed["image_prompts"] = [_held(one, place, change) for place, one in _listed(prompts, "image_prompts")]
    return changed


def _listed(given: Any, field: str) -> Iterator[tuple[str, Any]]:
    if not isinstance(given, list | tuple):
        raise BadInput(f"{field}: give a list, also for one: {field}=[…]")
    return ((f"{field}[{index}]", one) for index, one in enumerate(given))


def _held(wish: Any, field: str, change: Callable[[AnyPicture, str], AnyPicture]) -> Any:
    """A wish that holds a picture; one without is for the studio to refuse."""
    if not isinstance(wish, Mapping):
        raise BadInput(f"{field}: give its parts by name: {{'image': …}}")
    picture = wish.get("image")
    return {**wish, "image": change(picture, f"{field}.image")} if picture is not None else {**wish}


def file_name(picture: LocalPicture) -> str:
    """What to call it in the upload; the studio looks at the content."""
    name = "picture" if isinstance(picture, bytes) else Path(picture).name
    return name.encode(errors="replace").decode()
