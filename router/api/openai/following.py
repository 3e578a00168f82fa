"""A job watched by a program that waits for it in the same request, and what becomes of it when the program leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress

from fastapi import Request

from configs.errors import AnswerOverdue, AtelierError, DrawingFailed, StateConflict, StoreUnavailable
from router.jobs.model import EventType, Job, JobStatus
from router.live import CHANGED, LiveEvent, News
from router.people.viewer import Viewer
from router.remote_conductor import ConductorPort
from router.studio import Studio

_POLL_SECONDS = 1.0  # for jobs that run in another process
_TOLD = frozenset({EventType.IMAGE, EventType.COMPLETE, EventType.FAILED, EventType.CANCELED})
_leaving = set[asyncio.Task[None]]()


async def follow(studio: Studio, viewer: Viewer, job: Job) -> AsyncGenerator[Job | LiveEvent, None]:
    """The job at the beginning and whenever a picture is there or it has ended, and previews between. A database that
    is away is waited for: whoever waits here would only ask again. Raises `NotFound` for a job that was deleted."""
    with studio.live.watch(job.id) as feed:
        while True:
            with suppress(StoreUnavailable):
                job = await studio.store.job(viewer, job.id)
                yield job
                if job.status.ended:
                    return
            news = await _next(feed)
            while not _changes(news):
                if isinstance(news, LiveEvent) and news.type == "preview":
                    yield news
                news = await _next(feed)


async def wait_for(request: Request, studio: Studio, viewer: Viewer, job: Job, seconds: float) -> Job | None:
    """The job, ended; None when the client has left before. Raises `AnswerOverdue` after so many seconds."""
    ending = asyncio.create_task(_end(studio, viewer, job))
    gone = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({ending, gone}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if ending.done():
            return ending.result()
        if gone.done():
            return None
    finally:
        for task in (ending, gone):
            task.cancel()
        await asyncio.gather(ending, gone, return_exceptions=True)
    raise AnswerOverdue(
        f"not drawn within {seconds:g} seconds, which is as long as an answer may take here; job {job.id} goes on: "
        f"follow GET /jobs/{job.id}, send the same order with an Idempotency-Key, or ask for a stream",
        job_id=job.id,
    )


def check_drawn(job: Job) -> None:
    """Raises `DrawingFailed` and `StateConflict` for a job that has ended without all of its pictures."""
    if job.status is JobStatus.CANCELED:
        raise StateConflict(f"job {job.id} was canceled: order anew")
    if job.status is JobStatus.FAILED or not job.images:
        failure = job.failure
        message = "it has no pictures" if failure is None else failure.message
        code = "" if failure is None else failure.code
        raise DrawingFailed(f"job {job.id} failed: {message}", failure=code, job_id=job.id)


def leave(studio: Studio, conductor: ConductorPort, viewer: Viewer, job: Job) -> None:
    """Cancel a job that nobody waits for any more. In a task of its own: that of the request may be canceled by now."""
    task = asyncio.create_task(_cancel(studio, conductor, viewer, job.id))
    _leaving.add(task)
    task.add_done_callback(_leaving.discard)


async def _cancel(studio: Studio, conductor: ConductorPort, viewer: Viewer, job_id: str) -> None:
    with suppress(AtelierError):  # away, or deleted: it is drawn for the studio, then
        await studio.store.request_cancel(viewer, job_id)
        conductor.cancel(job_id)


async def _end(studio: Studio, viewer: Viewer, job: Job) -> Job:
    async for told in follow(studio, viewer, job):
        job = told if isinstance(told, Job) else job
    return job


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _changes(news: News) -> bool:
    """Whether the job is to be looked at again."""
    return news.type is None if isinstance(news, LiveEvent) else news.type in _TOLD


async def _next(feed: asyncio.Queue[News]) -> News:
    """What is told next; when nobody tells anything for a while, that the job may have changed."""
    try:
        async with asyncio.timeout(_POLL_SECONDS):
            return await feed.get()
    except TimeoutError:
        return CHANGED
