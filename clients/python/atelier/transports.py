"""Connections by the way that the environment says, opened when an address first needs them."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypedDict
from weakref import WeakKeyDictionary

import httpx

from atelier.environment import Way, certificates, no_certificates, way_to


class _Options(TypedDict):
    verify: ssl.SSLContext
    proxy: httpx.Proxy | None
    trust_env: bool


class Transport(httpx.BaseTransport):
    """For the synchronous client; safe to share between threads. Raises BadEnvironment."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Way, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        way = way_to(request.url)
        with self._lock:
            if way not in self._open:
                self._open[way] = httpx.HTTPTransport(**_options(way))
            transport = self._open[way]
        with _naming_the_proxy(way):
            return transport.handle_request(request)

    def close(self) -> None:
        with self._lock:
            for transport in self._open.values():
                transport.close()


class AsyncTransport(httpx.AsyncBaseTransport):
    """For the asynchronous client. Connections belong to the event loop that opened them: each loop has its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Way, httpx.AsyncHTTPTransport]] = (
            WeakKeyDictionary()
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        way = way_to(request.url)
        with self._lock:
            opened = self._open.setdefault(asyncio.get_running_loop(), {})
            if way not in opened:
                opened[way] = httpx.AsyncHTTPTransport(**_options(way))
        with _naming_the_proxy(way):
            return await opened[way].handle_async_request(request)

    async def aclose(self) -> None:
        """Close those of this loop; those of other loops end with them."""
        for transport in self._open.pop(asyncio.get_running_loop(), {}).values():
            await transport.aclose()


def check_way(url: httpx.URL) -> None:
    """Raises BadEnvironment now where it would be raised at the first request."""
    _options(way_to(url))


def _options(way: Way) -> _Options:
    """Nothing is left to httpx's own reading of the environment."""
    verify = certificates() if way.tls else no_certificates()
    proxy = None if way.proxy is None else httpx.Proxy(way.proxy)
    if proxy is not None and proxy.url.scheme == "https":
        proxy.ssl_context = certificates()
    return {"verify": verify, "proxy": proxy, "trust_env": False}


@contextmanager
def _naming_the_proxy(way: Way) -> Iterator[None]:
    """Where the way is through a proxy, a connection that cannot be opened is one to the proxy."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
        if way.proxy is None:
            raise
        raise httpx.ProxyError(
            f"cannot be reached through the proxy {way.place} that {way.variable} names: "
            "correct or unset it, or add the host to NO_PROXY"
        ) from error
