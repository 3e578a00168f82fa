"""Datasets from a zip file, or from pictures that are in the studio: into the library, in versions."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import IO, get_args

from configs.catalog import Catalog
from configs.datasets import HUMAN, DatasetConfig, DatasetPicture, PictureRight
from configs.entries import DATASETS, body_of
from configs.errors import InvalidRequest, MissingAsset, NotFound, StateConflict, TooLarge, VersionConflict
from configs.semver import FIRST, following
from configs.service import Limits
from configs.text import one_line, quoted
from router.datasets.archive import Archive, LeftOut
from router.datasets.archive import Limits as ArchiveLimits
from router.datasets.editing import Changes, changed
from router.datasets.rights import right_of, with_right
from router.jobs.model import Asset
from router.jobs.store import JobStore
from router.library import kinds
from router.library.drafts import read_draft
from router.library.library import Library
from router.library.model import LIVE, Entry, NewEntry, Versions
from router.licences.model import Word
from router.licences.store import LicenceStore
from router.people.audit.model import Signature
from router.people.viewer import Viewer
from router.pictures.names import finished_place, pixels_of
from router.pictures.uploads import UploadStore


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody says of a dataset as a whole; `right` and `source` of each picture that has no word of its own."""

    id: str
    name: str = ""
    description: str = ""
    asset_type: str | None = None
    trigger: str = ""
    right: PictureRight | None = None
    source: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Pick:
    """A picture of the studio by its id or as JOB_ID/INDEX, and what is said of it."""

    picture: str
    caption: str = ""
    by: str = HUMAN
    name: str = ""
    right: PictureRight | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """A version of a dataset, whether it is new, and files that are not in it."""

    found: Versions
    entry: Entry
    is_new: bool
    left_out: tuple[LeftOut, ...] = ()


