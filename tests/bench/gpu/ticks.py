"""What the engine itself costs: the share of its ticks in which the model does not run."""

from __future__ import annotations

import statistics
from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import cast

import torch

from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.flight import Drawn, Event
from deployments.engine.steps import step_engine
from deployments.engine.turns import Limits
from deployments.families.family import AnyFamily, Work
from deployments.families.flux.canvas import Bucket, worthwhile_canvas
from deployments.families.flux.state import FluxConditioning, FluxDenoising
from deployments.loras.keys import Anatomy
from deployments.loras.loading import Adapters
from deployments.loras.residency import Residency
from deployments.loras.slots import Selection, Slot
from deployments.loras.source import InstalledLoras
from deployments.messages import GenerateRequest, Picture, StepDone
from tests.bench.gpu.denoising import LARGE
from tests.bench.gpu.model import GUIDANCE, Bench
from tests.bench.gpu.timing import Marks

REQUESTS = 4


class Bare:
    """A family (see `Family`) with the real denoiser and nothing around it: prompts are random, pictures are grey."""

    weights = "random"

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.device, self.dtype = str(bench.device), str(bench.size.dtype)
        self.slots = bench.denoiser.slots
        self.anatomy = Anatomy("transformer", None, {}, {})

    def encode(self, prompt: str, negative_prompt: str) -> FluxConditioning:
        return self._bench.conditioning

    def work(self, request: GenerateRequest) -> Work:
        return Work(self._bench.request(LARGE).bucket, 1, request.num_inference_steps)

    def start(
        self, request: GenerateRequest, conditioning: FluxConditioning, adapters: Selection = ()
    ) -> FluxDenoising:
        return self._bench.request(LARGE, adapters, request.num_inference_steps)

    def size(self, bucket: Hashable) -> float:
        return self._bench.denoiser.size(cast(Bucket, bucket))

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:
        return worthwhile_canvas(cast("Sequence[Bucket]", buckets))

    @torch.inference_mode()
    def step(self, states: Sequence[FluxDenoising]) -> None:
        self._bench.denoiser.step(states)

    def preview(self, state: FluxDenoising) -> Picture:
        return Picture(width=1, height=1, rgb=bytes(3))

    def decode(self, state: FluxDenoising) -> Picture:
        return Picture(width=1, height=1, rgb=bytes(3))


def idle_share(bench: Bench) -> Mapping[str, float]:
    """The median over the ticks of an engine that draws four pictures at once, of different numbers of steps."""
    ask = _ask(bench)
    marks = Marks(bench.device)
    with bench.compiled(), marks.on(bench.transformer):
        engine = step_engine(lambda: _loaded(bench), ask, Limits(rows=REQUESTS))
        try:
            marks.forget()
            asked = [replace(ask, seed=n, num_inference_steps=bench.size.steps + n) for n in range(REQUESTS)]
            for promise in [_submit(engine, one) for one in asked]:
                promise.result()
        finally:
            engine.close()
    return {"H12": statistics.median(marks.idle_shares())}


def _ask(bench: Bench) -> GenerateRequest:
    side = bench.size.sides[LARGE]
    return GenerateRequest(
        request_id="bench",
        prompt="",
        negative_prompt="",
        width=side,
        height=side,
        seed=0,
        num_inference_steps=bench.size.steps,
        guidance_scale=GUIDANCE,
    )


def _loaded(bench: Bench) -> Loaded[AnyFamily]:
    family = Bare(bench)
    none: Residency[Slot] = Residency(0)
    return Loaded(family, Adapters(family.slots, none, InstalledLoras({}), "flux", family.anatomy))


def _submit(engine: Engine, request: GenerateRequest) -> Future[None]:
    promise: Future[None] = Future()

    def deliver(event: Event) -> None:
        if isinstance(event, Drawn):
            promise.set_result(None)
        elif not isinstance(event, StepDone):
            promise.set_exception(event)

    engine.submit(request, deliver)
    return promise
