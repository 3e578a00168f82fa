"""A file store in memory, for tests of replicas that store files."""

from __future__ import annotations

from typing import Any

from obstore.store import MemoryStore

from deployments.blobs.keeper import FileKeeper
from deployments.blobs.store import BlobStore
from deployments.exchange import Exchange
from deployments.messages import Done, Picture
from deployments.stages.encode import FinishRequest
from deployments.stages.finisher import Finisher


async def _unnoted(*_sha256: str) -> None:
    """Nothing is swept here."""


def files_in_memory() -> FileKeeper:
    return FileKeeper(BlobStore(MemoryStore()), _unnoted)


def in_memory(**exchange: Any) -> Exchange:
    """An exchange of one process, with `exchange` in place of its ways."""
    return Exchange(open_files=files_in_memory, **exchange)


async def finished(finisher: Finisher, picture: Picture, request: FinishRequest) -> Done:
    """The last word of a finisher."""
    *_, done = [told async for told in finisher.finish(picture, request)]
    assert isinstance(done, Done)
    return done
