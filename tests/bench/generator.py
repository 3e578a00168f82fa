"""A picture through the Generator beside bare FluxPipeline, in one run: what threads, previews and progress cost.

`python -m tests.bench.generator` prints both sides and their ratio; the sides take turns, so that a busy machine
slows both.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from rich.console import Console
from rich.table import Table

from configs.load import load_catalog
from configs.schema import ModelConfig
from deployments.checkpoints.source import locate
from deployments.generator import Generator
from deployments.messages import Generated, GenerateRequest

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


def measure(generator: Generator, config: ModelConfig, pictures: int, steps: int) -> dict[str, float]:
    """Median seconds per picture of each side, the first round left out."""
    pipeline = load_bare(config)
    plain = request(config, steps)
    sides: dict[str, Callable[[GenerateRequest], object]] = {
        BARE: lambda asked: call_bare(pipeline, config, asked),
        "Generator": lambda asked: asyncio.run(draw(generator, asked)),
        "Generator, four previews": lambda asked: asyncio.run(draw(generator, replace(asked, previews=4))),
    }
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for seed in range(pictures + 1):
        for name, side in sides.items():
            begun = time.perf_counter()
            side(replace(plain, seed=seed))
            seconds[name].append(time.perf_counter() - begun)
    return {name: statistics.median(values[1:]) for name, values in seconds.items()}


async def draw(generator: Generator, asked: GenerateRequest) -> Generated:
    messages = [message async for message in generator.generate(asked)]
    last = messages[-1]
    assert isinstance(last, Generated)
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


def describe(title: str, seconds: dict[str, float]) -> Table:
    table = Table(title=title)
    table.add_column("side")
    table.add_column("seconds per picture", justify="right")
    table.add_column("ratio", justify="right")
    for name, value in seconds.items():
        table.add_row(name, f"{value:.3f}", f"{value / seconds[BARE]:.3f}")
    return table


if __name__ == "__main__":
    main()
