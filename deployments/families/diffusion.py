"""The `Family` of every architecture that is stepped by one call of its denoiser: states, guidance, LoRA slots and
previews are the same for all; an `Architecture` adds what is its own."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import nn

from configs.errors import StageError
from configs.schema import ModelConfig
from deployments.families.denoising import Advance, Begun, Diffusing, Row
from deployments.families.family import PREVIEW_SIDE, Conditioning, Work
from deployments.families.handover import to_latents
from deployments.families.neighbours import check_variations, vary
from deployments.families.pictures import check_pictures, to_picture
from deployments.families.schedule import Schedule
from deployments.loras.keys import Anatomy
from deployments.loras.slots import Selection, Slots
from deployments.messages import GenerateRequest, Passed, Picture

C = TypeVar("C", bound=Conditioning)


class Architecture(Protocol[C]):
    """What is peculiar to a family. `C` is an encoded prompt. All is called under inference mode, from one thread."""

    pipeline: Any
    """diffusers' own, whose parts and methods it uses."""
    denoiser: nn.Module
    """The transformer or UNet in it, whose linears get LoRA slots."""

    def encode(self, prompt: str, negative_prompt: str) -> C:
        """Both prompts as the denoiser reads them."""
        ...

    def bucket(self, request: GenerateRequest) -> Hashable:
        """What requests must share to be stepped in one call. Raises StageError for what the model cannot draw."""
        ...

    def guided(self, request: GenerateRequest) -> bool:
        """Whether a step takes a second row, with the negative prompt."""
        ...

    def size(self, bucket: Hashable) -> float:
        """The work of one row, relative to other buckets."""
        ...

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:
        """The bucket in which different `buckets` are stepped together; None where they cannot be."""
        ...

    def schedule(self, request: GenerateRequest, bucket: Hashable) -> Schedule:
        """The request's own, with the steps that an image's `strength` leaves out already left out."""
        ...

    def begin(self, request: GenerateRequest, conditioning: C, schedule: Schedule, generator: torch.Generator) -> Begun:
        """The first latents. Random numbers are drawn in the order in which diffusers' pipeline draws them."""
        ...

    def predict(self, rows: Sequence[Row[C]]) -> Sequence[torch.Tensor]:
        """One call of the denoiser: for each row what it says of the row's latents, in their shape [1, …]."""
        ...

    def pixels(self, latents: torch.Tensor, request: GenerateRequest, shrink: float) -> torch.Tensor:
        """`latents` [1, …] decoded to [3, H, W] in -1..1, made smaller by `shrink` (0 to 1) before where it is below 1:
        a preview of a large picture then costs as much as one of a small picture."""
        ...


class Diffusion(Generic[C]):
    """A loaded model of `architecture` (see `Family`)."""

    def __init__(
        self, architecture: Architecture[C], weights: str, config: ModelConfig, targets: Sequence[str] | None = None
    ) -> None:
        """`targets` are the denoiser's linears that get LoRA slots, by name: all, if absent. Left out are those that
        read anything but the tokens of each row in order, such as experts; LoRAs of them are merged."""
        pipeline = architecture.pipeline
        targets = linears(architecture.denoiser) if targets is None else targets
        self._architecture = architecture
        self._device = torch.device(pipeline._execution_device)
        self.device = str(self._device)
        self.dtype = str(architecture.denoiser.dtype).removeprefix("torch.")
        self.weights = weights
        self.slots = Slots(architecture.denoiser, targets, config.lora_slots, self._device)
        self.anatomy = Anatomy.of(pipeline)

    @torch.inference_mode()
    def encode(self, prompt: str, negative_prompt: str) -> C:
        return self._architecture.encode(prompt, negative_prompt)

    def work(self, request: GenerateRequest) -> Work:
        bucket = self._architecture.bucket(request)
        check_pictures(request)
        check_variations(request)
        rows = 2 if self._architecture.guided(request) else 1
        return Work(bucket, rows, self._architecture.schedule(request, bucket).steps)

    @torch.inference_mode()
    def start(self, request: GenerateRequest, conditioning: C, adapters: Selection = ()) -> Diffusing[C]:
        bucket = self._architecture.bucket(request)
        check_pictures(request)
        schedule = self._architecture.schedule(request, bucket)
        generator = torch.Generator("cpu").manual_seed(request.seed)
        begun = self._architecture.begin(request, conditioning, schedule, generator)

        def begin(other: torch.Generator) -> torch.Tensor:
            return self._architecture.begin(request, conditioning, schedule, other).latents

        return Diffusing(
            request=request,
            bucket=bucket,
            guided=self._architecture.guided(request),
            conditioning=conditioning,
            schedule=schedule,
            generator=generator,
            latents=vary(request, begun.latents, begin),
            kept=begun.kept,
            controls=begun.controls,
            extra=begun.extra,
            adapters=adapters,
        )

    def size(self, bucket: Hashable) -> float:
        return self._architecture.size(bucket)

    def canvas(self, buckets: Sequence[Hashable]) -> Hashable | None:
        return self._architecture.canvas(buckets) if len(set(buckets)) > 1 else buckets[0]

    @torch.inference_mode()
    def step(self, states: Sequence[Diffusing[C]]) -> None:
        rows = [row for state in states for row in state.rows_now()]
        with self.slots.select([row.state.adapters for row in rows]):
            predictions = iter(self._architecture.predict(rows))
        advances = [_advance(state, predictions) for state in states]
        for state, advance in zip(states, advances, strict=True):
            advance.apply(state)
        if self._device.type == "cuda":
            # Otherwise the CPU runs ahead of the GPU, and progress and cancellation are about steps not yet taken.
            torch.cuda.synchronize(self._device)

    @torch.inference_mode()
    def preview(self, state: Diffusing[C]) -> Picture:
        if state.clean is None:
            raise StageError("there is no preview before the first step")
        shrink = min(1.0, PREVIEW_SIDE / max(state.request.width, state.request.height))
        return to_picture(self._architecture.pixels(state.clean, state.request, shrink))

    @torch.inference_mode()
    def decode(self, state: Diffusing[C]) -> Passed:
        if not torch.isfinite(state.latents).all():
            raise StageError("the model lost the picture (not-a-number): try dtype float32 or another seed")
        picture = self._finished(state)
        self._architecture.pipeline.maybe_free_model_hooks()
        return picture

    def _finished(self, state: Diffusing[C]) -> Passed:
        if state.request.denoising_end < 1:
            return to_latents(state.latents, state.request, self._architecture.pipeline.vae)
        return to_picture(self._architecture.pixels(state.latents, state.request, 1.0))


def linears(denoiser: nn.Module) -> list[str]:
    """The names of those that LoRAs are made for: not those of an IP-Adapter, which are in attention processors."""
    names = [name for name, module in denoiser.named_modules() if isinstance(module, nn.Linear)]
    return [name for name in names if ".processor." not in name]


def _advance(state: Diffusing[C], predictions: Iterator[torch.Tensor]) -> Advance:
    """The state's next step, from the next of `predictions`: one, or two with classifier-free guidance."""
    prediction = next(predictions)
    if state.guided:
        negative = next(predictions)
        prediction = negative + state.request.guidance_scale * (prediction - negative)
    generator = state.generator.clone_state()
    stepped = state.schedule.advance(state.latents, prediction, state.step, generator)
    latents = stepped.latents
    if state.kept is not None:
        latents = state.kept.restore(latents, stepped.schedule, state.step + 1)
    return Advance(latents, stepped.clean, stepped.schedule, generator)
