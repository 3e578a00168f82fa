"""One step for a batch of requests: gathered into one call of the transformer, and handed back to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import torch
from torch import nn

from deployments.families.flux.cache import Passed, partial
from deployments.families.flux.canvas import Bucket, cut, lay, smallest_canvas, visible
from deployments.families.flux.passes import Batch, whole
from deployments.families.flux.state import Advance, FluxDenoising
from deployments.loras.slots import Slots

Row: TypeAlias = tuple[torch.Tensor, Passed]
"""What came back of a line of the batch: the velocity [1, S, C] on the canvas, and how it passed."""


class FluxDenoiser:
    """A FLUX transformer on its device, with slots for LoRAs in all its linears."""

    def __init__(self, transformer: Any, device: torch.device, lora_slots: Mapping[int, int]) -> None:
        self._transformer = transformer
        self._device = device
        self._embeds_guidance = bool(transformer.config.guidance_embeds)
        self._ids = lru_cache(maxsize=64)(self._positions)
        linears = [name for name, module in transformer.named_modules() if isinstance(module, nn.Linear)]
        self.slots = Slots(transformer, linears, lora_slots)

    def size(self, bucket: Bucket) -> float:
        """The work of a row: that of the linears grows with its tokens, that of attention with their square."""
        tokens = bucket.area + bucket.text
        return tokens * (1 + tokens / (6 * int(self._transformer.inner_dim)))

    def step(self, states: Sequence[FluxDenoising]) -> None:
        """One step for each. Changes all of `states`, or none if it fails."""
        canvas = smallest_canvas([state.bucket for state in states])
        if canvas is None:
            raise ValueError("states whose prompts differ in length cannot be stepped together")
        rows = self._predict(states, canvas)
        advances = [_advance(state, rows, canvas) for state in states]
        for state, advance in zip(states, advances, strict=True):
            advance.apply(state)
        if self._device.type == "cuda":
            # Otherwise the CPU runs ahead of the GPU, and progress and cancellation are about steps not yet taken.
            torch.cuda.synchronize(self._device)

    def _predict(self, states: Sequence[FluxDenoising], canvas: Bucket) -> Iterator[Row]:
        batch = self._gather(states, canvas)
        lines = [line for state in states for line in state.lines()]
        if any(line.policy for line in lines):
            velocities, passed = partial(self._transformer, batch, lines, canvas, self.slots.select)
        else:
            with self.slots.select([line.selection for line in lines]):
                velocities = whole(self._transformer, batch)
            passed = [Passed(None, full=True)] * len(lines)
        return zip(torch.split(velocities, 1), passed, strict=True)

    def _gather(self, states: Sequence[FluxDenoising], canvas: Bucket) -> Batch:
        rows = [(state, *prompt) for state in states for prompt in state.prompts()]
        latents = torch.cat([lay(state.latents, state.bucket, canvas) for state, _, _ in rows])
        timesteps = torch.stack([state.schedule.timestep(state.step) for state, _, _ in rows])
        guidance = None
        if self._embeds_guidance:
            guidance = torch.tensor([state.guidance_scale for state, _, _ in rows], device=self._device)
        return Batch(
            latents=latents,
            tokens=torch.cat([tokens for _, tokens, _ in rows]),
            pooled=torch.cat([pooled for _, _, pooled in rows]),
            timesteps=timesteps.to(latents.dtype) / 1000,
            guidance=guidance,
            text_ids=states[0].conditioning.ids,
            picture_ids=self._ids(canvas.height, canvas.width, states[0].conditioning.ids.dtype),
            visible=visible([state.bucket for state, _, _ in rows], canvas, self._device),
        )

    def _positions(self, height: int, width: int, dtype: torch.dtype) -> torch.Tensor:
        """Row and column of every token [height * width, 3]; the first of the three is unused, as in diffusers."""
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        ids = torch.stack((torch.zeros_like(rows), rows, columns), dim=-1).flatten(0, 1)
        return ids.to(self._device, dtype)


def _advance(state: FluxDenoising, rows: Iterator[Row], canvas: Bucket) -> Advance:
    """The state's next step, from the next of `rows`: one, or two with classifier-free guidance."""
    own = [next(rows) for _ in range(state.rows)]
    velocity, *negative = [cut(laid, state.bucket, canvas) for laid, _ in own]
    if negative:
        velocity = negative[0] + state.guidance_scale * (velocity - negative[0])
    generator = state.generator.clone_state()
    latents = state.schedule.advance(state.latents, velocity, state.step, generator).latents
    if state.kept is not None:
        latents = state.kept.restore(latents, state.schedule, state.step + 1)
    return Advance(
        latents=latents,
        velocity=velocity,
        generator=generator,
        memories=tuple(passed.memory for _, passed in own),
        full=any(passed.full for _, passed in own),
    )
