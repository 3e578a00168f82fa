"""LoRAs in the file store, as the library puts them there while a studio runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from configs.entries import body_of, canonical
from configs.schema import AppliedLora, LoraConfig
from configs.weights import Weights
from deployments.blobs.node_cache import CachedStore
from deployments.blobs.store import BlobStore


def store_at(folder: Path, limit: int = 2**30) -> CachedStore:
    """A file store in a folder, which is made as the front door makes it."""
    folder.mkdir(parents=True, exist_ok=True)
    return CachedStore(None, folder, limit)


def add(store: CachedStore, config: LoraConfig, file: Path, version: str = "1.0.0", **changes: Any) -> AppliedLora:
    """Put `file` and the entry that names it there; returns what a request says to use it. `changes` are made to the
    entry's body before it is written, whether they make sense or not."""
    data = file.read_bytes()
    weights = Weights(sha256=put(store, data), size_bytes=len(data))
    body = config.model_copy(update={"weights": weights, **changes})
    entry = put(store, canonical(body_of(body)).encode())
    return AppliedLora(lora=config.id, version=version, entry=entry)


def put(store: CachedStore, data: bytes) -> str:
    return asyncio.run(BlobStore.open(store.url, store.folder).put(data))
