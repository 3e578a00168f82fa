"""A route of the API, asked from within by a tool for whoever calls it. All that holds for a request from outside holds
here: who they are and what they may, quotas, licences, spaces, limits and the words of refusals are settled there."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from pydantic import ValidationError
from starlette.types import Message, Scope

from router.api.forwarded import RESOLVED
from router.api.schemas import ErrorBody, ErrorDetail
from router.people.audit.store import REQUEST_ID

_SAME = ("type", "asgi", "http_version", "scheme", "server", "client", "root_path")
_SHOWN = (b"host", b"authorization", b"x-atelier-space", b"x-atelier-session", b"user-agent")
"""What the caller's request says of who asks and from where; what it says of its own body is its own."""

Query = Iterable[tuple[str, str]]


class RouteRefused(Exception):
    """A route has answered with an error."""

    def __init__(self, status: int, detail: ErrorDetail, retry_after: str = "") -> None:
        super().__init__(status, detail, retry_after)
        self.status, self.detail, self.retry_after = status, detail, retry_after

    @property
    def sentence(self) -> str:
        """For whoever called: what is wrong, where, and what there is instead."""
        detail = self.detail
        field = "" if detail.field is None or detail.field in detail.message else f" (field: {detail.field})"
        missing = [one for one in detail.allowed or () if one not in detail.message]
        allowed = f" (there are: {', '.join(missing)})" if missing else ""
        again = f"; try again in {self.retry_after} seconds" if self.retry_after else ""
        return f"{detail.message}{field}{allowed}{again}"


@dataclass(slots=True)
class RouteAnswer:
    """What a route has answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def media_type(self) -> str:
        """Without parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    async def receive(self, message: Message) -> None:
        """As ASGI sends it."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")


async def ask_route(
    request: Request, method: str, path: str, query: Query = (), body: Mapping[str, Any] | None = None
) -> RouteAnswer:
    """The answer of a route to who sent `request`. Raises `RouteRefused`."""
    sent = b"" if body is None else json.dumps(body).encode()
    answer = RouteAnswer()
    waiting = [{"type": "http.request", "body": sent, "more_body": False}]

    async def receive() -> Message:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()  # they stay until they are answered
        return {"type": "http.disconnect"}

    try:
        await request.app(_scope(request.scope, method, path, query, sent), receive, answer.receive)
    except Exception:
        if not answer.status:  # else it is answered and in the log, and only told on to the server
            raise
    if answer.status >= 400:
        raise RouteRefused(answer.status, _detail(answer), answer.headers.get("retry-after", ""))
    return answer


def _scope(asked: Scope, method: str, path: str, query: Query, sent: bytes) -> Scope:
    whole = asked["root_path"] + path
    headers = [(name, value) for name, value in asked["headers"] if name in _SHOWN]
    headers.append((b"x-request-id", REQUEST_ID.get().encode()))
    if sent:
        headers += [(b"content-type", b"application/json"), (b"content-length", str(len(sent)).encode())]
    return {
        **{key: asked[key] for key in _SAME if key in asked},
        RESOLVED: True,
        "method": method,
        "path": whole,
        "raw_path": whole.encode(),
        "query_string": urlencode(list(query)).encode(),
        "headers": headers,
    }


def _detail(answer: RouteAnswer) -> ErrorDetail:
    try:
        return ErrorBody.model_validate_json(answer.body).error
    except ValidationError:
        return ErrorDetail(code="http_error", message=f"the studio answered with HTTP status {answer.status}")
