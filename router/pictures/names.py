"""Which pictures a request names, in which roles, and what lies behind the names: uploads and finished pictures."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from configs.errors import MissingAsset, NotFound
from configs.formats import Format
from configs.inputs import InputImage
from deployments.stages.base import StoredImage
from router.job_request import FIELDS, JobRequest
from router.jobs.model import Asset, ImageRecord, LicenceVerdict, StoredFile
from router.jobs.store import JobStore
from router.people.viewer import STUDIO, Viewer
from router.pictures.masks import Marks
from router.plan import Plan

_FINISHED = re.compile(r"([0-9a-z_]{1,64})/([0-9]{1,4})")
_PIXELS: tuple[Format, ...] = ("png", "webp", "avif", "jpeg")  # those that a picture is read from, the best first


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


async def find_pictures(store: JobStore, viewer: Viewer, request: JobRequest) -> dict[str, FoundPicture]:
    """By name. Raises `MissingAsset` for a name behind which there is no picture that `viewer` sees."""
    fields = {one.image: FIELDS[one.role] for one in reversed(request.inputs)}
    return {name: await _find(store, viewer, name, field) for name, field in fields.items()}


def settle(request: JobRequest, found: Mapping[str, FoundPicture]) -> tuple[InputImage[StoredImage], ...]:
    """The pictures of a request as its plan has them; `found` holds them all."""
    return tuple(one.with_image(_stored(one, found[one.image])) for one in request.inputs)


def _stored(named: InputImage[str], found: FoundPicture) -> StoredImage:
    marks = "light" if found.marks is None else found.marks.convention
    return StoredImage(
        picture=named.image,
        asset_id=found.asset_id,
        sha256=found.sha256,
        format=found.format,
        width=found.width,
        height=found.height,
        convention=marks if named.role == "mask" else None,
    )


async def check_uploads(store: JobStore, plan: Plan) -> None:
    """Raises `MissingAsset` for an upload in `plan` that its owner has deleted since."""
    for one in plan.base.inputs:
        name = one.image.picture
        if finished_place(name) is None:
            try:
                await store.asset(STUDIO, name)
            except NotFound:
                raise MissingAsset(
                    f"the picture '{name}', which this job begins with, was deleted before it was drawn: "
                    "upload it again and order anew",
                    one.role,
                ) from None


def finished_place(name: str) -> tuple[str, int] | None:
    """The job and the index that the name of a finished picture consists of; None for an upload's."""
    match = _FINISHED.fullmatch(name)
    return None if match is None else (match[1], int(match[2]))


async def _find(store: JobStore, viewer: Viewer, name: str, field: str) -> FoundPicture:
    try:
        place = finished_place(name)
        if place is not None:
            return await _finished(store, viewer, place, field)
        asset = await store.asset(viewer, name)
    except NotFound:
        raise MissingAsset(
            f"there is no picture '{name}' of yours: upload one with POST /pictures and give its picture_id, or name a "
            "finished one by its asset_id or as JOB_ID/INDEX",
            field,
        ) from None
    return _readable(asset.id, asset, name, field)


async def _finished(store: JobStore, viewer: Viewer, place: tuple[str, int], field: str) -> FoundPicture:
    """Raises `NotFound` where there is no such job, and `MissingAsset` where it has no such picture."""
    job = await store.job(viewer, place[0])
    image = next((one for one in job.images if one.index == place[1]), None)
    if image is None:
        state = "has no such picture" if job.status.ended else "has not finished it yet"
        raise MissingAsset(f"there is no picture '{place[0]}/{place[1]}': this job {state}", field)
    return _readable(image.asset_id, image, f"{place[0]}/{place[1]}", field)


def _readable(id: str, picture: Asset | ImageRecord, name: str, field: str) -> FoundPicture:
    """The file that its pixels are read from. Raises `MissingAsset` where there is none."""
    file = pixels_of(picture.files)
    if file is None:
        raise MissingAsset(f"picture '{name}' is there as outlines only: draw it as PNG, too", field)
    licence = picture.licence
    return FoundPicture(file.sha256, file.format, picture.width, picture.height, licence, asset_id=id)


def pixels_of(files: Sequence[StoredFile]) -> StoredFile | None:
    """The best file that a picture can be read from, if there is one."""
    by_format = {file.format: file for file in files if file.size is None}
    return next((by_format[format] for format in _PIXELS if format in by_format), None)
