"""GET /jobs/{id}/events: the job's log as server-sent events, replayable, with live progress and previews between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Request
from fastapi.sse import ServerSentEvent

from configs.errors import StoreUnavailable
from router.api.bodies import image_body
from router.api.deps import StudioDep, ViewerDep
from router.api.errors import error_responses
from router.api.jobs.event_schemas import JobStreamEvent
from router.api.jobs.stream import EventStream, told_as
from router.jobs.model import EventType, ImageRecord, Job, JobEvent
from router.live import CHANGED, LiveEvent, News
from router.people.viewer import Viewer
from router.studio import Studio

routes = APIRouter(tags=["jobs"], responses=error_responses(404, 422))

_POLL_SECONDS = 1.0  # for jobs that run in another process
_ENDS = (EventType.COMPLETE, EventType.FAILED, EventType.CANCELED)


async def _visible_job(
    studio: StudioDep, viewer: ViewerDep, job_id: Annotated[str, Path(min_length=1, max_length=64)]
) -> Job:
    """Looked up before the stream starts, so that a missing job is a 404 and not a broken stream."""
    return await studio.store.job(viewer, job_id)


@routes.get("/jobs/{job_id}/events", status_code=200, response_class=EventStream, responses=told_as(JobStreamEvent))
async def follow_job(
    request: Request,
    studio: StudioDep,
    viewer: ViewerDep,
    job: Annotated[Job, Depends(_visible_job)],
    last_event_id: Annotated[int, Header(alias="Last-Event-ID", ge=0, description="Replay what came after it")] = 0,
) -> EventStream:
    """Every change of a job, from the first or from Last-Event-ID on; ends with the job.

    Events with an id are durable: `job.queued`, `job.started`, `job.stage`, `job.candidate` (a drawing and
    its scores), `job.chosen`, `job.image`, `job.retried`, and
    `job.complete`, `job.failed` or `job.canceled` last. `progress` and `preview` have none and are best effort.
    Events are history: the licence of a picture in `job.image` is what held when it was drawn, GET /jobs/{id} has what
    holds now.
    """
    return EventStream(happenings(request, studio, viewer, job, last_event_id))


async def happenings(
    request: Request, studio: Studio, viewer: Viewer, job: Job, after: int = 0
) -> AsyncGenerator[ServerSentEvent, None]:
    """The events of a job from `after` on, until it ends or the database is away: then clients come back."""
    with suppress(StoreUnavailable), studio.live.watch(job.id) as feed:
        last, events = await _since(studio, viewer, job, after)
        while True:
            for event in events:
                yield durable(request, event, str(event.seq))
                last = event.seq
                if event.type in _ENDS:
                    return
            if job.status.ended and not events:
                return
            news = await _next(feed)
            while isinstance(news, LiveEvent) and news.type is not None:
                yield live(news.type, news.data)
                news = await _next(feed)
            if isinstance(news, JobEvent) and news.seq == last + 1:
                events = (news,)
            else:
                events = await studio.store.events(viewer, job.id, last)


async def _since(studio: Studio, viewer: Viewer, job: Job, after: int) -> tuple[int, tuple[JobEvent, ...]]:
    """The log from `after` on. A number that it has never given was another log's, as after a restored database:
    nothing is known of what its client has seen, and all is told again, so that the end is among it."""
    events = await studio.store.events(viewer, job.id, max(0, after - 1))
    if after and not events:
        return 0, await studio.store.events(viewer, job.id, 0)
    return after, tuple(event for event in events if event.seq > after)


async def _next(feed: asyncio.Queue[News]) -> News:
    """What is told next; when nobody tells anything for a while, that the log may have grown."""
    try:
        async with asyncio.timeout(_POLL_SECONDS):
            return await feed.get()
    except TimeoutError:
        return CHANGED


def live(type: str | None, data: dict[str, Any]) -> ServerSentEvent:
    """What is told once and never again."""
    return ServerSentEvent(event=type, data={"type": type, **data})


def durable(request: Request, event: JobEvent, id: str) -> ServerSentEvent:
    """A line of a job's log; `id` is what a client comes back with."""
    payload = event.payload
    if event.type is EventType.IMAGE:
        image = ImageRecord.model_validate(payload["image"], extra="ignore")
        payload = {"image": image_body(request, event.job_id, image).model_dump(mode="json")}
    data = {
        "job_id": event.job_id,
        "seq": event.seq,
        "type": event.type,
        "at": event.at.isoformat(),
        "payload": payload,
    }
    return ServerSentEvent(id=id, event=event.type, data=data)
