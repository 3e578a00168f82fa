"""The generator replica: requests in, progress and a picture out. A plain class; the cluster wraps it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

from configs.schema import ModelConfig
from deployments.engine.engine import Drawn, Engine, Event
from deployments.families.family import FusedLora
from deployments.families.registry import FAMILIES
from deployments.handover import HandOver, keep
from deployments.messages import Generated, GenerateRequest, ModelState, StepDone


class Generator:
    """One model with its fused LoRAs, loaded."""

    def __init__(
        self,
        config: ModelConfig,
        loras: Sequence[FusedLora] = (),
        hand_over: HandOver = keep,
    ) -> None:
        """Load, warm up and measure. Raises ConfigError for an unknown family or weights that cannot be used."""
        load = FAMILIES.find(config.family)
        self._config = config
        self._hand_over = hand_over
        self._engine = Engine(lambda: load(config, loras), _warm_up(config))

    async def generate(self, request: GenerateRequest) -> AsyncIterator[StepDone | Generated]:
        """Draw one picture: a `StepDone` after each step, then one `Generated`.

        Closing the iterator, or canceling the task that awaits it, stops the drawing after the step being taken.
        Raises StageError when this request cannot be drawn, StageUnavailable when the replica is closing.
        """
        events: asyncio.Queue[Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def deliver(event: Event) -> None:
            loop.call_soon_threadsafe(events.put_nowait, event)

        ticket = self._engine.submit(request, deliver)
        try:
            while True:
                event = await events.get()
                if isinstance(event, Drawn):
                    yield Generated(await asyncio.to_thread(self._hand_over, event.picture), event.seconds)
                    return
                if not isinstance(event, StepDone):
                    raise event
                yield event
        finally:
            ticket.canceled.set()

    def state(self) -> ModelState:
        """What this replica is, and how fast."""
        family = self._engine.family
        return ModelState(
            model=self._config.id,
            weights=family.weights,
            device=family.device,
            dtype=family.dtype,
            seconds_per_step=self._engine.seconds_per_step,
        )

    def check_health(self) -> None:
        """Raise StageUnavailable if this replica can no longer draw."""
        self._engine.check()

    def close(self) -> None:
        """Stop drawing and free the thread; whoever waits gets StageUnavailable."""
        self._engine.close()


def _warm_up(config: ModelConfig) -> GenerateRequest:
    size = config.native_sizes[0]
    return GenerateRequest(
        request_id=f"warm-up {config.id}",
        prompt="warm-up",
        negative_prompt="",
        width=size.width,
        height=size.height,
        seed=0,
        num_inference_steps=1,
        guidance_scale=config.guidance_scale,
    )
