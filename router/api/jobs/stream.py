"""Server-sent events as an answer whose client may leave at any moment.

FastAPI's own streams pass events through a pipe between two tasks; a client who leaves with an event in the pipe breaks
it, which the log gets as an unforeseen error. Here one generator is read as the client takes it, and closed when it is
gone.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Any

from fastapi.encoders import jsonable_encoder
from fastapi.sse import KEEPALIVE_COMMENT, ServerSentEvent, format_sse_event
from pydantic import BaseModel
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

_SILENCE_SECONDS = 15.0  # after which a comment keeps proxies from thinking that the connection is dead


def told_as(event: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """The answer of a route whose stream tells such events, for its `responses`; `declare_streams` writes it down as
    OpenAPI does it for streams, which FastAPI does for its own alone."""
    return {200: {"model": event, "description": "Server-sent events; the data of each is JSON"}}


def declare_streams(document: dict[str, Any]) -> None:
    """The schema of a stream's answer is that of the data of one of its events: OpenAPI 3.2's `itemSchema`. Generators
    that do not know it find the events among the components, by name."""
    for operation in (one for methods in document["paths"].values() for one in methods.values()):
        content = operation["responses"].get("200", {}).get("content", {})
        answer = content.get(EventStream.media_type, {})
        if "schema" in answer:  # one that says itself what its events are has none
            answer["itemSchema"] = _event({"$ref": answer.pop("schema")["$ref"]})


def _event(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "data": {"type": "string", "contentMediaType": "application/json", "contentSchema": data},
            "event": {"type": "string"},
            "id": {"type": "string"},
            "retry": {"type": "integer", "minimum": 0},
        },
        "required": ["data", "event"],
    }


class EventStream(StreamingResponse):
    """Sends what `events` yields, and closes it at the end, whoever makes an end of it."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[ServerSentEvent, None]) -> None:
        self._encoded = _encode(events)
        super().__init__(self._encoded, headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with aclosing(self._encoded):
            await super().__call__(scope, receive, send)


async def _encode(events: AsyncGenerator[ServerSentEvent, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events), aclosing(_with_signs_of_life(events)) as lively:
        async for event in lively:
            yield KEEPALIVE_COMMENT if event is None else _written(event)


async def _with_signs_of_life(events: AsyncIterator[ServerSentEvent]) -> AsyncGenerator[ServerSentEvent | None, None]:
    """The events, and None whenever none has come for a while."""
    coming = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_SILENCE_SECONDS)
            if not done:
                yield None
                continue
            event = coming.result()
            if event is None:
                return
            yield event
            coming = asyncio.ensure_future(anext(events, None))
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def _written(event: ServerSentEvent) -> bytes:
    data = None if event.data is None else json.dumps(event.data, default=jsonable_encoder)
    return format_sse_event(data_str=data, event=event.event, id=event.id)
