"""The outermost layer: refuses bodies over the limit before they are read, and sets the security headers."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from router.api.errors import error_response
from router.api.schemas import ErrorDetail

# The page loads nothing from elsewhere; previews are data: URLs. /docs has a script inline.
_CSP = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_DOCS = ("/docs", "/redoc")


class Guard:
    """ASGI middleware. A body is counted as it arrives, whatever its headers claim."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._limit = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = await self._read(receive)
        if body is None:
            message = f"the body is larger than {self._limit} bytes"
            response = error_response(413, ErrorDetail(code="too_large", message=message))
            await response(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), self._secured(scope, send))

    async def _read(self, receive: Receive) -> bytes | None:
        """The whole body, or None when it is over the limit."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] != "http.request":
                return b"".join(parts)
            size += len(message.get("body", b""))
            if size > self._limit:
                return None
            parts.append(message.get("body", b""))
            if not message.get("more_body", False):
                return b"".join(parts)

    def _secured(self, scope: Scope, send: Send) -> Send:
        async def secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message["headers"], *_HEADERS]
                has_csp = any(name.lower() == b"content-security-policy" for name, _ in message["headers"])
                if not has_csp and not scope["path"].startswith(_DOCS):
                    headers.append((b"content-security-policy", _CSP.encode()))
                message = {**message, "headers": headers}
            await send(message)

        return secured


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body on once; after that, whatever the server says (a disconnect)."""
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
