"""Waiting for what was ordered, with signs of how far it is, and never for longer than agents wait for a tool."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from typing import Annotated, TypeAlias

import anyio
from pydantic import Field

from router.api.deps import studio_of, viewer_of
from router.api.experiments.compare_schemas import ComparisonBody
from router.api.jobs.events import happenings
from router.api.schemas import JobBody
from router.mcp.answers import ENDED
from router.mcp.asking import RouteRefused
from router.mcp.caller import Caller

LONGEST_SECONDS = 55
"""Many clients give a tool up after a minute."""
USUAL_SECONDS = 40.0
_BETWEEN_SECONDS = 0.25  # two signs of progress
_LOOK_SECONDS = 0.5
_PATIENCE_SECONDS = 5.0  # to take back what was ordered, for somebody who is gone
_WHOLE = 100.0

WaitSeconds: TypeAlias = Annotated[
    float,
    Field(
        ge=0,
        le=LONGEST_SECONDS,
        description="How long to wait for the end; then the answer is how it stands. 0: do not wait",
    ),
]


class Signs:
    """Of one call: how far it is, in percent that only grow, and not too often."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._last, self._said = -1.0, 0.0

    async def give(self, share: float, sentence: str) -> None:
        """Tell a share from 0 to 1, unless that is nothing new, or was told just now."""
        now, percent = time.monotonic(), round(share * _WHOLE, 1)
        if percent > self._last and now - self._said >= _BETWEEN_SECONDS:
            self._last, self._said = percent, now
            await self._caller.report(percent, _WHOLE, sentence)


async def read_job(caller: Caller, job_id: str) -> JobBody:
    """A job as it stands. Raises `RouteRefused`."""
    return JobBody.model_validate_json((await caller.ask("GET", f"/jobs/{job_id}")).body)


async def follow_job(caller: Caller, job_id: str, seconds: float, signs: Signs) -> JobBody:
    """A job at its end, or after so many seconds. Raises `RouteRefused`, before any of them for who may not see it."""
    job = await read_job(caller, job_id)
    if job.status in ENDED or not seconds:
        return job
    studio, viewer = studio_of(caller.request), viewer_of(caller.request)
    with anyio.move_on_after(seconds):
        stored = await studio.store.job(viewer, job_id)
        async with aclosing(happenings(caller.request, studio, viewer, stored)) as events:
            async for event in events:
                if event.event == "progress" and isinstance(event.data, dict):
                    await signs.give(event.data["progress"], _sentence(event.data, job.images_total))
    return await read_job(caller, job_id)


async def follow_comparison(caller: Caller, comparison_id: str, seconds: float, signs: Signs) -> ComparisonBody:
    """A comparison at its end, or after so many seconds. Raises `RouteRefused`."""
    end = time.monotonic() + seconds
    while True:
        answer = await caller.ask("GET", f"/compare/{comparison_id}")
        found = ComparisonBody.model_validate_json(answer.body)
        if found.status in ENDED or time.monotonic() >= end:
            return found
        done, of = found.counts.complete, sum(found.counts.model_dump().values())
        with anyio.move_on_after(max(0.0, end - time.monotonic())):
            await signs.give(found.progress, f"{done} of {of} pictures are drawn")
            await asyncio.sleep(_LOOK_SECONDS)


@asynccontextmanager
async def taking_back(caller: Caller, path: str) -> AsyncIterator[None]:
    """What was ordered is at `path`: if the caller cancels inside, it is taken back (DELETE)."""
    try:
        yield
    except asyncio.CancelledError:
        if caller.has_canceled:
            with anyio.move_on_after(_PATIENCE_SECONDS, shield=True), suppress(RouteRefused):
                await caller.ask("DELETE", path)
        raise


def _sentence(told: dict[str, object], pictures: int) -> str:
    steps = f", step {told['step']} of {told['steps']}" if told.get("steps") else ""
    return f"picture {int(str(told['index'])) + 1} of {pictures}: {told['label']}{steps}"
