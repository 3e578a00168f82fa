"""A picture through the Generator beside bare FluxPipeline, in one run: what threads, previews and progress cost.

`python -m tests.bench.generator` prints both sides and their ratio; the sides take turns, and CPU seconds stand beside
the clock's, because on a busy machine only those compare.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from configs.load import load_catalog
from configs.schema import ModelConfig
from deployments.checkpoints.source import locate
from deployments.generator import Generator
from deployments.messages import Done, GenerateRequest

BARE = "bare FluxPipeline"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", default="mini", help="id of a YAML under configs/models")
    options.add_argument("--pictures", type=int, default=5, help="per side, after one to warm up")
    options.add_argument("--steps", type=int, default=20)
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args()
    config = load_catalog().models[chosen.model]
    config = config.model_copy(update={"runtime": config.runtime.model_copy(update={"threads": chosen.threads})})
    begun = time.perf_counter()
    generator = Generator(config)
    loading = time.perf_counter() - begun
    try:
        seconds = measure(generator, config, chosen.pictures, chosen.steps)
    finally:
        generator.close()
    size = config.native_sizes[0]
    title = (
        f"{config.id}, {size}, {chosen.steps} steps, {chosen.threads} thread(s), {platform.machine()}, {date.today()}"
    )
    Console().print(describe(title, seconds))
    Console().print(f"loading, checks and warm-up of the Generator: {loading:.2f} s")


@dataclass(frozen=True)
class Seconds:
    """Per picture: on the clock, and of CPU in all threads."""

    clock: float
    cpu: float


def measure(generator: Generator, config: ModelConfig, pictures: int, steps: int) -> dict[str, Seconds]:
    """Medians of each side, the first round left out."""
    pipeline = load_bare(config)
    plain = request(config, steps)
    sides: dict[str, Callable[[GenerateRequest], object]] = {
        BARE: lambda asked: call_bare(pipeline, config, asked),
        "Generator": lambda asked: asyncio.run(draw(generator, asked)),
        "Generator, four previews": lambda asked: asyncio.run(draw(generator, replace(asked, previews=4))),
    }
    taken: dict[str, list[Seconds]] = {name: [] for name in sides}
    for seed in range(pictures + 1):
        for name, side in sides.items():
            clock, cpu = time.perf_counter(), time.process_time()
            side(replace(plain, seed=seed))
            taken[name].append(Seconds(time.perf_counter() - clock, time.process_time() - cpu))
    return {name: median(values[1:]) for name, values in taken.items()}


def median(values: list[Seconds]) -> Seconds:
    return Seconds(statistics.median(one.clock for one in values), statistics.median(one.cpu for one in values))


async def draw(generator: Generator, asked: GenerateRequest) -> Done:
    messages = [message async for message in generator.generate(asked)]
    last = messages[-1]
    assert isinstance(last, Done)
    return last


def request(config: ModelConfig, steps: int) -> GenerateRequest:
    return GenerateRequest(
        request_id="bench",
        prompt="a red bicycle icon, Fluent 2 design icon, minimal vector style, solid background",
        negative_prompt="",
        width=config.native_sizes[0].width,
        height=config.native_sizes[0].height,
        seed=0,
        num_inference_steps=steps,
        guidance_scale=config.guidance_scale,
    )


def load_bare(config: ModelConfig) -> Any:
    import diffusers

    from deployments.families.hardware import DTYPES, choose_device

    parts: Any = diffusers
    folder = locate(config.weights, config.id)
    pipeline = parts.FluxPipeline.from_pretrained(folder, dtype=DTYPES[config.runtime.dtype], use_safetensors=True)
    pipeline.to(choose_device(config.runtime, config.id))
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def call_bare(pipeline: Any, config: ModelConfig, asked: GenerateRequest) -> None:
    import torch

    guidance: dict[str, Any] = {"guidance_scale": asked.guidance_scale}
    if not pipeline.transformer.config.guidance_embeds:
        guidance = {"negative_prompt": asked.negative_prompt, "true_cfg_scale": asked.guidance_scale}
    pipeline(
        prompt=asked.prompt,
        width=asked.width,
        height=asked.height,
        num_inference_steps=asked.num_inference_steps,
        generator=torch.Generator("cpu").manual_seed(asked.seed),
        max_sequence_length=config.text_length,
        **guidance,
    )


def describe(title: str, seconds: dict[str, Seconds]) -> Table:
    table = Table(title=title)
    table.add_column("side")
    for heading in ("seconds per picture", "ratio", "CPU seconds", "CPU ratio"):
        table.add_column(heading, justify="right")
    bare = seconds[BARE]
    for name, one in seconds.items():
        clock, cpu = one.clock / bare.clock, one.cpu / bare.cpu
        table.add_row(name, f"{one.clock:.3f}", f"{clock:.3f}", f"{one.cpu:.3f}", f"{cpu:.3f}")
    return table


if __name__ == "__main__":
    main()
