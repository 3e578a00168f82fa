"""What HTTP says of methods: HEAD wherever there is GET, OPTIONS everywhere, and an `Allow` that names them all."""

from __future__ import annotations

import anyio
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Methods:
    """ASGI middleware over the routes of an application, which are declared with the methods that do something."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, asked = scope["method"], dict(scope)  # routing writes into the scope that it is given
        if method == "HEAD":
            await self._head(scope, receive, self._naming(asked, send))
        elif method == "OPTIONS" and (allowed := self._allowed(scope)):
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
        else:
            await self._app(scope, receive, self._naming(asked, send))

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The headers of GET. What would follow them is not made: a stream of events might never end."""
        with anyio.CancelScope() as rest:

            async def send_headers(message: Message) -> None:
                if message["type"] == "http.response.start":
                    await send(message)
                    await send({"type": "http.response.body", "body": b""})
                    rest.cancel()

            await self._app({**scope, "method": "GET"}, receive, send_headers)

    def _naming(self, scope: Scope, send: Send) -> Send:
        """The framework's 405 names the methods of the first route of a path only."""

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                MutableHeaders(scope=message)["Allow"] = self._allowed(scope)
            await send(message)

        return named

    def _allowed(self, scope: Scope) -> str:
        """Of the path of a request; empty where there is nothing."""
        found = [method for method in _ASKED if self._takes({**scope, "method": method})]
        if "GET" in found:
            found.insert(1, "HEAD")
        return ", ".join([*found, "OPTIONS"]) if found else ""

    def _takes(self, scope: Scope) -> bool:
        """Files are only read; the routes know for themselves."""
        first = next((route for route in self._routes if route.matches(dict(scope))[0] is Match.FULL), None)
        return first is not None and (not isinstance(first, Mount) or scope["method"] == "GET")