class DatasetStore:
    """Datasets of the library. Used from one event loop."""

    def __init__(
        self, library: Library, jobs: JobStore, uploads: UploadStore, licences: LicenceStore, limits: Limits
    ) -> None:
        self._library, self._jobs, self._uploads, self._licences = library, jobs, uploads, licences
        self._limits = limits

    @property
    def _catalog(self) -> Catalog:
        return self._library.installation.catalog

    async def read(self, id: str, version: str | None = None) -> tuple[Versions, Entry, DatasetConfig]:
        """A version, the one that is meant if none is named. Raises `NotFound`, `UnknownName`, `InvalidRequest`."""
        found = await self._library.store.versions(DATASETS, id)
        entry = found.shown if version is None else found.require(version)
        return found, entry, self._library.read(kinds.DATASETS, entry)

    async def take_picks(
        self, viewer: Viewer, asked: Asked, picks: Sequence[Pick], author: str, signature: Signature | None = None
    ) -> Taken:
        """A dataset of pictures that `viewer` sees. Raises `InvalidRequest`, `MissingAsset`, `VersionConflict`."""
        self._check_count(len(picks))
        self._draft(asked, (_STAND_IN,), author)
        pictures = await self._find(viewer, asked, picks)
        return await self._add(asked, pictures, author, signature, ())

    async def take_zip(
        self, viewer: Viewer, asked: Asked, file: IO[bytes], author: str, signature: Signature | None = None
    ) -> Taken:
        """A dataset of what is in a zip file: pictures that cannot be taken are left out, with the reason.

        What can be refused without unpacking is refused first. Raises `InvalidRequest`, `TooLarge`, `VersionConflict`.
        """
        self._draft(asked, (_STAND_IN,), author)
        await self._check_new(asked.id)
        most = self._limits
        limits = ArchiveLimits(most.max_dataset_pictures, most.max_picture_bytes, most.max_dataset_bytes)
        archive = await asyncio.to_thread(Archive, file, limits)
        await self._check_room(viewer, len(archive.pictures))
        picks, left_out = await self._unpack(viewer, asked, archive)
        if not picks:
            first = left_out[0]
            raise InvalidRequest(
                f"none of its files is a picture that can be taken: {first.file}: {first.reason}", "file"
            )
        pictures = await self._find(viewer, asked, picks)
        return await self._add(asked, pictures, author, signature, tuple(left_out))

    async def change(
        self,
        viewer: Viewer,
        id: str,
        changes: Changes,
        add: Sequence[Pick],
        author: str,
        notes: str = "",
        version: str | None = None,
        signature: Signature | None = None,
    ) -> Taken:
        """A version one further, with `changes`; the newest one where nothing differs. `version` is the one that was
        looked at: `StateConflict` where there is a newer one."""
        found = await self._library.store.versions(DATASETS, id)
        before = found.newest
        if version is not None and version != before.version:
            message = f"{id} is at {before.version} by now, by {before.author}: look at that, and change it then"
            raise StateConflict(message, "version")
        dataset: DatasetConfig = self._library.read(kinds.DATASETS, before)
        self._check_count(len(dataset.pictures) + len(add))
        pictures = await self._find(viewer, Asked(id), add)
        after = changed(dataset, replace(changes, add=pictures), self._catalog)
        if body_of(after) == body_of(dataset):
            return Taken(found, before, False)
        new = read_draft(kinds.DATASETS, id, following(before.version), body_of(after), author, notes)
        entry, is_new = await self._library.add(new, LIVE, signature)
        return Taken(await self._library.store.versions(DATASETS, id), entry, is_new)

    async def _add(
        self,
        asked: Asked,
        pictures: Sequence[DatasetPicture],
        author: str,
        signature: Signature | None,
        left_out: tuple[LeftOut, ...],
    ) -> Taken:
        new = self._draft(asked, pictures, author)
        known: Versions | None = None
        with suppress(NotFound):
            known = await self._library.store.versions(DATASETS, asked.id)
        if known is not None:
            if known.newest.sha256 != new.sha256:
                raise _taken(asked.id)
            return Taken(known, known.newest, False, left_out)
        entry, is_new = await self._library.add(new, LIVE, signature)
        return Taken(await self._library.store.versions(DATASETS, asked.id), entry, is_new, left_out)

    def _draft(self, asked: Asked, pictures: Sequence[DatasetPicture], author: str) -> NewEntry:
        body = {
            "name": asked.name or asked.id,
            "description": asked.description,
            "asset_type": asked.asset_type or None,
            "trigger": asked.trigger,
            "pictures": [one.model_dump(mode="json") for one in pictures],
        }
        new = read_draft(kinds.DATASETS, asked.id, FIRST, body, author, asked.notes)
        misfit = next(kinds.DATASETS.faults(DatasetConfig.model_validate_json(new.body), self._catalog), None)
        if misfit is not None:
            raise InvalidRequest(f"asset_type: {misfit.message}", "asset_type", tuple(self._catalog.asset_types))
        return new

    async def _check_new(self, id: str) -> None:
        with suppress(NotFound):
            await self._library.store.versions(DATASETS, id)
            raise _taken(id)

    def _check_count(self, pictures: int) -> None:
        most = self._limits.max_dataset_pictures
        if pictures > most:
            message = f"a dataset may have {most:,} pictures, and this would have {pictures:,}"
            raise TooLarge(f"{message}: pick the best (30 to 100 do most)", "pictures")

    async def _check_room(self, viewer: Viewer, more: int) -> None:
        most, kept = self._limits.max_uploaded_pictures, await self._jobs.count_pictures(viewer.owner)
        if kept + more > most:
            message = (
                f"you keep {kept:,} uploaded pictures, and {more:,} more are over the {most:,} that this studio allows"
            )
            raise InvalidRequest(f"{message}: delete some that you no longer need (GET /pictures lists them)", "file")

    async def _unpack(self, viewer: Viewer, asked: Asked, archive: Archive) -> tuple[list[Pick], list[LeftOut]]:
        tables, left_out = await asyncio.to_thread(archive.told)
        picks: list[Pick] = []
        for member, name in archive.named():
            try:
                told = await asyncio.to_thread(archive.caption_of, member, tables)
                right = _right(told.right, asked.right)
                source = told.source or asked.source
                data = await asyncio.to_thread(archive.read, member)
                word = Word("unknown" if right is None or right == "generated" else right, one_line(source, 500))
                picture, _notes = await self._uploads.put(viewer, data, word)
            except (InvalidRequest, TooLarge) as error:
                left_out.append(LeftOut(name, error.message))
                continue
            picks.append(Pick(picture.id, told.caption or "", HUMAN, name, right, source))
        return picks, left_out

    async def _find(self, viewer: Viewer, asked: Asked, picks: Sequence[Pick]) -> tuple[DatasetPicture, ...]:
        assets = [await self._asset(viewer, one.picture) for one in picks]
        uploads = {part.picture for asset in assets for part in asset.licence.parts if part.picture}
        said = await self._licences.rights(sorted(uploads))
        pictures = []
        for pick, asset in zip(picks, assets, strict=True):
            file = pixels_of(asset.files)
            if file is None:
                raise MissingAsset(
                    f"picture '{pick.picture}' is there as outlines only: draw it as PNG, too", "pictures"
                )
            word, source, licences = right_of(asset, said)
            picture = DatasetPicture(
                picture=asset.id,
                sha256=file.sha256,
                width=asset.width,
                height=asset.height,
                name=one_line(pick.name, 200),
                caption=pick.caption[:2000],
                caption_by=pick.by,
                right=word,
                source=source,
                licences=licences,
            )
            wanted = pick.right or (asked.right if asset.kind == "uploaded" and word == "unknown" else None)
            if wanted is not None and (wanted, pick.source or asked.source) != (word, source):
                picture = with_right(picture, wanted, pick.source or asked.source or source, self._catalog)
            pictures.append(picture)
        return tuple(pictures)

    async def _asset(self, viewer: Viewer, name: str) -> Asset:
        try:
            place = finished_place(name)
            if place is None:
                return await self._jobs.asset(viewer, name)
            job = await self._jobs.job(viewer, place[0])
            image = next((one for one in job.images if one.index == place[1]), None)
            if image is None:
                raise NotFound(name)
            return await self._jobs.asset(viewer, image.asset_id)
        except NotFound:
            message = f"there is no picture {quoted(name)} of yours: upload one, or name a finished one by its asset_id"
            raise MissingAsset(message, "pictures") from None


_STAND_IN = DatasetPicture(picture="none", sha256="0" * 64, width=1, height=1)
"""For a look at all else before pictures are taken."""


def _right(told: str | None, asked: PictureRight | None) -> PictureRight | None:
    if told is None:
        return asked
    known: tuple[PictureRight, ...] = get_args(PictureRight)
    found = next((one for one in known if one == told.strip().lower()), None)
    if found is None:
        raise InvalidRequest(f"its right {quoted(told)} is none of {', '.join(known)}", "file")
    return found


def _taken(id: str) -> VersionConflict:
    message = f"there is a dataset '{id}' already: change that (PATCH /datasets/{id}), or choose another id"
    return VersionConflict(message, "id")
