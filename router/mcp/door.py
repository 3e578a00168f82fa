"""The server at its address: the SDK's streamable HTTP, without sessions, so that each request may come to another
front door and none is lost when one restarts; and what keeps one client from taking more than its part."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING

from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from configs.errors import NotAllowed, TooBusy
from router.api.deps import owner_of, studio_of
from router.mcp.caller import LEFT
from router.mcp.origins import REFUSED, may_ask

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

MOST_AT_ONCE = 16
"""Calls of one person at one front door."""
LONGEST_SECONDS = 180.0
"""Of one answer: a tool waits for a minute at most; what remains is for a client to read what it says."""


class McpDoor:
    """Answers requests while `open`."""

    def __init__(self) -> None:
        self._manager: StreamableHTTPSessionManager | None = None
        self._calls: Counter[str] = Counter()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Between the start and the end of the application; calls that are under way then end."""
        # The SDK is a fifth of all that an application imports, and only one that runs needs it.
        from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

        from router.mcp.server import create_server

        manager = StreamableHTTPSessionManager(create_server(), stateless=True)
        async with manager.run():
            self._manager = manager
            try:
                yield
            finally:
                self._manager = None

    def answer(self, request: Request) -> Response:
        """The answer to a request. Raises `NotAllowed` for a page that may not ask, `TooBusy`."""
        sign_in = studio_of(request).installation.profile.sign_in.mode != "dev"
        address = f"{request.url.scheme}://{request.url.netloc}"
        if not may_ask(request.headers.get("origin"), address, sign_in):
            raise NotAllowed(REFUSED)
        if self._manager is None:
            raise TooBusy("the studio is about to end")
        who = owner_of(request)
        if self._calls[who] >= MOST_AT_ONCE:
            raise TooBusy(f"{MOST_AT_ONCE} calls of yours are under way here: wait for one of them")
        return _Answer(self, self._manager, who)

    @contextmanager
    def counted(self, who: str) -> Iterator[None]:
        """While one more call of theirs is under way."""
        self._calls[who] += 1
        try:
            yield
        finally:
            self._calls[who] -= 1
            if not self._calls[who]:
                del self._calls[who]


class _Answer(Response):
    """What the SDK sends. A client that does not read it is left after a while."""

    def __init__(self, door: McpDoor, manager: StreamableHTTPSessionManager, who: str) -> None:
        super().__init__()
        self._door, self._manager, self._who = door, manager, who

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def listen() -> Message:
            message = await receive()
            if message["type"] == "http.disconnect":
                scope[LEFT] = True
            return message

        with self._door.counted(self._who):
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    await self._manager.handle_request(scope, listen, send)
            except TimeoutError:
                return
