"""The generator replica: requests in, progress and a picture out. A plain class; the cluster wraps it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing, nullcontext
from dataclasses import replace
from typing import Any

from configs.environment import Environment
from configs.inputs import InputImage, drawn_over
from configs.metrics import START_SECONDS
from configs.placements import GeneratorPlacement
from configs.schema import AppliedLora, LoraConfig, ModelConfig, Size
from deployments.blobs.node_cache import CachedStore
from deployments.checkpoints.cache import one_at_a_time
from deployments.checkpoints.inventory import fetch
from deployments.engine.core import Loaded
from deployments.engine.engine import Engine
from deployments.engine.flight import Drawn, Event
from deployments.engine.metrics import SILENT, Metrics, OfModel
from deployments.engine.steps import step_engine
from deployments.environment import file_hash, look_around
from deployments.exchange import GetPicture, PutPicture, Received, keep
from deployments.families.family import FusedLora
from deployments.families.registry import FAMILIES
from deployments.messages import Done, GenerateRequest, ModelState, Passed, Picture, PictureRef, StepDone
from deployments.pace import Pace
from deployments.pipelines.engine import pipeline_engine
from deployments.redrawing import redraw_tiles
from deployments.sharing.parts import Parts, loan
from deployments.stages.tile import TileRequest


class Generator:
    """One model with its fused LoRAs, and the engine that draws with it for many requests at once: step by step, or
    in whole calls, for families that are called so."""

    def __init__(
        self,
        config: ModelConfig,
        fused: Sequence[FusedLora] = (),
        loras: Sequence[LoraConfig] = (),
        put: PutPicture = keep,
        metrics: Callable[[], Metrics] = lambda: SILENT,
        parts: Parts | None = None,
        get: GetPicture = keep,
        stored: CachedStore | None = None,
    ) -> None:
        """Load, warm up and measure. `loras` are those that requests may name by id, and `stored` has those that they
        name by an entry; `metrics` is made in the replica, and `parts` are those that it shares with other models of
        the process. `put` makes references to pictures that are drawn, `get` gets those that requests refer to.

        Raises ConfigError for an unknown family or weights that cannot be used.
        """
        self._config = config
        self._put, self._received, self._stored = put, Received(get), stored
        self._size = config.native_sizes[0]
        began = time.monotonic()
        told = OfModel(metrics(), _name(config, fused))
        self._engine, loading = self._start(fused, loras, told, parts)
        self._known = {one.id: one for one in loras}
        self._environment = look_around(config, self._engine.family.device, self._engine.family.dtype)
        self._load_seconds = time.monotonic() - began
        told.observe(START_SECONDS, loading, phase="load")
        told.observe(START_SECONDS, self._load_seconds - loading, phase="warm_up")

    async def generate(self, request: GenerateRequest) -> AsyncIterator[StepDone | Done]:
        """Draw one picture: a `StepDone` after the first step, the last and, at a `Pace`, between; then `Done`.

        Closing the iterator, or canceling the task that awaits it, stops the drawing after the step being taken.
        Raises StageError when this request cannot be drawn, StageUnavailable when the replica is closing.
        """
        async with aclosing(self._draw(await self._received.drawing(request))) as told:
            async for event in told:
                yield await self._tell(event, request.loras)

    async def redraw_tiles(self, request: TileRequest) -> AsyncIterator[StepDone | Done]:
        """Redraw a picture in tiles, which the engine takes together: a `StepDone` for each that is done, then `Done`.

        Ends and raises as `generate` does.
        """
        whole = replace(request, drawing=await self._received.drawing(request.drawing))
        async with aclosing(redraw_tiles(self._draw, whole)) as told:
            async for event in told:
                yield await self._tell(event, request.drawing.loras)

    def state(self) -> ModelState:
        """What this replica is, how fast, and how busy."""
        family, curve = self._engine.family, self._engine.curve
        work = family.work(self._warm_up())
        return ModelState(
            model=self._config.id,
            weights=family.weights,
            device=family.device,
            dtype=family.dtype,
            seconds_per_step=curve.seconds(work.bucket, work.rows),
            backlog_seconds=self._engine.backlog_seconds,
            loras=self._engine.adapters.resident(),
            calibration=curve.calibration(),
            load_seconds=self._load_seconds,
        )

    def record_autoscaling_stats(self) -> dict[str, float]:
        """For the cluster's autoscaler, which asks by this name: queued work in predicted seconds, not in requests."""
        return {"backlog_seconds": self._engine.backlog_seconds}

    def record_routing_stats(self) -> dict[str, Any]:
        """For the cluster's router, which asks by this name: the LoRAs that this replica holds, and how busy it is."""
        return {"loras": list(self._engine.adapters.resident()), "backlog_seconds": self._engine.backlog_seconds}

    def check_health(self) -> None:
        """Raise StageUnavailable if this replica can no longer draw."""
        self._engine.check()

    def close(self) -> None:
        """Stop drawing and free the thread; whoever waits gets StageUnavailable."""
        self._engine.close()

    async def _draw(self, request: GenerateRequest) -> AsyncGenerator[StepDone | Drawn, None]:
        """What the engine tells of one request, which has its pixels."""
        events: asyncio.Queue[Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        pace = Pace()

        def deliver(event: Event) -> None:
            if not isinstance(event, StepDone) or pace.is_due(event):
                loop.call_soon_threadsafe(events.put_nowait, event)

        ticket = self._engine.submit(request, deliver)
        try:
            while True:
                event = await events.get()
                if not isinstance(event, StepDone | Drawn):
                    raise event
                yield event
                if isinstance(event, Drawn):
                    return
        finally:
            ticket.canceled.set()

    async def _tell(self, event: StepDone | Drawn, loras: Sequence[AppliedLora]) -> StepDone | Done:
        if isinstance(event, StepDone):
            return event
        picture, environment = await asyncio.to_thread(self._put_with_environment, event.picture, loras)
        weights = self._engine.family.weights
        return Done(event.seconds, picture, weights=weights, full_steps=event.full_steps, environment=environment)

    def _put_with_environment(self, picture: Passed, loras: Sequence[AppliedLora]) -> tuple[PictureRef, Environment]:
        """A reference to what was drawn, and what it was drawn in."""
        return self._put(picture), self._environment.model_copy(update={"loras": self._files_of(loras)})

    def _files_of(self, loras: Sequence[AppliedLora]) -> dict[str, str]:
        """The hashes of the LoRAs that this replica has had since it began; the others are named by their entries."""
        from deployments.loras.files import find  # torch, which only the replica needs

        installed = (self._known[one.lora] for one in loras if not one.entry and one.lora in self._known)
        return {lora.id: file_hash(find(lora, f"LoRA '{lora.id}'")) for lora in installed}

    def _start(
        self, fused: Sequence[FusedLora], loras: Sequence[LoraConfig], metrics: Metrics, shared: Parts | None
    ) -> tuple[Engine, float]:
        """The engine, and the seconds that loading took: all else of the start is warming up."""
        config, load = self._config, FAMILIES.find(self._config.family)
        known = [*loras, *(one.config for one in fused)]

        began, laps = time.monotonic(), list[float]()

        def loaded() -> Loaded[Any]:
            from deployments.loras.source import StoredLoras  # torch, which only the replica needs
            from deployments.loras.wardrobe import wardrobe

            fetch(config)  # before the lock: what comes over the network must not hold up what is here
            lending = nullcontext() if shared is None else shared.lending(config, known)
            with one_at_a_time("loading", f"model '{config.id}'"), lending:
                family, lent = load(config, fused), loan().names
            stored = None if self._stored is None else StoredLoras(self._stored.open())
            worn = wardrobe(family, config, loras, metrics, stored, lent)
            laps.append(time.monotonic() - began)
            return Loaded(family, worn)

        if FAMILIES.table().find(config.family, config.variant).engine == "pipeline":
            engine = pipeline_engine(loaded, self._warm_up(), metrics=metrics)
        else:
            engine = step_engine(loaded, self._warm_up(), metrics=metrics)
        return engine, laps[0]

    def _warm_up(self) -> GenerateRequest:
        return GenerateRequest(
            request_id=f"warm-up {self._config.id}",
            prompt="warm-up",
            negative_prompt="",
            width=self._size.width,
            height=self._size.height,
            seed=0,
            num_inference_steps=min(self._config.steps.values(), default=1),
            guidance_scale=self._config.guidance_scale,
            inputs=self._plain_inputs(),
        )

    def _plain_inputs(self) -> tuple[InputImage[Picture], ...]:
        """Grey pictures, for models that draw over one only, or change one."""
        modes = FAMILIES.table().find(self._config.family, self._config.variant).modes
        if "txt2img" in modes:
            return ()
        grey, white = _plain(self._size, 128), _plain(self._size, 255)
        if set(modes) == {"edit"}:
            return (InputImage(role="reference", image=grey),)
        return drawn_over(grey, None if "img2img" in modes else white)


def _name(config: ModelConfig, fused: Sequence[FusedLora]) -> str:
    """As the profile's placements are named: models of one replica may differ in their fused LoRAs only."""
    loras = tuple(AppliedLora(lora=one.config.id, strength=one.strength) for one in fused)
    return GeneratorPlacement(model=config.id, loras=loras).variant_id


def _plain(size: Size, level: int) -> Picture:
    return Picture(size.width, size.height, bytes([level]) * (size.pixels * 3))
