"""One side of `accepting.py`: it measures the tree that it is run in, and prints JSON.

It imports only what has been there since the commit that it is compared with.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine, event

import router.api.app as application
from configs.service import Limits
from tests.studio import painted_studio

ORDER = {"prompt": "a red bicycle icon", "asset_type": "icon", "quality": "draft", "formats": ["png"], "seed": 1}
_WARM = 20
_CALLS_OF = 40  # requests, of which the calls of functions are counted, those of the background among them
_PARTS = {
    "plan": ("make_plan",),
    "verdict of licences": ("judge_licences", "hold_jobs"),
    "database, reading": ("fetch",),
    "database, writing": ("commit",),
    "FastAPI's dependencies": ("solve_dependencies",),
    "the answer's JSON": ("serialize_response",),
}
"""Of a request, by the functions that do it: none of these calls another."""


class _Idle:
    """A conductor that leads no job: what accepting one costs is measured alone."""

    ready = found = True

    def start(self) -> None: ...

    async def stop(self) -> None: ...

    def wake(self) -> None: ...

    def cancel(self, job_id: str) -> None: ...


class _Here(Executor):
    """Runs what is submitted at once, so that one profiler sees it."""

    def submit(self, run: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(run(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("requests", type=int)
    options.add_argument("--profile", action="store_true")
    chosen = options.parse_args()
    found = asyncio.run(_profile(chosen.requests) if chosen.profile else _measure(chosen.requests))
    sys.stdout.write(json.dumps(found))


async def _measure(requests: int) -> dict[str, dict[str, float]]:
    """CPU milliseconds and statements of one request, by what is asked."""
    found = {}
    async with _studio() as (app, _):
        ids = [await _order(app) for _ in range(_WARM)]
        for name, ask in _asked(app, ids).items():
            found[name] = await _time(ask, requests)
    for name, stats in (await _profiled(_CALLS_OF)).items():
        found[name]["calls"] = stats.total_calls / _CALLS_OF
    async with _studio(idle=False) as (app, _):
        await _draw(app)
        found["a draft, painted, from POST to its last event"] = await _time(lambda _: _draw(app), requests // 2)
    return found


async def _time(ask: Callable[[int], Any], requests: int) -> dict[str, float]:
    """Of one request, once a few have warmed what is kept: the mean of the fastest quarter, in which no task of the
    background has its turn."""
    took = []
    for number in range(_WARM):
        await ask(number)
    with _counted() as statements:
        for number in range(requests):
            began = time.process_time()
            await ask(number)
            took.append(time.process_time() - began)
    fast = sorted(took)[: max(1, requests // 4)]
    return {"cpu_ms": sum(fast) / len(fast) * 1000, "statements": statements.total() / requests}


async def _profile(requests: int) -> dict[str, dict[str, float]]:
    """Shares of the CPU of one request, by part and by function, by what is asked."""
    return {name: _shares(stats) for name, stats in (await _profiled(requests)).items()}


async def _profiled(requests: int) -> dict[str, Any]:
    """What a profiler has seen, by what is asked."""
    found = {}
    async with _studio() as (app, database):
        ids = [await _order(app) for _ in range(_WARM)]
        database._readers, database._writers = _Here(), _Here()
        for name, ask in _asked(app, ids).items():
            await ask(0)
            profile = cProfile.Profile(time.thread_time)
            profile.enable()
            for number in range(requests):
                await ask(number)
            profile.disable()
            found[name] = pstats.Stats(profile)
    return found


def _shares(stats: Any) -> dict[str, float]:
    whole = stats.total_tt
    shares = {}
    for part, names in _PARTS.items():
        of_part = [row[3] for (_, _, name), row in stats.stats.items() if name in names]
        shares[part] = sum(of_part) / whole
    slowest = sorted(stats.stats.items(), key=lambda item: -item[1][2])[:12]
    for (file, line, name), row in slowest:
        where = name if line == 0 else f"{'/'.join(Path(file).parts[-2:])}:{name}"
        shares[f"  {where}"] = row[2] / whole
    return shares


def _asked(app: Any, ids: list[str]) -> dict[str, Callable[[int], Any]]:
    return {
        "POST /generate": lambda _: _order(app),
        "GET /jobs/{id}": lambda number: _ask(app, "GET", f"/jobs/{ids[number % len(ids)]}"),
    }


@asynccontextmanager
async def _studio(idle: bool = True) -> AsyncIterator[tuple[Any, Any]]:
    """A painted studio's application, and its database."""
    with tempfile.TemporaryDirectory() as folder:
        studio = painted_studio(Path(folder), limits=Limits(max_queued_jobs_per_owner=10**6))
        led: AbstractContextManager[Any] = (
            patch.object(application, "Conductor", lambda _studio: _Idle()) if idle else nullcontext()
        )
        with led:
            app = application.create_app(studio)
            async with app.router.lifespan_context(app):
                yield app, getattr(studio.store, "database", None) or studio.store._database  # type: ignore[attr-defined]


class _counted:  # noqa: N801 - read as a verb
    """The statements that run meanwhile, on every database of this process."""

    def __enter__(self) -> Counter[str]:
        self._seen: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", self._note)
        return self._seen

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._seen[statement] += 1


async def _draw(app: Any) -> None:
    """One draft, followed to its end."""
    job_id = await _order(app)
    await _ask(app, "GET", f"/jobs/{job_id}/events")
    job = json.loads(await _ask(app, "GET", f"/jobs/{job_id}"))
    assert job["status"] == "complete", job


async def _order(app: Any) -> str:
    answer: str = json.loads(await _ask(app, "POST", "/generate", json.dumps(ORDER).encode()))["job_id"]
    return answer


async def _ask(app: Any, method: str, path: str, body: bytes = b"") -> bytes:
    """The body of the answer of an ASGI application, asked without a socket."""
    said: list[dict[str, Any]] = []
    given = iter([{"type": "http.request", "body": body, "more_body": False}])
    left = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if (message := next(given, None)) is not None:
            return message
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    headers = [(b"host", b"studio:8000"), (b"content-type", b"application/json")]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [*headers, (b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    await app(scope, receive, send)
    answered = b"".join(message.get("body", b"") for message in said[1:])
    assert said[0]["status"] < 300, answered
    return answered


if __name__ == "__main__":
    main()
