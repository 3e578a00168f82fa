"""A backup is verified where it lies, or put back into a database and a file store that hold nothing yet."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy.exc import SQLAlchemyError

from configs.errors import ConfigError, DamagedFile, NotFound
from deployments.blobs.store import BlobStore
from router.backups.copying import Progress, copy, each, read_through, size_of
from router.backups.dump import check_empty, check_schema, read_dump
from router.backups.manifest import BackupFile, Manifest
from router.backups.place import BackupPlace
from router.storage.database import Database, describe, parse_url, preparing


@dataclass(frozen=True, slots=True)
class Verdict:
    """`faults` names each file that is missing or damaged; none: all is as it was."""

    faults: tuple[str, ...]
    progress: Progress


async def verify(place: BackupPlace, manifest: Manifest, hear: Callable[[Progress], None]) -> Verdict:
    """Read every file of a backup, the dump too, and hold it against its hash and its length."""
    faults: list[str] = []
    progress = Progress(len(manifest.files) + 1, hear)

    async def look(file: BackupFile) -> None:
        with place.naming():
            try:
                size = await read_through(file.sha256, place.blobs)
            except DamagedFile:
                faults.append(f"{file.name} ({file.sha256}): damaged")
            except NotFound:
                faults.append(f"{file.name} ({file.sha256}): missing")
            else:
                if size != file.size_bytes:
                    faults.append(f"{file.name} ({file.sha256}): the manifest lies of its length")
        progress.add(file.size_bytes, False)

    await each((manifest.dump, *manifest.files), look)
    return Verdict(tuple(sorted(faults)), progress)


async def restore(
    place: BackupPlace,
    manifest: Manifest,
    database_url: str,
    blobs: BlobStore,
    hear: Callable[[Progress], None],
) -> Verdict:
    """Files first, then all rows in one transaction: broken off, it has no rows, and begins again where it was. What
    is missing or damaged in the backup is told, and the rest restored; a damaged dump is refused.

    Raises `ConfigError` where the database is not empty or the backup of another schema, and where nothing can be
    written or read.
    """
    check_schema(manifest.schema_)
    await _prepare(database_url)
    with TemporaryFile() as dump:
        with place.naming():
            try:
                await asyncio.to_thread(place.blobs.fetch, manifest.dump.sha256, dump)
            except (NotFound, DamagedFile) as error:
                raise ConfigError(f"the backup has no whole dump of the database ({error.message})") from None
        verdict = await _put_back(place, manifest, blobs, hear)
        dump.seek(0)
        await asyncio.to_thread(_load, database_url, dump)
    return verdict


def check_folder(folder: Path, manifest: Manifest) -> None:
    """Raises `ConfigError` where a folder for files has any that are not the backup's."""
    known = {file.sha256 for file in manifest.files}
    for file in folder.glob("sha256/*/*"):
        if file.name.partition("#")[0] not in known:
            raise ConfigError(
                f"{folder} is not empty (it has {file.name}): restore into a fresh folder; a backup is never put over"
                " what is there"
            )


async def _put_back(
    place: BackupPlace, manifest: Manifest, blobs: BlobStore, hear: Callable[[Progress], None]
) -> Verdict:
    faults: list[str] = []
    progress = Progress(len(manifest.files), hear)

    async def put(file: BackupFile) -> None:
        was_there = await size_of(file.sha256, blobs, read=True) is not None
        if not was_there:
            try:
                with place.naming():
                    await place.blobs.size(file.sha256)
                await copy(file.sha256, place.blobs, blobs)
            except DamagedFile:
                faults.append(f"{file.name} ({file.sha256}): damaged")
            except NotFound:
                faults.append(f"{file.name} ({file.sha256}): missing")
        progress.add(file.size_bytes, was_there)

    await each(manifest.files, put)
    return Verdict(tuple(sorted((*faults, *manifest.missing))), progress)


async def _prepare(database_url: str) -> None:
    """A database of this release's schema, in which nobody has anything."""
    database = Database(database_url)
    try:
        await database.open()
    finally:
        await database.close()
    await asyncio.to_thread(_check, database_url)


def _check(database_url: str) -> None:
    url = parse_url(database_url)
    with preparing(url) as engine, engine.connect() as connection:
        try:
            check_empty(connection)
        except SQLAlchemyError as error:
            raise ConfigError(f"cannot read the database {describe(url)}: {error}") from None


def _load(database_url: str, dump: IO[bytes]) -> None:
    url = parse_url(database_url)
    try:
        with preparing(url) as engine, engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            check_empty(connection)
            read_dump(connection, dump)
            if engine.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise ConfigError(f"the dump was changed: {len(broken)} rows of {broken[0][0]} refer to nothing")
                connection.exec_driver_sql("COMMIT")
            else:
                connection.commit()
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ConfigError(f"cannot restore into {describe(url)}: {reason}") from None
    except (OSError, EOFError, ValueError, KeyError, TypeError, RuntimeError, zlib.error) as error:
        raise ConfigError(f"the dump cannot be read ({type(error).__name__}): it was not made by a backup") from None
