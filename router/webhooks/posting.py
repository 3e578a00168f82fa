"""One request to a receiver: to an address that was looked at, with little patience and little memory.

httpcore rather than a client of more comfort: it follows no redirects, asks no environment for a proxy, unpacks
nothing, and lets the connection be made here.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import httpcore

from configs.errors import InvalidRequest
from configs.version import VERSION
from configs.webhooks import WebhookConfig
from router.webhooks.addresses import Resolve, find_address, read_target

PATIENCE_SECONDS = 15.0
"""For all of a request: the name, the connection and the answer."""
MOST_READ = 4096
"""Bytes of an answer; whatever more there is, is not read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said; without a `status`, `error` says why there is none."""

    status: int | None
    error: str = ""
    body: bytes = b""
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Courier:
    """Posts to where the profile lets webhooks go."""

    config: WebhookConfig
    resolve: Resolve
    patience_seconds: float = PATIENCE_SECONDS

    async def check(self, url: str) -> None:
        """Whether a webhook may go there now. Raises `InvalidRequest`."""
        target = read_target(url, self.config)
        try:
            async with asyncio.timeout(self.patience_seconds):
                await find_address(target, self.resolve)
        except TimeoutError:
            raise InvalidRequest(f"nobody says where '{target.host}' is: try again later", "url") from None

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Never raises for what a receiver, a network or a name does."""
        try:
            async with asyncio.timeout(self.patience_seconds):
                return await self._post(url, headers, body)
        except TimeoutError:
            return Answer(None, f"no answer within {self.patience_seconds:.0f} seconds")
        except InvalidRequest as error:  # by now: a name may lead elsewhere than when it was given
            return Answer(None, str(error))
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException, OSError, ValueError) as error:
            return Answer(None, f"{type(error).__name__}: {error}"[:300] or "the connection failed")

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        target = read_target(url, self.config)
        address = await find_address(target, self.resolve)
        said = {"Host": target.authority, "User-Agent": f"Atelier/{VERSION}", "Content-Type": "application/json"}
        said |= {**headers, "Content-Length": str(len(body)), "Connection": "close"}
        to = httpcore.URL(
            scheme=target.scheme.encode(), host=target.host.encode(), port=target.port, target=target.path.encode()
        )
        backend = _To(address)
        async with (
            httpcore.AsyncConnectionPool(_trust(), network_backend=backend) as pool,
            pool.stream("POST", to, headers=list(said.items()), content=body) as answer,
        ):
            wait = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
            return Answer(answer.status, body=await _begin(answer), retry_after=wait.decode("latin-1"))


async def _begin(answer: httpcore.Response) -> bytes:
    """How the body begins. A connection that breaks after the status has told what it has to."""
    read = b""
    try:
        async for chunk in answer.aiter_stream():
            read += chunk
            if len(read) >= MOST_READ:
                break
    except (httpcore.NetworkError, httpcore.ProtocolError):
        pass
    return read[:MOST_READ]


@cache
def _trust() -> ssl.SSLContext:
    """Certificates of this machine's authorities: reading them takes longer than a request."""
    return ssl.create_default_context()


class _To(httpcore.AsyncNetworkBackend):
    """Connects to one address, whatever name is asked for; that goes on to be what the certificate must be for."""

    def __init__(self, address: str) -> None:
        self._address, self._network = address, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - that is the point
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return await self._network.connect_tcp(self._address, port, timeout, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
