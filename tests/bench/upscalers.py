"""How close upscalers come to the same scene drawn large, beside Lanczos: `python -m tests.bench.upscalers` enlarges
pictures of mini's world with every upscaler whose weights are here, and prints decibels and seconds.

Scenes are those that no training saw. What is not here is named; `--fetch` gets it first.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from rich.console import Console
from rich.table import Table

from configs.errors import ConfigError
from configs.load import load_installation
from configs.schema import UpscalerConfig
from deployments.families.registry import FAMILIES
from deployments.messages import Done, Picture
from deployments.stages.enlarge import TILE, load_enlarger
from deployments.stages.upscale import LANCZOS
from deployments.stages.upscaler import Lanczos, Upscaler, UpscaleRequest
from training.mini.comparison import decibels
from training.mini.upscaler import upscaler_scene
from training.mini.workspace import SEED
from training.mini.world.pictures import render

Pixels = np.ndarray[Any, np.dtype[np.uint8]]


@dataclass
class Sight:
    """What was seen of one upscaler at one factor: a figure for each scene."""

    decibels: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @property
    def cells(self) -> tuple[str, ...]:
        return f"{statistics.mean(self.decibels):.1f} dB", f"{statistics.median(self.seconds):.2f} s"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.upscalers", description=__doc__)
    parser.add_argument("--count", type=int, default=24, help="scenes")
    parser.add_argument("--factors", type=int, nargs="+", default=[2, 4], help="how many times as large")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--fetch", action="store_true", help="weights that are not here")
    options = parser.parse_args(arguments)
    if not options.fetch:
        os.environ.setdefault("ATELIER_OFFLINE", "1")
    torch.set_num_threads(options.threads)
    console = Console(highlight=False)
    catalog = load_installation("local", FAMILIES.table()).catalog
    made = [name for name, config in catalog.upscalers.items() if _is_here(config, console)]
    table = Table("upscaler", *(f"×{factor} {what}" for factor in options.factors for what in ("PSNR", "per MP")))
    lanczos = measure(Lanczos(), None, options)
    table.add_row(LANCZOS, *(cell for sight in lanczos for cell in sight.cells))
    for name in made:
        config = catalog.upscalers[name]
        table.add_row(name, *(cell for sight in measure(Upscaler(config), config, options) for cell in sight.cells))
    console.print(table)
    console.print(f"{options.count} scenes of mini's world, {torch.get_num_threads()} threads, {_device()}")
    for name in made:
        console.print(f"{name}: {_memory(catalog.upscalers[name])}")


def measure(upscaler: Lanczos | Upscaler, config: UpscalerConfig | None, options: argparse.Namespace) -> list[Sight]:
    """At each factor, over all scenes."""
    return [asyncio.run(_at(upscaler, config, factor, options.count)) for factor in options.factors]


async def _at(upscaler: Lanczos | Upscaler, config: UpscalerConfig | None, factor: int, count: int) -> Sight:
    sight = Sight()
    for index in range(count):
        scene = upscaler_scene(SEED + 1, index)
        small, large = render(scene), render(scene, factor)
        passes = 1
        while config is not None and config.scale**passes < factor:
            passes += 1
        request = UpscaleRequest(passes, large.shape[1], large.shape[0])
        done = await upscaler.upscale(Picture(small.shape[1], small.shape[0], small.tobytes()), request)
        sight.decibels.append(decibels(_pixels(done), large))
        sight.seconds.append(done.seconds / (large.shape[0] * large.shape[1] / 1e6))
    return sight


def _pixels(done: Done) -> Pixels:
    picture: Picture = done.picture
    return np.frombuffer(picture.rgb, np.uint8).reshape(picture.height, picture.width, 3)


def _is_here(config: UpscalerConfig, console: Console) -> bool:
    try:
        Upscaler(config).close()
    except ConfigError as error:
        console.print(f"{config.id} is left out: {error.message}", soft_wrap=True)
        return False
    return True


def _memory(config: UpscalerConfig) -> str:
    """Whether tiles change what comes out of a larger picture."""
    enlarger = load_enlarger(config)
    scene = render(upscaler_scene(SEED + 1, 0), 4)
    source = Picture(scene.shape[1], scene.shape[0], scene.tobytes())
    began = time.perf_counter()
    tiled = np.frombuffer(enlarger.enlarge(source, threading.Event()).rgb, np.uint8).astype(int)
    seconds = time.perf_counter() - began
    whole = np.frombuffer(enlarger.enlarge(source, threading.Event(), max(scene.shape)).rgb, np.uint8)
    most = np.abs(tiled - whole).max()
    size = f"{source.width}x{source.height}"
    return f"{size} in tiles of {TILE} took {seconds:.1f} s and is at most {most} of 255 levels from it whole"


def _device() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


if __name__ == "__main__":
    main()
