"""Files by content: stored once under their SHA-256, in a folder, Azure Blob or S3 through one interface."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore

from configs.errors import NotFound, StoreUnavailable
from router.blob_url import open_folder, open_url


class BlobStore:
    """Immutable blobs. Writing the same bytes twice keeps one copy."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def open(cls, url: str | None, folder: Path) -> BlobStore:
        """The store at `url` (az://, s3://, file://), or files under `folder`. Raises `ConfigError`."""
        return cls(open_folder(folder) if url is None else open_url(url))

    async def put(self, data: bytes) -> str:
        """Store `data`; returns its SHA-256 in hex."""
        key = key_of(data)
        with contextlib.suppress(AlreadyExistsError):
            await obstore.put_async(self._store, _path(key), data, mode="create")
        return key

    async def get(self, key: str) -> bytes:
        """The bytes stored under a SHA-256. Raises `NotFound`."""
        try:
            found = await obstore.get_async(self._store, _path(key))
        except FileNotFoundError:
            raise NotFound("this file is no longer in the store") from None
        return bytes(await found.bytes_async())

    def remove(self, key: str) -> None:
        """Remove what is stored under a SHA-256, if anything is; blocks. Raises `StoreUnavailable`."""
        try:
            obstore.delete(self._store, _path(key))
        except FileNotFoundError:
            return
        except (obstore.exceptions.BaseError, OSError) as error:
            raise StoreUnavailable(f"the file store does not answer: {type(error).__name__}") from None


def key_of(data: bytes) -> str:
    """The SHA-256 under which `data` is stored, in hex."""
    return hashlib.sha256(data).hexdigest()


def _path(key: str) -> str:
    return f"sha256/{key[:2]}/{key}"
