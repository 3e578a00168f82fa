"""The layer that speaks OpenAI's language on its paths: a key is taken from Azure's header, and an error that any layer
or route answers with is told in OpenAI's shape."""

from __future__ import annotations

from pydantic import ValidationError
from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.api.errors import refusal_response
from router.api.schemas import ErrorBody, ErrorDetail
from router.openai.paths import is_theirs

_KEY, _AUTHORIZATION = b"api-key", b"authorization"
_OF_THE_BODY = frozenset({"content-length", "content-type"})


class OpenAIDoor:
    """ASGI middleware. Other paths go through as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_theirs(get_route_path(scope)):
            await self._app(scope, receive, send)
            return
        await self._app(_with_bearer(scope), receive, _Translated(scope, receive, send).send)


def _with_bearer(scope: Scope) -> Scope:
    """`AzureOpenAI` shows its key as `api-key`; a request that has both means the usual header."""
    shown = [value for name, value in scope["headers"] if name.lower() == _KEY]
    names = {name.lower() for name, _ in scope["headers"]}
    if len(shown) != 1 or _AUTHORIZATION in names:
        return scope
    return {**scope, "headers": [*scope["headers"], (_AUTHORIZATION, b"Bearer " + shown[0])]}


class _Translated:
    """An answer on its way: an error of ours is held back until it is whole."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._scope, self._receive, self._send = scope, receive, send
        self._error: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Take the next message of the answer."""
        if message["type"] == "http.response.start" and _is_error(message):
            self._error = message
        elif self._error is None:
            await self._send(message)
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._tell(self._error)

    async def _tell(self, start: Message) -> None:
        headers = Headers(raw=start["headers"])
        kept = {name: value for name, value in headers.items() if name not in _OF_THE_BODY}
        response = refusal_response(start["status"], _detail(self._body), kept)
        await response(self._scope, self._receive, self._send)


def _is_error(start: Message) -> bool:
    kind = Headers(raw=start["headers"]).get("content-type", "")
    return start["status"] >= 400 and kind.partition(";")[0] == "application/json"


def _detail(body: bytes) -> ErrorDetail:
    try:
        return ErrorBody.model_validate_json(body).error
    except ValidationError:  # of the framework, in its own shape
        return ErrorDetail(code="http_error", message=body[:500].decode(errors="replace"))
