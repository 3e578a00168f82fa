"""Where backups lie: a folder or a blob URL. Files are there by content, once for all backups; each is
a manifest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import obstore
from obstore.exceptions import BaseError

from configs.errors import ConfigError, FileStoreUnavailable
from deployments.blobs.blob_url import open_folder, open_url
from deployments.blobs.faults import name_fault
from deployments.blobs.store import BlobStore
from router.backups.manifest import Manifest, is_manifest, read_manifest, write_manifest


class BackupPlace:
    """Every method raises `ConfigError`, which names the place, where it cannot be used."""

    def __init__(self, where: str, new: bool = False) -> None:
        """`new`: it may not be there yet."""
        self.where, self._is_url = where, "://" in where
        folder = Path(where).expanduser().absolute()
        if not self._is_url and not new and not folder.is_dir():
            raise ConfigError(f"there is no folder {where}: name the folder or the URL that a backup was made to")
        self._store = open_url(where) if self._is_url else open_folder(folder)
        self.blobs = BlobStore.open(where if self._is_url else None, folder)

    async def write(self, manifest: Manifest) -> str:
        """Make a backup one, once all of its files are there; returns the name of the manifest."""
        name, data = write_manifest(manifest)
        with self.naming():
            await obstore.put_async(self._store, name, data)
        return name

    async def names(self) -> tuple[str, ...]:
        """Of the manifests, the oldest first."""
        with self.naming():
            found = await asyncio.to_thread(lambda: obstore.list(self._store, prefix="manifests").collect())
        return tuple(sorted(one["path"] for one in found if is_manifest(one["path"])))

    async def read(self, wanted: str | None = None) -> Manifest:
        """The newest manifest, or that whose name or SHA-256 has `wanted` in it."""
        names = [name for name in await self.names() if wanted is None or wanted in name]
        if not names:
            which = f"no backup '{wanted}'" if wanted else "no backup, or one that was not finished"
            raise ConfigError(f"{self.where} has {which}: `python -m router.backups list` names what is there")
        with self.naming():
            data = bytes(await (await obstore.get_async(self._store, names[-1])).bytes_async())
        return read_manifest(names[-1], data)

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Say of what goes wrong that it is here, and not in the studio's own store."""
        try:
            yield
        except FileStoreUnavailable as error:
            raise ConfigError(f"the backups at {self.where}: {error.message}") from error
        except (BaseError, FileNotFoundError) as error:
            raise ConfigError(f"the backups at {self.where}: {name_fault(error, not self._is_url).message}") from error
