"""What was deleted a while ago leaves the file store; any process of a studio may see to that."""

from __future__ import annotations

import asyncio
import logging
import time

from configs.errors import StoreUnavailable
from router.people.spaces.retention import days_by_space
from router.studio import Studio

_log = logging.getLogger("atelier.sweeping")
_SWEEP_SECONDS = 60.0  # a look at an index, and what stages have left of jobs that have ended
_TIDY_SECONDS = 6 * 3600.0  # a look at every file of a folder
_UNFINISHED_SECONDS = 3600.0  # far longer than a write takes


async def sweep_forever(studio: Studio) -> None:
    """Look from time to time."""
    tidied = float("-inf")
    while True:
        await asyncio.sleep(_SWEEP_SECONDS)
        try:
            await retain(studio)
            await studio.keeping.let_pass()
            await studio.keeping.purge()
            await studio.uploads.sweep()
            if time.monotonic() >= tidied + _TIDY_SECONDS:
                await asyncio.to_thread(studio.blobs.remove_unfinished, _UNFINISHED_SECONDS)
                tidied = time.monotonic()
        except StoreUnavailable as error:
            _log.warning("files of deleted pictures stay for now: %s", error)


async def retain(studio: Studio) -> int:
    """Delete what profile and spaces keep no longer; returns how many pictures."""
    spaces = await studio.spaces.spaces()
    return await studio.keeping.retain(days_by_space(studio.installation.profile, spaces))
