"""What the engine promises, as a table of ratios with a floor and an aim, and how the measured ones are shown."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Promise:
    """A figure to reach. `lower` where less is better."""

    name: str
    ratio: str
    floor: float
    aim: float
    lower: bool = False


PROMISES = (
    Promise("capacity", "throughput, engine with 8 rows ÷ one at a time (small model)", 2.0, 3.0),
    Promise("p95", "p95 latency, one at a time ÷ engine, steps 4/8/20, load 0.7", 2.0, 2.7),
    Promise("mean_vs_static", "mean latency, static batching ÷ engine, same load", 1.25, 1.45),
    Promise("saturated", "mean latency, one at a time ÷ engine, saturated model, equal steps", 0.97, 1.0),
    Promise("short_behind_long", "4 steps behind 50: run to completion ÷ engine", 5, 8),
    Promise("mixed_lora", "adapter by adapter ÷ four LoRAs in one batch", 1.7, 2.0),
    Promise("lora_switch", "diffusers load + unload ÷ slot load", 100, 400),
    Promise("lora_overhead", "forward with slots ÷ without, one adapter, 4 rows", 1.30, 1.20, lower=True),
    Promise("coalescing", "computes for 8 identical concurrent requests", 1, 1, lower=True),
    Promise("embed_cache", "prompt encode, miss ÷ hit", 20, 100),
    Promise("shedding", "goodput at twice the capacity, shedding ÷ first come first served", 3, 10),
    Promise("tick_overhead", "engine's share of a tick at 4 rows", 0.10, 0.05, lower=True),
    Promise("sd3_batch", "SD 3.5: four guided requests at mixed steps, one at a time ÷ one batch", 1.5, 2.0),
    Promise("sdxl_batch", "SDXL: the same", 2.0, 3.0),
    Promise("hidream_batch", "HiDream: the same", 1.3, 1.5),
    Promise("hidream_mixed", "HiDream: three resolutions, three batches ÷ one", 1.5, 2.0),
    Promise("end_to_end", "mean latency over HTTP, plain pipeline server ÷ Atelier", 1.5, 2.5),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured ratio beside what it should be."""

    name: str
    value: float
    floor: float
    aim: float


def figures(values: Mapping[str, float]) -> list[Figure]:
    """The measured ones, in the order of the table."""
    return [Figure(p.name, values[p.name], p.floor, p.aim) for p in PROMISES if p.name in values]


def show(found: Sequence[Figure], console: Console) -> None:
    by_name = {promise.name: promise for promise in PROMISES}
    table = Table("name", "ratio", "measured", "floor", "aim", "", title=f"{machine()}, {date.today()}")
    for figure in found:
        promise = by_name[figure.name]
        table.add_row(
            figure.name, promise.ratio, f"{figure.value:.3g}", f"{figure.floor:g}", f"{figure.aim:g}", verdict(figure)
        )
    console.print(table)


def verdict(figure: Figure) -> str:
    lower = next(promise.lower for promise in PROMISES if promise.name == figure.name)

    def reached(goal: float) -> bool:
        return figure.value <= goal if lower else figure.value >= goal

    return "aim" if reached(figure.aim) else "floor" if reached(figure.floor) else "BELOW FLOOR"


def write_json(found: Sequence[Figure], target: Path) -> None:
    target.write_text(json.dumps([asdict(figure) for figure in found], indent=2) + "\n")


def machine() -> str:
    """The processor's name and how many cores it has here."""
    import os

    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        models = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
        name = models[0] if models else name
    return f"{name}, {os.cpu_count()} cores"
