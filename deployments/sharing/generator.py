"""The replica that several models share: one generator each, made when it is asked for and closed when it must go."""

from __future__ import annotations

import gc
import logging
import sys
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, cast

from configs.errors import ConfigError, DeadlineMissed, StageError
from configs.schema import LoraConfig, ModelConfig
from deployments.blobs.node_cache import CachedStore
from deployments.engine.metrics import SILENT, Metrics
from deployments.exchange import GetPicture, PutPicture, keep
from deployments.families.family import FusedLora
from deployments.generator import Generator
from deployments.messages import GenerateRequest, Loading, ModelState, Told
from deployments.sharing.model_cache import CachePolicy, ModelCache
from deployments.sharing.parts import Part, Parts, count_bytes, find_parts
from deployments.sharing.times import LoadTimes
from deployments.stages.tile import TileRequest

_log = logging.getLogger(__name__)

_Ask: TypeAlias = Callable[[Generator, GenerateRequest], AsyncIterator[Told]]


@dataclass(frozen=True, slots=True)
class ModelVariant:
    """A model with its fused LoRAs, the LoRAs that requests may name, and the bytes that it is predicted to take
    (counted from its weights if absent)."""

    config: ModelConfig
    fused: tuple[FusedLora, ...] = ()
    loras: tuple[LoraConfig, ...] = ()
    memory: float | None = None

    @property
    def known_loras(self) -> tuple[LoraConfig, ...]:
        return (*self.loras, *(one.config for one in self.fused))


