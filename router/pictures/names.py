"""Which pictures a request names, in which roles, and what lies behind the names: uploads and finished pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from configs.errors import MissingAsset, NotFound
from configs.schema import Format
from deployments.stages.base import InputPicture, Role
from router.job_request import JobRequest
from router.jobs.model import Asset, ImageRecord, LicenceVerdict, StoredFile
from router.jobs.store import JobStore
from router.pictures.masks import Convention, Marks
from router.plan import Plan

_FINISHED = re.compile(r"([0-9a-z_]{1,64})/([0-9]{1,4})")
_PIXELS: tuple[Format, ...] = ("png", "webp")  # those that a picture can be read from, the best first


@dataclass(frozen=True, slots=True)
class Named:
    """A picture that `field` of a request names. `kind`, `start` and `end` are those of a control, `scale` also
    that of an image prompt."""

    field: str
    role: Role
    name: str
    kind: str | None = None
    scale: float | None = None
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True)
class FoundPicture:
    """A picture in the blob store under `sha256`; `licence` is the verdict on one that was drawn here, `marks` what one
    marks that is named as a mask."""

    sha256: str
    format: Format
    width: int
    height: int
    licence: LicenceVerdict | None = None
    marks: Marks | None = None
    asset_id: str = ""


def named(request: JobRequest) -> tuple[Named, ...]:
    """Every picture of a request, in the order of its fields."""
    found = [Named("image", "image", request.image)] if request.image is not None else []
    found += [Named("mask", "mask", request.mask)] if request.mask is not None else []
    found += [Named("references", "reference", name) for name in request.references]
    for one in request.controls:
        found.append(Named("controls", "control", one.image, one.kind, one.scale, one.start, one.end))
    found += [Named("image_prompts", "image_prompt", one.image, scale=one.scale) for one in request.image_prompts]
    return tuple(found)


async def find_pictures(store: JobStore, owner: str, request: JobRequest) -> dict[str, FoundPicture]:
    """By name. Raises `MissingAsset` for a name behind which there is no picture of `owner`."""
    fields = {one.name: one.field for one in reversed(named(request))}
    return {name: await _find(store, owner, name, field) for name, field in fields.items()}


def settle(request: JobRequest, found: Mapping[str, FoundPicture]) -> tuple[InputPicture, ...]:
    """The pictures of a request as its plan has them; `found` holds them all."""
    return tuple(
        InputPicture(
            role=one.role,
            picture=one.name,
            asset_id=found[one.name].asset_id,
            sha256=found[one.name].sha256,
            format=found[one.name].format,
            width=found[one.name].width,
            height=found[one.name].height,
            kind=one.kind,
            scale=one.scale,
            start=one.start,
            end=one.end,
            convention=_convention(found[one.name]) if one.role == "mask" else None,
        )
        for one in named(request)
    )


def _convention(mask: FoundPicture) -> Convention:
    return "light" if mask.marks is None else mask.marks.convention


async def check_uploads(store: JobStore, owner: str, plan: Plan) -> None:
    """Raises `MissingAsset` for an upload in `plan` that its owner has deleted since."""
    for one in plan.base.pictures:
        if finished_place(one.picture) is None:
            try:
                await store.asset(owner, one.picture)
            except NotFound:
                raise MissingAsset(
                    f"the picture '{one.picture}', which this job begins with, was deleted before it was drawn: "
                    "upload it again and order anew",
                    one.role,
                ) from None


def finished_place(name: str) -> tuple[str, int] | None:
    """The job and the index that the name of a finished picture consists of; None for an upload's."""
    match = _FINISHED.fullmatch(name)
    return None if match is None else (match[1], int(match[2]))


async def _find(store: JobStore, owner: str, name: str, field: str) -> FoundPicture:
    try:
        place = finished_place(name)
        if place is not None:
            return await _finished(store, owner, place, field)
        asset = await store.asset(owner, name)
    except NotFound:
        raise MissingAsset(
            f"there is no picture '{name}' of yours: upload one with POST /pictures and give its picture_id, or name a "
            "finished one by its asset_id or as JOB_ID/INDEX",
            field,
        ) from None
    return _readable(asset.id, asset, name, field)


async def _finished(store: JobStore, owner: str, place: tuple[str, int], field: str) -> FoundPicture:
    """Raises `NotFound` where there is no such job, and `MissingAsset` where it has no such picture."""
    job = await store.job(owner, place[0])
    image = next((one for one in job.images if one.index == place[1]), None)
    if image is None:
        state = "has no such picture" if job.status.ended else "has not finished it yet"
        raise MissingAsset(f"there is no picture '{place[0]}/{place[1]}': this job {state}", field)
    return _readable(image.asset_id, image, f"{place[0]}/{place[1]}", field)


def _readable(id: str, picture: Asset | ImageRecord, name: str, field: str) -> FoundPicture:
    """The file that its pixels are read from. Raises `MissingAsset` where there is none."""
    file = pixels_of(picture.files)
    if file is None:
        raise MissingAsset(f"picture '{name}' is there as SVG only: draw it as PNG, too", field)
    licence = picture.licence
    return FoundPicture(file.sha256, file.format, picture.width, picture.height, licence, asset_id=id)


def pixels_of(files: Sequence[StoredFile]) -> StoredFile | None:
    """The best file that a picture can be read from, if there is one."""
    by_format = {file.format: file for file in files}
    return next((by_format[format] for format in _PIXELS if format in by_format), None)
