"""What HTTP says of methods: HEAD wherever there is GET, OPTIONS everywhere, and an `Allow` that names them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import anyio
from fastapi.routing import iter_route_contexts
from starlette._utils import get_route_path
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.api.errors import error_response, not_taken
from router.api.schemas import ErrorDetail

_ASKED = ("GET", "POST", "PUT", "PATCH", "DELETE")
_CHANGING = frozenset({"PUT", "PATCH", "DELETE"})


class Methods:
    """ASGI middleware over the routes of an application, which are declared with the methods that do something."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self._app, self._routes = app, routes
        self._known: tuple[tuple[str, Callable[[str], object], set[str]], ...] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, asked = scope["method"], dict(scope)  # routing writes into the scope that it is given
        if method == "HEAD":
            await self._head(scope, receive, self._naming(asked, send))
        elif method == "OPTIONS" and (allowed := self._allowed(scope)):
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
        elif method in _CHANGING and (allowed := self._allowed(scope)) and method not in allowed.split(", "):
            await _not_taken(scope, allowed)(scope, receive, send)
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
        """Of the first route that has the path of a request, and of those that are written like it; empty where there
        is none. `/images/facets` has none of what `/images/{asset_id}` has."""
        self._known = self._known or tuple(_known(self._routes))
        path, first = get_route_path(scope), None
        found = set[str]()
        for written, match, methods in self._known:
            if first in (None, written) and match(path):
                first = written
                found |= methods
        named = [method for method in _ASKED if method in found]
        if "GET" in named:
            named.insert(1, "HEAD")
        return ", ".join([*named, "OPTIONS"]) if named else ""


def _known(routes: list[BaseRoute]) -> Iterator[tuple[str, Callable[[str], object], set[str]]]:
    """Each route as it is written, what tells its paths, and its methods. Files are only read."""
    for route in iter_route_contexts(routes):
        if isinstance(route.original_route, Mount):
            yield route.path or "", route.path_regex.match, {"GET"}
        else:
            yield route.path_format or "", route.path_regex.match, set(route.methods or ())


def _not_taken(scope: Scope, allowed: str) -> ASGIApp:
    """What a route that is written otherwise would take for its own."""
    message = not_taken(scope["method"], Request(scope).url.path)
    return error_response(405, ErrorDetail(code="method_not_allowed", message=message), {"Allow": allowed})
