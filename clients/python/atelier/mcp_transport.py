"""The way of the MCP SDK's client to a studio: its requests, sent as this package sends its own, with the same sign-in,
proxies and certificates. What goes wrong on the way becomes an error of the protocol, with a sentence for people."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import httpx
import httpx2

from atelier.flow import credentials, unreachable
from atelier.session import Session
from atelier.transports import AsyncTransport

_SILENCE_SECONDS = 60.0  # the studio gives a sign of life every 15
_INTERNAL_ERROR = -32603  # of JSON-RPC
_OWN = ("host", "connection", "user-agent")


class StudioTransport(httpx2.AsyncBaseTransport):
    """Speaks to one studio. Never raises for what a studio or the way to it does."""

    def __init__(self, session: Session, transport: httpx.AsyncBaseTransport | None = None) -> None:
        self._session = session
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(30.0, read=_SILENCE_SECONDS),
            transport=transport or AsyncTransport(),
            headers=session.headers,
            auth=session.auth,
            trust_env=False,
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """The studio's answer, as it comes."""
        url = str(request.url)
        said = {name: value for name, value in request.headers.items() if name.lower() not in _OWN}
        headers = {**said, **credentials(url, self._session.base, self._session.api_key)}
        sent = self._http.build_request(request.method, url, content=await request.aread(), headers=headers)
        try:
            answer = await self._http.send(sent, stream=True)
        except httpx.RequestError as error:
            return _refused(502, str(unreachable(error)))
        if answer.status_code < 400:
            return httpx2.Response(answer.status_code, headers=_headers(answer), stream=_Body(answer))
        return await _read_refusal(answer)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()


class _Body(httpx2.AsyncByteStream):
    """An answer as it comes, undecoded: its headers say how it is encoded."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for part in self._answer.aiter_raw():
                yield part
        except httpx.RequestError as error:
            raise httpx2.ReadError(str(unreachable(error))) from error

    async def aclose(self) -> None:
        await self._answer.aclose()


async def _read_refusal(answer: httpx.Response) -> httpx2.Response:
    """An error of the protocol as it is; one of the studio's API in the words of the protocol."""
    try:
        body = await answer.aread()
        told = json.loads(body)
    except httpx.RequestError as error:
        return _refused(502, str(unreachable(error)))
    except (ValueError, RecursionError):
        told = None
    finally:
        await answer.aclose()
    if isinstance(told, dict) and "jsonrpc" in told:
        return httpx2.Response(answer.status_code, headers=_headers(answer), content=body)
    detail = told.get("error") if isinstance(told, dict) else None
    message = detail.get("message") if isinstance(detail, dict) else None
    if not isinstance(message, str):
        message = f"the address answers with HTTP status {answer.status_code}, and is no studio with agents"
    return _refused(answer.status_code, message)


def _refused(status: int, message: str) -> httpx2.Response:
    error = {"code": _INTERNAL_ERROR, "message": message}
    return httpx2.Response(status, json={"jsonrpc": "2.0", "id": None, "error": error})


def _headers(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    return answer.headers.raw
