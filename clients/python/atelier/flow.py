"""A request with its retries as a generator: it asks for one thing at a time (send this, sleep that long) and is told
the outcome. The clients carry it out, one with threads and one with asyncio, and share every decision."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from atelier.calls import Call
from atelier.errors import BadAddress, Unreachable
from atelier.retry import Retry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait before the next step."""

    seconds: float


Step = Call[Any] | Sleep
Outcome = httpx.Response | httpx.TransportError | None
Flow = Generator[Step, Outcome, T]


def request(call: Call[T], retry: Retry) -> Flow[T]:
    """Send `call`, again while that makes sense, and return what it answers; raises the errors of atelier.errors."""
    attempt = 0
    while True:
        outcome = yield call
        if outcome is None:
            raise TypeError("a call was carried out without an outcome")
        pause = retry.pause(attempt, outcome)
        if pause is None:
            break
        yield Sleep(pause)
        attempt += 1
    if isinstance(outcome, httpx.TransportError):
        raise unreachable(outcome)
    return call.read(outcome)


def unreachable(error: httpx.TransportError) -> Unreachable:
    """What a connection that failed means to people."""
    try:
        place = str(error.request.url.copy_with(path="/", query=None)).rstrip("/")
    except RuntimeError:  # raised before there was a request
        place = "the studio"
    reason = "took too long to answer" if isinstance(error, httpx.TimeoutException) else "does not answer"
    return Unreachable(f"{place} {reason}")


def read_address(url: str) -> httpx.URL:
    """The studio's address; raises BadAddress for what is not an http(s) URL."""
    try:
        address = httpx.URL(url.strip())
    except httpx.InvalidURL as error:
        raise BadAddress(f"'{url}' is not an address: {error}") from error
    if address.scheme not in ("http", "https") or not address.host:
        raise BadAddress(f"'{url}' is not an address: write http://HOST:PORT, for example http://127.0.0.1:8000")
    return address


def credentials(url: str, base: httpx.URL, api_key: str | None) -> dict[str, str]:
    """Headers that prove who asks; only for the studio itself, never for a place that an answer links to."""
    if api_key is None:
        return {}
    target = base.join(url)
    same = (target.scheme, target.host, target.port) == (base.scheme, base.host, base.port)
    return {"Authorization": f"Bearer {api_key}"} if same else {}
