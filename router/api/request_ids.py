"""Each request has an id: the client's `X-Request-Id`, or one of ours. The answer carries it, the audit keeps it."""

from __future__ import annotations

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.people.audit.store import REQUEST_ID

_HEADER = "X-Request-Id"
_PLAIN = re.compile("[A-Za-z0-9._-]{1,64}")


class RequestIds:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        said = Headers(scope=scope).get(_HEADER, "")
        id = said if _PLAIN.fullmatch(said) else secrets.token_hex(8)

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[_HEADER] = id
            await send(message)

        token = REQUEST_ID.set(id)
        try:
            await self._app(scope, receive, send_with_id)
        finally:
            REQUEST_ID.reset(token)
