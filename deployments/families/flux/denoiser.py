"""One step for a batch of requests: gathered into one call of the transformer, and handed back to each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import torch
from torch import nn

from deployments.families.control import ControlNet
from deployments.families.flux.cache import Between, Passed, partial
from deployments.families.flux.canvas import Bucket, cut, lay, picture_ids, smallest_canvas, text_ids, visible
from deployments.families.flux.control import Controls
from deployments.families.flux.passes import Batch, Residual, whole
from deployments.families.flux.state import Advance, FluxDenoising, Row
from deployments.loras.slots import Slots

Answer: TypeAlias = tuple[torch.Tensor, Passed]
"""What came back of a line of the batch: the velocity [1, S, C] on the canvas, and how it passed."""


class FluxDenoiser:
    """A FLUX transformer on its device, with slots for LoRAs in all its linears, and its ControlNets."""

    def __init__(
        self,
        transformer: Any,
        device: torch.device,
        lora_slots: Mapping[int, int],
        nets: Mapping[str, ControlNet] | None = None,
        skips: bool = True,
    ) -> None:
        """Without `skips` every step is taken in full: parts that wait elsewhere come for whole calls only."""
        self._skips = skips
        self._transformer = transformer
        self._device = device
        self._embeds_guidance = bool(transformer.config.guidance_embeds)
        self._controls = Controls(nets or {}, transformer)
        linears = [name for name, module in transformer.named_modules() if isinstance(module, nn.Linear)]
        self.slots = Slots(transformer, linears, lora_slots, device)

    def size(self, bucket: Bucket) -> float:
        """The work of a row: that of the linears grows with its tokens, that of attention with their square."""
        tokens = bucket.tokens
        attended = tokens * (1 + tokens / (6 * int(self._transformer.inner_dim)))
        return attended * (1 + bucket.controls * self._controls.share)

    def step(self, states: Sequence[FluxDenoising]) -> None:
        """One step for each. Changes all of `states`, or none if it fails."""
        canvas = smallest_canvas([state.bucket for state in states])
        if canvas is None:
            raise ValueError("states whose prompts differ in length, or their references, cannot be stepped together")
        answers = self._predict(states, canvas)
        advances = [_advance(state, answers, canvas) for state in states]
        for state, advance in zip(states, advances, strict=True):
            advance.apply(state)
        if self._device.type == "cuda":
            # Otherwise the CPU runs ahead of the GPU, and progress and cancellation are about steps not yet taken.
            torch.cuda.synchronize(self._device)

    def _predict(self, states: Sequence[FluxDenoising], canvas: Bucket) -> Iterator[Answer]:
        rows = [row for state in states for row in state.prompts()]
        lines = [line for state in states for line in state.lines()]
        batch = self._gather(rows, canvas)

        def control(chosen: Sequence[int]) -> Sequence[Residual]:
            return self._controls.residuals([rows[place] for place in chosen], canvas)

        if self._skips and any(line.policy for line in lines):
            velocities, passed = partial(self._transformer, batch, lines, canvas, Between(self.slots.select, control))
        else:
            residuals = control(range(len(rows)))
            with self.slots.select([line.selection for line in lines]):
                velocities = whole(self._transformer, batch, residuals)
            passed = [Passed(None, full=True)] * len(lines)
        return zip(torch.split(velocities, 1), passed, strict=True)

    def _gather(self, rows: Sequence[Row], canvas: Bucket) -> Batch:
        latents = torch.cat([lay(row.state.seen, row.state.bucket, canvas) for row in rows])
        guidance = None
        if self._embeds_guidance:
            guidance = torch.tensor([row.state.guidance_scale for row in rows], device=self._device)
        return Batch(
            latents=latents,
            tokens=torch.cat([_pad(row.prompt.tokens, canvas.text) for row in rows]),
            pooled=torch.cat([row.prompt.pooled for row in rows]),
            timesteps=torch.stack([row.state.timestep for row in rows]),
            guidance=guidance,
            text_ids=text_ids(canvas.text, self._device, latents.dtype),
            picture_ids=picture_ids(canvas, self._device, latents.dtype),
            visible=visible([row.bucket for row in rows], canvas, self._device),
        )


def _pad(tokens: torch.Tensor, length: int) -> torch.Tensor:
    """`tokens` [1, T, D] with zeros, which nobody sees, up to `length`."""
    missing = length - tokens.shape[1]
    return torch.nn.functional.pad(tokens, (0, 0, 0, missing)) if missing else tokens


def _advance(state: FluxDenoising, answers: Iterator[Answer], canvas: Bucket) -> Advance:
    """The state's next step, from the next of `answers`: one, or two with classifier-free guidance."""
    own = [next(answers) for _ in range(state.rows)]
    # Behind the picture's own tokens are those of its reference, whose velocity means nothing.
    velocity, *negative = [cut(laid, state.bucket, canvas)[:, : state.bucket.area] for laid, _ in own]
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
