"""A request with its retries as a generator: it asks for one thing at a time (read that file, send this, sleep that
long) and is told the outcome. The clients carry it out, one with threads and one with asyncio: they share every
decision."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from atelier import calls
from atelier.calls import Call
from atelier.errors import BadAddress, BadInput, Unreachable
from atelier.models import Picture
from atelier.pictures import (
    GenerateOptions,
    LocalPicture,
    as_file,
    as_files,
    file_name,
    local_pictures,
    with_names,
    without_pictures,
)
from atelier.rasters import InMemory
from atelier.retry import Retry

T = TypeVar("T")
_ASKED_FROM = 2**20  # bytes: what is smaller is sent as soon as its limit is asked for


@dataclass(frozen=True, slots=True)
class Sleep:
    """Wait before the next step."""

    seconds: float


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Read a file; its bytes are the outcome."""

    path: Path


@dataclass(frozen=True, slots=True)
class Fetch:
    """Send a call, and write what it answers to a file if it is no error: it may be larger than memory."""

    call: Call[Any]
    to: Path


Step = Call[Any] | Fetch | Sleep | ReadFile
Outcome = httpx.Response | httpx.RequestError | bytes | None
Flow = Generator[Step, Outcome, T]


def request(call: Call[T], retry: Retry) -> Flow[T]:
    """Send `call`, again while that makes sense, and return what it answers; raises the errors of atelier.errors."""
    return (yield from _asked(call, call, retry))


def fetch(call: Call[Any], to: Path, retry: Retry) -> Flow[Path]:
    """Write what `call` answers to a file, as `request` asks; also raises OSError where that cannot be written."""
    yield from _asked(Fetch(call, to), call, retry)
    return to


def _asked(step: Step, call: Call[T], retry: Retry) -> Flow[T]:
    attempt = 0
    while True:
        outcome = yield step
        if outcome is None or isinstance(outcome, bytes):
            raise TypeError("a call was carried out without an answer")
        pause = retry.pause(attempt, outcome)
        if pause is None:
            break
        yield Sleep(pause)
        attempt += 1
    if isinstance(outcome, httpx.DecodingError):  # it answers, with what its own header belies
        raise calls.not_atelier(outcome.request.url) from outcome
    if isinstance(outcome, httpx.RequestError):
        raise unreachable(outcome)
    return call.read(outcome)


def upload(picture: LocalPicture | InMemory, retry: Retry, right: str | None = None, source: str = "") -> Flow[Picture]:
    """Send one picture to the studio; raises OSError where its file cannot be read."""
    picture = as_file(picture, "picture")
    data = picture if isinstance(picture, bytes) else (yield ReadFile(Path(picture)))
    if not isinstance(data, bytes):
        raise TypeError("a file was read without an outcome")
    return (yield from request(calls.upload(file_name(picture), data, right, source), retry))


def send_lora(call: Call[T], retry: Retry) -> Flow[T]:
    """Send a LoRA's file, unless it is larger than the studio takes. Raises BadInput then, and OSError for a file that
    cannot be read."""
    for part, (name, content) in call.files.items():
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        most = None if size < _ASKED_FROM else (yield from request(calls.asset_types(), retry)).limits.max_lora_bytes
        if most is not None and size > most:
            raise BadInput(f"{part}: {name} has {size:,} bytes, and the studio takes {most:,} at most (max_lora_bytes)")
    return (yield from request(call, retry))


def wish(make: Callable[[GenerateOptions], Call[T]], options: GenerateOptions, retry: Retry) -> Flow[T]:
    """Send `make(options)`, with the pictures in them uploaded first."""
    options, uploaded = as_files(options), {}
    make(without_pictures(options))  # refuses what cannot be sent before anything is
    for picture in local_pictures(options):
        uploaded[picture] = yield from upload(picture, retry)
    return (yield from request(make(with_names(options, uploaded)), retry))


def unreachable(error: httpx.RequestError) -> Unreachable:
    """What a connection that failed means to people."""
    try:
        place = str(error.request.url.copy_with(path="/", query=None)).rstrip("/")
    except RuntimeError:  # raised before there was a request
        place = "the studio"
    if isinstance(error, httpx.ProxyError):
        return Unreachable(f"{place} {error}")
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
