"""Links to a file in the store itself, so that a large one does not pass through the front door: for minutes, for one
file, to read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from obstore.store import AzureStore, S3Store

from configs.errors import ConfigError
from deployments.blobs.blob_url import open_url
from deployments.blobs.store import path_of


@dataclass(frozen=True, slots=True)
class LinkedFile:
    """What a link is to hand out: `path` is its name in the container, `name` that under which browsers save it."""

    path: str
    media_type: str
    name: str

    @property
    def disposition(self) -> str:
        """Always to be saved: what is shown at the store's address would be without the studio's headers."""
        plain = "".join(one if one.isascii() and (one.isalnum() or one in "._-") else "_" for one in self.name)
        return f'attachment; filename="{plain}"'


class Signer(Protocol):
    """Makes links. Blocks; any thread may call."""

    def sign(self, file: LinkedFile, seconds: int) -> str:
        """A URL that works for so long. Raises `FileStoreUnavailable`."""
        ...


class LinkMaker:
    """Links to files by their SHA-256."""

    def __init__(self, signer: Signer, prefix: str, seconds: int) -> None:
        self._signer, self._prefix, self.seconds = signer, prefix.strip("/"), seconds

    def link(self, key: str, media_type: str, name: str) -> str:
        """Blocks where the store is asked for a key to sign with. Raises `FileStoreUnavailable`."""
        path = "/".join(filter(None, (self._prefix, path_of(key))))
        return self._signer.sign(LinkedFile(path, media_type, name), self.seconds)


def open_links(url: str | None, seconds: int, environment: Mapping[str, str]) -> LinkMaker:
    """Nothing is asked of the store yet. Raises `ConfigError` for one that makes no links."""
    store = None if url is None else open_url(url)
    if isinstance(store, AzureStore):
        from deployments.blobs.azure_links import AzureSigner  # its library takes a third of a second

        return LinkMaker(AzureSigner(store.config["container_name"], environment), store.prefix or "", seconds)
    if isinstance(store, S3Store):
        from deployments.blobs.s3_links import S3Signer

        return LinkMaker(S3Signer(store.config["bucket"], environment), store.prefix or "", seconds)
    raise ConfigError(
        "direct links need files in Azure or S3: write blob_url: az://container or s3://bucket, or turn off "
        "'direct_links'",
        "direct_links",
    )
