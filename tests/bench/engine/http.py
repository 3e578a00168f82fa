"""The mixed load over HTTP: the plain pipeline server and Atelier, each from `POST` to the bytes of the PNG."""

from __future__ import annotations

import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import httpx
from rich.console import Console

from configs.service import Address, Limits
from tests.bench.launched import launched
from tests.ports import free_port
from tests.studio import local_installation

STEPS = (8, 20, 40)
LOAD = 0.85
PROMPTS = ("a red bicycle", "a blue mug on a white background", "a green tree", "a yellow key", "an orange fish")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of the load, `at` seconds after the first."""

    at: float
    prompt: str
    steps: int
    seed: int


Fetch: TypeAlias = Callable[[httpx.AsyncClient, Asked], Awaitable[bytes]]


def end_to_end(count: int, rounds: int, console: Console) -> float:
    """Mean latency of the plain server ÷ Atelier's. Both servers run all the time; only one is asked at a time."""
    with _plain() as plain, _atelier() as atelier:
        one_by_one = [Asked(0.0, PROMPTS[0], steps, 1) for steps in STEPS]
        for server, fetch in ((plain, _from_plain), (atelier, _from_atelier)):  # both warm
            asyncio.run(_play(server, fetch, one_by_one))
        alone = statistics.mean(asyncio.run(_play(plain, _from_plain, [asked]))[0] for asked in one_by_one * 3)
        theirs, ours = [], []
        for turn in range(rounds):
            load = _load(count, LOAD / alone, turn)
            theirs += asyncio.run(_play(plain, _from_plain, load))
            ours += asyncio.run(_play(atelier, _from_atelier, load))
    for name, values in (("plain server", theirs), ("Atelier", ours)):
        console.print(f"  {name:<15} mean {statistics.mean(values) * 1e3:7.1f} ms   ({len(values)} requests)")
    return statistics.mean(theirs) / statistics.mean(ours)


def _load(count: int, per_second: float, seed: int) -> list[Asked]:
    rng, at = random.Random(seed), 0.0
    load = []
    for _ in range(count):
        load.append(Asked(at, rng.choice(PROMPTS), rng.choice(STEPS), rng.randrange(2**31)))
        at += rng.expovariate(per_second)
    return load


async def _play(url: str, fetch: Fetch, load: Sequence[Asked]) -> list[float]:
    limits = httpx.Limits(max_connections=200)
    async with httpx.AsyncClient(base_url=url, timeout=120, limits=limits) as api:
        begun = time.perf_counter()

        async def one(asked: Asked) -> float:
            await asyncio.sleep(max(0.0, begun + asked.at - time.perf_counter()))
            since = time.perf_counter()
            picture = await fetch(api, asked)
            assert picture.startswith(b"\x89PNG")
            return time.perf_counter() - since

        return list(await asyncio.gather(*(one(asked) for asked in load)))


async def _from_plain(api: httpx.AsyncClient, asked: Asked) -> bytes:
    body = {"prompt": asked.prompt, "num_inference_steps": asked.steps, "seed": asked.seed}
    answer = await api.post("/generate", json=body)
    return answer.raise_for_status().content


async def _from_atelier(api: httpx.AsyncClient, asked: Asked) -> bytes:
    body = {"prompt": asked.prompt, "num_inference_steps": asked.steps, "seed": asked.seed, "quality": "draft"}
    answer = await api.post("/generate", json={**body, "asset_type": "icon", "formats": ["png"]})
    job_id = answer.raise_for_status().json()["job_id"]
    async with api.stream("GET", f"/jobs/{job_id}/events") as stream:
        async for _ in stream.aiter_lines():
            pass
    job = (await api.get(f"/jobs/{job_id}")).raise_for_status().json()
    file = await api.get(job["images"][0]["files"][0]["url"])
    return file.raise_for_status().content


@contextmanager
def _plain() -> Iterator[str]:
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.engine.plain_server", str(port)])
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(600):
            try:
                httpx.get(f"{url}/openapi.json")
                break
            except httpx.ConnectError:
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait()


@contextmanager
def _atelier() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as state:
        installation = local_installation(
            Path(state), http=Address(port=free_port()), limits=Limits(max_queued_jobs_per_owner=10**6)
        )
        with launched(installation, quiet=True) as url:
            yield url
