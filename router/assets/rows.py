"""Rows to pictures and back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from router.jobs.documents import LICENCE, NO_VERDICT, NOTES, SCORES, SECONDS, read_or
from router.jobs.model import (
    Asset,
    ImageRecord,
    Job,
    LicenceVerdict,
    LicensedPart,
    Parent,
    StoredFile,
    UploadedPicture,
)
from router.storage.database import AnyRow

_UNREADABLE_NOTES = ("what was noted of this picture is stored in a form that this release cannot read",)


def drawn_row(job: Job, seq: int, image: ImageRecord, now: datetime) -> dict[str, Any]:
    """Parameters that insert a drawn picture; `seq` is the number of its event."""
    return {
        "id": image.asset_id,
        "owner": job.owner,
        "space": job.space,
        "kind": "drawn",
        "job_id": job.id,
        "idx": image.index,
        "seq": seq,
        "seed": image.seed,
        "width": image.width,
        "height": image.height,
        "licence": LICENCE.write(image.licence),
        "notes": NOTES.write(image.notes),
        "seconds": SECONDS.write(image.seconds),
        "scores": SCORES.write(image.scores) if image.scores else None,
        "created_at": now,
    }


def parent_rows(image: ImageRecord) -> list[dict[str, Any]]:
    """Parameters that say what a picture was made from."""
    return [
        {"asset_id": image.asset_id, "position": position, "parent_id": parent.asset_id, "role": parent.role}
        for position, parent in enumerate(image.parents)
    ]


def file_rows(asset_id: str, files: tuple[StoredFile, ...]) -> list[dict[str, Any]]:
    """Parameters that insert the files of a picture."""
    return [
        {
            "asset_id": asset_id,
            "rendition": file.rendition,
            "position": position,
            "media_type": file.media_type,
            "sha256": file.sha256,
            "size_bytes": file.size_bytes,
        }
        for position, file in enumerate(files)
    ]


def uploaded_row(picture: UploadedPicture, now: datetime) -> dict[str, Any]:
    """Parameters that insert an uploaded picture."""
    return {
        "id": picture.id,
        "owner": picture.owner,
        "space": picture.space,
        "kind": "uploaded",
        "width": picture.width,
        "height": picture.height,
        "licence": None if picture.licence is None else LICENCE.write(picture.licence),
        "created_at": now,
        "kept_until": picture.kept_until,
    }


def right_of_upload(picture: UploadedPicture, now: datetime) -> dict[str, Any]:
    """Parameters that insert what is said of an uploaded picture."""
    return {
        "picture_id": picture.id,
        "owner": picture.owner,
        "said": picture.right,
        "source": picture.source,
        "said_by": picture.owner,
        "said_at": now,
    }


def unknown_upload(picture_id: str) -> LicenceVerdict:
    """Of a picture of which nobody has said whose it is: to look at and to work with, and for no product."""
    part = upload_part(picture_id)
    return LicenceVerdict(
        reference="allowed", internal="allowed", product="refused", licences=("unknown",), parts=(part,)
    )


def upload_part(picture_id: str) -> LicensedPart:
    """What an upload brings along, before anybody has said whose it is."""
    return LicensedPart(component=picture_id, part="upload", licence="unknown", picture=picture_id)


def uploaded_file(picture: UploadedPicture) -> StoredFile:
    """The one file of an upload."""
    return StoredFile(format="png", media_type="image/png", sha256=picture.sha256, size_bytes=picture.size_bytes)


def read_image(row: AnyRow) -> ImageRecord:
    """A drawn picture. What cannot be read of it is said in its notes, and allows nothing."""
    of = f"picture {row.asset_id}"
    return ImageRecord(
        asset_id=row.asset_id,
        index=row.idx,
        seed=row.seed,
        width=row.width,
        height=row.height,
        files=read_files(row.files),
        licence=read_or(LICENCE, row.asset_licence, NO_VERDICT, of),
        notes=read_or(NOTES, row.notes, _UNREADABLE_NOTES, of),
        seconds=read_or(SECONDS, row.seconds, {}, of),
        scores={} if row.scores is None else read_or(SCORES, row.scores, {}, of),
    )


def read_asset(row: AnyRow, parents: Sequence[AnyRow]) -> Asset:
    """Any picture. A verdict that cannot be read allows nothing; an upload without one is of unknown right."""
    licence = unknown_upload(row.id)
    if row.licence is not None:
        licence = read_or(LICENCE, row.licence, NO_VERDICT, f"picture {row.id}")
    elif row.kind == "drawn":
        licence = NO_VERDICT
    return Asset(
        id=row.id,
        owner=row.owner,
        space=row.space,
        kind=row.kind,
        width=row.width,
        height=row.height,
        files=read_files(row.files),
        licence=licence,
        place=None if row.job_id is None else (row.job_id, row.idx),
        parents=tuple(Parent(asset_id=parent.parent_id, role=parent.role) for parent in parents),
    )


def read_files(lines: str | None) -> tuple[StoredFile, ...]:
    """The files of a picture from `statements.FILES`: a line each, in whatever order."""
    files = sorted((line.split(" ") for line in (lines or "").splitlines()), key=lambda words: int(words[0]))
    return tuple(_file(*words) for words in files)


def _file(_: str, rendition: str, media_type: str, sha256: str, size_bytes: str) -> StoredFile:
    format, _, size = rendition.partition("@")
    file = {"format": format, "media_type": media_type, "sha256": sha256, "size_bytes": size_bytes}
    return StoredFile.model_validate(file | ({"size": size} if size else {}))


def read_upload(row: AnyRow) -> UploadedPicture:
    return UploadedPicture(
        row.id,
        row.owner,
        row.sha256,
        row.width,
        row.height,
        row.size_bytes,
        row.space,
        right=row.said or "unknown",
        source=row.source or "",
        licence=None if row.licence is None else read_or(LICENCE, row.licence, NO_VERDICT, f"upload {row.id}"),
        kept_until=row.kept_until,
    )
