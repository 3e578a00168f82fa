"""The whole path beside the bare pipeline: what HTTP, queue, Ray and store add to one draft, and what they sustain.

`python -m tests.bench.path` starts the local cluster as `make run` does, prints a table, and stops it. Both sides of
every ratio are measured in this one run, in turn, and do the same work: each draws a prompt that it has not seen, by as
many steps, and saves the picture as a PNG file. `tests.bench.timeline` says where the difference goes.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
from rich.console import Console
from rich.table import Table

from configs.service import Address, Limits
from tests.bench.launched import launched
from tests.ports import free_port
from tests.studio import local_installation

DRAFT = {
    "prompt": "a red bicycle icon",
    "asset_type": "icon",
    "quality": "draft",
    "formats": ["png"],
    "seed": 1,
    "stages": {"check": False},
}
"""What the bare pipeline does, and no more: an icon's legibility is not measured."""


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    name: str
    value: str


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=int, default=12, help="drafts per side")
    options.add_argument("--requests", type=int, default=300, help="POSTs, and ten times as many GETs")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as state:
        installation = local_installation(
            Path(state), http=Address(port=free_port()), limits=Limits(max_queued_jobs_per_owner=10**6)
        )
        began = time.monotonic()
        with launched(installation) as url, httpx.Client(base_url=url, timeout=60) as api:
            figures = [Figure("start of the cluster", f"{time.monotonic() - began:.1f} s")]
            figures += measure(api, chosen.pictures, chosen.requests)
    Console().print(table_of(figures))


def measure(api: httpx.Client, pictures: int, requests: int) -> list[Figure]:
    """All figures of a running studio."""
    draw_over_http(api, a_prompt(0))
    time.sleep(3)  # let the start's last work end before memory is read
    figures = [Figure("memory at idle (all processes, shared pages once)", f"{idle_megabytes():.0f} MB")]
    figures += compare_with_bare_pipeline(api, pictures)
    figures += asyncio.run(load(str(api.base_url), requests))
    return figures


def a_prompt(number: int) -> str:
    """A prompt whose embeddings no replica has kept yet."""
    return f"a red bicycle icon, number {number}"


def draw_over_http(api: httpx.Client, prompt: str, *loras: str) -> float:
    """Seconds from POST to the end of the event stream of one draft."""
    body = DRAFT | {"prompt": prompt, "loras": [{"id": one} for one in loras]}
    began = time.perf_counter()
    job_id = api.post("/generate", json=body).raise_for_status().json()["job_id"]
    with api.stream("GET", f"/jobs/{job_id}/events") as stream:
        for _ in stream.iter_lines():
            pass
    took = time.perf_counter() - began
    job = api.get(f"/jobs/{job_id}").json()
    assert job["status"] == "complete", job
    return took


def compare_with_bare_pipeline(api: httpx.Client, pictures: int) -> list[Figure]:
    """One draft, over HTTP and by diffusers' pipeline in this process, in turn."""
    bare, path = [], []
    with tempfile.TemporaryDirectory() as folder:
        draw = bare_pipeline(Path(folder, "draft.png"))
        draw(a_prompt(0))
        for number in range(1, pictures + 1):
            bare.append(draw(a_prompt(number)))
            path.append(draw_over_http(api, a_prompt(number)))
    alone, whole = statistics.median(bare), statistics.median(path)
    return [
        Figure("one draft, bare FluxPipeline and a PNG file (median)", f"{alone * 1000:.0f} ms"),
        Figure("one draft, whole path over HTTP (median)", f"{whole * 1000:.0f} ms"),
        Figure("overhead of HTTP, queue, Ray, recipe, store", f"{(whole - alone) * 1000:.0f} ms"),
        Figure("the same, fastest of each side", f"{(min(path) - min(bare)) * 1000:.0f} ms"),
        Figure("whole path ÷ bare pipeline", f"{whole / alone:.2f}"),
    ]


def bare_pipeline(file: Path) -> Callable[[str], float]:
    """diffusers' own pipeline on mini, one draft of the same steps a call, saved in `file`; returns its seconds."""
    import diffusers
    import torch

    from configs.load import ROOT, load_catalog
    from configs.templates import Template

    catalog = load_catalog()
    model = catalog.models["mini"]
    torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))  # as many as the launch gave the studio
    parts: Any = diffusers  # not typed; through this name mypy does not follow it
    pipeline = parts.FluxPipeline.from_pretrained(ROOT / str(model.weights.path), dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    before, after = Template.parse(catalog.asset_types["icon"].prompt_template).around({})

    def draw(prompt: str) -> float:
        began = time.perf_counter()
        picture = pipeline(
            prompt=before + prompt + after,
            height=128,
            width=128,
            num_inference_steps=model.steps["draft"],
            guidance_scale=model.guidance_scale,
            max_sequence_length=model.text_length,
            generator=torch.Generator().manual_seed(1),
        ).images[0]
        picture.save(file)
        return time.perf_counter() - began

    return draw


async def load(url: str, requests: int) -> list[Figure]:
    """Requests per second of POST /generate from 8 clients, while the jobs are drawn; then the time of GET /jobs/{id}
    with one client, when nothing is drawn."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as api:
        ids: list[str] = []
        waiting = iter(range(requests))

        async def client() -> None:
            for _ in waiting:
                answer = await api.post("/generate", json=DRAFT)
                ids.append(answer.raise_for_status().json()["job_id"])

        began = time.perf_counter()
        await asyncio.gather(*(client() for _ in range(8)))
        posted = requests / (time.perf_counter() - began)
        await asyncio.gather(*(api.delete(f"/jobs/{job_id}") for job_id in ids))
        times = []
        for i in range(10 * requests):
            began = time.perf_counter()
            (await api.get(f"/jobs/{ids[i % len(ids)]}")).raise_for_status()
            times.append(time.perf_counter() - began)
    times.sort()
    return [
        Figure("POST /generate, 8 clients", f"{posted:.0f} requests/s"),
        Figure("GET /jobs/{id}, p50", f"{times[len(times) // 2] * 1000:.1f} ms"),
        Figure("GET /jobs/{id}, p95", f"{times[len(times) * 95 // 100] * 1000:.1f} ms"),
    ]


def idle_megabytes() -> float:
    """Proportional set size of this process's whole tree: pages that processes share are counted once."""
    own = psutil.Process()
    total = 0
    for process in own.children(recursive=True):
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 2**20


def table_of(figures: list[Figure]) -> Table:
    """For people, with the machine that it was measured on."""
    table = Table(title=f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores")
    table.add_column("figure")
    table.add_column("value", justify="right")
    for figure in figures:
        table.add_row(figure.name, figure.value)
    return table


if __name__ == "__main__":
    main()
