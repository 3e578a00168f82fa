"""What OpenAI's door adds: a picture by `POST /v1/images/generations` beside the same by `POST /generate`, its stream
and its file; and what `GET /v1/models` sustains.

`python -m tests.bench.openai_door` starts the local cluster as `make run` does, asks both ways in turn, prints a table,
and stops it. Both draw the same draft by the same steps, of a prompt that is new to each, and end with its PNG file.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import statistics
import tempfile
import time
from pathlib import Path

import httpx
from rich.console import Console

from configs.service import Address, Limits
from tests.bench.launched import launched
from tests.bench.path import DRAFT, Figure, a_prompt, table_of
from tests.ports import free_port
from tests.studio import local_installation

_PNG = b"\x89PNG"
_CLIENTS = 8


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=int, default=12, help="drafts per side")
    options.add_argument("--requests", type=int, default=2000, help="of GET /v1/models")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as state:
        installation = local_installation(
            Path(state), http=Address(port=free_port()), limits=Limits(max_queued_jobs_per_owner=10**6)
        )
        with launched(installation) as url, httpx.Client(base_url=url, timeout=120) as api:
            figures = compare(api, chosen.pictures)
            figures += asyncio.run(list_models(url, chosen.requests))
    Console().print(table_of(figures))


def compare(api: httpx.Client, pictures: int) -> list[Figure]:
    """Seconds of one picture by each way, in turn; the first of each is left out."""
    door, own = [], []
    for number in range(pictures + 1):
        own.append(draw_by_stream(api, a_prompt(2 * number)))
        door.append(draw_by_door(api, a_prompt(2 * number + 1)))
    alone, through = statistics.median(own[1:]), statistics.median(door[1:])
    return [
        Figure("POST /generate, its stream, its file (median)", f"{alone * 1000:.0f} ms"),
        Figure("POST /v1/images/generations (median)", f"{through * 1000:.0f} ms"),
        Figure("fastest of each", f"{min(own[1:]) * 1000:.0f} and {min(door[1:]) * 1000:.0f} ms"),
        Figure("door ÷ own path", f"{through / alone:.2f}"),
    ]


def draw_by_stream(api: httpx.Client, prompt: str) -> float:
    """Seconds from the order to the bytes of its picture, as a program of ours has them."""
    began = time.perf_counter()
    job_id = api.post("/generate", json=DRAFT | {"prompt": prompt}).raise_for_status().json()["job_id"]
    with api.stream("GET", f"/jobs/{job_id}/events") as stream:
        for _ in stream.iter_lines():
            pass
    job = api.get(f"/jobs/{job_id}").raise_for_status().json()
    data = api.get(job["images"][0]["url"]).raise_for_status().content
    took = time.perf_counter() - began
    assert data.startswith(_PNG), job
    return took


def draw_by_door(api: httpx.Client, prompt: str) -> float:
    """The same as OpenAI's SDK asks for it."""
    body = {"prompt": prompt, "quality": "low", **{name: DRAFT[name] for name in ("asset_type", "seed", "stages")}}
    began = time.perf_counter()
    answer = api.post("/v1/images/generations", json=body).raise_for_status().json()
    data = base64.b64decode(answer["data"][0]["b64_json"])
    took = time.perf_counter() - began
    assert data.startswith(_PNG)
    return took


async def list_models(url: str, requests: int) -> list[Figure]:
    """Calls a second of several clients."""
    waiting = iter(range(requests))

    async with httpx.AsyncClient(base_url=url, timeout=60) as api:

        async def client() -> None:
            for _ in waiting:
                (await api.get("/v1/models")).raise_for_status()

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(_CLIENTS)))
        rate = requests / (time.perf_counter() - began)
    return [Figure(f"GET /v1/models, {_CLIENTS} clients", f"{rate:.0f} requests/s")]


if __name__ == "__main__":
    main()
