"""One request after another on the whole model: eager, compiled, with steps skipped; and what batching adds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import torch

from tests.bench.gpu.model import Bench
from tests.bench.gpu.timing import seconds_of

LARGE = 1024
ROWS = 4
_DRAWINGS = 3


class Drawing:
    """Seconds of all steps of one picture of 1024², each way measured once and used by several figures."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    @cached_property
    def eager(self) -> float:
        return self._seconds()

    @cached_property
    def compiled(self) -> float:
        with self._bench.compiled():
            return self._seconds()

    @cached_property
    def skipping(self) -> float:
        """Every second step from memory, the first and the last full."""
        with self._bench.compiled():
            return self._seconds(skip=range(1, self._bench.size.steps - 1, 2))

    @property
    def best_exact(self) -> float:
        return min(self.eager, self.compiled)

    def _seconds(self, skip: range = range(0)) -> float:
        request = self._bench.request(LARGE, skip=skip)
        return self._bench.medians(lambda: self._bench.draw(request), rounds=_DRAWINGS)[0]


def eager(drawing: Drawing) -> Mapping[str, float]:
    return {"H1": drawing.eager}


def compiled(drawing: Drawing) -> Mapping[str, float]:
    return {"H2": drawing.eager / drawing.compiled, "H6.exact": drawing.eager / drawing.best_exact}


def skipping(drawing: Drawing) -> Mapping[str, float]:
    best = min(drawing.best_exact, drawing.skipping)
    return {"H5": drawing.compiled / drawing.skipping, "H6.approximate": drawing.eager / best}


def peak_share(bench: Bench, drawing: Drawing) -> Mapping[str, float]:
    tflops = bench.step_tflop(LARGE) * bench.size.steps / drawing.best_exact
    return {"H13": tflops / bench.machine.peak_tflops}


def attention(bench: Bench) -> Mapping[str, float]:
    request = bench.request(LARGE)
    [native] = bench.medians(lambda: bench.step([request]))
    with bench.attending(bench.machine.attention):
        [fast] = bench.medians(lambda: bench.step([request]))
    return {"H2.attention": native / fast}


def cold_compile(bench: Bench) -> Mapping[str, float]:
    """Seconds of the first step, less those of the next, with nothing compiled before in memory or on disk."""
    # Imported by torch itself only when it compiles.
    import torch._inductor.config as inductor

    request, taken = [bench.request(LARGE)], []
    for whole in (False, True):
        torch.compiler.reset()
        with inductor.patch(force_disable_caches=True), bench.compiled(whole):
            first, second = (seconds_of(lambda: bench.step(request), bench.device) for _ in range(2))
        taken.append(first - second)
    by_blocks, whole_model = taken
    return {"H3": whole_model / by_blocks, "H3.blocks": by_blocks}


def throughput(bench: Bench, side: int, by_compiler: bool) -> Mapping[str, float]:
    """Rows a second in a batch of four ÷ alone."""
    requests = [bench.request(side) for _ in range(ROWS)]
    with bench.way(by_compiler):
        alone, together = bench.medians(lambda: bench.step(requests[:1]), lambda: bench.step(requests))
    return {f"H7.{side}.{'compiled' if by_compiler else 'eager'}": ROWS * alone / together}
