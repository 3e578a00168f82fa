"""A backup is taken: the rows of one moment, then the files that they name, then the manifest. The studio goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO

from sqlalchemy.exc import SQLAlchemyError

from configs.errors import ConfigError, DamagedFile, NotFound
from deployments.blobs.keeper import digest
from deployments.blobs.store import BlobStore
from router.backups.copying import Progress, copy, each, size_of
from router.backups.dump import write_dump
from router.backups.manifest import BackupFile, Manifest
from router.backups.naming import NamedFiles
from router.backups.place import BackupPlace
from router.storage.database import describe, parse_url, preparing
from router.storage.migration import NEWEST, pending


@dataclass(frozen=True, slots=True)
class Taken:
    """A finished backup: the name of its manifest, and what was copied for it."""

    name: str
    manifest: Manifest
    progress: Progress


async def take_backup(
    database_url: str, blobs: BlobStore, place: BackupPlace, hear: Callable[[Progress], None], check: bool = False
) -> Taken:
    """Files that the place has already are not copied again; `check` reads these, and writes the damaged ones anew.

    Raises `ConfigError` where the database or the place cannot be used, `FileStoreUnavailable` for the studio's files.
    """
    named, made_at = NamedFiles(), datetime.now(UTC).replace(microsecond=0)
    with TemporaryFile() as file:
        rows, engine = await asyncio.to_thread(_dump, database_url, file, named)
        file.seek(0)
        key = await asyncio.to_thread(digest, file)
        size = file.seek(0, 2)
        with place.naming():
            await place.blobs.put_file(file, key, anew=True)
    files, missing, progress = await _copy_files(named, blobs, place, hear, check)
    manifest = Manifest(
        made_at=made_at,
        schema=NEWEST,
        engine="sqlite" if engine == "sqlite" else "postgresql",
        rows=rows,
        dump=BackupFile(sha256=key, name="the database", size_bytes=size),
        files=files,
        missing=missing,
    )
    return Taken(await place.write(manifest), manifest, progress)


def _dump(database_url: str, into: IO[bytes], named: NamedFiles) -> tuple[int, str]:
    """In one transaction, which sees one moment: SQLite's log and PostgreSQL's versions keep it while others write."""
    url = parse_url(database_url)
    try:
        with preparing(url) as engine, engine.connect() as opened:
            connection = opened
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN")
            else:
                connection = opened.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            if pending(connection):
                raise ConfigError(
                    f"{describe(url)} has an older schema: `python -m router.storage migrate`, then back it up"
                )
            return write_dump(connection, into, named.hear), engine.dialect.name
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ConfigError(f"cannot read the database {describe(url)}: {reason}") from None


async def _copy_files(
    named: NamedFiles, blobs: BlobStore, place: BackupPlace, hear: Callable[[Progress], None], check: bool
) -> tuple[tuple[BackupFile, ...], tuple[str, ...], Progress]:
    wanted = named.all()
    found: dict[str, BackupFile] = {}
    missing: list[str] = []
    progress = Progress(len(wanted), hear)

    async def take(key: str) -> None:
        name, needed = wanted[key]
        with place.naming():
            size = await size_of(key, place.blobs, check)
        was_there = size is not None
        if size is None:
            try:
                size = await _copy(key, blobs, place)
            except DamagedFile:
                missing.append(f"{name} ({key}): damaged in the studio's store")
            except NotFound:
                missing.extend([f"{name} ({key}): not in the studio's store"] if needed else [])
        if size is not None:
            found[key] = BackupFile(sha256=key, name=name, size_bytes=size)
        progress.add(size or 0, was_there)

    await each(sorted(wanted), take)
    return tuple(found[key] for key in sorted(found)), tuple(sorted(missing)), progress


async def _copy(key: str, blobs: BlobStore, place: BackupPlace) -> int:
    await blobs.size(key)  # that the studio's own store is away is not the place's fault
    with place.naming():
        return await copy(key, blobs, place.blobs)
