"""A whole pipeline without a model: its steps take time on a clock of the test's own, or wait to be let go."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from configs.errors import StageError, UnknownName
from configs.schema import AppliedLora
from deployments.families.family import Work
from deployments.messages import GenerateRequest, Picture
from deployments.pipelines.whole import Watch

SIDE = 4


@dataclass
class Clock:
    """Seconds that pass when the test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Fake:
    """Draws a picture of its request's hash. A step takes `step_seconds`, a call `beside` more."""

    clock: Clock
    step_seconds: float = 1.0
    beside: float = 2.0
    crowd: float = 0.1
    """What one more picture adds to a step, relative to one."""
    proven: bool = True
    device: str = "cpu"
    dtype: str = "float32"
    weights: str = "0" * 64
    least_steps: int = 2
    calls: list[tuple[int, ...]] = field(default_factory=list)
    """The seeds of each call."""
    steps_taken: list[int] = field(default_factory=list)
    """Of each call."""
    between: Callable[[int], None] = lambda step: None
    """Called after each step, before the watch is told."""
    spoilt: frozenset[str] = frozenset()
    """Prompts that make a call fail."""
    spoil: Exception = field(default_factory=lambda: ZeroDivisionError("secret detail in /a/path"))
    blends: bool = False
    """Whether company changes a picture."""
    most: int = 100
    slots: Any = None
    anatomy: Any = None

    def work(self, request: GenerateRequest) -> Work:
        if request.width % SIDE:
            raise StageError(f"multiples of {SIDE} pixels", "size")
        return Work((request.width, request.height), 1, request.num_inference_steps)

    def size(self, bucket: Hashable) -> float:
        assert isinstance(bucket, tuple)
        return float(bucket[0] * bucket[1])

    def draw(self, requests: Sequence[GenerateRequest], watch: Watch) -> list[Picture]:
        self.calls.append(tuple(request.seed for request in requests))
        self.steps_taken.append(0)
        if len(requests) > self.most:
            raise MemoryError
        self.clock.now += self.beside / 2
        steps = requests[0].num_inference_steps
        for step in range(1, steps + 1):
            if any(request.prompt in self.spoilt for request in requests):
                raise self.spoil
            self.clock.now += self.step_seconds * (1 + self.crowd * (len(requests) - 1))
            self.steps_taken[-1] = step
            self.between(step)
            watch(step, steps)
        self.clock.now += self.beside / 2
        return [self.picture(request, len(requests)) for request in requests]

    def picture(self, request: GenerateRequest, company: int = 1) -> Picture:
        shape = f"{request.prompt} {request.seed} {company if self.blends else 1}"
        count = request.width * request.height * 3
        rgb = (hashlib.sha256(shape.encode()).digest() * count)[:count]
        return Picture(request.width, request.height, rgb)


@dataclass
class FakeLease:
    """A request's LoRAs: there at once, unless the test holds them back."""

    uses: tuple[AppliedLora, ...]
    settled: bool = True
    error: StageError | None = None
    released: int = 0

    @property
    def exclusive(self) -> Hashable | None:
        return tuple((use.lora, use.strength) for use in self.uses) or None

    def release(self) -> None:
        self.released += 1


@dataclass
class FakeAdapters:
    """Records what is worn, and who has let go."""

    worn: list[Hashable | None] = field(default_factory=list)
    leases: list[FakeLease] = field(default_factory=list)
    holding: bool = False

    def ask(self, uses: Sequence[AppliedLora], on_ready: Callable[[], None]) -> FakeLease:
        if any(use.lora == "missing" for use in uses):
            raise UnknownName("there is no LoRA 'missing' here", "loras")
        self.leases.append(FakeLease(tuple(uses), settled=not (self.holding and uses)))
        return self.leases[-1]

    def settle(self) -> None: ...

    def wear(self, key: Hashable | None) -> None:
        self.worn.append(key)

    def resident(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None: ...