class SharedGenerator:
    """`Generator` for several models: each method takes the name of one of them. None is loaded at the start."""

    def __init__(
        self,
        variants: Mapping[str, ModelVariant],
        terms: CachePolicy,
        put: PutPicture = keep,
        metrics: Callable[[], Metrics] = lambda: SILENT,
        times: Callable[[], LoadTimes] = LoadTimes,
        get: GetPicture = keep,
        stored: CachedStore | None = None,
    ) -> None:
        """`metrics` and `times` are made in the replica."""
        self._variants, self._put, self._get, self._stored = dict(variants), put, get, stored
        self._metrics, self._times = metrics(), times()
        self._parts = Parts()
        self._sizes: dict[str, float] = {}
        self._lists: dict[str, tuple[Part, ...]] = {}
        self._states: dict[str, ModelState] = {}
        self._began: dict[str, float] = {}
        self._waiting: dict[str, float] = {}
        load = {name: partial(self._load, name) for name in self._variants}
        self._cache: ModelCache[Generator] = ModelCache(load, Generator.close, self.footprint, terms, _let_go)

    async def generate(self, request: GenerateRequest, name: str) -> AsyncIterator[Told]:
        """Draw with the model `name`: first a `Loading` if it has to be loaded, then what `Generator.generate` tells.

        Raises as that does, and ConfigError for a model that cannot be loaded.
        """
        async with aclosing(self._with(request, name, lambda one, left: one.generate(left))) as told:
            async for message in told:
                yield message

    async def redraw_tiles(self, request: TileRequest, name: str) -> AsyncIterator[Told]:
        """Redraw a picture in tiles with the model `name`; as `generate`."""
        drawing = request.drawing
        redraw: _Ask = lambda one, left: one.redraw_tiles(replace(request, drawing=left))  # noqa: E731
        async with aclosing(self._with(drawing, name, redraw)) as told:
            async for message in told:
                yield message

    def state(self, name: str) -> ModelState:
        """What the model is now, or was when it was loaded last."""
        variant = self._find(name)
        loaded = self._cache.loaded().get(name)
        if loaded is not None:
            return loaded.state()
        known = self._states.get(name) or _unseen(variant.config)
        return replace(known, loaded=False, loras=(), backlog_seconds=0.0, load_seconds=self._expect(name))

    def footprint(self, names: Collection[str]) -> float:
        """Bytes that the models of these names take together. Reads the weights of one that it has not met."""
        for name in names:
            self._size(name)
        parts = [part for name in names for part in self._lists[name]]
        once = {part.key: part.nbytes for part in parts}
        return sum(self._sizes[name] for name in names) - sum(part.nbytes for part in parts) + sum(once.values())

    def record_autoscaling_stats(self) -> dict[str, float]:
        """For the cluster's autoscaler, which asks by this name: queued work in predicted seconds."""
        return {"backlog_seconds": self._backlog()}

    def record_routing_stats(self) -> dict[str, Any]:
        """For the cluster's router, which asks by this name: the models and LoRAs that are here, and how busy it is."""
        here = self._cache.loaded()
        loras = [f"{name}/{lora}" for name, one in here.items() for lora in one.record_routing_stats()["loras"]]
        return {"loras": [*here, *loras], "backlog_seconds": self._backlog()}

    def check_health(self) -> None:
        """Raise StageUnavailable if a model that is loaded can no longer draw."""
        for generator in self._cache.loaded().values():
            generator.check_health()

    async def close(self) -> None:
        """Unload all; whoever waits for a picture gets StageUnavailable."""
        await self._cache.close()

    async def _with(self, request: GenerateRequest, name: str, ask: _Ask) -> AsyncGenerator[Told, None]:
        """What the generator of `name` tells when it is asked, once it is loaded, with what is left of the time."""
        variant, arrived = self._find(name), time.monotonic()
        self._waiting[request.request_id] = request.num_inference_steps * variant.config.seconds_per_step
        try:
            if name not in self._cache.loaded():
                yield Loading(variant.config.id, self._expect(name))
            async with self._cache.use(name) as generator:
                self._waiting.pop(request.request_id, None)
                left = _shortened(request, time.monotonic() - arrived)
                async with aclosing(cast(Any, ask(generator, left))) as told:
                    async for message in told:
                        yield message
        finally:
            self._waiting.pop(request.request_id, None)

    def _load(self, name: str) -> Generator:
        variant, began = self._variants[name], time.monotonic()
        self._began[name] = began
        try:
            generator = Generator(
                variant.config,
                variant.fused,
                variant.loras,
                self._put,
                lambda: self._metrics,
                self._parts,
                self._get,
                self._stored,
            )
        finally:
            del self._began[name]
        seconds = time.monotonic() - began
        self._times.learn(variant.config, seconds)
        self._states[name] = generator.state()
        _log.info("model '%s' was loaded in %.1f s", variant.config.id, seconds)
        return generator

    def _expect(self, name: str) -> float:
        """Seconds until it can draw, as far as that can be known: the load that is under way, and then its own."""
        now = time.monotonic()
        ahead = {one: self._estimate(one) - (now - began) for one, began in [*self._began.items()]}
        return max(sum(max(left, 0.0) for left in ({name: self._estimate(name)} | ahead).values()), 0.0)

    def _estimate(self, name: str) -> float:
        variant = self._variants[name]
        size = self._sizes.get(name) or variant.memory
        if size is None:
            with suppress(ConfigError):  # which loading will raise
                size = count_bytes(variant.config) if variant.config.weights.path is not None else None
        return self._times.expect(variant.config, size or 0.0)

    def _size(self, name: str) -> None:
        """Learn what it takes, and which parts of it others may have."""
        variant = self._variants[name]
        if name not in self._lists:
            self._sizes[name] = variant.memory if variant.memory is not None else count_bytes(variant.config)
            self._lists[name] = find_parts(variant.config, variant.known_loras)

    def _backlog(self) -> float:
        loaded = [*self._cache.loaded().values()]
        drawn = sum(one.record_autoscaling_stats()["backlog_seconds"] for one in loaded)
        return drawn + sum([*self._waiting.values()])

    def _find(self, name: str) -> ModelVariant:
        if name not in self._variants:
            raise StageError(f"this installation no longer has {name}; submit the job again")
        return self._variants[name]


def _shortened(request: GenerateRequest, waited: float) -> GenerateRequest:
    """`request` with what is left of its time. Raises DeadlineMissed if nothing is."""
    if request.deadline_seconds is None:
        return request
    if request.deadline_seconds <= waited:
        raise DeadlineMissed("its deadline passed while the model was loaded", "deadline_seconds")
    return replace(request, deadline_seconds=request.deadline_seconds - waited)


def _unseen(config: ModelConfig) -> ModelState:
    """A model that was not loaded yet."""
    return ModelState(config.id, "", config.runtime.device, config.runtime.dtype, config.seconds_per_step)


def _let_go() -> None:
    """A pipeline is a web of references: without this it stays in memory until somebody looks."""
    gc.collect()
    torch: Any = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
