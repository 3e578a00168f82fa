"""All figures in order. What cannot be had on this machine becomes a reason in the table, and the others go on."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

import torch

from tests.bench.gpu import adapters, denoising, ticks
from tests.bench.gpu.goals import GOALS, Figure
from tests.bench.gpu.model import Bench, Machine
from tests.bench.gpu.sizes import Size

NOT_BUILT = {"H4": "not built: the project has no FP8 linears"}


@dataclass(frozen=True, slots=True)
class Measurement:
    """The figures named `ids`, taken together by `take`."""

    ids: tuple[str, ...]
    take: Callable[[], Mapping[str, float]]


def measure(
    machine: Machine, size: Size, wanted: Collection[str], tell: Callable[[str], None] = lambda line: None
) -> list[Figure]:
    """The figures `wanted`, in the order of the table. `tell` hears of each as it comes."""
    found = {id: Figure(id, None, reason) for id, reason in NOT_BUILT.items()}
    try:
        bench = Bench(machine, size)
    except Exception as error:  # noqa: BLE001 - a machine too small for the model is an answer too
        return [found.get(goal.id, Figure(goal.id, None, _reason(error))) for goal in GOALS if goal.id in wanted]
    for measurement in measurements(bench):
        if not set(measurement.ids).isdisjoint(wanted):
            begun = time.perf_counter()
            found |= _take(measurement, size.forgets)
            tell(f"{', '.join(measurement.ids)}: {time.perf_counter() - begun:.1f} s")
    return [found[goal.id] for goal in GOALS if goal.id in wanted]


def measurements(bench: Bench) -> list[Measurement]:
    """All of them, in an order in which the ones most likely to fail come last."""
    drawing, wardrobe = denoising.Drawing(bench), adapters.Wardrobe(bench)
    batches = [
        Measurement(
            (f"H7.{side}.{'compiled' if by_compiler else 'eager'}",),
            partial(denoising.throughput, bench, side, by_compiler),
        )
        for by_compiler, side in product((False, True), bench.size.sides)
    ]
    return [
        Measurement(("H1",), partial(denoising.eager, drawing)),
        Measurement(("H2.attention",), partial(denoising.attention, bench)),
        Measurement(("H2", "H6.exact"), partial(denoising.compiled, drawing)),
        Measurement(("H5", "H6.approximate"), partial(denoising.skipping, drawing)),
        Measurement(("H13",), partial(denoising.peak_share, bench, drawing)),
        *batches,
        Measurement(("H12",), partial(ticks.idle_share, bench)),
        Measurement(("H8.eager",), partial(adapters.overhead, bench, wardrobe, False)),
        Measurement(("H11.eager",), partial(adapters.mixed_batch, bench, wardrobe, False)),
        Measurement(("H10",), partial(adapters.load_delay, bench, wardrobe)),
        Measurement(("H8",), partial(adapters.overhead, bench, wardrobe, True)),
        Measurement(("H9",), partial(adapters.recompilations, bench, wardrobe)),
        Measurement(("H11",), partial(adapters.mixed_batch, bench, wardrobe, True)),
        Measurement(("H3", "H3.blocks"), partial(denoising.cold_compile, bench)),
    ]


def _take(measurement: Measurement, forget: bool) -> dict[str, Figure]:
    try:
        if forget:
            torch.compiler.reset()
        return {id: Figure(id, value) for id, value in measurement.take().items()}
    except Exception as error:  # noqa: BLE001 - one figure that cannot be had must not cost the others
        reason = _reason(error)
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return {id: Figure(id, None, reason) for id in measurement.ids}


def _reason(error: Exception) -> str:
    if isinstance(error, torch.OutOfMemoryError):
        return "not enough memory"
    first = str(error).strip().splitlines()[0:1]
    return f"{type(error).__name__}: {''.join(first)}"[:160]
