"""The receipt of a replay, written as soon as its picture is there: the one before is looked up, and both compared."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from configs.errors import InvalidRequest, NotFound
from deployments.messages import Recipe
from deployments.provenance.removing import unsigned
from deployments.stages.recipe import read_recipe
from router.jobs.model import ImageRecord, Job, StoredFile
from router.people.viewer import STUDIO
from router.pictures.names import pixels_of
from router.replays.comparing import compare
from router.replays.reasons import tell_apart
from router.replays.receipt import Receipt
from router.studio import Studio


async def write_receipt(studio: Studio, job: Job, image: ImageRecord) -> Receipt:
    """Of `image`, whose files are stored, beside the picture that the plan of `job` draws again. The event loop is not
    held up. Raises `FileStoreUnavailable` and `StoreUnavailable`, and `NotFound` where the new file is gone."""
    origin = job.plan.origin
    assert origin is not None, "a replay has an origin"
    now = await studio.blobs.get(_best(image.files).sha256)
    try:
        before = (await studio.store.asset(STUDIO, origin.asset_id)).files
        then = await studio.blobs.get(_best(before).sha256)
    except NotFound:  # deleted since, and swept
        receipt = Receipt(asset_id=origin.asset_id, picture=origin.name, identical=False, same_files=False)
        return receipt.model_copy(update={"sentence": receipt.in_words()})
    same = await _same_files(studio, before, image.files)
    return await asyncio.to_thread(_compare, origin.asset_id, origin.name, _best(before).format, then, now, same)


def _compare(asset_id: str, picture: str, format: str, then: bytes, now: bytes, same_files: bool) -> Receipt:
    identical, pixels = compare(then, now)
    recipes = _read(then), _read(now)
    differences = () if recipes[0] is None or recipes[1] is None else tell_apart(recipes[0], recipes[1])
    receipt = Receipt(
        asset_id=asset_id,
        picture=picture,
        identical=identical,
        same_files=same_files,
        format=format,
        pixels=pixels,
        differences=differences,
    )
    return receipt.model_copy(update={"sentence": receipt.in_words()})


def _best(files: tuple[StoredFile, ...]) -> StoredFile:
    """The file whose pixels are compared. Raises `NotFound` where none has any."""
    file = pixels_of(files)
    if file is None:
        raise NotFound("a picture has no file with pixels")
    return file


async def _same_files(studio: Studio, before: tuple[StoredFile, ...], after: tuple[StoredFile, ...]) -> bool:
    """Whether each file is the same to the byte, apart from its signature, which is another one each time. Raises
    `NotFound` where one is gone."""
    one, other = _hashes(before), _hashes(after)
    if one.keys() != other.keys():
        return False
    for rendition, then in one.items():
        now = other[rendition]
        if then != now and await _unsigned(studio, then) != await _unsigned(studio, now):
            return False
    return True


async def _unsigned(studio: Studio, key: str) -> bytes:
    return await asyncio.to_thread(unsigned, await studio.blobs.get(key))


def _hashes(files: tuple[StoredFile, ...]) -> Mapping[str, str]:
    return {file.rendition: file.sha256 for file in files}


def _read(file: bytes) -> Recipe | None:
    """None where a file has none that this release can read: then nobody knows why it differs."""
    try:
        return read_recipe(file)
    except InvalidRequest:
        return None
