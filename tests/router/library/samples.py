"""Entries for tests of the library, and stores of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from configs.contracts import AssetTypeConfig
from configs.entries import ASSET_TYPES, LORAS, body_of, canonical, content_hash
from configs.schema import LoraConfig
from router.library.model import NewEntry
from router.library.store import LibraryStore
from router.storage.database import Database
from tests.contract.job_samples import JobDatabase

ICON = AssetTypeConfig.model_validate(
    {
        "id": "icon",
        "name": "Icon",
        "description": "Icons",
        "prompt_template": "{prompt}, icon",
        "default_size": "512x512",
        "sizes": ["512x512"],
        "formats": ["png"],
    }
)
STYLE = LoraConfig.model_validate(
    {
        "id": "style",
        "name": "Style",
        "family": "flux",
        "weights": {"sha256": "ab" * 32, "size_bytes": 7},
        "licence_parts": [
            {"part": "adapter", "licence": "apache-2.0"},
            {"part": "training data", "licence": "apache-2.0"},
        ],
    }
)


def an_icon(version: str = "1.0.0", author: str = "ana", **changes: Any) -> NewEntry:
    """A version of the asset type `icon`, or of what `changes` make of it."""
    config = ICON.model_copy(update=changes)
    body = canonical(body_of(config))
    return NewEntry(ASSET_TYPES, config.id, version, body, content_hash(body), author, "as agreed")


def a_style(version: str = "1.0.0", author: str = "ana", **changes: Any) -> NewEntry:
    """A version of a LoRA whose weights are in the file store."""
    config = STYLE.model_copy(update=changes)
    body = canonical(body_of(config))
    return NewEntry(LORAS, config.id, version, body, content_hash(body), author, "", config.weights.sha256)


@asynccontextmanager
async def library(database: JobDatabase) -> AsyncIterator[LibraryStore]:
    """A store as another process would have it, on a connection of its own."""
    opened = Database(database.url)
    await opened.open()
    try:
        yield LibraryStore(opened, database.clock)
    finally:
        await opened.close()
