"""The layer behind the gate: refuses bodies over the limit before they are read, and sets the security headers."""

from __future__ import annotations

import re

from starlette._utils import get_route_path
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from configs.errors import TooLarge
from configs.service import Limits
from router.api.errors import error_response, status_of
from router.api.schemas import ErrorDetail
from router.library.lora_intake import too_large
from router.pictures.uploads import too_many_bytes

# The page loads nothing from elsewhere; previews are data: URLs. /docs has a script inline.
_CSP = "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri {}; frame-ancestors 'none'"
_SELF, _NONE = "'self'", "'none'"
_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
]
_DOCS = ("/docs", "/redoc")
_VERIFY, _LORAS, _BATCHES = ("POST", "/verify"), ("POST", "/loras"), ("POST", "/batches")
_PICTURES = {("POST", "/pictures"), _VERIFY}
_ZIP = re.compile("POST /datasets/[^/]+/zip")
_EDIT = re.compile("POST /(v1|openai/.+)/images/edits")
_DATASET = re.compile("(POST|PATCH) /datasets(/[^/]+)?")
_VOTES = re.compile("POST /experiments/[^/]+/votes")
_PROMPTS = "/prompt-sets/"
_BRINGING = ("POST", "PATCH")
"""Methods of what may be larger than other bodies."""


class Guard:
    """ASGI middleware. A body is counted as it arrives, whatever its headers claim; what is small is read here."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most, error = self._judge(scope)
        if _is_streamed(scope):
            await self._stream(scope, receive, secured(scope, send), most, error)
            return
        body = await _read(receive, most)
        if body is None:
            await _refuse(error)(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), secured(scope, send))

    async def _stream(self, scope: Scope, receive: Receive, send: Send, most: int, error: TooLarge) -> None:
        """Hand the body on as it comes: it may be larger than memory. One that says that it is too large is not read,
        one that grows too large is read no further."""
        said = Headers(scope=scope).get("content-length", "")
        if said.isdecimal() and int(said) > most:
            await _refuse(error)(scope, receive, send)
            return
        counted = _Counted(receive, most)

        async def send_unless_refused(message: Message) -> None:
            if not counted.exceeded:
                await send(message)

        await self._app(scope, counted.receive, send_unless_refused)
        if counted.exceeded:
            await _refuse(error)(scope, receive, send)

    def _judge(self, scope: Scope) -> tuple[int, TooLarge]:
        """How many bytes the body may have, and what is said of one that has more."""
        most, limits = self._limits.max_body_bytes, self._limits
        kind = _kind(scope)
        if kind[0] not in _BRINGING:
            return most, _too_large(most)
        said = " ".join(kind)
        if kind in _PICTURES:
            return most + limits.max_picture_bytes, too_many_bytes(limits.max_picture_bytes)
        if kind == _LORAS:  # the form around the file is small, as other bodies are
            return most + limits.max_lora_bytes, too_large(limits.max_lora_bytes)
        if _EDIT.fullmatch(said):
            most += (limits.max_pictures + 1) * limits.max_picture_bytes
            return most, TooLarge(
                f"the form is larger than {most / 2**20:,.0f} MiB: make the pictures smaller", "image"
            )
        if _ZIP.fullmatch(said):
            most += limits.max_dataset_bytes
            size = f"{limits.max_dataset_bytes / 2**20:,.0f} MiB"
            message = f"a dataset's zip file may have {size} at most (max_dataset_bytes of the profile)"
            return most, TooLarge(message, "file")
        if _DATASET.fullmatch(said):
            most = limits.max_batch_bytes
            return most, TooLarge(f"what is said of the dataset is larger than {most:,} bytes: split it")
        if kind == _BATCHES:
            most = limits.max_batch_bytes
            return most, TooLarge(f"the batch is larger than {most:,} bytes: split it")
        if _VOTES.fullmatch(said):
            most = limits.max_votes_bytes
            return most, TooLarge(f"the file is larger than {most:,} bytes: split it", "file")
        if kind[0] == "POST" and kind[1].startswith(_PROMPTS):
            most = limits.max_batch_bytes
            return most, TooLarge(f"the file is larger than {most:,} bytes: split it")
        return most, _too_large(most)


class _Counted:
    """A body that is counted as it comes."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._left = receive, most
        self.exceeded = False

    async def receive(self) -> Message:
        """The next part; for one too many, that the client has left, so that whoever reads lets go of what it has."""
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        self.exceeded = self.exceeded or self._left < 0
        return {"type": "http.disconnect"} if self.exceeded else message


def content_security_policy(*asked: str) -> str:
    """That of a page of ours which asks these places, too, and says what its addresses are relative to. Styles may be
    inline, as what keeps a page still below a dialog writes them; scripts may not."""
    return f"{_CSP.format(_SELF)}; style-src 'self' 'unsafe-inline'; connect-src {' '.join([_SELF, *asked])}"


def secured(scope: Scope, send: Send) -> Send:
    """An answer with the security headers that it lacks."""

    async def send_secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            said = {name.lower() for name, _ in message["headers"]}
            headers = [*message["headers"], *(header for header in _HEADERS if header[0] not in said)]
            if b"content-security-policy" not in said and not get_route_path(scope).startswith(_DOCS):
                headers.append((b"content-security-policy", _CSP.format(_NONE).encode()))
            message = {**message, "headers": headers}
        await send(message)

    return send_secured


def _kind(scope: Scope) -> tuple[str, str]:
    return scope["method"], get_route_path(scope)


def _is_streamed(scope: Scope) -> bool:
    """What may be larger than memory, or wait with others of its kind; forms with pictures, as OpenAI's SDKs send
    them, among it."""
    kind = _kind(scope)
    said = " ".join(kind)
    return kind in (_VERIFY, _LORAS) or bool(_EDIT.fullmatch(said) or _ZIP.fullmatch(said))


def _too_large(most: int) -> TooLarge:
    return TooLarge(f"the body is larger than {most} bytes")


def _refuse(error: TooLarge) -> ASGIApp:
    return error_response(status_of(error), ErrorDetail(code=error.code, message=error.message, field=error.field))


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body, or None when it has more than `most` bytes."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return b"".join(parts)
        size += len(message.get("body", b""))
        if size > most:
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


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
