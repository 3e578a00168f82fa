"""GET /events: all that somebody's jobs do, as one stream of server-sent events for each tab."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request
from fastapi.sse import ServerSentEvent

from configs.errors import StoreUnavailable
from router.api.deps import OwnerDep, StudioDep
from router.api.errors import error_responses
from router.api.jobs.event_schemas import OwnStreamEvent
from router.api.jobs.events import durable, live
from router.api.jobs.stream import EventStream, told_as
from router.streams.cursor import Cursor
from router.streams.store import PAGE
from router.studio import Studio

routes = APIRouter(tags=["jobs"], responses=error_responses(422))

_LONGEST_SECONDS = 600.0
"""Then a client comes back, and is asked anew who it is."""
_REPLACED = "another stream of yours has taken this one's place: five may be open"


@dataclass(frozen=True, slots=True)
class Start:
    """Where a stream begins. `event` is what its client is told first: hello, reset, or nothing where it goes on."""

    cursor: Cursor
    event: str | None


async def _start(
    studio: StudioDep,
    owner: OwnerDep,
    since: Annotated[str, Query(max_length=64, pattern="^[!-~]*$", description="The id of the last event heard")] = "",
    last_event_id: Annotated[
        str, Header(alias="Last-Event-ID", max_length=64, description="The same; it goes before `since`")
    ] = "",
) -> Start:
    """Settled before the answer begins: whoever reads lists once it has begun misses nothing between the two."""
    now = await studio.streams.store.now(owner)
    said = last_event_id or since
    if not said:
        return Start(now, "hello")
    cursor = Cursor.read(said)
    if cursor is None or not await studio.streams.store.can_go_on(owner, cursor, now):
        return Start(now, "reset")
    return Start(cursor, None)


@routes.get("/events", status_code=200, response_class=EventStream, responses=told_as(OwnStreamEvent))
async def follow_all(
    request: Request,
    studio: StudioDep,
    owner: OwnerDep,
    start: Annotated[Start, Depends(_start)],
    seconds: Annotated[float, Query(ge=0, le=_LONGEST_SECONDS, description="After which it ends")] = _LONGEST_SECONDS,
) -> EventStream:
    """Every change of all your jobs, those of batches included, from now or from Last-Event-ID on.

    The first event of a new stream is `hello`: its id is where the stream begins, so that lists which are read after
    it and what follows it have everything. Events with an id are durable, and those of GET /jobs/{id}/events;
    reconnect with the last id, at this front door or another, and what was missed comes first. `reset` instead says
    that the studio does not know that id, or that too much has happened since (1,000 events): read anew what you
    show. `progress` and `preview` have no id and are best effort, at most four a second of each picture, the newest.
    A stream ends after ten minutes at most, and with `replaced` when you have opened five newer ones: come back, or
    poll. What a comparison draws is told by GET /compare/{id} alone.
    """
    return EventStream(happenings(request, studio, owner, start, seconds))


async def happenings(
    request: Request, studio: Studio, owner: str, start: Start, seconds: float = _LONGEST_SECONDS
) -> AsyncGenerator[ServerSentEvent, None]:
    """What a stream tells, until its time is over, another takes its place, or the database is away."""
    end, at = time.monotonic() + seconds, start.cursor
    if start.event is not None:
        yield ServerSentEvent(id=str(at), event=start.event, data={"type": start.event, "since": str(at)})
    with suppress(StoreUnavailable), studio.streams.open(owner) as stream:
        await studio.streams.catch_up(stream)
        while True:
            heard = await stream.next(end - time.monotonic())
            more = heard.grown
            while more:
                told = await studio.streams.store.since(owner, at)
                for one in told:
                    yield durable(request, one.event, str(one.cursor))
                    at = one.cursor
                more = len(told) == PAGE
            for event in heard.live:
                yield live(event.type, event.data)
            if stream.replaced:
                yield live("replaced", {"detail": _REPLACED})
                return
            if time.monotonic() >= end:
                return
